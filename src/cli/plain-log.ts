/** A log for people: one line each. */
import { withoutSecrets } from "../kernel/errors.ts";
import type { Log, LogFields } from "../kernel/ports.ts";

/** What is said, from the rarest to all. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

/** One of them. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Writes what is at least as grave as `level`; whatever may be a secret shows only its beginning. */
export function plainLog(level: LogLevel, write: (line: string) => void): Log {
  const say = (at: LogLevel) => {
    if (LOG_LEVELS.indexOf(at) > LOG_LEVELS.indexOf(level)) return () => {};
    return (message: string, fields: LogFields = {}) => {
      const told = Object.entries(fields).filter(([, value]) => value !== undefined);
      const words = told.map(([name, value]) => ` ${name}=${JSON.stringify(value)}`).join("");
      write(withoutSecrets(`${at === "warn" ? "warning" : at}: ${message}${words}`));
    };
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}

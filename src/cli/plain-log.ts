/** A log for people: warnings and errors, one a line. */
import { withoutSecrets } from "../kernel/errors.ts";
import type { Log, LogFields } from "../kernel/ports.ts";

/** Writes what needs somebody's attention; whatever may be a secret shows only its beginning. */
export function plainLog(write: (line: string) => void): Log {
  const say = (level: string, message: string, fields: LogFields = {}) => {
    const told = Object.entries(fields).filter(([, value]) => value !== undefined);
    const words = told.map(([name, value]) => ` ${name}=${JSON.stringify(value)}`).join("");
    write(withoutSecrets(`${level}: ${message}${words}`));
  };
  return {
    debug() {},
    info() {},
    warn: (message, fields) => say("warning", message, fields),
    error: (message, fields) => say("error", message, fields),
  };
}

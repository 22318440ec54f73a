/** A log for programs: one JSON object a line, by pino, on standard error or wherever it is sent. */
import { type DestinationStream, pino } from "pino";
import { withoutSecrets } from "../kernel/errors.ts";
import type { Log, LogFields } from "../kernel/ports.ts";
import type { LogLevel } from "./plain-log.ts";

/** Writes what is at least as grave as `level`; whatever may be a secret shows only its beginning. */
export function jsonLog(level: LogLevel, write: (line: string) => void): Log {
  const destination: DestinationStream = { write: (line) => write(withoutSecrets(line.trimEnd())) };
  const options = { level, base: null, timestamp: () => `,"at":"${new Date().toISOString()}"`, messageKey: "message" };
  const logger = pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, destination);
  const say = (at: LogLevel) => (message: string, fields?: LogFields) => logger[at](fields ?? {}, message);
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}

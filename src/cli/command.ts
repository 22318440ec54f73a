/**
 * What a command of the tool is. Each stands in a file of its own in `commands/`, which exports its {@link Define} as
 * `define` and is loaded only when the command is asked for.
 */
import { type Command, InvalidArgumentError, Option } from "commander";

/** What a command may touch of the process that runs it. */
export interface Surroundings {
  /** Writes one line to standard output. */
  print(line: string): void;
  /** Writes one line to standard error. */
  warn(line: string): void;
  /**
   * Says what is being done, on standard error when that is a terminal and it has taken longer than a second. The next
   * text takes its place, an empty one takes it away, and so does any line.
   */
  progress(text: string): void;
  /** Settles with the reason when the user wants the program to end: `SIGINT`, `SIGTERM`, or the output was closed. */
  readonly stopped: Promise<string>;
  /** Calls the listener when the user wants the configuration to be read again: `SIGHUP`. */
  onReload(listener: () => void): void;
}

/** Gives a command its options and its action. What the action throws becomes a message and an exit code. */
export type Define = (command: Command, surroundings: Surroundings) => void;

/** The port when none is named. */
const DEFAULT_PORT = 9780;

/** `--port`, or `LISTENKEY_PORT`: 0 to 65535, where 0 is any free one; 9780 when neither is given. */
export function portOption(): Option {
  return new Option("--port <port>", "port to listen on; 0 takes any free one")
    .env("LISTENKEY_PORT")
    .argParser((text) => wholeNumber(text, 65_535))
    .default(DEFAULT_PORT);
}

/** `--bots-port`, or `LISTENKEY_BOTS_PORT`: as {@link portOption}; none when neither is given. */
export function botsPortOption(): Option {
  return new Option("--bots-port <port>", "serve bots through the hub there: beside the paper venue, on another port")
    .env("LISTENKEY_BOTS_PORT")
    .argParser((text) => wholeNumber(text, 65_535));
}

/** `--seed`: 0 to 2³² − 1; 1 when not given. */
export function seedOption(): Option {
  return new Option("--seed <seed>", "seed of the paper market: same orders at the same times, same prices")
    .argParser((text) => wholeNumber(text, 2 ** 32 - 1))
    .default(1);
}

/** `--tape SYMBOL=FILE`, any number of times: symbol → file. */
export function tapeOption(): Option {
  return new Option("--tape <symbol=file>", "let a market follow recorded aggregate trades (CSV); may be repeated")
    .argParser((text, before: Readonly<Record<string, string>> = {}) => {
      const [, symbol, file] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (symbol === undefined || file === undefined) throw new InvalidArgumentError("Expected SYMBOL=FILE.");
      if (before[symbol] !== undefined) throw new InvalidArgumentError(`${symbol} has a tape already.`);
      return { ...before, [symbol]: file };
    })
    .default({}, "none");
}

/** `--data DIR`, or `LISTENKEY_DATA`: where venue, journal and keys of bots outlive the process; else nowhere. */
export function dataOption(): Option {
  return new Option(
    "--data <folder>",
    "keep venue and journal there: accounts, orders, keys and history go on after a restart (faults do not)",
  ).env("LISTENKEY_DATA");
}

/** `--data DIR`, or `LISTENKEY_DATA`: the folder of a journal; `./data` when neither is given. */
export function journalOption(): Option {
  return new Option("--data <folder>", "the folder of the journal").env("LISTENKEY_DATA").default("data", "./data");
}

/** `--sync MODE`: when an input is answered. */
export function syncOption(): Option {
  return new Option(
    "--sync <mode>",
    "with --data: the venue answers when the input outlives the process, or a power cut",
  )
    .choices(["normal", "full"])
    .default("normal");
}

/** Those of {@link dataOption} and {@link syncOption} that were given. */
export interface KeepingOptions {
  readonly data?: string;
  readonly sync: "normal" | "full";
}

/** Lists the words an option takes in its help, and for completion; it goes on to read them by its own parser. */
export function listing(option: Option, words: readonly string[]): Option {
  option.argChoices = [...words];
  return option;
}

/** `--json`: prints data for programs, one JSON object a line. */
export function jsonOption(): Option {
  return new Option("--json", "print JSON, one object a line").default(false);
}

/** An option's number. @throws {InvalidArgumentError} when it is none, or above `max` */
export function wholeNumber(text: string, max: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > max) {
    throw new InvalidArgumentError(`Expected a whole number from 0 to ${max}.`);
  }
  return Number(text);
}

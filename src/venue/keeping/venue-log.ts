/**
 * What outlives a paper venue: the sequence of its inputs. The exchange is deterministic, so whoever carries out the
 * same inputs at the same times has the same exchange, digit for digit. Pure: where the log is kept is a port.
 *
 * Rules kept here
 * - Only what can change something is in the log: refused commands too, reads not.
 * - Before anything that follows from an input is told to anybody, the input is committed.
 * - Time that merely passed is no entry: the log knows until when it passed, so that all that happened by itself, and
 *   was told, happens again at the same times.
 */
import type { TransactMs } from "../../kernel/scalars.ts";

/** One input. */
export interface LogEntry {
  /** Venue time of it; never before that of the entry before it. */
  readonly at: TransactMs;
  /** `part.method`: `exchange.placeOrder`. */
  readonly what: string;
  /** As {@link writeArguments} writes them. */
  readonly args: string;
  /** A replay must come to the same. */
  readonly outcome: "done" | "refused";
}

/** Where a venue puts its inputs. */
export interface VenueLog {
  /** Takes an entry in; it is safe once {@link commit} has returned. */
  append(entry: LogEntry): void;
  /** Venue time has come here, and what was due on the way has happened. Safe with the next {@link commit}. */
  reached(time: TransactMs): void;
  /**
   * Makes everything so far safe, all of it or nothing; does nothing when there is nothing new.
   * @throws {StorageError} when it cannot: the venue must not answer any more
   */
  commit(): void;
}

/** What a venue left behind, and where it goes on. */
export interface KeptVenue {
  /** When it was first opened. */
  readonly openedAt: TransactMs;
  /** Oldest first; empty for a new venue. May be read once. */
  readonly entries: Iterable<LogEntry>;
  /** Until when its time is known to have passed; `openedAt` at least. */
  readonly reached: TransactMs;
  readonly log: VenueLog;
}

/** Plain data as JSON. Money keeps its digits: `{"$bigint":"100000000"}`. */
export function writePlain(value: object | string | number): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? { $bigint: String(part) } : part));
}

/** Arguments as {@link writePlain} writes them; absent ones become `null`. */
export function writeArguments(args: readonly unknown[]): string {
  return writePlain(args);
}

/** Reads what {@link writeArguments} wrote; `null` becomes `undefined` again. @throws {SyntaxError} for other text */
export function readArguments(text: string): unknown[] {
  const args = (text.includes('"$bigint"') ? JSON.parse(text, revive) : JSON.parse(text)) as unknown[];
  return args.map((argument) => (argument === null ? undefined : argument));
}

function revive(_key: string, value: unknown): unknown {
  const digits = (value as { readonly $bigint?: unknown } | null)?.$bigint;
  return typeof digits === "string" && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
}

/**
 * The errors of the whole system: one class per decision a caller must take. Texts have one of four forms:
 * `where: expected WHAT, found WHAT`, `ACTION was refused: REASON (code)` by the exchange, `ACTION failed: REASON` on
 * the way there, and `invariant broken: RULE`.
 */
import { redact } from "./scalars.ts";

/** Whose fault it is. The remedy follows from it, so it is never guessed later. */
export type Origin = "caller" | "venue" | "network" | "disk" | "bug";

/** What every {@link ListenkeyError} says besides its text. */
export interface ErrorFacts {
  /** Whose fault it is. */
  readonly origin: Origin;
  /** May the same call succeed if it is simply made again? */
  readonly retryable: boolean;
  /** What to do about it: imperative, public names only. Absent when it would only reword the message. */
  readonly remedy?: string;
  /** The error below this one, if any. */
  readonly cause?: unknown;
}

/** The base of every error thrown here. `code` is stable and may be matched on; `message` is prose and may not. */
export abstract class ListenkeyError extends Error {
  /** The name of the kind of trouble, in capitals. */
  abstract readonly code: string;
  /** Whose fault it is. */
  readonly origin: Origin;
  /** May the same call succeed if it is simply made again? */
  readonly retryable: boolean;
  /** What to do about it, when that is more than the message says. */
  readonly remedy: string | undefined;

  constructor(message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.origin = facts.origin;
    this.retryable = facts.retryable;
    this.remedy = facts.remedy;
  }
}

/** The exchange sent something that is not what it says it is. The connection itself is still sound. */
export class WireFormatError extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "WIRE_FORMAT";
  /** Where in the message, as a JSONPath: `$.a.P[0].pa`; in replies after the call: `GET /fapi/v3/account $.assets`. */
  readonly path: string;

  /**
   * @param path where in the message, as a JSONPath
   * @param expected what should have been there, as a noun phrase: `a decimal string`
   * @param found the offending value; shown shortened
   */
  constructor(path: string, expected: string, found: unknown) {
    super(`${path}: expected ${expected}, found ${show(found)}`, {
      origin: "venue",
      retryable: false,
      remedy: "Keep the raw frame. If Binance changed the field, the table of that message needs the new shape.",
    });
    this.path = path;
  }
}

/** -1000 unknown, -1001 internal, -1007 timeout, -1008 overloaded: the exchange's own trouble, worth another try. */
const TRANSIENT_VENUE_CODES: ReadonlySet<number> = new Set([-1000, -1001, -1007, -1008]);

/** The exchange refused a request and said why. */
export class VenueRejected extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "VENUE_REJECTED";
  /** Binance's own number, e.g. `-1125`. Match on this, never on the text. */
  readonly venueCode: number;
  /** The HTTP status of the answer, or the `status` of a WS API reply. */
  readonly status: number;

  constructor(action: string, refusal: { readonly status: number; readonly code: number; readonly msg: string }) {
    super(`${action} was refused: ${withoutSecrets(refusal.msg)} (${refusal.code})`, {
      origin: "venue",
      retryable: TRANSIENT_VENUE_CODES.has(refusal.code) || refusal.status >= 500,
    });
    this.venueCode = refusal.code;
    this.status = refusal.status;
  }

  /** `-1125` "This listenKey does not exist": to us no error, but the order to get a new key. */
  get isUnknownListenKey(): boolean {
    return this.venueCode === -1125;
  }
}

/** A limit of the exchange was reached (HTTP 429) or this address is banned (418). Nothing was executed. */
export class RateLimited extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "RATE_LIMITED";
  /** How long to stay silent, in milliseconds from the answer. */
  readonly waitMs: number;
  /** 429, or 418 for a ban. */
  readonly status: number;

  constructor(action: string, limit: { readonly status: number; readonly waitMs: number; readonly msg: string }) {
    super(`${action} was refused: ${withoutSecrets(limit.msg)} (HTTP ${limit.status})`, {
      origin: "venue",
      retryable: true,
    });
    this.status = limit.status;
    this.waitMs = limit.waitMs;
  }
}

/** No whole answer came. When `outcome` is `unknown` the exchange may have carried the request out. */
export class NetworkError extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "NETWORK";
  /** Whether the exchange can have seen the request at all. */
  readonly outcome: "not-sent" | "unknown";

  constructor(action: string, reason: string, outcome: "not-sent" | "unknown", cause?: unknown) {
    super(`${action} failed: ${withoutSecrets(reason)}`, { origin: "network", retryable: true, cause });
    this.outcome = outcome;
  }
}

/** The caller asked for something that cannot be: a setting out of range, a call in the wrong state. */
export class UsageError extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "USAGE";

  constructor(where: string, expected: string, found: unknown, remedy?: string) {
    super(`${where}: expected ${expected}, found ${show(found)}`, {
      origin: "caller",
      retryable: false,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
}

/** A file could not be read or written as it must be. What was answered before is safe; nothing is answered after. */
export class StorageError extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "STORAGE";
  /** `busy`: another process has the file. `damaged`: it is not as it was written. `failed`: the disk said no. */
  readonly condition: "busy" | "damaged" | "failed";

  /** @param remedy what to do, when that is more than the reason says */
  constructor(path: string, reason: string, condition: StorageError["condition"], cause?: unknown, remedy?: string) {
    super(`storing in ${path} failed: ${reason}`, {
      origin: "disk",
      retryable: condition === "busy",
      cause,
      ...(remedy === undefined ? {} : { remedy }),
    });
    this.condition = condition;
  }
}

/**
 * What was to be appended does not follow what is there: somebody else wrote, or wrote again. Nothing of it was kept.
 */
export class FencedError extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "FENCED";
  /** The number that would have followed. */
  readonly expectedSeq: number;
  /** The number that came. */
  readonly foundSeq: number;

  constructor(account: string, expectedSeq: number, foundSeq: number) {
    super(`append to ${account}: expected entry ${expectedSeq}, found entry ${foundSeq}`, {
      origin: "caller",
      retryable: false,
      remedy: "Ask for the last number and go on from there, if the account is still yours to write.",
    });
    this.expectedSeq = expectedSeq;
    this.foundSeq = foundSeq;
  }
}

/** A rule of our own was broken. It is never caught and turned into data: the process stops. */
export class InvariantViolation extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "INVARIANT";

  constructor(rule: string) {
    super(`invariant broken: ${rule}`, { origin: "bug", retryable: false });
  }
}

/** States what must hold. @throws {InvariantViolation} when it does not. */
export function assert(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new InvariantViolation(rule);
}

/** The end of an exhaustive `switch`. @throws {InvariantViolation} always. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`unreachable: ${show(value)}`);
}

const SHOWN_CHARS_MAX = 80;

/** listenKeys, API keys and secrets are 64 of these; order ids at most 20, client order ids mostly broken by a dash. */
const MAYBE_SECRET = /[A-Za-z0-9]{32,}/g;

/** Text of others, fit for an error or a log: what may be a secret shows only its beginning. */
export function withoutSecrets(text: string): string {
  return text.replace(MAYBE_SECRET, redact);
}

/**
 * A value as it is shown in an error: JSON-like, at most 80 characters, and never a thrown error of its own. What may
 * be a secret shows only its beginning: a frame that cannot be read may hold a listenKey anywhere.
 */
export function show(value: unknown): string {
  const text = typeof value === "string" ? quoted(value) : typeof value === "object" ? shape(value) : String(value);
  // Redacted before it is cut, so that no secret at the cut passes for something shorter.
  const safe = withoutSecrets(text);
  return safe.length > SHOWN_CHARS_MAX ? `${safe.slice(0, SHOWN_CHARS_MAX)}…` : safe;
}

/** Longer than what is shown by more than a secret, and never as long as a frame may be. */
const QUOTED_CHARS_MAX = 4 * SHOWN_CHARS_MAX;

function quoted(value: string): string {
  if (value.length <= QUOTED_CHARS_MAX) return JSON.stringify(value);
  return JSON.stringify(value.slice(0, QUOTED_CHARS_MAX).replace(/[A-Za-z0-9]*$/, ""));
}

function shape(value: object | null): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return `an object with ${Object.keys(value).slice(0, 8).join(", ") || "no keys"}`;
}

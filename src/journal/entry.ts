/** What stands in the journal: entries, one per record of an account, and snapshots; what they must be like. Pure. */
import { UsageError } from "../kernel/errors.ts";
import type { EventMs, TransactMs, WallMs } from "../kernel/scalars.ts";

/** One record of one account. All but `record` is there to find it by. */
export interface JournalEntry {
  /** The account, as its owner calls it: 1 to {@link LABEL_CHARS_MAX} characters, none of them a control character. */
  readonly account: string;
  /** 1, 2, 3 …: contiguous, per account. */
  readonly seq: number;
  /** What sort of record it is: `event`, `gap`, `repair`, `status`. */
  readonly kind: string;
  /** Where it came from: `stream`, `repair`; `null` when the kind says all. */
  readonly origin: string | null;
  /** When it was recorded, by our wall clock: it may step back from one entry to the next. */
  readonly at: WallMs;
  /** The event's type (`e`); `null` when it is no event. See {@link labelled}. */
  readonly event: string | null;
  /** The symbol it is about; `null` when it is about none, or several. See {@link labelled}. */
  readonly symbol: string | null;
  /** `E`, by the exchange's clock; `null` when there is none. */
  readonly eventAt: EventMs | null;
  /** `T`, by the exchange's clock; `null` when there is none. */
  readonly transactAt: TransactMs | null;
  /** The record as JSON text, kept and given back character for character. At most {@link RECORD_CHARS_MAX}. */
  readonly record: string;
}

/** An entry as it is kept. */
export interface StoredEntry extends JournalEntry {
  /** Of it and of all entries of the account before it: 64 hexadecimal digits. */
  readonly digest: string;
}

/** What an account was like after one of its entries, in its owner's words. */
export interface Snapshot {
  readonly account: string;
  /** The last entry that is in it; 0 when none is. */
  readonly asOfSeq: number;
  /** When it was made, by our wall clock. */
  readonly at: WallMs;
  /** Kept and given back character for character. At most {@link SNAPSHOT_CHARS_MAX}. */
  readonly text: string;
}

/** Longer texts to find an entry by are cut. */
export const LABEL_CHARS_MAX = 128;

/** Characters of one record: the longest frame that is read has 4 000 000, and the record says some more. */
export const RECORD_CHARS_MAX = 4_100_000;

/** Characters of one snapshot. */
const SNAPSHOT_CHARS_MAX = 32_000_000;

/** Snapshots that are kept of an account: the newest, and one to fall back on when that one is damaged. */
export const SNAPSHOTS_KEPT = 2;

/** Control characters, and halves of surrogate pairs: what does not come back from every SQLite as it was given. */
const UNFIT = /[\p{Cc}\p{Cs}]/gu;

const FIT = new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${LABEL_CHARS_MAX}}$`, "u");

/**
 * The entry with a fit `event` and `symbol`: these are the exchange's, and may hold anything. They are for filters
 * only; the record has them as they came.
 */
export function labelled(entry: JournalEntry): JournalEntry {
  const event = label(entry.event);
  const symbol = label(entry.symbol);
  return event === entry.event && symbol === entry.symbol ? entry : { ...entry, event, symbol };
}

function label(text: string | null): string | null {
  if (text === null || (FIT.test(text) && text.length <= LABEL_CHARS_MAX)) return text;
  return text.slice(0, LABEL_CHARS_MAX).replace(UNFIT, "\ufffd");
}

/** @throws {UsageError} when it is none that can be kept; its `seq` is not looked at */
export function mustBeEntry(entry: JournalEntry): void {
  const { account, kind, origin, at, eventAt, transactAt, record } = entry;
  mustBeLabel("account", account);
  mustBeLabel("kind", kind);
  if (origin !== null) mustBeLabel("origin", origin);
  mustBeTime("at", at);
  mustBeTime("eventAt", eventAt ?? 0);
  mustBeTime("transactAt", transactAt ?? 0);
  mustBeText("record", record, RECORD_CHARS_MAX);
}

/** @throws {UsageError} when it is none that can be kept; whether there is such an entry is not looked at */
export function mustBeSnapshot({ account, asOfSeq, at, text }: Snapshot): void {
  mustBeBeginning(account, asOfSeq, "asOfSeq");
  mustBeTime("at", at);
  mustBeText("text", text, SNAPSHOT_CHARS_MAX);
}

/** @throws {UsageError} when no account can begin so; whether it has entries is not looked at */
export function mustBeBeginning(account: string, afterSeq: number, name = "afterSeq"): void {
  mustBeLabel("account", account);
  if (!Number.isSafeInteger(afterSeq) || afterSeq < 0) throw new UsageError(name, "the number of an entry", afterSeq);
}

/** An account that has entries cannot begin anew. */
export function hasEntries(account: string): UsageError {
  return new UsageError("account", "one that has no entry yet", account);
}

function mustBeLabel(name: string, text: string): void {
  if (FIT.test(text) && text.length <= LABEL_CHARS_MAX) return;
  throw new UsageError(name, `1 to ${LABEL_CHARS_MAX} characters without control characters`, text);
}

function mustBeTime(name: string, time: number): void {
  if (!Number.isSafeInteger(time)) throw new UsageError(name, "whole milliseconds", time);
}

function mustBeText(name: string, text: string, charsMax: number): void {
  if (text.length > charsMax) throw new UsageError(name, `at most ${charsMax} characters`, text.length);
  if (text === "" || text.includes("\0") || !text.isWellFormed())
    throw new UsageError(name, "text that UTF-8 can hold, without NUL", text);
}

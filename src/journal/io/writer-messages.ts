/**
 * What the journal and its writer's thread say to each other. Jobs are done one by one, and answered in their order.
 */
import { StorageError } from "../../kernel/errors.ts";
import type { EventMs, TransactMs, WallMs } from "../../kernel/scalars.ts";
import type { JournalEntry, Snapshot } from "../entry.ts";
import type { Head } from "../entry-writer.ts";

/** What the thread is begun with. */
export interface WriterBeginning {
  readonly path: string;
  /** Where it says how many entries were answered for. */
  readonly countPath: string;
  readonly durability: Durability;
  /** The tables may take no more; `undefined` when all of the disk is theirs. */
  readonly fileBytesMax: number | undefined;
  /** The last entries, which were answered for. */
  readonly heads: ReadonlyMap<string, Head>;
}

/**
 * When an append is answered. `full`: when the disk has it. `normal`: when the operating system has it, so that no
 * death of the process loses it, but a loss of power may lose the last ones.
 */
export type Durability = "full" | "normal";

/** One thing to do. Appends that have come one after the other while another job was done are one commit. */
export type WriterJob =
  /** Refused like the last one that failed, when that was of the same turn or a later one. */
  | { readonly do: "append"; readonly packed: Packed; readonly turn: number }
  | { readonly do: "begin"; readonly account: string; readonly afterSeq: number }
  | { readonly do: "snapshot"; readonly snapshot: Snapshot }
  | { readonly do: "remove"; readonly account: string; readonly upToSeq: number }
  /** Gives free pages back to the disk, at most so many. */
  | { readonly do: "shrink"; readonly pages: number }
  | { readonly do: "close" };

/** How it went. */
export type WriterReply =
  | { readonly is: "done" }
  /** There is no such entry for a snapshot to be as of; there are entries, where an account was to begin. */
  | { readonly is: "refused" }
  | WrittenError;

/** A {@link StorageError}, as threads can tell it. */
export interface WrittenError {
  readonly is: "failed";
  readonly path: string;
  readonly reason: string;
  readonly condition: StorageError["condition"];
}

/**
 * A group, fit to be sent: texts that come again and again are numbered, and what is left of an entry is its record and
 * some numbers. It crosses to another thread several times quicker than objects would.
 */
export interface Packed {
  /** Accounts, kinds, origins, events and symbols; what is `null` has no number. */
  readonly names: readonly string[];
  /** {@link NUMBERS} per entry; NaN for `null`. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly records: readonly string[];
}

/** account, seq, kind, origin, at, event, symbol, eventAt, transactAt. */
const NUMBERS = 9;

/** Makes a group fit to be sent. */
export function pack(entries: readonly JournalEntry[]): Packed {
  const places = new Map<string, number>();
  const numbers = new Float64Array(entries.length * NUMBERS);
  const place = (name: string | null) => {
    if (name === null) return Number.NaN;
    const known = places.get(name);
    if (known === undefined) places.set(name, places.size);
    return known ?? places.size - 1;
  };
  let at = 0;
  for (const entry of entries) {
    numbers[at++] = place(entry.account);
    numbers[at++] = entry.seq;
    numbers[at++] = place(entry.kind);
    numbers[at++] = place(entry.origin);
    numbers[at++] = entry.at;
    numbers[at++] = place(entry.event);
    numbers[at++] = place(entry.symbol);
    numbers[at++] = entry.eventAt ?? Number.NaN;
    numbers[at++] = entry.transactAt ?? Number.NaN;
  }
  return { names: [...places.keys()], numbers, records: entries.map(({ record }) => record) };
}

/** The entries again, one by one. */
export function* unpack({ names, numbers, records }: Packed): Generator<JournalEntry> {
  let at = 0;
  const number = () => numbers[at++] ?? Number.NaN;
  const name = () => names[number()] ?? null;
  const time = () => {
    const value = number();
    return Number.isNaN(value) ? null : value;
  };
  for (const record of records) {
    yield {
      account: name() ?? "",
      seq: number(),
      kind: name() ?? "",
      origin: name(),
      at: number() as WallMs,
      event: name(),
      symbol: name(),
      eventAt: time() as EventMs | null,
      transactAt: time() as TransactMs | null,
      record,
    };
  }
}

/** The error that a thread told of. */
export function storageError({ path, reason, condition }: WrittenError): StorageError {
  return new StorageError(path, reason, condition);
}

/** What the journal and its writer's thread say to each other. Jobs are done one by one, and answered in their order. */
import { StorageError } from "../../kernel/errors.ts";
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
 * When an append is answered. `full`: when the disk has it. `normal`: when the operating system has it, so that no death
 * of the process loses it, but a loss of power may lose the last ones.
 */
export type Durability = "full" | "normal";

/** One thing to do. */
export type WriterJob =
  | { readonly do: "append"; readonly packed: Packed }
  | { readonly do: "snapshot"; readonly snapshot: Snapshot }
  | { readonly do: "remove"; readonly account: string; readonly upToSeq: number }
  /** Gives free pages back to the disk, at most so many. */
  | { readonly do: "shrink"; readonly pages: number }
  | { readonly do: "close" };

/** How it went. */
export type WriterReply =
  | { readonly is: "done" }
  /** There is no such entry for it to be as of. */
  | { readonly is: "refused" }
  | WrittenError;

/** A {@link StorageError}, as threads can tell it. */
export interface WrittenError {
  readonly is: "failed";
  readonly path: string;
  readonly reason: string;
  readonly condition: StorageError["condition"];
}

/** Ten values per entry: a flat array crosses to another thread several times quicker than objects. */
export type Packed = readonly (string | number | null)[];

const VALUES = 10;

/** Makes a group fit to be sent. */
export function pack(entries: readonly JournalEntry[]): Packed {
  const packed = new Array<string | number | null>(entries.length * VALUES);
  let at = 0;
  for (const entry of entries) {
    packed[at++] = entry.account;
    packed[at++] = entry.seq;
    packed[at++] = entry.kind;
    packed[at++] = entry.origin;
    packed[at++] = entry.at;
    packed[at++] = entry.event;
    packed[at++] = entry.symbol;
    packed[at++] = entry.eventAt;
    packed[at++] = entry.transactAt;
    packed[at++] = entry.record;
  }
  return packed;
}

/** The entries again, one by one. */
export function* unpack(packed: Packed): Generator<JournalEntry> {
  for (let at = 0; at < packed.length; at += VALUES) {
    const [account, seq, kind, origin, time, event, symbol, eventAt, transactAt, record] = packed.slice(
      at,
      at + VALUES,
    );
    yield { account, seq, kind, origin, at: time, event, symbol, eventAt, transactAt, record } as JournalEntry;
  }
}

/** The error that a thread told of. */
export function storageError({ path, reason, condition }: WrittenError): StorageError {
  return new StorageError(path, reason, condition);
}

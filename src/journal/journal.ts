/** The journal as a port: what is asked of it, whatever keeps it. Pure; `io/journal-store.ts` keeps it in SQLite. */
import type { StorageError } from "../kernel/errors.ts";
import type { WallMs } from "../kernel/scalars.ts";
import type { Extent } from "./cursor.ts";
import type { JournalEntry, Snapshot } from "./entry.ts";

/** What is read of one account. */
export interface ReadRequest {
  readonly account: string;
  /** Entries after this `seq`; 0 from the beginning. */
  readonly since: number;
  /** At most so many, and never more than {@link PAGE_ENTRIES_MAX}. */
  readonly limit: number;
  /** Which ones; all when absent. */
  readonly filter?: EntryFilter;
}

/** Which entries are wanted. Each that is given must let the entry pass. */
export interface EntryFilter {
  /** Entries of these kinds. */
  readonly kinds?: readonly string[];
  /** Events of these types. Entries that are no event (gaps, repairs) pass: whoever filters must still hear of them. */
  readonly events?: readonly string[];
  /** Entries about these symbols. Entries that are about no single symbol pass. */
  readonly symbols?: readonly string[];
}

/** Entries of one page, at most. */
export const PAGE_ENTRIES_MAX = 1000;

/** What a reader is answered. `extent` is what was kept at that moment. */
export type ReadAnswer =
  | {
      readonly is: "page";
      /** Oldest first. Empty when there are none, yet, or none that are wanted up to `cursor`. */
      readonly entries: readonly JournalEntry[];
      /** Go on from here. Everything was read when it is `extent.lastSeq`. */
      readonly cursor: number;
      readonly extent: Extent;
    }
  /** Entries after the cursor were removed by retention. */
  | { readonly is: "too-old"; readonly extent: Extent }
  /** No entry of that `seq` was written here yet. */
  | { readonly is: "from-the-future"; readonly extent: Extent };

/** Reads what is committed, and nothing else. */
export interface JournalReader {
  /** The accounts that have ever had an entry, by name. @throws {StorageError} when they cannot be read */
  accounts(): Promise<readonly string[]>;
  /** What is kept of an account. @throws {StorageError} when it cannot be read */
  extent(account: string): Promise<Extent>;
  /** One page of one account. @throws {StorageError} when it cannot be read, or an entry is missing */
  read(request: ReadRequest): Promise<ReadAnswer>;
  /**
   * The newest snapshot of an account that is as it was written; `undefined` when there is none. All entries after it
   * are kept.
   * @throws {StorageError} when it cannot be read
   */
  snapshot(account: string): Promise<Snapshot | undefined>;
}

/** How the writer stands. */
export type JournalState =
  | { readonly phase: "accepting" }
  /** Too much waits to be committed: appends are refused until half of it is. */
  | { readonly phase: "crowded"; readonly entries: number; readonly chars: number }
  /** The last commit failed, and nothing of it was kept. Appends are refused, but for one that tries now and then. */
  | {
      readonly phase: "failing";
      readonly error: StorageError;
      readonly since: WallMs;
      /** Commits that failed in a row. */
      readonly attempts: number;
    }
  | { readonly phase: "closed" };

/** Keeps entries. */
export interface Journal extends JournalReader {
  readonly state: JournalState;
  /**
   * Resolves when all of them are committed; when it rejects, none is. They may be of several accounts, each account's
   * in the order of `seq`. What is appended while a commit is under way goes into the next one, in its order.
   * @throws {FencedError} when one does not follow the last of its account that was appended
   * @throws {StorageError} when they cannot be kept: `busy` when too much waits. Entries that follow are refused, too
   * @throws {UsageError} when one is none that can be kept, or the journal was closed
   */
  append(entries: readonly JournalEntry[]): Promise<void>;
  /**
   * An account that has no entry yet begins after this one, which is kept elsewhere, if at all. Resolves when that is
   * committed. It may be done again, as long as no entry was appended.
   * @throws {UsageError} when it has entries, or `afterSeq` is none
   * @throws {StorageError} when it could not be done
   */
  begin(account: string, afterSeq: number): Promise<void>;
  /**
   * Resolves when the snapshot is committed, after all that was appended before. The newest two of an account stay.
   * @throws {StorageError} when it cannot be kept, or what was appended before was not
   * @throws {UsageError} when it is none that can be kept, or as of an entry that is not there
   */
  keepSnapshot(snapshot: Snapshot): Promise<void>;
  /** Called with each new state, until the listener is taken back by what is returned. */
  onState(listener: (state: JournalState) => void): () => void;
  /** Commits what waits, and gives the files back. Nothing may be appended after it. */
  close(): Promise<void>;
}

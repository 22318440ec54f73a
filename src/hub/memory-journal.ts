/**
 * A journal that ends with its process: for a hub that was given no folder to keep one in. Pure. As the real one it
 * answers appends later, all or nothing, and hands out only what it has answered for.
 */

import { type Extent, NOTHING, placeOfCursor } from "../journal/cursor.ts";
import {
  hasEntries,
  type JournalEntry,
  labelled,
  mustBeBeginning,
  mustBeEntry,
  type Snapshot,
} from "../journal/entry.ts";
import {
  type EntryFilter,
  type Journal,
  type JournalState,
  PAGE_ENTRIES_MAX,
  type ReadAnswer,
  type ReadRequest,
} from "../journal/journal.ts";
import { FencedError } from "../kernel/errors.ts";

/** Entries kept of each account, the newest. */
const KEPT_ENTRIES_MAX = 100_000;

/** Keeps entries in memory. */
export class MemoryJournal implements Journal {
  readonly state: JournalState = { phase: "accepting" };
  readonly #keptMax: number;
  readonly #accounts = new Map<string, { firstSeq: number; entries: JournalEntry[] }>();
  readonly #snapshots = new Map<string, Snapshot>();

  constructor(keptMax = KEPT_ENTRIES_MAX) {
    this.#keptMax = keptMax;
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    const last = new Map<string, number>();
    for (const entry of entries) {
      mustBeEntry(entry);
      const expected = 1 + (last.get(entry.account) ?? this.#extent(entry.account).lastSeq);
      if (entry.seq !== expected) throw new FencedError(entry.account, expected, entry.seq);
      last.set(entry.account, entry.seq);
    }
    for (const entry of entries) {
      const kept = this.#accounts.get(entry.account) ?? { firstSeq: 1, entries: [] };
      this.#accounts.set(entry.account, kept);
      kept.entries.push(labelled(entry));
      if (kept.entries.length < 2 * this.#keptMax) continue;
      const gone = kept.entries.splice(0, kept.entries.length - this.#keptMax);
      kept.firstSeq += gone.length;
    }
  }

  async begin(account: string, afterSeq: number): Promise<void> {
    mustBeBeginning(account, afterSeq);
    if ((this.#accounts.get(account)?.entries.length ?? 0) > 0) throw hasEntries(account);
    this.#accounts.set(account, { firstSeq: afterSeq + 1, entries: [] });
    this.#snapshots.delete(account);
  }

  async keepSnapshot(snapshot: Snapshot): Promise<void> {
    this.#snapshots.set(snapshot.account, snapshot);
  }

  async snapshot(account: string): Promise<Snapshot | undefined> {
    return this.#snapshots.get(account);
  }

  async accounts(): Promise<readonly string[]> {
    return [...this.#accounts.keys()].sort();
  }

  async extent(account: string): Promise<Extent> {
    return this.#extent(account);
  }

  async read({ account, since, limit, filter }: ReadRequest): Promise<ReadAnswer> {
    const extent = this.#extent(account);
    const place = placeOfCursor(since, extent);
    if (place !== "kept") return { is: place, extent };
    const from = since - extent.firstSeq + 1;
    const end = from + Math.max(1, Math.min(limit, PAGE_ENTRIES_MAX));
    const looked = this.#accounts.get(account)?.entries.slice(from, end) ?? [];
    const entries = looked.filter((entry) => isWanted(entry, filter));
    return { is: "page", entries, cursor: looked.at(-1)?.seq ?? since, extent };
  }

  onState(): () => void {
    return () => {};
  }

  async close(): Promise<void> {}

  #extent(account: string): Extent {
    const kept = this.#accounts.get(account);
    if (kept === undefined) return NOTHING;
    return { firstSeq: kept.firstSeq, lastSeq: kept.firstSeq + kept.entries.length - 1 };
  }
}

function isWanted({ kind, event, symbol }: JournalEntry, { kinds, events, symbols }: EntryFilter = {}): boolean {
  if (kinds?.includes(kind) === false) return false;
  if (event !== null && events?.includes(event) === false) return false;
  return symbol === null || symbols?.includes(symbol) !== false;
}

/** A journal in the hands of a test: what is appended is committed, or fails, when the test says so. */
import { MemoryJournal } from "../src/hub/memory-journal.ts";
import type { Extent } from "../src/journal/cursor.ts";
import type { JournalEntry, Snapshot } from "../src/journal/entry.ts";
import type { Journal, JournalState, ReadAnswer, ReadRequest } from "../src/journal/journal.ts";
import type { StorageError } from "../src/kernel/errors.ts";

interface Waiting {
  readonly entries: readonly JournalEntry[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Keeps nothing until it is told to. Reads answer from what is committed, as soon as promises settle. */
export class HeldJournal implements Journal {
  readonly kept = new MemoryJournal();
  readonly #waiting: Waiting[] = [];
  state: JournalState = { phase: "accepting" };
  /** Appends are committed at once while this is not set. */
  isHeld = true;
  /** While it is set, whatever is appended is refused with it. */
  failure: StorageError | undefined;

  append(entries: readonly JournalEntry[]): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (!this.isHeld) return this.kept.append(entries);
    return new Promise((resolve, reject) => this.#waiting.push({ entries, resolve, reject }));
  }

  /** How many appends wait. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Commits the oldest appends, then answers them. */
  async commit(count = Number.POSITIVE_INFINITY): Promise<void> {
    for (const { entries, resolve, reject } of this.#waiting.splice(0, count)) {
      await this.kept.append(entries).then(resolve, reject);
    }
  }

  /** Refuses all that wait, and what comes until {@link mend}. */
  fail(error: StorageError): void {
    this.failure = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** The disk is well again. */
  mend(): void {
    this.failure = undefined;
  }

  async begin(account: string, afterSeq: number): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    await this.kept.begin(account, afterSeq);
  }

  async keepSnapshot(snapshot: Snapshot): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    await this.kept.keepSnapshot(snapshot);
  }

  snapshot(account: string): Promise<Snapshot | undefined> {
    return this.kept.snapshot(account);
  }

  accounts(): Promise<readonly string[]> {
    return this.kept.accounts();
  }

  extent(account: string): Promise<Extent> {
    return this.kept.extent(account);
  }

  read(request: ReadRequest): Promise<ReadAnswer> {
    return this.kept.read(request);
  }

  onState(): () => void {
    return () => {};
  }

  async close(): Promise<void> {
    await this.commit();
  }
}

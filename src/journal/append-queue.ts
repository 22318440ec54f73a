/**
 * What waits to be committed, in its order. Pure: the time is an argument.
 *
 *                     too much waits                      a commit failed
 *     accepting ──────────────────────▶ crowded    any ─────────────────────▶ failing
 *         ▲     ◀──────────────────────                                          │
 *         │        half of it is done                                            │
 *         └───────────────────── one that tried was committed ◀──────────────────┘
 *
 * Rules kept here
 * - An entry follows the last one of its account that was taken in, or its append is refused as a whole.
 * - A commit that fails takes along what waits behind it: none of that could follow any more.
 * - What is handed to the writer is answered in its order. The writer makes one commit of all that it has got while it
 *   made the last one.
 */
import { FencedError, StorageError } from "../kernel/errors.ts";
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import type { JournalEntry } from "./entry.ts";

/** Entries that may wait, those of the commit under way included. */
export const WAITING_ENTRIES_MAX = 100_000;

/** Characters of their records. */
export const WAITING_CHARS_MAX = 64_000_000;

/** From a commit that failed to the append that is let through to try again. */
export const RETRY_AFTER_MS = 1_000;

/** Called once: without an error when it is committed. */
export type Settle = (error?: Error) => void;

interface Append {
  readonly entries: readonly JournalEntry[];
  readonly chars: number;
  readonly settle: Settle;
}

/** Where the queue stands. */
export type QueuePhase =
  | { readonly phase: "accepting" }
  | { readonly phase: "crowded" }
  | {
      readonly phase: "failing";
      readonly error: StorageError;
      readonly attempts: number;
      readonly retryAt: MonotonicMs;
    };

/** The queue before one writer. */
export class AppendQueue {
  readonly #path: string;
  /** The last entry of each account that is committed. */
  readonly #committed: Map<string, number>;
  /** The last entry of each account that waits, where one does. */
  readonly #taken = new Map<string, number>();
  #waiting: Append[] = [];
  /** Handed to the writer, oldest first. */
  readonly #underWay: Append[][] = [];
  #entries = 0;
  #chars = 0;
  #phase: QueuePhase = { phase: "accepting" };

  /** @param path for errors */
  constructor(path: string, committed: ReadonlyMap<string, number>) {
    this.#path = path;
    this.#committed = new Map(committed);
  }

  /** Where it stands. */
  get phase(): QueuePhase {
    return this.#phase;
  }

  /** How much is not committed yet. */
  get load(): { readonly entries: number; readonly chars: number } {
    return { entries: this.#entries, chars: this.#chars };
  }

  /** The newest entry of an account that is committed; 0 when there was none. */
  committed(account: string): number {
    return this.#committed.get(account) ?? 0;
  }

  /**
   * Takes one append in, or throws and leaves everything as it was.
   * @throws {FencedError} when an entry does not follow
   * @throws {StorageError} when too much waits, or the last commit failed and it is too early to try again
   */
  add(entries: readonly JournalEntry[], settle: Settle, now: MonotonicMs): void {
    this.#mustAccept(now);
    const last = new Map<string, number>();
    let chars = 0;
    for (const { account, seq, record } of entries) {
      const expected = 1 + (last.get(account) ?? this.#taken.get(account) ?? this.committed(account));
      if (seq !== expected) throw new FencedError(account, expected, seq);
      last.set(account, seq);
      chars += record.length;
    }
    for (const [account, seq] of last) this.#taken.set(account, seq);
    this.#waiting.push({ entries, chars, settle });
    this.#entries += entries.length;
    this.#chars += chars;
    const isFull = this.#entries >= WAITING_ENTRIES_MAX || this.#chars >= WAITING_CHARS_MAX;
    if (isFull && this.#phase.phase === "accepting") this.#phase = { phase: "crowded" };
  }

  /** The next entry of an account, of which none waits, follows this one. */
  begin(account: string, afterSeq: number): void {
    this.#taken.delete(account);
    this.#committed.set(account, afterSeq);
  }

  /** What is to be handed to the writer now, in its order; `undefined` when nothing waits. */
  next(): readonly JournalEntry[] | undefined {
    if (this.#waiting.length === 0) return undefined;
    const handed = this.#waiting;
    this.#waiting = [];
    this.#underWay.push(handed);
    return handed.flatMap(({ entries }) => entries);
  }

  /** The oldest of what {@link next} gave was committed. */
  done(): void {
    const settled = this.#underWay.shift() ?? [];
    for (const append of settled) {
      this.#entries -= append.entries.length;
      this.#chars -= append.chars;
      for (const { account, seq } of append.entries) this.#committed.set(account, seq);
    }
    const isHalf = this.#entries <= WAITING_ENTRIES_MAX / 2 && this.#chars <= WAITING_CHARS_MAX / 2;
    if (this.#phase.phase === "failing" || isHalf) this.#phase = { phase: "accepting" };
    for (const { settle } of settled) settle();
  }

  /**
   * The oldest of what {@link next} gave was not committed, and is not there: it is rejected, with all that follows.
   */
  failed(error: StorageError, now: MonotonicMs): void {
    const rejected = [...this.#underWay.flat(), ...this.#waiting];
    const attempts = 1 + (this.#phase.phase === "failing" ? this.#phase.attempts : 0);
    this.#phase = { phase: "failing", error, attempts, retryAt: after(now, RETRY_AFTER_MS) };
    this.#underWay.length = 0;
    this.#waiting = [];
    this.#taken.clear();
    this.#entries = 0;
    this.#chars = 0;
    for (const { settle } of rejected) settle(error);
  }

  #mustAccept(now: MonotonicMs): void {
    const at = this.#phase;
    if (at.phase === "failing" && (now < at.retryAt || this.#underWay.length > 0)) throw at.error;
    if (at.phase !== "crowded") return;
    const reason = `${this.#entries} entries of ${this.#chars} characters wait to be committed`;
    const remedy = "Append less at a time, or wait until the journal's state is accepting again.";
    throw new StorageError(this.#path, reason, "busy", undefined, remedy);
  }
}

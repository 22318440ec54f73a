/** Things that happen at a time, earliest first, equal times in the order in which they were set. Pure. */
import { Heap } from "../../kernel/heap.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Deadline } from "./views.ts";

/** One thing that will happen. */
export interface Timer extends Deadline {
  readonly fire: () => void;
}

interface Entry extends Timer {
  readonly turn: number;
  isCancelled: boolean;
  isTaken: boolean;
}

/** Ordered by time and turn. Setting, taking and cancelling cost O(log n), amortised. */
export class Timers {
  readonly #heap = new Heap<Entry>(isBefore);
  #turns = 0;
  #cancelledCount = 0;

  /** Calls `fire` once when the floor's time reaches `at`. The result takes it back. */
  set(at: TransactMs, why: string, fire: () => void): () => void {
    const entry: Entry = { at, why, fire, turn: this.#turns++, isCancelled: false, isTaken: false };
    this.#heap.push(entry);
    return () => this.#cancel(entry);
  }

  /** How many will fire. */
  get count(): number {
    return this.#heap.count - this.#cancelledCount;
  }

  /** The earliest, without taking it. */
  next(): Deadline | undefined {
    this.#dropCancelled();
    const { first } = this.#heap;
    return first === undefined ? undefined : { at: first.at, why: first.why };
  }

  /** Takes the earliest if it is due at or before `now`. */
  takeDue(now: TransactMs): Timer | undefined {
    this.#dropCancelled();
    const { first } = this.#heap;
    if (first === undefined || first.at > now) return undefined;
    this.#heap.pop();
    first.isTaken = true;
    return first;
  }

  #cancel(entry: Entry): void {
    if (entry.isCancelled || entry.isTaken) return;
    entry.isCancelled = true;
    this.#cancelledCount++;
    // Swept once half of it is dead, so that cancelled timers never outnumber the living.
    if (this.#cancelledCount * 2 <= this.#heap.count) return;
    this.#heap.keep(({ isCancelled }) => !isCancelled);
    this.#cancelledCount = 0;
  }

  #dropCancelled(): void {
    while (this.#heap.first?.isCancelled === true) {
      this.#heap.pop();
      this.#cancelledCount--;
    }
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.turn < b.turn);
}

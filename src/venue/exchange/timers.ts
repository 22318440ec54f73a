/** Things that happen at a time, earliest first, equal times in the order in which they were set. Pure. */
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

/** A binary heap by time and turn. Setting, taking and cancelling cost O(log n), amortised. */
export class Timers {
  #heap: Entry[] = [];
  #turns = 0;
  #cancelledCount = 0;

  /** Calls `fire` once when the floor's time reaches `at`. The result takes it back. */
  set(at: TransactMs, why: string, fire: () => void): () => void {
    const entry: Entry = { at, why, fire, turn: this.#turns++, isCancelled: false, isTaken: false };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return () => this.#cancel(entry);
  }

  /** How many will fire. */
  get count(): number {
    return this.#heap.length - this.#cancelledCount;
  }

  /** The earliest, without taking it. */
  next(): Deadline | undefined {
    this.#dropCancelled();
    const first = this.#heap[0];
    return first === undefined ? undefined : { at: first.at, why: first.why };
  }

  /** Takes the earliest if it is due at or before `now`. */
  takeDue(now: TransactMs): Timer | undefined {
    this.#dropCancelled();
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.#removeFirst();
    first.isTaken = true;
    return first;
  }

  #cancel(entry: Entry): void {
    if (entry.isCancelled || entry.isTaken) return;
    entry.isCancelled = true;
    this.#cancelledCount++;
    // A sorted array is a heap. Swept once half of it is dead, so that cancelled timers never outnumber the living.
    if (this.#cancelledCount * 2 <= this.#heap.length) return;
    this.#heap = this.#heap.filter((kept) => !kept.isCancelled).sort((a, b) => a.at - b.at || a.turn - b.turn);
    this.#cancelledCount = 0;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.isCancelled === true) {
      this.#removeFirst();
      this.#cancelledCount--;
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const entry = heap[from] as Entry;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent] as Entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const entry = heap[from] as Entry;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!isBefore(heap[child] as Entry, entry)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = entry;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.turn < b.turn);
}

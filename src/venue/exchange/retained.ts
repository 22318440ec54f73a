/** A bounded past: the newest entries, oldest first. Pure. */

/** Keeps at most `limit` entries; each one beyond pushes the oldest out. Every operation is O(1), amortised. */
export class Retained<T> {
  readonly limit: number;
  #items: (T | undefined)[] = [];
  #head = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many are kept. */
  get count(): number {
    return this.#items.length - this.#head;
  }

  /** Adds the newest; returns the oldest when it had to go. */
  push(item: T): T | undefined {
    this.#items.push(item);
    if (this.count <= this.limit) return undefined;
    const oldest = this.#items[this.#head] as T;
    this.#items[this.#head++] = undefined;
    // The empty front is cut off once it is as long as the living part, so that it is copied rarely.
    if (this.#head > this.limit) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return oldest;
  }

  /** A copy of what is kept, oldest first. */
  all(): T[] {
    return this.#items.slice(this.#head) as T[];
  }

  /** The entry at `index`, 0 the oldest. */
  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  /** The same entries, in a past of its own. */
  copy(): Retained<T> {
    const copy = new Retained<T>(this.limit);
    copy.#items = this.#items.slice(this.#head);
    return copy;
  }

  /** The first index whose entry is there yet; `isThere` must be false first and then true. `count` when none is. */
  firstIndex(isThere: (item: T) => boolean): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isThere(this.at(middle) as T)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

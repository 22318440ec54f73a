/** A binary heap: the least of what is in it comes out first. Pure. */

/** Orders its items by `isBefore`, which must order them all: no two are equal. Adding and taking cost O(log n). */
export class Heap<T> {
  #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  /** How many are in it. */
  get count(): number {
    return this.#items.length;
  }

  /** The least, without taking it; `undefined` when it is empty. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** Adds one. */
  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(item, items[parent] as T)) break;
      items[at] = items[parent] as T;
      at = parent;
    }
    items[at] = item;
  }

  /** Takes the least; `undefined` when it is empty. */
  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#isBefore(items[child + 1] as T, items[child] as T)) child++;
      if (!this.#isBefore(items[child] as T, last)) break;
      items[at] = items[child] as T;
      at = child;
    }
    items[at] = last;
    return first;
  }

  /** Drops all but those that are to be kept. Costs O(n log n). */
  keep(isKept: (item: T) => boolean): void {
    // A sorted array is a heap.
    this.#items = this.#items.filter(isKept).sort((a, b) => (this.#isBefore(a, b) ? -1 : 1));
  }
}

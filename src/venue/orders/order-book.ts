/**
 * The book of one symbol: price, then time. Pure.
 *
 *     bids  [ …  99.8  99.9 ]  best last          asks  [ …  100.2  100.1 ]  best last
 *                       │
 *                  first ⇄ … ⇄ last               one level: a queue, the first comes first
 *
 * Levels stand in sorted arrays with the best at the end, where most of the life of a book happens; orders of a level
 * are linked, so that taking one out of the middle costs nothing. An order costs O(log levels) to find its level.
 */
import type { Fixed } from "../../kernel/decimal.ts";
import { assert } from "../../kernel/errors.ts";
import type { Side } from "../../protocol/enumerations.ts";

/** What the book knows of an order; `level`, `ahead` and `behind` belong to the book alone. */
export interface Resting<O> {
  readonly side: Side;
  readonly price: Fixed;
  readonly quantity: Fixed;
  filled: Fixed;
  /** The level it rests in; `undefined` while it is in no book. */
  level: Level<O> | undefined;
  ahead: O | undefined;
  behind: O | undefined;
}

/** All orders of one price on one side. Never empty while it stands in a book. */
export interface Level<O> {
  readonly price: Fixed;
  /** Sum of what its orders have open. */
  open: Fixed;
  first: O | undefined;
  last: O | undefined;
}

/** Is told each level that changes. */
export type LevelWatcher = (side: Side, price: Fixed) => void;

/** The price-time book of one symbol. */
export class OrderBook<O extends Resting<O>> {
  readonly #bids: Level<O>[] = [];
  readonly #asks: Level<O>[] = [];
  readonly #watchers = new Set<LevelWatcher>();
  #updateId: number;

  /** @param updateId where {@link OrderBook.updateId} starts */
  constructor(updateId: number) {
    this.#updateId = updateId;
  }

  /** Grows with every change. */
  get updateId(): number {
    return this.#updateId;
  }

  /** The order that trades next on a side; `undefined` when the side is empty. */
  best(side: Side): O | undefined {
    return this.#side(side).at(-1)?.first;
  }

  /** The best level of a side. */
  bestLevel(side: Side): Level<O> | undefined {
    return this.#side(side).at(-1);
  }

  /** Levels of a side, best first. The book must not change while it is walked. */
  *levels(side: Side): Generator<Level<O>> {
    const levels = this.#side(side);
    for (let i = levels.length - 1; i >= 0; i--) yield levels[i] as Level<O>;
  }

  /** The best levels of a side, best first; fewer where there are fewer. */
  topLevels(side: Side, count: number): Level<O>[] {
    const levels = this.#side(side);
    return levels.slice(Math.max(0, levels.length - count)).reverse();
  }

  /** What is open at a price; 0 when nothing is. */
  openAt(side: Side, price: Fixed): Fixed {
    const levels = this.#side(side);
    const level = levels[this.#place(levels, side, price)];
    return level?.price === price ? level.open : 0n;
  }

  /** Tells each level that changes, until the result is called. What is open there is known only afterwards. */
  watch(watcher: LevelWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Puts an order behind all others of its price. */
  add(order: O): void {
    assert(order.level === undefined, "an order rests in one place only");
    const levels = this.#side(order.side);
    const at = this.#place(levels, order.side, order.price);
    let level = levels[at];
    if (level === undefined || level.price !== order.price) {
      level = { price: order.price, open: 0n, first: undefined, last: undefined };
      levels.splice(at, 0, level);
    }
    order.level = level;
    order.ahead = level.last;
    order.behind = undefined;
    if (level.last === undefined) level.first = order;
    else level.last.behind = order;
    level.last = order;
    level.open += order.quantity - order.filled;
    this.#changed(level, order.side);
  }

  /** Books a fill of a resting order, which leaves the book when nothing of it is open any more. */
  fill(order: O, quantity: Fixed): void {
    const { level } = order;
    assert(level !== undefined, "only a resting order is filled in the book");
    order.filled += quantity;
    level.open -= quantity;
    this.#changed(level, order.side);
    if (order.filled === order.quantity) this.#unlink(order, level);
  }

  /** Takes an order out; does nothing when it is in no book. */
  remove(order: O): void {
    const { level } = order;
    if (level === undefined) return;
    level.open -= order.quantity - order.filled;
    this.#changed(level, order.side);
    this.#unlink(order, level);
  }

  /** Every change of what is open anywhere comes by here: it is what the update ids count. */
  #changed({ price }: Level<O>, side: Side): void {
    this.#updateId++;
    for (const watcher of this.#watchers) watcher(side, price);
  }

  #unlink(order: O, level: Level<O>): void {
    if (order.ahead === undefined) level.first = order.behind;
    else order.ahead.behind = order.behind;
    if (order.behind === undefined) level.last = order.ahead;
    else order.behind.ahead = order.ahead;
    order.level = undefined;
    order.ahead = undefined;
    order.behind = undefined;
    if (level.first !== undefined) return;
    const levels = this.#side(order.side);
    levels.splice(this.#place(levels, order.side, level.price), 1);
  }

  #side(side: Side): Level<O>[] {
    return side === "BUY" ? this.#bids : this.#asks;
  }

  /** Where the level of this price stands, or would stand: the first index whose price is as good or better. */
  #place(levels: readonly Level<O>[], side: Side, price: Fixed): number {
    let low = 0;
    let high = levels.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = (levels[middle] as Level<O>).price;
      if (side === "BUY" ? found >= price : found <= price) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** The other side. */
export function opposite(side: Side): Side {
  return side === "BUY" ? "SELL" : "BUY";
}

/** Would an order that buys (sells) at `limit` or better trade with one resting at `price`? */
export function reaches(side: Side, limit: Fixed, price: Fixed): boolean {
  return side === "BUY" ? price <= limit : price >= limit;
}

/**
 * Reduce-only orders: they never enlarge a position and never turn it. Pure.
 *
 * - A fill takes no more than the position has; what is left of the order then expires with reason 4.
 * - Resting ones are ranked as the book ranks them, best price first, then oldest. One whose betters already cover the
 *   whole position has nothing to reduce and is displaced: it expires with reason 4 (documented as a reason; that
 *   ranking decides is *assumed*).
 */
import { abs, type Fixed, min } from "../../kernel/decimal.ts";
import type { Side } from "../../protocol/enumerations.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Holding, Order } from "../exchange/records.ts";
import { end } from "./order-life.ts";

/** The side that makes the position smaller; `undefined` when it is flat. */
export function closingSide(holding: Holding): Side | undefined {
  const { amount } = holding.position;
  return amount === 0n ? undefined : amount > 0n ? "SELL" : "BUY";
}

/** How much of the order may trade now. */
export function tradable(order: Order): Fixed {
  const left = order.quantity - order.filled;
  return order.reduceOnly ? reducible(order.side, left, order.holding.position.amount) : left;
}

/** How much of `left` makes a position of `amount` smaller. */
export function reducible(side: Side, left: Fixed, amount: Fixed): Fixed {
  const reduces = side === "SELL" ? amount > 0n : amount < 0n;
  return reduces ? min(left, abs(amount)) : 0n;
}

/** How much of the position resting reduce-only orders of better or equal rank than `price` already cover. */
export function coveredBetterThan(holding: Holding, side: Side, price: Fixed): Fixed {
  let covered = 0n;
  for (const order of holding.reduceOnly) {
    if (order.side === side && !isWorse(side, order.price, price)) covered += order.quantity - order.filled;
  }
  return covered;
}

/** Ends the resting reduce-only orders that have nothing left to reduce. Called after each change of position. */
export function displaceReduceOnly(floor: Floor, holding: Holding): void {
  if (holding.reduceOnly.size === 0) return;
  const side = closingSide(holding);
  const size = abs(holding.position.amount);
  let covered = 0n;
  for (const order of [...holding.reduceOnly].sort(byRank)) {
    if (order.side !== side || covered >= size) end(floor, order, "EXPIRED", "4");
    else covered += order.quantity - order.filled;
  }
}

function byRank(a: Order, b: Order): number {
  if (a.side !== b.side) return a.side === "BUY" ? -1 : 1;
  if (a.price !== b.price) return isWorse(a.side, a.price, b.price) ? 1 : -1;
  // The set keeps them in the order in which they came into the book; being amended is coming anew.
  return 0;
}

function isWorse(side: Side, price: Fixed, than: Fixed): boolean {
  return side === "BUY" ? price < than : price > than;
}

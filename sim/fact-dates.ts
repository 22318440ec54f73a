/**
 * L3 at every step, certain or not: over what events told a program nothing older wins, and no order goes back. Pure.
 */
import type { AccountView } from "../src/account/account-view.ts";
import { isEnded } from "../src/account/facts.ts";
import { compareAmounts } from "../src/kernel/digits.ts";
import { assert } from "../src/kernel/errors.ts";
import type { Decimal, Id64 } from "../src/kernel/scalars.ts";
import type { AccountUpdate } from "../src/protocol/events/account-update.ts";
import type { OrderTradeUpdate } from "../src/protocol/events/order-trade-update.ts";

/** Orders that are watched at a time: the newest that were told of. */
const ORDERS_MAX = 200;

interface ToldPosition {
  readonly symbol: string;
  readonly side: AccountUpdate["a"]["P"][number]["ps"];
  readonly T: number;
}

interface ToldOrder {
  readonly symbol: string;
  readonly id: Id64;
  readonly executed: Decimal;
  readonly hasEnded: boolean;
}

/** Watches one life of a program. */
export class FactDates {
  /** The newest `T` that an event told of each. */
  readonly #balances = new Map<string, number>();
  readonly #positions = new Map<string, ToldPosition>();
  /** The furthest that was told of each. */
  readonly #orders = new Map<string, ToldOrder>();

  /** An event of balances and positions was told; `view` shows it. @throws {InvariantViolation} */
  toldAccount({ T, a }: AccountUpdate, view: AccountView): void {
    for (const { a: asset } of a.B) {
      const newest = Math.max(T, this.#balances.get(asset) ?? 0);
      this.#balances.set(asset, newest);
      assertBalance(view, asset, newest);
    }
    for (const { s: symbol, ps: side } of a.P) {
      const key = `${symbol} ${side}`;
      const newest = { symbol, side, T: Math.max(T, this.#positions.get(key)?.T ?? 0) };
      this.#positions.set(key, newest);
      assertPosition(view, newest);
    }
  }

  /** An event of an order was told; `view` shows it. @throws {InvariantViolation} */
  toldOrder({ o }: OrderTradeUpdate, view: AccountView): void {
    const key = `${o.s} ${o.i}`;
    const before = this.#orders.get(key);
    const executed = before !== undefined && compareAmounts(before.executed, o.z) > 0 ? before.executed : o.z;
    const order = { symbol: o.s, id: o.i, executed, hasEnded: before?.hasEnded === true || isEnded(o.X) };
    this.#orders.delete(key);
    this.#orders.set(key, order);
    const [oldest] = this.#orders.keys();
    if (this.#orders.size > ORDERS_MAX && oldest !== undefined) this.#orders.delete(oldest);
    assertOrder(view, order);
  }

  /** REST was believed. @throws {InvariantViolation} */
  learned(view: AccountView): void {
    for (const [asset, T] of this.#balances) assertBalance(view, asset, T);
    for (const position of this.#positions.values()) assertPosition(view, position);
    for (const order of this.#orders.values()) assertOrder(view, order);
  }
}

function assertBalance(view: AccountView, asset: string, T: number): void {
  const at = view.balance(asset)?.at ?? 0;
  assert(at >= T, `L3 the wallet of ${asset} is one of ${at}, though an event has told that of ${T}`);
}

function assertPosition(view: AccountView, { symbol, side, T }: ToldPosition): void {
  const at = view.position(symbol, side)?.at ?? 0;
  assert(at >= T, `L3 the position ${symbol} ${side} is one of ${at}, though an event has told that of ${T}`);
}

function assertOrder(view: AccountView, { symbol, id, executed, hasEnded }: ToldOrder): void {
  const known = view.order(symbol, id);
  if (known === undefined) return;
  assert(!hasEnded || isEnded(known.status), `L3 the order ${symbol} ${id} has ended, and is ${known.status} again`);
  const isLess = compareAmounts(known.executed, executed) < 0;
  assert(!isLess, `L3 of the order ${symbol} ${id} ${executed} was filled, and is ${known.executed} again`);
}

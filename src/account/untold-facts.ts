/** What the mirror knows more of than was told: the last word that was told of it. Pure. */
import type { KnownEvent } from "../protocol/user-data-event.ts";
import type { AccountView } from "./account-view.ts";
import { type ConditionalOrder, type Order, orderKey } from "./facts.ts";

/**
 * Orders by `orderKey`, conditional orders by algo id, as they were told last; `undefined`: nothing was. It outlives a
 * certificate: what REST knew and the stream had yet to tell may be lost with the next line.
 */
export interface UntoldFacts {
  readonly orders: Map<string, Order | undefined>;
  readonly conditionals: Map<string, ConditionalOrder | undefined>;
}

/** A copy, which goes its own way; of nothing when there is none. */
export function copyUntold(from?: UntoldFacts): UntoldFacts {
  return { orders: new Map(from?.orders), conditionals: new Map(from?.conditionals) };
}

/** Everything was told. */
export function forgetUntold({ orders, conditionals }: UntoldFacts): void {
  orders.clear();
  conditionals.clear();
}

/** Keeps what was told before an event that comes early: repair still has to tell what went before it. */
export function keepBefore({ orders, conditionals }: UntoldFacts, event: KnownEvent, view: AccountView): void {
  if (event.e === "ORDER_TRADE_UPDATE") {
    const { s, i } = event.o;
    const key = orderKey(s, i);
    if (!orders.has(key)) orders.set(key, view.order(s, i));
  } else if (event.e === "ALGO_UPDATE") {
    const { aid } = event.o;
    if (!conditionals.has(aid)) conditionals.set(aid, view.conditionalOrder(aid));
  }
}

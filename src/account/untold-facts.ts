/** What the mirror knows more of than was told: the last word that was told of it. Pure. */
import type { KnownEvent, UserDataEvent } from "../protocol/user-data-event.ts";
import type { AccountView } from "./account-view.ts";
import { isSameBalance, isSamePosition, toldBalance, toldPosition } from "./apply-account-update.ts";
import {
  type Balance,
  type ConditionalOrder,
  type FactSource,
  type Order,
  orderKey,
  type Position,
  positionKey,
} from "./facts.ts";
import type { RepairedEvent } from "./repaired-events.ts";

/**
 * Orders by `orderKey`, conditional orders by algo id, balances by asset, positions by `positionKey`, as they were told
 * last; `undefined`: nothing was. It outlives a certificate: what REST knew and the stream had yet to tell may be lost
 * with the next line.
 */
export interface UntoldFacts {
  readonly orders: Map<string, Order | undefined>;
  readonly conditionals: Map<string, ConditionalOrder | undefined>;
  readonly balances: Map<string, Balance | undefined>;
  readonly positions: Map<string, Position | undefined>;
}

/** A copy, which goes its own way; of nothing when there is none. */
export function copyUntold(from?: UntoldFacts): UntoldFacts {
  return {
    orders: new Map(from?.orders),
    conditionals: new Map(from?.conditionals),
    balances: new Map(from?.balances),
    positions: new Map(from?.positions),
  };
}

/** Everything was told. */
export function forgetUntold({ orders, conditionals, balances, positions }: UntoldFacts): void {
  for (const facts of [orders, conditionals, balances, positions]) facts.clear();
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

/** Keeps what was told of wallets and positions when REST has taught more of them. */
export function keepHoldings({ balances, positions }: UntoldFacts, told: AccountView, learned: AccountView): void {
  keepOther(balances, told.balances, learned.balances, isSameBalance);
  keepOther(positions, told.positions, learned.positions, isSamePosition);
}

function keepOther<F>(
  untold: Map<string, F | undefined>,
  told: ReadonlyMap<string, F>,
  learned: ReadonlyMap<string, F>,
  isSame: (a: F, b: F) => boolean,
): void {
  for (const [key, fact] of learned) {
    const before = told.get(key);
    if (before === fact || untold.has(key)) continue;
    if (before === undefined || !isSame(before, fact)) untold.set(key, before);
  }
}

/** An event was told of wallets and positions, and the mirror knows it: nothing is untold where it says the same. */
export function noteHoldings(
  { balances, positions }: UntoldFacts,
  event: UserDataEvent | RepairedEvent,
  mirror: { readonly view: AccountView },
  source: FactSource,
): void {
  // Mostly there are none: no view is made for nothing.
  if (balances.size + positions.size === 0 || event.e !== "ACCOUNT_UPDATE") return;
  const { view } = mirror;
  const { T, a } = event as Extract<RepairedEvent, { e: "ACCOUNT_UPDATE" }>;
  for (const row of a.B) {
    const known = view.balance(row.a);
    const told = T === undefined ? undefined : toldBalance(row, T, source);
    if (!balances.has(row.a) || told === undefined) continue;
    if (known !== undefined && isSameBalance(known, told)) balances.delete(row.a);
    else balances.set(row.a, told);
  }
  for (const row of a.P) {
    const key = positionKey(row.s, row.ps);
    const known = view.positions.get(key);
    const told = T === undefined ? undefined : toldPosition(row, T, source, known);
    if (!positions.has(key) || told === undefined) continue;
    if (known !== undefined && isSamePosition(known, told)) positions.delete(key);
    else positions.set(key, told);
  }
}

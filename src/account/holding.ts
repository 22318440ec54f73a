/** Facts that were known before, put back into a mirror. Pure. */
import type { Id64 } from "../kernel/scalars.ts";
import { AccountState, NO_GROUP } from "./account-state.ts";
import type { AccountView } from "./account-view.ts";
import { type Fact, isConditionalEnded, isEnded } from "./facts.ts";
import { Mirror } from "./mirror.ts";

/** What a mirror held: all that a view shows, but for the date, which follows from the rest. */
export interface HeldFacts
  extends Pick<
    AccountView,
    | "balances"
    | "positions"
    | "openOrders"
    | "finishedOrders"
    | "conditionalOrders"
    | "finishedConditionalOrders"
    | "leverage"
    | "marginType"
    | "hedgeMode"
    | "multiAssetsMode"
    | "strategies"
    | "finishedStrategies"
  > {
  /** Symbol → newest trade id told. Absent: none is known. */
  readonly lastTradeIds?: ReadonlyMap<string, Id64>;
}

/** A mirror that holds what another one held. What is kept in order keeps its order. */
export function mirrorHolding(held: HeldFacts): Mirror {
  const state = new AccountState();
  for (const [key, fact] of held.balances) state.balances.set(key, dated(state, fact));
  for (const [key, fact] of held.positions) state.positions.set(key, dated(state, fact));
  for (const [key, fact] of held.leverage) state.leverages.set(key, dated(state, fact));
  for (const [key, fact] of held.marginType) state.marginTypes.set(key, dated(state, fact));
  if (held.hedgeMode !== undefined) state.hedgeMode.set("", dated(state, held.hedgeMode));
  if (held.multiAssetsMode !== undefined) state.multiAssetsMode.set("", dated(state, held.multiAssetsMode));
  for (const order of [...held.openOrders.values(), ...held.finishedOrders.values()]) {
    state.orders.put(order.symbol, order.orderId, dated(state, order), isEnded(order.status));
  }
  for (const order of [...held.conditionalOrders.values(), ...held.finishedConditionalOrders.values()]) {
    state.conditionals.put(NO_GROUP, order.algoId, dated(state, order), isConditionalEnded(order.status));
  }
  for (const strategy of held.strategies.values()) {
    state.strategies.put(NO_GROUP, strategy.strategyId, dated(state, strategy), false);
  }
  for (const strategy of held.finishedStrategies.values()) {
    state.strategies.put(NO_GROUP, strategy.strategyId, dated(state, strategy), true);
  }
  for (const [symbol, id] of held.lastTradeIds ?? []) state.lastTradeIds.set(symbol, id);
  return new Mirror(state);
}

function dated<F extends Fact>(state: AccountState, fact: F): F {
  if (fact.at > state.asOf) state.asOf = fact.at;
  state.version++;
  return fact;
}

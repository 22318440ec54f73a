/** What an account held at one moment, as far as is known. Immutable, and cheap: nothing is copied for it. Pure. */
import { isZero } from "../kernel/digits.ts";
import type { Id64, TransactMs } from "../kernel/scalars.ts";
import type { AccountState } from "./account-state.ts";
import {
  type Balance,
  type ConditionalOrder,
  type HedgeMode,
  type Leverage,
  type MarginType,
  type MultiAssetsMode,
  type Order,
  orderKey,
  type Position,
  type PositionSide,
  positionKey,
  type Strategy,
} from "./facts.ts";

/**
 * `stream.account`: what the account holds, each fact with its date and who said so. A view never changes; take a new
 * one to see news. Maps are in the order in which their keys were first told.
 *
 * @example
 * ```ts
 * const { account } = stream;
 * account.balance("USDT")?.wallet;                  // "1024.5"
 * account.position("BTCUSDT")?.amount;              // "-0.3" in one-way mode
 * account.position("BTCUSDT", "LONG")?.amount;      // in hedge mode
 * [...account.openOrders.values()].filter(({ symbol }) => symbol === "BTCUSDT");
 * ```
 */
export class AccountView {
  /** Date of the newest fact, by the exchange's clock; `undefined` when none has a date. */
  readonly asOf: TransactMs | undefined;
  /** Wallets by asset. An asset that was never told of is not there. */
  readonly balances: ReadonlyMap<string, Balance>;
  /** Positions by `"BTCUSDT/LONG"` (`"…/BOTH"` in one-way mode), flat ones too. See {@link AccountView.held}. */
  readonly positions: ReadonlyMap<string, Position>;
  /** Open orders by `"BTCUSDT/8389765489680951453"`. Those of the matching engine only. */
  readonly openOrders: ReadonlyMap<string, Order>;
  /** Ended orders by the same keys, the first to end first: the newest `FINISHED_ORDERS_MAX` that were told. */
  readonly finishedOrders: ReadonlyMap<string, Order>;
  /** Conditional orders that wait, or have triggered and are not finished, by algo id. */
  readonly conditionalOrders: ReadonlyMap<string, ConditionalOrder>;
  /** Ended conditional orders by algo id, the first to end first: the newest `FINISHED_ORDERS_MAX` that were told. */
  readonly finishedConditionalOrders: ReadonlyMap<string, ConditionalOrder>;
  /** Leverage by symbol; only symbols it was told of. */
  readonly leverage: ReadonlyMap<string, Leverage>;
  /** Margin type by symbol; only symbols it was told of. */
  readonly marginType: ReadonlyMap<string, MarginType>;
  /** Hedge mode or one-way mode; `undefined` until told. */
  readonly hedgeMode: HedgeMode | undefined;
  /** Multi-Assets mode or single-asset mode; `undefined` until told. */
  readonly multiAssetsMode: MultiAssetsMode | undefined;
  /** Strategies that are new or working, by id. */
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Ended strategies by id, the first to end first: the newest `FINISHED_STRATEGIES_MAX` that were told. */
  readonly finishedStrategies: ReadonlyMap<string, Strategy>;

  constructor(state: AccountState) {
    this.asOf = state.asOf === 0 ? undefined : state.asOf;
    this.balances = state.balances.freeze();
    this.positions = state.positions.freeze();
    this.openOrders = state.orders.open();
    this.finishedOrders = state.orders.ended();
    this.conditionalOrders = state.conditionals.open();
    this.finishedConditionalOrders = state.conditionals.ended();
    this.leverage = state.leverages.freeze();
    this.marginType = state.marginTypes.freeze();
    this.hedgeMode = state.hedgeMode.get("");
    this.multiAssetsMode = state.multiAssetsMode.get("");
    this.strategies = state.strategies.open();
    this.finishedStrategies = state.strategies.ended();
  }

  /** The wallet of an asset; `undefined` when it was never told of. */
  balance(asset: string): Balance | undefined {
    return this.balances.get(asset);
  }

  /** The position of a symbol, flat or not; `undefined` when it was never told of. */
  position(symbol: string, side: PositionSide = "BOTH"): Position | undefined {
    return this.positions.get(positionKey(symbol, side));
  }

  /** The positions that are not flat. */
  held(): Position[] {
    return [...this.positions.values()].filter(({ amount }) => !isZero(amount));
  }

  /** An order, open or ended; `undefined` when it was never told of, or is forgotten. */
  order(symbol: string, orderId: Id64): Order | undefined {
    const key = orderKey(symbol, orderId);
    return this.openOrders.get(key) ?? this.finishedOrders.get(key);
  }

  /** A conditional order, open or ended; `undefined` when it was never told of, or is forgotten. */
  conditionalOrder(algoId: Id64): ConditionalOrder | undefined {
    return this.conditionalOrders.get(algoId) ?? this.finishedConditionalOrders.get(algoId);
  }
}

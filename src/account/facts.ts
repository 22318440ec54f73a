/**
 * What the mirror knows, fact by fact, in readable names. Pure data, never changed once made.
 *
 * Amounts are exact decimals as the exchange spelled them (the stream trims zeros, REST pads them), ids are strings.
 * Every fact says when it was true by the exchange's clock, and who said so: see {@link Fact}.
 */
import type { Decimal, Id64, TransactMs } from "../kernel/scalars.ts";
import type { AccountUpdate } from "../protocol/events/account-update.ts";
import type { AlgoUpdate } from "../protocol/events/algo-update.ts";
import type { OrderTradeUpdate } from "../protocol/events/order-trade-update.ts";
import type { StrategyUpdate } from "../protocol/events/strategy-update.ts";
import type { Order as OrderReply } from "../protocol/rest/orders.ts";

/**
 * Who said so: an event of the stream, a REST answer when the stream was first followed, or the repair of a gap (by
 * REST answers, or by the events it told of them).
 */
export type FactSource = "stream" | "snapshot" | "repair";

/** What every fact says of itself. */
export interface Fact {
  /**
   * Since when the fact is true, as far as is known: an event's `T`, or the `updateTime` of a REST answer (*assumed* to
   * be comparable with `T`; no document says so). 0 when the exchange gave no date.
   */
  readonly at: TransactMs;
  /** Who said so. */
  readonly source: FactSource;
}

/** One asset's wallet. */
export interface Balance extends Fact {
  /** Asset: `"USDT"`. `a` of the event, `asset` of REST. */
  readonly asset: string;
  /** Money in the wallet, without unrealised profit, in the asset; can be below 0. `wb`, `walletBalance`, `balance`. */
  readonly wallet: Decimal;
  /** The wallet less what isolated positions hold. `cw`, `crossWalletBalance`. */
  readonly crossWallet: Decimal;
}

/** Which position of a symbol: `BOTH` in one-way mode, `LONG` and `SHORT` in hedge mode. */
export type PositionSide = AccountUpdate["a"]["P"][number]["ps"];

/**
 * One position. Flat ones stay, with amount 0: their date refuses older news. In hedge mode a symbol can have an empty
 * `BOTH` beside `LONG` and `SHORT`.
 */
export interface Position extends Fact {
  /** Symbol. */
  readonly symbol: string;
  /** Side; `BOTH` in one-way mode. */
  readonly side: PositionSide;
  /** Base asset, signed: negative is short, in hedge mode too; 0 when flat. `pa`, `positionAmt`. */
  readonly amount: Decimal;
  /** Average entry price, quote per base; 0 when flat. `ep`, `entryPrice`. */
  readonly entryPrice: Decimal;
  /** Price at which closing costs and brings nothing, fees included; 0 when flat. `undefined`: not told (`bep`). */
  readonly breakEvenPrice: Decimal | undefined;
  /** Margin set apart for it, in the margin asset; 0 for cross margin. `iw`, `isolatedWallet`. */
  readonly isolatedWallet: Decimal;
  /**
   * Profit realised on this symbol and side ever, before fees, in the margin asset; not reset when flat (`cr`).
   * `undefined` when the newest word is REST's, which does not say it.
   */
  readonly realizedProfit: Decimal | undefined;
  /** Unrealised profit at the mark price of the moment it was told. It moves with the mark price, unlike the rest. */
  readonly unrealizedProfit: Decimal;
  /** What profit is paid in. `ma` (undocumented), `marginAsset`. `undefined` when it was never told. */
  readonly marginAsset: string | undefined;
}

/** One fill of an order. */
export interface Fill {
  /** Trade id, unique within its symbol only. `t`. */
  readonly tradeId: Id64;
  /** Quote per base. `L`. */
  readonly price: Decimal;
  /** Base asset. `l`. */
  readonly quantity: Decimal;
  /** Was it the maker's side? `m`. */
  readonly isMaker: boolean;
  /** In {@link commissionAsset}; positive when charged. `undefined` without commission. `n`. */
  readonly commission: Decimal | undefined;
  /** `undefined` without commission. `N`. */
  readonly commissionAsset: string | undefined;
  /** Realised by this fill, before commission, in the margin asset. `rp`. */
  readonly realizedProfit: Decimal;
  /** When. */
  readonly at: TransactMs;
}

type OrderUpdate = OrderTradeUpdate["o"];

/** One order of the matching engine, open or ended. */
export interface Order extends Fact {
  /** Symbol. */
  readonly symbol: string;
  /** Unique within its symbol only; may lie beyond 2^53. `i`, `orderId`. */
  readonly orderId: Id64;
  /** Chosen by the client, or made up by the exchange: `autoclose-…` is a liquidation. `c`. */
  readonly clientOrderId: string;
  /** Side. `S`. */
  readonly side: OrderUpdate["S"];
  /** Which position it works on. `ps`. */
  readonly positionSide: OrderUpdate["ps"];
  /** Type now. `o`. */
  readonly type: OrderUpdate["o"];
  /** Type as placed. `ot`, `origType`. */
  readonly originalType: OrderUpdate["ot"];
  /** Time in force. `f`. */
  readonly timeInForce: OrderUpdate["f"];
  /** `NEW` and `PARTIALLY_FILLED` are open, and so is a status nobody knows; the others have ended. `X`. */
  readonly status: OrderReply["status"];
  /** As placed or last amended, base asset. `q`, `origQty`. */
  readonly quantity: Decimal;
  /** Quote per base; 0 for market orders. `p`. */
  readonly price: Decimal;
  /** 0 when there is none. `sp`. */
  readonly stopPrice: Decimal;
  /** Filled so far, base asset. `z`, `executedQty`. */
  readonly executed: Decimal;
  /** Average price of what is filled; 0 before the first fill. `ap`, `avgPrice`. */
  readonly averagePrice: Decimal;
  /** Reduce-only. `R`. */
  readonly isReduceOnly: boolean;
  /** Closes the whole position. `cp`; `false` when not told. */
  readonly closesPosition: boolean;
  /** When the exchange cancels a GTD order, in milliseconds; 0 otherwise. `gtd`. */
  readonly goodTillDate: number;
  /** Price match; `NONE` when it names its own price. `pm`. */
  readonly priceMatch: string;
  /** Self-trade prevention in force. `undefined`: not told. `V`. */
  readonly selfTradePrevention: string | undefined;
  /** The conditional order it was born of (`si` of events, *seen*); `undefined` if none, or known from REST only. */
  readonly algoId: Id64 | undefined;
  /** Why it expired, `"1"` to `"9"` (`er`); `undefined` when it did not, or is known from REST only. */
  readonly expiryReason: string | undefined;
  /** The newest of its fills that was told; `undefined` when none was. */
  readonly lastFill: Fill | undefined;
  /** When it was accepted: `T` of its `NEW`, or `time` of REST. `undefined`: not told. */
  readonly createdAt: TransactMs | undefined;
}

type AlgoOrderUpdate = AlgoUpdate["o"];

/** One conditional order of the algo service: it waits for its price, then places an order. */
export interface ConditionalOrder extends Fact {
  /** `aid`, `algoId`. */
  readonly algoId: Id64;
  /** Chosen by the client, or made up; the client order id of the order it places. `caid`. */
  readonly clientAlgoId: string;
  /** Symbol. */
  readonly symbol: string;
  /** Side. */
  readonly side: AlgoOrderUpdate["S"];
  /** Which position it works on. */
  readonly positionSide: AlgoOrderUpdate["ps"];
  /** Type. `o`, `orderType`. */
  readonly type: AlgoOrderUpdate["o"];
  /** Time in force. */
  readonly timeInForce: AlgoOrderUpdate["f"];
  /** `NEW` waits; then `TRIGGERING`, `TRIGGERED`; `FINISHED`, `CANCELED`, `REJECTED`, `EXPIRED` have ended. `X`. */
  readonly status: AlgoOrderUpdate["X"];
  /** Base asset; 0 when it closes the whole position. `q`. */
  readonly quantity: Decimal;
  /** Price at which it triggers. `tp`. */
  readonly triggerPrice: Decimal;
  /** Limit price; 0 for the market kinds. `p`. */
  readonly price: Decimal;
  /** Which price triggers it. `wt`. */
  readonly workingType: AlgoOrderUpdate["wt"];
  /** Reduce-only. `R`. */
  readonly isReduceOnly: boolean;
  /** Closes the whole position. `cp`. */
  readonly closesPosition: boolean;
  /** Does not trigger while mark and last price lie far apart. `pP`. */
  readonly isPriceProtected: boolean;
  /** Price match; `NONE` when it names its own price. `pm`. */
  readonly priceMatch: string;
  /** Self-trade prevention. `V`. */
  readonly selfTradePrevention: string;
  /** When the exchange cancels a GTD order, in milliseconds; 0 otherwise. `gtd`. */
  readonly goodTillDate: number;
  /** When it triggered, in milliseconds; 0 before. `tt`. */
  readonly triggeredAt: number;
  /** Trailing stops: was the activation price reached? `ia`; `undefined`: not told (REST never tells). */
  readonly isActivated: boolean | undefined;
  /** The order it placed; `undefined` before. `ai`, `actualOrderId`. */
  readonly orderId: Id64 | undefined;
  /** That order's average fill price. `undefined`: not told. `ap`, `actualPrice`. */
  readonly averagePrice: Decimal | undefined;
  /** What of that order was filled, base asset. `undefined`: not told. `aq`, `actualQty`. */
  readonly executed: Decimal | undefined;
  /** Why it failed, in the exchange's words; `undefined` when it did not. `rm`. */
  readonly failure: string | undefined;
  /** When it was placed: `T` of its first `NEW`, or `createTime` of REST. `undefined`: not told. */
  readonly createdAt: TransactMs | undefined;
}

/** One setting. */
export interface Setting<T> extends Fact {
  /** What it is set to. */
  readonly value: T;
}

/** Leverage of one symbol: a whole number, 1 to 125. `ac.l`, `leverage`. */
export interface Leverage extends Setting<number> {
  /** Symbol. */
  readonly symbol: string;
}

/** Margin type of one symbol. In small letters, whatever the case on the wire (`mt`: `cross`; REST: `CROSSED`). */
export interface MarginType extends Setting<"cross" | "isolated"> {
  /** Symbol. */
  readonly symbol: string;
}

/**
 * Position mode: `true` is hedge mode. No event tells of it, but each order that is accepted was placed in one mode:
 * with source `stream` it was read from the position side of such an order.
 */
export interface HedgeMode extends Setting<boolean> {}

/** Multi-Assets mode: all assets together are margin. `ai.j`, `multiAssetsMargin`. */
export interface MultiAssetsMode extends Setting<boolean> {}

/** A strategy's standing. The exchange offers grids. Known from events only: no REST call lists strategies. */
export interface Strategy extends Fact {
  /** `si`. */
  readonly strategyId: Id64;
  /** `GRID`. `st`. */
  readonly type: string;
  /** Symbol. */
  readonly symbol: string;
  /** `NEW`, `WORKING`, or ended: `CANCELLED`, `EXPIRED`. `ss`. */
  readonly status: StrategyUpdate["su"]["ss"];
  /** The newest operation, see `STRATEGY_OP_CODES`; `undefined` when none was told. */
  readonly operation: StrategyOperation | undefined;
  /** What the grid has earned; `undefined` until `GRID_UPDATE` tells it. */
  readonly grid: GridResult | undefined;
}

/** What was done to a strategy. */
export interface StrategyOperation extends Fact {
  /** 8001 to 8015. `c`. */
  readonly code: number;
}

/** What a grid has earned. */
export interface GridResult extends Fact {
  /** Realised profit, quote asset. `r`. */
  readonly realizedProfit: Decimal;
  /** Profit of what is matched. `mp`. */
  readonly matchedProfit: Decimal;
  /** Average price of what is not matched. `up`. */
  readonly unmatchedPrice: Decimal;
  /** Quantity that is not matched, signed. `uq`. */
  readonly unmatchedQuantity: Decimal;
  /** Fee of what is not matched. `uf`. */
  readonly unmatchedFee: Decimal;
}

/** All kinds of facts, by the name that changes and findings give them. */
export interface Facts {
  /** By asset. */
  readonly balance: Balance;
  /** By {@link positionKey}. */
  readonly position: Position;
  /** By {@link orderKey}. */
  readonly order: Order;
  /** By algo id. */
  readonly "conditional-order": ConditionalOrder;
  /** By symbol. */
  readonly leverage: Leverage;
  /** By symbol. */
  readonly "margin-type": MarginType;
  /** One, under the key `""`. */
  readonly "hedge-mode": HedgeMode;
  /** One, under the key `""`. */
  readonly "multi-assets-mode": MultiAssetsMode;
  /** By strategy id. */
  readonly strategy: Strategy;
}

/** The name of a kind of fact. */
export type FactKind = keyof Facts;

/** `"BTCUSDT/LONG"`: in hedge mode one symbol has several positions. */
export function positionKey(symbol: string, side: PositionSide): string {
  return `${symbol}/${side}`;
}

/** `"BTCUSDT/8389765489680951453"`: order ids are unique within their symbol only. */
export function orderKey(symbol: string, orderId: Id64): string {
  return `${symbol}/${orderId}`;
}

/** Has an order with this status ended? One with a status nobody knows has not. */
export function isEnded(status: Order["status"]): boolean {
  switch (status) {
    case "FILLED":
    case "CANCELED":
    case "REJECTED":
    case "EXPIRED":
    case "EXPIRED_IN_MATCH":
      return true;
    default:
      return false;
  }
}

/** Has a conditional order with this status ended? One with a status nobody knows has not. */
export function isConditionalEnded(status: ConditionalOrder["status"]): boolean {
  return status === "FINISHED" || status === "CANCELED" || status === "REJECTED" || status === "EXPIRED";
}

/** The record of a conditional order: what waits in the algo service for a price. Mutable, known only here. Pure. */
import type { Fixed } from "../kernel/decimal.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { Account, Holding, Market, Order } from "./records.ts";
import type { PositionSide, PriceMatch, SelfTradePrevention, Side, TimeInForce } from "./views.ts";

/** What a conditional order becomes, and when. */
export type ConditionalType = "STOP" | "STOP_MARKET" | "TAKE_PROFIT" | "TAKE_PROFIT_MARKET" | "TRAILING_STOP_MARKET";

/** Which price triggers: that of the last trade, or the mark price. */
export type WorkingType = "CONTRACT_PRICE" | "MARK_PRICE";

/** Where a conditional order stands in its life. Only `NEW` waits; `TRIGGERING` and `TRIGGERED` have not ended. */
export type ConditionalStatus = "NEW" | "CANCELED" | "TRIGGERING" | "TRIGGERED" | "FINISHED" | "REJECTED" | "EXPIRED";

/** What a trailing stop follows. */
export interface Trail {
  /** 0 when none was sent: it is active from the start. */
  readonly activatePrice: Fixed;
  /** Percent. */
  readonly callbackRate: Fixed;
  isActive: boolean;
  /** The best price since it became active: lowest for a buy, highest for a sell. */
  extreme: Fixed;
}

/** One conditional order, from acceptance on. */
export interface ConditionalOrder {
  readonly id: bigint;
  readonly clientId: string;
  readonly account: Account;
  readonly market: Market;
  readonly holding: Holding;
  readonly type: ConditionalType;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly timeInForce: TimeInForce;
  /** 0 when it closes the position. */
  readonly quantity: Fixed;
  /** 0 for market kinds and for those that take over a price. */
  readonly price: Fixed;
  /** 0 for trailing stops. */
  readonly triggerPrice: Fixed;
  readonly trail: Trail | undefined;
  readonly workingType: WorkingType;
  readonly priceMatch: PriceMatch;
  readonly selfTradePrevention: SelfTradePrevention;
  readonly closePosition: boolean;
  readonly priceProtect: boolean;
  readonly reduceOnly: boolean;
  readonly goodTillDate: number;
  readonly createTime: TransactMs;
  status: ConditionalStatus;
  updateTime: TransactMs;
  /** 0 before the trigger. */
  triggerTime: number;
  /** The order in the book; `undefined` before the trigger. */
  order: Order | undefined;
}

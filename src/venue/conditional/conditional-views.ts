/** What the exchange shows of conditional orders: plain copies, as in views.ts. Pure. */
import type { Fixed } from "../../kernel/decimal.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import type {
  AlgoStatus,
  ConditionalType,
  PositionSide,
  PriceMatch,
  SelfTradePrevention,
  Side,
  TimeInForce,
  WorkingType,
} from "../../protocol/enumerations.ts";
import type { OrderView } from "../exchange/views.ts";

/** One conditional order of an account. */
export interface ConditionalView {
  /** Unique over all symbols; below 2^53 as in production. */
  readonly algoId: Id64;
  readonly clientAlgoId: string;
  readonly orderType: ConditionalType;
  readonly symbol: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly timeInForce: TimeInForce;
  /** 0 when it closes the position. */
  readonly quantity: Fixed;
  readonly algoStatus: AlgoStatus;
  /** The order in the book; `undefined` before the trigger, and when the book refused it. */
  readonly order: OrderView | undefined;
  /** 0 for trailing stops. */
  readonly triggerPrice: Fixed;
  /** 0 for market kinds and price matches. */
  readonly price: Fixed;
  readonly selfTradePreventionMode: SelfTradePrevention;
  readonly workingType: WorkingType;
  readonly priceMatch: PriceMatch;
  readonly closePosition: boolean;
  readonly priceProtect: boolean;
  readonly reduceOnly: boolean;
  /** Trailing stops only; `activatePrice` is 0 when none was sent. */
  readonly trail: { readonly activatePrice: Fixed; readonly callbackRate: Fixed } | undefined;
  readonly createTime: TransactMs;
  readonly updateTime: TransactMs;
  /** 0 before the trigger. */
  readonly triggerTime: number;
  readonly goodTillDate: number;
}

/** The conditional order was accepted and waits. */
export interface ConditionalPlaced {
  readonly outcome: "placed";
  readonly order: ConditionalView;
}

/** Conditional orders were taken back; empty when there were none, which is no refusal. */
export interface ConditionalsCancelled {
  readonly outcome: "cancelled";
  readonly orders: readonly ConditionalView[];
}

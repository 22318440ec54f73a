/** What a client asks of the algo service, as it stands in its request. Nothing here is checked yet. Pure. */
import type { Id64 } from "../../kernel/scalars.ts";
import type { PageQuery } from "../exchange/paging.ts";

/**
 * A new conditional order as the client sent it: texts are the client's own spelling. A field that was not sent is
 * absent or `undefined`.
 */
export interface ConditionalRequest {
  /** `CONDITIONAL`. */
  readonly algoType: string;
  readonly symbol: string;
  readonly side: string;
  /** `STOP`, `STOP_MARKET`, `TAKE_PROFIT`, `TAKE_PROFIT_MARKET`, `TRAILING_STOP_MARKET`; others -1116. */
  readonly type: string;
  readonly positionSide?: string | undefined;
  /** `GTC` when absent; limit kinds take those of orders and `GTE_GTC`, market kinds `GTC` and `GTE_GTC`. */
  readonly timeInForce?: string | undefined;
  /** Needed unless it closes the position. */
  readonly quantity?: string | undefined;
  /** Limit kinds only. */
  readonly price?: string | undefined;
  /** Needed, but for trailing stops. */
  readonly triggerPrice?: string | undefined;
  /** `CONTRACT_PRICE` when absent, or `MARK_PRICE`. */
  readonly workingType?: string | undefined;
  readonly priceMatch?: string | undefined;
  /** `true`: `STOP_MARKET` and `TAKE_PROFIT_MARKET` only, without quantity and reduceOnly. */
  readonly closePosition?: string | undefined;
  readonly priceProtect?: string | undefined;
  readonly reduceOnly?: string | undefined;
  /** Trailing stops only; they are active at once without. */
  readonly activatePrice?: string | undefined;
  /** Trailing stops need it: percent, 0.1 to 20. */
  readonly callbackRate?: string | undefined;
  /** Unique among the account's conditional orders that have not ended; made up when absent. */
  readonly clientAlgoId?: string | undefined;
  readonly selfTradePreventionMode?: string | undefined;
  readonly goodTillDate?: string | undefined;
}

/** Which conditional order is meant. `algoId` wins when both are given; neither is -1102. */
export interface ConditionalReference {
  readonly algoId?: Id64 | undefined;
  readonly clientAlgoId?: string | undefined;
}

/** Which of the account's conditional orders to list; times are those of placing. */
export interface ConditionalsQuery extends PageQuery {
  readonly symbol: string;
  /** From this id on, this one included. */
  readonly algoId?: Id64 | undefined;
}

/** What a client asks for, as it stands in its request. Nothing here is checked yet: the core does, code by code. */
import type { Id64 } from "../../kernel/scalars.ts";

/**
 * A new order as the client sent it: texts are the client's own spelling. A field that was not sent is absent or
 * `undefined`; an empty text counts as sent and is refused.
 */
export interface OrderRequest {
  readonly symbol: string;
  /** `BUY` or `SELL`, else -1117. */
  readonly side: string;
  /** `LIMIT` or `MARKET`; conditional types give -4120, others -1116. */
  readonly type: string;
  /** `BOTH` when absent. */
  readonly positionSide?: string | undefined;
  /** `GTC`, `IOC`, `FOK`, `GTX`, `GTD`; required for LIMIT. */
  readonly timeInForce?: string | undefined;
  /** Base asset, digits as sent. */
  readonly quantity?: string | undefined;
  /** Quote per base, digits as sent; required for LIMIT unless a `priceMatch` is sent. */
  readonly price?: string | undefined;
  /** Takes the price from the book: `OPPONENT`, `OPPONENT_5`, `QUEUE`, `QUEUE_5`, `QUEUE_10`, `QUEUE_20`, or `NONE`. */
  readonly priceMatch?: string | undefined;
  /** Milliseconds as digits; required for GTD. */
  readonly goodTillDate?: string | undefined;
  /** `"true"` or `"false"`. */
  readonly reduceOnly?: string | undefined;
  /** Unique among the account's open orders of the symbol; made up by the exchange when absent. */
  readonly newClientOrderId?: string | undefined;
  /** `NONE`, `EXPIRE_TAKER`, `EXPIRE_MAKER`, `EXPIRE_BOTH`; `EXPIRE_MAKER` when absent. */
  readonly selfTradePreventionMode?: string | undefined;
  /** `"true"` is of conditional orders alone, and refused; so are the three below, whatever they say. */
  readonly closePosition?: string | undefined;
  readonly stopPrice?: string | undefined;
  readonly activationPrice?: string | undefined;
  readonly callbackRate?: string | undefined;
}

/** Which order is meant. `orderId` wins when both are given; neither is -1102. */
export interface OrderReference {
  readonly symbol: string;
  readonly orderId?: Id64 | undefined;
  readonly origClientOrderId?: string | undefined;
}

/** A new price and quantity for an order that rests. */
export interface AmendRequest extends OrderReference {
  /** That of the order; it never changes. */
  readonly side: string;
  /** Base asset, what was filled included; digits as sent. */
  readonly quantity?: string | undefined;
  /** Needed unless a `priceMatch` is sent. */
  readonly price?: string | undefined;
  /** As for new orders. */
  readonly priceMatch?: string | undefined;
  /** The client's own number of the amendment; comes back in the reply and in the event. */
  readonly modifyId?: number | undefined;
  /** `"true"` only checks that the order is reduce-only. */
  readonly reduceOnly?: string | undefined;
}

/** Which amendments of an order to list. */
export interface AmendmentsQuery extends OrderReference {
  /** Milliseconds; at or after. */
  readonly startTime?: number | undefined;
  /** Milliseconds; at or before. */
  readonly endTime?: number | undefined;
  /** 1 to 100; 50 when absent. */
  readonly limit?: number | undefined;
}

/** Which of the account's orders to list. */
export interface OrdersQuery {
  /** All symbols when absent. */
  readonly symbol?: string | undefined;
  /** From this id on, this one included; excludes nothing else. */
  readonly orderId?: Id64 | undefined;
  /** Milliseconds; placed at or after. */
  readonly startTime?: number | undefined;
  /** Milliseconds; placed at or before. */
  readonly endTime?: number | undefined;
  /** 1 to 1000; 500 when absent. */
  readonly limit?: number | undefined;
}

/** Which of the account's fills to list. */
export interface TradesQuery {
  readonly symbol: string;
  /** Only fills of this order. */
  readonly orderId?: Id64 | undefined;
  /** Milliseconds; at or after. */
  readonly startTime?: number | undefined;
  /** Milliseconds; at or before. */
  readonly endTime?: number | undefined;
  /** From this trade id on, this one included; not together with times (-1128). */
  readonly fromId?: Id64 | undefined;
  /** 1 to 1000; 500 when absent. */
  readonly limit?: number | undefined;
}

/** A new conditional order as the client sent it, as {@link OrderRequest}. */
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

/** Which of the account's conditional orders to list. */
export interface ConditionalsQuery {
  readonly symbol: string;
  /** From this id on, this one included. */
  readonly algoId?: Id64 | undefined;
  /** Milliseconds; placed at or after. */
  readonly startTime?: number | undefined;
  /** Milliseconds; placed at or before. */
  readonly endTime?: number | undefined;
  /** 1 to 1000; 500 when absent. */
  readonly limit?: number | undefined;
}

/** What a client asks for, as it stands in its request. Nothing here is checked yet: the core does, code by code. */
import type { Id64 } from "../../kernel/scalars.ts";
import type { PageQuery } from "../exchange/paging.ts";

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
export interface AmendmentsQuery extends OrderReference, PageQuery {}

/** Which of the account's orders to list; times are those of placing. */
export interface OrdersQuery extends PageQuery {
  /** All symbols when absent. */
  readonly symbol?: string | undefined;
  /** From this id on, this one included; excludes nothing else. */
  readonly orderId?: Id64 | undefined;
}

/** Which of the account's fills to list. */
export interface TradesQuery extends PageQuery {
  readonly symbol: string;
  /** Only fills of this order. */
  readonly orderId?: Id64 | undefined;
  /** From this trade id on, this one included; not together with times (-1128). */
  readonly fromId?: Id64 | undefined;
}

/**
 * Replies that tell of orders: acknowledgements of writes, orders as reads show them, fills. Protocol sheet 11.3, 11.4.
 *
 * Decimals of orders are padded to the symbol's precisions, `"0"` for what is empty.
 */
import { decimal, flag, type Infer, id64, integer, list, optional, record, text, transactMs } from "../codec.ts";
import {
  positionSide,
  priceMatch,
  selfTradePrevention,
  side,
  repliedOrderStatus as status,
  timeInForce,
  orderType as type,
  workingType,
} from "../enumerations.ts";
import { CodeAndText, orRefusal } from "./reply-forms.ts";

/** What every reply about an order says; each table puts its rows into its own order. */
const rows = {
  /** Chosen by the client, or made up by the exchange. */
  clientOrderId: text,
  /** Filled so far, base asset. Equals `executedQty`. */
  cumQty: decimal,
  /** Filled so far, quote asset. In acknowledgements only until June 2026; in reads always. */
  cumQuote: optional(decimal),
  /** Filled so far, base asset. */
  executedQty: decimal,
  /** Unique within its symbol only. */
  orderId: id64,
  /** Average fill price. In acknowledgements only until June 2026; in reads always. */
  avgPrice: optional(decimal),
  /** Base asset. */
  origQty: decimal,
  /** `"0"` for market orders. */
  price: decimal,
  /** Reduce-only. */
  reduceOnly: flag,
  /** Side. */
  side,
  /** `BOTH` in one-way mode. */
  positionSide,
  /** Where the order stands in its life. */
  status,
  /** `"0"` when there is none; to be ignored for trailing stops. */
  stopPrice: decimal,
  /** Close-all conditional order. */
  closePosition: flag,
  /** Symbol. */
  symbol: text,
  /** Time in force. */
  timeInForce,
  /** Type now. */
  type,
  /** Type as placed. */
  origType: type,
  /** Activation price, only trailing stops. */
  activatePrice: optional(decimal),
  /** Callback rate in percent, only trailing stops. */
  priceRate: optional(decimal),
  /** When it last changed. */
  updateTime: transactMs,
  /** What stop prices are compared with. */
  workingType,
  /** Price protection of conditional orders. */
  priceProtect: flag,
  /** Price match; absent in documentation examples before September 2023. */
  priceMatch: optional(priceMatch),
  /** Self-trade prevention in force. */
  selfTradePreventionMode: optional(selfTradePrevention),
  /** When a GTD order is cancelled by the exchange; 0 otherwise. */
  goodTillDate: optional(integer),
} as const;

/**
 * The reply to `POST` and `DELETE /fapi/v1/order`: the order as it stands after the command (`RESULT`), or as it was
 * accepted (`ACK`). `avgPrice` and `cumQuote` left it between 2026-06-24 and 2026-06-30.
 */
export const OrderAcknowledged = record(rows);

/** The reply to an order write over REST. */
export type OrderAcknowledged = Infer<typeof OrderAcknowledged>;

/** The same as {@link OrderAcknowledged}, in the order in which the WS API and `PUT` print it. */
export const OrderAcknowledgedById = record({
  /** Unique within its symbol only. */
  orderId: rows.orderId,
  /** Symbol. */
  symbol: rows.symbol,
  /** Only in replies to amendments over REST. */
  pair: optional(text),
  /** Where the order stands in its life. */
  status: rows.status,
  /** Chosen by the client, or made up by the exchange. */
  clientOrderId: rows.clientOrderId,
  /** The modifyId of the amendment, a number here and a string in events (since 2026-07-22). */
  modifyId: optional(integer),
  /** Limit price; `"0"` for market kinds. */
  price: rows.price,
  /** Average fill price; in acknowledgements only until June 2026. */
  avgPrice: rows.avgPrice,
  /** Base asset. */
  origQty: rows.origQty,
  /** Filled so far, base asset. */
  executedQty: rows.executedQty,
  /** Filled so far, base asset. */
  cumQty: rows.cumQty,
  /** Filled so far, quote asset; in acknowledgements only until June 2026. */
  cumQuote: rows.cumQuote,
  /** In replies to amendments until June 2026. */
  cumBase: optional(decimal),
  /** Time in force. */
  timeInForce: rows.timeInForce,
  /** Type now. */
  type: rows.type,
  /** Reduce-only. */
  reduceOnly: rows.reduceOnly,
  /** Closes the whole position. */
  closePosition: rows.closePosition,
  /** Side. */
  side: rows.side,
  /** `BOTH` in one-way mode. */
  positionSide: rows.positionSide,
  /** `"0"` when there is none. */
  stopPrice: rows.stopPrice,
  /** What the trigger price is compared with. */
  workingType: rows.workingType,
  /** Does not trigger while mark and last price lie far apart. */
  priceProtect: rows.priceProtect,
  /** Type as placed. */
  origType: rows.origType,
  /** Activation price, only trailing stops. */
  activatePrice: rows.activatePrice,
  /** Callback rate in percent, only trailing stops. */
  priceRate: rows.priceRate,
  /** Price match; `NONE` when it names its own price. */
  priceMatch: rows.priceMatch,
  /** Self-trade prevention in force. */
  selfTradePreventionMode: rows.selfTradePreventionMode,
  /** 0 when it is not GTD. */
  goodTillDate: rows.goodTillDate,
  /** When it last changed. */
  updateTime: rows.updateTime,
});

/** The reply to an order write over the WS API. */
export type OrderAcknowledgedById = Infer<typeof OrderAcknowledgedById>;

/** The reply to batch writes: one element per order, in the order of the request. */
export const OrdersAcknowledged = list(orRefusal(OrderAcknowledged));

/** The reply to `PUT /fapi/v1/batchOrders`. */
export const OrdersAcknowledgedById = list(orRefusal(OrderAcknowledgedById));

/** The reply to cancel-all calls: `code` 200. */
export const AllCancelled = CodeAndText;

/** An order as the reads show it. */
export const Order = record({
  /** Average fill price, at least five places; `"0.00000"` before the first fill. */
  avgPrice: decimal,
  /** Chosen by the client, or made up by the exchange. */
  clientOrderId: rows.clientOrderId,
  /** Filled so far, quote asset. */
  cumQuote: decimal,
  /** In `allOrders` and `forceOrders` since August 2026. */
  cumBase: optional(decimal),
  /** Filled so far, base asset. */
  executedQty: rows.executedQty,
  /** Unique within its symbol only. */
  orderId: rows.orderId,
  /** Base asset. */
  origQty: rows.origQty,
  /** Type as placed. */
  origType: rows.origType,
  /** Limit price; `"0"` for market kinds. */
  price: rows.price,
  /** Reduce-only. */
  reduceOnly: rows.reduceOnly,
  /** Side. */
  side: rows.side,
  /** `BOTH` in one-way mode. */
  positionSide: rows.positionSide,
  /** Where the order stands in its life. */
  status: rows.status,
  /** `"0"` when there is none. */
  stopPrice: rows.stopPrice,
  /** Closes the whole position. */
  closePosition: rows.closePosition,
  /** Symbol. */
  symbol: rows.symbol,
  /** In `allOrders` and `forceOrders` since August 2026. */
  pair: optional(text),
  /** When it was accepted. */
  time: transactMs,
  /** Time in force. */
  timeInForce: rows.timeInForce,
  /** Type now. */
  type: rows.type,
  /** Activation price, only trailing stops. */
  activatePrice: rows.activatePrice,
  /** Callback rate in percent, only trailing stops. */
  priceRate: rows.priceRate,
  /** When it last changed. */
  updateTime: rows.updateTime,
  /** What the trigger price is compared with. */
  workingType: rows.workingType,
  /** Price protection; absent in `forceOrders`. */
  priceProtect: optional(flag),
  /** Price match; `NONE` when it names its own price. */
  priceMatch: rows.priceMatch,
  /** Self-trade prevention in force. */
  selfTradePreventionMode: rows.selfTradePreventionMode,
  /** 0 when it is not GTD. */
  goodTillDate: rows.goodTillDate,
});

/** An order as the reads show it. */
export type Order = Infer<typeof Order>;

/** One fill of the account, as `userTrades` shows it. */
export const UserTrade = record({
  /** Was the account on the buying side? */
  buyer: flag,
  /** Positive when charged; `income` shows the same amount negative. */
  commission: decimal,
  /** What the commission was paid in. */
  commissionAsset: text,
  /** Trade id, unique within its symbol only. */
  id: id64,
  /** Was the account on the maker side? */
  maker: flag,
  /** The order that was filled. */
  orderId: id64,
  /** Quote per base. */
  price: decimal,
  /** Base asset. */
  qty: decimal,
  /** Quote asset. */
  quoteQty: decimal,
  /** Since August 2026; sources disagree whether it is `"0"` or the quantity on USDⓈ-M. */
  baseQty: optional(decimal),
  /** Since August 2026. */
  marginAsset: optional(text),
  /** Before commission. */
  realizedPnl: decimal,
  /** Side. */
  side,
  /** `BOTH` in one-way mode. */
  positionSide,
  /** Symbol. */
  symbol: text,
  /** Since August 2026. */
  pair: optional(text),
  /** When it happened. */
  time: transactMs,
});

/** One fill of the account. */
export type UserTrade = Infer<typeof UserTrade>;

/** One amendment of an order, as `orderAmendment` shows it. */
export const OrderAmendment = record({
  /** Names the amendment. */
  amendmentId: id64,
  /** Symbol. */
  symbol: text,
  /** The pair it is a contract of. */
  pair: text,
  /** Unique within its symbol only. */
  orderId: id64,
  /** Chosen by the client, or made up by the exchange. */
  clientOrderId: text,
  /** When it was made. */
  time: transactMs,
  /** What was changed. */
  amendment: record({
    /** Limit price; `"0"` for market kinds. */
    price: record({ before: decimal, after: decimal }),
    /** Base asset. */
    origQty: record({ before: decimal, after: decimal }),
    /** How many amendments the order has had, this one included. */
    count: integer,
    /** Since 2026-07-22. */
    modifyId: optional(integer),
  }),
});

/** One amendment of an order. */
export type OrderAmendment = Infer<typeof OrderAmendment>;

/** The reply to `countdownCancelAll`. */
export const CountdownSet = record({
  /** Symbol. */
  symbol: text,
  /** Milliseconds, in a string. */
  countdownTime: decimal,
});

/** The reply to `countdownCancelAll`. */
export type CountdownSet = Infer<typeof CountdownSet>;

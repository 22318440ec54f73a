/**
 * Placing, cancelling and reading orders and fills. Protocol sheet 11.3, 11.4, 12.
 *
 * Sides, types, quantities and prices are passed on as sent: what is wrong with them has codes of its own (`-1117`,
 * `-1116`, `-1111` …), which only the exchange can tell.
 */
import { list } from "../codec.ts";
import { AMENDMENTS_PAGE, ORDERS_PAGE, type PageSizes } from "../limits.ts";
import {
  AllCancelled,
  CountdownSet,
  Order,
  OrderAcknowledged,
  OrderAcknowledgedById,
  OrderAmendment,
  OrdersAcknowledged,
  OrdersAcknowledgedById,
  UserTrade,
} from "../rest/orders.ts";
import { bySymbol, endpoint } from "./endpoint.ts";
import { id, milliseconds, optional, required, text, wholeNumber } from "./parameters.ts";

const ONE_ORDER = { tenSeconds: 1, minute: 1 } as const;
const ONE_BATCH = { tenSeconds: 5, minute: 1 } as const;

const orderTerms = {
  symbol: required(text),
  /** `BUY` or `SELL`. */
  side: required(text),
  /** `LIMIT` or `MARKET`; conditional types give `-4120`. */
  type: required(text),
  /** `BOTH` when absent. */
  positionSide: optional(text),
  /** Required for LIMIT. */
  timeInForce: optional(text),
  /** Base asset. */
  quantity: optional(text),
  /** Required for LIMIT unless `priceMatch` is sent. */
  price: optional(text),
  /** `true` or `false`. */
  reduceOnly: optional(text),
  newClientOrderId: optional(text),
  /** `ACK` (default) answers as the order was accepted, `RESULT` as it stands after matching. */
  newOrderRespType: optional(text),
  priceMatch: optional(text),
  selfTradePreventionMode: optional(text),
  goodTillDate: optional(text),
  /** Refused when `true`, and so are the three below: they belong to conditional orders. */
  closePosition: optional(text),
  stopPrice: optional(text),
  activationPrice: optional(text),
  callbackRate: optional(text),
} as const;

const whichOrder = {
  symbol: required(text),
  /** Wins over {@link origClientOrderId}. One of the two is needed. */
  orderId: optional(id),
  origClientOrderId: optional(text),
} as const;

const pageOf = ({ max }: PageSizes) =>
  ({
    startTime: optional(milliseconds),
    endTime: optional(milliseconds),
    limit: optional(wholeNumber(1, max)),
  }) as const;

/** Places an order. */
export const placeOrder = endpoint({
  method: "POST",
  path: "/fapi/v1/order",
  security: "TRADE",
  weight: 0,
  orders: ONE_ORDER,
  wsMethod: "order.place",
  parameters: orderTerms,
  reply: OrderAcknowledged,
  wsReply: OrderAcknowledgedById,
});

/** Checks an order, and does nothing. Its cost is not documented. */
export const testOrder = endpoint({
  method: "POST",
  path: "/fapi/v1/order/test",
  security: "TRADE",
  weight: 0,
  parameters: orderTerms,
  reply: OrderAcknowledged,
});

/** Amends price and quantity of a LIMIT order. */
export const amendOrder = endpoint({
  method: "PUT",
  path: "/fapi/v1/order",
  security: "TRADE",
  weight: 0,
  orders: ONE_ORDER,
  wsMethod: "order.modify",
  parameters: {
    ...whichOrder,
    side: required(text),
    quantity: required(text),
    /** Both price and quantity are needed since June 2026, unless `priceMatch` is sent. */
    price: optional(text),
    priceMatch: optional(text),
    /** Comes back in the reply and in the event. */
    modifyId: optional(wholeNumber()),
    /** Only validates: the order's own flag never changes. */
    reduceOnly: optional(text),
  },
  reply: OrderAcknowledgedById,
});

/** Cancels one order. */
export const cancelOrder = endpoint({
  method: "DELETE",
  path: "/fapi/v1/order",
  security: "TRADE",
  weight: 1,
  wsMethod: "order.cancel",
  parameters: whichOrder,
  reply: OrderAcknowledged,
});

/** Places up to five orders. Each succeeds or fails by itself. */
export const placeOrders = endpoint({
  method: "POST",
  path: "/fapi/v1/batchOrders",
  security: "TRADE",
  weight: 5,
  orders: ONE_BATCH,
  parameters: {
    /** A JSON list of objects with the parameters of single orders. */
    batchOrders: required(text),
  },
  reply: OrdersAcknowledged,
});

/** Amends up to five orders. */
export const amendOrders = endpoint({
  method: "PUT",
  path: "/fapi/v1/batchOrders",
  security: "TRADE",
  weight: 5,
  orders: ONE_BATCH,
  parameters: {
    /** A JSON list of objects with the parameters of single amendments. */
    batchOrders: required(text),
  },
  reply: OrdersAcknowledgedById,
});

/** Cancels up to ten orders of one symbol. */
export const cancelOrders = endpoint({
  method: "DELETE",
  path: "/fapi/v1/batchOrders",
  security: "TRADE",
  weight: 1,
  parameters: {
    symbol: required(text),
    /** A JSON list of numbers. */
    orderIdList: optional(text),
    /** A JSON list of strings. */
    origClientOrderIdList: optional(text),
  },
  reply: OrdersAcknowledged,
});

/** Cancels every open order of one symbol. */
export const cancelAllOrders = endpoint({
  method: "DELETE",
  path: "/fapi/v1/allOpenOrders",
  security: "TRADE",
  weight: 1,
  parameters: { symbol: required(text) },
  reply: AllCancelled,
});

/** Cancels every open order of one symbol later, unless called again before. */
export const countdownCancelAll = endpoint({
  method: "POST",
  path: "/fapi/v1/countdownCancelAll",
  security: "TRADE",
  weight: 10,
  parameters: {
    symbol: required(text),
    /** Milliseconds; 0 stops the countdown. */
    countdownTime: required(wholeNumber()),
  },
  reply: CountdownSet,
});

/** Shows one order. */
export const order = endpoint({
  method: "GET",
  path: "/fapi/v1/order",
  security: "USER_DATA",
  weight: 1,
  wsMethod: "order.status",
  parameters: whichOrder,
  reply: Order,
});

/** Shows one open order. */
export const openOrder = endpoint({
  method: "GET",
  path: "/fapi/v1/openOrder",
  security: "USER_DATA",
  weight: 1,
  parameters: whichOrder,
  reply: Order,
});

/** Lists open orders, of one symbol or of all. */
export const openOrders = endpoint({
  method: "GET",
  path: "/fapi/v1/openOrders",
  security: "USER_DATA",
  weight: bySymbol(1, 40),
  parameters: { symbol: optional(text) },
  reply: list(Order),
});

/** Lists orders, open and ended. */
export const allOrders = endpoint({
  method: "GET",
  path: "/fapi/v1/allOrders",
  security: "USER_DATA",
  weight: 5,
  parameters: {
    /** May be left out since 2026-08-25. */
    symbol: optional(text),
    /** From this id on, this one included. */
    orderId: optional(id),
    ...pageOf(ORDERS_PAGE),
  },
  reply: list(Order),
});

/** Lists the account's fills of one symbol. */
export const userTrades = endpoint({
  method: "GET",
  path: "/fapi/v1/userTrades",
  security: "USER_DATA",
  weight: 5,
  parameters: {
    symbol: required(text),
    orderId: optional(id),
    /** From this trade id on, this one included; not together with times. */
    fromId: optional(id),
    ...pageOf(ORDERS_PAGE),
  },
  reply: list(UserTrade),
});

/** Lists the amendments of an order, newest first. */
export const orderAmendments = endpoint({
  method: "GET",
  path: "/fapi/v1/orderAmendment",
  security: "USER_DATA",
  weight: 1,
  parameters: { ...whichOrder, ...pageOf(AMENDMENTS_PAGE) },
  reply: list(OrderAmendment),
});

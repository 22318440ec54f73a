/** Conditional orders: the algo service. Protocol sheet 9, 11.5. */
import { list } from "../codec.ts";
import { ORDERS_PAGE } from "../limits.ts";
import { AlgoOrder, AlgoOrderCancelled, AlgoOrderPlaced } from "../rest/algo-orders.ts";
import { AllCancelled } from "../rest/orders.ts";
import { bySymbol, endpoint } from "./endpoint.ts";
import { id, milliseconds, optional, required, text, wholeNumber } from "./parameters.ts";

const whichAlgoOrder = {
  /** One of the two is needed. */
  algoId: optional(id),
  clientAlgoId: optional(text),
} as const;

/** Places a conditional order. It counts on the order limits since 2026-06-20. */
export const placeAlgoOrder = endpoint({
  method: "POST",
  path: "/fapi/v1/algoOrder",
  security: "TRADE",
  weight: 0,
  orders: { tenSeconds: 1, minute: 1 },
  wsMethod: "algoOrder.place",
  parameters: {
    /** `CONDITIONAL`. */
    algoType: required(text),
    symbol: required(text),
    side: required(text),
    /** `STOP`, `STOP_MARKET`, `TAKE_PROFIT`, `TAKE_PROFIT_MARKET` or `TRAILING_STOP_MARKET`. */
    type: required(text),
    positionSide: optional(text),
    /** `GTC` when absent. */
    timeInForce: optional(text),
    quantity: optional(text),
    price: optional(text),
    triggerPrice: optional(text),
    /** `CONTRACT_PRICE` when absent. */
    workingType: optional(text),
    priceMatch: optional(text),
    closePosition: optional(text),
    priceProtect: optional(text),
    reduceOnly: optional(text),
    /** Only trailing stops. */
    activatePrice: optional(text),
    /** Only trailing stops, in percent: 0.1 to 20 (10 before 2026-10-23). */
    callbackRate: optional(text),
    clientAlgoId: optional(text),
    newOrderRespType: optional(text),
    selfTradePreventionMode: optional(text),
    goodTillDate: optional(text),
  },
  reply: AlgoOrderPlaced,
});

/** Cancels a conditional order that has not triggered. */
export const cancelAlgoOrder = endpoint({
  method: "DELETE",
  path: "/fapi/v1/algoOrder",
  security: "TRADE",
  weight: 1,
  wsMethod: "algoOrder.cancel",
  parameters: whichAlgoOrder,
  reply: AlgoOrderCancelled,
});

/** Cancels every conditional order of one symbol that has not triggered. */
export const cancelAllAlgoOrders = endpoint({
  method: "DELETE",
  path: "/fapi/v1/algoOpenOrders",
  security: "TRADE",
  weight: 1,
  parameters: { symbol: required(text) },
  reply: AllCancelled,
});

/** Shows one conditional order. */
export const algoOrder = endpoint({
  method: "GET",
  path: "/fapi/v1/algoOrder",
  security: "USER_DATA",
  weight: 1,
  parameters: whichAlgoOrder,
  reply: AlgoOrder,
});

/** Lists conditional orders that have not triggered, of one symbol or of all. */
export const openAlgoOrders = endpoint({
  method: "GET",
  path: "/fapi/v1/openAlgoOrders",
  security: "USER_DATA",
  weight: bySymbol(1, 40),
  parameters: { algoType: optional(text), symbol: optional(text), algoId: optional(id) },
  reply: list(AlgoOrder),
});

/** Lists conditional orders of one symbol, open and ended. */
export const allAlgoOrders = endpoint({
  method: "GET",
  path: "/fapi/v1/allAlgoOrders",
  security: "USER_DATA",
  weight: 5,
  parameters: {
    symbol: required(text),
    /** From this id on, this one included. */
    algoId: optional(id),
    startTime: optional(milliseconds),
    endTime: optional(milliseconds),
    limit: optional(wholeNumber(1, ORDERS_PAGE.max)),
  },
  reply: list(AlgoOrder),
});

/** Conditional orders as replies print them. Pure. Protocol sheet 11.5. */
import type { Transport } from "../../face/calls.ts";
import type { Id64 } from "../../kernel/scalars.ts";
import type { AlgoOrder, AlgoOrderPlaced } from "../../protocol/rest/algo-orders.ts";
import type { ConditionalView } from "../conditional/conditional-views.ts";
import { paddedTo, withPoint, zeroOrPadded } from "../market/number-formats.ts";
import type { SymbolInfo } from "../market/symbol-listing.ts";

/** Average prices have at least so many places. */
const PRICE_PLACES = 5;

/** The reply to placing one. The WS API pads zeros as well, and leaves out what only trailing stops have. */
export function algoOrderPlaced(view: ConditionalView, info: SymbolInfo, transport: Transport): AlgoOrderPlaced {
  const pad = transport === "WS" ? paddedTo : zeroOrPadded;
  const { trail } = view;
  const trailing = {
    activatePrice:
      trail === undefined || trail.activatePrice === 0n ? "" : pad(trail.activatePrice, info.pricePrecision),
    callbackRate: trail === undefined ? "" : withPoint(trail.callbackRate),
  };
  return {
    ...identity(view),
    quantity: pad(view.quantity, info.quantityPrecision),
    algoStatus: view.algoStatus,
    triggerPrice: pad(view.triggerPrice, info.pricePrecision),
    price: pad(view.price, info.pricePrecision),
    ...modes(view),
    ...(transport === "WS" ? {} : trailing),
    ...times(view),
  };
}

/** As the lists show it. */
export function algoOrderReply(view: ConditionalView, info: SymbolInfo): AlgoOrder {
  const none = paddedTo(0n, info.pricePrecision);
  const older = { tpTriggerPrice: none, tpPrice: none, slTriggerPrice: none, slPrice: none };
  return { ...common(view, info), ...older };
}

/** As `GET algoOrder` shows it since August 2026: with type and quantity of the order in the book. */
export function newerAlgoOrderReply(view: ConditionalView, info: SymbolInfo): AlgoOrder {
  const { order } = view;
  return {
    ...common(view, info),
    ...(order === undefined
      ? {}
      : { actualType: order.type, actualQty: zeroOrPadded(order.executedQty, info.quantityPrecision) }),
  };
}

function common(view: ConditionalView, info: SymbolInfo): AlgoOrder {
  return {
    ...identity(view),
    quantity: zeroOrPadded(view.quantity, info.quantityPrecision),
    algoStatus: view.algoStatus,
    actualOrderId: view.order?.orderId ?? ("" as Id64),
    actualPrice: paddedTo(view.order?.avgPrice ?? 0n, PRICE_PLACES),
    triggerPrice: zeroOrPadded(view.triggerPrice, info.pricePrecision),
    price: zeroOrPadded(view.price, info.pricePrecision),
    tpOrderType: "",
    ...modes(view),
    ...times(view),
  };
}

function identity(view: ConditionalView) {
  const { algoId, clientAlgoId, orderType, symbol, side, positionSide, timeInForce } = view;
  const algoType = "CONDITIONAL" as const;
  return { algoId, clientAlgoId, algoType, orderType, symbol, side, positionSide, timeInForce };
}

function modes(view: ConditionalView) {
  const { selfTradePreventionMode, workingType, priceMatch, closePosition, priceProtect, reduceOnly } = view;
  const icebergQuantity = null;
  return {
    icebergQuantity,
    selfTradePreventionMode,
    workingType,
    priceMatch,
    closePosition,
    priceProtect,
    reduceOnly,
  };
}

function times(view: ConditionalView) {
  const { createTime, updateTime, triggerTime, goodTillDate } = view;
  return { createTime, updateTime, triggerTime, goodTillDate };
}

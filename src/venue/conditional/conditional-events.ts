/** What a conditional order tells of itself, and how it is shown. Pure. Protocol sheet 7.9, 7.10. */
import { trimmed } from "../../kernel/decimal.ts";
import { asEventMs, type Id64, type TransactMs } from "../../kernel/scalars.ts";
import type { AlgoUpdate } from "../../protocol/events/algo-update.ts";
import type { ConditionalOrderTriggerReject } from "../../protocol/events/conditional-order-trigger-reject.ts";
import { averagePrice } from "../exchange/event-writing.ts";
import type { ConditionalOrder, Order } from "../exchange/records.ts";
import { orderView } from "../orders/order-life.ts";
import type { ConditionalView } from "./conditional-views.ts";

/** The conditional order as it stands, after a change at its `updateTime`; `failure` is why the book refused it. */
export function algoEvent(order: ConditionalOrder, failure?: string): AlgoUpdate {
  const time = order.updateTime;
  return {
    e: "ALGO_UPDATE",
    T: time,
    E: asEventMs(time),
    o: {
      caid: order.clientId,
      aid: String(order.id) as Id64,
      at: "CONDITIONAL",
      o: order.type,
      s: order.market.rules.symbol,
      S: order.side,
      ps: order.positionSide,
      f: order.timeInForce,
      q: trimmed(order.quantity),
      X: order.status,
      ai: (order.order === undefined ? "" : String(order.order.id)) as Id64,
      ...inTheBook(order),
      tp: trimmed(order.triggerPrice),
      p: trimmed(order.price),
      V: order.selfTradePrevention,
      wt: order.workingType,
      pm: order.priceMatch,
      cp: order.closePosition,
      pP: order.priceProtect,
      R: order.reduceOnly,
      tt: order.triggerTime,
      gtd: order.goodTillDate,
      ...(failure === undefined ? {} : { rm: failure }),
      ia: order.trail?.isActive ?? false,
    },
  };
}

/** From TRIGGERED on: nothing filled yet then, even when it is (*seen*); the final state with FINISHED. */
function inTheBook({ status, order }: ConditionalOrder): Pick<AlgoUpdate["o"], "ap" | "aq" | "act"> {
  if (order === undefined || (status !== "TRIGGERED" && status !== "FINISHED")) return {};
  if (status === "TRIGGERED") return { ap: trimmed(0n), aq: trimmed(0n), act: order.type };
  return { ap: trimmed(averagePrice(order)), aq: trimmed(order.filled), act: order.type };
}

/** The event that `ALGO_UPDATE` REJECTED replaced. */
export function triggerRejectEvent(order: Order, reason: string, time: TransactMs): ConditionalOrderTriggerReject {
  return {
    e: "CONDITIONAL_ORDER_TRIGGER_REJECT",
    T: time,
    E: asEventMs(time),
    or: { s: order.market.rules.symbol, i: String(order.id) as Id64, r: reason },
  };
}

/** The conditional order as it is shown. */
export function conditionalView(order: ConditionalOrder): ConditionalView {
  const { trail } = order;
  return {
    algoId: String(order.id) as Id64,
    clientAlgoId: order.clientId,
    orderType: order.type,
    symbol: order.market.rules.symbol,
    side: order.side,
    positionSide: order.positionSide,
    timeInForce: order.timeInForce,
    quantity: order.quantity,
    algoStatus: order.status,
    order: order.order === undefined ? undefined : orderView(order.order),
    triggerPrice: order.triggerPrice,
    price: order.price,
    selfTradePreventionMode: order.selfTradePrevention,
    workingType: order.workingType,
    priceMatch: order.priceMatch,
    closePosition: order.closePosition,
    priceProtect: order.priceProtect,
    reduceOnly: order.reduceOnly,
    trail: trail === undefined ? undefined : { activatePrice: trail.activatePrice, callbackRate: trail.callbackRate },
    createTime: order.createTime,
    updateTime: order.updateTime,
    triggerTime: order.triggerTime,
    goodTillDate: order.goodTillDate,
  };
}

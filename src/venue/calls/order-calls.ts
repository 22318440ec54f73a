/** Placing and cancelling orders. Pure. Protocol sheet 10.1, 11.4. */
import { readValues } from "../../face/call-parameters.ts";
import type { Call, CallHandlers } from "../../face/calls.ts";
import { isRefused, type Refused, refuse, refuseVariant } from "../../face/refusal.ts";
import type { Decimal, Id64 } from "../../kernel/scalars.ts";
import { endpointNamed, type ParametersOf } from "../../protocol/endpoints.ts";
import { parseJsonNumbersAsText } from "../../protocol/json.ts";
import { BATCH_CANCEL_MAX, BATCH_PLACE_MAX } from "../../protocol/limits.ts";
import type { OrderAcknowledged, OrderAcknowledgedById } from "../../protocol/rest/orders.ts";
import type { CodeAndText } from "../../protocol/rest/reply-forms.ts";
import type { OrderView, Placed } from "../exchange/views.ts";
import { type CallContext, infoOf } from "./call-context.ts";
import { acknowledgement, amendmentAcknowledged } from "./order-replies.ts";

type OrderTerms = ParametersOf<"placeOrder">;
type AmendTerms = ParametersOf<"amendOrder">;
type AnyCall = Pick<Call<"placeOrder">, "account" | "now" | "transport">;

/** The calls that place and cancel. */
export function orderCalls(context: CallContext): CallHandlers {
  const { exchange } = context;
  return {
    placeOrder: (call) => place(context, call, call.parameters),
    testOrder: (call) => test(context, call),
    placeOrders: (call) => placeBatch(context, call),
    cancelOrder: (call) => cancel(context, call, call.parameters),
    cancelOrders: (call) => cancelBatch(context, call),
    amendOrder: (call) => amend(context, call, call.parameters),
    amendOrders: (call) => amendBatch(context, call),
    countdownCancelAll({ account, parameters, now }) {
      const set = exchange.countDown(account, parameters.symbol, parameters.countdownTime, now);
      return isRefused(set) ? set : { symbol: set.symbol, countdownTime: String(set.countdownTime) as Decimal };
    },
    cancelAllOrders: ({ account, parameters, now }) => {
      const result = exchange.cancelAllOrders(account, parameters.symbol, now);
      return isRefused(result) ? result : { code: 200, msg: "The operation of cancel all open order is done." };
    },
  };
}

function place(context: CallContext, call: AnyCall, terms: OrderTerms): OrderAcknowledged | Refused {
  const refused = refusalOfTerms(terms);
  if (refused !== undefined) return refused;
  const result = context.exchange.placeOrder(call.account, terms, call.now);
  if (isRefused(result)) return result;
  return acknowledged(context, call, terms.newOrderRespType === "RESULT" ? finalView(result) : result.accepted);
}

/** What the exchange itself does not judge: the form of the reply. */
function refusalOfTerms({ newOrderRespType }: OrderTerms): Refused | undefined {
  const isKnown = newOrderRespType === undefined || newOrderRespType === "ACK" || newOrderRespType === "RESULT";
  return isKnown ? undefined : refuse(-1136);
}

/** `RESULT` waits for the end of orders that cannot rest; those that can are answered as they were accepted. */
function finalView({ order, accepted }: Placed): OrderView {
  return order.type === "MARKET" || order.timeInForce === "IOC" || order.timeInForce === "FOK" ? order : accepted;
}

function acknowledged(context: CallContext, call: AnyCall, view: OrderView): OrderAcknowledged {
  const style = { shape: context.acknowledgements, transport: call.transport };
  return acknowledgement(view, infoOf(context, view.symbol), style);
}

/** Answers what would have been acknowledged, with no order id: the order does not exist. */
function test(context: CallContext, call: Call<"testOrder">): OrderAcknowledged | Refused {
  const terms = call.parameters;
  const refused = refusalOfTerms(terms) ?? context.exchange.testOrder(call.account, terms, call.now);
  if (refused !== undefined) return refused;
  const zero = "0" as Decimal;
  return {
    clientOrderId: terms.newClientOrderId ?? "",
    cumQty: zero,
    executedQty: zero,
    orderId: "0" as Id64,
    origQty: (terms.quantity ?? "0") as Decimal,
    price: (terms.price ?? "0") as Decimal,
    reduceOnly: terms.reduceOnly === "true",
    side: terms.side,
    positionSide: terms.positionSide ?? "BOTH",
    status: "NEW",
    stopPrice: zero,
    closePosition: false,
    symbol: terms.symbol,
    timeInForce: terms.timeInForce ?? "GTC",
    type: terms.type,
    origType: terms.type,
    updateTime: call.now,
    workingType: "CONTRACT_PRICE",
    priceProtect: false,
    priceMatch: terms.priceMatch ?? "NONE",
    selfTradePreventionMode: terms.selfTradePreventionMode ?? "EXPIRE_MAKER",
    goodTillDate: Number(terms.goodTillDate ?? "0"),
  };
}

/** Each order succeeds or fails by itself, in the order of the request (Binance does them at the same time). */
function placeBatch(context: CallContext, call: Call<"placeOrders">): (OrderAcknowledged | CodeAndText)[] | Refused {
  const orders = batchOf(call.parameters.batchOrders);
  if (isRefused(orders)) return orders;
  return orders.map((order) => {
    const terms = termsOf("placeOrder", order);
    return "error" in terms ? terms.error : plain(place(context, call, terms.values));
  });
}

function amend(context: CallContext, call: AnyCall, terms: AmendTerms): OrderAcknowledgedById | Refused {
  const result = context.exchange.amendOrder(call.account, terms, call.now);
  if (isRefused(result)) return result;
  const { order } = result;
  const acknowledged = amendmentAcknowledged(order, infoOf(context, order.symbol), {
    shape: context.acknowledgements,
    transport: call.transport,
  });
  return terms.modifyId === undefined ? acknowledged : { ...acknowledged, modifyId: terms.modifyId };
}

/** As placing in a batch; the orders of one batch are done at the same time, so one order has one amendment in it. */
function amendBatch(
  context: CallContext,
  call: Call<"amendOrders">,
): (OrderAcknowledgedById | CodeAndText)[] | Refused {
  const amendments = batchOf(call.parameters.batchOrders);
  if (isRefused(amendments)) return amendments;
  const pending = new Set<Id64>();
  return amendments.map((amendment) => {
    const terms = termsOf("amendOrder", amendment);
    if ("error" in terms) return terms.error;
    const order = context.exchange.openOrder(call.account, terms.values);
    if (!isRefused(order)) {
      if (pending.has(order.orderId)) return plain<OrderAcknowledgedById>(refuse(-5043));
      pending.add(order.orderId);
    }
    return plain(amend(context, call, terms.values));
  });
}

type Batch = readonly Readonly<Record<string, unknown>>[];

/** The objects of a batch, at most {@link BATCH_PLACE_MAX}. */
function batchOf(text: string): Batch | Refused {
  const orders = jsonList(text);
  if (orders === undefined || !orders.every(isObject)) return refuse(-1130, "batchOrders");
  return orders.length === 0 || orders.length > BATCH_PLACE_MAX ? refuse(-4082) : orders;
}

/** The parameters of one element, read as those of the single call. */
function termsOf<N extends "placeOrder" | "amendOrder">(
  name: N,
  element: Readonly<Record<string, unknown>>,
): { readonly values: ParametersOf<N> } | { readonly error: CodeAndText } {
  const given = new Map(Object.entries(element).map(([key, value]) => [key, textOf(value)]));
  const reading = readValues(endpointNamed(name).parameters, given);
  return reading.outcome === "refused"
    ? { error: reading.error }
    : { values: reading.values as unknown as ParametersOf<N> };
}

function cancel(context: CallContext, call: AnyCall, which: ParametersOf<"cancelOrder">): OrderAcknowledged | Refused {
  const result = context.exchange.cancelOrder(call.account, which, call.now);
  return isRefused(result) ? result : acknowledged(context, call, result.order);
}

function cancelBatch(context: CallContext, call: Call<"cancelOrders">): (OrderAcknowledged | CodeAndText)[] | Refused {
  const { symbol, orderIdList, origClientOrderIdList } = call.parameters;
  const name = orderIdList !== undefined ? "orderIdList" : "origClientOrderIdList";
  const sent = orderIdList ?? origClientOrderIdList;
  if (sent === undefined) return refuseVariant(-1102, 2, "orderIdList", "origClientOrderIdList");
  const ids = jsonList(sent);
  if (ids === undefined || !ids.every((id) => typeof id === "string")) return refuse(-1130, name);
  if (ids.length === 0 || ids.length > BATCH_CANCEL_MAX) return refuse(-4082);
  return (ids as string[]).map((id) => {
    const which = name === "orderIdList" ? { orderId: id as Id64 } : { origClientOrderId: id };
    return plain(cancel(context, call, { symbol, ...which }));
  });
}

function jsonList(text: string): unknown[] | undefined {
  try {
    const list = parseJsonNumbersAsText(text);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function plain<T extends object>(result: T | Refused): T | CodeAndText {
  if (!isRefused(result)) return result as T;
  const { code, msg } = result as Refused;
  return { code, msg };
}

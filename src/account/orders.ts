/**
 * What events and answers teach about orders. Protocol sheet 7.4, 8, 11.3. Pure.
 *
 * Rule kept here: an order has an order of its own. What ended never opens again, and what was filled stays filled,
 * whatever the dates say; between equals the date decides.
 */
import { compareAmounts, compareIds, isSameAmount, isZero } from "../kernel/digits.ts";
import type { Decimal, Id64 } from "../kernel/scalars.ts";
import type { OrderTradeUpdate, OrderUpdate } from "../protocol/events/order-trade-update.ts";
import type { Order as OrderReply } from "../protocol/rest/orders.ts";
import type { AccountState } from "./account-state.ts";
import { type Fill, isEnded, type Order, orderKey } from "./facts.ts";
import { learnHedgeMode } from "./settings.ts";
import { type Judgement, judge, type Telling } from "./telling.ts";

const NO_ID = "0" as Id64;

/** Takes in an order after an event, and the fill the event may tell of. */
export function applyOrderTradeUpdate(state: AccountState, { T, o }: OrderTradeUpdate, telling: Telling): void {
  const known = state.orders.get(o.s, o.i);
  const fill = o.t === NO_ID || o.t === undefined ? undefined : fillOf(o);
  if (fill !== undefined) state.tradeTold(o.s, fill.tradeId);
  if (telling.source === "repair" && !saysHowItStands(o)) return learnFill(state, known, fill);
  if (o.x === "NEW") learnHedgeMode(state, o.ps !== "BOTH", T, telling);
  learnOrder(state, known, orderOf(o, fill, known, telling), telling);
}

/** Takes in an order as a read shows it. */
export function mergeOrder(state: AccountState, row: OrderReply, telling: Telling): void {
  const known = state.orders.get(row.symbol, row.orderId);
  learnOrder(state, known, orderOfReply(row, known, telling), telling);
}

/** Takes in `GET openOrders`, of one symbol or of all. What is known to be open and not listed is a finding. */
export function mergeOpenOrders(
  state: AccountState,
  rows: readonly OrderReply[],
  telling: Telling,
  symbol: string | undefined,
): void {
  const listed = new Set<string>();
  for (const row of rows) {
    mergeOrder(state, row, telling);
    listed.add(orderKey(row.symbol, row.orderId));
  }
  for (const [key, order] of state.orders.open()) {
    const isAsked = symbol === undefined || order.symbol === symbol;
    if (isAsked && !listed.has(key)) state.found("missing", "order", key, order, undefined);
  }
}

/** A repaired event has only what REST could give: of a fill often just the fill. */
function saysHowItStands(o: Partial<OrderUpdate>): boolean {
  return o.X !== undefined && o.z !== undefined && o.q !== undefined;
}

function learnFill(state: AccountState, known: Order | undefined, fill: Fill | undefined): void {
  if (known === undefined || fill === undefined) return;
  const last = known.lastFill;
  if (last !== undefined && compareIds(last.tradeId, fill.tradeId) >= 0) return;
  write(state, state.detailed({ ...known, lastFill: fill }));
}

function learnOrder(state: AccountState, known: Order | undefined, told: Order, telling: Telling): void {
  const key = orderKey(told.symbol, told.orderId);
  if (known === undefined) {
    state.changed("order", key, undefined, told);
    write(state, told);
    return;
  }
  const judgement = judgeOrder(known, told, telling);
  if (judgement === "regress") foundRegress(state, key, known, told, telling);
  const believed = judgement === "regress" ? undefined : state.settle("order", key, known, told, judgement, telling);
  const written = believed ?? withCreation(state, known, told);
  if (written !== undefined) write(state, written);
}

function write(state: AccountState, order: Order): void {
  state.orders.put(order.symbol, order.orderId, order, isEnded(order.status));
}

/** `regress`: it is told as it was before what is known of it, and that can never be. */
function judgeOrder(known: Order, told: Order, telling: Telling): Judgement | "regress" {
  const further = compareAmounts(told.executed, known.executed);
  const [hadEnded, hasEnded] = [isEnded(known.status), isEnded(told.status)];
  if (further < 0 || (hadEnded && !hasEnded)) return "regress";
  if (further > 0 || (hasEnded && !hadEnded)) return "news";
  return judge(known, told, isSameOrder(known, told), telling);
}

function isSameOrder(a: Order, b: Order): boolean {
  return a.status === b.status && isSameAmount(a.quantity, b.quantity) && isSameAmount(a.price, b.price);
}

/** A late event is a copy, a late answer lags behind; an answer that is not late is told to be wrong. */
function foundRegress(state: AccountState, key: string, known: Order, told: Order, { by }: Telling): void {
  if (by === "answer") state.found(told.at > known.at ? "disputed" : "stale", "order", key, known, told);
}

/** When an order was accepted never changes: any answer may say it. */
function withCreation(state: AccountState, known: Order, { createdAt }: Order): Order | undefined {
  const isNews = known.createdAt === undefined && createdAt !== undefined;
  return isNews ? state.detailed({ ...known, createdAt }) : undefined;
}

function fillOf(o: OrderUpdate): Fill {
  return {
    tradeId: o.t,
    price: o.L,
    quantity: o.l,
    isMaker: o.m,
    commission: o.n,
    commissionAsset: o.N,
    realizedProfit: o.rp,
    at: o.T,
  };
}

function orderOf(o: OrderUpdate, fill: Fill | undefined, known: Order | undefined, { source }: Telling): Order {
  return {
    symbol: o.s,
    orderId: o.i,
    clientOrderId: o.c,
    side: o.S,
    positionSide: o.ps,
    type: o.o,
    originalType: o.ot,
    timeInForce: o.f,
    status: o.X,
    quantity: o.q,
    price: o.p,
    stopPrice: o.sp,
    executed: o.z,
    averagePrice: o.ap ?? averageBefore(o, known),
    isReduceOnly: o.R,
    closesPosition: o.cp ?? false,
    goodTillDate: o.gtd ?? 0,
    priceMatch: o.pm ?? "NONE",
    selfTradePrevention: o.V,
    algoId: o.si === undefined || o.si === NO_ID ? known?.algoId : o.si,
    expiryReason: o.er === undefined || o.er === "0" ? undefined : o.er,
    lastFill: fill ?? known?.lastFill,
    createdAt: known?.createdAt ?? (o.x === "NEW" ? o.T : undefined),
    at: o.T,
    source,
  };
}

/**
 * Repair tells a fill without the average when others followed it, since REST shows the average of all: the last of
 * them says it.
 */
function averageBefore(o: OrderUpdate, known: Order | undefined): Decimal {
  return known === undefined || isZero(known.executed) ? o.L : known.averagePrice;
}

function orderOfReply(row: OrderReply, known: Order | undefined, { source }: Telling): Order {
  return {
    symbol: row.symbol,
    orderId: row.orderId,
    clientOrderId: row.clientOrderId,
    side: row.side,
    positionSide: row.positionSide,
    type: row.type,
    originalType: row.origType,
    timeInForce: row.timeInForce,
    status: row.status,
    quantity: row.origQty,
    price: row.price,
    stopPrice: row.stopPrice,
    executed: row.executedQty,
    averagePrice: row.avgPrice,
    isReduceOnly: row.reduceOnly,
    closesPosition: row.closePosition,
    goodTillDate: row.goodTillDate ?? 0,
    priceMatch: row.priceMatch ?? "NONE",
    selfTradePrevention: row.selfTradePreventionMode,
    algoId: known?.algoId,
    expiryReason: known?.expiryReason,
    lastFill: known?.lastFill,
    createdAt: row.time ?? known?.createdAt,
    at: row.updateTime,
    source,
  };
}

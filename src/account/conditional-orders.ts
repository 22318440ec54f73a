/**
 * What events and answers teach about conditional orders. Protocol sheet 7.10, 11.5. Pure.
 *
 * Rule kept here: waiting, triggering, triggered, ended is the only way there is, whatever the dates say; between
 * equals the date decides.
 */
import { isSameAmount } from "../kernel/digits.ts";
import type { Decimal } from "../kernel/scalars.ts";
import type { AlgoUpdate } from "../protocol/events/algo-update.ts";
import type { AlgoOrder } from "../protocol/rest/algo-orders.ts";
import { type AccountState, NO_GROUP } from "./account-state.ts";
import { type ConditionalOrder, isConditionalEnded } from "./facts.ts";
import { type Judgement, judge, type Telling } from "./telling.ts";

/** Takes in a conditional order after an event. */
export function applyAlgoUpdate(state: AccountState, { T, o }: AlgoUpdate, telling: Telling): void {
  const known = state.conditionals.get(NO_GROUP, o.aid);
  const told: ConditionalOrder = {
    algoId: o.aid,
    clientAlgoId: o.caid,
    symbol: o.s,
    side: o.S,
    positionSide: o.ps,
    type: o.o,
    timeInForce: o.f,
    status: o.X,
    quantity: o.q,
    triggerPrice: o.tp,
    price: o.p,
    workingType: o.wt,
    isReduceOnly: o.R,
    closesPosition: o.cp,
    isPriceProtected: o.pP,
    priceMatch: o.pm,
    selfTradePrevention: o.V,
    goodTillDate: o.gtd,
    triggeredAt: o.tt,
    isActivated: o.ia ?? known?.isActivated,
    orderId: o.ai === "" ? known?.orderId : o.ai,
    averagePrice: o.ap ?? known?.averagePrice,
    executed: o.aq ?? known?.executed,
    failure: o.rm ?? known?.failure,
    createdAt: known?.createdAt ?? (o.X === "NEW" ? T : undefined),
    at: T,
    source: telling.source,
  };
  learnConditional(state, known, told, telling);
}

/** Takes in a conditional order as a read shows it. */
export function mergeConditionalOrder(state: AccountState, row: AlgoOrder, telling: Telling): void {
  const known = state.conditionals.get(NO_GROUP, row.algoId);
  const hasOrder = row.actualOrderId !== "";
  const told: ConditionalOrder = {
    algoId: row.algoId,
    clientAlgoId: row.clientAlgoId,
    symbol: row.symbol,
    side: row.side,
    positionSide: row.positionSide,
    type: row.orderType,
    timeInForce: row.timeInForce,
    status: row.algoStatus,
    quantity: row.quantity,
    triggerPrice: row.triggerPrice,
    price: row.price,
    workingType: row.workingType,
    isReduceOnly: row.reduceOnly,
    closesPosition: row.closePosition,
    isPriceProtected: row.priceProtect,
    priceMatch: row.priceMatch,
    selfTradePrevention: row.selfTradePreventionMode,
    goodTillDate: row.goodTillDate,
    triggeredAt: row.triggerTime,
    isActivated: known?.isActivated,
    orderId: row.actualOrderId === "" ? known?.orderId : row.actualOrderId,
    averagePrice: hasOrder ? row.actualPrice : known?.averagePrice,
    executed: hasOrder ? (row.actualQty ?? known?.executed) : known?.executed,
    failure: known?.failure,
    createdAt: row.createTime,
    at: row.updateTime,
    source: telling.source,
  };
  learnConditional(state, known, told, telling);
}

/** Takes in `GET openAlgoOrders`. What is known to be open and not listed is a finding, one that triggered as well. */
export function mergeOpenConditionalOrders(
  state: AccountState,
  rows: readonly AlgoOrder[],
  telling: Telling,
  symbol: string | undefined,
): void {
  const listed = new Set<string>();
  for (const row of rows) {
    mergeConditionalOrder(state, row, telling);
    listed.add(row.algoId);
  }
  for (const [key, order] of state.conditionals.open()) {
    const isAsked = symbol === undefined || order.symbol === symbol;
    if (isAsked && !listed.has(key)) state.found("missing", "conditional-order", key, order, undefined);
  }
}

function learnConditional(
  state: AccountState,
  known: ConditionalOrder | undefined,
  told: ConditionalOrder,
  telling: Telling,
): void {
  const key = told.algoId;
  if (known === undefined) {
    state.changed("conditional-order", key, undefined, told);
    state.conditionals.put(NO_GROUP, key, told, isConditionalEnded(told.status));
    return;
  }
  const step = conditionalStep(told.status) - conditionalStep(known.status);
  if (step < 0 && telling.by === "answer") {
    state.found(told.at > known.at ? "disputed" : "stale", "conditional-order", key, known, told);
  }
  const judgement: Judgement | undefined =
    step < 0 ? undefined : step > 0 ? "news" : judge(known, told, isSameConditional(known, told), telling);
  const believed =
    judgement === undefined ? undefined : state.settle("conditional-order", key, known, told, judgement, telling);
  const written = believed ?? withCreation(state, known, told);
  if (written !== undefined) state.conditionals.put(NO_GROUP, key, written, isConditionalEnded(written.status));
}

/** How far it has come: 0 to 3, never less than before. A status nobody knows lies between waiting and the end. */
export function conditionalStep(status: ConditionalOrder["status"]): number {
  if (isConditionalEnded(status)) return 3;
  return status === "NEW" ? 0 : status === "TRIGGERED" ? 2 : 1;
}

function isSameConditional(a: ConditionalOrder, b: ConditionalOrder): boolean {
  return (
    a.status === b.status &&
    a.orderId === b.orderId &&
    a.isActivated === b.isActivated &&
    isSameAmount(a.quantity, b.quantity) &&
    isSameAmount(a.triggerPrice, b.triggerPrice) &&
    isSameIfTold(a.executed, b.executed)
  );
}

function isSameIfTold(a: Decimal | undefined, b: Decimal | undefined): boolean {
  return a === undefined || b === undefined || isSameAmount(a, b);
}

/** When it was placed never changes: any answer may say it. */
function withCreation(
  state: AccountState,
  known: ConditionalOrder,
  { createdAt }: ConditionalOrder,
): ConditionalOrder | undefined {
  const isNews = known.createdAt === undefined && createdAt !== undefined;
  return isNews ? state.detailed({ ...known, createdAt }) : undefined;
}

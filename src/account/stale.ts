/** Answers that are older than what the stream has proved: they are to be asked for again. Pure. */

import { type Fixed, fixed } from "../kernel/decimal.ts";
import { compareAmounts, compareIds } from "../kernel/digits.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { AccountUpdate } from "../protocol/events/account-update.ts";
import type { OrderTradeUpdate } from "../protocol/events/order-trade-update.ts";
import type { Order, UserTrade } from "../protocol/rest/orders.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import { type Fact, orderKey, positionKey } from "./facts.ts";
import { UNFILLED_MS } from "./holes.ts";
import type { Ledger } from "./missed.ts";
import { placed } from "./repaired-events.ts";
import type { Survey } from "./survey.ts";
import { stepOf } from "./told-steps.ts";

/** What answers may contradict each other about. */
export interface ContradictionTerms {
  /** What is older was told, or named as a hole. */
  readonly since: TransactMs;
  /** What changed so shortly before the questions one answer may have and another not. */
  readonly seamMs: number;
}

/** The first contradiction between answers of one survey, in words; `undefined` when they agree. */
export function contradiction(
  survey: Survey,
  ledger: Pick<Ledger, "order" | "told">,
  terms: ContradictionTerms,
): string | undefined {
  for (const key of contradicted(survey, ledger, terms)) return `order ${key} has fills that are not listed`;
  return undefined;
}

/**
 * By `orderKey`: what orders say is filled must be there as fills, and of these it is not. One of the answers lags, or
 * the servers disagree.
 */
export function* contradicted(
  { orders, trades, askedAt }: Survey,
  ledger: Pick<Ledger, "order" | "told">,
  { since, seamMs }: ContradictionTerms,
): Generator<string> {
  for (const [key, row] of orders) {
    const known = ledger.order(row.symbol, row.orderId);
    const fills = trades.get(row.symbol);
    if (fills === undefined || row.updateTime > askedAt - seamMs) continue;
    // All that happened to it is older than what was asked for: what of it was missed is a hole of an earlier repair.
    if (row.updateTime < since) continue;
    // Of an older order that nobody told of, some fills are older than what was asked for. So are those of one that was
    // told and has left the mirror since, because so many have ended after it.
    if (known === undefined && (row.time < since || isToldAsPlaced(row, ledger))) continue;
    const last = known?.lastFill?.tradeId;
    const listed = fills.filter(({ orderId }) => orderId === row.orderId);
    const news = listed.filter(({ id }) => last === undefined || compareIds(id, last) > 0);
    // The last fill that is known may have been told without how far it filled the order, and is not in its count.
    const found = [fixed(known?.executed ?? "0") + sumOf(news), sumOf(listed)];
    if (found.every((sum) => sum < fixed(row.executedQty))) yield key;
  }
}

function sumOf(fills: readonly UserTrade[]): Fixed {
  return fills.reduce((sum, { qty }) => (sum + fixed(qty)) as Fixed, 0n as Fixed);
}

function isToldAsPlaced(row: Order, { told }: Pick<Ledger, "told">): boolean {
  return told.hasStep(stepOf(placed(row)) ?? "");
}

/**
 * The first thing that the exchange has told of, has to know still, and says not to know, in words; `undefined` when
 * there is none. What ended unfilled it may forget after {@link UNFILLED_MS}.
 */
export function forgotten({ unknown: { orders, conditionals }, askedAt }: Survey): string | undefined {
  const isKept = ({ at }: Fact) => at > askedAt - UNFILLED_MS;
  const order = orders.find(isKept);
  if (order !== undefined) return `order ${order.orderId} of ${order.symbol} is not known`;
  const conditional = conditionals.find(isKept);
  return conditional === undefined ? undefined : `conditional order ${conditional.algoId} is not known`;
}

/**
 * The first proof that an answer of the survey is stale, in words; `undefined` when there is none. Only events dated
 * well before the questions prove anything: what happens meanwhile, a right answer need not have.
 * @param events what the stream told since it is heard again
 * @param seamMs how far our idea of the exchange's clock may be off
 */
export function staleAnswer(survey: Survey, events: readonly UserDataEvent[], seamMs: number): string | undefined {
  const before = (survey.askedAt - seamMs) as TransactMs;
  for (const event of events) {
    if (!("T" in event) || typeof event.T !== "number" || event.T > before) continue;
    const proof =
      event.e === "ORDER_TRADE_UPDATE"
        ? orderProof(survey, event as OrderTradeUpdate)
        : event.e === "ACCOUNT_UPDATE"
          ? accountProof(survey, event as AccountUpdate)
          : undefined;
    if (proof !== undefined) return proof;
  }
  return undefined;
}

function orderProof({ orders, trades }: Survey, { o }: OrderTradeUpdate): string | undefined {
  const row = orders.get(orderKey(o.s, o.i));
  if (row !== undefined && compareAmounts(row.executedQty, o.z) < 0) return `order ${o.i} of ${o.s} is filled further`;
  const fills = o.x === "TRADE" ? trades.get(o.s) : undefined;
  if (fills !== undefined && !fills.some(({ id }) => id === o.t)) return `fill ${o.t} of ${o.s} is missing`;
  return undefined;
}

function accountProof({ balances, positions }: Survey, { T, a }: AccountUpdate): string | undefined {
  for (const { a: asset } of a.B) {
    const row = balances.find((balance) => balance.asset === asset);
    if (row !== undefined && row.updateTime !== 0 && row.updateTime < T) return `the balance of ${asset} is older`;
  }
  for (const { s, ps } of a.P) {
    const row = positions.find(
      (position) => positionKey(position.symbol, position.positionSide) === positionKey(s, ps),
    );
    if (row !== undefined && row.updateTime !== 0 && row.updateTime < T) return `the position ${s} ${ps} is older`;
  }
  return undefined;
}

/**
 * One round of questions: everything REST says about an account, and about what happened to it since a time. Pure; it
 * asks through a port and decides nothing.
 *
 * The cheap and general comes first, and at once: modes, money, positions, open orders, orders placed, income. What
 * that names is asked next: orders that were open and are not listed, fills of the symbols that traded, orders of
 * those fills.
 */
import { fixed } from "../kernel/decimal.ts";
import type { Id64, TransactMs } from "../kernel/scalars.ts";
import type { Balance } from "../protocol/rest/account.ts";
import type { AccountConfig, SymbolConfig } from "../protocol/rest/account-settings.ts";
import type { AlgoOrder } from "../protocol/rest/algo-orders.ts";
import type { Income } from "../protocol/rest/income.ts";
import type { Order as OrderRow, UserTrade } from "../protocol/rest/orders.ts";
import type { PositionRiskV3 } from "../protocol/rest/position-risk.ts";
import type { Span } from "./account-reads.ts";
import { type ConditionalOrder, type Order, orderKey, type Position } from "./facts.ts";
import { type Ask, algoOrdersIn, incomeIn, ordersIn, type Pages, tradesAfter, tradesIn } from "./pages.ts";
import { isOfFills } from "./repaired-events.ts";

/** What is known already, so that only the rest is asked for. */
export interface KnownAccount {
  readonly openOrders: Iterable<Order>;
  readonly openConditionals: Iterable<ConditionalOrder>;
  readonly positions: Iterable<Position>;
  /** Those on which conditional orders have been seen: REST lists them by symbol only, and one may come and go. */
  readonly conditionalSymbols: Iterable<string>;
  order(symbol: string, orderId: Id64): Order | undefined;
  conditional(algoId: Id64): ConditionalOrder | undefined;
}

/** What one round is about. */
export interface SurveyScope {
  /** The exchange's time now: it was asked for just before. */
  readonly askedAt: TransactMs;
  /** From when on the past is asked for; `undefined`: only how things stand. By the exchange's clock. */
  readonly since: TransactMs | undefined;
  readonly known: KnownAccount;
  /** Symbol → the newest trade id that was told before the gap. */
  readonly lastTradeIds: ReadonlyMap<string, string>;
}

/** What REST said. */
export interface Survey {
  /** The exchange's time when the questions were asked, as far as we know it. */
  readonly askedAt: TransactMs;
  readonly config: AccountConfig;
  readonly symbols: readonly SymbolConfig[];
  readonly balances: readonly Balance[];
  readonly positions: readonly PositionRiskV3[];
  /**
   * By {@link orderKey}: open ones, those placed within the span, and those that were looked up. The newest word on
   * each.
   */
  readonly orders: ReadonlyMap<string, OrderRow>;
  /** By algo id, likewise. */
  readonly conditionals: ReadonlyMap<string, AlgoOrder>;
  /** Fills since the gap began, by symbol, oldest first. */
  readonly trades: ReadonlyMap<string, readonly UserTrade[]>;
  /** Changes of the wallet within the span, oldest first. */
  readonly income: readonly Income[];
  /** What could not be had, in words. */
  readonly holes: readonly string[];
}

/** Asks. @throws what `ask` throws */
export async function takeSurvey(ask: Ask, scope: SurveyScope): Promise<Survey> {
  const { askedAt } = scope;
  const span = scope.since === undefined ? undefined : { startTime: scope.since, endTime: askedAt };
  const [standing, past] = await Promise.all([askStanding(ask), askPast(ask, span)]);
  const holes = [...past.orders.holes, ...past.income.holes];
  const orders = new Map<string, OrderRow>();
  for (const row of [...past.orders.rows, ...standing.openOrders]) addOrder(orders, row);
  await lookUpEnded(ask, scope.known, standing.openOrders, orders, holes);
  const traded =
    span === undefined ? new Set<string>() : tradedSymbols(scope.known, standing.positions, orders, past.income.rows);
  const trades = await askTrades(ask, traded, span, scope.lastTradeIds, holes);
  await lookUpOrdersOf(ask, trades, scope.known, orders);
  const conditionals = await askConditionals(ask, standing.openAlgoOrders, traded, { ...scope, span }, holes);
  const { config, symbols, balances, positions } = standing;
  return {
    askedAt,
    config,
    symbols,
    balances,
    positions,
    orders,
    conditionals,
    trades,
    income: past.income.rows,
    holes,
  };
}

async function askStanding(ask: Ask) {
  const [config, symbols, balances, positions, openOrders, openAlgoOrders] = await Promise.all([
    ask((reads) => reads.accountConfig()),
    ask((reads) => reads.symbolConfigs()),
    ask((reads) => reads.balances()),
    ask((reads) => reads.positions()),
    ask((reads) => reads.openOrders()),
    ask((reads) => reads.openAlgoOrders()),
  ]);
  return { config, symbols, balances, positions, openOrders, openAlgoOrders };
}

async function askPast(ask: Ask, span: Span | undefined): Promise<{ orders: Pages<OrderRow>; income: Pages<Income> }> {
  if (span === undefined) return { orders: { rows: [], holes: [] }, income: { rows: [], holes: [] } };
  const [orders, income] = await Promise.all([ordersIn(ask, span), incomeIn(ask, span)]);
  return { orders, income };
}

/** Of two words on one order the further one is the newer: REST may answer from servers that disagree. */
function addOrder(orders: Map<string, OrderRow>, row: OrderRow): void {
  const key = orderKey(row.symbol, row.orderId);
  const other = orders.get(key);
  if (other === undefined || isFurther(row, other)) orders.set(key, row);
}

function isFurther(row: OrderRow, other: OrderRow): boolean {
  if (row.updateTime !== other.updateTime) return row.updateTime > other.updateTime;
  return fixed(row.executedQty) > fixed(other.executedQty) || other.status === "NEW";
}

/** Orders that were open and are not listed: what became of them is asked one by one. */
async function lookUpEnded(
  ask: Ask,
  known: KnownAccount,
  openOrders: readonly OrderRow[],
  orders: Map<string, OrderRow>,
  holes: string[],
): Promise<void> {
  const listed = new Set(openOrders.map((row) => orderKey(row.symbol, row.orderId)));
  for (const { symbol, orderId } of known.openOrders) {
    const key = orderKey(symbol, orderId);
    if (listed.has(key)) continue;
    const row = await ask((reads) => reads.order(symbol, orderId));
    if (row !== undefined) addOrder(orders, row);
    else if (!orders.has(key))
      holes.push(`order ${orderId} of ${symbol}: it is not open any more, and REST does not know it`);
  }
}

/** Symbols on which something was filled, as far as income, orders and positions tell. */
function tradedSymbols(
  known: KnownAccount,
  positions: readonly PositionRiskV3[],
  orders: ReadonlyMap<string, OrderRow>,
  income: readonly Income[],
): Set<string> {
  const symbols = new Set(income.filter(isOfFills).map(({ symbol }) => symbol));
  for (const row of orders.values()) {
    const before = known.order(row.symbol, row.orderId)?.executed ?? "0";
    if (fixed(row.executedQty) !== fixed(before)) symbols.add(row.symbol);
  }
  const amounts = new Map(positions.map((row) => [`${row.symbol}/${row.positionSide}`, fixed(row.positionAmt)]));
  for (const { symbol, side, amount } of known.positions) {
    const key = `${symbol}/${side}`;
    if ((amounts.get(key) ?? 0n) !== fixed(amount)) symbols.add(symbol);
    amounts.delete(key);
  }
  for (const [key, amount] of amounts) if (amount !== 0n) symbols.add(key.slice(0, key.lastIndexOf("/")));
  symbols.delete("");
  return symbols;
}

async function askTrades(
  ask: Ask,
  symbols: ReadonlySet<string>,
  span: Span | undefined,
  lastTradeIds: ReadonlyMap<string, string>,
  holes: string[],
): Promise<Map<string, readonly UserTrade[]>> {
  const trades = new Map<string, readonly UserTrade[]>();
  for (const symbol of symbols) {
    const lastId = lastTradeIds.get(symbol);
    if (lastId === undefined && span === undefined) continue;
    const pages =
      lastId !== undefined ? await tradesAfter(ask, symbol, lastId) : await tradesIn(ask, symbol, span as Span);
    trades.set(symbol, pages.rows);
    holes.push(...pages.holes);
  }
  return trades;
}

/** A fill names its order, and the order names what the fill does not: type, quantity, client order id. */
async function lookUpOrdersOf(
  ask: Ask,
  trades: ReadonlyMap<string, readonly UserTrade[]>,
  known: KnownAccount,
  orders: Map<string, OrderRow>,
): Promise<void> {
  for (const [symbol, fills] of trades) {
    for (const orderId of new Set(fills.map((trade) => trade.orderId))) {
      const row = orders.get(orderKey(symbol, orderId));
      const last = fills.findLast((trade) => trade.orderId === orderId);
      if (row !== undefined && last !== undefined && row.updateTime >= last.time) continue;
      if (row === undefined && known.order(symbol, orderId)?.status === "FILLED") continue;
      const found = await ask((reads) => reads.order(symbol, orderId));
      if (found !== undefined) addOrder(orders, found);
    }
  }
}

async function askConditionals(
  ask: Ask,
  open: readonly AlgoOrder[],
  traded: ReadonlySet<string>,
  { known, span }: Pick<SurveyScope, "known"> & { readonly span: Span | undefined },
  holes: string[],
): Promise<Map<string, AlgoOrder>> {
  const conditionals = new Map<string, AlgoOrder>();
  const add = (row: AlgoOrder) => {
    const other = conditionals.get(row.algoId);
    if (other === undefined || row.updateTime >= other.updateTime) conditionals.set(row.algoId, row);
  };
  for (const row of open) add(row);
  const symbols = new Set([...traded, ...known.conditionalSymbols]);
  for (const { algoId, symbol } of known.openConditionals) {
    symbols.add(symbol);
    if (conditionals.has(algoId)) continue;
    const row = await ask((reads) => reads.algoOrder(algoId));
    if (row !== undefined) add(row);
    else holes.push(`conditional order ${algoId} of ${symbol}: it does not wait any more, and REST does not know it`);
  }
  if (span === undefined) return conditionals;
  for (const symbol of symbols) {
    const pages = await algoOrdersIn(ask, symbol, span);
    holes.push(...pages.holes);
    for (const row of pages.rows) add(row);
  }
  return conditionals;
}

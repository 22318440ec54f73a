/**
 * One round of questions: everything REST says about an account, and about what happened to it since a time. Pure; it
 * asks through a port and decides nothing.
 *
 * The cheap and general comes first, and at once: modes, money, positions, open orders, orders placed, income. What
 * that names is asked next: orders that were open and are not listed, fills of the symbols that traded, orders of
 * those fills.
 */
import { fixed } from "../kernel/decimal.ts";
import { isZero } from "../kernel/digits.ts";
import { VenueRejected } from "../kernel/errors.ts";
import type { Id64, TransactMs } from "../kernel/scalars.ts";
import type { Balance } from "../protocol/rest/account.ts";
import type { AccountConfig, SymbolConfig } from "../protocol/rest/account-settings.ts";
import type { AlgoOrder } from "../protocol/rest/algo-orders.ts";
import type { Income } from "../protocol/rest/income.ts";
import type { Order as OrderRow, UserTrade } from "../protocol/rest/orders.ts";
import type { PositionRiskV3 } from "../protocol/rest/position-risk.ts";
import type { Span } from "./account-reads.ts";
import { BOOKING_SLACK_MS } from "./bookings.ts";
import { type ConditionalOrder, isEnded, type Order, orderKey, type Position, positionKey } from "./facts.ts";
import { Holes } from "./holes.ts";
import { type Ask, algoOrdersIn, incomeIn, ordersIn, tradesAfter, tradesIn } from "./pages.ts";
import { isOfFills } from "./repaired-events.ts";
import { lookUpVanished } from "./vanished.ts";

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
  /** No answer is older. What is known and younger, one may lack: that it is not listed is no finding. */
  readonly shownUntil: TransactMs;
  readonly known: KnownAccount;
  /** Symbol → the newest trade id that was told before the gap. */
  readonly lastTradeIds: ReadonlyMap<string, string>;
  /** Symbol → fills after it that need not be asked for again: nothing before the last of them is missing. */
  readonly settledFills?: ReadonlyMap<string, readonly UserTrade[]>;
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
  /** Changes of the wallet since {@link incomeSince}, oldest first. */
  readonly income: readonly Income[];
  /** A little before the span: what was told then shows which of equal rows were. */
  readonly incomeSince: TransactMs;
  /** What was open, is not listed any more, and REST does not know: nobody can say how it ended. */
  readonly unknown: {
    readonly orders: readonly Order[];
    readonly conditionals: readonly ConditionalOrder[];
  };
  /** What could not be had, in words. */
  readonly holes: readonly string[];
}

/**
 * Asks. What a part of it is refused for good is a hole; without what stands now there is no survey.
 * @throws what `ask` throws
 */
export async function takeSurvey(ask: Ask, scope: SurveyScope): Promise<Survey> {
  const { askedAt, since, known } = scope;
  const holes = new Holes();
  const span = since === undefined ? undefined : holes.kept({ startTime: since, endTime: askedAt });
  const [standing, past] = await Promise.all([askStanding(ask, holes), askPast(ask, span, holes)]);
  const orders = new Map<string, OrderRow>();
  for (const row of [...past.placed, ...standing.openOrders]) addOrder(orders, row);
  if (past.isBySymbol && span !== undefined) {
    for (const row of await placedBySymbol(ask, span, scope, standing, past.recent, holes)) addOrder(orders, row);
  }
  const unknownOrders = await lookUpEnded(ask, scope, standing.openOrders, orders, holes);
  const traded = span === undefined ? NOWHERE : tradedSymbols(known, standing.positions, orders, past.recent);
  const trades = await askTrades(ask, traded, span, scope, holes);
  await lookUpOrdersOf(ask, trades, known, orders, holes);
  const conditionals = await askConditionals(ask, standing.openAlgoOrders, orders, { ...scope, span, traded }, holes);
  const { config, symbols, balances, positions } = standing;
  const unknown = { orders: unknownOrders, conditionals: conditionals.unknown };
  const money = { income: past.income, incomeSince: incomeSince(span?.startTime ?? askedAt) };
  const news = { orders, conditionals: conditionals.rows, trades, ...money, unknown };
  return { askedAt, config, symbols, balances, positions, ...news, holes: holes.words };
}

const NOWHERE: ReadonlySet<string> = new Set();

type Standing = Awaited<ReturnType<typeof askStanding>>;

async function askStanding(ask: Ask, holes: Holes) {
  const [config, symbols, balances, positions, openOrders, openAlgoOrders] = await Promise.all([
    ask((reads) => reads.accountConfig()),
    ask((reads) => reads.symbolConfigs()),
    ask((reads) => reads.balances()),
    ask((reads) => reads.positions()),
    ask((reads) => reads.openOrders()),
    holes.unlessRefused("conditional orders", () => ask((reads) => reads.openAlgoOrders())),
  ]);
  return { config, symbols, balances, positions, openOrders, openAlgoOrders };
}

interface Past {
  readonly placed: readonly OrderRow[];
  /** Orders of all symbols at once are refused: only those of one. */
  readonly isBySymbol: boolean;
  /** Since {@link incomeSince}. */
  readonly income: readonly Income[];
  /** Of it, what is dated within the span. */
  readonly recent: readonly Income[];
}

/** Income is asked for from so much before a span on: an event of the span's first rows may be dated so early. */
const INCOME_BEFORE_MS = 2 * BOOKING_SLACK_MS;

function incomeSince(since: TransactMs): TransactMs {
  return Math.max(0, since - INCOME_BEFORE_MS) as TransactMs;
}

async function askPast(ask: Ask, span: Span | undefined, holes: Holes): Promise<Past> {
  if (span === undefined) return { placed: [], isBySymbol: false, income: [], recent: [] };
  const { startTime, endTime } = span;
  const incomeSpan = { startTime: incomeSince(startTime), endTime };
  const [placed, income] = await Promise.all([
    holes.unlessRefused("orders that were placed", () => unlessBySymbol(ordersIn(ask, span))),
    holes.unlessRefused("funding, transfers, and symbols that traded", () => incomeIn(ask, incomeSpan)),
  ]);
  const rows = placed === undefined || placed === BY_SYMBOL ? [] : holes.rowsOf(placed);
  const booked = income === undefined ? [] : holes.rowsOf(income);
  const recent = booked.filter(({ time }) => time >= startTime);
  return { placed: rows, isBySymbol: placed === BY_SYMBOL, income: booked, recent };
}

/** -1102: a parameter is missing. Before 2026-08-25 `allOrders` wanted a symbol (sheet 11.3). */
const PARAMETER_MISSING = -1102;
const BY_SYMBOL = "by symbol";

async function unlessBySymbol<T>(answer: Promise<T>): Promise<T | typeof BY_SYMBOL> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof VenueRejected && error.venueCode === PARAMETER_MISSING) return BY_SYMBOL;
    throw error;
  }
}

/** Orders placed on every symbol that is known to matter. What was placed and ended unfilled elsewhere stays unseen. */
async function placedBySymbol(
  ask: Ask,
  span: Span,
  { known, lastTradeIds }: SurveyScope,
  { openOrders, positions }: Standing,
  income: readonly Income[],
  holes: Holes,
): Promise<OrderRow[]> {
  const held = [...known.positions].filter(({ amount }) => !isZero(amount));
  const rows = [...known.openOrders, ...held, ...openOrders, ...positions, ...income];
  const symbols = new Set([...rows.map(({ symbol }) => symbol), ...lastTradeIds.keys()]);
  symbols.delete("");
  const placed: OrderRow[] = [];
  for (const symbol of symbols) {
    const pages = await holes.unlessRefused(`orders of ${symbol}`, () => ordersIn(ask, span, symbol));
    if (pages !== undefined) placed.push(...holes.rowsOf(pages));
  }
  holes.add("orders that others placed and cancelled unfilled on symbols not known here: none were listed without one");
  return placed;
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

/** Orders that were open and are not listed. Returns those that REST does not know. */
async function lookUpEnded(
  ask: Ask,
  { known, shownUntil }: SurveyScope,
  openOrders: readonly OrderRow[],
  orders: Map<string, OrderRow>,
  holes: Holes,
): Promise<Order[]> {
  const listed = new Set(openOrders.map((row) => orderKey(row.symbol, row.orderId)));
  const isVanished = ({ symbol, orderId }: Order) => {
    const key = orderKey(symbol, orderId);
    return !listed.has(key) && !isEnded(orders.get(key)?.status ?? "NEW");
  };
  const vanished = {
    what: "order",
    things: [...known.openOrders].filter(isVanished),
    isShown: ({ symbol, orderId }: Order) => orders.has(orderKey(symbol, orderId)),
    idOfThing: ({ orderId }: Order) => orderId,
    one: (symbol: string, id: Id64) => ask((reads) => reads.order(symbol, id)),
    page: (symbol: string, id: Id64) => ask((reads) => reads.ordersFrom(symbol, id)),
    idOf: ({ orderId }: OrderRow) => orderId,
  };
  return lookUpVanished(vanished, (row) => addOrder(orders, row), shownUntil, holes);
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
  const amounts = new Map(positions.map((row) => [positionKey(row.symbol, row.positionSide), fixed(row.positionAmt)]));
  for (const { symbol, side, amount } of known.positions) {
    const key = positionKey(symbol, side);
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
  { lastTradeIds, settledFills }: SurveyScope,
  holes: Holes,
): Promise<Map<string, readonly UserTrade[]>> {
  const trades = new Map<string, readonly UserTrade[]>();
  for (const symbol of symbols) {
    const settled = settledFills?.get(symbol) ?? [];
    const lastId = settled.at(-1)?.id ?? lastTradeIds.get(symbol);
    const pages = await holes.unlessRefused(`fills of ${symbol}`, async () => {
      if (lastId !== undefined) return tradesAfter(ask, symbol, lastId);
      return span === undefined ? undefined : tradesIn(ask, symbol, span);
    });
    if (pages !== undefined) trades.set(symbol, [...settled, ...holes.rowsOf(pages)]);
  }
  return trades;
}

/** A fill names its order, and the order names what the fill does not: type, quantity, client order id. */
async function lookUpOrdersOf(
  ask: Ask,
  trades: ReadonlyMap<string, readonly UserTrade[]>,
  known: KnownAccount,
  orders: Map<string, OrderRow>,
  holes: Holes,
): Promise<void> {
  for (const [symbol, fills] of trades) {
    const lastFills = new Map(fills.map(({ orderId, time }) => [orderId, time]));
    for (const [orderId, filledAt] of lastFills) {
      const row = orders.get(orderKey(symbol, orderId));
      if (row !== undefined && row.updateTime >= filledAt) continue;
      if (row === undefined && known.order(symbol, orderId)?.status === "FILLED") continue;
      const what = `order ${orderId} of ${symbol}`;
      const found = await holes.unlessRefused(what, () => ask((reads) => reads.order(symbol, orderId)));
      if (found !== undefined) addOrder(orders, found);
    }
  }
}

/** What conditional orders are asked about with. */
interface ConditionalScope extends SurveyScope {
  readonly span: Span | undefined;
  readonly traded: ReadonlySet<string>;
}

interface Conditionals {
  readonly rows: Map<string, AlgoOrder>;
  readonly unknown: readonly ConditionalOrder[];
}

async function askConditionals(
  ask: Ask,
  open: readonly AlgoOrder[] | undefined,
  orders: ReadonlyMap<string, OrderRow>,
  { known, span, since, shownUntil, traded }: ConditionalScope,
  holes: Holes,
): Promise<Conditionals> {
  const rows = new Map<string, AlgoOrder>();
  if (open === undefined) return { rows, unknown: [] };
  const add = (row: AlgoOrder) => {
    const other = rows.get(row.algoId);
    if (other === undefined || row.updateTime >= other.updateTime) rows.set(row.algoId, row);
  };
  for (const row of open) add(row);
  const openOnes = [...known.openConditionals];
  const placed = [...orders.values()].filter(({ time }) => since !== undefined && time >= since);
  const symbols = new Set([
    ...traded,
    ...known.conditionalSymbols,
    ...[...openOnes, ...open, ...placed].map(({ symbol }) => symbol),
  ]);
  for (const symbol of span === undefined ? [] : symbols) {
    const what = `conditional orders of ${symbol}`;
    const pages = await holes.unlessRefused(what, () => algoOrdersIn(ask, symbol, span as Span));
    if (pages !== undefined) for (const row of holes.rowsOf(pages)) add(row);
  }
  const vanished = openOnes.filter((one) => !rows.has(one.algoId) && !isSettled(one, known, orders, since));
  return { rows, unknown: await lookUpConditionals(ask, vanished, rows, add, shownUntil, holes) };
}

/**
 * A conditional order that triggered is never listed again. While its order is open nothing more is to be told of it;
 * and if that ended before the time in question, so did it.
 */
function isSettled(
  { symbol, status, orderId }: ConditionalOrder,
  known: KnownAccount,
  orders: ReadonlyMap<string, OrderRow>,
  since: TransactMs | undefined,
): boolean {
  if (status !== "TRIGGERED" || orderId === undefined) return false;
  const row = orders.get(orderKey(symbol, orderId));
  if (row !== undefined) return !isEnded(row.status);
  const order = known.order(symbol, orderId);
  return order !== undefined && isEnded(order.status) && since !== undefined && order.at < since;
}

/** Returns those that REST does not know. */
async function lookUpConditionals(
  ask: Ask,
  vanished: readonly ConditionalOrder[],
  rows: ReadonlyMap<string, AlgoOrder>,
  add: (row: AlgoOrder) => void,
  shownUntil: TransactMs,
  holes: Holes,
): Promise<ConditionalOrder[]> {
  const by = {
    what: "conditional order",
    things: vanished,
    isShown: ({ algoId }: ConditionalOrder) => rows.has(algoId),
    idOfThing: ({ algoId }: ConditionalOrder) => algoId,
    one: (_symbol: string, id: Id64) => ask((reads) => reads.algoOrder(id)),
    page: (symbol: string, id: Id64) => ask((reads) => reads.algoOrdersFrom(symbol, id)),
    idOf: ({ algoId }: AlgoOrder) => algoId,
  };
  return lookUpVanished(by, add, shownUntil, holes);
}

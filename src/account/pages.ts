/**
 * Reads that come in pages, followed to the end. Pure.
 *
 * Rules kept here
 * - A full page is followed by another request, even when it was exactly full by chance.
 * - By id the next page begins after the last id: nothing can fall between. By time it begins in the millisecond of the
 *   last row, since that may go on; rows seen already are dropped. A millisecond that fills a page by itself cannot be
 *   paged by time: the rest of it is a hole, and is said to be one.
 * - A span of more than seven days is asked for in parts, since the exchange refuses it whole.
 * - Pages are bounded: what lies beyond {@link PAGES_MAX} is a hole.
 */
import type { TransactMs } from "../kernel/scalars.ts";
import type { AlgoOrder } from "../protocol/rest/algo-orders.ts";
import type { Income } from "../protocol/rest/income.ts";
import type { Order, UserTrade } from "../protocol/rest/orders.ts";
import { type AccountReads, PAGE_ROWS_MAX, type Span } from "./account-reads.ts";

/**
 * Pages of one read, in one part of a span. A hundred thousand fills: more than the exchange lets anybody make in a
 * day.
 */
const PAGES_MAX = 100;

/** Less than the seven days that the exchange allows, so that clocks that disagree a little do not matter. */
const SPAN_MAX_MS = 7 * 86_400_000 - 60_000;

/** Rows, and what could not be had. */
export interface Pages<Row> {
  readonly rows: readonly Row[];
  /** In words, what is missing; empty when nothing is. */
  readonly holes: readonly string[];
}

/** Asks; it is what repeats, waits and gives up on behalf of a repair. */
export type Ask = <T>(read: (reads: AccountReads) => Promise<T>) => Promise<T>;

/** Orders placed within the span, of all symbols or of one, oldest first. */
export function ordersIn(ask: Ask, span: Span, symbol?: string): Promise<Pages<Order>> {
  return byTime({
    span,
    read: (part) => ask((reads) => reads.orders(part, symbol)),
    timeOf: (order) => order.time,
    nameOf: (order) => `${order.symbol}|${order.orderId}`,
    what: symbol === undefined ? "orders" : `orders of ${symbol}`,
  });
}

/** Conditional orders of one symbol placed within the span, oldest first. */
export function algoOrdersIn(ask: Ask, symbol: string, span: Span): Promise<Pages<AlgoOrder>> {
  return byTime({
    span,
    read: (part) => ask((reads) => reads.algoOrders(symbol, part)),
    timeOf: (algo) => algo.createTime,
    nameOf: (algo) => algo.algoId,
    what: `conditional orders of ${symbol}`,
  });
}

/** Fills of one symbol after the trade with this id, oldest first. */
export async function tradesAfter(ask: Ask, symbol: string, lastId: string): Promise<Pages<UserTrade>> {
  const rows: UserTrade[] = [];
  let fromId = BigInt(lastId) + 1n;
  for (let page = 0; page < PAGES_MAX; page++) {
    const asked = String(fromId);
    const got = await ask((reads) => reads.trades(symbol, { fromId: asked }));
    rows.push(...got);
    const last = got.at(-1);
    if (last === undefined || got.length < PAGE_ROWS_MAX) return { rows, holes: [] };
    fromId = BigInt(last.id) + 1n;
  }
  return { rows, holes: [`fills of ${symbol} after ${rows.length} pages of them`] };
}

/** Fills of one symbol within the span, oldest first: the first by time, all others by id. */
export async function tradesIn(ask: Ask, symbol: string, span: Span): Promise<Pages<UserTrade>> {
  for (const part of parts(span)) {
    const first = await ask((reads) => reads.trades(symbol, part));
    const last = first.at(-1);
    if (last === undefined) continue;
    const later = await tradesAfter(ask, symbol, last.id);
    return { rows: [...first, ...later.rows], holes: later.holes };
  }
  return { rows: [], holes: [] };
}

/** Changes of the wallet within the span, of all symbols, oldest first. */
export async function incomeIn(ask: Ask, span: Span): Promise<Pages<Income>> {
  const rows: Income[] = [];
  const seen = new Set<string>();
  for (const part of parts(span)) {
    for (let page = 1; ; page++) {
      if (page > PAGES_MAX) return { rows, holes: [`income after ${rows.length} rows`] };
      const asked = page;
      const got = await ask((reads) => reads.income(part, asked));
      // A row that is late moves the others on, so that the next page begins with what ended the one before it.
      const names = got.map(nameOfIncome);
      rows.push(...got.filter((_row, i) => names[i] === undefined || !seen.has(names[i])));
      for (const name of names) if (name !== undefined) seen.add(name);
      if (got.length < PAGE_ROWS_MAX) break;
    }
  }
  return { rows, holes: [] };
}

/** `tranId` is unique within its type (documented), but for transfers that have 0 for one (seen): they have no name. */
function nameOfIncome({ incomeType, tranId, asset, symbol, income }: Income): string | undefined {
  return tranId === "0" ? undefined : `${incomeType}|${tranId}|${asset}|${symbol}|${income}`;
}

interface ByTime<Row> {
  readonly span: Span;
  readonly read: (part: Span) => Promise<readonly Row[]>;
  readonly timeOf: (row: Row) => TransactMs;
  readonly nameOf: (row: Row) => string;
  readonly what: string;
}

async function byTime<Row>({ span, read, timeOf, nameOf, what }: ByTime<Row>): Promise<Pages<Row>> {
  const rows = new Map<string, Row>();
  const holes: string[] = [];
  for (const part of parts(span)) {
    let { startTime } = part;
    for (let page = 0; ; page++) {
      if (page === PAGES_MAX)
        return { rows: [...rows.values()], holes: [...holes, `${what} after ${rows.size} of them`] };
      const got = await read({ startTime, endTime: part.endTime });
      for (const row of got) rows.set(nameOf(row), row);
      const last = got.at(-1);
      if (last === undefined || got.length < PAGE_ROWS_MAX) break;
      const goesOn = timeOf(last);
      if (goesOn > startTime) startTime = goesOn;
      else {
        holes.push(`${what} of the millisecond ${startTime} beyond the first ${PAGE_ROWS_MAX}`);
        startTime = (startTime + 1) as TransactMs;
      }
    }
  }
  return { rows: [...rows.values()], holes };
}

function parts({ startTime, endTime }: Span): Span[] {
  const spans: Span[] = [];
  for (let from = startTime as number; from <= endTime; from += SPAN_MAX_MS + 1) {
    spans.push({ startTime: from as TransactMs, endTime: Math.min(from + SPAN_MAX_MS, endTime) as TransactMs });
  }
  return spans;
}

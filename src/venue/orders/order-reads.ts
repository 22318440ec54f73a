/**
 * Reads of orders and fills, with the windows, paging and retention of the documented calls. Pure.
 *
 * - Retention (documented): an order cancelled or expired without a fill is found for 3 days after it was placed, any
 *   other ended one for 90 days; fills for 3 months. Open orders are always found.
 * - Without times the last 7 days; with one time the 7 days from or up to it; with both at most 7 days, else -4165.
 * - With `startTime`, `orderId` or `fromId` the oldest `limit` from there; otherwise the newest. Always oldest first
 *   (*assumed* for which end a page begins at).
 */

import { isRefused, type Refused, refuse, refuseVariant } from "../../face/refusal.ts";
import { FOUND_FOR_MS, ORDERS_PAGE, READ_WINDOW_DAYS, READ_WINDOW_MS } from "../../protocol/limits.ts";
import { holdingOf } from "../accounts/account.ts";
import type { Floor } from "../exchange/floor.ts";
import { cut, type PageEnd, type PageQuery } from "../exchange/paging.ts";
import type { Account, Holding, Order } from "../exchange/records.ts";
import type { OrderView, TradeView } from "../exchange/views.ts";
import { isOpen, orderView } from "./order-life.ts";
import type { OrderReference, OrdersQuery, TradesQuery } from "./order-request.ts";

/** The order a reference means, open or retained; `undefined` when there is none. */
export function locate(floor: Floor, account: Account, which: OrderReference): Order | undefined | Refused {
  const market = floor.markets.get(which.symbol);
  if (market === undefined) return refuse(-1121);
  const holding = holdingOf(account, market);
  if (which.orderId !== undefined) {
    const id = idOf(which.orderId);
    return id === undefined ? refuse(-1102, "orderId") : holding.orders.get(id);
  }
  if (which.origClientOrderId === undefined || which.origClientOrderId === "") {
    return refuse(-1102, "origClientOrderId", "orderId");
  }
  return holding.byClientId.get(which.origClientOrderId);
}

/** One order, open or ended; -2013 when there is none to be found. */
export function findOrder(floor: Floor, account: Account, which: OrderReference, now: number): OrderView | Refused {
  const order = locate(floor, account, which);
  if (order === undefined) return refuse(-2013);
  if (isRefused(order)) return order;
  return isRetained(order, now) ? orderView(order) : refuse(-2013);
}

/** One open order; -2013 when it is not open. */
export function findOpenOrder(floor: Floor, account: Account, which: OrderReference): OrderView | Refused {
  const order = locate(floor, account, which);
  if (order === undefined) return refuse(-2013);
  if (isRefused(order)) return order;
  return isOpen(order) ? orderView(order) : refuse(-2013);
}

/** Open orders of one symbol, or of all. */
export function listOpenOrders(floor: Floor, account: Account, symbol?: string): readonly OrderView[] | Refused {
  const holdings = holdingsOf(floor, account, symbol);
  if (isRefused(holdings)) return holdings;
  return holdings.flatMap((holding) => [...holding.open.values()].map(orderView));
}

/** Orders of one symbol, or of all by time. */
export function listOrders(
  floor: Floor,
  account: Account,
  query: OrdersQuery,
  now: number,
): readonly OrderView[] | Refused {
  const holdings = holdingsOf(floor, account, query.symbol);
  if (isRefused(holdings)) return holdings;
  const page = pageOf(query, now, query.orderId !== undefined);
  if (isRefused(page)) return page;
  const from = idOf(query.orderId ?? "0");
  if (from === undefined) return refuse(-1102, "orderId");
  const found: Order[] = [];
  for (const holding of holdings) {
    for (const order of holding.orders.values()) {
      const { time } = order;
      if (order.id >= from && time >= page.from && time <= page.to && isRetained(order, now)) found.push(order);
    }
  }
  if (holdings.length > 1) found.sort((a, b) => a.time - b.time);
  return cut(found, page).map(orderView);
}

/** Fills of one symbol. */
export function listTrades(
  floor: Floor,
  account: Account,
  query: TradesQuery,
  now: number,
): readonly TradeView[] | Refused {
  const market = floor.markets.get(query.symbol);
  if (market === undefined) return refuse(-1121);
  const { fromId, startTime, endTime } = query;
  if (fromId !== undefined && (startTime !== undefined || endTime !== undefined)) return refuse(-1128);
  const page = pageOf(query, now, fromId !== undefined || query.orderId !== undefined);
  if (isRefused(page)) return page;
  const { trades } = holdingOf(account, market);
  const oldest = Math.max(page.from, now - FOUND_FOR_MS.trade);
  const first = idOf(fromId ?? "0");
  if (first === undefined) return refuse(-1102, "fromId");
  const found: TradeView[] = [];
  const begin = trades.firstIndex((trade) => trade.time >= oldest && BigInt(trade.id) >= first);
  for (let i = begin; i < trades.count; i++) {
    const trade = trades.at(i) as TradeView;
    if (trade.time > page.to) break;
    if (query.orderId !== undefined && trade.orderId !== query.orderId) continue;
    found.push(trade);
    if (page.isOldestFirst && found.length === page.limit) break;
  }
  return cut(found, page);
}

/** Which entries a read shows: those of a time from `from` to `to`, both included. */
export interface Page extends PageEnd {
  readonly from: number;
  readonly to: number;
}

/** The page that a read asks for; `isById`: it begins at an id. */
export function pageOf(query: PageQuery, now: number, isById: boolean): Page | Refused {
  const { startTime, endTime, limit = ORDERS_PAGE.usual } = query;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > ORDERS_PAGE.max) return refuse(-1130, "limit");
  if (startTime !== undefined && endTime !== undefined) {
    if (startTime > endTime) return refuse(-1023);
    if (endTime - startTime > READ_WINDOW_MS) return refuseVariant(-4165, 1, READ_WINDOW_DAYS);
  }
  const isOldestFirst = isById || startTime !== undefined;
  if (startTime === undefined && endTime === undefined && isById) return { from: 0, to: now, limit, isOldestFirst };
  const from = startTime ?? (endTime ?? now) - READ_WINDOW_MS;
  const to = endTime ?? (startTime === undefined ? now : startTime + READ_WINDOW_MS);
  return { from, to, limit, isOldestFirst };
}

function idOf(text: string): bigint | undefined {
  return /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}

function isRetained(order: Order, now: number): boolean {
  if (isOpen(order)) return true;
  return now - order.time <= retentionMs(order.filled > 0n);
}

/** How long after it was placed an ended order is found. */
export function retentionMs(isFilled: boolean): number {
  return isFilled ? FOUND_FOR_MS.order : FOUND_FOR_MS.unfilledOrder;
}

function holdingsOf(floor: Floor, account: Account, symbol: string | undefined): Holding[] | Refused {
  if (symbol === undefined) return [...account.holdings.values()];
  const market = floor.markets.get(symbol);
  return market === undefined ? refuse(-1121) : [holdingOf(account, market)];
}

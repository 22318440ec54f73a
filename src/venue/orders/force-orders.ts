/** Orders the exchange itself made to close positions. Pure. Protocol sheet 11.2. */

import { type Refused, refuse } from "../../face/refusal.ts";
import { autoCloseType as kinds } from "../../protocol/enumerations.ts";
import { FORCE_ORDERS_PAGE, FOUND_FOR_MS, READ_WINDOW_MS } from "../../protocol/limits.ts";
import type { Floor } from "../exchange/floor.ts";
import { cut, type PageQuery } from "../exchange/paging.ts";
import type { Account, Order } from "../exchange/records.ts";
import type { OrderView } from "../exchange/views.ts";
import { orderView } from "./order-life.ts";

/** Which of them to list. */
export interface ForceOrdersQuery extends PageQuery {
  /** All symbols when absent. */
  readonly symbol?: string | undefined;
  /** Both kinds when absent. */
  readonly autoCloseType?: string | undefined;
}

/** Oldest first; without a start the newest. -1130 for a kind that does not exist or a limit out of range. */
export function listForceOrders(
  floor: Floor,
  account: Account,
  query: ForceOrdersQuery,
  now: number,
): readonly OrderView[] | Refused {
  const { symbol, autoCloseType, startTime, endTime = now, limit = FORCE_ORDERS_PAGE.usual } = query;
  if (symbol !== undefined && !floor.markets.has(symbol)) return refuse(-1121);
  if (autoCloseType !== undefined && !kinds.knows(autoCloseType)) return refuse(-1130, "autoCloseType");
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > FORCE_ORDERS_PAGE.max) return refuse(-1130, "limit");
  if (startTime !== undefined && startTime > endTime) return refuse(-1023);
  const from = Math.max(startTime ?? endTime - READ_WINDOW_MS, now - FOUND_FOR_MS.order);
  const isMeant = ({ autoClose, time }: Order) =>
    // Settlements are not among them: the parameter knows no word for them.
    autoClose !== undefined &&
    kinds.knows(autoClose) &&
    (autoCloseType === undefined || autoClose === autoCloseType) &&
    time >= from &&
    time <= endTime;
  const found = [...account.holdings.values()]
    .filter(({ market }) => symbol === undefined || market.rules.symbol === symbol)
    .flatMap(({ orders }) => [...orders.values()].filter(isMeant))
    .sort((a, b) => a.time - b.time);
  return cut(found, { limit, isOldestFirst: startTime !== undefined }).map(orderView);
}

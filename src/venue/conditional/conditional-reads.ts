/** Reads of conditional orders, with retention and windows as those of orders. Pure. Protocol sheet 11.5. */

import { isRefused, type Refused, refuse } from "../../face/refusal.ts";
import type { Floor } from "../exchange/floor.ts";
import { cut } from "../exchange/paging.ts";
import type { Account, ConditionalOrder } from "../exchange/records.ts";
import { pageOf, retentionMs } from "../orders/order-reads.ts";
import { conditionalView } from "./conditional-events.ts";
import { isEnded, locateConditional } from "./conditional-orders.ts";
import type { ConditionalReference, ConditionalsQuery } from "./conditional-request.ts";
import type { ConditionalView } from "./conditional-views.ts";

/** One conditional order, waiting or not; -2013 when there is none to be found. */
export function findConditional(
  floor: Floor,
  account: Account,
  which: ConditionalReference,
  now: number,
): ConditionalView | Refused {
  const order = locateConditional(floor, account, which);
  if (order === undefined) return refuse(-2013);
  if (isRefused(order)) return order;
  return isRetained(order, now) ? conditionalView(order) : refuse(-2013);
}

/** Those that wait, oldest first: of one symbol or of all, or one alone. */
export function listWaiting(
  floor: Floor,
  account: Account,
  { symbol, algoId }: { readonly symbol?: string | undefined; readonly algoId?: string | undefined },
): readonly ConditionalView[] | Refused {
  if (symbol !== undefined && !floor.markets.has(symbol)) return refuse(-1121);
  return [...floor.conditionals.of(account).waiting.values()]
    .filter((order) => symbol === undefined || order.market.rules.symbol === symbol)
    .filter((order) => algoId === undefined || String(order.id) === algoId)
    .map(conditionalView);
}

/** All of one symbol by id. */
export function listConditionals(
  floor: Floor,
  account: Account,
  query: ConditionalsQuery,
  now: number,
): readonly ConditionalView[] | Refused {
  if (!floor.markets.has(query.symbol)) return refuse(-1121);
  const page = pageOf(query, now, query.algoId !== undefined);
  if (isRefused(page)) return page;
  const from = BigInt(query.algoId ?? "0");
  const found = [...floor.conditionals.of(account).all.values()].filter(
    (order) =>
      order.market.rules.symbol === query.symbol &&
      order.id >= from &&
      order.createTime >= page.from &&
      order.createTime <= page.to &&
      isRetained(order, now),
  );
  return cut(found, page).map(conditionalView);
}

function isRetained(order: ConditionalOrder, now: number): boolean {
  return !isEnded(order) || now - order.createTime <= retentionMs((order.order?.filled ?? 0n) > 0n);
}

/**
 * Amending a resting order: a new price and quantity, behind all others of its new price. Pure. Protocol sheet 10.1.
 *
 * Rules kept here
 * - Only LIMIT orders (-5025), both price and quantity; a refused amendment leaves the order as it is (documented).
 * - The order is cancelled, not amended, when what it filled reaches the new quantity, and when it is GTX and would
 *   take at the new price (documented). Then no AMENDMENT is told.
 * - An amended order that reaches the other side trades like a new one; its NEW is not told again.
 * - An amendment is carried out at once, so none is ever pending (-5043); only several for one order in one batch are:
 *   there the calls see to it.
 */

import { isRefused, type Refused, refuse } from "../../face/refusal.ts";
import { type Fixed, mul } from "../../kernel/decimal.ts";
import type { Id64 } from "../../kernel/scalars.ts";
import type { PriceMatch } from "../../protocol/enumerations.ts";
import { AMENDMENTS_PAGE, FOUND_FOR_MS } from "../../protocol/limits.ts";
import { countOpen } from "../accounts/account.ts";
import { amendmentEvent } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, Order } from "../exchange/records.ts";
import type { Amended, Amendments } from "../exchange/views.ts";
import { isClosed, refusalByStatus } from "../market/symbol-status.ts";
import { match } from "./matching.ts";
import { cutToPosition, refusalByMargin, refusalByMark, settleRemainder, wouldTake } from "./order-entry.ts";
import { end, isOpen, notionalOf, orderView } from "./order-life.ts";
import { type OrderDraft, parsePrice, parsePriceMatch, parseQuantity } from "./order-parsing.ts";
import { locate } from "./order-reads.ts";
import type { AmendmentsQuery, AmendRequest } from "./order-request.ts";
import { matchedPrice } from "./price-match.ts";

interface NewTerms {
  readonly price: Fixed;
  readonly quantity: Fixed;
  readonly priceMatch: PriceMatch;
}

/** Amends one open order. Fills that follow have happened when this returns. */
export function amendOrder(floor: Floor, account: Account, request: AmendRequest): Amended | Refused {
  const market = floor.markets.get(request.symbol);
  if (market === undefined) return refuse(-1121);
  if (isClosed(market)) return refuse(-5024);
  const order = locate(floor, account, request);
  if (order === undefined) return refuse(-2013);
  if (isRefused(order)) return order;
  if (order.type !== "LIMIT") return refuse(-5025);
  if (!isOpen(order)) return refuse(-2013);
  const closing = refusalByStatus(market, order.reduceOnly, floor.now);
  if (closing !== undefined) return closing;
  const wanted = examine(order, request);
  if (isRefused(wanted)) return wanted;
  const { quantity, price } = wanted;
  if (quantity <= order.filled || (order.timeInForce === "GTX" && wouldTake(market, order.side, price))) {
    end(floor, order, "CANCELED");
    return { outcome: "amended", order: orderView(order) };
  }
  const allowed = takeOutAndJudge(account, order, wanted);
  if (isRefused(allowed)) return allowed;
  amend(floor, order, allowed, request.modifyId);
  match(floor, order, order.price);
  settleRemainder(floor, order);
  return { outcome: "amended", order: orderView(order) };
}

/** What the request alone and the market tell. */
function examine(order: Order, request: AmendRequest): NewTerms | Refused {
  const { market } = order;
  const { rules } = market;
  const { reduceOnly } = request;
  if (request.side !== order.side) return refuse(-1117);
  if (reduceOnly !== undefined && reduceOnly !== "true" && reduceOnly !== "false") return refuse(-4062);
  if (reduceOnly === "true" && !order.reduceOnly) return refuse(-5047);
  const priceMatch = parsePriceMatch(request.priceMatch, true);
  if (typeof priceMatch === "object") return priceMatch;
  const quantity = parseQuantity(request.quantity, "LIMIT", rules);
  if (typeof quantity === "object") return quantity;
  const limit = parsePrice(request.price, "LIMIT", priceMatch, rules);
  if (typeof limit === "object") return limit;
  const price = matchedPrice(market, order.side, priceMatch, limit);
  if (typeof price === "object") return price;
  if (price === order.price && quantity === order.quantity) return refuse(-5027);
  if ((order.amendments?.length ?? 0) >= market.listing.info.maxMoveOrderLimit) return refuse(-5026);
  if (reduceOnly !== "true" && mul(price, quantity) < rules.minNotional) return refuse(-5029, rules.minNotionalText);
  return refusalByMark(market, order.side, price) ?? { price, quantity, priceMatch };
}

/** Judges the order as if it came anew; on success it counts nowhere any more, otherwise nothing has changed. */
function takeOutAndJudge(account: Account, order: Order, wanted: NewTerms): NewTerms | Refused {
  const { holding } = order;
  const left = order.quantity - order.filled;
  const notional = notionalOf(order, left);
  const wasRanked = holding.reduceOnly.delete(order);
  countOpen(order, -left, -notional);
  const allowed = judge(account, order, wanted);
  if (isRefused(allowed)) {
    countOpen(order, left, notional);
    if (wasRanked) holding.reduceOnly.add(order);
  }
  return allowed;
}

function judge(account: Account, order: Order, wanted: NewTerms): NewTerms | Refused {
  const left: OrderDraft = { ...order, ...wanted, quantity: wanted.quantity - order.filled };
  if (!order.reduceOnly) return refusalByMargin(account, order.holding, left) ?? wanted;
  const cut = cutToPosition(order.holding, left);
  return isRefused(cut) ? cut : { ...wanted, quantity: order.filled + cut.quantity };
}

function amend(floor: Floor, order: Order, { price, quantity, priceMatch }: NewTerms, modifyId?: number): void {
  order.amendments ??= [];
  order.amendments.push({
    id: String(++floor.amendmentCount) as Id64,
    time: floor.now,
    price: { before: order.price, after: price },
    quantity: { before: order.quantity, after: quantity },
    count: order.amendments.length + 1,
    modifyId,
  });
  order.market.book.remove(order);
  order.price = price;
  order.quantity = quantity;
  order.priceMatch = priceMatch;
  order.updateTime = floor.now;
  const left = quantity - order.filled;
  countOpen(order, left, notionalOf(order, left));
  floor.outbox.push(order.account.id, amendmentEvent(order, modifyId));
  floor.grids.byHand(order.account, order.market);
}

/** The amendments of one order, newest first. */
export function listAmendments(
  floor: Floor,
  account: Account,
  query: AmendmentsQuery,
  now: number,
): Amendments | Refused {
  const order = locate(floor, account, query);
  if (order === undefined) return refuse(-2013);
  if (isRefused(order)) return order;
  const { startTime = 0, endTime = now, limit = AMENDMENTS_PAGE.usual } = query;
  if (limit < 1 || limit > AMENDMENTS_PAGE.max) return refuse(-1130, "limit");
  if (startTime > endTime) return refuse(-1023);
  const from = Math.max(startTime, now - FOUND_FOR_MS.amendment);
  const found = (order.amendments ?? []).filter(({ time }) => time >= from && time <= endTime);
  return { outcome: "amendments", order: orderView(order), list: found.slice(-limit).reverse() };
}

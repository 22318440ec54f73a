/**
 * An order's life: accepted, perhaps resting, ended. Pure.
 *
 *     accept ─▶ NEW ─▶ PARTIALLY_FILLED ─▶ FILLED            by fills (settlement.ts)
 *                 └──────────┴──▶ CANCELED · EXPIRED · EXPIRED_IN_MATCH      by end()
 *
 * An order is in `open` exactly while its status is one of the first two; what it leaves open is counted in the sums
 * of its side exactly as long. Its NEW event waits until the first thing after acceptance is known, because the
 * TRADE_LITE of an immediate fill goes before it (*seen*).
 */
import { ONE } from "../../kernel/decimal.ts";
import { assert } from "../../kernel/errors.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import type { ExpiryReason, OrderStatus } from "../../protocol/enumerations.ts";
import { GTC_LIFE_MS } from "../../protocol/limits.ts";
import { countOpen } from "../accounts/account.ts";
import { averagePrice, type OrderHappening, orderEvent } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, Holding, Order } from "../exchange/records.ts";
import type { OrderView } from "../exchange/views.ts";

/** What is decided about an order before it exists. */
export type OrderTerms = Pick<
  Order,
  | "clientOrderId"
  | "side"
  | "positionSide"
  | "type"
  | "timeInForce"
  | "price"
  | "quantity"
  | "reduceOnly"
  | "selfTradePrevention"
  | "autoClose"
> &
  Partial<Pick<Order, "priceMatch" | "goodTillDate" | "conditional" | "grid">>;

/**
 * Makes an order with the next id of its market. It is nowhere yet. The market maker makes dozens of them a tick: its
 * fields are named one by one, since an object made by spreading another costs half as much again.
 */
export function newOrder(floor: Floor, account: Account, holding: Holding, terms: OrderTerms): Order {
  const { market } = holding;
  return {
    market,
    account,
    holding,
    id: market.nextOrderId++,
    clientOrderId: terms.clientOrderId,
    side: terms.side,
    positionSide: terms.positionSide,
    type: terms.type,
    timeInForce: terms.timeInForce,
    price: terms.price,
    quantity: terms.quantity,
    reduceOnly: terms.reduceOnly,
    selfTradePrevention: terms.selfTradePrevention,
    priceMatch: terms.priceMatch ?? "NONE",
    goodTillDate: terms.goodTillDate ?? 0,
    conditional: terms.conditional,
    grid: terms.grid,
    autoClose: terms.autoClose,
    time: floor.now,
    status: "NEW",
    filled: 0n,
    cumQuote: 0n,
    updateTime: floor.now,
    unannounced: undefined,
    amendments: undefined,
    stopExpiry: undefined,
    level: undefined,
    ahead: undefined,
    behind: undefined,
  };
}

/** Takes a user's order in: from here on it is open, though not in the book. */
export function accept(order: Order): void {
  const { holding } = order;
  countOpen(order, order.quantity, notionalOf(order, order.quantity));
  holding.open.set(order.id, order);
  holding.orders.set(order.id, order);
  holding.byClientId.set(order.clientOrderId, order);
  order.unannounced = orderEvent(order, "NEW");
}

/** Pushes the NEW event if it still waits. */
export function announce(floor: Floor, order: Order): void {
  if (order.unannounced === undefined) return;
  floor.outbox.push(order.account.id, order.unannounced);
  order.unannounced = undefined;
}

/** Puts what is left of an order into the book. */
export function rest(floor: Floor, order: Order): void {
  announce(floor, order);
  order.market.book.add(order);
  if (order.reduceOnly) order.holding.reduceOnly.add(order);
  if (order.stopExpiry === undefined) armExpiry(floor, order);
}

/** A good-till-cancelled order lives a year (documented), one good till a date until then. */
function armExpiry(floor: Floor, order: Order): void {
  const at = order.timeInForce === "GTD" ? order.goodTillDate : order.time + GTC_LIFE_MS;
  order.stopExpiry = floor.timers.set(at as TransactMs, `order ${order.id} expires`, () =>
    end(floor, order, "EXPIRED"),
  );
}

/** Ends an order that is not filled, and tells. */
export function end(floor: Floor, order: Order, status: EndedUnfilled, reason: ExpiryReason = "0"): void {
  assert(isOpen(order), "only an open order ends");
  announce(floor, order);
  order.market.book.remove(order);
  const left = order.quantity - order.filled;
  countOpen(order, -left, -notionalOf(order, left));
  order.status = status;
  order.updateTime = floor.now;
  retire(order);
  if (order.account.isHouse) return;
  floor.outbox.push(order.account.id, orderEvent(order, HAPPENING[status], reason));
  floor.conditionals.orderEnded(order);
  floor.grids.orderEnded(order, reason);
}

/** How an order ends without being filled. */
export type EndedUnfilled = Extract<OrderStatus, "CANCELED" | "EXPIRED" | "EXPIRED_IN_MATCH">;

const HAPPENING: Readonly<Record<EndedUnfilled, OrderHappening>> = {
  CANCELED: "CANCELED",
  EXPIRED: "EXPIRED",
  EXPIRED_IN_MATCH: "EXPIRED",
};

/** Moves an order whose status is final from the open ones to the past. */
export function retire(order: Order): void {
  const { holding } = order;
  if (order.account.isHouse) return;
  order.stopExpiry?.();
  order.stopExpiry = undefined;
  holding.open.delete(order.id);
  holding.reduceOnly.delete(order);
  const forgotten = holding.ended.push(order);
  if (forgotten === undefined) return;
  holding.orders.delete(forgotten.id);
  if (holding.byClientId.get(forgotten.clientOrderId) === forgotten) {
    holding.byClientId.delete(forgotten.clientOrderId);
  }
}

/** Is it neither filled nor ended? */
export function isOpen({ status }: Order): boolean {
  return status === "NEW" || status === "PARTIALLY_FILLED";
}

/** Price × quantity of a part of the order, exact; 0 for market orders. */
export function notionalOf(order: Order, quantity: bigint): bigint {
  return (order.price * quantity) / ONE;
}

/** The order as it is shown. */
export function orderView(order: Order): OrderView {
  return {
    symbol: order.market.rules.symbol,
    orderId: String(order.id) as Id64,
    clientOrderId: order.clientOrderId,
    side: order.side,
    positionSide: order.positionSide,
    type: order.type,
    timeInForce: order.timeInForce,
    status: order.status,
    price: order.price,
    origQty: order.quantity,
    executedQty: order.filled,
    cumQuote: order.cumQuote,
    avgPrice: averagePrice(order),
    reduceOnly: order.reduceOnly,
    selfTradePreventionMode: order.selfTradePrevention,
    priceMatch: order.priceMatch,
    goodTillDate: order.goodTillDate,
    closePosition: order.conditional?.closePosition ?? false,
    time: order.time,
    updateTime: order.updateTime,
  };
}

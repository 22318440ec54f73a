/**
 * When conditional orders trigger, and what becomes of them then. Pure. Protocol sheet 7.10, 8, 9.
 *
 *     market kinds  TRIGGERING → order NEW → its fills → TRIGGERED → FINISHED
 *     limit kinds   TRIGGERING → order NEW → TRIGGERED … its fills or end → FINISHED
 *     refused       TRIGGERING → REJECTED
 *
 * Rules kept here
 * - Nothing triggers in the middle of a command or timer. After each, the notes of the desk are gone through in the
 *   order in which they were made: every price of every trade, so that none is skipped, then the price the market was
 *   put to. Of the orders that one price triggers the oldest goes first. What they trade makes further notes.
 * - `priceProtect`: while mark and last price lie farther apart than `triggerProtect` (as a share of the mark price) it
 *   does not trigger; the next price is another chance.
 * - GTE_GTC lasts as long as the position that it makes smaller: then it expires, waiting or resting in the book
 *   (`er` 6).
 */

import { isRefused, type Refused } from "../../face/refusal.ts";
import { abs, type Fixed, fixed, max, min, mul } from "../../kernel/decimal.ts";
import type { AlgoStatus, Side } from "../../protocol/enumerations.ts";
import type { Floor } from "../exchange/floor.ts";
import type { ConditionalOrder, Holding, Market } from "../exchange/records.ts";
import { placeDraft } from "../orders/order-entry.ts";
import { accept, end, isOpen, newOrder } from "../orders/order-life.ts";
import type { OrderDraft } from "../orders/order-parsing.ts";
import type { Noted } from "./conditional-desk.ts";
import { algoEvent, triggerRejectEvent } from "./conditional-events.ts";
import { bookType } from "./conditional-parsing.ts";

/** Lets conditional orders act on everything that was noted, until nothing more is. */
export function followConditionals(floor: Floor): void {
  for (let note = floor.conditionals.takeNote(); note !== undefined; note = floor.conditionals.takeNote()) {
    followNote(floor, note);
  }
}

function followNote(floor: Floor, note: Noted): void {
  switch (note.what) {
    case "price":
      for (const order of floor.conditionals.waitingFor(note.market, note.workingType)) {
        if (order.trail !== undefined) follow(floor, order, note.price);
        if (order.status === "NEW" && isMet(order, note.price)) trigger(floor, order);
      }
      return;
    case "position":
      for (const order of floor.conditionals.lastingWith(note.holding)) endWithPosition(floor, order);
      return;
    case "order ended":
      if (note.conditional.status !== "TRIGGERED") return;
      changeStatus(floor, note.conditional, "FINISHED");
  }
}

/** Sets a status and tells it; a final one ends the order. */
export function changeStatus(floor: Floor, order: ConditionalOrder, status: AlgoStatus, failure?: string): void {
  order.status = status;
  order.updateTime = floor.now;
  if (status === "TRIGGERING") floor.conditionals.stopWaiting(order);
  else if (status !== "TRIGGERED") floor.conditionals.retire(order);
  floor.outbox.push(order.account.id, algoEvent(order, failure));
}

/** Is the position there that an order of this side makes smaller? */
export function hasPositionToReduce({ position }: Holding, side: Side): boolean {
  return side === "SELL" ? position.amount > 0n : position.amount < 0n;
}

function endWithPosition(floor: Floor, order: ConditionalOrder): void {
  if (hasPositionToReduce(order.holding, order.side)) return;
  if (order.status === "NEW") changeStatus(floor, order, "EXPIRED");
  else if (order.order !== undefined && isOpen(order.order)) end(floor, order.order, "EXPIRED", "6");
}

/** Lets a trailing stop see a price: it becomes active, or follows. Becoming active is told by a second NEW. */
function follow(floor: Floor, order: ConditionalOrder, price: Fixed): void {
  const { trail, side } = order;
  if (trail === undefined || order.status !== "NEW") return;
  if (trail.isActive) {
    trail.extreme = side === "BUY" ? min(trail.extreme, price) : max(trail.extreme, price);
  } else if (side === "BUY" ? price <= trail.activatePrice : price >= trail.activatePrice) {
    trail.isActive = true;
    trail.extreme = price;
    order.updateTime = floor.now;
    floor.outbox.push(order.account.id, algoEvent(order));
  }
}

/** Does this price trigger the order? Documented, kind by kind. */
export function isMet(order: ConditionalOrder, price: Fixed): boolean {
  const { trail, side, triggerPrice } = order;
  if (trail !== undefined) {
    const turn = mul(trail.extreme, trail.callbackRate) / 100n;
    return trail.isActive && (side === "BUY" ? price >= trail.extreme + turn : price <= trail.extreme - turn);
  }
  const isStop = order.type === "STOP" || order.type === "STOP_MARKET";
  return isStop === (side === "BUY") ? price >= triggerPrice : price <= triggerPrice;
}

function isProtected({ market, priceProtect }: ConditionalOrder): boolean {
  return priceProtect && spread(market) > mul(market.markPrice, fixed(market.listing.info.triggerProtect));
}

function spread({ markPrice, lastPrice }: Market): Fixed {
  return abs(markPrice - lastPrice);
}

function trigger(floor: Floor, order: ConditionalOrder): void {
  if (isProtected(order)) return;
  order.triggerTime = floor.now;
  changeStatus(floor, order, "TRIGGERING");
  const draft = draftOf(order);
  const placed = placeDraft(floor, order.account, order.holding, draft, { conditional: order });
  if (!isRefused(placed)) {
    changeStatus(floor, order, "TRIGGERED");
    if (order.order !== undefined && !isOpen(order.order)) changeStatus(floor, order, "FINISHED");
    return;
  }
  const reason = reasonOf(placed);
  if (floor.triggerRejections === "legacy" && placed.code !== -4116) leaveTraces(floor, order, draft, reason);
  changeStatus(floor, order, "REJECTED", reason);
}

/** In hedge mode the two sides say it: an order against its position can only close. */
export function closesItsSide({ positionSide, side }: ConditionalOrder): boolean {
  return positionSide !== "BOTH" && (positionSide === "LONG") !== (side === "BUY");
}

/** The order that goes into the book, under the client's own id. */
function draftOf(order: ConditionalOrder): OrderDraft {
  const type = bookType(order.type);
  const isLimit = type === "LIMIT";
  return {
    side: order.side,
    positionSide: order.positionSide,
    type,
    timeInForce: isLimit ? order.timeInForce : "GTC",
    quantity: order.closePosition ? abs(order.holding.position.amount) : order.quantity,
    price: order.price,
    priceMatch: order.priceMatch,
    goodTillDate: isLimit ? order.goodTillDate : 0,
    reduceOnly: order.reduceOnly || order.closePosition || closesItsSide(order),
    clientOrderId: order.clientId,
    selfTradePrevention: order.selfTradePrevention,
  };
}

/** `margin not enough` was *seen*, `Reduce Only reject` is documented; otherwise the text of the code (*assumed*). */
function reasonOf({ code, msg }: Refused): string {
  return code === -2019 ? "margin not enough" : code === -2022 ? "Reduce Only reject" : msg;
}

/** As *seen* until March 2026: an order that expires at once with reason 8, and the event of that time. */
function leaveTraces(floor: Floor, conditional: ConditionalOrder, draft: OrderDraft, reason: string): void {
  const { account, holding, clientId, positionSide } = conditional;
  const order = newOrder(floor, account, holding, { ...draft, clientOrderId: clientId, positionSide, conditional });
  accept(order);
  end(floor, order, "EXPIRED", "8");
  floor.outbox.push(account.id, triggerRejectEvent(order, reason, floor.now));
}

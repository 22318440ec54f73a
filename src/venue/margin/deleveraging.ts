/**
 * Who takes what the book does not: the insurance fund, or by auto-deleveraging the winners of the other side. Pure.
 *
 * Taken over means closed at the bankruptcy price, whoever is on the other side: the liquidated account hears fills of
 * its `autoclose-` order. Those who are deleveraged hear an order `adl_autoclose`, its NEW and its fill (`CALCULATED`:
 * *assumed*, the page does not say). A position taken over by the fund is held by the exchange's own account.
 */

import { abs, divide, type Fixed, min, mul } from "../../kernel/decimal.ts";
import { credit } from "../accounts/account.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Holding, Order } from "../exchange/records.ts";
import { aligned } from "../market/symbol-listing.ts";
import { isUninsured } from "../market/symbol-status.ts";
import { closingOrder, counterOrder } from "../orders/own-orders.ts";
import { displaceReduceOnly } from "../orders/reduce-only.ts";
import { tradeOffBook } from "../orders/settlement.ts";
import { deleveragingQueue } from "./deleveraging-queue.ts";
import { bookInsurance, insuranceFund } from "./insurance.ts";

/** Fills what is left of a liquidation order at its price. */
export function takeOver(floor: Floor, order: Order): void {
  const { market, side, price } = order;
  const asset = market.rules.marginAsset;
  const left = order.quantity - order.filled;
  // Buying a long at more than the mark price, or a short at less, costs the fund the difference.
  const cost = mul(left, side === "SELL" ? price - market.markPrice : market.markPrice - price);
  const isUnpaid = isUninsured(market, floor.now) && cost > 0n;
  if (isUnpaid || cost > insuranceFund(floor, asset)) deleverage(floor, order);
  const rest = order.quantity - order.filled;
  if (rest === 0n) return;
  tradeOffBook(floor, order, counterOrder(floor, order, rest), rest, price);
  const paid = min(insuranceFund(floor, asset), divide(cost * rest, left, "up"));
  if (isUnpaid || paid <= 0n) return;
  bookInsurance(floor, asset, -paid);
  credit(floor.house, asset, paid, floor.now);
}

function deleverage(floor: Floor, order: Order): void {
  for (const holding of deleveragingQueue(order.market, order.side === "BUY")) {
    const left = order.quantity - order.filled;
    if (left === 0n) return;
    if (holding.account === order.account) continue;
    const quantity = min(left, abs(holding.position.amount));
    tradeOffBook(floor, order, deleveraged(floor, holding, quantity, order.price), quantity, order.price);
    displaceReduceOnly(floor, holding);
  }
}

/** Takes a position away at the mark price, on command; the exchange's own account takes it. */
export function deleverageNow(floor: Floor, holding: Holding): void {
  const { market, position } = holding;
  const price = aligned(market.markPrice, market.rules.tick);
  const quantity = abs(position.amount);
  const order = deleveraged(floor, holding, quantity, price);
  tradeOffBook(floor, counterOrder(floor, order, quantity), order, quantity, price);
  displaceReduceOnly(floor, holding);
}

function deleveraged(floor: Floor, holding: Holding, quantity: Fixed, price: Fixed): Order {
  const clientOrderId = "adl_autoclose";
  return closingOrder(floor, holding, { clientOrderId, price, quantity, timeInForce: "GTC", autoClose: "ADL" });
}

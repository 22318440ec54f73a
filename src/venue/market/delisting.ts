/**
 * Delisting: a symbol stops trading, and what anybody still holds of it is settled. Pure. Protocol sheet 7.4, 13.
 *
 *     announced ─▶ 30 minutes before: only reduce-only orders ─▶ SETTLING: orders expired, positions settled, for good
 *
 * Rules kept here
 * - Once it is announced `deliveryDate` is the time of settlement (documented for `contractInfo`).
 * - In the last 30 minutes nobody may open (-4140), and the mark price is the average of the index price, looked at
 *   each second (documented).
 * - In the last hour the insurance fund takes part in no liquidation (documented): see {@link isUninsured}.
 * - At the time open orders expire, `er` 7, and waiting conditional ones. Whoever the settlement price would ruin is
 *   liquidated first (*assumed*), so that nobody ends owing. The others' positions are closed by orders
 *   `settlement_autoclose-…` at the settlement price, with the commission of a taker (that there is one: documented).
 * - The settlement price is that average, or what was commanded. Everybody's positions of a symbol add up to nothing,
 *   so the exchange's own account, which takes the other side of each, is flat when the last one is closed.
 */

import { type Refused, refuse } from "../../face/refusal.ts";
import type { Fixed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { changeStatus } from "../conditional/conditional-triggers.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Delisting, Holding, Market } from "../exchange/records.ts";
import type { Delisted } from "../exchange/views.ts";
import { watchMargins } from "../margin/margin-watch.ts";
import { end, isOpen } from "../orders/order-life.ts";
import { parseAmount, refusalOfPrice } from "../orders/order-parsing.ts";
import { closingId, closingOrder, counterOrder } from "../orders/own-orders.ts";
import { tradeOffBook } from "../orders/settlement.ts";
import { withdrawQuotes } from "./market-maker.ts";
import { aligned } from "./symbol-listing.ts";
import { averageSeen, isClosed, RESTRICTED_MS, settlementEstimate } from "./symbol-status.ts";

/** How far ahead a delisting may be announced: a year. */
const AHEAD_MAX_MS = 365 * 86_400_000;
/** How often the index price is looked at in the last half hour; in a jump of the clock less often. */
const LOOK_MS = 1000;

/**
 * Announces the end of a symbol, or settles it at once when `inMs` is absent or 0. Announced again, the last word
 * counts. -4141 when it is closed already; -1130 `inMs` beyond a year; the codes of PRICE_FILTER for the price.
 */
export function delist(floor: Floor, symbol: string, settlementPrice?: string, inMs = 0): Delisted | Refused {
  const market = floor.markets.get(symbol);
  if (market === undefined) return refuse(-1121);
  if (isClosed(market)) return refuse(-4141);
  if (!Number.isSafeInteger(inMs) || inMs < 0 || inMs > AHEAD_MAX_MS) return refuse(-1130, "inMs");
  const price = priceOf(market, settlementPrice);
  if (typeof price === "object") return price;
  market.delisting?.takeBack();
  const at = (floor.now + inMs) as TransactMs;
  const begin = Math.max(floor.now, at - RESTRICTED_MS) as TransactMs;
  market.delisting = { at, price, seen: { sum: 0n, ms: 0n, at: begin }, takeBack: () => {} };
  relist(market, "TRADING", at);
  if (inMs === 0) settle(floor, market);
  else schedule(floor, market, at);
  return { outcome: "delisted", symbol, status: market.listing.info.status, at };
}

function priceOf({ rules }: Market, text: string | undefined): Fixed | undefined | Refused {
  if (text === undefined) return undefined;
  const price = parseAmount(text, "settlementPrice", rules.pricePrecision);
  return typeof price === "object" ? price : (refusalOfPrice(price, rules) ?? price);
}

function relist(market: Market, status: "TRADING" | "SETTLING", deliveryDate: TransactMs): void {
  const { listing } = market;
  market.listing = { ...listing, info: { ...listing.info, status, deliveryDate } };
}

function schedule(floor: Floor, market: Market, at: TransactMs): void {
  const { delisting } = market;
  const { symbol } = market.rules;
  if (delisting === undefined) return;
  const stopEnd = floor.timers.set(at, `settlement of ${symbol}`, () => {
    see(delisting, market.indexPrice, floor.now);
    settle(floor, market);
  });
  const lookAt = (time: number) =>
    floor.timers.set(time as TransactMs, `settlement price of ${symbol}`, () => {
      look(floor, market, delisting);
      const next = floor.now + Math.max(LOOK_MS, floor.paceMs);
      if (next < at) stopLooking = lookAt(next);
    });
  let stopLooking = lookAt(delisting.seen.at);
  delisting.takeBack = () => {
    stopEnd();
    stopLooking();
  };
}

/** Adds the index price to the average, which is the mark price from here on. */
function look(floor: Floor, market: Market, delisting: Delisting): void {
  see(delisting, market.indexPrice, floor.now);
  market.markPrice = averageSeen(market);
  floor.priceMoved(market, "MARK_PRICE", market.markPrice);
  watchMargins(floor, market);
}

/** What is seen now was so since the last look. */
function see({ seen }: Delisting, price: Fixed, now: TransactMs): void {
  const ms = BigInt(now - seen.at);
  seen.sum += price * ms;
  seen.ms += ms;
  seen.at = now;
}

function settle(floor: Floor, market: Market): void {
  const price = aligned(settlementEstimate(market), market.rules.tick);
  relist(market, "SETTLING", floor.now);
  withdrawQuotes(market);
  market.maker = undefined;
  market.nextFundingTime = 0 as TransactMs;
  for (const waiting of floor.conditionals.allWaitingOn(market)) changeStatus(floor, waiting, "EXPIRED");
  for (const account of floor.accounts.values()) {
    const open = account.holdings.get(market.rules.symbol)?.open.values() ?? [];
    for (const order of [...open]) if (isOpen(order)) end(floor, order, "EXPIRED", "7");
  }
  market.indexPrice = price;
  market.markPrice = price;
  watchMargins(floor, market);
  for (const holding of [...market.positions]) closeAt(floor, holding, price);
}

function closeAt(floor: Floor, holding: Holding, price: Fixed): void {
  if (holding.position.amount === 0n) return;
  const clientOrderId = closingId(floor, holding.market, "settlement_autoclose");
  const order = closingOrder(floor, holding, { clientOrderId, price, timeInForce: "GTC", autoClose: "SETTLEMENT" });
  const { quantity } = order;
  tradeOffBook(floor, order, counterOrder(floor, order, quantity), quantity, price);
}

/**
 * Where the liquidity comes from: the house quotes both sides of every symbol and lets the price walk. Pure.
 *
 * Rules kept here
 * - Quotes are real orders of the house, with ids, in the same queues as everybody's; they are replaced at each tick,
 *   so that at one price users stand before fresh quotes. The house is not checked for margin and hears no events.
 * - When the price comes to P, users' bids at P and above and asks at P and below trade first, each as maker at its own
 *   price; then quotes stand one tick and more to both sides of P. So a quote never crosses a user's order.
 * - The price walks by seeded steps, and stays within half and double of where it was last put (*assumed*: any walk
 *   would do; this one is bounded, so that no test runs out of the price filter).
 * - The mark price follows the middle of the book, an eighth of the distance each tick; being put somewhere by
 *   {@link moveMarket} it is there at once. (The real one is a median of index and basis averages: *assumed* to be
 *   well told by a smoothed middle.)
 * - Each move of the price is told as a trade between others, with a trade id of its own and a seeded size: somebody
 *   who listens to trades hears why the price is where it is. It touches no account and no order of the book.
 * - With a tape the price goes where the recorded trades were, each of which is told as it was recorded, at its time
 *   counted from the first. A price put elsewhere by command lasts until the next of them.
 * - A jump of the clock takes at most a bounded number of ticks, each with a step as wide as its time.
 */

import { type Refused, refuse } from "../../face/refusal.ts";
import { div, divide, type Fixed, fixed, max, min } from "../../kernel/decimal.ts";
import { pick, seededRandom, seedFor } from "../../kernel/random.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Maker, Market, Order } from "../exchange/records.ts";
import type { MarketMoved } from "../exchange/views.ts";
import { watchMargins } from "../margin/margin-watch.ts";
import { sweep } from "../orders/matching.ts";
import { parseAmount, refusalOfPrice } from "../orders/order-parsing.ts";
import { houseHolding, houseOrder } from "../orders/own-orders.ts";
import { marketView, midPrice } from "./market.ts";
import { makerRules } from "./market-maker-settings.ts";
import { aligned } from "./symbol-listing.ts";
import { isClosed, isRestricted } from "./symbol-status.ts";

/** Where a market is to go. At least one of the two. */
export interface MarketMove {
  /** On the tick and within PRICE_FILTER. */
  readonly price?: string | undefined;
  /** Up to eight places. */
  readonly markPrice?: string | undefined;
}

/** The share of the distance to the middle that the mark price covers in one tick. */
const MARK_SMOOTHING = 8n;
/** A tape is followed in steps of this, or of the tick if that is shorter. */
const TAPE_TICK_MS = 100;
/** A trade that moves the price is about this part of what stands at the best price. */
const TRADE_SHARE = 10n;
/** After this many ticks' time the mark price has arrived: (7/8)^64 is less than two in ten thousand. */
const MARK_STEPS_MAX = 64;

/** Puts the quotes up and starts the ticking, unless there is to be no market maker. */
export function startMarketMakers(floor: Floor): void {
  const { marketMaker } = floor;
  if (marketMaker === "none") return;
  for (const market of floor.markets.values()) {
    if (isClosed(market)) continue;
    const { symbol } = market.rules;
    market.maker = {
      rules: makerRules(marketMaker),
      dice: seededRandom(seedFor(floor.seed, `market maker ${symbol}`)),
      tradeDice: seededRandom(seedFor(floor.seed, `trades of the market maker ${symbol}`)),
      anchor: market.indexPrice,
      quotes: [],
      lastTick: floor.now,
      tape: tapeFrom(floor, symbol),
    };
    const first = market.maker.tape?.trades.next;
    if (first !== undefined) openAt(market, market.maker, first.price);
    comeTo(floor, market, market.indexPrice);
    scheduleTick(floor, market, market.maker);
  }
}

function tapeFrom({ tapes, now }: Floor, symbol: string): Maker["tape"] {
  const trades = tapes.get(symbol);
  return trades?.next === undefined ? undefined : { trades, aheadMs: now - trades.next.at };
}

function openAt(market: Market, maker: Maker, price: Fixed): void {
  const opening = aligned(price, market.rules.tick);
  maker.anchor = opening;
  market.indexPrice = opening;
  market.markPrice = opening;
  market.lastPrice = opening;
}

function scheduleTick(floor: Floor, market: Market, maker: Maker): void {
  const everyMs = maker.tape === undefined ? maker.rules.tickMs : Math.min(maker.rules.tickMs, TAPE_TICK_MS);
  const at = (floor.now + Math.max(everyMs, floor.paceMs)) as TransactMs;
  floor.timers.set(at, `market maker ${market.rules.symbol}`, () => {
    if (market.maker !== maker) return;
    tick(floor, market, maker);
    scheduleTick(floor, market, maker);
  });
}

function tick(floor: Floor, market: Market, maker: Maker): void {
  const ticks = (floor.now - maker.lastTick) / maker.rules.tickMs;
  maker.lastTick = floor.now;
  if (maker.tape === undefined) {
    market.indexPrice = walked(market, maker, ticks);
    comeTo(floor, market, aligned(market.indexPrice, market.rules.tick));
  } else {
    followTape(floor, market, maker, maker.tape);
  }
  const middle = midPrice(market);
  const steps = Math.min(MARK_STEPS_MAX, maker.tape === undefined ? Math.round(ticks) : Math.max(1, Math.round(ticks)));
  for (let i = 0; i < steps && !isRestricted(market, floor.now); i++) {
    market.markPrice += divide(middle - market.markPrice, MARK_SMOOTHING, "half-up");
  }
  floor.priceMoved(market, "MARK_PRICE", market.markPrice);
  watchMargins(floor, market);
}

/**
 * Everything the tape tells until now, trade by trade: users' orders that a trade passes fill first, as with any move;
 * then quotes stand around the last price. At the end of the tape the price stays where it is.
 */
function followTape(floor: Floor, market: Market, maker: Maker, { trades, aheadMs }: NonNullable<Maker["tape"]>): void {
  const until = floor.now - aheadMs;
  let hasMoved = false;
  for (let trade = trades.takeUntil(until); trade !== undefined; trade = trades.takeUntil(until)) {
    if (!hasMoved) withdrawQuotes(market);
    hasMoved = true;
    const price = aligned(trade.price, market.rules.tick);
    sweep(floor, market, "BUY", price);
    sweep(floor, market, "SELL", price);
    const time = Math.max(trade.at + aheadMs, market.lastTime) as TransactMs;
    const { quantity, isBuyerMaker, count } = trade;
    const firstId = market.nextTradeId;
    market.nextTradeId += BigInt(count);
    market.feed.add({ firstId, lastId: market.nextTradeId - 1n, price, quantity, time, isBuyerMaker });
    market.indexPrice = price;
    market.lastPrice = price;
    market.lastTime = time;
    floor.priceMoved(market, "CONTRACT_PRICE", price);
  }
  if (hasMoved) maker.quotes = quoteAround(floor, market, maker, market.lastPrice);
}

/** Takes all quotes of the market maker out of the book. */
export function withdrawQuotes({ book, maker }: Market): void {
  for (const quote of maker?.quotes ?? []) book.remove(quote);
}

/** One step of the walk: near to normal (four dice), as wide as the square root of the time. */
function walked(market: Market, maker: Maker, ticks: number): Fixed {
  const { rules, dice, anchor } = maker;
  const deviate = (dice.next() + dice.next() + dice.next() + dice.next() - 2) * Math.sqrt(3);
  const billionths = BigInt(Math.round(deviate * rules.volatilityBps * Math.sqrt(ticks) * 100_000));
  const next = market.indexPrice + divide(market.indexPrice * billionths, 1_000_000_000n, "half-up");
  const lowest = max(anchor / 2n, market.rules.minPrice);
  const highest = market.rules.maxPrice === 0n ? anchor * 2n : min(anchor * 2n, market.rules.maxPrice);
  return max(lowest, min(highest, next));
}

/** The price comes to `price`: users' orders on the way trade, then quotes stand around it. */
function comeTo(floor: Floor, market: Market, price: Fixed): void {
  const { maker } = market;
  withdrawQuotes(market);
  sweep(floor, market, "BUY", price);
  sweep(floor, market, "SELL", price);
  if (maker !== undefined) printTrade(floor, market, maker, price);
  market.lastPrice = price;
  market.lastTime = floor.now;
  floor.priceMoved(market, "CONTRACT_PRICE", price);
  if (maker !== undefined) maker.quotes = quoteAround(floor, market, maker, price);
}

function quoteAround(floor: Floor, market: Market, maker: Maker, price: Fixed): Order[] {
  const { rules } = market;
  const holding = houseHolding(floor, market);
  const basisPoints = BigInt(Math.round(maker.rules.spacingBps * 1000));
  const spacing = max(rules.tick, aligned((price * basisPoints) / 10_000_000n, rules.tick));
  const quotes: Order[] = [];
  for (let level = 0; level < maker.rules.levels; level++) {
    const distance = rules.tick + BigInt(level) * spacing;
    for (const side of ["BUY", "SELL"] as const) {
      const at = side === "BUY" ? price - distance : price + distance;
      if (refusalOfPrice(at, rules) !== undefined) continue;
      const quantity = quoteQuantity(market, maker, level, at);
      const quote = houseOrder(floor, holding, { side, price: at, quantity, timeInForce: "GTX" });
      market.book.add(quote);
      quotes.push(quote);
    }
  }
  return quotes;
}

/** The trade of others that brought the price here. The side that takes is the way the price went. */
function printTrade(floor: Floor, market: Market, maker: Maker, price: Fixed): void {
  const dice = maker.tradeDice;
  const thousandths = BigInt(500 + pick(dice, 1000));
  const notional = (maker.rules.levelNotional * thousandths) / TRADE_SHARE / 1000n;
  const isUnmoved = price === market.lastPrice;
  const id = market.nextTradeId++;
  market.feed.add({
    firstId: id,
    lastId: id,
    price,
    quantity: aligned(div(notional, price), market.rules.lot.step),
    time: floor.now,
    isBuyerMaker: isUnmoved ? pick(dice, 2) === 0 : price < market.lastPrice,
  });
}

/** Half to one and a half of the level's size, which grows by a fifth from level to level. */
function quoteQuantity(market: Market, maker: Maker, level: number, price: Fixed): Fixed {
  const thousandths = BigInt(500 + pick(maker.dice, 1000));
  const notional = (maker.rules.levelNotional * thousandths * BigInt(5 + level)) / 5_000n;
  const { lot } = market.rules;
  return min(lot.max === 0n ? notional : lot.max, aligned(div(notional, price), lot.step));
}

/** Moves a market by command. Nothing happens unless both prices are right. */
export function moveMarket(floor: Floor, symbol: string, move: MarketMove): MarketMoved | Refused {
  const market = floor.markets.get(symbol);
  if (market === undefined) return refuse(-1121);
  if (isClosed(market)) return refuse(-4141);
  const { rules } = market;
  if (move.price === undefined && move.markPrice === undefined) return refuse(-1102, "price", "markPrice");
  const price = move.price === undefined ? undefined : parseAmount(move.price, "price", rules.pricePrecision);
  if (typeof price === "object") return price;
  const offTick = price === undefined ? undefined : refusalOfPrice(price, rules);
  if (offTick !== undefined) return offTick;
  const mark = move.markPrice === undefined ? price : parseAmount(move.markPrice, "markPrice", 8);
  if (typeof mark === "object") return mark;
  if (mark !== undefined && (mark <= 0n || mark > MARK_PRICE_MAX)) return refuse(mark <= 0n ? -4001 : -4002);
  if (mark !== undefined) {
    market.markPrice = mark;
    floor.priceMoved(market, "MARK_PRICE", mark);
  }
  if (price !== undefined) {
    market.indexPrice = price;
    if (market.maker !== undefined) market.maker.anchor = price;
    comeTo(floor, market, price);
  }
  watchMargins(floor, market);
  return { outcome: "market-moved", market: marketView(market, floor.now) };
}

/** Higher than any PRICE_FILTER allows a price to be. */
const MARK_PRICE_MAX: Fixed = fixed("1000000000");

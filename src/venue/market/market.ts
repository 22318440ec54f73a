/** One symbol's market: how it opens, and how it looks from outside. Pure. */
import { divide, type Fixed, fixed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import type { WorkingType } from "../../protocol/enumerations.ts";
import type { Market, Order } from "../exchange/records.ts";
import type { DepthView, MarketView, Quote } from "../exchange/views.ts";
import { type Level, OrderBook } from "../orders/order-book.ts";
import { FUNDING_INTERVAL_HOURS } from "./funding-terms.ts";
import { MarketFeed } from "./market-feed.ts";
import { rulesOf, type SymbolListing } from "./symbol-listing.ts";
import { settlementEstimate } from "./symbol-status.ts";

/** Where the update ids of all books start: the size they have in production in 2026, well below 2^53. */
const FIRST_UPDATE_ID = 9_000_000_000_000;

/** Where the ids of summed trades start: the size they have in production in 2026. */
const FIRST_AGGREGATE_ID = 2_900_000_000n;

/** Opens a market at its start price, with an empty book. @throws {UsageError} when the listing contradicts itself */
export function openMarket(listing: SymbolListing, now: TransactMs): Market {
  const rules = rulesOf(listing);
  const startPrice = fixed(listing.startPrice);
  if (startPrice <= 0n || startPrice % rules.tick !== 0n) {
    throw new UsageError(`${rules.symbol}.startPrice`, "a positive multiple of the tick", listing.startPrice);
  }
  return {
    listing,
    rules,
    book: new OrderBook(FIRST_UPDATE_ID),
    positions: new Set(),
    feed: new MarketFeed(FIRST_AGGREGATE_ID, startPrice, now),
    lastPrice: startPrice,
    lastTime: now,
    markPrice: startPrice,
    indexPrice: startPrice,
    fundingRate: 0n,
    nextFundingTime: 0 as TransactMs,
    fundingIntervalHours: FUNDING_INTERVAL_HOURS,
    nextOrderId: BigInt(listing.firstOrderId),
    nextTradeId: BigInt(listing.firstTradeId),
    maker: undefined,
    delisting: undefined,
  };
}

/** Halfway between the best quotes; the last price when a side is empty. */
export function midPrice(market: Market): Fixed {
  const bid = market.book.best("BUY");
  const ask = market.book.best("SELL");
  return bid === undefined || ask === undefined ? market.lastPrice : divide(bid.price + ask.price, 2n, "half-up");
}

/** The price that triggers and stops of this kind watch. */
export function workingPrice(market: Market, workingType: WorkingType): Fixed {
  return workingType === "MARK_PRICE" ? market.markPrice : market.lastPrice;
}

/** The market as it is shown. */
export function marketView(market: Market, now: TransactMs): MarketView {
  const bid = market.book.bestLevel("BUY");
  const ask = market.book.bestLevel("SELL");
  return {
    symbol: market.rules.symbol,
    lastPrice: market.lastPrice,
    lastTime: market.lastTime,
    markPrice: market.markPrice,
    indexPrice: market.indexPrice,
    estimatedSettlePrice: settlementEstimate(market),
    fundingRate: market.fundingRate,
    nextFundingTime: market.nextFundingTime,
    bid: bid === undefined ? undefined : quoteOf(bid),
    ask: ask === undefined ? undefined : quoteOf(ask),
    updateId: updateId(market),
    time: now,
  };
}

/** The book as it is shown, down to `levels` a side. */
export function depthView(market: Market, levels: number, now: TransactMs): DepthView {
  return {
    symbol: market.rules.symbol,
    lastUpdateId: updateId(market),
    bids: market.book.topLevels("BUY", levels).map(quoteOf),
    asks: market.book.topLevels("SELL", levels).map(quoteOf),
    time: now,
  };
}

function quoteOf({ price, open }: Level<Order>): Quote {
  return { price, qty: open };
}

function updateId(market: Market): Id64 {
  return String(market.book.updateId) as Id64;
}

/**
 * The events of market streams, from what a market is at one moment. Prices and quantities have the places of their
 * symbol (*seen*). `T` of the book is the time of telling (*assumed*: nobody depends on the difference). Pure.
 */
import { div, type Fixed, padded } from "../../kernel/decimal.ts";
import { asEventMs, type Decimal, type Id64, type TransactMs } from "../../kernel/scalars.ts";
import type { BookTickerUpdate, DepthUpdate } from "../../protocol/market/book.ts";
import type { ContractInfo } from "../../protocol/market/contract-info.ts";
import type { KlineUpdate, MarkPriceUpdate, MiniTickerUpdate, TickerUpdate } from "../../protocol/market/prices.ts";
import type { KlineInterval } from "../../protocol/market/stream-names.ts";
import type { AggTrade, Trade } from "../../protocol/market/trades.ts";
import type { Market } from "../exchange/records.ts";
import type { Candle } from "./candles.ts";
import type { AggregateTrade, DayView, PublicTrade } from "./market-feed.ts";
import { money, paddedTo, zeroOrPadded } from "./number-formats.ts";
import { settlementEstimate } from "./symbol-status.ts";

/** Quote volumes have the five places that candles show (*seen*), and more where they need them. */
const QUOTE_PLACES = 5;

/** What events are written from: one market, as the exchange shows it to the streams. */
export type ShownMarket = Readonly<
  Pick<
    Market,
    | "listing"
    | "rules"
    | "book"
    | "feed"
    | "lastPrice"
    | "markPrice"
    | "indexPrice"
    | "fundingRate"
    | "nextFundingTime"
    | "fundingIntervalHours"
    | "delisting"
  >
>;

/** A summed trade. */
export function aggTradeEvent(market: ShownMarket, trade: AggregateTrade, now: TransactMs): AggTrade {
  const quantity = amount(market, trade.quantity);
  return {
    e: "aggTrade",
    E: asEventMs(now),
    s: market.rules.symbol,
    a: id(trade.id),
    p: price(market, trade.price),
    q: quantity,
    nq: quantity,
    f: id(trade.firstId),
    l: id(trade.lastId),
    T: trade.time,
    m: trade.isBuyerMaker,
  };
}

/** One trade. */
export function tradeEvent(market: ShownMarket, trade: PublicTrade, now: TransactMs): Trade {
  return {
    e: "trade",
    E: asEventMs(now),
    T: trade.time,
    s: market.rules.symbol,
    t: id(trade.lastId),
    p: price(market, trade.price),
    q: amount(market, trade.quantity),
    X: "MARKET",
    m: trade.isBuyerMaker,
  };
}

/** The best quotes; `"0"` on a side that is empty. */
export function bookTickerEvent(market: ShownMarket, now: TransactMs): BookTickerUpdate {
  const { book, rules } = market;
  const bid = book.bestLevel("BUY");
  const ask = book.bestLevel("SELL");
  return {
    e: "bookTicker",
    u: String(book.updateId) as Id64,
    E: asEventMs(now),
    T: now,
    s: rules.symbol,
    b: zeroOrPadded(bid?.price ?? 0n, rules.pricePrecision),
    B: zeroOrPadded(bid?.open ?? 0n, rules.quantityPrecision),
    a: zeroOrPadded(ask?.price ?? 0n, rules.pricePrecision),
    A: zeroOrPadded(ask?.open ?? 0n, rules.quantityPrecision),
  };
}

/** One level: price, and what is open there. */
export type ShownLevel = readonly [price: Fixed, open: Fixed];

/** Levels of the book, in the order given; the event follows the one that ended with update id `before`. */
export function depthEvent(
  market: ShownMarket,
  levels: { readonly bids: readonly ShownLevel[]; readonly asks: readonly ShownLevel[] },
  before: number,
  now: TransactMs,
): DepthUpdate {
  const shown = ([at, open]: ShownLevel): [Decimal, Decimal] => [price(market, at), amount(market, open)];
  return {
    e: "depthUpdate",
    E: asEventMs(now),
    T: now,
    s: market.rules.symbol,
    U: String(Math.min(before + 1, market.book.updateId)) as Id64,
    u: String(market.book.updateId) as Id64,
    pu: String(before) as Id64,
    b: levels.bids.map(shown),
    a: levels.asks.map(shown),
  };
}

/** How a symbol is listed. */
export function contractInfoEvent({ listing: { info } }: ShownMarket, now: TransactMs): ContractInfo {
  return {
    e: "contractInfo",
    E: asEventMs(now),
    s: info.symbol,
    ps: info.pair,
    ct: info.contractType,
    dt: info.deliveryDate as TransactMs,
    ot: info.onboardDate as TransactMs,
    cs: info.status,
  };
}

/** Mark price and funding. */
export function markPriceEvent(market: ShownMarket, now: TransactMs): MarkPriceUpdate {
  return {
    e: "markPriceUpdate",
    E: asEventMs(now),
    s: market.rules.symbol,
    p: money(market.markPrice),
    i: money(market.indexPrice),
    P: money(settlementEstimate(market)),
    r: money(market.fundingRate),
    T: market.nextFundingTime,
  };
}

/** A candle, as it stands or as it ended. */
export function klineEvent(market: ShownMarket, interval: KlineInterval, candle: Candle, now: TransactMs): KlineUpdate {
  return {
    e: "kline",
    E: asEventMs(now),
    s: market.rules.symbol,
    k: {
      t: candle.start,
      T: (candle.end - 1) as TransactMs,
      s: market.rules.symbol,
      i: interval,
      f: id(candle.firstId),
      L: id(candle.lastId),
      o: price(market, candle.open),
      c: price(market, candle.close),
      h: price(market, candle.high),
      l: price(market, candle.low),
      v: amount(market, candle.volume),
      n: candle.count,
      x: now >= candle.end,
      q: paddedTo(candle.quoteVolume, QUOTE_PLACES),
      V: amount(market, candle.takerVolume),
      Q: paddedTo(candle.takerQuoteVolume, QUOTE_PLACES),
      B: "0" as Decimal,
    },
  };
}

/** The last 24 hours. */
export function tickerEvent(market: ShownMarket, now: TransactMs): TickerUpdate {
  const day = market.feed.day(now);
  return {
    e: "24hrTicker",
    E: asEventMs(now),
    s: market.rules.symbol,
    ...dayChange(market, day),
    c: price(market, market.lastPrice),
    Q: amount(market, day.lastQuantity),
    ...dayRange(market, day),
    O: day.start,
    C: now,
    F: id(day.firstId),
    L: id(day.lastId),
    n: day.count,
  };
}

/** The last 24 hours, briefly. */
export function miniTickerEvent(market: ShownMarket, now: TransactMs): MiniTickerUpdate {
  const day = market.feed.day(now);
  return {
    e: "24hrMiniTicker",
    E: asEventMs(now),
    s: market.rules.symbol,
    c: price(market, market.lastPrice),
    ...dayRange(market, day),
  };
}

/** How the last 24 hours changed the price: by how much, in percent, and on average. */
export function dayChange(market: ShownMarket, day: DayView): Record<"p" | "P" | "w", Decimal> {
  const change = market.lastPrice - day.open;
  const average = day.volume === 0n ? 0n : div(day.quoteVolume, day.volume);
  return {
    p: price(market, change),
    P: padded(div(change * 100n, day.open), 3),
    w: padded(average, market.rules.pricePrecision),
  };
}

/** Open, high, low and volumes of the last 24 hours. */
export function dayRange(market: ShownMarket, day: DayView): Record<"o" | "h" | "l" | "v" | "q", Decimal> {
  return {
    o: price(market, day.open),
    h: price(market, day.high),
    l: price(market, day.low),
    v: amount(market, day.volume),
    q: paddedTo(day.quoteVolume, 2),
  };
}

/** A price with the places of the symbol. */
export function price({ rules }: ShownMarket, value: Fixed): Decimal {
  return paddedTo(value, rules.pricePrecision);
}

/** A quantity with the places of the symbol. */
export function amount({ rules }: ShownMarket, value: Fixed): Decimal {
  return paddedTo(value, rules.quantityPrecision);
}

function id(value: bigint): Id64 {
  return String(value) as Id64;
}

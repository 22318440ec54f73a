/**
 * Public reads of what was traded, and of funding. Pure. Protocol sheet 11.7.
 *
 * With `startTime` or `fromId` the oldest from there, otherwise the newest; always oldest first (documented for
 * aggTrades; for candles and funding *seen*).
 */

import type { CallHandlers } from "../../face/calls.ts";
import { type Refused, refuse, refuseVariant } from "../../face/refusal.ts";
import { ONE } from "../../kernel/decimal.ts";
import type { Decimal, Id64, TransactMs } from "../../kernel/scalars.ts";
import {
  AGGREGATES_WINDOW_MS,
  FUNDING_PAGE,
  KLINES_PAGE,
  OLD_TRADES_PAGE,
  TRADES_PAGE,
} from "../../protocol/limits.ts";
import { isKlineInterval } from "../../protocol/market/stream-names.ts";
import type { AggTrades, DayTickerOfSymbol, FundingRates, Kline, Trades } from "../../protocol/rest/market-history.ts";
import { cut, type PageQuery } from "../exchange/paging.ts";
import type { Retained } from "../exchange/retained.ts";
import type { Candle } from "../market/candles.ts";
import { FUNDING_RATE_MAX } from "../market/funding-terms.ts";
import type { AggregateTrade, PublicTrade } from "../market/market-feed.ts";
import { amount, dayChange, dayRange, klineEvent, price, type ShownMarket } from "../market/market-writing.ts";
import { money, paddedTo } from "../market/number-formats.ts";
import type { CallContext } from "./call-context.ts";

/** Places of price × quantity in lists of trades (*seen*). */
const QUOTE_PLACES = 2;

/** The public reads of history. */
export function marketHistoryCalls({ exchange }: CallContext): CallHandlers {
  const markets = exchange.shownMarkets;
  const of = <R>(symbol: string, read: (market: ShownMarket) => R): R | Refused => {
    const market = markets.get(symbol);
    return market === undefined ? refuse(-1121) : read(market);
  };
  return {
    aggTrades: ({ parameters }) => of(parameters.symbol, (market) => aggTrades(market, parameters)),
    trades: ({ parameters: { symbol, limit = TRADES_PAGE.usual } }) => of(symbol, (market) => trades(market, limit)),
    historicalTrades: ({ parameters: { symbol, limit = OLD_TRADES_PAGE.usual, fromId } }) =>
      of(symbol, (market) => trades(market, limit, fromId)),
    klines: ({ parameters, now }) => of(parameters.symbol, (market) => klines(market, parameters, now)),
    dayTicker({ parameters: { symbol }, now }) {
      if (symbol !== undefined) return of(symbol, (market) => dayTicker(market, now));
      return [...markets.values()].map((market) => dayTicker(market, now));
    },
    fundingRates({ parameters }) {
      const { symbol } = parameters;
      if (symbol !== undefined) return of(symbol, (market) => fundingRates([market], parameters));
      return fundingRates([...markets.values()], parameters);
    },
    fundingInfo: () =>
      [...markets].map(([symbol, { fundingIntervalHours }]) => ({
        symbol,
        adjustedFundingRateCap: money(FUNDING_RATE_MAX),
        adjustedFundingRateFloor: money(-FUNDING_RATE_MAX),
        fundingIntervalHours,
        disclaimer: false,
      })),
  };
}

function aggTrades(
  market: ShownMarket,
  query: PageQuery & { readonly fromId?: Id64 | undefined },
): AggTrades | Refused {
  const { fromId, startTime, endTime = Number.POSITIVE_INFINITY, limit = TRADES_PAGE.usual } = query;
  const { aggregates } = market.feed;
  if (fromId !== undefined && (startTime !== undefined || query.endTime !== undefined)) return refuse(-1128);
  if (startTime !== undefined && endTime < startTime) return refuse(-1023);
  const isWide = startTime !== undefined && query.endTime !== undefined && endTime - startTime > AGGREGATES_WINDOW_MS;
  if (isWide) return refuseVariant(-1127, 1, 1);
  const from =
    fromId !== undefined
      ? aggregates.firstIndex(({ id }) => id >= BigInt(fromId))
      : aggregates.firstIndex(({ time }) => time >= (startTime ?? 0));
  const end = aggregates.firstIndex(({ time }) => time > endTime);
  const isForward = fromId !== undefined || startTime !== undefined;
  return slice(aggregates, rangeOf(from, end, limit, isForward), (trade) => aggTrade(market, trade));
}

function aggTrade(market: ShownMarket, trade: AggregateTrade): AggTrades[number] {
  const quantity = amount(market, trade.quantity);
  return {
    a: idText(trade.id),
    p: price(market, trade.price),
    q: quantity,
    nq: quantity,
    f: idText(trade.firstId),
    l: idText(trade.lastId),
    T: trade.time,
    m: trade.isBuyerMaker,
  };
}

function trades(market: ShownMarket, limit: number, fromId?: Id64): Trades {
  const all = market.feed.trades;
  const from = fromId === undefined ? 0 : all.firstIndex(({ lastId }) => lastId >= BigInt(fromId));
  return slice(all, rangeOf(from, all.count, limit, fromId !== undefined), (trade: PublicTrade) => ({
    id: idText(trade.lastId),
    price: price(market, trade.price),
    qty: amount(market, trade.quantity),
    quoteQty: paddedTo((trade.price * trade.quantity) / ONE, QUOTE_PLACES),
    time: trade.time,
    isBuyerMaker: trade.isBuyerMaker,
    isRPITrade: false,
  }));
}

function klines(
  market: ShownMarket,
  query: PageQuery & { readonly interval: string },
  now: TransactMs,
): Kline[] | Refused {
  const { interval, startTime, endTime = Number.POSITIVE_INFINITY, limit = KLINES_PAGE.usual } = query;
  if (!isKlineInterval(interval)) return refuse(-1120);
  if (startTime !== undefined && endTime < startTime) return refuse(-1023);
  const all = market.feed.candles.since(interval, startTime ?? 0, now).filter(({ start }) => start <= endTime);
  const shown = cut(all, { limit, isOldestFirst: startTime !== undefined });
  return shown.map((candle) => printedCandle(klineEvent(market, interval, candle, now).k, candle));
}

/** The candle as the stream tells it, by place. */
function printedCandle(k: ReturnType<typeof klineEvent>["k"], { start }: Candle): Kline {
  return [start, k.o, k.h, k.l, k.c, k.v, k.T, k.q, k.n, k.V, k.Q, "0" as Decimal];
}

function dayTicker(market: ShownMarket, now: TransactMs): DayTickerOfSymbol {
  const day = market.feed.day(now);
  const { p, P, w } = dayChange(market, day);
  const { o, h, l, v, q } = dayRange(market, day);
  return {
    symbol: market.rules.symbol,
    priceChange: p,
    priceChangePercent: P,
    weightedAvgPrice: w,
    lastPrice: price(market, market.lastPrice),
    lastQty: amount(market, day.lastQuantity),
    openPrice: o,
    highPrice: h,
    lowPrice: l,
    volume: v,
    quoteVolume: q,
    openTime: day.start,
    closeTime: now,
    firstId: idText(day.firstId),
    lastId: idText(day.lastId),
    count: day.count,
  };
}

function fundingRates(markets: readonly ShownMarket[], query: PageQuery): FundingRates | Refused {
  const { startTime, endTime = Number.POSITIVE_INFINITY, limit = FUNDING_PAGE.usual } = query;
  if (startTime !== undefined && endTime < startTime) return refuse(-1023);
  const rows = markets.flatMap(({ rules: { symbol }, feed: { settlements } }) =>
    slice(settlements, [0, settlements.count], ({ time, rate, markPrice }) => ({
      symbol,
      fundingRate: money(rate),
      fundingTime: time,
      markPrice: money(markPrice),
      rateType: "Regular",
    })),
  );
  const within = rows
    .filter(({ fundingTime }) => fundingTime >= (startTime ?? 0) && fundingTime <= endTime)
    .sort((a, b) => a.fundingTime - b.fundingTime);
  return cut(within, { limit, isOldestFirst: startTime !== undefined });
}

/** Which entries of `from` to `end`: the first ones of them, or the last ones. */
function rangeOf(from: number, end: number, limit: number, isForward: boolean): [from: number, end: number] {
  return isForward ? [from, Math.min(end, from + limit)] : [Math.max(from, end - limit), end];
}

function slice<T, R>(all: Retained<T>, [from, end]: readonly [number, number], print: (item: T) => R): R[] {
  const printed: R[] = [];
  for (let i = from; i < end; i++) printed.push(print(all.at(i) as T));
  return printed;
}

function idText(id: bigint): Id64 {
  return String(id) as Id64;
}

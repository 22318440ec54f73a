/**
 * Market streams through two clients by other people, unchanged, on real sockets: `ccxt` 4.5.84 keeps an order book by
 * `/public/ws` and REST and watches trades, ticker, candles; the official connector 38.1.1 hears `/public`, `/market`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Logger, LogLevel } from "@binance/common";
import {
  DerivativesTradingUsdsFutures,
  DerivativesTradingUsdsFuturesWebsocketStreams as Streams,
} from "@binance/derivatives-trading-usds-futures";
import ccxt from "ccxt";
import { eventually } from "../eventually.ts";
import { openHub, type PaperVenue, testBothWays } from "./paper-venue.ts";

const SYMBOL = "BTC/USDT:USDT";

Logger.getInstance().setMinLogLevel(LogLevel.ERROR);

test("ccxt keeps the order book through a hub, and watches trades, ticker and candles", async (context) => {
  const venue = await openHub(context);
  const exchange = await exchangeOf(venue);
  const book = await exchange.watchOrderBook(SYMBOL);
  const ticker = await exchange.watchTicker(SYMBOL);
  assert.ok(ticker.last !== undefined && Math.abs(ticker.last / 86_000 - 1) < 0.01);
  const [candle] = await exchange.watchOHLCV(SYMBOL, "1m");
  assert.equal(candle?.length, 6);
  const trades = await exchange.watchTrades(SYMBOL);
  assert.ok(trades.length > 0 && trades.every(({ price, amount }) => Number(price) > 0 && Number(amount) > 0));

  const order = await exchange.createOrder(SYMBOL, "limit", "buy", 0.123, 84_321);
  await eventually("the order stands in the book that ccxt keeps", () => quantityAt(book.bids, 84_321) === 0.123);
  await exchange.cancelOrder(order.id ?? "", SYMBOL);
  await eventually("it is gone again", () => quantityAt(book.bids, 84_321) === 0);
  await assertSameBook(exchange, book);

  assert.equal((await exchange.fetchTicker(SYMBOL)).symbol, SYMBOL);
  assert.ok((await exchange.fetchTrades(SYMBOL)).length > 0);
  assert.ok((await exchange.fetchOHLCV(SYMBOL, "1m")).length > 0);
  assert.equal((await exchange.fetchFundingRate(SYMBOL)).symbol, SYMBOL);
});

testBothWays("the official connector hears market streams on /public and /market", async (venue) => {
  const client = new DerivativesTradingUsdsFutures({
    configurationRestAPI: { apiKey: venue.account.apiKey, basePath: venue.url },
    configurationWebsocketStreams: { wsURL: venue.wsUrl },
  });
  const connection = await client.websocketStreams.connect();
  venue.atEnd(() => connection.disconnect());
  const heard = new Map<string, unknown>();
  const symbol = "btcusdt";
  const streams = {
    aggTrade: connection.aggregateTradeStreams({ symbol }),
    bookTicker: connection.individualSymbolBookTickerStreams({ symbol }),
    depth: connection.diffBookDepthStreams({
      symbol,
      updateSpeed: Streams.DiffBookDepthStreamsUpdateSpeedEnum.UPDATE_SPEED_100ms,
    }),
    partialDepth: connection.partialBookDepthStreams({
      symbol,
      levels: Streams.PartialBookDepthStreamsLevelsEnum.LEVELS_5,
      updateSpeed: Streams.PartialBookDepthStreamsUpdateSpeedEnum.UPDATE_SPEED_100ms,
    }),
    markPrice: connection.markPriceStream({
      symbol,
      updateSpeed: Streams.MarkPriceStreamUpdateSpeedEnum.UPDATE_SPEED_1s,
    }),
    kline: connection.klineCandlestickStreams({
      symbol,
      interval: Streams.KlineCandlestickStreamsIntervalEnum.INTERVAL_1m,
    }),
    ticker: connection.individualSymbolTickerStreams({ symbol }),
    allBookTickers: connection.allBookTickersStream(),
  };
  for (const [name, stream] of Object.entries(streams)) {
    stream.on("message", (event: unknown) => void heard.set(name, event));
  }
  await eventually("every stream is heard", () => heard.size === Object.keys(streams).length);
  const answer = await client.restAPI.orderBook({ symbol: "BTCUSDT", limit: 5 });
  assert.equal((await answer.data()).bids?.length, 5);
});

/** The book that ccxt keeps and the venue's own, at one update id. The maker moves once a second, so that they meet. */
async function assertSameBook(exchange: InstanceType<typeof ccxt.pro.binanceusdm>, book: Book): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const shown: Book = await exchange.fetchOrderBook(SYMBOL, 1000);
    if (shown.nonce === book.nonce) {
      assert.deepEqual(levelsOf(book), levelsOf(shown));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("the stream comes up with the book");
}

interface Book {
  readonly nonce: number | undefined;
  readonly bids: readonly (readonly unknown[])[];
  readonly asks: readonly (readonly unknown[])[];
}

function quantityAt(side: readonly (readonly unknown[])[], price: number): number {
  return Number(side.find(([at]) => at === price)?.[1] ?? 0);
}

function levelsOf({ bids, asks }: Book): unknown {
  return [bids, asks].map((side) => [...side].map((level) => [level[0], level[1]]));
}

async function exchangeOf(venue: PaperVenue): Promise<InstanceType<typeof ccxt.pro.binanceusdm>> {
  const exchange = new ccxt.pro.binanceusdm({
    apiKey: venue.account.apiKey,
    secret: venue.account.apiSecret,
    // currencies would be asked of the spot exchange
    options: { fetchCurrencies: false },
  });
  venue.atEnd(() => exchange.close());
  const api: unknown = exchange.urls.api;
  assert.ok(typeof api === "object" && api !== null);
  for (const [name, url] of Object.entries(api)) {
    if (typeof url === "string") Reflect.set(api, name, url.replace(/^https:\/\/[^/]+/, venue.url));
  }
  Reflect.set(Reflect.get(api, "ws"), "future", `${venue.wsUrl}/ws`);
  await exchange.loadHttpProxyAgent();
  return exchange;
}

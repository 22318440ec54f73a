/**
 * The market streams of one exchange: a channel for each name that somebody listens to, and none for the others. Pure.
 *
 * Rules kept here
 * - An event is encoded once, however many sessions hear it; the names `btcusdt@bookTicker` and `!bookTicker`, and mark
 *   prices of different paces, share it too.
 * - A name of nothing is listened to in silence, as with the real service.
 */
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Side } from "../../protocol/enumerations.ts";
import { BookTickerUpdate, DepthUpdate } from "../../protocol/market/book.ts";
import { ContractInfo } from "../../protocol/market/contract-info.ts";
import { KlineUpdate, MarkPriceUpdate, MiniTickerUpdate, TickerUpdate } from "../../protocol/market/prices.ts";
import { type MarketStream, readMarketStream } from "../../protocol/market/stream-names.ts";
import { AggTrade, Trade } from "../../protocol/market/trades.ts";
import {
  AggregatesChannel,
  BestQuotesChannel,
  CandleChannel,
  type Channel,
  ClockChannel,
  DepthChannel,
  JoinedChannel,
  ListingChannel,
  TouchedLevels,
  TradesChannel,
} from "./market-channels.ts";
import {
  aggTradeEvent,
  bookTickerEvent,
  contractInfoEvent,
  depthEvent,
  klineEvent,
  markPriceEvent,
  miniTickerEvent,
  type ShownLevel,
  type ShownMarket,
  tickerEvent,
  tradeEvent,
} from "./market-writing.ts";

/** How often 24-hour tickers of one symbol are told; those of all symbols come twice as often. Documented. */
const TICKER_EVERY_MS = 2000;

/** What may be told of one symbol alone. */
type StreamOfOne = Exclude<MarketStream, { readonly kind: "contractInfo" }>;

/** What market streams are made of. */
export interface MarketStreamsParts {
  /** All markets, by symbol. */
  readonly markets: ReadonlyMap<string, ShownMarket>;
  /** Hands an encoded event to whoever listens to the name. */
  publish(name: string, eventName: string, json: string): void;
}

/** The market streams of one exchange. */
export class MarketStreams {
  readonly #parts: MarketStreamsParts;
  readonly #channels = new Map<string, Channel>();
  readonly #encoded = new Map<string, { readonly key: string; readonly json: string }>();
  #now = 0 as TransactMs;

  constructor(parts: MarketStreamsParts) {
    this.#parts = parts;
  }

  /** Somebody listens to a name now. */
  open(name: string, now: TransactMs): void {
    this.#now = now;
    const stream = readMarketStream(name);
    const channel = stream === undefined ? undefined : this.#channel(name, stream);
    if (channel !== undefined) this.#channels.set(name, channel);
  }

  /** Nobody listens to a name any more. */
  close(name: string): void {
    this.#channels.get(name)?.close();
    this.#channels.delete(name);
  }

  /** Tells what is new, and what is due. To be called after whatever may have changed a market. */
  poll(now: TransactMs, paceMs = 0): void {
    this.#now = now;
    for (const channel of this.#channels.values()) channel.poll(now, paceMs);
  }

  /** When {@link poll} has something to do though nothing happens. */
  nextDeadline(): TransactMs | undefined {
    let next: number | undefined;
    for (const { dueAt } of this.#channels.values()) {
      if (dueAt !== undefined && (next === undefined || dueAt < next)) next = dueAt;
    }
    return next as TransactMs | undefined;
  }

  /** How many names are listened to that are names of something. */
  get count(): number {
    return this.#channels.size;
  }

  #channel(name: string, stream: MarketStream): Channel | undefined {
    if (stream.symbol === undefined) return this.#channelOfAll(name, stream);
    const market = this.#parts.markets.get(stream.symbol);
    return market === undefined ? undefined : this.#channelOf(name, market, stream);
  }

  #channelOf(name: string, market: ShownMarket, stream: StreamOfOne): Channel {
    const tell = (event: string, json: string) => this.#parts.publish(name, event, json);
    switch (stream.kind) {
      case "aggTrade":
        return new AggregatesChannel(market, (trade) => {
          tell("aggTrade", AggTrade.write(aggTradeEvent(market, trade, this.#now)));
        });
      case "trade":
        return new TradesChannel(market, (trade) => tell("trade", Trade.write(tradeEvent(market, trade, this.#now))));
      case "bookTicker":
        return new BestQuotesChannel(market, () => tell("bookTicker", this.#bookTicker(market)));
      case "depth":
        return this.#diffChannel(market, stream.everyMs, tell);
      case "partialDepth":
        return new DepthChannel(market, stream.everyMs, (before) => {
          const { levels } = stream;
          const shown = { bids: topOf(market, "BUY", levels), asks: topOf(market, "SELL", levels) };
          tell("depthUpdate", DepthUpdate.write(depthEvent(market, shown, before, this.#now)));
        });
      case "markPrice":
        return new ClockChannel(stream.everyMs, () => tell("markPriceUpdate", this.#markPrice(market)), this.#now);
      case "kline": {
        const { interval } = stream;
        const tellCandle = (candle: Parameters<typeof klineEvent>[2]) =>
          tell("kline", KlineUpdate.write(klineEvent(market, interval, candle, this.#now)));
        return new CandleChannel(market, interval, tellCandle, this.#now);
      }
      case "ticker":
        return new ClockChannel(TICKER_EVERY_MS, () => tell("24hrTicker", this.#ticker(market)), this.#now);
      case "miniTicker":
        return new ClockChannel(TICKER_EVERY_MS, () => tell("24hrMiniTicker", this.#miniTicker(market)), this.#now);
    }
  }

  #channelOfAll(name: string, stream: MarketStream): Channel | undefined {
    const markets = [...this.#parts.markets.values()];
    const tellAll = (event: string, write: (market: ShownMarket) => string) => () =>
      this.#parts.publish(name, event, `[${markets.map(write).join(",")}]`);
    switch (stream.kind) {
      case "bookTicker":
        return new JoinedChannel(markets.map((market) => this.#channelOf(name, market, stream)));
      case "contractInfo": {
        const tell = (market: ShownMarket) => () =>
          this.#parts.publish(name, "contractInfo", ContractInfo.write(contractInfoEvent(market, this.#now)));
        return new JoinedChannel(markets.map((market) => new ListingChannel(market, tell(market))));
      }
      case "markPrice":
        return new ClockChannel(
          stream.everyMs,
          tellAll("markPriceUpdate", (market) => this.#markPrice(market)),
          this.#now,
        );
      case "ticker":
        return new ClockChannel(
          TICKER_EVERY_MS / 2,
          tellAll("24hrTicker", (market) => this.#ticker(market)),
          this.#now,
        );
      case "miniTicker": {
        const tell = tellAll("24hrMiniTicker", (market) => this.#miniTicker(market));
        return new ClockChannel(TICKER_EVERY_MS / 2, tell, this.#now);
      }
      default:
        return undefined;
    }
  }

  #diffChannel(market: ShownMarket, everyMs: number, tell: (event: string, json: string) => void): Channel {
    const touched = new TouchedLevels(market);
    const tellChanges = (before: number) =>
      tell("depthUpdate", DepthUpdate.write(depthEvent(market, touched.take(), before, this.#now)));
    return new DepthChannel(market, everyMs, tellChanges, touched.close);
  }

  #bookTicker(market: ShownMarket): string {
    return this.#once("bookTicker", market, () => BookTickerUpdate.write(bookTickerEvent(market, this.#now)));
  }

  #markPrice(market: ShownMarket): string {
    return this.#once("markPrice", market, () => MarkPriceUpdate.write(markPriceEvent(market, this.#now)));
  }

  #ticker(market: ShownMarket): string {
    return this.#once("ticker", market, () => TickerUpdate.write(tickerEvent(market, this.#now)));
  }

  #miniTicker(market: ShownMarket): string {
    return this.#once("miniTicker", market, () => MiniTickerUpdate.write(miniTickerEvent(market, this.#now)));
  }

  /** The text of an event, made once for one moment of one market. */
  #once(kind: string, market: ShownMarket, write: () => string): string {
    const at = `${kind} ${market.rules.symbol}`;
    const key = `${this.#now} ${market.book.updateId} ${market.feed.trades.at(market.feed.trades.count - 1)?.lastId}`;
    const before = this.#encoded.get(at);
    if (before?.key === key) return before.json;
    const json = write();
    this.#encoded.set(at, { key, json });
    return json;
  }
}

function topOf({ book }: ShownMarket, side: Side, count: number): ShownLevel[] {
  return book.topLevels(side, count).map(({ price, open }) => [price, open]);
}

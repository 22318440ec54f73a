/**
 * Market streams as somebody listens to them: what is new since the last telling, and when it is to be told. One
 * channel a name; each is closed when its last listener goes, so that nothing is worked out for nobody. Pure.
 */
import type { Fixed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Side } from "../../protocol/enumerations.ts";
import type { KlineInterval } from "../../protocol/market/stream-names.ts";
import type { Candle } from "./candles.ts";
import { AGGREGATION_MS, type AggregateTrade, type PublicTrade } from "./market-feed.ts";
import type { ShownLevel, ShownMarket } from "./market-writing.ts";

/** Candles are told at most this often. Documented. */
const KLINE_EVERY_MS = 250;

/** One name that somebody listens to. */
export interface Channel {
  /** When it wants to be asked again though nothing happens; `undefined`: not at all. */
  readonly dueAt: number | undefined;
  /**
   * Tells what is due. Called after everything that may have changed the market.
   * @param paceMs the least time between two tellings by the clock, while a jump is caught up with
   */
  poll(now: TransactMs, paceMs: number): void;
  close(): void;
}

/** Tells summed trades once nothing more can be added to them. */
export class AggregatesChannel implements Channel {
  dueAt: number | undefined;
  readonly #market: ShownMarket;
  readonly #tell: (trade: AggregateTrade) => void;
  #next: bigint;

  constructor(market: ShownMarket, tell: (trade: AggregateTrade) => void) {
    this.#market = market;
    this.#tell = tell;
    this.#next = market.feed.nextAggregateId;
  }

  poll(now: TransactMs): void {
    const { feed } = this.#market;
    this.dueAt = undefined;
    if (this.#next === feed.nextAggregateId) return;
    const { aggregates } = feed;
    for (let i = aggregates.firstIndex(({ id }) => id >= this.#next); i < aggregates.count; i++) {
      const trade = aggregates.at(i) as AggregateTrade;
      if (!feed.isFinished(trade, now)) {
        this.dueAt = trade.since + AGGREGATION_MS;
        return;
      }
      this.#tell(trade);
      this.#next = trade.id + 1n;
    }
  }

  close(): void {}
}

/** Tells every trade at once. */
export class TradesChannel implements Channel {
  readonly dueAt = undefined;
  readonly #market: ShownMarket;
  readonly #tell: (trade: PublicTrade) => void;
  #told: bigint;

  constructor(market: ShownMarket, tell: (trade: PublicTrade) => void) {
    this.#market = market;
    this.#tell = tell;
    this.#told = lastTradeId(market);
  }

  poll(): void {
    const last = lastTradeId(this.#market);
    if (last === this.#told) return;
    const { trades } = this.#market.feed;
    for (let i = trades.firstIndex(({ lastId }) => lastId > this.#told); i < trades.count; i++) {
      this.#tell(trades.at(i) as PublicTrade);
    }
    this.#told = last;
  }

  close(): void {}
}

/** Tells the best quotes whenever they are others. */
export class BestQuotesChannel implements Channel {
  readonly dueAt = undefined;
  readonly #market: ShownMarket;
  readonly #tell: () => void;
  #seen: number;
  #best: readonly Fixed[];

  constructor(market: ShownMarket, tell: () => void) {
    this.#market = market;
    this.#tell = tell;
    this.#seen = market.book.updateId;
    this.#best = bestOf(market);
  }

  poll(): void {
    const { updateId } = this.#market.book;
    if (updateId === this.#seen) return;
    this.#seen = updateId;
    const best = bestOf(this.#market);
    if (best.every((value, i) => value === this.#best[i])) return;
    this.#best = best;
    this.#tell();
  }

  close(): void {}
}

/** Tells the book in steps: by its changed levels, or whole down to some depth. */
export class DepthChannel implements Channel {
  dueAt: number | undefined;
  readonly #market: ShownMarket;
  readonly #everyMs: number;
  readonly #tell: (before: number) => void;
  readonly close: () => void;
  #told: number;

  constructor(market: ShownMarket, everyMs: number, tell: (before: number) => void, close = () => {}) {
    this.#market = market;
    this.#everyMs = everyMs;
    this.#tell = tell;
    this.close = close;
    this.#told = market.book.updateId;
  }

  poll(now: TransactMs): void {
    const { updateId } = this.#market.book;
    if (updateId === this.#told) return;
    this.dueAt ??= boundary(now, this.#everyMs);
    if (now < this.dueAt) return;
    this.dueAt = undefined;
    this.#tell(this.#told);
    this.#told = updateId;
  }
}

/** Remembers which levels of a book were touched, until they are taken. */
export class TouchedLevels {
  readonly close: () => void;
  readonly #market: ShownMarket;
  readonly #bids = new Set<Fixed>();
  readonly #asks = new Set<Fixed>();

  constructor(market: ShownMarket) {
    this.#market = market;
    this.close = market.book.watch((side, price) => (side === "BUY" ? this.#bids : this.#asks).add(price));
  }

  /** What is open there now, best first; forgets them. */
  take(): { bids: ShownLevel[]; asks: ShownLevel[] } {
    return { bids: this.#taken("BUY", this.#bids), asks: this.#taken("SELL", this.#asks) };
  }

  #taken(side: Side, touched: Set<Fixed>): ShownLevel[] {
    const sign = side === "BUY" ? -1 : 1;
    const prices = [...touched].sort((a, b) => (a < b ? -sign : sign));
    touched.clear();
    return prices.map((price) => [price, this.#market.book.openAt(side, price)]);
  }
}

/** Tells by the clock, whether anything changed or not. */
export class ClockChannel implements Channel {
  dueAt: number;
  readonly #everyMs: number;
  readonly #tell: () => void;

  constructor(everyMs: number, tell: () => void, now: TransactMs) {
    this.#everyMs = everyMs;
    this.#tell = tell;
    this.dueAt = boundary(now, everyMs);
  }

  poll(now: TransactMs, paceMs: number): void {
    if (now < this.dueAt) return;
    this.dueAt = Math.max(boundary(now, this.#everyMs), now + paceMs);
    this.#tell();
  }

  close(): void {}
}

/** Tells the open candle as it changes, and every candle once more when it is over. */
export class CandleChannel implements Channel {
  dueAt: number;
  readonly #market: ShownMarket;
  readonly #interval: KlineInterval;
  readonly #tell: (candle: Candle) => void;
  #followed: Candle;
  #told: bigint;
  #quietUntil: number;

  constructor(market: ShownMarket, interval: KlineInterval, tell: (candle: Candle) => void, now: TransactMs) {
    this.#market = market;
    this.#interval = interval;
    this.#tell = tell;
    this.#followed = market.feed.candles.open(interval, now);
    this.#told = lastTradeId(market);
    this.#quietUntil = now;
    this.dueAt = this.#followed.end;
  }

  poll(now: TransactMs, paceMs: number): void {
    const { candles } = this.#market.feed;
    if (now >= this.#followed.end) {
      const all = candles.since(this.#interval, this.#followed.start, now);
      for (const candle of all.slice(0, -1)) this.#tell(candle);
      this.#followed = all.at(-1) as Candle;
      if (this.#followed.count > 0) this.#told = -1n;
      this.#quietUntil = now;
    }
    const end = Math.max(this.#followed.end, now + paceMs);
    const last = lastTradeId(this.#market);
    if (last !== this.#told && now >= this.#quietUntil) {
      this.#told = last;
      this.#quietUntil = now + KLINE_EVERY_MS;
      this.#tell(candles.open(this.#interval, now));
    }
    this.dueAt = last === this.#told ? end : Math.min(end, this.#quietUntil);
  }

  close(): void {}
}

/** Tells whenever a symbol is listed otherwise than before. */
export class ListingChannel implements Channel {
  readonly dueAt = undefined;
  readonly #market: ShownMarket;
  readonly #tell: () => void;
  #told: ShownMarket["listing"];

  constructor(market: ShownMarket, tell: () => void) {
    this.#market = market;
    this.#tell = tell;
    this.#told = market.listing;
  }

  poll(): void {
    if (this.#market.listing === this.#told) return;
    this.#told = this.#market.listing;
    this.#tell();
  }

  close(): void {}
}

/** Several channels under one name. */
export class JoinedChannel implements Channel {
  readonly #channels: readonly Channel[];

  constructor(channels: readonly Channel[]) {
    this.#channels = channels;
  }

  get dueAt(): number | undefined {
    const times = this.#channels.flatMap(({ dueAt }) => dueAt ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  poll(now: TransactMs, paceMs: number): void {
    for (const channel of this.#channels) channel.poll(now, paceMs);
  }

  close(): void {
    for (const channel of this.#channels) channel.close();
  }
}

function boundary(now: number, everyMs: number): number {
  return now - (now % everyMs) + everyMs;
}

function lastTradeId({ feed: { trades } }: ShownMarket): bigint {
  return trades.at(trades.count - 1)?.lastId ?? -1n;
}

function bestOf({ book }: ShownMarket): Fixed[] {
  const bid = book.bestLevel("BUY");
  const ask = book.bestLevel("SELL");
  return [bid?.price ?? 0n, bid?.open ?? 0n, ask?.price ?? 0n, ask?.open ?? 0n];
}

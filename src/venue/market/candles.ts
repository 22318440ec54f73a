/**
 * Candles of all intervals, made of trades. Pure.
 *
 * A trade touches the open minute alone. A minute that is over is taken into the candle of every longer interval, which
 * therefore cost nothing per trade; what is shown of one is that candle and the open minute together. A candle without
 * trades is flat at the close before it (*seen*), and no memory is kept of more than {@link CANDLES_MAX} of them.
 */
import { type Fixed, max, min, ONE } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { KLINES_PAGE } from "../../protocol/limits.ts";
import { KLINE_INTERVALS, type KlineInterval } from "../../protocol/market/stream-names.ts";
import { Retained } from "../exchange/retained.ts";
import { candleEnd, candleStart } from "./candle-times.ts";

/** Candles kept for each symbol and interval: as many as one call can ask for. */
const CANDLES_MAX = KLINES_PAGE.max;

/** What was traded from one time to another. */
export interface Candle {
  readonly start: TransactMs;
  /** The beginning of the next. */
  readonly end: TransactMs;
  open: Fixed;
  high: Fixed;
  low: Fixed;
  close: Fixed;
  /** Base asset. */
  volume: Fixed;
  /** Quote asset, exact. */
  quoteVolume: Fixed;
  /** Bought by takers, base asset. */
  takerVolume: Fixed;
  /** Bought by takers, quote asset. */
  takerQuoteVolume: Fixed;
  /** -1 when there was no trade. */
  firstId: bigint;
  /** -1 when there was no trade. */
  lastId: bigint;
  /** Trades. */
  count: number;
}

/** One trade, or several at one price, as candles see them. */
export interface CandleTrade {
  readonly price: Fixed;
  readonly quantity: Fixed;
  readonly firstId: bigint;
  readonly lastId: bigint;
  readonly time: TransactMs;
  readonly isBuyerMaker: boolean;
}

/** The candles of one symbol. */
export class Candles {
  readonly #minutes: Series;
  readonly #longer: ReadonlyMap<KlineInterval, Series>;

  /** Begins with a flat minute at the first price. */
  constructor(price: Fixed, now: TransactMs) {
    this.#minutes = new Series("1m", price, now);
    const longer = KLINE_INTERVALS.filter((interval) => interval !== "1m");
    this.#longer = new Map(longer.map((interval) => [interval, new Series(interval, price, now)]));
  }

  /** Takes a trade in; times never go back. */
  add(trade: CandleTrade): void {
    if (trade.time >= this.#minutes.current.end) this.#advance(trade.time);
    addTrade(this.#minutes.current, trade);
  }

  /**
   * The candles from `from` on as they stand at `now`, oldest first, the open one last. They are to be read at once:
   * the open ones go on changing.
   */
  since(interval: KlineInterval, from: number, now: TransactMs): Candle[] {
    this.#advance(now);
    const series = this.#longer.get(interval);
    if (series === undefined) return [...this.#minutes.since(from), this.#minutes.current];
    return [...series.since(from), this.open(interval, now)];
  }

  /** The candle that is open at `now`. */
  open(interval: KlineInterval, now: TransactMs): Candle {
    this.#advance(now);
    const series = this.#longer.get(interval);
    if (series === undefined) return this.#minutes.current;
    const candle = { ...series.current };
    absorb(candle, this.#minutes.current);
    return candle;
  }

  #advance(now: TransactMs): void {
    const minute = this.#minutes.current;
    if (now < minute.end) return;
    for (const series of this.#longer.values()) {
      absorb(series.current, minute);
      series.advance(now);
    }
    this.#minutes.advance(now);
  }
}

/** The candles of one interval. */
class Series {
  readonly #interval: KlineInterval;
  readonly #past = new Retained<Candle>(CANDLES_MAX);
  current: Candle;

  constructor(interval: KlineInterval, price: Fixed, now: TransactMs) {
    this.#interval = interval;
    this.current = flatCandle(interval, price, candleStart(interval, now));
  }

  /** Ends the current candle when it is over, and puts flat ones up to `now`: no more than are kept. */
  advance(now: TransactMs): void {
    if (now < this.current.end) return;
    const { close, end } = this.current;
    this.#past.push(this.current);
    const last = candleStart(this.#interval, now);
    const skipped = Math.floor((last - end) / (this.current.end - this.current.start)) - CANDLES_MAX;
    let start =
      skipped > 0 ? candleStart(this.#interval, (end + skipped * (end - this.current.start)) as TransactMs) : end;
    for (; start < last; start = candleEnd(this.#interval, start)) {
      this.#past.push(flatCandle(this.#interval, close, start));
    }
    this.current = flatCandle(this.#interval, close, last);
  }

  /** Those that are over and begin at `from` or later, oldest first. */
  since(from: number): Candle[] {
    const candles: Candle[] = [];
    for (let i = this.#past.firstIndex(({ start }) => start >= from); i < this.#past.count; i++) {
      candles.push(this.#past.at(i) as Candle);
    }
    return candles;
  }
}

function flatCandle(interval: KlineInterval, price: Fixed, start: TransactMs): Candle {
  return {
    start,
    end: candleEnd(interval, start),
    open: price,
    high: price,
    low: price,
    close: price,
    volume: 0n,
    quoteVolume: 0n,
    takerVolume: 0n,
    takerQuoteVolume: 0n,
    firstId: -1n,
    lastId: -1n,
    count: 0,
  };
}

function addTrade(candle: Candle, { price, quantity, firstId, lastId, isBuyerMaker }: CandleTrade): void {
  const quote = (price * quantity) / ONE;
  absorb(candle, {
    open: price,
    high: price,
    low: price,
    close: price,
    volume: quantity,
    quoteVolume: quote,
    takerVolume: isBuyerMaker ? 0n : quantity,
    takerQuoteVolume: isBuyerMaker ? 0n : quote,
    firstId,
    lastId,
    count: Number(lastId - firstId) + 1,
  });
}

/** Adds what was traded later to a candle. The first trade of a candle is its open: flat prices are nobody's. */
export function absorb(candle: Candle, later: Omit<Candle, "start" | "end">): void {
  if (later.count === 0) return;
  const isFirst = candle.count === 0;
  if (isFirst) candle.open = later.open;
  candle.high = isFirst ? later.high : max(candle.high, later.high);
  candle.low = isFirst ? later.low : min(candle.low, later.low);
  candle.close = later.close;
  candle.volume += later.volume;
  candle.quoteVolume += later.quoteVolume;
  candle.takerVolume += later.takerVolume;
  candle.takerQuoteVolume += later.takerQuoteVolume;
  if (isFirst) candle.firstId = later.firstId;
  candle.lastId = later.lastId;
  candle.count += later.count;
}

/** Market streams of prices: `markPriceUpdate`, `kline`, `24hrTicker`, `24hrMiniTicker`. Pure. */
import {
  decimal,
  eventMs,
  flag,
  type Infer,
  id64,
  integer,
  literal,
  oneOf,
  optional,
  record,
  text,
  transactMs,
} from "../codec.ts";
import { KLINE_INTERVALS } from "./stream-names.ts";

/** `<symbol>@markPrice[@1s]`: mark price and funding. Documented. */
export const MarkPriceUpdate = record({
  /** Event type. */
  e: literal("markPriceUpdate"),
  /** When the message was generated. */
  E: eventMs,
  /** Symbol. */
  s: text,
  /** Mark price. */
  p: decimal,
  /** Moving average of the mark price (official connector of August 2026). */
  ap: optional(decimal),
  /** Index price. */
  i: decimal,
  /** Estimated settlement price: means something in the last hour before settlement only. */
  P: decimal,
  /** Funding rate of the next settlement as it stands. */
  r: decimal,
  /** Next settlement of funding. */
  T: transactMs,
  /** Symbol type, announced for later (official connector). */
  st: optional(integer),
});

/** Mark price and funding. */
export type MarkPriceUpdate = Infer<typeof MarkPriceUpdate>;

/** The `k` of a `kline` event. */
const StreamedKline = record({
  /** When it begins. */
  t: transactMs,
  /** Its last millisecond. */
  T: transactMs,
  /** Symbol. */
  s: text,
  /** Interval. */
  i: oneOf(...KLINE_INTERVALS),
  /** First trade id; -1 when nothing was traded (*seen*). */
  f: id64,
  /** Last trade id; -1 when nothing was traded (*seen*). */
  L: id64,
  /** Open. */
  o: decimal,
  /** Close. */
  c: decimal,
  /** High. */
  h: decimal,
  /** Low. */
  l: decimal,
  /** Volume, base asset. */
  v: decimal,
  /** Trades. */
  n: integer,
  /** Is it over? */
  x: flag,
  /** Volume, quote asset. */
  q: decimal,
  /** Volume bought by takers, base asset. */
  V: decimal,
  /** Volume bought by takers, quote asset. */
  Q: decimal,
  /** To be ignored. */
  B: decimal,
});

/** `<symbol>@kline_<interval>`: the candle as it stands, and once more when it is over. Documented. */
export const KlineUpdate = record({
  /** Event type. */
  e: literal("kline"),
  /** When the message was generated. */
  E: eventMs,
  /** Symbol. */
  s: text,
  /** The candle. */
  k: StreamedKline,
});

/** A candle. */
export type KlineUpdate = Infer<typeof KlineUpdate>;

/** `<symbol>@ticker`: the last 24 hours. Documented. */
export const TickerUpdate = record({
  /** Event type. */
  e: literal("24hrTicker"),
  /** When the message was generated. */
  E: eventMs,
  /** Symbol. */
  s: text,
  /** Price change. */
  p: decimal,
  /** Price change in percent. */
  P: decimal,
  /** Average price, weighted by volume. */
  w: decimal,
  /** Last price. */
  c: decimal,
  /** Last quantity. */
  Q: decimal,
  /** Open. */
  o: decimal,
  /** High. */
  h: decimal,
  /** Low. */
  l: decimal,
  /** Volume, base asset. */
  v: decimal,
  /** Volume, quote asset. */
  q: decimal,
  /** Where the window begins. */
  O: transactMs,
  /** Where it ends. */
  C: transactMs,
  /** First trade id. */
  F: id64,
  /** Last trade id. */
  L: id64,
  /** Trades. */
  n: integer,
  /** Pair, announced for later (official connector). */
  ps: optional(text),
  /** Symbol type, announced for later (official connector). */
  st: optional(integer),
});

/** The last 24 hours. */
export type TickerUpdate = Infer<typeof TickerUpdate>;

/** `<symbol>@miniTicker`: the last 24 hours, briefly. Documented. */
export const MiniTickerUpdate = record({
  /** Event type. */
  e: literal("24hrMiniTicker"),
  /** When the message was generated. */
  E: eventMs,
  /** Symbol. */
  s: text,
  /** Last price. */
  c: decimal,
  /** Open. */
  o: decimal,
  /** High. */
  h: decimal,
  /** Low. */
  l: decimal,
  /** Volume, base asset. */
  v: decimal,
  /** Volume, quote asset. */
  q: decimal,
  /** Pair, announced for later (official connector). */
  ps: optional(text),
  /** Symbol type, announced for later (official connector). */
  st: optional(integer),
});

/** The last 24 hours, briefly. */
export type MiniTickerUpdate = Infer<typeof MiniTickerUpdate>;

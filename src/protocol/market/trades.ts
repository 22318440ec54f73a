/** Market streams of trades: `aggTrade` and `trade`. Pure. */
import {
  decimal,
  eventMs,
  flag,
  type Infer,
  id64,
  integer,
  literal,
  optional,
  record,
  text,
  transactMs,
} from "../codec.ts";

/** `<symbol>@aggTrade`: fills of one price and one taking side within 100 ms, summed. Documented. */
export const AggTrade = record({
  /** Event type. */
  e: literal("aggTrade"),
  /** When the message was generated. */
  E: eventMs,
  /** Symbol. */
  s: text,
  /** Aggregate trade id: counts up by one within the symbol. */
  a: id64,
  /** Price. */
  p: decimal,
  /** Quantity, base asset. */
  q: decimal,
  /** The same without RPI orders (official connector of August 2026). */
  nq: optional(decimal),
  /** First trade id. */
  f: id64,
  /** Last trade id. */
  l: id64,
  /** When the last of the trades happened. */
  T: transactMs,
  /** Was the buyer the maker? */
  m: flag,
  /** Symbol type, announced for later: 1 is this exchange (official connector). */
  st: optional(integer),
});

/** Fills of one price and one taking side, summed. */
export type AggTrade = Infer<typeof AggTrade>;

/** `<symbol>@trade`: one fill. On no page of this exchange; clients use it (*seen*). */
export const Trade = record({
  /** Event type. */
  e: literal("trade"),
  /** When the message was generated. */
  E: eventMs,
  /** When it happened. */
  T: transactMs,
  /** Symbol. */
  s: text,
  /** Trade id. */
  t: id64,
  /** Price. */
  p: decimal,
  /** Quantity, base asset. */
  q: decimal,
  /** Where the trade came from: `MARKET` for those of the book (*seen*). */
  X: text,
  /** Was the buyer the maker? */
  m: flag,
});

/** One fill. */
export type Trade = Infer<typeof Trade>;

/** Market streams of the order book: `bookTicker` and `depthUpdate`. Pure. */
import {
  decimal,
  eventMs,
  type Infer,
  id64,
  integer,
  list,
  literal,
  optional,
  record,
  text,
  transactMs,
} from "../codec.ts";
import { priceLevel } from "../rest/reply-forms.ts";

/** `<symbol>@bookTicker`, `!bookTicker`: the best quotes, whenever they change. Documented. */
export const BookTickerUpdate = record({
  /** Event type. */
  e: literal("bookTicker"),
  /** Update id of the book. */
  u: id64,
  /** When the message was generated. */
  E: eventMs,
  /** When the book was changed. */
  T: transactMs,
  /** Symbol. */
  s: text,
  /** Pair, announced for later (official connector). */
  ps: optional(text),
  /** Best price to sell at. */
  b: decimal,
  /** How much is wanted there. */
  B: decimal,
  /** Best price to buy at. */
  a: decimal,
  /** How much is offered there. */
  A: decimal,
  /** Symbol type, announced for later (official connector). */
  st: optional(integer),
});

/** The best quotes. */
export type BookTickerUpdate = Infer<typeof BookTickerUpdate>;

/**
 * `<symbol>@depth…`: levels that changed since the event before, with what is open there now, 0 when nothing is;
 * `<symbol>@depth<5|10|20>…`: the best levels as they are. Documented.
 */
export const DepthUpdate = record({
  /** Event type. */
  e: literal("depthUpdate"),
  /** When the message was generated. */
  E: eventMs,
  /** When the book was changed. */
  T: transactMs,
  /** Symbol. */
  s: text,
  /** First update id in the event. */
  U: id64,
  /** Last update id in the event. */
  u: id64,
  /** `u` of the event before on this stream: another value says that one was missed. */
  pu: id64,
  /** Bids: price and quantity. */
  b: list(priceLevel),
  /** Asks: price and quantity. */
  a: list(priceLevel),
  /** Pair, announced for later (official connector). */
  ps: optional(text),
  /** Symbol type, announced for later (official connector). */
  st: optional(integer),
});

/** Levels of a book. */
export type DepthUpdate = Infer<typeof DepthUpdate>;

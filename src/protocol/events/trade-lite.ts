/** `TRADE_LITE`: a fill, told early and briefly. Protocol sheet 7.5. */
import { decimal, eventMs, flag, type Infer, id64, literal, record, text, transactMs } from "../codec.ts";
import { side } from "../enumerations.ts";

/**
 * A fill, meant to arrive before its `ORDER_TRADE_UPDATE` and often before the order's own `NEW`. Says nothing of
 * position side, commission, profit or status. Join the two by (`s`, `t`, `i`) and count the fill once.
 */
export const TradeLite = record({
  /** Event type. */
  e: literal("TRADE_LITE"),
  /** When the message was generated. */
  E: eventMs,
  /** When the matching engine did it. */
  T: transactMs,
  /** Symbol. */
  s: text,
  /** Original order quantity, padded to the symbol's precision. */
  q: decimal,
  /** Original order price, padded; zero for market orders. */
  p: decimal,
  /** Was this fill on the maker side? */
  m: flag,
  /** Client order id. */
  c: text,
  /** Side. */
  S: side,
  /** Price of this fill, padded. */
  L: decimal,
  /** Quantity of this fill, padded. */
  l: decimal,
  /** Trade id. */
  t: id64,
  /** Order id. */
  i: id64,
});

/** A fill, told early and briefly. */
export type TradeLite = Infer<typeof TradeLite>;

/** `ORDER_TRADE_UPDATE`: an order was accepted, filled, amended, cancelled or expired. Protocol sheet 7.4. */
import {
  decimal,
  eventMs,
  flag,
  type Infer,
  id64,
  idText,
  integer,
  literal,
  optional,
  record,
  text,
  transactMs,
} from "../codec.ts";
import {
  executionType,
  expiryReason,
  orderStatus,
  orderType,
  positionSide,
  priceMatch,
  selfTradePrevention,
  side,
  timeInForce,
  workingType,
} from "../enumerations.ts";

/** The `o` of an `ORDER_TRADE_UPDATE`: the order after the event, and what the event did. */
export const OrderUpdate = record({
  /** Symbol. May hold non-ASCII characters (since 2025-10-09). */
  s: text,
  /**
   * Client order id. The exchange's own begin with `autoclose-` (liquidation), `adl_autoclose` (auto-deleveraging),
   * `settlement_autoclose-` (delisting or delivery).
   */
  c: text,
  /** Side. */
  S: side,
  /** Order type **now**. */
  o: orderType,
  /** Time in force. MARKET orders show `GTC` (*seen*). */
  f: timeInForce,
  /** Original quantity, base asset. */
  q: decimal,
  /** Order price, quote per base; `"0"` for market orders. */
  p: decimal,
  /** Average fill price so far; `"0"` before the first fill. */
  ap: decimal,
  /** Stop price, `"0"` when there is none. To be ignored for trailing stops. */
  sp: decimal,
  /** What happened. `CALCULATED` is a liquidation or ADL execution. */
  x: executionType,
  /** Order status after the event. */
  X: orderStatus,
  /** Order id, unique within its symbol only. Beyond 2^53 on several symbols. */
  i: id64,
  /** The modifyId of the amend request, only with `x` = `AMENDMENT` (since 2026-07-22). */
  M: optional(idText),
  /** Quantity of this fill, base asset; `"0"` when the event is no fill. */
  l: decimal,
  /** Cumulative filled quantity, base asset. */
  z: decimal,
  /** Price of this fill; `"0"` when the event is no fill. */
  L: decimal,
  /** Commission of this fill in `N`. Documented as absent without commission; `"0"` on the wire since 2023 (*seen*). */
  n: optional(decimal),
  /** Commission asset; the margin asset of the symbol when `n` is `"0"` (*seen*). */
  N: optional(text),
  /** Time of the order event or fill; equals the event's own `T` (*seen*). */
  T: transactMs,
  /** Trade id, unique within its symbol only; `"0"` when the event is no fill. */
  t: id64,
  /** Notional of the account's open bids on this symbol after the event. May carry binary-float dust (*seen*). */
  b: optional(decimal),
  /** The same for asks. */
  a: optional(decimal),
  /** Was this fill on the maker side? */
  m: flag,
  /** Reduce-only. */
  R: flag,
  /** What stop prices are compared with. */
  wt: workingType,
  /** Original order type; for orders born of an algo order the type in the book (*seen*). */
  ot: orderType,
  /** Position side; `BOTH` in one-way mode. */
  ps: positionSide,
  /** Close-all conditional order. Documented for conditional orders only; always there on the wire (*seen*). */
  cp: optional(flag),
  /** Activation price, only trailing stops. */
  AP: optional(decimal),
  /** Callback rate in percent, only trailing stops. */
  cr: optional(decimal),
  /** Realised profit of this fill, before commission, quote asset; `"0"` otherwise. */
  rp: decimal,
  /** Price protection. */
  pP: optional(flag),
  /** Documented as "ignore"; the algoId on orders born of an algo order (*seen*), else `"0"`. */
  si: optional(id64),
  /** Documented as "ignore"; -1 on orders born of an algo order (*seen*), else 0. */
  ss: optional(integer),
  /** Undocumented; `ALGO_CONDITION` on orders born of an algo order (*seen* 2026). */
  st: optional(text),
  /** Self-trade prevention in force. */
  V: optional(selfTradePrevention),
  /** Price match. */
  pm: optional(priceMatch),
  /** When a GTD order is cancelled by the exchange; 0 otherwise. */
  gtd: optional(integer),
  /** Why it expired, `"0"` to `"9"` (since 2025-10-23); see {@link EXPIRY_REASONS}. */
  er: optional(expiryReason),
});

/** The `o` of an `ORDER_TRADE_UPDATE`. */
export type OrderUpdate = Infer<typeof OrderUpdate>;

/** An order was accepted, filled, amended, cancelled or expired. */
export const OrderTradeUpdate = record({
  /** Event type. */
  e: literal("ORDER_TRADE_UPDATE"),
  /** When the matching engine did it. */
  T: transactMs,
  /** When the message was generated. */
  E: eventMs,
  /** The order. */
  o: OrderUpdate,
});

/** An order was accepted, filled, amended, cancelled or expired. */
export type OrderTradeUpdate = Infer<typeof OrderTradeUpdate>;

/** What `o.er` means. Documented. */
export const EXPIRY_REASONS: Readonly<Record<string, string>> = {
  "0": "none",
  "1": "expired so as not to trade against own orders",
  "2": "an IOC order could not fill completely; the rest was cancelled",
  "3": "the rest of an IOC order was cancelled to avoid a self-trade",
  "4": "displaced by a reduce-only order of higher priority, or the position would have flipped",
  "5": "expired by liquidation of the account",
  "6": "the GTE condition was not met",
  "7": "the symbol was delisted",
  "8": "the initial order expired after the stop was triggered",
  "9": "a MARKET order could not fill completely; the rest was cancelled",
};

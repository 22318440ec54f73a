/** `ALGO_UPDATE`: a conditional order was placed, triggered, finished or refused. Protocol sheet 7.10. */
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
  algoStatus,
  algoType,
  conditionalTimeInForce,
  conditionalType,
  positionSide,
  priceMatch,
  selfTradePrevention,
  side,
  workingType,
} from "../enumerations.ts";

/** The `o` of an `ALGO_UPDATE`: the conditional order after the event. */
export const AlgoOrderUpdate = record({
  /** Client algo id. */
  caid: text,
  /** Algo id. */
  aid: id64,
  /** Algo type. */
  at: algoType,
  /** Order type. */
  o: conditionalType,
  /** Symbol. */
  s: text,
  /** Side. */
  S: side,
  /** Position side. */
  ps: positionSide,
  /** Time in force. */
  f: conditionalTimeInForce,
  /** Quantity, base asset. */
  q: decimal,
  /** Status. `TRIGGERING` comes before the order's own `NEW`, `TRIGGERED` after it (*seen*). */
  X: algoStatus,
  /** Id of the order in the matching engine, a string on the wire too; `""` before the trigger. */
  ai: idText,
  /** Average fill price in the engine; from `TRIGGERED` on (*seen*). */
  ap: optional(decimal),
  /** Executed quantity in the engine; from `TRIGGERED` on (*seen*). */
  aq: optional(decimal),
  /** Order type in the engine, `LIMIT` or `MARKET`; from `TRIGGERED` on (*seen*); `"0"` in the documented example. */
  act: optional(text),
  /** Trigger price. */
  tp: decimal,
  /** Limit price; `"0"` for the market kinds. */
  p: decimal,
  /** Self-trade prevention. */
  V: selfTradePrevention,
  /** What the trigger is compared with. */
  wt: workingType,
  /** Price match. */
  pm: priceMatch,
  /** Close-all. */
  cp: flag,
  /** Price protection. */
  pP: flag,
  /** Reduce-only. */
  R: flag,
  /** Trigger time; 0 before it, set from `TRIGGERING` on. */
  tt: integer,
  /** When a GTD order is cancelled by the exchange; 0 otherwise. */
  gtd: integer,
  /** Why it failed, only on failure. */
  rm: optional(text),
  /** Trailing stop activated (active since 2026-08-21); `false` on other orders (*seen*). */
  ia: optional(flag),
});

/** The `o` of an `ALGO_UPDATE`. */
export type AlgoOrderUpdate = Infer<typeof AlgoOrderUpdate>;

/** A conditional order was placed, triggered, finished or refused. `T` is the algo service's own. */
export const AlgoUpdate = record({
  /** Event type. */
  e: literal("ALGO_UPDATE"),
  /** When the algo service did it. */
  T: transactMs,
  /** When the message was generated. */
  E: eventMs,
  /** The conditional order. */
  o: AlgoOrderUpdate,
});

/** A conditional order was placed, triggered, finished or refused. */
export type AlgoUpdate = Infer<typeof AlgoUpdate>;

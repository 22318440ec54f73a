/** `STRATEGY_UPDATE`: a strategy was made, changed or ended. Protocol sheet 7.7. */
import { eventMs, type Infer, id64, integer, literal, record, text, transactMs } from "../codec.ts";
import { strategyStatus, strategyType } from "../enumerations.ts";

/** A strategy was made, changed or ended. */
export const StrategyUpdate = record({
  /** Event type. */
  e: literal("STRATEGY_UPDATE"),
  /** When the change was made. */
  T: transactMs,
  /** When the message was generated. */
  E: eventMs,
  /** The strategy. */
  su: record({
    /** Strategy id. */
    si: id64,
    /** Strategy type. */
    st: strategyType,
    /** Status; note the double L of `CANCELLED`. */
    ss: strategyStatus,
    /** Symbol. */
    s: text,
    /** Update time. */
    ut: transactMs,
    /** Operation code, 8001 to 8015; see {@link STRATEGY_OP_CODES}. */
    c: integer,
  }),
});

/** A strategy was made, changed or ended. */
export type StrategyUpdate = Infer<typeof StrategyUpdate>;

/** What `su.c` means. Documented. */
export const STRATEGY_OP_CODES: Readonly<Record<number, string>> = {
  8001: "the parameters were updated",
  8002: "the user cancelled the strategy",
  8003: "the user placed or cancelled an order by hand",
  8004: "the stop limit was reached",
  8005: "the position was liquidated",
  8006: "the open-order limit was reached",
  8007: "a new grid order",
  8008: "the margin is not enough",
  8009: "the price is out of bounds",
  8010: "the market is closed or paused",
  8011: "closing the position failed: unable to fill",
  8012: "the notional is above the maximum at the current leverage",
  8013: "identity checks are incomplete, or the region is restricted",
  8014: "quantitative rules were violated and the strategy stopped",
  8015: "the position is empty or was liquidated",
};

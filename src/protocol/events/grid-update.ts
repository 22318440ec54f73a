/** `GRID_UPDATE`: a sub-order of a grid filled. Marked deprecated. Protocol sheet 7.8. */
import { decimal, eventMs, type Infer, id64, literal, record, text, transactMs } from "../codec.ts";
import { strategyStatus, strategyType } from "../enumerations.ts";

/** A sub-order of a grid filled, wholly or partly. */
export const GridUpdate = record({
  /** Event type. */
  e: literal("GRID_UPDATE"),
  /** When the change was made. */
  T: transactMs,
  /** When the message was generated. */
  E: eventMs,
  /** The grid. */
  gu: record({
    /** Strategy id. */
    si: id64,
    /** Strategy type. */
    st: strategyType,
    /** Strategy status. */
    ss: strategyStatus,
    /** Symbol. */
    s: text,
    /** Realised profit, quote asset. */
    r: decimal,
    /** Average price of what is unmatched. */
    up: decimal,
    /** Quantity that is unmatched, signed. */
    uq: decimal,
    /** Fee of what is unmatched. */
    uf: decimal,
    /** Profit of what is matched. */
    mp: decimal,
    /** Update time. */
    ut: transactMs,
  }),
});

/** A sub-order of a grid filled, wholly or partly. */
export type GridUpdate = Infer<typeof GridUpdate>;

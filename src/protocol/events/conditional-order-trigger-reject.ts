/** `CONDITIONAL_ORDER_TRIGGER_REJECT`: deprecated 2025-12-15, *seen* as late as March 2026. Protocol sheet 7.9. */
import { eventMs, type Infer, id64, literal, record, text, transactMs } from "../codec.ts";

/** The engine refused a triggered stop or take-profit order. `ALGO_UPDATE` with `X` = `REJECTED` took its place. */
export const ConditionalOrderTriggerReject = record({
  /** Event type. */
  e: literal("CONDITIONAL_ORDER_TRIGGER_REJECT"),
  /** When the engine refused. */
  T: transactMs,
  /** When the message was generated. */
  E: eventMs,
  /** The order. */
  or: record({
    /** Symbol. */
    s: text,
    /** Order id. */
    i: id64,
    /** The reason, as prose. */
    r: text,
  }),
});

/** A triggered stop or take-profit order was refused by the engine. */
export type ConditionalOrderTriggerReject = Infer<typeof ConditionalOrderTriggerReject>;

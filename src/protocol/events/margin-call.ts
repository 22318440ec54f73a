/** `MARGIN_CALL`: positions run a high risk of liquidation. Protocol sheet 7.3; no real frame of it is public. */
import { decimal, eventMs, type Infer, list, literal, optional, record, text } from "../codec.ts";
import { marginType, positionSide } from "../enumerations.ts";

/** One position that is called. */
export const CalledPosition = record({
  /** Symbol. */
  s: text,
  /** Position side. */
  ps: positionSide,
  /** Position amount, base asset, signed. */
  pa: decimal,
  /** Margin type: in upper case here, unlike in `ACCOUNT_UPDATE`. */
  mt: marginType,
  /** Isolated wallet, `"0"` for cross. */
  iw: decimal,
  /** Mark price. */
  mp: decimal,
  /** Unrealised profit. */
  up: decimal,
  /** Maintenance margin required. */
  mm: decimal,
});

/** One position that is called. */
export type CalledPosition = Infer<typeof CalledPosition>;

/** Positions run a high risk of liquidation. Guidance only: they may be liquidated at the same moment. Has no `T`. */
export const MarginCall = record({
  /** Event type. */
  e: literal("MARGIN_CALL"),
  /** When the message was generated. */
  E: eventMs,
  /** Cross wallet balance; only when a cross position is called. */
  cw: optional(decimal),
  /** The positions concerned. */
  p: list(CalledPosition),
});

/** Positions run a high risk of liquidation. */
export type MarginCall = Infer<typeof MarginCall>;

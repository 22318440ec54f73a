/** The market stream `!contractInfo`: a symbol is listed or delisted, or has other brackets. Pure. */
import { eventMs, type Infer, literal, record, text, transactMs } from "../codec.ts";

/** How a symbol is listed from now on. With other brackets it carries them as `bks`. Documented. */
export const ContractInfo = record({
  /** Event type. */
  e: literal("contractInfo"),
  /** When the message was generated. */
  E: eventMs,
  /** Symbol. */
  s: text,
  /** Pair. */
  ps: text,
  /** Contract type. */
  ct: text,
  /** When it is settled; far in the future for a perpetual contract that is not being delisted. */
  dt: transactMs,
  /** When it was listed. */
  ot: transactMs,
  /** Contract status, as in `exchangeInfo`. */
  cs: text,
});

/** How a symbol is listed from now on. */
export type ContractInfo = Infer<typeof ContractInfo>;

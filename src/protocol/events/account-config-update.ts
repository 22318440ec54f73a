/** `ACCOUNT_CONFIG_UPDATE`: leverage or Multi-Assets mode changed. Protocol sheet 7.6. */
import { eventMs, flag, type Infer, integer, literal, optional, record, text, transactMs } from "../codec.ts";

/** Leverage of one symbol, or Multi-Assets mode, changed. Exactly one of `ac` and `ai` is there. */
export const AccountConfigUpdate = record({
  /** Event type. */
  e: literal("ACCOUNT_CONFIG_UPDATE"),
  /** When the change was made. */
  T: transactMs,
  /** When the message was generated. */
  E: eventMs,
  /** The leverage of one symbol. */
  ac: optional(
    record({
      /** Symbol. */
      s: text,
      /** New initial leverage. */
      l: integer,
    }),
  ),
  /** The account's mode. */
  ai: optional(
    record({
      /** Multi-Assets mode on or off. */
      j: flag,
    }),
  ),
});

/** Leverage of one symbol, or Multi-Assets mode, changed. */
export type AccountConfigUpdate = Infer<typeof AccountConfigUpdate>;

/** `ACCOUNT_UPDATE`: balances, positions or margin types changed. Protocol sheet 7.2. */
import { decimal, eventMs, type Infer, list, literal, optional, record, text, transactMs } from "../codec.ts";
import { lowerMarginType, positionSide, updateReason } from "../enumerations.ts";

/** One asset's balance after the change. */
export const BalanceUpdate = record({
  /** Asset. */
  a: text,
  /** Wallet balance after the change: absolute, not a delta. In the asset. */
  wb: decimal,
  /** Cross wallet balance after the change: `wb` less what isolated positions hold. */
  cw: decimal,
  /** Balance change leaving out profit and commission (since 2021-04-22): `"0"` for `ORDER`, signed for transfers. */
  bc: optional(decimal),
});

/** One asset's balance after the change. */
export type BalanceUpdate = Infer<typeof BalanceUpdate>;

/** One position after the change. Positions are told apart by (`s`, `ps`). */
export const PositionUpdate = record({
  /** Symbol. */
  s: text,
  /** Position amount, base asset, signed: negative is short, in hedge mode too. */
  pa: decimal,
  /** Average entry price, quote per base; `"0"` when flat. */
  ep: decimal,
  /** Realised profit accumulated on this symbol and side, before fees; not reset when flat (*seen*). */
  cr: decimal,
  /** Unrealised profit at the mark price of that moment, quote asset. */
  up: decimal,
  /** Margin type, in lower case here. */
  mt: lowerMarginType,
  /** Isolated wallet of the position, margin asset; `"0"` for cross. */
  iw: decimal,
  /** Position side; `BOTH` in one-way mode. */
  ps: positionSide,
  /** Margin asset. Undocumented, in every USDⓈ-M capture since 2021 (*seen*). */
  ma: optional(text),
  /** Break-even price (since 2023-09); `"0"` when flat; missing in one 2026 frame (*seen*). */
  bep: optional(decimal),
});

/** One position after the change. */
export type PositionUpdate = Infer<typeof PositionUpdate>;

/** The `a` of an `ACCOUNT_UPDATE`. A delta in scope, absolute in value: what is not listed has not changed. */
export const AccountChange = record({
  /** Why it changed. The list is not stated to be closed. */
  m: updateReason,
  /** Symbol, only with `m` = `FUNDING_FEE` (since 2026-08-07). */
  S: optional(text),
  /** Changed balances. */
  B: list(BalanceUpdate),
  /** Changed positions; empty when none changed, and for the funding fee of a cross position. */
  P: list(PositionUpdate),
});

/** The `a` of an `ACCOUNT_UPDATE`. */
export type AccountChange = Infer<typeof AccountChange>;

/** Balances, positions or margin types changed. Orders that do not fill push nothing here. */
export const AccountUpdate = record({
  /** Event type. */
  e: literal("ACCOUNT_UPDATE"),
  /** When the matching engine did it; the same as that of the fill that caused it (*seen*). */
  T: transactMs,
  /** When the message was generated. */
  E: eventMs,
  /** What changed. */
  a: AccountChange,
});

/** Balances, positions or margin types changed. */
export type AccountUpdate = Infer<typeof AccountUpdate>;

/**
 * How REST prints amounts: padded, where the stream trims. Nothing is ever cut off: the same amount by both ways is the
 * same number. Pure. Protocol sheet 14.2.
 */
import { FIXED_PLACES, type Fixed, padded, trimmed } from "../../kernel/decimal.ts";
import type { Decimal } from "../../kernel/scalars.ts";

/** With at least `places` decimal places, and more where the amount has more. */
export function paddedTo(value: Fixed, places: number): Decimal {
  const short = padded(value, Math.min(places, FIXED_PLACES));
  const exact = trimmed(value);
  return short.length >= exact.length ? short : exact;
}

/** `"0"` for nothing, else as {@link paddedTo}. */
export function zeroOrPadded(value: Fixed, places: number): Decimal {
  return value === 0n ? ("0" as Decimal) : paddedTo(value, places);
}

/** With eight places: wallets and margins. */
export function money(value: Fixed): Decimal {
  return padded(value, FIXED_PLACES);
}

/** With eight places, `"0"` for nothing: margins of a single position. */
export function zeroOrMoney(value: Fixed): Decimal {
  return zeroOrPadded(value, FIXED_PLACES);
}

/** Trimmed, but never without a point: `"0.0"`, `"22185.2"`, `"70.0"`. Entry and break-even prices. */
export function withPoint(value: Fixed): Decimal {
  return paddedTo(value, 1);
}

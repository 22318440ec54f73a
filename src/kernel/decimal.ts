/**
 * Exact decimals. Amounts come and go as text ({@link Decimal}); arithmetic happens on {@link Fixed}, a bigint that
 * counts hundred-millionths, which is the finest amount Binance books. Sums and differences are exact; a product or
 * a quotient names its rounding. There is no way here to reach a `number`.
 */
import { UsageError } from "./errors.ts";
import type { Decimal } from "./scalars.ts";

/** A count of 10⁻⁸. Add, subtract and compare it as a bigint; multiply by {@link mul}, divide by {@link div}. */
export type Fixed = bigint & { readonly __fixed?: never };

/** Decimal places a {@link Fixed} keeps. */
export const FIXED_PLACES = 8;

/** `1` as a {@link Fixed}. */
export const ONE: Fixed = 100_000_000n;

/** Which neighbour to take when the result lies between two: `trunc` the one nearer to zero, `half-up` the nearest. */
export type Rounding = "trunc" | "half-up" | "up" | "down";

/** Is it digits with an optional sign and an optional fraction, and nothing else (`"-0.5"`; not `"1e5"`, `".5"`)? */
export function isDecimal(text: string): text is Decimal {
  const end = text.length;
  let i = text.charCodeAt(0) === MINUS ? 1 : 0;
  if (!isDigit(text.charCodeAt(i))) return false;
  let hasPoint = false;
  for (i++; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isDigit(code)) continue;
    if (code !== POINT || hasPoint || i === end - 1) return false;
    hasPoint = true;
  }
  return true;
}

const MINUS = 45;
const POINT = 46;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/**
 * Reads a decimal. `-0` is `0`.
 * @throws {UsageError} when it is not a decimal, or has more than eight places that are not zero
 */
export function fixed(text: string): Fixed {
  if (!isDecimal(text)) throw new UsageError("decimal", "digits with an optional sign and fraction", text);
  const dot = text.indexOf(".");
  if (dot === -1) return BigInt(text) * ONE;
  const fraction = text.slice(dot + 1);
  if (fraction.length > FIXED_PLACES && /[1-9]/.test(fraction.slice(FIXED_PLACES))) {
    throw new UsageError("decimal", `at most ${FIXED_PLACES} decimal places`, text);
  }
  return BigInt(text.slice(0, dot) + fraction.slice(0, FIXED_PLACES).padEnd(FIXED_PLACES, "0"));
}

/** Writes it with no more places than it needs: `"0"`, `"-0.5"`, `"2000"`. */
export function trimmed(value: Fixed): Decimal {
  // Most amounts of most events are 0.
  if (value === 0n) return "0" as Decimal;
  const digits = places(value, FIXED_PLACES);
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--;
  if (digits.charCodeAt(end - 1) === 46) end--;
  return digits.slice(0, end) as Decimal;
}

/** Writes it with exactly `count` places (0 to 8); digits beyond them are cut off, towards zero. */
export function padded(value: Fixed, count: number): Decimal {
  const digits = places(value, FIXED_PLACES);
  const kept = count === 0 ? digits.slice(0, -1 - FIXED_PLACES) : digits.slice(0, digits.length - FIXED_PLACES + count);
  return (/[1-9]/.test(kept) ? kept : kept.replace("-", "")) as Decimal;
}

function places(value: Fixed, count: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(count + 1, "0");
  return `${sign}${digits.slice(0, -count)}.${digits.slice(-count)}`;
}

/** `a × b`, rounded to eight places. */
export function mul(a: Fixed, b: Fixed, rounding: Rounding = "half-up"): Fixed {
  return divide(a * b, ONE, rounding);
}

/** `a ÷ b`, rounded to eight places. `b` is not zero. */
export function div(a: Fixed, b: Fixed, rounding: Rounding = "half-up"): Fixed {
  return divide(a * ONE, b, rounding);
}

/** The whole quotient of two bigints; `down` is towards minus infinity, `up` towards plus infinity. */
export function divide(a: bigint, b: bigint, rounding: Rounding): bigint {
  const quotient = a / b;
  const remainder = a % b;
  if (remainder === 0n || rounding === "trunc") return quotient;
  const away = a < 0n === b < 0n ? 1n : -1n;
  if (rounding === "down") return away === 1n ? quotient : quotient - 1n;
  if (rounding === "up") return away === 1n ? quotient + 1n : quotient;
  return 2n * abs(remainder) >= abs(b) ? quotient + away : quotient;
}

/** Its distance from zero. */
export function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The smaller of two. */
export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The larger of two. */
export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

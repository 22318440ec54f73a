/**
 * Comparing numbers that stand in text, without turning them into numbers. Pure. Every digit counts, however many
 * there are; spellings do not: `"1.50"` is `"1.5"`, and `"-0"` is `"0"`.
 */
import type { Decimal, Id64 } from "./scalars.ts";

const ZERO = 48;
const MINUS = 45;

/** Are they the same amount? */
export function isSameAmount(a: Decimal, b: Decimal): boolean {
  return a === b || compareAmounts(a, b) === 0;
}

/**
 * May they be one amount, rounded or cut somewhere? Then they are less apart than one unit of the last place that both
 * show, and show no fewer than `places` (needless zeros may be left out).
 */
export function isSameRounded(a: Decimal, b: Decimal, places: number): boolean {
  if (isSameAmount(a, b)) return true;
  const [most, shown] = [Math.max(placesOf(a), placesOf(b), places), Math.min(placesOf(a), placesOf(b))];
  const apart = unitsOf(a, most) - unitsOf(b, most);
  return (apart < 0n ? -apart : apart) < 10n ** BigInt(most - Math.max(shown, places));
}

function placesOf(amount: Decimal): number {
  const point = amount.indexOf(".");
  return point === -1 ? 0 : amount.length - point - 1;
}

/** A count of 10⁻ⁿ, for `n` places or more than it has. */
function unitsOf(amount: Decimal, places: number): bigint {
  return BigInt(amount.replace(".", "") + "0".repeat(places - placesOf(amount)));
}

/** Is the amount nothing at all? */
export function isZero(amount: Decimal): boolean {
  for (let i = amount.charCodeAt(0) === MINUS ? 1 : 0; i < amount.length; i++) {
    if (amount.charCodeAt(i) > ZERO) return false;
  }
  return true;
}

/** Below 0 when `a` is the smaller amount, above 0 when it is the larger one, 0 when they are the same. */
export function compareAmounts(a: Decimal, b: Decimal): number {
  if (a === b) return 0;
  const isNegative = a.charCodeAt(0) === MINUS && !isZero(a);
  if (isNegative !== (b.charCodeAt(0) === MINUS && !isZero(b))) return isNegative ? -1 : 1;
  return isNegative ? comparePlain(plain(b), plain(a)) : comparePlain(plain(a), plain(b));
}

/** Below 0 when `a` is the smaller id. Ids have no sign and no needless zeros. */
export function compareIds(a: Id64, b: Id64): number {
  return a.length === b.length ? compareText(a, b) : a.length - b.length;
}

/** Without sign and needless zeros in front. */
function plain(amount: Decimal): string {
  let start = amount.charCodeAt(0) === MINUS ? 1 : 0;
  while (amount.charCodeAt(start) === ZERO && isDigit(amount.charCodeAt(start + 1))) start++;
  return start === 0 ? amount : amount.slice(start);
}

function comparePlain(a: string, b: string): number {
  const [aWhole, bWhole] = [wholeLength(a), wholeLength(b)];
  if (aWhole !== bWhole) return aWhole - bWhole;
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = digitAt(a, i) - digitAt(b, i);
    if (difference !== 0) return difference;
  }
  return 0;
}

function wholeLength(text: string): number {
  const point = text.indexOf(".");
  return point === -1 ? text.length : point;
}

/** A place that is not written, and the point itself, count as 0. */
function digitAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return isDigit(code) ? code - ZERO : 0;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

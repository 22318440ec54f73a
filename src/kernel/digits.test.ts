import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fixed } from "./decimal.ts";
import { compareAmounts, compareIds, isSameAmount, isSameRounded, isZero } from "./digits.ts";
import type { Decimal, Id64 } from "./scalars.ts";

const DIGITS = fc.stringMatching(/^[0-9]{1,4}$/);
/** Needless zeros, signs and short digits: what is equal is often spelled in two ways. */
const AMOUNT = fc
  .tuple(
    fc.boolean(),
    fc.stringMatching(/^0{0,2}$/),
    fc.oneof(DIGITS, fc.constantFrom("0", "1", "10")),
    fc.option(DIGITS),
  )
  .map(([isNegative, zeros, whole, fraction]) => {
    return `${isNegative ? "-" : ""}${zeros}${whole}${fraction === null ? "" : `.${fraction}`}` as Decimal;
  });

test("amounts compare as their values do, however they are spelled", () => {
  fc.assert(
    fc.property(AMOUNT, AMOUNT, (a, b) => {
      const [x, y] = [fixed(a), fixed(b)];
      assert.equal(Math.sign(compareAmounts(a, b)), x < y ? -1 : x > y ? 1 : 0);
      assert.equal(isSameAmount(a, b), x === y);
      assert.equal(isZero(a), x === 0n);
    }),
    { numRuns: 2000 },
  );
});

for (const [a, b, sign] of [
  ["0.123456789012345678", "0.123456789012345679", -1],
  ["-0", "0.000", 0],
  ["-1.50", "-1.5", 0],
  ["-2", "1", -1],
  ["10", "9.99", 1],
  ["00010", "9", 1],
] as const) {
  test(`${a} ${sign < 0 ? "is less than" : sign > 0 ? "is more than" : "is"} ${b}`, () => {
    assert.equal(Math.sign(compareAmounts(a as Decimal, b as Decimal)), sign);
    assert.equal(Math.sign(compareAmounts(b as Decimal, a as Decimal)), -sign || 0);
  });
}

test("ids compare as integers of any size", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n }), fc.bigInt({ min: 0n, max: 2n ** 64n }), (a, b) => {
      assert.equal(Math.sign(compareIds(String(a) as Id64, String(b) as Id64)), a < b ? -1 : a > b ? 1 : 0);
    }),
  );
});

for (const [a, b, isSame] of [
  ["86000.1", "86860.2", false],
  ["100000", "100000.4", false],
  ["16903.26666667", "16903.266666666667", true],
  ["6563.665", "6563.66504", true],
  ["6563.66500", "6563.66501", false],
  ["0.00001234", "0.00001235", false],
  ["-0.00001234", "-0.0000123449", true],
  ["0", "0.0", true],
] as const) {
  test(`rounded prices: ${a} and ${b} ${isSame ? "may be one" : "are two"}`, () => {
    assert.equal(isSameRounded(a as Decimal, b as Decimal, 4), isSame);
    assert.equal(isSameRounded(b as Decimal, a as Decimal, 4), isSame);
  });
}

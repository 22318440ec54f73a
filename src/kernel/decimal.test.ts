import assert from "node:assert/strict";
import { test } from "node:test";
import Big from "big.js";
import fc from "fast-check";
import * as decimal from "./decimal.ts";
import { abs, div, divide, type Fixed, fixed, isDecimal, mul, ONE, padded, type Rounding, trimmed } from "./decimal.ts";
import { UsageError } from "./errors.ts";
import type { Decimal } from "./scalars.ts";

const ROUNDINGS: readonly Rounding[] = ["trunc", "half-up", "up", "down"];
/** Any amount, small ones and ones with many digits alike. */
const amounts = fc.oneof(fc.bigInt(-1000n, 1000n), fc.bigInt(-(10n ** 24n), 10n ** 24n)) as fc.Arbitrary<Fixed>;
const spellings = fc
  .tuple(fc.constantFrom("", "-"), fc.stringMatching(/^\d{1,20}$/), fc.stringMatching(/^(?:\.\d{1,8}0{0,5})?$/))
  .map((parts) => parts.join("") as Decimal);

test("isDecimal says yes to digits with an optional sign and fraction, and to nothing else", () => {
  const right = [
    "0",
    "-0",
    "12",
    "-12",
    "0.5",
    "-0.50",
    "007",
    "1.0",
    "0.00000000",
    "123456789012345678901234567890.1",
  ];
  const wrong = ["", "-", ".", "-.", ".5", "5.", "-5.", "1e5", "1E5", "+1", "--1", "1-", "1.2.3", "1..2", " 1", "1 "];
  const strange = ["1,5", "0x1", "NaN", "Infinity", "١", "1\u0000", "１", "1_000", "\n1", "-\u{1f600}"];
  for (const text of right) assert.equal(isDecimal(text), true, text);
  for (const text of [...wrong, ...strange]) assert.equal(isDecimal(text), false, JSON.stringify(text));
});

test("isDecimal agrees with its definition on any text", () => {
  const nearly = fc.string({ unit: fc.constantFrom(..."0123456789.-e+ ") });
  fc.assert(
    fc.property(nearly, (text) => isDecimal(text) === /^-?\d+(?:\.\d+)?$/.test(text)),
    { numRuns: 3000 },
  );
});

test("fixed counts hundred-millionths exactly", () => {
  const table: readonly [string, bigint][] = [
    ["0", 0n],
    ["-0", 0n],
    ["-0.00000000", 0n],
    ["1", 100_000_000n],
    ["0.00000001", 1n],
    ["-0.00000001", -1n],
    ["-1.5", -150_000_000n],
    ["00012.50", 1_250_000_000n],
    ["0.1000000000000000", 10_000_000n],
    ["92233720368.54775808", 9_223_372_036_854_775_808n],
    ["-123456789012345678901234567890.12345678", -12_345_678_901_234_567_890_123_456_789_012_345_678n],
  ];
  for (const [text, value] of table) assert.equal(fixed(text), value, text);
});

test("fixed refuses what it cannot hold, and says what it found", () => {
  const table: readonly [string, string][] = [
    ["1e5", 'decimal: expected digits with an optional sign and fraction, found "1e5"'],
    ["", 'decimal: expected digits with an optional sign and fraction, found ""'],
    ["0.000000001", 'decimal: expected at most 8 decimal places, found "0.000000001"'],
    ["1.1234567801", 'decimal: expected at most 8 decimal places, found "1.1234567801"'],
  ];
  for (const [text, message] of table) {
    assert.throws(
      () => fixed(text),
      (error) => error instanceof UsageError && error.message === message,
      text,
    );
  }
});

test("fixed, trimmed and padded agree with big.js on any decimal of eight places", () => {
  fc.assert(
    fc.property(spellings, fc.nat(8), (text, places) => {
      const value = fixed(text);
      const big = new Big(text);
      assert.equal(value, BigInt(big.times(1e8).toFixed(0)));
      assert.equal(trimmed(value), big.eq(0) ? "0" : big.toFixed());
      assert.equal(padded(value, places), unsigned(big.toFixed(places, Big.roundDown)));
    }),
  );
});

/** big.js writes a negative amount that was cut to nothing as `-0.00`. */
function unsigned(text: string): string {
  return /[1-9]/.test(text) ? text : text.replace("-", "");
}

test("trimmed writes what fixed reads, with no place too many", () => {
  fc.assert(
    fc.property(amounts, (value) => {
      const text = trimmed(value);
      assert.equal(fixed(text), value);
      assert.doesNotMatch(text, /\.\d*0$|\.$|^-0$|^0\d/);
    }),
  );
});

test("padded cuts towards zero and never says minus zero", () => {
  const table: readonly [string, number, string][] = [
    ["1.99999999", 0, "1"],
    ["-1.99999999", 0, "-1"],
    ["-0.99999999", 0, "0"],
    ["-0.009", 2, "0.00"],
    ["-0.011", 2, "-0.01"],
    ["2000", 2, "2000.00"],
    ["0", 8, "0.00000000"],
    ["0.12345678", 8, "0.12345678"],
  ];
  for (const [text, places, cut] of table) assert.equal(padded(fixed(text), places), cut, `${text} to ${places}`);
});

test("divide rounds to the neighbour that its rounding names, on both sides of zero", () => {
  const table: readonly [bigint, bigint, Record<Rounding, bigint>][] = [
    [7n, 2n, { trunc: 3n, "half-up": 4n, up: 4n, down: 3n }],
    [-7n, 2n, { trunc: -3n, "half-up": -4n, up: -3n, down: -4n }],
    [7n, -2n, { trunc: -3n, "half-up": -4n, up: -3n, down: -4n }],
    [-7n, -2n, { trunc: 3n, "half-up": 4n, up: 4n, down: 3n }],
    [10n, 3n, { trunc: 3n, "half-up": 3n, up: 4n, down: 3n }],
    [-10n, 3n, { trunc: -3n, "half-up": -3n, up: -3n, down: -4n }],
    [1n, 3n, { trunc: 0n, "half-up": 0n, up: 1n, down: 0n }],
    [-1n, 3n, { trunc: 0n, "half-up": 0n, up: 0n, down: -1n }],
    [6n, 3n, { trunc: 2n, "half-up": 2n, up: 2n, down: 2n }],
    [-6n, 3n, { trunc: -2n, "half-up": -2n, up: -2n, down: -2n }],
    [0n, 5n, { trunc: 0n, "half-up": 0n, up: 0n, down: 0n }],
  ];
  for (const [a, b, wanted] of table) {
    for (const rounding of ROUNDINGS) assert.equal(divide(a, b, rounding), wanted[rounding], `${a}/${b} ${rounding}`);
  }
});

test("mul and div agree with big.js in every rounding", () => {
  // Two operands of 24 digits leave no quotient undecided after sixty places.
  Big.DP = 60;
  Big.RM = Big.roundDown;
  fc.assert(
    fc.property(amounts, amounts, fc.constantFrom(...ROUNDINGS), (a, b, rounding) => {
      assert.equal(mul(a, b, rounding), rounded(big(a).times(big(b)), rounding));
      if (b !== 0n) assert.equal(div(a, b, rounding), rounded(big(a).div(big(b)), rounding));
    }),
  );
});

function big(value: bigint): Big {
  return new Big(value.toString()).times("1e-8");
}

/** big.js counts from zero outwards; our `up` and `down` are directions of the number line. */
function rounded(value: Big, rounding: Rounding): bigint {
  const isOutwards = rounding === (value.s === 1 ? "up" : "down");
  const mode = rounding === "half-up" ? Big.roundHalfUp : isOutwards ? Big.roundUp : Big.roundDown;
  return BigInt(value.times("1e8").round(0, mode).toFixed(0));
}

test("mul and div round half up unless told otherwise", () => {
  assert.equal(mul(fixed("0.00000001"), fixed("0.5")), 1n);
  assert.equal(mul(fixed("-0.00000001"), fixed("0.5")), -1n);
  assert.equal(mul(fixed("0.00000001"), fixed("0.49999999")), 0n);
  assert.equal(div(ONE, fixed("3")), fixed("0.33333333"));
  assert.equal(div(fixed("2"), fixed("3")), fixed("0.66666667"));
});

test("abs, min and max order bigints by value", () => {
  fc.assert(
    fc.property(amounts, amounts, (a, b) => {
      assert.equal(abs(a) >= 0n && (abs(a) === a || abs(a) === -a), true);
      assert.deepEqual([decimal.min(a, b), decimal.max(a, b)], a < b ? [a, b] : [b, a]);
    }),
  );
});

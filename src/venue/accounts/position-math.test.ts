/** Positions: a table by hand, and properties against exact arithmetic of another make (big.js). */
import assert from "node:assert/strict";
import { test } from "node:test";
import Big from "big.js";
import fc from "fast-check";
import { type Fixed, fixed, trimmed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Position } from "../exchange/records.ts";
import { applyFill, breakEvenPrice, entryPrice, FLAT, unrealised, unrealisedExact } from "./position-math.ts";

Big.DP = 40;

function fill(
  position: Position,
  qty: string,
  price: string,
  commission = "0",
): { position: Position; realised: Fixed } {
  const time = 1 as TransactMs;
  return applyFill(position, { signedQty: fixed(qty), price: fixed(price), commission: fixed(commission), time });
}

/** Fills, one after the other, and what stands afterwards. */
const TABLE: readonly {
  readonly rule: string;
  readonly fills: readonly (readonly [qty: string, price: string, fee?: string])[];
  readonly amount: string;
  readonly entry: string;
  readonly breakEven: string;
  readonly lastRealised: string;
  readonly ever: string;
}[] = [
  {
    rule: "opening long sets the entry; break-even is entry × (1 + paid rate)",
    fills: [["1", "2000", "1"]],
    amount: "1",
    entry: "2000",
    breakEven: "2001",
    lastRealised: "0",
    ever: "0",
  },
  {
    rule: "opening short: break-even is entry × (1 − paid rate)",
    fills: [["-2", "2000", "2"]],
    amount: "-2",
    entry: "2000",
    breakEven: "1999",
    lastRealised: "0",
    ever: "0",
  },
  {
    rule: "adding averages by quantity",
    fills: [
      ["1", "2000"],
      ["3", "2400"],
    ],
    amount: "4",
    entry: "2300",
    breakEven: "2300",
    lastRealised: "0",
    ever: "0",
  },
  {
    rule: "a part that closes leaves the entry where it was",
    fills: [
      ["3", "100"],
      ["-1", "110"],
    ],
    amount: "2",
    entry: "100",
    breakEven: "95",
    lastRealised: "10",
    ever: "10",
  },
  {
    rule: "closing a short that went up is a loss",
    fills: [
      ["-1", "100"],
      ["1", "130"],
    ],
    amount: "0",
    entry: "0",
    breakEven: "0",
    lastRealised: "-30",
    ever: "-30",
  },
  {
    rule: "turning closes at the old entry and opens at the new price, with its share of the commission",
    fills: [
      ["1", "100"],
      ["-4", "120", "4"],
    ],
    amount: "-3",
    entry: "120",
    breakEven: "119",
    lastRealised: "20",
    ever: "20",
  },
  {
    rule: "profit that no wallet can hold is carried into the next one",
    fills: [
      ["2", "1"],
      ["1", "2"],
      ["-1", "2"],
      ["-1", "2"],
    ],
    amount: "1",
    entry: "1.33333333",
    breakEven: "0",
    lastRealised: "0.66666666",
    ever: "1.33333333",
  },
];

for (const row of TABLE) {
  test(`applyFill: ${row.rule}`, () => {
    let position = FLAT;
    let realised = 0n;
    for (const [qty, price, fee] of row.fills) ({ position, realised } = fill(position, qty, price, fee));
    assert.deepEqual(
      {
        amount: trimmed(position.amount),
        entry: trimmed(entryPrice(position)),
        breakEven: trimmed(breakEvenPrice(position)),
        lastRealised: trimmed(realised),
        ever: trimmed(position.realisedEver),
      },
      {
        amount: row.amount,
        entry: row.entry,
        breakEven: row.breakEven,
        lastRealised: row.lastRealised,
        ever: row.ever,
      },
    );
  });
}

/** Quantities in steps of 0.001, prices in ticks of 0.01: as listings have them. */
const FILL = fc.record({
  qty: fc.integer({ min: -5000, max: 5000 }).filter((qty) => qty !== 0),
  price: fc.integer({ min: 1, max: 9_000_000 }),
});

test("applyFill: paid, carried and what the position cost always add up to the cash that changed hands", () => {
  fc.assert(
    fc.property(fc.array(FILL, { maxLength: 60 }), (fills) => {
      let position = FLAT;
      let paid = 0n;
      let cash = 0n;
      for (const { qty, price } of fills) {
        const signedQty = BigInt(qty) * 100_000n;
        const at = BigInt(price) * 1_000_000n;
        const after = applyFill(position, { signedQty, price: at, commission: 0n, time: 1 as TransactMs });
        position = after.position;
        paid += after.realised;
        cash -= signedQty * at;
        assert.equal(paid * 100_000_000n + position.carried - position.cost, cash);
        assert(position.carried > -100_000_000n && position.carried < 100_000_000n);
        assert(position.amount !== 0n || (position.cost === 0n && position.carried === 0n));
        assert.equal(position.realisedEver, paid);
        assert.equal(unrealisedExact(position, 0n), -position.cost);
      }
    }),
    { numRuns: 500 },
  );
});

test("applyFill agrees with the average-cost method in exact arithmetic to the last digit shown", () => {
  fc.assert(
    fc.property(fc.array(FILL, { maxLength: 40 }), (fills) => {
      let position = FLAT;
      let amount = new Big(0);
      let entry = new Big(0);
      let profit = new Big(0);
      for (const { qty, price } of fills) {
        const signed = new Big(qty).div(1000);
        const at = new Big(price).div(100);
        position = fill(position, signed.toFixed(), at.toFixed()).position;
        const closes = !amount.eq(0) && amount.gt(0) !== signed.gt(0);
        const closed = closes ? (signed.abs().gt(amount.abs()) ? amount.abs() : signed.abs()) : new Big(0);
        if (closes) profit = profit.plus(closed.times(amount.gt(0) ? at.minus(entry) : entry.minus(at)));
        const after = amount.plus(signed);
        if (!closes) entry = amount.times(entry).plus(signed.times(at)).div(after);
        else if (after.eq(0)) entry = new Big(0);
        else if (after.gt(0) !== amount.gt(0)) entry = at;
        amount = after;
        assert(amount.eq(trimmed(position.amount)));
        assert(
          entry
            .minus(trimmed(entryPrice(position)))
            .abs()
            .lte("0.00000001"),
        );
        assert(profit.minus(trimmed(position.realisedEver)).abs().lte("0.00000001"));
        const mark = new Big("1234.5678");
        const open = amount.times(mark.minus(entry));
        assert(
          open
            .minus(trimmed(unrealised(position, fixed("1234.5678"))))
            .abs()
            .lte("0.00000001"),
        );
      }
    }),
    { numRuns: 300 },
  );
});

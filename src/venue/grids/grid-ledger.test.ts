/** The books of a grid: a table worked out by hand, and the laws of random fills. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Fixed, fixed, ONE, trimmed } from "../../kernel/decimal.ts";
import { GridLedger } from "./grid-ledger.ts";

/** `+1@100-0.1`: bought 1 at 100 for a fee of 0.1. */
type Step = readonly [fill: string, matched: string, unmatched: string, fee: string];

const TABLE: readonly [story: string, ...steps: Step[]][] = [
  ["a buy and a sell one grid above", ["+1@100~0.1", "0", "1@100", "0.1"], ["-1@110~0.2", "9.7", "0@0", "0"]],
  ["a sell and a buy one grid below", ["-1@110~0.2", "0", "-1@110", "0.2"], ["+1@100~0.1", "9.7", "0@0", "0"]],
  [
    "the latest is matched first",
    ["+1@100~0", "0", "1@100", "0"],
    ["+1@90~0", "0", "2@95", "0"],
    ["-1@100~0", "10", "1@100", "0"],
    ["-1@110~0", "20", "0@0", "0"],
  ],
  [
    "fees go with the parts they belong to, and the last part has what is left",
    ["+3@100~0.1", "0", "3@100", "0.1"],
    ["-1@110~0", "9.96666667", "2@100", "0.06666667"],
    ["-1@110~0", "19.93333334", "1@100", "0.03333334"],
    ["-1@110~0", "29.9", "0@0", "0"],
  ],
  [
    "one fill closes what is there and opens the other side",
    ["-0.4@120~0.04", "0", "-0.4@120", "0.04"],
    ["+1@100~0.1", "7.92", "0.6@100", "0.06"],
  ],
  [
    "one fill closes several",
    ["+1@100~0", "0", "1@100", "0"],
    ["+2@90~0", "0", "3@93.33333333", "0"],
    ["-2.5@110~0.5", "44.5", "0.5@100", "0"],
  ],
  ["a loss is a loss", ["+1@100~0.1", "0", "1@100", "0.1"], ["-1@80~0.1", "-20.2", "0@0", "0"]],
];

for (const [story, ...steps] of TABLE) {
  test(`a grid's books: ${story}`, () => {
    const ledger = new GridLedger();
    for (const [fill, matched, unmatched, fee] of steps) {
      const [, quantity = "", price = "", cost = ""] = /^\+?(.+)@(.+)~(.+)$/.exec(fill) ?? [];
      ledger.book({ signedQty: fixed(quantity), price: fixed(price), fee: fixed(cost), realised: 0n });
      const held = `${trimmed(ledger.unmatchedQty)}@${trimmed(ledger.unmatchedAvgPrice)}`;
      assert.deepEqual([trimmed(ledger.matched), held, trimmed(ledger.unmatchedFee)], [matched, unmatched, fee], fill);
    }
  });
}

const FILL = fc.record({
  isBuy: fc.boolean(),
  quantity: fc.integer({ min: 1, max: 50 }).map((n) => BigInt(n) * fixed("0.001")),
  price: fc.integer({ min: 90, max: 110 }).map((n) => BigInt(n) * fixed("0.1")),
  fee: fc.integer({ min: 0, max: 1000 }).map(BigInt),
  realised: fc.integer({ min: -1000, max: 1000 }).map(BigInt),
});

test("what is matched and what is not add up to the cash of all fills, to the last digit", () => {
  fc.assert(
    fc.property(fc.array(FILL, { maxLength: 60 }), (fills) => {
      const ledger = new GridLedger();
      const held: { price: Fixed; quantity: Fixed; isBuy: boolean }[] = [];
      const sum = { cash: 0n, fees: 0n, realised: 0n, quantity: 0n };
      for (const { isBuy, quantity, price, fee, realised } of fills) {
        const signedQty = isBuy ? quantity : -quantity;
        ledger.book({ signedQty, price, fee, realised });
        sum.cash -= signedQty * price;
        sum.quantity += signedQty;
        sum.fees += fee;
        sum.realised += realised - fee;
        // A naive book: single steps of 0.001, the latest of the other side taken first.
        for (let left = quantity; left > 0n; left -= fixed("0.001")) {
          if (held.length > 0 && held.at(-1)?.isBuy !== isBuy) held.pop();
          else held.push({ price, quantity: fixed("0.001"), isBuy });
        }
        const cost = held.reduce((all, lot) => all + (lot.isBuy ? 1n : -1n) * lot.price * lot.quantity, 0n);
        assert.equal(ledger.unmatchedQty, sum.quantity);
        assert.equal((ledger.matched - ledger.unmatchedFee + sum.fees) * ONE, sum.cash + cost);
        assert.equal(ledger.realised, sum.realised);
        assert(ledger.unmatchedFee >= 0n && (sum.quantity !== 0n || ledger.unmatchedFee === 0n));
      }
    }),
  );
});

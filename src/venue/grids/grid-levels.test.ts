/** The prices of grids: a table, and what holds for all of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { abs, fixed, trimmed } from "../../kernel/decimal.ts";
import { gridPrices, nearestLevel } from "./grid-levels.ts";
import type { GridType } from "./grid-views.ts";

const TICK = { tick: fixed("0.01"), minPrice: fixed("0.06") };

const TABLE: readonly [GridType, lower: string, upper: string, count: number, tick: string, prices: string][] = [
  ["ARITH", "2700", "2900", 4, "0.01", "2700 2750 2800 2850 2900"],
  ["ARITH", "100", "101", 3, "0.01", "100 100.33 100.67 101"],
  // In the middle of two ticks the upper one.
  ["ARITH", "100", "100.1", 4, "0.05", "100 100.05 100.05 100.1 100.1"],
  ["ARITH", "0.07", "0.09", 2, "0.01", "0.07 0.08 0.09"],
  ["GEO", "1000", "8000", 3, "0.01", "1000 2000 4000 8000"],
  ["GEO", "100", "200", 4, "0.01", "100 118.92 141.42 168.18 200"],
  ["GEO", "100", "200", 4, "1", "100 119 141 168 200"],
  ["GEO", "50000", "60000", 5, "0.1", "50000 51856.9 53782.7 55780 57851.6 60000"],
];

for (const [type, lower, upper, count, tick, prices] of TABLE) {
  test(`${type} ${lower} to ${upper} in ${count} grids, tick ${tick}: ${prices}`, () => {
    const rules = { tick: fixed(tick), minPrice: 0n };
    assert.equal(gridPrices(type, fixed(lower), fixed(upper), count, rules).map(trimmed).join(" "), prices);
  });
}

const ANY_GRID = fc.record({
  type: fc.constantFrom<GridType>("ARITH", "GEO"),
  lower: fc.integer({ min: 1, max: 2_000_000 }),
  width: fc.integer({ min: 1, max: 2_000_000 }),
  count: fc.integer({ min: 2, max: 40 }),
});

test("prices begin and end at the limits, rise, stand on ticks, and are within half a tick of the exact ones", () => {
  fc.assert(
    fc.property(ANY_GRID, ({ type, lower, width, count }) => {
      const low = TICK.minPrice + BigInt(lower) * TICK.tick;
      const high = low + BigInt(width) * TICK.tick;
      const prices = gridPrices(type, low, high, count, TICK);
      assert.deepEqual([prices.length, prices[0], prices.at(-1)], [count + 1, low, high]);
      for (const [i, price] of prices.entries()) {
        assert.equal((price - TICK.minPrice) % TICK.tick, 0n);
        assert(i === 0 || price >= (prices[i - 1] ?? 0n));
        const [a, b] = [Number(low), Number(high)];
        const exact = type === "ARITH" ? a + ((b - a) * i) / count : a * (b / a) ** (i / count);
        assert(Math.abs(Number(price) - exact) <= Number(TICK.tick) * 0.51, `${price} is near ${exact}`);
      }
    }),
  );
});

test("the level nearest to the market is left out, the lower one of two as near", () => {
  const prices = ["100", "110", "120"].map(fixed);
  for (const [market, level] of [
    ["50", 0],
    ["104.9", 0],
    ["105", 0],
    ["105.1", 1],
    ["115", 1],
    ["116", 2],
    ["900", 2],
  ] as const) {
    assert.equal(nearestLevel(prices, fixed(market)), level, market);
    assert(prices.every((price) => abs(price - fixed(market)) >= abs((prices[level] ?? 0n) - fixed(market))));
  }
});

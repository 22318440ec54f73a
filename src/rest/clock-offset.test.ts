import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { WallMs } from "../kernel/scalars.ts";
import { ClockOffset } from "./clock-offset.ts";

const NOW = 1_700_000_000_000;

test("until something is observed, the exchange's clock is taken to be ours", () => {
  const offset = new ClockOffset();
  assert.equal(offset.ms, 0);
  assert.equal(offset.exchangeTime(NOW as WallMs), NOW);
});

test("the offset is wrong by half of the round trip at the most, and the newest observation counts", () => {
  const trip = fc.record({
    aheadMs: fc.integer({ min: -10_000_000, max: 10_000_000 }),
    outMs: fc.integer({ min: 0, max: 3000 }),
    backMs: fc.integer({ min: 0, max: 3000 }),
  });
  fc.assert(
    fc.property(fc.array(trip, { minLength: 1, maxLength: 5 }), (trips) => {
      const offset = new ClockOffset();
      for (const { aheadMs, outMs, backMs } of trips) {
        offset.observe(NOW as WallMs, NOW + outMs + aheadMs, (NOW + outMs + backMs) as WallMs);
        assert(Math.abs(offset.ms - aheadMs) <= (outMs + backMs) / 2 + 0.5);
        assert(Number.isInteger(offset.exchangeTime(NOW as WallMs)));
        assert.equal(offset.exchangeTime(NOW as WallMs), NOW + offset.ms);
      }
    }),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ms } from "../../test/account-news.ts";
import type { MonotonicMs } from "../kernel/scalars.ts";
import { PromisedDates, provenNow } from "./proof-time.ts";

const SEAM_MS = 2000;
const HOUR = 3_600_000;
/** Proven when the exchange's clock showed ten o'clock, and ours an hour. */
const PROVEN = { upTo: ms(10 * HOUR), at: HOUR as MonotonicMs };

for (const [rule, steppedMs, laterMs, now] of [
  ["the clock went on", 0, 60_000, 10 * HOUR],
  ["our idea of it is off by a little", -SEAM_MS, 60_000, 10 * HOUR],
  ["it was put forward", HOUR, 60_000, 10 * HOUR],
  ["it was put back, and has not reached what was proven", -HOUR, 60_000, 9 * HOUR],
  ["it was put back, and has reached it again since", -HOUR, 2 * HOUR, 9 * HOUR],
  ["it was put back just now", -HOUR, 0, 9 * HOUR],
] as const) {
  test(`what is proven once ${rule}`, () => {
    const look = { askedAt: ms(10 * HOUR + laterMs + steppedMs), now: (HOUR + laterMs) as MonotonicMs };
    assert.equal(provenNow(PROVEN, look, SEAM_MS), now);
  });
}

test("L2 nothing is proven of a time that the exchange has not reached, nor ever more than was", () => {
  const step = fc.integer({ min: -20 * HOUR, max: 20 * HOUR });
  fc.assert(
    fc.property(step, fc.integer({ min: 0, max: 10 * HOUR }), (steppedMs, laterMs) => {
      const look = { askedAt: ms(10 * HOUR + laterMs + steppedMs), now: (HOUR + laterMs) as MonotonicMs };
      const upTo = provenNow(PROVEN, look, SEAM_MS);
      assert.ok(upTo <= PROVEN.upTo && upTo <= look.askedAt + SEAM_MS);
    }),
  );
});

const PROMISES: readonly [name: string, looks: readonly (readonly [askedAt: number, now: number])[], lowest: number][] =
  [
    ["nobody has looked", [], 10_000],
    [
      "it goes on",
      [
        [20_000, 1_000],
        [30_000, 11_000],
      ],
      10_000,
    ],
    [
      "it is off by less than the seam",
      [
        [20_000, 1_000],
        [29_000, 11_000],
      ],
      10_000,
    ],
    [
      "it was put forward",
      [
        [20_000, 1_000],
        [90_000, 11_000],
      ],
      10_000,
    ],
    [
      "it was put back, long after the promise: to dates that are later still",
      [
        [500_000, 1_000],
        [504_000, 11_000],
      ],
      10_000,
    ],
    [
      "it was put back to before the promise",
      [
        [12_000, 1_000],
        [14_000, 11_000],
      ],
      4_000,
    ],
    [
      "it was put back twice: the earlier counts",
      [
        [12_000, 0],
        [6_000, 1_000],
        [1_000, 2_000],
      ],
      0,
    ],
  ];

for (const [name, looks, lowest] of PROMISES) {
  test(`the earliest date that news can bear, since the exchange's clock: ${name}`, () => {
    const dates = new PromisedDates(ms(10_000));
    for (const [askedAt, now] of looks) dates.look({ askedAt: ms(askedAt), now: now as MonotonicMs }, 2_000);
    assert.deepEqual([dates.lowest, dates.since], [lowest, 10_000]);
  });
}

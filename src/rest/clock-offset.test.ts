import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { MonotonicMs } from "../kernel/scalars.ts";
import { ClockOffset } from "./clock-offset.ts";

const AHEAD = 1_700_000_000_000;
/** Doubles that count milliseconds since 1970 lie a quarter of a microsecond apart, and several are added up here. */
const ROUNDING_MS = 0.001;
/** What is allowed for: thirty millionths. */
const DRIFT = 30e-6;

/**
 * One rule a row: round trips `out+back` at a time of ours (`@`, seconds), while the exchange is ahead by so much more
 * (`~`, seconds); and at the end the offset beyond the first one, and its uncertainty, both rounded to milliseconds.
 */
const RULES: readonly (readonly [rule: string, happens: string, offsetMs: number, uncertaintyMs: number])[] = [
  ["half of the round trip is the uncertainty", "100+100", 0, 101],
  ["a way that is longer than the way back misleads by less than that", "200+0", 100, 101],
  ["the shortest of the recent round trips counts", "200+0 10+10 0+200", 0, 11],
  ["a worse one that agrees changes nothing", "10+10 @60 300+100", 0, 12],
  ["a good one ages: after hours a slightly worse one says more", "10+10 @7200 20+20", 0, 21],
  ["a step of the exchange's clock is believed: what contradicts it is forgotten", "10+10 @60 ~5 100+100", 5000, 101],
  ["backwards too", "10+10 @60 ~-5 100+100", -5000, 101],
  ["what was proven wrong does not count, though nothing contradicts it", "10+10 @60 ! 200+0", 100, 101],
];

for (const [rule, happens, offsetMs, uncertaintyMs] of RULES) {
  test(`${rule}: ${happens}`, () => {
    const offset = new ClockOffset();
    let now = 0;
    let ahead = AHEAD;
    for (const one of happens.split(" ")) {
      const figure = Number(one.slice(1));
      if (one === "!") offset.distrust();
      else if (one.startsWith("@")) now = figure * 1000;
      else if (one.startsWith("~")) ahead = AHEAD + figure * 1000;
      else {
        const [out = 0, back = 0] = one.split("+").map(Number);
        offset.observe({ sentAt: at(now), serverTime: now + out + ahead, receivedAt: at(now + out + back) });
        now += out + back;
      }
    }
    const found = offset.at(at(now));
    assert.equal(Math.floor((found?.offsetMs ?? 0) - AHEAD), offsetMs);
    assert.equal(Math.round(found?.uncertaintyMs ?? 0), uncertaintyMs);
  });
}

test("before the first round trip nothing is known", () => {
  assert.equal(new ClockOffset().at(at(0)), undefined);
});

test("whatever the ways, the true offset is within the uncertainty", () => {
  const trip = fc.record({
    waitMs: fc.integer({ min: 0, max: 4 * 3_600_000 }),
    outMs: fc.double({ min: 0, max: 3000, noNaN: true }),
    backMs: fc.double({ min: 0, max: 3000, noNaN: true }),
  });
  // Up to 20 millionths: what two clocks of this kind drift apart.
  const drift = fc.double({ min: -20e-6, max: 20e-6, noNaN: true });
  fc.assert(
    fc.property(fc.array(trip, { minLength: 1, maxLength: 12 }), drift, (trips, rate) => {
      const offset = new ClockOffset();
      let now = 0;
      const aheadAt = (ms: number) => AHEAD + ms * rate;
      for (const { waitMs, outMs, backMs } of trips) {
        const sentAt = now + waitMs;
        now = sentAt + outMs + backMs;
        const serverTime = Math.floor(sentAt + outMs + aheadAt(sentAt + outMs));
        offset.observe({ sentAt: at(sentAt), serverTime, receivedAt: at(now) });
        const { offsetMs, uncertaintyMs } = offset.at(at(now)) ?? { offsetMs: 0, uncertaintyMs: 0 };
        const wrongMs = Math.abs(offsetMs - aheadAt(now));
        assert(wrongMs <= uncertaintyMs + ROUNDING_MS, `${wrongMs} of ${uncertaintyMs}`);
        assert(
          uncertaintyMs <= (outMs + backMs + 1) / 2 + (outMs + backMs) * DRIFT + ROUNDING_MS,
          "the newest one is never worse than what is taken",
        );
      }
    }),
  );
});

function at(ms: number): MonotonicMs {
  return ms as MonotonicMs;
}

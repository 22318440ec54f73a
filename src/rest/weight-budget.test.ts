import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { MonotonicMs } from "../kernel/scalars.ts";
import { WEIGHT_PER_MINUTE } from "../protocol/limits.ts";
import { type Priority, WeightBudget } from "./weight-budget.ts";

/**
 * One rule a row, for a limit of 100: what happens, and the wait that the last question gets. `@5` it is second 5 then,
 * `spend 10`, `used 90` the exchange says so, `block 30` it wants 30 s of silence, `keep-alive 5?` may weight 5 go?
 */
const RULES: readonly (readonly [rule: string, happens: string, waitS: number])[] = [
  ["an unused budget lets everything pass", "read 100?", 0],
  ["keep-alive may use all of it", "spend 99, keep-alive 1?", 0],
  ["and no more", "spend 100, keep-alive 1?", 60],
  ["repair may use nine tenths", "spend 89, repair 1?", 0],
  ["and no more", "spend 90, repair 1?", 60],
  ["reads may use three quarters", "spend 74, read 1?", 0],
  ["and no more", "spend 75, read 1?", 60],
  ["keep-alive passes where reads have to wait", "spend 90, keep-alive 6?", 0],
  ["the wait lasts until the minute is over", "@7, spend 100, @20, keep-alive 1?", 47],
  ["then the count begins anew", "spend 100, @60, keep-alive 100?", 0],
  ["the minute begins with the first request after the last one", "spend 1, @100, spend 100, @130, read 1?", 30],
  [
    "the exchange counts others behind our address as well: its figure is believed",
    "spend 1, used 100, keep-alive 1?",
    60,
  ],
  ["a lower figure of a minute that began later lowers nothing", "spend 100, used 5, keep-alive 1?", 60],
  ["silence that is asked for stops everything", "block 30, keep-alive 1?", 30],
  ["a shorter silence never shortens a longer one", "block 120, block 30, keep-alive 1?", 120],
  ["a longer one lengthens it", "block 30, @10, block 60, keep-alive 1?", 60],
  ["when it is over, requests pass", "block 30, @30, keep-alive 1?", 0],
  ["a silence does not spend the minute: what was used still counts", "spend 100, block 30, @30, keep-alive 1?", 30],
];

for (const [rule, happens, waitS] of RULES) {
  test(`L6 ${rule}: ${happens}`, () => assert.equal(play(happens), waitS * 1000));
}

test("L6 whatever is asked, no minute of ours goes over the limit, and keep-alive passes before all else", () => {
  const ask = fc.record({
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    weight: fc.integer({ min: 1, max: 40 }),
    priority: fc.constantFrom<Priority>("keep-alive", "repair", "read"),
  });
  fc.assert(
    fc.property(fc.array(ask, { maxLength: 100 }), (asks) => {
      const budget = new WeightBudget(100);
      let now = 0;
      for (const { afterMs, weight, priority } of asks) {
        now += afterMs;
        const waitMs = budget.waitMs(weight, priority, at(now));
        assert(waitMs >= 0 && waitMs <= 60_000);
        assert(budget.waitMs(weight, "keep-alive", at(now)) <= waitMs);
        assert.equal(budget.waitMs(weight, priority, at(now + waitMs)), 0);
        if (waitMs === 0) budget.reserve("GET", weight, priority, at(now));
        assert(budget.state(at(now)).used <= 100);
      }
    }),
    { numRuns: 500 },
  );
});

test("the health tells what is used in this minute, the limit, and the silence that is left", () => {
  const budget = new WeightBudget();
  assert.deepEqual(budget.state(at(0)), { used: 0, limit: WEIGHT_PER_MINUTE, blockedForMs: 0 });
  budget.reserve("GET", 7, "read", at(1000));
  budget.block(30_000, at(2000));
  assert.deepEqual(budget.state(at(12_000)), { used: 7, limit: 2400, blockedForMs: 20_000 });
  assert.deepEqual(budget.state(at(61_000)), { used: 0, limit: 2400, blockedForMs: 0 });
});

function at(ms: number): MonotonicMs {
  return ms as MonotonicMs;
}

function play(happens: string): number {
  const budget = new WeightBudget(100);
  let now = 0;
  let waitMs = Number.NaN;
  for (const one of happens.split(", ")) {
    const [what = "", figure = ""] = one.split(" ");
    const count = Number.parseInt(figure, 10);
    if (what.startsWith("@")) now = Number(what.slice(1)) * 1000;
    else if (what === "spend") budget.reserve("GET", count, "keep-alive", at(now));
    else if (what === "used") budget.observe(count);
    else if (what === "block") budget.block(count * 1000, at(now));
    else waitMs = budget.waitMs(count, what as Priority, at(now));
  }
  return waitMs;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { runPaperWorld } from "./io/paper-world.ts";

/** Three days: the 24 h cut comes three times, and faults of every kind. */
const HOURS = 72;

test("72 hours without faults pass without a gap, over four sockets, with every copy told once", async () => {
  const { failure, counts, story } = await runPaperWorld(3, HOURS, {
    faults: "none",
    tradeEveryMs: 30_000,
    signatures: "real",
  });
  assert.equal(failure, undefined, `${failure}\n${story.slice(-60).join("\n")}`);
  assert.equal(counts.gaps, 0);
  assert.equal(counts.missed, 0);
  assert.equal(counts.dials, 4, "one socket a day, left before the exchange cuts it at 24 hours");
  assert.equal(counts.grants, 1);
  assert.equal(counts.renewals, 144, "every half an hour, the last one when the world is stopped");
  assert((counts.copies ?? 0) > 0, "no event came over two sockets: the overlap was not tried");
  assert.equal(counts.events, counts.pushed);
});

test("L1 L2 72 hours of cuts, expiries and outages: every event once and in order, or under a gap", async () => {
  const { failure, counts, story } = await runPaperWorld(1, HOURS, { tradeEveryMs: 90_000 });
  assert.equal(failure, undefined, `${failure}\n${story.slice(-60).join("\n")}`);
  // A world in which nothing happened would prove nothing.
  assert((counts.orders ?? 0) > 1000, `${counts.orders} orders`);
  assert((counts.events ?? 0) > 3000, `${counts.events} events`);
  assert((counts.renewals ?? 0) > 100, `${counts.renewals} renewals`);
  assert((counts.gaps ?? 0) > 5, `${counts.gaps} gaps`);
  assert((counts.missed ?? 0) > 0, "no gap swallowed anything");
});

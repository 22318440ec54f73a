import assert from "node:assert/strict";
import { test } from "node:test";
import { runPaperWorld } from "./io/paper-world.ts";

/** The 24 h cut comes, and faults of many kinds, to a busy account. */
const HOURS = 30;

test("L1 L2 30 hours of cuts, expiries and outages: every event once and in order, or under a gap", async () => {
  const { failure, counts, story } = await runPaperWorld(1, HOURS, { kind: "plain", tradeEveryMs: 90_000 });
  assert.equal(failure, undefined, `${failure}\n${story.slice(-60).join("\n")}`);
  // A world in which nothing happened would prove nothing.
  assert((counts.orders ?? 0) > 500, `${counts.orders} orders`);
  assert((counts.events ?? 0) > 1500, `${counts.events} events`);
  assert((counts.renewals ?? 0) > 40, `${counts.renewals} renewals`);
  assert((counts.gaps ?? 0) > 5, `${counts.gaps} gaps`);
  assert((counts.missed ?? 0) > 0, "no gap swallowed anything");
});

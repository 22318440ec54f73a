import assert from "node:assert/strict";
import { test } from "node:test";
import { runPaperWorld } from "./io/paper-world.ts";

/** Two days: the 24 h cut comes twice. */
const HOURS = 48;

test("48 hours without faults pass without a gap, over three sockets, with every copy told once", async () => {
  const { failure, counts, story } = await runPaperWorld(3, HOURS, {
    kind: "plain",
    faults: "none",
    tradeEveryMs: 45_000,
    signatures: "real",
  });
  assert.equal(failure, undefined, `${failure}\n${story.slice(-60).join("\n")}`);
  assert.equal(counts.gaps, 0);
  assert.equal(counts.missed, 0);
  assert.equal(counts.dials, 3, "one socket a day, left before the exchange cuts it at 24 hours");
  assert.equal(counts.grants, 1);
  assert((counts.renewals ?? 0) >= 96, "every half an hour at least; each audit is one more");
  assert((counts.copies ?? 0) > 0, "no event came over two sockets: the overlap was not tried");
  assert.equal(counts.events, counts.pushed);
});

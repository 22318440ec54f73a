import assert from "node:assert/strict";
import { test } from "node:test";
import { FollowerWorld } from "../../test/follower-world.ts";
import { parseCommand } from "../../test/transcript.ts";

/** A first sync, a gap with all kinds of things missed, events that are held back meanwhile, both rounds, an audit. */
const STORY = [
  "live",
  "wait 70s",
  "told order 5 NEW",
  "told fill 5 17 qty=2",
  "gap closed 1006",
  "missed fill 5 18 qty=3",
  "missed booked FUNDING_FEE -0.25",
  "missed algo 3 NEW",
  "wait 5s",
  "refuses balances",
  "live",
  "told order 6 NEW",
  "told fill 6 20 qty=1",
  "answers balances",
  "wait 10s",
  "told fill 6 19 qty=1",
  "wait 90s",
  "wait 35m",
];

test("whenever the owner stops, nothing is told, asked or waited for after that", async () => {
  let calls = Number.POSITIVE_INFINITY;
  for (let stopsAt = 1; stopsAt <= calls; stopsAt++) {
    const world = new FollowerWorld();
    world.stopsAt = stopsAt;
    const told: string[] = [];
    for (const line of STORY) told.push(...(await world.answer(parseCommand(line))));
    const records = told.filter((line) => /^\d/.test(line));
    if (!records.some((line) => line.endsWith(" stopped"))) calls = world.calls;
    else {
      assert.match(records.at(-1) ?? "", / stopped$/, `told after the stop at ${stopsAt}`);
      assert.deepEqual(world.clock.alarms, [], `waited for after the stop at ${stopsAt}`);
    }
  }
  assert(calls > 25 && calls < 200, `${calls} calls`);
});

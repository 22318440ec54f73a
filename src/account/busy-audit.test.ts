/** More is told between two audits than is remembered: what the line swallowed before that is proven all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { id, ms, orderEvent, orderRow } from "../../test/account-news.ts";
import { FakeReads } from "../../test/fake-reads.ts";
import { FakeClock, KeptLog } from "../../test/fake-world.ts";
import { FOLLOW_TIMING } from "./follow-timing.ts";
import { AccountFollower } from "./follower.ts";
import { STEPS_MAX } from "./told-steps.ts";

test("L2 nothing is proven of a time of which more was told than can be compared", async () => {
  const clock = new FakeClock();
  const now = () => 1_000_000 + clock.now();
  const reads = new FakeReads(now);
  const gaps: string[] = [];
  const follower = new AccountFollower({
    clock,
    random: { next: () => 0.5 },
    log: new KeptLog(),
    timing: FOLLOW_TIMING,
    account: "demo",
    reads,
    tell: () => {},
    changed() {},
    failed() {},
    doubtKey() {},
    declareDeaf: (why) => gaps.push(why),
  });
  follower.take({ kind: "status", status: "live" });
  await clock.advance(100_000);
  assert.equal(follower.health.sync, "certain");
  const swallowedAt = now();
  reads.tables.orders = [orderRow(swallowedAt, "NEW", { orderId: id("1"), time: ms(swallowedAt) })];
  for (let i = 0; i < 3 * STEPS_MAX; i++) {
    if (i % 1000 === 0) await clock.advance(1000);
    const event = orderEvent(now(), i % 2 === 0 ? "NEW" : "CANCELED", { i: id(String(10 + (i >> 1))) });
    follower.take({ kind: "event", event, raw: "" });
  }
  await clock.advance(2 * 60 * 60_000);
  const { completeUpTo = 0 } = follower.health;
  assert(
    gaps.length > 0 || completeUpTo < swallowedAt,
    `proven up to ${completeUpTo}, and order 1 of ${swallowedAt} was never told`,
  );
});

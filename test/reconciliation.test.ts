/** Rows of docs/reconciliation.md that no other test holds to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FOLLOW_TIMING, HELD_EVENTS_MAX } from "../src/account/follow-timing.ts";
import { AccountFollower } from "../src/account/follower.ts";
import type { AccountRecord, RepairRecord } from "../src/account/record.ts";
import { AccountStream } from "../src/index.ts";
import { startPaperVenue } from "../src/venue/index.ts";
import { amount, id, strategyEvent } from "./account-news.ts";
import { until } from "./eventually.ts";
import { FakeReads } from "./fake-reads.ts";
import { FakeClock, KeptLog } from "./fake-world.ts";
import { FollowerWorld, incomeRow } from "./follower-world.ts";
import { parseCommand } from "./transcript.ts";

/** What is told, line by line. */
async function toldBy(world: FollowerWorld, story: readonly string[]): Promise<string[]> {
  const told: string[] = [];
  for (const line of story) told.push(...(await world.answer(parseCommand(line))));
  return told;
}

const BEFORE = ["live", "wait 70s", "told order 5 NEW", "wait 1s"];

test("of a gap longer than the exchange keeps things, what it does not keep is a hole", async () => {
  for (const [days, lacks] of [
    [2, "no hole"],
    [4, "ended unfilled before"],
    [100, "the exchange keeps no more than three months"],
  ] as const) {
    const story = [...BEFORE, "gap closed 1006", `wait ${days * 24}h`, "live", "wait 90s"];
    const told = await toldBy(new FollowerWorld(), story);
    const certificate = told.findLast((line) => / repair of gaps/.test(line)) ?? "";
    assert(certificate.includes(lacks), certificate);
  }
});

test("more is not held back than there is room for: it flows on, marked as early, while REST is still asked", () => {
  const records: AccountRecord[] = [];
  const follower = new AccountFollower({
    clock: new FakeClock(),
    random: { next: () => 0.5 },
    log: new KeptLog(),
    timing: FOLLOW_TIMING,
    account: "demo",
    reads: new FakeReads(() => 5),
    tell: (record) => records.push(record),
    changed() {},
    failed() {},
    doubtKey() {},
    declareDeaf() {},
  });
  follower.take({ kind: "status", status: "live" });
  const hear = () => follower.take({ kind: "event", event: strategyEvent(5, "7", "WORKING", "BTCUSDT"), raw: "" });
  for (let held = 0; held < HELD_EVENTS_MAX; held++) hear();
  assert.equal(records.length, 1);
  hear();
  const early = records.filter((record) => record.kind === "event" && record.origin === "stream" && record.early);
  assert.deepEqual([early.length, follower.health.sync], [HELD_EVENTS_MAX + 1, "asking"]);
  follower.take({ kind: "status", status: "stopped" });
});

test("a conversion of several assets is told as one change of each", async () => {
  const world = new FollowerWorld();
  await toldBy(world, [...BEFORE, "gap closed 1006"]);
  const at = 1_071_000;
  world.reads.tables.income = [
    incomeRow(at, { incomeType: "AUTO_EXCHANGE", asset: "BTC", income: amount("-0.001"), tranId: id("7") }),
    incomeRow(at, { incomeType: "AUTO_EXCHANGE", asset: "USDT", income: amount("90"), tranId: id("8") }),
  ];
  const told = await toldBy(world, ["wait 5s", "live", "wait 90s"]);
  const found = told.filter((line) => /AUTO_EXCHANGE/.test(line)).map((line) => line.replace(/^\d+ /, ""));
  const event = "repaired ACCOUNT_UPDATE AUTO_EXCHANGE";
  assert.deepEqual(found, [`${event} BTC -0.001 at ${at}`, `${event} USDT 90 at ${at}`]);
});

test("for ten minutes after a certificate a late copy is dropped, and then it is told", async () => {
  for (const [minutes, isTold] of [
    [9, false],
    [11, true],
  ] as const) {
    const world = new FollowerWorld();
    await toldBy(world, [...BEFORE, "gap closed 1006", "missed order 6 NEW", "wait 5s", "live", "wait 70s"]);
    await toldBy(world, [`wait ${minutes}m`]);
    assert.equal(
      (await toldBy(world, ["late"])).some((line) => / order 6 /.test(line)),
      isTold,
    );
  }
});

test("without a secret every gap is a hole, and the health says that nothing is asked", async (t) => {
  const venue = await startPaperVenue();
  t.after(() => venue.close());
  const environment = { rest: venue.url, stream: venue.wsUrl };
  const stream = new AccountStream({ apiKey: "paper-demo-key", environment, timing: { backoffMs: 10 } });
  t.after(() => stream.stop());
  const repairs: RepairRecord[] = [];
  stream.on("repair", (record) => repairs.push(record));
  await stream.start();
  venue.cutSockets();
  await until(() => repairs.length > 0);
  assert.deepEqual(repairs[0]?.holes, ["everything: nothing was asked, there is no secret to sign with"]);
  assert.equal(stream.health.sync, "unasked");
});

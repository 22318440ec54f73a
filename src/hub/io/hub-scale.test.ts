/** Many consumers, many events, many accounts, on real sockets and with a journal on the disk. */
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import type { CrowdSays } from "../../../test/crowd.ts";
import { eventually } from "../../../test/eventually.ts";
import { InventedUpstream } from "../../../test/invented-upstream.ts";
import { openForTest, temporary } from "../../../test/journal-fixtures.ts";
import { type SocketHub, socketHub } from "../../../test/socket-hub.ts";

const CROWD = fileURLToPath(new URL("../../../test/crowd.js", import.meta.url));
const EVENTS_PER_SECOND = 1_000;
const SECONDS = 2;

async function world(t: TestContext): Promise<SocketHub> {
  return socketHub(t, { account: "storm", journal: await openForTest(t, temporary(t)), perSecond: 100_000 });
}

/** So many consumers, in a process of their own, that are all open. */
async function crowd(t: TestContext, { url }: SocketHub, count: number, query = ""): Promise<ChildProcess> {
  const child = fork(CROWD, [url, `/v1/accounts/storm/stream?snapshots=none${query}`, String(count)]);
  t.after(() => child.kill("SIGKILL"));
  const said = await next(child);
  assert.deepEqual(said, { open: count });
  return child;
}

async function next(child: ChildProcess): Promise<CrowdSays> {
  const [said] = (await once(child, "message")) as [CrowdSays];
  return said;
}

async function allHave(child: ChildProcess, seq: number): Promise<void> {
  const said = next(child);
  child.send({ seq });
  assert.equal("reached" in (await said), true, JSON.stringify(await said));
}

/** Tells events at an even pace, until there are so many. */
async function storm({ upstream }: SocketHub, seconds: number): Promise<number> {
  const since = performance.now();
  const total = EVENTS_PER_SECOND * seconds;
  for (let told = 0; told < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - since) / 1000) * EVENTS_PER_SECOND));
    for (; told < due; told++) upstream.tell(150);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return upstream.seq;
}

test("a thousand consumers of one account get 1 000 events a second, each of them every one, in order", async (t) => {
  const running = await world(t);
  const consumers = await crowd(t, running, 1_000);
  const seq = await storm(running, SECONDS);
  assert.equal(seq, EVENTS_PER_SECOND * SECONDS);
  await allHave(consumers, seq);
  assert.equal(running.hub.consumerCount, 1_000);
});

test("L7 one frozen consumer among a thousand is sent away, and the others miss nothing", async (t) => {
  const running = await world(t);
  const others = await crowd(t, running, 999, "&queue=500");
  const frozen = new WebSocket(`${running.url.replace("http", "ws")}/v1/accounts/storm/stream?queue=500`);
  t.after(() => frozen.terminate());
  await once(frozen, "open");
  frozen.pause();
  for (let told = 0; running.hub.consumerCount === 1_000; told += 100) {
    assert.ok(told < 20_000, "the frozen one is sent away");
    for (let i = 0; i < 100; i++) running.upstream.tell(4_000);
    await allHave(others, running.upstream.seq);
  }
  assert.equal(running.hub.consumerCount, 999);
  await allHave(others, await storm(running, 1));
});

test("ten thousand idle consumers are served, and what happens reaches all of them", async (t) => {
  const running = await world(t);
  const [one, other] = await Promise.all([crowd(t, running, 5_000), crowd(t, running, 5_000)]);
  assert.equal(running.hub.consumerCount, 10_000);
  for (let i = 0; i < 3; i++) running.upstream.tell();
  await Promise.all([allHave(one, 3), allHave(other, 3)]);
});

test("ten accounts storm side by side, and each consumer hears of its own alone, all of it", async (t) => {
  const running = await world(t);
  const names = Array.from({ length: 10 }, (_, index) => `account-${index}`);
  const upstreams = names.map((name) => new InventedUpstream(name));
  for (const [index, name] of names.entries()) await running.hub.add(name, upstreams[index]?.make ?? assert.fail());
  for (let round = 0; round < 200; round++) {
    for (const upstream of upstreams) upstream.tell(150);
    if (round % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const feeds = names.map((name) => running.hub.account(name)?.feed);
  await eventually("all is committed", () => feeds.every((feed) => feed?.lastSeq === 200));
  for (const name of names) {
    const page = await fetch(`${running.url}/v1/accounts/${name}/records?since=0&limit=1000`);
    const { records } = (await page.json()) as { records: { seq: number; account: string }[] };
    assert.deepEqual(
      records.map(({ seq, account }) => `${account} ${seq}`),
      Array.from({ length: 200 }, (_, index) => `${name} ${index + 1}`),
    );
  }
});

/** A hub that follows another one which has let go of the beginning: what it shows meanwhile, and to whom. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { WebSocketServer } from "ws";
import { walletEvent } from "../../test/account-news.ts";
import { eventually } from "../../test/eventually.ts";
import { KeptLog } from "../../test/fake-world.ts";
import { HeldJournal } from "../../test/held-journal.ts";
import { type SocketHub, socketHub } from "../../test/socket-hub.ts";
import { Mirror } from "../account/mirror.ts";
import type { AccessToken } from "../hub/access.ts";
import { MemoryJournal } from "../hub/memory-journal.ts";
import { snapshotText } from "../hub/mirror-text.ts";
import { recordText } from "../hub/record-text.ts";
import { NOWHERE } from "../hub/standing.ts";
import type { MakeUpstream } from "../hub/upstream.ts";
import { HubClient } from "../hub-client.ts";
import type { TransactMs, WallMs } from "../kernel/scalars.ts";
import { encodeEvent } from "../protocol/user-data-event.ts";
import { hubUpstream } from "./hub-upstream.ts";

/** Its journal begins with record 51; of BNB only record 1 told. */
async function farHub(t: TestContext): Promise<SocketHub> {
  const far = await socketHub(t, { journal: new MemoryJournal(50) });
  far.upstream.event(encodeEvent(walletEvent(1, "BNB", "7")));
  far.upstream.record({ kind: "status", status: "synced" });
  for (let at = 3; at <= 110; at++) far.upstream.event(encodeEvent(walletEvent(at, "USDT", String(at))));
  await eventually("all is told", () => far.hub.account("demo")?.feed?.lastSeq === 110);
  await far.hub.remove("demo");
  await far.hub.add("demo", far.upstream.make);
  assert.deepEqual(await far.hub.account("demo")?.extent(), { firstSeq: 51, lastSeq: 110 });
  return far;
}

function following({ url }: Pick<SocketHub, "url">, token?: string): MakeUpstream {
  const far = { url, account: "demo", log: new KeptLog(), ...(token === undefined ? {} : { token }) };
  return (resume, tell, renewed) => hubUpstream("demo", far, resume, tell, renewed);
}

async function shownBy({ url }: SocketHub): Promise<unknown> {
  const answer = await fetch(`${url}/v1/accounts/demo`);
  if (answer.status !== 200) return answer.status;
  const { asOfSeq, balances } = (await answer.json()) as { asOfSeq: number; balances: Record<string, unknown>[] };
  return [asOfSeq, Object.fromEntries(balances.map(({ asset, wallet }) => [asset, wallet]))];
}

const WHOLE = [110, { BNB: "7", USDT: "110" }];

test("whoever comes while it begins waits until the account is there, and is shown all of it", async (t) => {
  const far = await farHub(t);
  const journal = new HeldJournal();
  const near = await socketHub(t, { account: "other", journal });
  await near.hub.add("demo", following(far));
  const client = new HubClient({ url: near.url, account: "demo" });
  t.after(() => client.stop());
  const started = client.start();
  await eventually("all has come", () => near.hub.account("demo")?.health.upstream?.sync !== "asking");
  assert.equal(await shownBy(near), 503);
  await eventually("it is committed", async () => {
    await journal.commit();
    return near.hub.account("demo")?.feed?.lastSeq === 110;
  });
  assert.deepEqual(await shownBy(near), WHOLE);
  await started;
  const { account, health } = client;
  assert.deepEqual([health.asOfSeq, account.balance("BNB")?.wallet], [110, "7"]);
});

for (const count of [0, 30, 60]) {
  test(`one that died with ${count} records shows nothing until it knows the account; then that is kept`, async (t) => {
    const far = await farHub(t);
    const journal = new MemoryJournal();
    await journal.begin("demo", 50);
    const page = await far.hub.journal.read({ account: "demo", since: 50, limit: count });
    await journal.append(page.is === "page" ? page.entries.slice(0, count) : []);
    const near = await socketHub(t, { account: "other", journal });
    const away = following({ ...far, url: "http://127.0.0.1:9" });
    await near.hub.add("demo", away);
    assert.equal(await shownBy(near), 503);
    await near.hub.change("demo", following(far));
    await eventually("the account is there", async () => (await shownBy(near)) !== 503);
    assert.deepEqual(await shownBy(near), WHOLE);
    await near.hub.change("demo", away);
    assert.deepEqual(await shownBy(near), WHOLE);
  });
}

/** Another hub, frame by frame: whoever dials it is greeted with these. */
async function spokenHub(t: TestContext, ...greeting: readonly string[]) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const far = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    greeting,
    say(...frames: readonly string[]) {
      for (const socket of server.clients) for (const frame of frames) socket.send(frame);
    },
    /** With a close code, or without a word. */
    cut(code?: number) {
      for (const socket of server.clients) code === undefined ? socket.terminate() : socket.close(code);
    },
  };
  server.on("connection", () => far.say(...far.greeting));
  t.after(() => {
    far.cut();
    server.close();
  });
  return far;
}

const STOPPED = recordText({ seq: 1, account: "demo", at: 1 as WallMs, kind: "status", status: "stopped" });
const SYNCED_AT = 2 as TransactMs;
const SYNCED = recordText({
  ...{ seq: 2, account: "demo", at: 2 as WallMs },
  ...{ kind: "status", status: "synced", since: SYNCED_AT },
});

const USDT = walletEvent(3, "USDT", "3");
const USDT_RECORD = recordText({
  ...{ seq: 3, account: "demo", at: 3 as WallMs },
  ...{ kind: "event", origin: "stream", event: USDT, raw: encodeEvent(USDT) },
});

function snapshotFrame(asOfSeq: number, ...wallets: readonly (readonly [asset: string, wallet: string])[]): string {
  const mirror = new Mirror();
  for (const [asset, wallet] of wallets) mirror.apply(walletEvent(2, asset, wallet), "repair");
  const standing = { ...NOWHERE, promisedSince: asOfSeq < 2 ? undefined : SYNCED_AT };
  return `{"snapshot":${snapshotText({ account: "demo", asOfSeq, view: mirror.view, standing })}}`;
}

test("when a hub that knew nothing learns, nobody behind it is shown an empty account", async (t) => {
  const far = await spokenHub(t, STOPPED, snapshotFrame(1));
  const near = await socketHub(t, { account: "other" });
  await near.hub.add("demo", following(far));
  const told = (seq: number) =>
    eventually(`record ${seq} is told`, () => near.hub.account("demo")?.feed?.lastSeq === seq);
  await told(1);
  const client = new HubClient({ url: near.url, account: "demo" });
  t.after(() => client.stop());
  const started = client.start();
  await eventually("it listens", () => client.health.live);
  const seen: unknown[] = [];
  client.on("health", ({ known }) => seen.push([known, client.account.balance("BNB")?.wallet]));
  far.say(SYNCED);
  await told(2);
  await eventually("it is told", () => client.health.lastSeq === 2);
  assert.deepEqual([await shownBy(near), client.health.known], [503, "nothing"]);
  far.say(snapshotFrame(2, ["BNB", "7"]));
  await started;
  assert.deepEqual(seen.at(-1), ["whole", "7"]);
  assert.ok(!seen.some((one) => isDeepStrictEqual(one, ["whole", undefined])));
  assert.deepEqual(await shownBy(near), [2, { BNB: "7" }]);
});

test("what was kept while the other hub knew nothing is not taken for the account", async (t) => {
  const far = await spokenHub(t, STOPPED, snapshotFrame(1));
  const journal = new MemoryJournal();
  const first = await socketHub(t, { account: "other", journal });
  await first.hub.add("demo", following(far));
  await eventually("record 1 is here", () => first.hub.account("demo")?.feed?.lastSeq === 1);
  await first.close();
  far.greeting = [snapshotFrame(3, ["BNB", "7"], ["USDT", "3"]), SYNCED];
  const near = await socketHub(t, { account: "other", journal });
  await near.hub.add("demo", following(far));
  const lastSeq = () => near.hub.account("demo")?.feed?.lastSeq;
  await eventually("record 2 is here", () => lastSeq() === 2);
  assert.equal(await shownBy(near), 503);
  far.say(USDT_RECORD);
  await eventually("record 3 is here", () => lastSeq() === 3);
  assert.deepEqual(await shownBy(near), [3, { BNB: "7", USDT: "3" }]);
});

test("a snapshot of the other hub is shown here as soon as it comes, though no record does", async (t) => {
  const far = await spokenHub(t, STOPPED, SYNCED, snapshotFrame(2, ["BNB", "7"]));
  const near = await socketHub(t, { account: "other" });
  await near.hub.add("demo", following(far));
  await eventually("it is there", async () => (await shownBy(near)) !== 503);
  const client = new HubClient({ url: near.url, account: "demo" });
  t.after(() => client.stop());
  await client.start();
  far.say(snapshotFrame(2, ["BNB", "7"], ["USDT", "3"]));
  await eventually("it is shown", () => client.account.balance("USDT")?.wallet === "3");
  assert.deepEqual(await shownBy(near), [2, { BNB: "7", USDT: "3" }]);
});

test("a hub that is cut off while it catches up goes on where it was, and shows nothing before", async (t) => {
  const whole = snapshotFrame(3, ["BNB", "7"], ["USDT", "3"]);
  const far = await spokenHub(t, whole, STOPPED, SYNCED);
  const near = await socketHub(t, { account: "other" });
  await near.hub.add("demo", following(far));
  const lastSeq = () => near.hub.account("demo")?.feed?.lastSeq;
  await eventually("record 2 is here", () => lastSeq() === 2);
  far.greeting = [];
  far.cut();
  const sync = () => near.hub.account("demo")?.health.upstream?.sync;
  await eventually("it is cut off", () => sync() === "waiting");
  assert.equal(await shownBy(near), 503);
  far.greeting = [whole, USDT_RECORD];
  far.cut();
  await eventually("record 3 is here", () => lastSeq() === 3);
  assert.deepEqual(await shownBy(near), [3, { BNB: "7", USDT: "3" }]);
});

test("an account that the other hub follows no more is not said to be in sync, nor after a restart", async (t) => {
  const far = await spokenHub(t, STOPPED, SYNCED, snapshotFrame(2, ["BNB", "7"]));
  const journal = new MemoryJournal();
  const first = await socketHub(t, { account: "other", journal });
  await first.hub.add("demo", following(far));
  const account = ({ hub }: SocketHub) => hub.account("demo");
  await eventually("it is in sync", () => account(first)?.isReady === true);
  far.say(recordText({ seq: 3, account: "demo", at: 3 as WallMs, kind: "status", status: "stopped" }));
  await eventually("it is told", () => account(first)?.feed?.lastSeq === 3);
  assert.deepEqual([account(first)?.health.upstream?.sync, account(first)?.isReady], ["waiting", false]);
  await first.close();
  far.greeting = [snapshotFrame(3, ["BNB", "7"])];
  const near = await socketHub(t, { account: "other", journal });
  await near.hub.add("demo", following(far));
  await eventually("it is there", () => account(near)?.health.upstream?.sync !== "waiting");
  assert.deepEqual([account(near)?.isReady, await shownBy(near)], [false, [3, { BNB: "7" }]]);
});

test("what retention takes away while it is read is said, and nothing is shown of the account", async (t) => {
  const far = await spokenHub(t, snapshotFrame(3, ["BNB", "7"]), STOPPED);
  const near = await socketHub(t, { account: "other" });
  await near.hub.add("demo", following(far));
  await eventually("record 1 is here", () => near.hub.account("demo")?.feed?.lastSeq === 1);
  far.cut(4010);
  const health = () => near.hub.account("demo")?.health;
  await eventually("it waits", () => health()?.phase === "waiting");
  assert.deepEqual([health()?.known, await shownBy(near)], ["part", 503]);
  assert.match(health()?.trouble ?? "", /cannot go on after record 1/);
});

test("an account that another hub serves no more, after it did, says why, and is tried again", async (t) => {
  const token: AccessToken = { token: "a-token-of-the-far-hub", accounts: "all", may: "read" };
  const far = await socketHub(t, { tokens: [token] });
  far.upstream.event(encodeEvent(walletEvent(1, "BNB", "7")));
  const near = await socketHub(t, { account: "other" });
  await near.hub.add("demo", following(far, token.token));
  await eventually("it is there", async () => (await shownBy(near)) !== 503);
  far.access.renew([{ ...token, token: "another-token-of-it" }]);
  far.server.recheck();
  const health = () => near.hub.account("demo")?.health;
  await eventually("it waits", () => health()?.phase === "waiting");
  assert.match(health()?.trouble ?? "", /401/);
  assert.deepEqual(await shownBy(near), [1, { BNB: "7" }]);
});

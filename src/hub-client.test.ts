/** The SDK's client of a hub, on real sockets: hub, stream and paper venue behind it. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ms } from "../test/account-news.ts";
import { eventually } from "../test/eventually.ts";
import { hubWorld, transfer } from "../test/hub-world.ts";
import { InventedUpstream } from "../test/invented-upstream.ts";
import type { AccountRecord } from "./account/record.ts";
import { Access } from "./hub/access.ts";
import { HubServer } from "./hub/io/hub-server.ts";
import { tokenDigest } from "./hub/io/token-digest.ts";
import { REQUESTS_PER_SECOND, RequestRate } from "./hub/request-rate.ts";
import { HubClient, type HubClientOptions } from "./hub-client.ts";
import { systemClock } from "./kernel/io/system-clock.ts";

function client(t: TestContext, options: HubClientOptions): HubClient {
  const made = new HubClient(options);
  t.after(() => made.stop());
  return made;
}

test("the account is there when it has started, and follows every record", async (t) => {
  const running = await hubWorld(t);
  const hub = client(t, { url: running.url, account: "demo" });
  await hub.start();
  const own = running.hub.account("demo")?.feed?.snapshot;
  assert.deepEqual([...hub.account.balances], [...(own?.view.balances ?? [])]);
  await transfer(running);
  await eventually("the transfer", () => hub.account.balance("USDT")?.wallet === "10001");
  const health = (await hub.accountHealth()) as { phase: string };
  assert.deepEqual([health.phase, hub.health.live], ["following", true]);
});

test("L1 records are told once each, whatever happens to the sockets and to the hub's server", async (t) => {
  const running = await hubWorld(t);
  const invented = new InventedUpstream("storm");
  const account = await running.hub.add("storm", invented.make);
  invented.record({ kind: "status", status: "synced", since: ms(1) });
  // A server of its own, which goes away and comes back on the same port, in front of the same hub.
  const start = async (port: number) => {
    const access = new Access([], tokenDigest, systemClock);
    const rate = new RequestRate(REQUESTS_PER_SECOND, systemClock);
    const server = new HubServer({ hub: running.hub, access, rate, version: "0.0.0" });
    return { server, ...(await server.listen("127.0.0.1", port)) };
  };
  let front = await start(0);
  t.after(() => front.server.close());
  const hub = client(t, { url: front.url, account: "storm", since: 0 });
  const seqs: number[] = [];
  hub.on("record", ({ seq }) => seqs.push(seq));
  await hub.start();
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 50; i++) {
      invented.tell(100);
      if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const { port } = front;
    const closing = front.server.close();
    invented.tell();
    await closing;
    front = await start(port);
  }
  await eventually("all", () => seqs.at(-1) === invented.seq);
  assert.deepEqual(
    seqs,
    Array.from({ length: invented.seq }, (_, index) => index + 1),
  );
  assert.ok(hub.health.dials > 1);
  assert.equal(account.feed?.lastSeq, invented.seq);
});

test("records are pulled from a cursor on, typed and whole, and a gap shows at both ends", async (t) => {
  const running = await hubWorld(t);
  const hub = client(t, { url: running.url, account: "demo", since: 0 });
  const reader = hub.records();
  await hub.start();
  await transfer(running);
  running.venue.cutSockets();
  const records: AccountRecord[] = [];
  for await (const record of reader) {
    records.push(record);
    if (record.kind === "status" && record.status === "synced" && records.some(({ kind }) => kind === "gap")) break;
  }
  assert.deepEqual(
    records.map(({ seq }) => seq),
    records.map((_, index) => index + 1),
  );
  const told = records.find(({ kind }) => kind === "event");
  assert.ok(told?.kind === "event" && told.origin === "stream");
  assert.equal(told.event.e, "ACCOUNT_UPDATE");
  assert.ok(told.raw.startsWith('{"e":"ACCOUNT_UPDATE"'));
});

test("a wrong token, a wrong account and a wrong cursor end the start, each with its reason", async (t) => {
  const { url } = await hubWorld(t, { tokens: [{ token: "reader-0123456789", accounts: "all", may: "read" }] });
  const token = "reader-0123456789";
  const rows: [options: HubClientOptions, error: object][] = [
    [
      { url, account: "demo" },
      { name: "HubRefused", status: 401 },
    ],
    [
      { url, account: "demo", token: "wrong-0123456789" },
      { name: "HubRefused", status: 401 },
    ],
    [
      { url, account: "nobody", token },
      { name: "HubRefused", status: 404 },
    ],
    [
      { url, account: "demo", token, since: 999 },
      { name: "CursorLost", since: 999 },
    ],
  ];
  for (const [options, error] of rows) await assert.rejects(client(t, options).start(), error);
  await client(t, { url, account: "demo", token }).start();
});

test("stopping ends readers, and a client that is aborted does not start", async (t) => {
  const running = await hubWorld(t);
  const hub = client(t, { url: running.url, account: "demo" });
  await hub.start();
  const reader = hub.records();
  hub.stop();
  assert.deepEqual(await reader.next(), { done: true, value: undefined });
  const aborted = client(t, { url: running.url, account: "demo", signal: AbortSignal.abort() });
  await assert.rejects(aborted.start(), { name: "UsageError" });
  const never = client(t, { url: running.url, account: "demo" });
  never.stop();
  for (const over of [hub, never]) await assert.rejects(over.start(), { name: "UsageError" });
});

for (const [options, message] of [
  [{ url: "127.0.0.1:9780", account: "demo" }, /^url: expected the URL of a hub/],
  [{ url: "http://h", account: "" }, /^account: expected a name/],
  [{ url: "http://h", account: "a", since: -1 }, /^since: expected a whole number/],
  [{ url: "http://h", account: "a", events: ["A,B"] }, /^events: expected names/],
  [{ url: "http://h", account: "a", token: "a b" }, /^token: expected a token without blanks/],
] as const) {
  test(`a wrong option is refused: ${message}`, () => {
    assert.throws(() => new HubClient(options), { name: "UsageError", message });
  });
}

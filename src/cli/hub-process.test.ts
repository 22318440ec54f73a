/** Hubs as processes run them, in this one: what follows what. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { WebSocket } from "ws";
import { eventually } from "../../test/eventually.ts";
import { KeptLog } from "../../test/fake-world.ts";
import { hubWorld, paperUpstream, transfer } from "../../test/hub-world.ts";
import { MemoryJournal } from "../hub/memory-journal.ts";
import { HubClient } from "../hub-client.ts";
import { hmacSigner } from "../rest/io/signers.ts";
import { DEMO_ACCOUNT } from "../venue/index.ts";
import { type AccountConfig, type BotConfig, defaultConfig, type HubConfig, parseAccount } from "./hub-config.ts";
import { type RunningHub, startHub } from "./hub-process.ts";

async function hubOf(
  t: TestContext,
  accounts: readonly (readonly [string, AccountConfig])[] = [...defaultConfig(DEMO_ACCOUNT).accounts],
  more: Partial<HubConfig> = {},
): Promise<RunningHub> {
  const isOnPaper = accounts.every(([, { on }]) => on === "paper");
  const data = isOnPaper ? undefined : mkdtempSync(join(tmpdir(), "listenkey-"));
  const config = { ...defaultConfig(DEMO_ACCOUNT), accounts: new Map(accounts), ...more };
  const running = await startHub({
    config,
    reread: () => config,
    host: "127.0.0.1",
    port: 0,
    data,
    version: "0.0.0",
    log: new KeptLog(),
    paper: { seed: 1 },
  });
  t.after(async () => {
    await running.close();
    if (data !== undefined) rmSync(data, { recursive: true });
  });
  return running;
}

async function lines({ url }: RunningHub): Promise<string> {
  const headers = { accept: "application/x-ndjson" };
  return (await fetch(`${url}/v1/accounts/demo/records?since=0&limit=1000`, { headers })).text();
}

test("a hub follows another hub: the same records under the same numbers, byte for byte", async (t) => {
  const near = await hubOf(t);
  await eventually("in sync", () => near.hub.isReady);
  const account: AccountConfig = { on: "hub", url: near.url, account: "demo", token: undefined, calls: undefined };
  const far = await hubOf(t, [["demo", account]]);
  const client = new HubClient({ url: far.url, account: "demo", since: 0 });
  t.after(() => client.stop());
  const seqs: number[] = [];
  client.on("record", ({ seq }) => seqs.push(seq));
  await client.start();
  for (let i = 0; i < 20; i++) {
    const body = JSON.stringify({ asset: "USDT", amount: "1" });
    await fetch(`${near.url}/v1/paper/accounts/demo/transfer`, { method: "POST", body });
  }
  near.venue?.cutSockets();
  await eventually("the gap, and in sync again", () => (near.hub.account("demo")?.feed?.lastSeq ?? 0) >= 25);
  await eventually("the far end", () => seqs.at(-1) === near.hub.account("demo")?.feed?.lastSeq);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => index + 1),
  );
  assert.equal(await lines(far), await lines(near));
  await eventually("the account", () => client.account.balance("USDT")?.wallet === "10020");
});

test("a hub that comes late begins with the records the other still has, and shows the account as it is", async (t) => {
  const near = await hubWorld(t, { journal: new MemoryJournal(5) });
  for (let i = 0; i < 12; i++) await transfer(near);
  const kept = async () => (await near.hub.account("demo")?.extent()) ?? assert.fail("no account");
  await eventually("some are gone", async () => (await kept()).firstSeq > 1);
  // What is gone from the journal is in memory for as long as the account is followed.
  await near.hub.remove("demo");
  await near.hub.add("demo", paperUpstream(near.venue));
  await eventually("in sync", () => near.hub.isReady);
  const account: AccountConfig = { on: "hub", url: near.url, account: "demo", token: undefined, calls: undefined };
  const far = await hubOf(t, [["demo", account]]);
  await eventually("all there is", async () => far.hub.account("demo")?.feed?.lastSeq === (await kept()).lastSeq);
  assert.deepEqual(await far.hub.account("demo")?.extent(), await kept());
  const { firstSeq } = await kept();
  const page = async ({ url }: { readonly url: string }, since: number) => {
    const answer = await fetch(`${url}/v1/accounts/demo/records?since=${since}`);
    return [answer.status, await answer.text()];
  };
  assert.equal((await page(far, firstSeq - 2))[0], 410);
  assert.deepEqual(await page(far, firstSeq - 1), await page(near, firstSeq - 1));
  await eventually("ready", () => far.hub.isReady);
  const holds = async ({ url }: { readonly url: string }) => {
    const found = (await (await fetch(`${url}/v1/accounts/demo`)).json()) as Record<string, unknown>;
    return [found.asOfSeq, found.balances, found.positions];
  };
  await eventually("the same", async () => isDeepStrictEqual(await holds(far), await holds(near)));
});

test("two accounts of one venue are followed side by side, and one that is refused disturbs no other", async (t) => {
  const wrong: AccountConfig = { on: "paper", apiKey: "no-such-key", apiSecret: "no-such-secret" };
  const running = await hubOf(t, [...defaultConfig(DEMO_ACCOUNT).accounts, ["wrong", wrong]]);
  await eventually("the one", () => running.hub.account("demo")?.isReady === true);
  await eventually("the other", () => running.hub.account("wrong")?.health.phase === "waiting");
  assert.match(running.hub.account("wrong")?.health.trouble ?? "", /Invalid API-key/);
  assert.equal((await fetch(`${running.url}/readyz`)).status, 503);
  const ask = async (path: string) => (await fetch(`${running.url}/v1/accounts${path}`)).json();
  const { accounts } = (await ask("")) as { accounts: { id: string; paper?: string }[] };
  assert.deepEqual(
    accounts.map(({ id, paper }) => [id, paper]),
    [
      ["demo", "demo"],
      ["wrong", undefined],
    ],
    "what the paper venue calls them",
  );
  assert.deepEqual(((await ask("/demo/health")) as { margin: object }).margin, {});
  const { margin } = (await ask("/wrong/health")) as { margin: { trouble?: string } };
  assert.match(margin.trouble ?? "", /an account that is followed/);
});

test("a bot's key outlives the hub, and its stream goes on with it", async (t) => {
  const venue = await hubOf(t);
  await eventually("in sync", () => venue.hub.isReady);
  const environment = { rest: venue.url, stream: venue.url.replace("http", "ws") };
  const { apiKey, apiSecret } = DEMO_ACCOUNT;
  const accounts = new Map([["demo", { on: "exchange", options: { apiKey, apiSecret, environment } } as const]]);
  const bot = { name: "bot", account: "demo", apiKey: "bot-0123456789abcdef", credential: undefined } as const;
  const bots = [{ ...bot, may: "read", policy: "disconnect", queueEntries: 100 } as const];
  const config = { ...defaultConfig(DEMO_ACCOUNT), accounts, bots };
  const data = mkdtempSync(join(tmpdir(), "listenkey-"));
  t.after(() => rmSync(data, { recursive: true }));
  const open = async () => {
    const log = new KeptLog();
    const place = { host: "127.0.0.1", port: 0, data, version: "0.0.0" };
    const hub = await startHub({ ...place, config, reread: () => config, log, paper: {} });
    t.after(() => hub.close());
    await eventually("in sync", () => hub.hub.isReady);
    return hub;
  };
  const before = await open();
  const asked = await fetch(`${before.url}/fapi/v1/listenKey`, {
    method: "POST",
    headers: { "X-MBX-APIKEY": bot.apiKey },
  });
  const { listenKey } = (await asked.json()) as { listenKey: string };
  await before.close();
  const after = await open();
  const ws = new WebSocket(`${after.url.replace("http", "ws")}/private/ws/${listenKey}`);
  t.after(() => ws.terminate());
  const texts: string[] = [];
  ws.on("message", (text) => texts.push(String(text)));
  await once(ws, "open");
  const body = JSON.stringify({ asset: "USDT", amount: "1" });
  await fetch(`${venue.url}/v1/paper/accounts/demo/transfer`, { method: "POST", body });
  await eventually("the event", () => texts.some((text) => text.includes("ACCOUNT_UPDATE")));
});

test("a bot trades and listens through two hubs before the paper venue, by a pair and a key of its own", async (t) => {
  const near = await hubOf(t, undefined, { botsPort: 0 });
  const { apiKey, apiSecret } = DEMO_ACCOUNT;
  const link = { hub: near.botsUrl, account: "demo", apiKey: { value: apiKey }, apiSecret: { value: apiSecret } };
  const secret = "secret-of-the-bot";
  const bot: BotConfig = {
    name: "grid",
    account: "demo",
    apiKey: "grid-0123456789abcdef",
    may: "trade",
    credential: { keyType: "HMAC", secret },
    policy: "disconnect",
    queueEntries: 100,
  };
  const far = await hubOf(t, [["demo", parseAccount("demo", link, {})]], { bots: [bot] });
  await eventually("in sync", () => near.hub.isReady && far.hub.isReady);
  const call = async (method: string, path: string, query = "") => {
    const headers = { "X-MBX-APIKEY": bot.apiKey };
    const response = await fetch(`${far.botsUrl}${path}${query === "" ? "" : `?${query}`}`, { method, headers });
    return (await response.json()) as { listenKey?: string; status?: string };
  };
  const { listenKey } = await call("POST", "/fapi/v1/listenKey");
  const heard: string[] = [];
  const sockets: WebSocket[] = [];
  for (const path of [`/private/ws/${listenKey}`, "/market/ws/btcusdt@markPrice@1s"]) {
    const ws = new WebSocket(`${far.botsUrl?.replace("http", "ws")}${path}`);
    t.after(() => ws.terminate());
    sockets.push(ws);
    ws.on("message", (data) => heard.push(String(data)));
    await once(ws, "open");
  }
  const order = `symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010&timestamp=${Date.now()}`;
  const placed = await call("POST", "/fapi/v1/order", `${order}&signature=${hmacSigner(secret).sign(order)}`);
  assert.equal(placed.status, "NEW");
  await eventually("the fill", () => heard.some((text) => text.includes('"X":"FILLED"')));
  await eventually("the market", () => heard.some((text) => text.startsWith('{"e":"markPriceUpdate"')));
  assert.deepEqual(await call("DELETE", "/fapi/v1/listenKey"), {});
  assert.ok(near.hub.isReady);
  await fetch(`${far.url}/v1/accounts/demo`, { method: "DELETE" });
  await eventually("the market is over", () => sockets.at(-1)?.readyState === WebSocket.CLOSED);
});

/** Hubs as processes run them, in this one: what follows what. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { eventually } from "../../test/eventually.ts";
import { KeptLog } from "../../test/fake-world.ts";
import { HubClient } from "../hub-client.ts";
import { DEMO_ACCOUNT } from "../venue/index.ts";
import { type AccountConfig, defaultConfig } from "./hub-config.ts";
import { type RunningHub, startHub } from "./hub-process.ts";

async function hubOf(
  t: TestContext,
  accounts: readonly (readonly [string, AccountConfig])[] = [...defaultConfig(DEMO_ACCOUNT).accounts],
): Promise<RunningHub> {
  const isOnPaper = accounts.every(([, { on }]) => on === "paper");
  const data = isOnPaper ? undefined : mkdtempSync(join(tmpdir(), "listenkey-"));
  const config = { ...defaultConfig(DEMO_ACCOUNT), accounts: new Map(accounts) };
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
  const account: AccountConfig = { on: "hub", url: near.url, account: "demo", token: undefined };
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

test("two accounts of one venue are followed side by side, and one that is refused disturbs no other", async (t) => {
  const wrong: AccountConfig = { on: "paper", apiKey: "no-such-key", apiSecret: "no-such-secret" };
  const running = await hubOf(t, [...defaultConfig(DEMO_ACCOUNT).accounts, ["wrong", wrong]]);
  await eventually("the one", () => running.hub.account("demo")?.isReady === true);
  await eventually("the other", () => running.hub.account("wrong")?.health.phase === "waiting");
  assert.match(running.hub.account("wrong")?.health.trouble ?? "", /Invalid API-key/);
  assert.equal((await fetch(`${running.url}/readyz`)).status, 503);
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

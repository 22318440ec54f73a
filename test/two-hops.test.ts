/** Bots on a hub in front of a venue, on real sockets: what they send arrives, and what happens is heard. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import type { BotConfig } from "../src/cli/hub-config.ts";
import { wsPayload } from "../src/protocol/signing.ts";
import { hmacSigner, privateKeySigner } from "../src/rest/io/signers.ts";
import { eventually } from "./eventually.ts";
import { type HopAccount, startTwoHops, type TwoHops } from "./two-hops.ts";

const BOT = { account: "desk", policy: "disconnect", queueEntries: 5_000 } as const;
const PAIR = { apiKey: "grid-0123456789abcdef", apiSecret: "grid0secret0that0nobody0ever0sees" };

interface World extends TwoHops {
  /** The account's own pair. */
  readonly own: HopAccount;
}

/** Two bots on one account: `own` has a key of the exchange, `grid` has a pair of the hub's. */
async function world(t: TestContext, may: "read" | "trade" = "trade"): Promise<World> {
  const accounts: HopAccount[] = [];
  const credential = { keyType: "HMAC", secret: PAIR.apiSecret } as const;
  const bots: BotConfig[] = [{ ...BOT, name: "grid", apiKey: PAIR.apiKey, credential, may }];
  const hops = await startTwoHops({
    accounts: async ({ url }) => {
      const body = JSON.stringify({ name: "desk", balances: { USDT: "10000" } });
      const made = await fetch(`${url}/v1/paper/accounts`, { method: "POST", body });
      accounts.push((await made.json()) as HopAccount);
      const [own] = accounts;
      if (own !== undefined)
        bots.push({ ...BOT, name: "own", apiKey: own.apiKey, credential: undefined, may: "trade" });
      return accounts;
    },
    bots,
    timing: { restLagMaxMs: 300, seamMs: 20, deafAfterMs: 100 },
  });
  t.after(() => hops.close());
  const [own] = accounts;
  assert.ok(own !== undefined);
  return { ...hops, own };
}

type Pair = Pick<HopAccount, "apiKey" | "apiSecret">;

async function call(url: string, pair: Pair, method: string, path: string, query = ""): Promise<Response> {
  const payload = `${query}${query === "" ? "" : "&"}timestamp=${Date.now()}`;
  const signature = hmacSigner(pair.apiSecret).sign(payload);
  return fetch(`${url}${path}?${payload}&signature=${signature}`, { method, headers: { "X-MBX-APIKEY": pair.apiKey } });
}

function order(url: string, pair: Pair, id: string): Promise<Response> {
  const query = `symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=${id}`;
  return call(url, pair, "POST", "/fapi/v1/order", query);
}

async function key(url: string, { apiKey }: Pair, method: string): Promise<unknown> {
  const response = await fetch(`${url}/fapi/v1/listenKey`, { method, headers: { "X-MBX-APIKEY": apiKey } });
  const { listenKey, code } = (await response.json()) as { listenKey?: string; code?: number };
  return listenKey ?? code;
}

async function listen(t: TestContext, wsUrl: string, path: string): Promise<string[]> {
  const ws = new WebSocket(wsUrl + path);
  t.after(() => ws.terminate());
  const texts: string[] = [];
  ws.on("message", (data) => texts.push(String(data)));
  await once(ws, "open");
  return texts;
}

test("a bot with a key of the exchange and one with a pair of the hub trade, and hear the venue's bytes", async (t) => {
  const running = await world(t);
  const { url, wsUrl, own, venue } = running;
  const direct = await listen(t, venue.wsUrl, `/private/ws/${await key(venue.url, own, "POST")}`);
  const heard: string[][] = [];
  for (const pair of [own, PAIR]) heard.push(await listen(t, wsUrl, `/private/ws/${await key(url, pair, "POST")}`));
  const placed = [await order(url, own, "by-own"), await order(url, PAIR, "by-pair")];
  for (const response of placed) {
    assert.equal(response.status, 200);
    assert.match(response.headers.get("x-mbx-used-weight-1m") ?? "", /^\d+$/);
    assert.match(response.headers.get("x-mbx-order-count-10s") ?? "", /^\d+$/);
  }
  const isWhole = (texts: string[]) => texts.filter((text) => text.includes('"X":"FILLED"')).length === 2;
  await eventually("all hear both orders", () => [direct, ...heard].every(isWhole));
  await eventually("the last one", () => heard.every(({ length }) => length === direct.length));
  for (const texts of heard) assert.deepEqual(texts, direct);
});

test("what a bot does to its key touches neither the hub's nor the other bot's", async (t) => {
  const { url, wsUrl, own, venue, hub } = await world(t);
  const texts = await listen(t, wsUrl, `/private/ws/${await key(url, PAIR, "POST")}`);
  await key(url, own, "POST");
  assert.equal(await key(url, own, "DELETE"), undefined);
  assert.equal(await key(url, own, "PUT"), -1125);
  assert.match(String(await key(url, PAIR, "PUT")), /^\w{64}$/);
  await order(venue.url, own, "elsewhere");
  await eventually("the order is heard", () => texts.some((text) => text.includes("elsewhere")));
  assert.ok(hub.isReady);
});

test("what was missed upstream reaches bots as soon as a repair has found it", async (t) => {
  const { url, wsUrl, own, venue, hub } = await world(t);
  const texts = await listen(t, wsUrl, `/private/ws/${await key(url, PAIR, "POST")}`);
  await eventually("all is proven", () => hub.account("desk")?.health.upstream?.completeUpTo !== undefined);
  const cut = await fetch(`${venue.url}/v1/paper/faults`, {
    method: "POST",
    body: JSON.stringify({ type: "silence", account: own.id }),
  });
  assert.equal(cut.status, 200);
  await order(venue.url, own, "missed");
  await fetch(`${venue.url}/v1/paper/faults`, { method: "DELETE" });
  venue.cutSockets();
  const fills = () => texts.filter((text) => text.includes('"c":"missed"') && text.includes('"X":"FILLED"'));
  await eventually("it is found", () => fills().length > 0);
  const { e, o } = JSON.parse(fills()[0] ?? "") as { e: string; o: { s: string; i: string | number } };
  assert.deepEqual([e, o.s], ["ORDER_TRADE_UPDATE", "BTCUSDT"]);
});

test("over the WS API both kinds of bots are answered by the venue, under the ids they gave", async (t) => {
  const { wsUrl, own } = await world(t);
  const ws = new WebSocket(`${wsUrl}/ws-fapi/v1`);
  t.after(() => ws.terminate());
  const answers = new Map<string, Record<string, unknown>>();
  ws.on("message", (data) => {
    const answer = JSON.parse(String(data)) as Record<string, unknown>;
    answers.set(String(answer.id), answer);
  });
  await once(ws, "open");
  const ask = (id: string, pair: Pair, method: string, params: object) => {
    const all = { ...params, apiKey: pair.apiKey, timestamp: Date.now() };
    const given = new Map(Object.entries(all).map(([name, value]) => [name, String(value)]));
    const signature = hmacSigner(pair.apiSecret).sign(wsPayload(given));
    ws.send(JSON.stringify({ id, method, params: { ...all, signature } }));
  };
  const trade = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010" };
  ask("1", own, "order.place", { ...trade, newClientOrderId: "ws-own" });
  ask("2", PAIR, "order.place", { ...trade, newClientOrderId: "ws-pair", recvWindow: 5000 });
  ask("3", PAIR, "order.cancel", { symbol: "BTCUSDT", orderId: 1, returnRateLimits: false });
  ask("4", { ...PAIR, apiSecret: "wrong" }, "v2/account.status", {});
  ws.send('{"id":"5","method":"ticker.price","params":{"symbol":"BTCUSDT"}}');
  ask("6", PAIR, "no.such", {});
  await eventually("all are answered", () => answers.size === 6);
  const result = (id: string) => answers.get(id)?.result as Record<string, unknown> | undefined;
  const code = (id: string) => (answers.get(id)?.error as { code: number } | undefined)?.code;
  assert.deepEqual([result("1")?.clientOrderId, result("2")?.clientOrderId], ["ws-own", "ws-pair"]);
  assert.deepEqual([code("3"), code("4"), code("6")], [-2011, -1022, -5000]);
  assert.ok("rateLimits" in (answers.get("1") ?? {}));
  assert.ok(!("rateLimits" in (answers.get("3") ?? {})));
  assert.equal(result("5")?.symbol, "BTCUSDT");
});

test("L9 a bot that may read does not trade, and no secret is in any log or answer", async (t) => {
  const { url, own, log } = await world(t, "read");
  const answers = [
    await order(url, PAIR, "no"),
    await call(url, PAIR, "GET", "/fapi/v3/balance"),
    await call(url, { ...PAIR, apiSecret: "wrong" }, "GET", "/fapi/v3/balance"),
    await call(url, { ...PAIR, apiKey: "stranger-0123456789" }, "GET", "/fapi/v3/balance"),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [401, 200, 400, 401],
  );
  const bodies = await Promise.all(answers.map((response) => response.text()));
  const health = await (await fetch(`${url}/v1/accounts/desk/health`)).text();
  const seen = [...bodies, health, ...log.lines].join("\n");
  for (const secret of [PAIR.apiKey, PAIR.apiSecret, own.apiKey, own.apiSecret]) assert.ok(!seen.includes(secret));
});

test("a bot with an Ed25519 key logs on to the WS API once, and signs nothing more", async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const { apiKey } = PAIR;
  const bot = {
    ...BOT,
    name: "logs-on",
    account: "demo",
    apiKey,
    credential: { publicKey: pem },
    may: "trade",
  } as const;
  const hops = await startTwoHops({ bots: [bot] });
  t.after(() => hops.close());
  const ws = new WebSocket(`${hops.wsUrl}/ws-fapi/v1?returnRateLimits=false`);
  t.after(() => ws.terminate());
  const answers: Record<string, unknown>[] = [];
  ws.on("message", (data) => answers.push(JSON.parse(String(data)) as Record<string, unknown>));
  await once(ws, "open");
  const ask = async (method: string, params: object) => {
    const count = answers.length;
    ws.send(JSON.stringify({ id: count, method, params }));
    await eventually("the answer", () => answers.length > count);
    return answers.at(-1) as { id: number; status: number; result: Record<string, unknown> };
  };
  const shown = { apiKey, timestamp: Date.now() };
  const payload = wsPayload(new Map(Object.entries(shown).map(([name, value]) => [name, String(value)])));
  const signer = privateKeySigner(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const logon = await ask("session.logon", { ...shown, signature: signer.sign(payload) });
  assert.deepEqual([logon.status, logon.result.apiKey], [200, apiKey]);
  const order = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010", newClientOrderId: "logged-on" };
  const placed = await ask("order.place", { ...order, timestamp: Date.now() });
  assert.deepEqual([placed.status, placed.result.clientOrderId], [200, "logged-on"]);
  assert.match(String((await ask("userDataStream.start", {})).result.listenKey), /^\w{64}$/);
});

test("bots that listen to one market stream share it; what the hub cannot relay, it refuses in words", async (t) => {
  const { wsUrl, venue } = await world(t);
  const texts = [
    await listen(t, wsUrl, "/market/ws/btcusdt@markPrice@1s"),
    await listen(t, wsUrl, "/market/stream?streams=btcusdt@markPrice@1s"),
    await listen(t, venue.wsUrl, "/market/ws/btcusdt@markPrice@1s"),
  ];
  await eventually("all hear it", () => texts.every(({ length }) => length >= 1));
  const [[raw = ""] = [], [wrapped = ""] = [], direct = []] = texts;
  await eventually("the venue told the same", () => direct.includes(raw));
  assert.match(wrapped, /^\{"stream":"btcusdt@markPrice@1s","data":\{"e":"markPriceUpdate",/);
  const bad = new WebSocket(`${wsUrl}/market/ws/a%20b@trade`);
  bad.on("error", () => {});
  const [, answer] = (await once(bad, "unexpected-response")) as [
    unknown,
    AsyncIterable<Buffer> & { statusCode: number },
  ];
  assert.equal(answer.statusCode, 400);
  for await (const body of answer)
    assert.match(String(body), /^\{"code":-1020,"msg":"a market stream has another name"/);
});

test("without pass-through for everybody, market streams are refused, and listenKeys are not", async (t) => {
  const hops = await startTwoHops({ passThrough: "bots" });
  t.after(() => hops.close());
  const ws = new WebSocket(`${hops.wsUrl}/private/ws`);
  t.after(() => ws.terminate());
  await once(ws, "open");
  ws.send('{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":7}');
  assert.match(
    String((await once(ws, "message"))[0]),
    /"msg":"Invalid request: market streams are relayed with .*"id":7/,
  );
  ws.send('{"method":"SUBSCRIBE","params":["someKey"],"id":8}');
  assert.equal(String((await once(ws, "message"))[0]), '{"result":null,"id":8}');
});

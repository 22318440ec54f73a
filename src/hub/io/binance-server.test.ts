/** The Binance face of the hub on real sockets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { apiKeyOf, botSetting } from "../../../test/bot-world.ts";
import { eventually } from "../../../test/eventually.ts";
import { type SocketHub, socketHub } from "../../../test/socket-hub.ts";
import { nodeVerifier } from "../../face/io/verifiers.ts";
import { systemClock, systemRandom } from "../../kernel/io/system-clock.ts";
import type { Access, AccessToken } from "../access.ts";
import { steadyTime } from "../binance-face.ts";
import { type BotSetting, Bots } from "../bots.ts";
import type { Hub } from "../hub.ts";
import { tokenDigest } from "./token-digest.ts";

const READER: AccessToken = { token: "reader-0123456789", accounts: ["demo"], may: "read" };

function world(t: TestContext, bots: readonly BotSetting[] = [botSetting("a"), botSetting("b")]): Promise<SocketHub> {
  const binance = (hub: Hub, access: Access) => ({
    bots: new Bots(bots, {
      access,
      digest: tokenDigest,
      random: systemRandom,
      accounts: () => hub.accounts.map(({ id }) => id),
    }),
    verifier: nodeVerifier(),
    random: systemRandom,
    clock: systemClock,
    time: steadyTime(systemClock),
  });
  return socketHub(t, { tokens: [READER], binance });
}

async function key({ url }: SocketHub, method: string, apiKey: string): Promise<unknown> {
  const response = await fetch(`${url}/fapi/v1/listenKey`, { method, headers: { "X-MBX-APIKEY": apiKey } });
  const { listenKey, code } = (await response.json()) as { listenKey?: string; code?: number };
  return listenKey ?? code ?? response.status;
}

interface Listener {
  readonly ws: WebSocket;
  readonly texts: string[];
}

async function listen(t: TestContext, url: string): Promise<Listener> {
  const ws = new WebSocket(url);
  t.after(() => ws.terminate());
  const texts: string[] = [];
  ws.on("message", (data) => texts.push(String(data)));
  await once(ws, "open");
  return { ws, texts };
}

test("each bot follows the account by a key of its own, byte for byte; a DELETE touches one of them", async (t) => {
  const running = await world(t);
  const keys = [];
  for (const apiKey of [apiKeyOf("a"), apiKeyOf("b"), READER.token]) keys.push(await key(running, "POST", apiKey));
  assert.equal(new Set(keys).size, 3);
  const [a, b, c] = await Promise.all(
    [`/private/ws/${keys[0]}`, `/private/stream?listenKey=${keys[1]}`, `/ws/${keys[2]}`].map((path) =>
      listen(t, running.wsUrl + path),
    ),
  );
  const raw = '{"e":"INVENTED","i":8389765489680951453,  "q":"0.10","s":"é"}';
  running.upstream.event(raw);
  await eventually("all hear it", () => [a, b, c].every((one) => one?.texts.length === 1));
  assert.deepEqual([a?.texts, b?.texts, c?.texts], [[raw], [`{"stream":"${keys[1]}","data":${raw}}`], [raw]]);
  assert.equal(await key(running, "DELETE", apiKeyOf("a")), 200);
  assert.equal(await key(running, "PUT", apiKeyOf("a")), -1125);
  running.upstream.event(raw);
  await eventually("the others hear it", () => [b, c].every((one) => one?.texts.length === 2));
  assert.deepEqual([a?.texts.length, a?.ws.readyState], [1, WebSocket.OPEN]);
});

test("the WS API keeps the same key, and answers what it does not serve as Binance would", async (t) => {
  const running = await world(t);
  const { ws, texts } = await listen(t, `${running.wsUrl}/ws-fapi/v1?returnRateLimits=false`);
  const ask = async (id: number, method: string) => {
    ws.send(JSON.stringify({ id, method, params: { apiKey: apiKeyOf("a"), symbol: "BTCUSDT" } }));
    await eventually("the answer", () => texts.length === id);
    return JSON.parse(texts.at(-1) ?? "") as { result?: { listenKey?: string }; error?: { code: number } };
  };
  const { result } = await ask(1, "userDataStream.start");
  assert.equal(result?.listenKey, await key(running, "POST", apiKeyOf("a")));
  assert.deepEqual((await ask(2, "userDataStream.stop")).result, {});
  assert.equal((await ask(3, "userDataStream.ping")).error?.code, -1125);
  assert.equal((await ask(4, "depth")).error?.code, -1020);
});

test("what cannot be is refused: strange pages, long bodies, forms of URLs that do not exist", async (t) => {
  const { url, wsUrl } = await world(t);
  const origin = { origin: "https://evil.example" };
  const strange = await fetch(`${url}/fapi/v1/ping`, { headers: origin });
  assert.deepEqual([strange.status, ((await strange.json()) as { code: number }).code], [403, -1002]);
  const long = await fetch(`${url}/fapi/v1/listenKey`, { method: "POST", body: "x".repeat(1024 * 1024) });
  assert.equal(long.status, 413);
  assert.deepEqual(await (await fetch(`${url}/fapi/v1/ping`)).json(), {});
  assert.equal((await fetch(`${url}/fapi/v1/nothing`)).status, 404);
  const refusals: [path: string, headers: Record<string, string>, status: number][] = [
    ["/private/ws/x", origin, 403],
    ["/ws/", {}, 400],
    ["/stream/name", {}, 400],
    ["/private/nothing", {}, 404],
  ];
  for (const [path, headers, status] of refusals) {
    const ws = new WebSocket(wsUrl + path, { headers });
    ws.on("error", () => {});
    assert.equal((await once(ws, "unexpected-response"))[1].statusCode, status, path);
  }
});

test("L7 one frozen bot among ten is closed, and the others get everything", async (t) => {
  const names = Array.from({ length: 10 }, (_, index) => `bot${index}`);
  const running = await world(
    t,
    names.map((name) => botSetting(name, { queueEntries: 500 })),
  );
  const open = async (name: string) => {
    const listenKey = await key(running, "POST", apiKeyOf(name));
    return listen(t, `${running.wsUrl}/private/ws/${listenKey}`);
  };
  const [frozen, ...others] = await Promise.all(names.map(open));
  frozen?.ws.pause();
  let toldCount = 0;
  while (running.hub.consumerCount === names.length) {
    assert.ok(toldCount < 20_000, "the frozen one is sent away");
    for (let i = 0; i < 100; i++) running.upstream.tell(4_000);
    toldCount += 100;
    await eventually("the others have it all", () => others.every(({ texts }) => texts.length === toldCount));
  }
  const closed = frozen && once(frozen.ws, "close");
  frozen?.ws.resume();
  const [code] = (await closed) ?? [];
  assert.ok(code === 1008 || code === 1006, `${code}`);
  assert.ok(others.every(({ ws }) => ws.readyState === WebSocket.OPEN));
});

test("when the hub stops every socket is told, and no handle is left", async (t) => {
  const running = await world(t);
  const listenKey = await key(running, "POST", apiKeyOf("a"));
  const paths = [`/private/ws/${listenKey}`, "/market/ws", "/ws-fapi/v1"];
  const sockets = await Promise.all(paths.map((path) => listen(t, running.wsUrl + path)));
  const closed = sockets.map(({ ws }) => once(ws, "close"));
  await running.close();
  assert.deepEqual(
    (await Promise.all(closed)).map(([code]) => code),
    [1001, 1001, 1001],
  );
});

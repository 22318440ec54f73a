/** The paper venue as a client meets it: real HTTP, real websockets, on a port of this machine. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { decodeEvent, isKnownEvent, type UserDataEvent } from "../protocol/user-data-event.ts";
import { startPaperVenue } from "./index.ts";

const DEADLINE_MS = 10_000;
const MINUTE_MS = 60_000;

test("an order placed by signed REST comes back as events, raw and combined, to every socket of the key", async (t) => {
  const client = await openClient(t);
  const key = await client.listenKey();
  const raw = await client.stream(`/private/ws/${key}`);
  const legacy = await client.stream(`/ws/${key}`);
  const combined = await client.stream(`/private/stream?streams=${key}`);
  const subscribed = await client.stream("/private/stream?streams=");
  subscribed.send({ method: "SUBSCRIBE", params: [key], id: "2c9f7e0f8a6b4d1e9c3f5a7b8d0e1f2a" });
  assert.equal(await subscribed.next(), '{"result":null,"id":"2c9f7e0f8a6b4d1e9c3f5a7b8d0e1f2a"}');

  const order = await client.signed("POST", "/fapi/v1/order", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.100");
  const orderId = /"orderId":(\d+)/.exec(order)?.[1];
  const frames = await raw.until((event) => nameOf(event) === "ORDER_TRADE_UPDATE FILLED");
  const events = frames.map((frame) => decodeEvent(frame));
  const statuses = events.map(nameOf).filter((name) => name.startsWith("ORDER_TRADE_UPDATE"));
  assert.equal(statuses[0], "ORDER_TRADE_UPDATE NEW");
  assert.ok(events.some((event) => isKnownEvent(event) && event.e === "ORDER_TRADE_UPDATE" && event.o.i === orderId));
  for (const socket of [legacy, combined, subscribed]) {
    for (const frame of frames) {
      const isWrapped = socket !== legacy;
      assert.equal(await socket.next(), isWrapped ? `{"stream":"${key}","data":${frame}}` : frame);
    }
  }
});

test("events= lets through what it names and nothing else", async (t) => {
  const client = await openClient(t);
  const key = await client.listenKey();
  const all = await client.stream(`/private/ws?listenKey=${key}`);
  const some = await client.stream(`/private/ws?listenKey=${key}&events=ACCOUNT_UPDATE/NO_SUCH_EVENT`);
  await client.signed("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010");
  const frames = await all.until((event) => event.e === "ACCOUNT_UPDATE");
  assert.ok(frames.length > 1);
  assert.equal(await some.next(), frames.at(-1));
});

test("61 minutes later the key has expired: told once to each socket that lets it through, then silence", async (t) => {
  const client = await openClient(t);
  const key = await client.listenKey();
  const raw = await client.stream(`/private/ws/${key}`);
  const filtered = await client.stream(`/private/ws?listenKey=${key}&events=ORDER_TRADE_UPDATE`);
  await client.advance(61 * MINUTE_MS);
  const expired = JSON.parse(await raw.next());
  assert.deepEqual(expired, { e: "listenKeyExpired", E: expired.E, listenKey: key });
  assert.ok(Number.isSafeInteger(expired.E));

  const renewed = await client.call("PUT", "/fapi/v1/listenKey");
  assert.equal(renewed.status, 400);
  assert.equal(JSON.parse(renewed.body).code, -1125);
  const next = await client.listenKey();
  assert.notEqual(next, key);

  const dead = await client.stream(`/private/ws/${key}`);
  const unknown = await client.stream(`/private/ws/${"x".repeat(64)}`);
  const living = await client.stream(`/private/ws/${next}`);
  await client.signed("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010");
  await living.until((event) => event.e === "ACCOUNT_UPDATE");
  for (const silent of [raw, filtered, dead, unknown]) {
    assert.deepEqual(silent.waiting, []);
    assert.equal(silent.ws.readyState, WebSocket.OPEN);
  }
});

test("a key that was extended in time lives on, and POST returns the same one", async (t) => {
  const client = await openClient(t);
  const key = await client.listenKey();
  await client.advance(59 * MINUTE_MS);
  assert.deepEqual(JSON.parse((await client.call("PUT", "/fapi/v1/listenKey")).body), { listenKey: key });
  await client.advance(59 * MINUTE_MS);
  assert.equal(await client.listenKey(), key);
});

test("DELETE ends the key without a word: the sockets stay open and hear nothing more", async (t) => {
  const client = await openClient(t);
  const key = await client.listenKey();
  const old = await client.stream(`/private/ws/${key}`);
  assert.equal((await client.call("DELETE", "/fapi/v1/listenKey")).body, "{}");
  const living = await client.stream(`/private/ws/${await client.listenKey()}`);
  await client.signed("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010");
  await living.until((event) => event.e === "ACCOUNT_UPDATE");
  await client.advance(61 * MINUTE_MS);
  await living.until((event) => event.e === "listenKeyExpired");
  assert.deepEqual(old.waiting, []);
  assert.equal(old.ws.readyState, WebSocket.OPEN);
});

test("a socket is cut at 24 hours of venue time, and no sooner", async (t) => {
  const client = await openClient(t);
  const key = await client.listenKey();
  const socket = await client.stream(`/private/ws?listenKey=${key}&events=ACCOUNT_UPDATE`);
  await client.advance(24 * 60 * MINUTE_MS - MINUTE_MS);
  assert.equal(socket.ws.readyState, WebSocket.OPEN);
  const closed = once(socket.ws, "close");
  await client.advance(MINUTE_MS);
  assert.equal((await closed)[0], 1001);
});

test("bad stream paths fail the handshake", async (t) => {
  const client = await openClient(t);
  const key = await client.listenKey();
  for (const [path, status] of [
    ["/ws/", 400],
    [`/ws/${key}/`, 400],
    [`/elsewhere/ws/${key}`, 404],
    [`/ws?${key}`, 400],
    ["/", 404],
  ] as const) {
    const ws = new WebSocket(client.wsUrl + path);
    ws.on("error", () => {});
    const [request, response] = await once(ws, "unexpected-response");
    assert.equal(response.statusCode, status, path);
    request.destroy();
  }
});

test("streams of /public and /market open, list what they are asked for, and carry no user event", async (t) => {
  const client = await openClient(t);
  const key = await client.listenKey();
  const heard = await client.stream(`/private/ws/${key}`);
  const sockets = [
    await client.stream("/public/stream?streams="),
    await client.stream(`/market/stream?streams=${key}`),
  ];
  for (const socket of sockets) {
    socket.send({ method: "SUBSCRIBE", params: ["btcusdt@bookTicker", key], id: 1 });
    assert.equal(await socket.next(), '{"result":null,"id":1}');
  }
  await client.signed("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010");
  await heard.until((event) => event.e === "ACCOUNT_UPDATE");
  for (const socket of sockets) {
    for (const text of socket.waiting) assert.match(text, /^\{"stream":"btcusdt@bookTicker","data":\{"e":"bookTicker"/);
  }
});

test("eleven frames within a second cut a socket, and what is not JSON closes it", async (t) => {
  const client = await openClient(t);
  const eager = await client.stream("/private/ws");
  const cut = once(eager.ws, "close");
  for (let id = 0; id < 11; id++) eager.send({ method: "LIST_SUBSCRIPTIONS", id });
  assert.equal((await cut)[0], 1008);
  assert.equal(eager.waiting.length, 10);

  const confused = await client.stream("/private/ws");
  const closed = once(confused.ws, "close");
  confused.ws.send("hello");
  assert.equal(await confused.next(), '{"error":{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"}}');
  assert.equal((await closed)[0], 1008);
});

test("cutSockets ends a stream without a closing frame, and the same key opens again", async (t) => {
  const client = await openClient(t);
  const key = await client.listenKey();
  const socket = await client.stream(`/private/ws/${key}`);
  const closed = once(socket.ws, "close");
  assert.equal(client.cutSockets(), 1);
  assert.equal((await closed)[0], 1006);
  const again = await client.stream(`/private/ws/${key}`);
  await client.signed("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010");
  await again.until((event) => event.e === "ACCOUNT_UPDATE");
});

test("the WS API shares the port, the keys and the listenKey", async (t) => {
  const client = await openClient(t);
  const key = await client.listenKey();
  const api = await client.stream("/ws-fapi/v1");
  api.send({ id: "a", method: "userDataStream.start", params: { apiKey: client.apiKey } });
  const answer = JSON.parse(await api.next());
  assert.deepEqual([answer.id, answer.status, answer.result], ["a", 200, { listenKey: key }]);
});

/** An event's type, and the status of the order in it. */
function nameOf(event: UserDataEvent): string {
  return isKnownEvent(event) && event.e === "ORDER_TRADE_UPDATE" ? `${event.e} ${event.o.X}` : event.e;
}

/** A venue of its own for a test, an account on it, and what a client does. */
async function openClient(t: TestContext) {
  const venue = await startPaperVenue({ port: 0, seed: 1 });
  t.after(() => venue.close());
  const { url, wsUrl } = venue;
  const json = (path: string, body: object) =>
    fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const made = await json("/v1/paper/accounts", { name: "tester", balances: { USDT: "10000" } });
  assert.ok(made.ok, `status ${made.status}`);
  const { apiKey, apiSecret } = (await made.json()) as { apiKey: string; apiSecret: string };

  const call = async (method: string, path: string) => {
    const response = await fetch(url + path, { method, headers: { "X-MBX-APIKEY": apiKey } });
    return { status: response.status, body: await response.text() };
  };
  return {
    wsUrl,
    apiKey,
    call,
    cutSockets: () => venue.cutSockets(),
    async listenKey(): Promise<string> {
      return JSON.parse((await call("POST", "/fapi/v1/listenKey")).body).listenKey;
    },
    /** Signs and calls; the body of an answer that is not a refusal. */
    async signed(method: string, path: string, parameters: string): Promise<string> {
      const payload = `${parameters}&timestamp=${Date.now()}`;
      const signature = createHmac("sha256", apiSecret).update(payload).digest("hex");
      const { status, body } = await call(method, `${path}?${payload}&signature=${signature}`);
      assert.equal(status, 200, body);
      return body;
    },
    async advance(ms: number): Promise<void> {
      const response = await json("/v1/paper/clock/advance", { ms });
      assert.ok(response.ok, `status ${response.status}`);
      await response.text();
    },
    async stream(path: string): Promise<Frames> {
      const frames = new Frames(wsUrl + path);
      t.after(() => frames.ws.terminate());
      await once(frames.ws, "open");
      return frames;
    },
  };
}

/** A socket and the text frames it has heard. */
class Frames {
  readonly ws: WebSocket;
  /** Heard and not looked at, oldest first. */
  readonly waiting: string[] = [];

  constructor(url: string) {
    this.ws = new WebSocket(url);
    this.ws.on("message", (data) => this.waiting.push(String(data)));
  }

  send(request: object): void {
    this.ws.send(JSON.stringify(request));
  }

  async next(): Promise<string> {
    const deadline = performance.now() + DEADLINE_MS;
    while (this.waiting.length === 0) {
      assert.ok(performance.now() < deadline, `a frame: expected within ${DEADLINE_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return this.waiting.shift() ?? "";
  }

  /** All frames up to the first that `isIt`, that one included. */
  async until(isIt: (event: UserDataEvent) => boolean): Promise<string[]> {
    const frames = [await this.next()];
    while (!isIt(decodeEvent(frames.at(-1) ?? ""))) frames.push(await this.next());
    return frames;
  }
}

/** Each fault as a client on real sockets meets it: HTTP and websockets of a paper venue on a port of this machine. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { startPaperVenue } from "../index.ts";
import { FAULT_TYPES } from "./fault-kinds.ts";

const DEADLINE_MS = 10_000;
/** Events of one market order that fills at once. */
const EVENTS = 4;

type Story = (client: Client) => Promise<void>;

const STORIES: { readonly [T in (typeof FAULT_TYPES)[number]]: Story } = {
  async cut(client) {
    const line = await client.stream();
    await client.fault({ type: "cut", account: "demo" });
    assert.equal(await line.closed, 1006);
    const next = await client.stream();
    await client.trade();
    await next.heard(EVENTS);
  },

  async "half-open"(client) {
    const line = await client.stream();
    const { id, struck } = await client.fault({ type: "half-open", account: "demo" });
    assert.equal(struck, 1);
    await client.trade();
    line.ws.ping("anybody there?");
    line.ws.send('{"method":"LIST_SUBSCRIPTIONS","id":1}');
    const next = await client.stream();
    await client.trade();
    await next.heard(EVENTS);
    await next.echo();
    assert.deepEqual([line.frames, line.pongs, line.ws.readyState], [[], [], WebSocket.OPEN]);
    await client.end(id);
    assert.equal(await line.closed, 1006);
  },

  async silence(client) {
    const line = await client.stream();
    const { id } = await client.fault({ type: "silence" });
    await client.trade();
    line.ws.send('{"method":"GET_PROPERTY","params":["combined"],"id":1}');
    await line.echo();
    assert.deepEqual(line.frames, ['{"result":false,"id":1}']);
    await client.end(id);
    await client.trade();
    await line.heard(1 + EVENTS);
  },

  async delay(client) {
    const line = await client.stream();
    await client.fault({ type: "delay", byMs: 300 });
    const since = performance.now();
    await client.trade();
    await line.heard(EVENTS);
    // Timers count whole milliseconds of another clock.
    assert.ok(performance.now() - since >= 298);
    assert.deepEqual(line.events(), ["TRADE_LITE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]);
  },

  async duplicate(client) {
    const line = await client.stream();
    await client.fault({ type: "duplicate" });
    await client.trade();
    await line.heard(2 * EVENTS);
    const odd = line.frames.filter((_, i) => i % 2 === 1);
    assert.deepEqual(
      odd,
      line.frames.filter((_, i) => i % 2 === 0),
    );
  },

  async reorder(client) {
    const lines = [await client.stream(), await client.stream()] as const;
    await client.fault({ type: "reorder", withinMs: 40 });
    const firsts = new Set<number>();
    for (let order = 1; firsts.size < 2; order++) {
      assert.ok(order < 40, "of two sockets, each is ahead at some time");
      const ahead = Promise.race(lines.map((line, i) => line.heard((order - 1) * EVENTS + 1).then(() => i)));
      await client.trade();
      firsts.add(await ahead);
      await Promise.all(lines.map((line) => line.heard(order * EVENTS)));
    }
    assert.deepEqual(lines[0].frames, lines[1].frames);
  },

  async "expire-key"(client) {
    for (const [told, times] of [
      ["twice", 2],
      ["never", 0],
      ["once", 1],
    ] as const) {
      const key = await client.key();
      const line = await client.stream();
      await client.fault({ type: "expire-key", account: "demo", told });
      await line.heard(times);
      await client.trade();
      assert.equal((await client.put()).code, -1125);
      await line.echo();
      assert.deepEqual(line.events(), Array(times).fill("listenKeyExpired"));
      for (const frame of line.frames) assert.equal(JSON.parse(frame).listenKey, key);
      assert.equal(line.ws.readyState, WebSocket.OPEN);
    }
  },

  async "forget-key"(client) {
    const key = await client.key();
    await client.fault({ type: "forget-key", account: "demo" });
    assert.deepEqual(await client.put(), { code: -1125, msg: "This listenKey does not exist." });
    assert.notEqual(await client.key(), key);
    assert.notEqual((await client.put()).listenKey, undefined);
  },

  async "foreign-delete"(client) {
    const line = await client.stream();
    await client.fault({ type: "foreign-delete", account: "demo" });
    assert.equal((await client.put()).code, -1125);
    const next = await client.stream();
    await client.trade();
    await next.heard(EVENTS);
    assert.deepEqual([line.frames, line.ws.readyState], [[], WebSocket.OPEN]);
    await client.fault({ type: "foreign-delete", account: "demo", closesSockets: true });
    assert.equal(await next.closed, 1001);
  },

  async "change-key"(client) {
    const key = await client.key();
    const old = await client.stream();
    await client.fault({ type: "change-key" });
    const changed = (await client.put()).listenKey;
    assert.equal(await client.key(), changed);
    assert.notEqual(changed, key);
    const next = await client.stream();
    await client.trade();
    await next.heard(EVENTS);
    assert.deepEqual(old.frames, []);
  },

  async "rest-lag"(client) {
    const { id } = await client.fault({ type: "rest-lag", account: "demo", byMs: 60_000 });
    await client.trade();
    assert.deepEqual(await client.positions(), []);
    await client.advance(61_000);
    assert.deepEqual(await client.positions(), [], "copies come a sixteenth of the lag apart");
    await client.advance(4_000);
    assert.deepEqual(await client.positions(), ["0.010"]);
    await client.trade();
    assert.deepEqual(await client.positions(), ["0.010"]);
    await client.end(id);
    assert.deepEqual(await client.positions(), ["0.020"]);
  },

  async "rest-disagree"(client) {
    await client.fault({ type: "rest-disagree", byMs: 60_000 });
    await client.trade();
    const read = [
      await client.positions(),
      await client.positions(),
      await client.positions(),
      await client.positions(),
    ];
    assert.deepEqual(read, [["0.010"], [], ["0.010"], []]);
  },

  async "rest-error"(client) {
    await client.fault({ type: "rest-error", status: 408, code: -1007, path: "/fapi/v1/order", carriedOut: true });
    const line = await client.stream();
    const { status, body } = await client.order();
    assert.deepEqual([status, body.code], [408, -1007]);
    await line.heard(EVENTS);
    assert.deepEqual(await client.positions(), ["0.010"]);
  },

  async ban(client) {
    const { id } = await client.fault({ type: "ban", forMs: 60_000 });
    const banned = await client.call("GET", "/fapi/v1/ping");
    assert.deepEqual([banned.status, banned.body.code, banned.retryAfter], [418, -1003, "60"]);
    await client.end(id);
    await client.fault({ type: "ban", status: 429, account: "demo" });
    assert.equal((await client.call("GET", "/fapi/v1/ping")).status, 200);
    assert.deepEqual([(await client.order()).status, (await client.put()).code], [429, -1003]);
  },

  async "clock-skew"(client) {
    const line = await client.stream();
    const { id } = await client.fault({ type: "clock-skew", byMs: 60_000 });
    const { serverTime } = (await client.call("GET", "/fapi/v1/time")).body;
    assert.ok(Math.abs(Number(serverTime) - Date.now() - 60_000) < 5_000);
    assert.equal((await client.order()).body.code, -1021);
    assert.equal((await client.order(60_000)).status, 200);
    await line.heard(EVENTS);
    assert.ok(Math.abs(JSON.parse(line.frames[0] ?? "").E - Date.now() - 60_000) < 5_000);
    await client.end(id);
    assert.equal((await client.order()).status, 200);
  },

  async "legacy-url-silent"(client) {
    const [legacy, routed] = [await client.stream("/ws/"), await client.stream("/private/ws/")];
    await client.fault({ type: "legacy-url-silent" });
    await client.trade();
    await routed.heard(EVENTS);
    await legacy.echo();
    assert.deepEqual([legacy.frames, legacy.ws.readyState], [[], WebSocket.OPEN]);
  },

  async shutdown(client) {
    const line = await client.stream();
    const { id } = await client.fault({ type: "shutdown", noticeMs: 100 });
    await line.heard(1);
    assert.deepEqual(line.events(), ["serverShutdown"]);
    assert.equal(await line.closed, 1001);
    assert.match(await client.handshake(), /^HTTP\/1\.1 503 /);
    await client.end(id);
    assert.match(await client.handshake(), /^HTTP\/1\.1 101 /);
  },
};

for (const type of FAULT_TYPES) {
  test(`${type}, as a client on real sockets meets it`, async (t) => STORIES[type](await openClient(t)));
}

test("a venue that closes while sockets are frozen and frames are held leaves nothing behind", async (t) => {
  const client = await openClient(t);
  const line = await client.stream();
  await client.fault({ type: "delay", byMs: 60_000 });
  await client.fault({ type: "half-open" });
  await client.trade();
  await client.close();
  await line.closed;
});

type Client = Awaited<ReturnType<typeof openClient>>;
type Body = Readonly<Record<string, unknown>>;

/** A venue of its own for a test, and what a client of the account `demo` does. */
async function openClient(t: TestContext) {
  const venue = await startPaperVenue({ port: 0, marketMaker: { volatilityBps: 0 } });
  t.after(() => venue.close());
  const call = async (method: string, path: string, json?: object) => {
    const headers = { "X-MBX-APIKEY": "paper-demo-key", ...(json && { "content-type": "application/json" }) };
    const init = { method, headers, ...(json && { body: JSON.stringify(json) }) };
    const response = await fetch(venue.url + path, init);
    const retryAfter = response.headers.get("retry-after");
    return { status: response.status, retryAfter, body: (await response.json()) as Body };
  };
  const native = async (method: string, path: string, json?: object) => {
    const { status, body } = await call(method, `/v1/paper/${path}`, json);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const signed = (method: string, path: string, parameters: string, aheadMs = 0) => {
    const payload = `${parameters}&timestamp=${Date.now() + aheadMs}`;
    const signature = createHmac("sha256", "paper-demo-secret").update(payload).digest("hex");
    return call(method, `${path}?${payload}&signature=${signature}`);
  };
  const order = (aheadMs = 0) =>
    signed("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010", aheadMs);
  const key = async () => String((await call("POST", "/fapi/v1/listenKey")).body.listenKey);
  return {
    call,
    order,
    key,
    close: () => venue.close(),
    fault: async (wish: object) => (await native("POST", "faults", wish)) as { id: string; struck?: number },
    end: (id: string) => native("DELETE", `faults/${id}`),
    advance: (ms: number) => native("POST", "clock/advance", { ms }),
    put: async () => (await call("PUT", "/fapi/v1/listenKey")).body,
    async trade(): Promise<void> {
      const { status, body } = await order();
      assert.equal(status, 200, JSON.stringify(body));
    },
    async positions(): Promise<string[]> {
      const { body } = await signed("GET", "/fapi/v3/positionRisk", "symbol=BTCUSDT");
      return (body as unknown as readonly { positionAmt: string }[]).map(({ positionAmt }) => positionAmt);
    },
    async stream(path = "/private/ws/"): Promise<Line> {
      const line = new Line(`${venue.wsUrl}${path}${await key()}`);
      t.after(() => line.ws.terminate());
      await once(line.ws, "open");
      return line;
    },
    /** The first line of the answer to an upgrade. */
    async handshake(): Promise<string> {
      const socket = connect(venue.port, "127.0.0.1");
      t.after(() => socket.destroy());
      const head = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13";
      socket.write(`GET /private/ws HTTP/1.1\r\n${head}\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n`);
      const [answer] = await once(socket, "data");
      return String(answer);
    },
  };
}

/** A socket and what it has heard. */
class Line {
  readonly ws: WebSocket;
  readonly frames: string[] = [];
  readonly pongs: string[] = [];
  /** The close code: 1006 when there was no closing frame. */
  readonly closed: Promise<number>;

  constructor(url: string) {
    this.ws = new WebSocket(url);
    this.ws.on("message", (data) => this.frames.push(String(data)));
    this.ws.on("pong", (payload) => this.pongs.push(String(payload)));
    this.ws.on("error", () => {});
    this.closed = new Promise((resolve) => this.ws.on("close", resolve));
  }

  events(): string[] {
    return this.frames.map((frame) => JSON.parse(frame).e);
  }

  /** Waits for a pong: whatever the server sent before it has been heard by then. */
  async echo(): Promise<void> {
    const pong = once(this.ws, "pong", { signal: AbortSignal.timeout(DEADLINE_MS) });
    this.ws.ping("alive?");
    await pong;
  }

  /** Waits until so many text frames have come. */
  async heard(count: number): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    while (this.frames.length < count) {
      assert.ok(performance.now() < deadline, `${count} frames: found ${this.frames.length} within ${DEADLINE_MS} ms`);
      await sleep(2);
    }
  }
}

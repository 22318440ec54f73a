/**
 * The server alone, on real sockets, with a venue that only writes down what it is told and does what the test says.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { eventually } from "../../../test/eventually.ts";
import type { SessionEffect } from "../../face/session-effect.ts";
import { systemClock } from "../../kernel/io/system-clock.ts";
import type { VenueRequest, VenueResponse } from "../paper-venue.ts";
import { type ServedVenue, serveVenue } from "./paper-server.ts";
import { UNSENT_BYTES_MAX } from "./session-sockets.ts";

const JSON_TYPE = "application/json;charset=UTF-8";

const BODIES: readonly [method: string, type: string | undefined, sent: string | undefined, heard: string][] = [
  ["POST", "application/json", "", ""],
  ["PUT", "application/json", "", ""],
  ["DELETE", "application/json", undefined, ""],
  ["POST", undefined, "", ""],
  ["POST", "application/x-www-form-urlencoded", "", ""],
  ["POST", "application/x-www-form-urlencoded", "a=1&b=%20+x&a=2", "a=1&b=%20+x&a=2"],
  ["DELETE", "application/x-www-form-urlencoded", "a=1", "a=1"],
  ["POST", "application/json", '{ "not": json, ', '{ "not": json, '],
  ["POST", "image/png", "\u00e9", "\u00e9"],
];

for (const [method, type, sent, heard] of BODIES) {
  test(`the body of ${method} is handed on as sent: ${type ?? "no type"}, ${JSON.stringify(sent)}`, async (t) => {
    const { url, venue } = await serve(t);
    venue.answer = {
      status: 418,
      headers: { "content-type": JSON_TYPE, "x-mbx-used-weight-1m": "7" },
      body: '{"a":1}',
    };
    const response = await fetch(`${url}/fapi/v1/order?b=%41&a=1`, {
      method,
      headers: { "X-MBX-APIKEY": "key", ...(type === undefined ? {} : { "content-type": type }) },
      ...(sent === undefined ? {} : { body: Buffer.from(sent) }),
    });
    assert.equal(response.status, 418);
    assert.equal(response.headers.get("x-mbx-used-weight-1m"), "7");
    assert.equal(response.headers.get("content-type"), JSON_TYPE);
    assert.equal(await response.text(), '{"a":1}');
    const [request] = venue.requests;
    assert.deepEqual(
      { ...request, headers: request?.headers["x-mbx-apikey"] },
      {
        method,
        path: "/fapi/v1/order",
        query: "b=%41&a=1",
        body: heard,
        headers: "key",
        ip: "127.0.0.1",
      },
    );
  });
}

test("an offer to go on in HTTP/2, as Java's own client makes, is passed over, the request handed on", async (t) => {
  const { url, venue } = await serve(t);
  const offer = { upgrade: "h2c", connection: "Upgrade, HTTP2-Settings", "http2-settings": "AAMAAABkAAQ" };
  const headers = { ...offer, "X-MBX-APIKEY": "key", "content-length": "3" };
  const asked = httpRequest(`${url}/fapi/v1/order?b=%41`, { method: "POST", headers });
  asked.end("a=1");
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  const [heard] = venue.requests;
  assert.deepEqual(
    [response.statusCode, heard?.method, heard?.path, heard?.query, heard?.body, heard?.headers["x-mbx-apikey"]],
    [venue.answer.status, "POST", "/fapi/v1/order", "b=%41", "a=1", "key"],
  );
});

/** Request lines and content types that a framework would answer itself. */
const STRANGE: readonly [line: string, type: string, path: string][] = [
  ["GET /fapi/v1/%ff", "text/plain", "/fapi/v1/%ff"],
  ["GET /%zz", "text/plain", "/%zz"],
  ["PROPFIND /fapi/v1/ping", "text/plain", "/fapi/v1/ping"],
  ["POST /fapi/v1/order", "garbage", "/fapi/v1/order"],
  ["GET http://127.0.0.1:9780/fapi/v1/ping", "text/plain", "/fapi/v1/ping"],
];

for (const [line, type, path] of STRANGE) {
  test(`the venue is asked, strange as it is: ${line} as ${type}`, async (t) => {
    const { port, venue } = await serve(t);
    const socket = connect(port, "127.0.0.1");
    t.after(() => socket.destroy());
    socket.write(`${line} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: 1\r\n\r\nb`);
    await eventually("the request to arrive", () => venue.requests.length === 1);
    const [request] = venue.requests;
    assert.deepEqual(
      [request?.method, request?.path, request?.headers["content-type"]],
      [line.split(" ")[0], path, type],
    );
  });
}

test("a body over the limit is answered with 413 and never reaches the venue", async (t) => {
  const { url, venue } = await serve(t);
  const response = await fetch(`${url}/fapi/v1/order`, { method: "POST", body: "x".repeat(1024 * 1024 + 1) });
  assert.equal(response.status, 413);
  assert.match(await response.text(), /^\{"code":-1000,"msg":"/);
  assert.deepEqual(venue.requests, []);
});

test("frames of every length arrive whole and in order, pings and the closing frame between them", async (t) => {
  const { wsUrl, act, venue } = await serve(t);
  const client = await open(t, `${wsUrl}/private/ws`);
  const texts = ["", "é", ..."125 126 127 65535 65536 70000".split(" ").map((length) => "x".repeat(Number(length)))];
  const heard: string[] = [];
  client.on("message", (data, isBinary) => heard.push(isBinary ? "binary" : String(data)));
  client.on("ping", (payload) => heard.push(`ping ${payload}`));
  const closed = once(client, "close");
  await act([
    ...texts.map((text) => ({ session: "s1", type: "send", text }) as const),
    { session: "s1", type: "ping", payload: "123" },
    { session: "s1", type: "send", text: "last" },
    { session: "s1", type: "close", code: 1008, reason: "Pong timeout" },
    { session: "s1", type: "send", text: "too late" },
    { session: "nobody", type: "send", text: "nobody" },
  ]);
  const [code, reason] = await closed;
  assert.deepEqual(heard, [...texts, "ping 123", "last"]);
  assert.deepEqual([code, String(reason)], [1008, "Pong timeout"]);
  await eventually("the venue hears of the end", () => venue.inputs.includes("closed s1"));
});

test("texts, pings and pongs of a client reach the venue; a ping is answered by the server", async (t) => {
  const { wsUrl, venue } = await serve(t);
  const client = await open(t, `${wsUrl}/stream?streams=K`);
  const pong = once(client, "pong");
  client.send("hello");
  client.send(Buffer.from("bytes"));
  client.ping("p1");
  client.pong("p2");
  assert.equal(String((await pong)[0]), "p1");
  await eventually("all four came in", () => venue.inputs.length === 5);
  assert.deepEqual(venue.inputs, [
    "open /stream?streams=K 127.0.0.1",
    "text s1 hello",
    "text s1 bytes",
    "ping s1",
    "pong s1 p2",
  ]);
});

test("a refused path fails the handshake with the venue's answer", async (t) => {
  const { wsUrl, venue } = await serve(t);
  venue.refusal = { status: 404, headers: { "content-type": JSON_TYPE }, body: '{"code":-1,"msg":"no"}' };
  const client = new WebSocket(`${wsUrl}/ws/`);
  client.on("error", () => {});
  const [, response] = await once(client, "unexpected-response");
  assert.equal(response.statusCode, 404);
  assert.equal(String(await response.toArray()), '{"code":-1,"msg":"no"}');
});

test("a handshake that is none is refused, and its session ends at once", async (t) => {
  const { port, venue } = await serve(t);
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /private/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  const [answer] = await once(socket, "data");
  assert.match(String(answer), /^HTTP\/1\.1 400 /);
  assert.deepEqual(venue.inputs, ["open /private/ws 127.0.0.1", "closed s1"]);
  socket.destroy();
});

test("L7 a client that does not read is cut at the limit, and no other is held up", async (t) => {
  const { wsUrl, act, venue } = await serve(t);
  const slow = await open(t, `${wsUrl}/private/ws/a`);
  const quick = await open(t, `${wsUrl}/private/ws/b`);
  slow.pause();
  let heardCount = 0;
  quick.on("message", () => void heardCount++);
  const text = "x".repeat(UNSENT_BYTES_MAX / 16);
  let sentCount = 0;
  while (!venue.inputs.includes("closed s1")) {
    assert.ok(sentCount < 200, "the slow client is cut");
    await act(["s1", "s2"].map((session) => ({ session, type: "send", text })));
    sentCount++;
    await eventually("the quick one has heard all", () => heardCount === sentCount);
  }
  assert.ok(sentCount >= 16, `cut after ${sentCount} frames`);
  assert.equal(quick.readyState, WebSocket.OPEN);
});

test("cutSockets destroys streams without a closing frame, and leaves the WS API alone", async (t) => {
  const { wsUrl, server } = await serve(t);
  const stream = await open(t, `${wsUrl}/private/ws/a`);
  const api = await open(t, `${wsUrl}/ws-fapi/v1`);
  const closed = once(stream, "close");
  assert.equal(server.cutSockets(), 1);
  assert.equal((await closed)[0], 1006);
  assert.equal(api.readyState, WebSocket.OPEN);
});

test("the alarm follows the earliest deadline, and due is called then", async (t) => {
  const { venue, url } = await serve(t);
  venue.dueInMs = 60_000;
  await fetch(url);
  venue.dueInMs = 20;
  const setAt = performance.now();
  await fetch(url);
  await eventually("due", () => venue.inputs.includes("due"));
  assert.ok(performance.now() - setAt >= 20);
  assert.equal(venue.inputs.filter((input) => input === "due").length, 1);
});

test("close says goodbye to every socket and leaves no handle behind", async (t) => {
  const before = handles();
  const { server, url, wsUrl, venue } = await serve(t);
  venue.dueInMs = 60_000;
  await fetch(url);
  const client = await open(t, `${wsUrl}/private/ws/a`);
  const deaf = await open(t, `${wsUrl}/private/ws/b`);
  deaf.pause();
  const closed = once(client, "close");
  const isOver = server.close();
  assert.equal((await closed)[0], 1001);
  await isOver;
  deaf.terminate();
  await eventually("no handle is left", () => handles() <= before);
});

test("a server listens on the loopback only, and says when it cannot", async (t) => {
  const { port } = await serve(t);
  const settings = { clock: systemClock, port: 0 };
  for (const host of ["0.0.0.0", "::", "192.168.0.1", "example.org", ""]) {
    await assert.rejects(serveVenue(new FakeVenue(), { ...settings, host }), {
      name: "UsageError",
      message: `host: expected an address of this machine, such as 127.0.0.1, found ${JSON.stringify(host)}`,
    });
  }
  await assert.rejects(serveVenue(new FakeVenue(), { ...settings, host: "localhost", port }), {
    name: "UsageError",
    message: `port: expected a free port, found ${port}`,
  });
});

/** Timers and sockets that keep the process alive; the keep-alive sockets of `fetch` in this process among them. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => /Timeout|Server|TCPSocketWrap/.test(name)).length;
}

async function serve(t: TestContext) {
  const venue = new FakeVenue();
  const server = await serveVenue(venue, { clock: systemClock, host: "127.0.0.1", port: 0 });
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.port}`;
  const act = async (effects: readonly SessionEffect[]) => {
    venue.effects.push(...effects);
    await fetch(url);
  };
  return { venue, server, act, port: server.port, url, wsUrl: url.replace("http", "ws") };
}

async function open(t: TestContext, url: string): Promise<WebSocket> {
  const client = new WebSocket(url);
  t.after(() => client.terminate());
  await once(client, "open");
  return client;
}

/** Answers what the test says, and writes down what it hears. */
class FakeVenue implements ServedVenue {
  readonly requests: VenueRequest[] = [];
  readonly inputs: string[] = [];
  answer: VenueResponse = { status: 200, headers: {}, body: "{}" };
  refusal: VenueResponse | undefined;
  dueInMs: number | undefined;
  /** What follows from the next input. */
  readonly effects: SessionEffect[] = [];
  #sessionCount = 0;

  http(request: VenueRequest): VenueResponse {
    this.requests.push(request);
    return this.answer;
  }
  open(url: string, ip: string) {
    this.inputs.push(`open ${url} ${ip}`);
    if (this.refusal !== undefined) return { outcome: "refused", response: this.refusal } as const;
    return { outcome: "opened", session: `s${++this.#sessionCount}` } as const;
  }
  onText(session: string, text: string): void {
    this.inputs.push(`text ${session} ${text}`);
  }
  onPing(session: string): void {
    this.inputs.push(`ping ${session}`);
  }
  onPong(session: string, payload: string): void {
    this.inputs.push(`pong ${session} ${payload}`);
  }
  onClosed(session: string): void {
    this.inputs.push(`closed ${session}`);
  }
  takeEffects(): SessionEffect[] {
    return this.effects.splice(0);
  }
  nextDeadline() {
    return this.dueInMs === undefined ? undefined : { inMs: this.dueInMs, why: "test" };
  }
  due(): void {
    this.dueInMs = undefined;
    this.inputs.push("due");
  }
}

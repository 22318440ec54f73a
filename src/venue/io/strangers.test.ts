/** Web pages of others are kept out, of REST, native calls and websockets alike, on real sockets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { type RunningPaperVenue, startPaperVenue } from "../index.ts";

const ALLOWED = "http://localhost:3000";
const FOREIGN = "https://evil.example";

/** `PORT` is the venue's. */
const CALLERS: readonly [headers: Readonly<Record<string, string>>, isLetIn: boolean][] = [
  [{}, true],
  [{ host: "localhost:PORT" }, true],
  [{ host: "LOCALHOST" }, true],
  [{ host: "127.0.0.1:8080" }, true],
  [{ host: "127.9.9.9" }, true],
  [{ host: "[::1]:PORT" }, true],
  [{ host: "evil.example:PORT" }, false],
  [{ host: "127.0.0.1.evil.example" }, false],
  [{ host: "localhost.evil.example" }, false],
  [{ origin: "http://127.0.0.1:PORT" }, true],
  [{ origin: "http://localhost:PORT" }, true],
  [{ origin: "http://[::1]:PORT" }, true],
  [{ origin: "http://127.0.0.1:1" }, false],
  [{ origin: "http://127.0.0.1" }, false],
  [{ origin: "https://127.0.0.1:PORT" }, false],
  [{ origin: FOREIGN }, false],
  [{ origin: "http://evil.example:PORT" }, false],
  [{ origin: "http://localhost:PORT.evil.example" }, false],
  [{ origin: "http://localhost:PORT@evil.example" }, false],
  [{ origin: "null" }, false],
  [{ origin: "" }, false],
  [{ origin: ALLOWED }, true],
  [{ origin: "http://localhost:3001" }, false],
  [{ origin: ALLOWED, host: "evil.example" }, false],
  [{ origin: "http://bots.example", host: "bots.example:PORT" }, true],
  [{ host: "bots.example:9" }, true],
];

const CALLS = [
  ["GET", "/fapi/v1/time"],
  ["POST", "/v1/paper/clock/advance"],
  ["POST", "/v1/paper/faults"],
] as const;

test("a caller is let in by REST, native calls, streams and the WS API, or by none of them", async (t) => {
  const venue = await open(t);
  for (const [given, isLetIn] of CALLERS) {
    const headers = filled(given, venue);
    const shown = JSON.stringify(headers);
    for (const [method, path] of CALLS) {
      const { status, body } = await call(venue, method, path, headers);
      // Native calls without a body are refused for that: the caller was let in.
      assert.equal(status === 403, !isLetIn, `${method} ${path} with ${shown}: ${status} ${body}`);
    }
    for (const path of ["/private/ws?listenKey=x", "/market/ws/btcusdt@aggTrade", "/ws-fapi/v1"]) {
      assert.equal(await upgrade(venue, path, headers), isLetIn ? "open" : 403, `${path} with ${shown}`);
    }
  }
});

test("a stranger is told what was expected, what was found, and what to do; nothing of it happens", async (t) => {
  const venue = await open(t);
  const before = await time(venue);
  const native = await call(venue, "POST", "/v1/paper/clock/advance", { origin: FOREIGN }, '{"ms":86400000}');
  assert.deepEqual(JSON.parse(native.body), {
    error: {
      message: `Origin: expected none, or http://127.0.0.1:${venue.port}, found "${FOREIGN}"`,
      remedy: "Pages of other origins are let in by --allow-origin ORIGIN, or the option allowedOrigins.",
    },
  });
  assert.ok((await time(venue)) - before < 3_600_000);
  const rest = JSON.parse((await call(venue, "GET", "/fapi/v1/time", { host: "evil.example" })).body);
  assert.equal(rest.code, -1002);
  assert.match(
    rest.msg,
    /^Host: expected a name of this machine, such as 127\.0\.0\.1, found "evil\.example"\. Call it/,
  );
});

test("the browser of a page that was let in gets its preflight answered, and may read the answers", async (t) => {
  const venue = await open(t);
  const asked = { origin: ALLOWED, "access-control-request-method": "POST" };
  const preflight = await call(venue, "OPTIONS", "/fapi/v1/order", asked);
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers["access-control-allow-origin"], ALLOWED);
  assert.match(preflight.headers["access-control-allow-headers"] ?? "", /x-mbx-apikey/);
  assert.equal((await call(venue, "OPTIONS", "/fapi/v1/order", { ...asked, origin: FOREIGN })).status, 403);
  const read = await call(venue, "GET", "/fapi/v1/time", { origin: ALLOWED });
  assert.deepEqual([read.headers["access-control-allow-origin"], read.headers.vary], [ALLOWED, "origin"]);
  const plain = await call(venue, "GET", "/fapi/v1/time", {});
  assert.equal(plain.headers["access-control-allow-origin"], undefined);
});

async function open(t: TestContext): Promise<RunningPaperVenue> {
  const venue = await startPaperVenue({ allowedOrigins: [ALLOWED, "http://bots.example"] });
  t.after(() => venue.close());
  return venue;
}

function filled(headers: Readonly<Record<string, string>>, { port }: RunningPaperVenue): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, text.replace("PORT", String(port))]));
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function call(
  { port }: RunningPaperVenue,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Promise<Answer> {
  // fetch would not let the test choose Host and Origin.
  const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: text };
}

function upgrade(
  { wsUrl }: RunningPaperVenue,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<"open" | number | undefined> {
  const socket = new WebSocket(wsUrl + path, { headers });
  return new Promise((resolve, reject) => {
    socket.on("open", () => {
      socket.terminate();
      resolve("open");
    });
    socket.on("unexpected-response", (sent, response) => {
      sent.destroy();
      resolve(response.statusCode);
    });
    socket.on("error", reject);
  });
}

async function time(venue: RunningPaperVenue): Promise<number> {
  return JSON.parse((await call(venue, "GET", "/fapi/v1/time", {})).body).serverTime;
}

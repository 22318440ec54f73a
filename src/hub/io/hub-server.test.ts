/** The hub on real sockets, in front of the paper venue. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { eventually } from "../../../test/eventually.ts";
import { hubWorld, startHubWorld, transfer } from "../../../test/hub-world.ts";
import { InventedUpstream } from "../../../test/invented-upstream.ts";
import { socketHub } from "../../../test/socket-hub.ts";
import { systemClock } from "../../kernel/io/system-clock.ts";
import { Access, type AccessToken } from "../access.ts";
import { readRecordText } from "../record-text.ts";
import { REQUESTS_PER_SECOND, RequestRate } from "../request-rate.ts";
import type { DashboardFiles } from "./dashboard-files.ts";
import { HubServer } from "./hub-server.ts";
import { tokenDigest } from "./token-digest.ts";

interface Listener {
  readonly ws: WebSocket;
  /** Records by `seq`, other frames as they came. */
  readonly seqs: number[];
  readonly notices: Record<string, unknown>[];
}

async function listen(t: TestContext, url: string, headers: Record<string, string> = {}): Promise<Listener> {
  const ws = new WebSocket(url, { headers });
  t.after(() => ws.terminate());
  const listener: Listener = { ws, seqs: [], notices: [] };
  ws.on("message", (data) => {
    const text = String(data);
    if (text.startsWith('{"seq":')) listener.seqs.push(readRecordText(text).seq);
    else listener.notices.push(JSON.parse(text) as Record<string, unknown>);
  });
  await once(ws, "open");
  return listener;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

test("what the account holds is shown with the record it is as of, each fact with its date and source", async (t) => {
  const running = await hubWorld(t);
  await transfer(running, "12.5");
  const feed = running.hub.account("demo")?.feed;
  await eventually("the transfer is told", () => (feed?.lastSeq ?? 0) >= 3);
  const shown = (await (await fetch(`${running.url}/v1/accounts/demo`)).json()) as Record<string, unknown>;
  assert.equal(shown.account, "demo");
  assert.equal(shown.asOfSeq, feed?.lastSeq);
  const [balance] = shown.balances as Record<string, unknown>[];
  assert.equal(balance?.wallet, "10012.5");
  assert.equal(balance?.source, "stream");
  assert.equal(typeof balance?.at, "number");
});

test("accounts and their health are listed, without secrets", async (t) => {
  const { url } = await hubWorld(t);
  const list = (await (await fetch(`${url}/v1/accounts`)).json()) as { accounts: Record<string, unknown>[] };
  assert.equal(list.accounts.length, 1);
  assert.deepEqual([list.accounts[0]?.id, list.accounts[0]?.ready], ["demo", true]);
  const health = await (await fetch(`${url}/v1/accounts/demo/health`)).text();
  const { phase, upstream } = JSON.parse(health) as {
    phase: string;
    upstream: { live: boolean; key: { shown: string } };
  };
  assert.deepEqual([phase, upstream.live, upstream.key.shown.length], ["following", true, 5]);
  assert.doesNotMatch(health, /[A-Za-z0-9]{32}|paper-demo/);
});

test("alive and ready are told without a token", async (t) => {
  const { url, hub } = await hubWorld(t, { tokens: [{ token: "a".repeat(16), accounts: "all", may: "read" }] });
  const alive = await fetch(`${url}/healthz`);
  assert.deepEqual([alive.status, await alive.json()], [200, { status: "alive" }]);
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  await hub.account("demo")?.close("STOPPING");
  assert.equal((await fetch(`${url}/readyz`)).status, 503);
});

test("records come by page, as JSON or one a line, and the cursor leads on to the end", async (t) => {
  const running = await hubWorld(t);
  for (let i = 0; i < 20; i++) await transfer(running);
  const feed = running.hub.account("demo")?.feed;
  await eventually("all are told", () => (feed?.lastSeq ?? 0) >= 22);
  const seqs: number[] = [];
  for (let since = 0; since < (feed?.lastSeq ?? 0); ) {
    const response = await fetch(`${running.url}/v1/accounts/demo/records?since=${since}&limit=5`);
    const page = (await response.json()) as { records: { seq: number }[]; cursor: number; lastSeq: number };
    assert.ok(page.records.length <= 5);
    seqs.push(...page.records.map(({ seq }) => seq));
    since = page.cursor;
  }
  assert.deepEqual(seqs, range(1, feed?.lastSeq ?? 0));
  const lines = await fetch(`${running.url}/v1/accounts/demo/records?since=2&limit=3`, {
    headers: { accept: "application/x-ndjson" },
  });
  assert.equal(lines.headers.get("listenkey-cursor"), "5");
  const texts = (await lines.text()).trimEnd().split("\n");
  assert.deepEqual(
    texts.map((text) => readRecordText(text).seq),
    [3, 4, 5],
  );
});

test("L1 an event stream that breaks after its snapshot goes on with the records the snapshot includes", async (t) => {
  const running = await hubWorld(t);
  for (let i = 0; i < 3; i++) await transfer(running);
  const feed = running.hub.account("demo")?.feed;
  await eventually("all are told", () => (feed?.lastSeq ?? 0) >= 5);
  const url = `${running.url}/v1/accounts/demo/records/stream?since=2&snapshots=follow`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('"kind":')) break;
  }
  const [, id] = /event: snapshot\nid: (\d+)\n/.exec(text) ?? [];
  assert.equal(id, "2", "a browser comes back with it as Last-Event-ID");
});

const REFUSALS: readonly [path: string, status: number, code: string, message: RegExp][] = [
  ["/v1/accounts/nobody", 404, "UNKNOWN_ACCOUNT", /expected an account of this hub, found "nobody"/],
  ["/v1/accounts/demo/nothing", 404, "UNKNOWN_PATH", /expected a path that exists/],
  ["/v1/accounts/demo/records?since=-1", 400, "BAD_PARAMETER", /^since: expected a whole number from 0/],
  ["/v1/accounts/demo/records?since=1&since=2", 400, "BAD_PARAMETER", /each name once, found "since"/],
  ["/v1/accounts/demo/records?limit=100000", 400, "BAD_PARAMETER", /^limit: expected a whole number from 1 to 1000/],
  [
    "/v1/accounts/demo/records?sinse=1",
    400,
    "BAD_PARAMETER",
    /expected only limit, events, symbols, since, found "sinse"/,
  ],
  ["/v1/accounts/demo/records?since=99999", 409, "CURSOR_FROM_THE_FUTURE", /^since: expected a record from 0 to \d+/],
  ["/v1/accounts/demo/records/stream?since=99999", 409, "CURSOR_FROM_THE_FUTURE", /^since/],
  [`/v1/accounts/${"a".repeat(400)}`, 404, "UNKNOWN_ACCOUNT", /^account: expected a name of at most 64 .*, found 400$/],
  ["/v1/accounts/demo/records/stream?policy=panic", 400, "BAD_PARAMETER", /^policy: expected disconnect, drop-oldest/],
];

test("what cannot be answered is refused with a code, what was expected, and what to do", async (t) => {
  const { url, wsUrl } = await hubWorld(t);
  for (const [path, status, code, message] of REFUSALS) {
    const response = await fetch(`${url}${path}`);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    assert.deepEqual([response.status, error.code], [status, code], path);
    assert.match(error.message, message);
  }
  assert.equal((await fetch(`${url}/v1/accounts`, { method: "POST" })).status, 405);
  const ws = new WebSocket(`${wsUrl}/v1/accounts/demo/stream?since=99999`);
  ws.on("error", () => {});
  const [, response] = await once(ws, "unexpected-response");
  assert.equal(response.statusCode, 409);
  assert.match(String(await response.toArray()), /"code":"CURSOR_FROM_THE_FUTURE".*"lastSeq":\d+/);
});

test("a websocket begins with a snapshot, then brings what comes after it", async (t) => {
  const running = await hubWorld(t);
  const listener = await listen(t, `${running.wsUrl}/v1/accounts/demo/stream`);
  await eventually("the snapshot", () => listener.notices.length === 1);
  const [first] = listener.notices as { snapshot: { asOfSeq: number } }[];
  const asOfSeq = first?.snapshot.asOfSeq ?? -1;
  await transfer(running);
  await transfer(running);
  await eventually("both transfers", () => listener.seqs.length === 2);
  assert.deepEqual(listener.seqs, [asOfSeq + 1, asOfSeq + 2]);
});

test("L1 a consumer that comes back with its cursor again and again gets every record once", async (t) => {
  const running = await hubWorld(t);
  const feed = running.hub.account("demo")?.feed;
  const seqs: number[] = [];
  const traffic = (async () => {
    for (let i = 0; i < 60; i++) await transfer(running);
  })();
  for (let i = 0; i < 12; i++) {
    const listener = await listen(t, `${running.wsUrl}/v1/accounts/demo/stream?since=${seqs.at(-1) ?? 0}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
    listener.ws.terminate();
    seqs.push(...listener.seqs);
  }
  await traffic;
  const last = await listen(t, `${running.wsUrl}/v1/accounts/demo/stream?since=${seqs.at(-1) ?? 0}`);
  await eventually("the rest", () => (last.seqs.at(-1) ?? seqs.at(-1)) === feed?.lastSeq);
  assert.deepEqual([...seqs, ...last.seqs], range(1, feed?.lastSeq ?? 0));
});

test("server-sent events bring the same, and resume after Last-Event-ID", async (t) => {
  const running = await hubWorld(t);
  for (let i = 0; i < 5; i++) await transfer(running);
  const feed = running.hub.account("demo")?.feed;
  await eventually("all are told", () => (feed?.lastSeq ?? 0) >= 7);
  const abort = new AbortController();
  t.after(() => abort.abort());
  const response = await fetch(`${running.url}/v1/accounts/demo/records/stream?since=0`, {
    headers: { "last-event-id": "4" },
    signal: abort.signal,
  });
  assert.equal(response.headers.get("content-type"), "text/event-stream;charset=UTF-8");
  let text = "";
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk);
  })().catch(() => {});
  await transfer(running);
  await eventually("the newest", () => text.includes(`id: ${feed?.lastSeq}\n`) && (feed?.lastSeq ?? 0) >= 8);
  const events = text.split("\n\n").filter((event) => event.startsWith("id: "));
  const ids = events.map((event) => Number(/^id: (\d+)\n/.exec(event)?.[1]));
  assert.deepEqual(ids, range(5, feed?.lastSeq ?? 0));
  for (const event of events)
    assert.equal(readRecordText(event.split("\ndata: ")[1] ?? "").seq, ids[events.indexOf(event)]);
  abort.abort();
  await reading;
});

test("filters keep events out, never gaps, certificates and statuses", async (t) => {
  const running = await hubWorld(t);
  const listener = await listen(t, `${running.wsUrl}/v1/accounts/demo/stream?since=0&events=ORDER_TRADE_UPDATE`);
  await transfer(running);
  running.venue.cutSockets();
  const feed = running.hub.account("demo")?.feed;
  await eventually("a gap, and in sync again", () => (feed?.lastSeq ?? 0) >= 6 && running.hub.isReady);
  await eventually("all that passes", () => listener.seqs.at(-1) === feed?.lastSeq);
  const lines = await fetch(`${running.url}/v1/accounts/demo/records?since=0`, {
    headers: { accept: "application/x-ndjson" },
  });
  const kinds = (await lines.text())
    .trimEnd()
    .split("\n")
    .map((text) => readRecordText(text));
  assert.ok(kinds.some(({ kind }) => kind === "event"));
  assert.deepEqual(
    listener.seqs,
    kinds.filter(({ kind }) => kind !== "event").map(({ seq }) => seq),
  );
});

test("L9 a token is asked for once one is set, and opens what its scope names and nothing else", async (t) => {
  const tokens = [
    { token: "demo-reader-0123456789", accounts: ["demo"], may: "read" },
    { token: "other-reader-012345678", accounts: ["other"], may: "read" },
  ] as const;
  const { url, wsUrl } = await hubWorld(t, { tokens });
  const ask = async (token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/v1/accounts/demo`, { headers });
    return [response.status, response.headers.get("www-authenticate"), response.headers.get("retry-after")];
  };
  assert.deepEqual(await ask(), [401, "Bearer", null]);
  assert.deepEqual(await ask("demo-reader-0123456789"), [200, null, null]);
  assert.deepEqual(await ask("other-reader-012345678"), [404, null, null]);
  for (let i = 0; i < 10; i++) assert.equal((await ask("demo-reader-0123456780"))[0], 401);
  const [status, , retryAfter] = await ask("demo-reader-0123456780");
  assert.deepEqual([status, Number(retryAfter) > 50], [429, true]);
  assert.deepEqual(await ask("demo-reader-0123456789"), [200, null, null]);
  const list = await fetch(`${url}/v1/accounts`, { headers: { authorization: "Bearer other-reader-012345678" } });
  assert.deepEqual(await list.json(), { accounts: [] });
  const ws = new WebSocket(`${wsUrl}/v1/accounts/demo/stream`);
  ws.on("error", () => {});
  assert.equal((await once(ws, "unexpected-response"))[1].statusCode, 401);
  const authorization = "Bearer demo-reader-0123456789";
  const listener = await listen(t, `${wsUrl}/v1/accounts/demo/stream`, { authorization });
  await eventually("the snapshot", () => listener.notices.length === 1);
});

test("on a port of its own it listens elsewhere only with a token, and knows its pages by its name", async (t) => {
  const running = await hubWorld(t);
  const { hub } = running;
  const token = "reader-0123456789";
  const serverOf = (tokens: readonly AccessToken[]) => {
    const access = new Access(tokens, tokenDigest, systemClock);
    const rate = new RequestRate(REQUESTS_PER_SECOND, systemClock);
    const server = new HubServer({ hub, access, rate, version: "0.0.0", allowedOrigins: ["https://desk.example"] });
    t.after(() => server.close());
    return server;
  };
  await assert.rejects(serverOf([]).listen("0.0.0.0", 0), {
    name: "UsageError",
    message:
      /^host: expected an address of this machine, such as 127\.0\.0\.1, while no token is set, found "0\.0\.0\.0"/,
  });
  const { port } = await serverOf([{ token, accounts: "all", may: "read" }]).listen("0.0.0.0", 0);
  await assert.rejects(serverOf([]).listen("127.0.0.1", port), { message: /^port: expected a free port/ });
  const ask = async (origin?: string) => {
    const headers = { authorization: `Bearer ${token}`, ...(origin === undefined ? {} : { origin }) };
    return (await fetch(`http://127.0.0.1:${port}/v1/accounts`, { headers })).status;
  };
  assert.equal(await ask(), 200);
  assert.equal(await ask(`http://127.0.0.1:${port}`), 200);
  assert.equal(await ask("https://desk.example"), 200);
  assert.equal(await ask("https://evil.example"), 403);
});

test("a strange web page is kept out, by HTTP and by websocket; the server's own is not", async (t) => {
  const { url, wsUrl } = await hubWorld(t);
  const strange = await fetch(`${url}/v1/accounts`, { headers: { origin: "https://evil.example" } });
  assert.equal(strange.status, 403);
  const own = await fetch(`${url}/v1/accounts`, { headers: { origin: url } });
  assert.deepEqual([own.status, own.headers.get("access-control-allow-origin")], [200, url]);
  const ws = new WebSocket(`${wsUrl}/v1/accounts/demo/stream`, { headers: { origin: "https://evil.example" } });
  ws.on("error", () => {});
  assert.equal((await once(ws, "unexpected-response"))[1].statusCode, 403);
});

test("when the hub stops, consumers are told where to go on, and no handle is left", async () => {
  const running = await startHubWorld();
  await eventually("the account is in sync", () => running.hub.isReady);
  const ws = new WebSocket(`${running.wsUrl}/v1/accounts/demo/stream?since=0`);
  const texts: string[] = [];
  ws.on("message", (data) => texts.push(String(data)));
  const closed = once(ws, "close");
  await once(ws, "open");
  await running.close();
  const [code, reason] = await closed;
  const lastSeq = running.hub.account("demo")?.feed?.lastSeq;
  assert.deepEqual([code, String(reason)], [1001, `STOPPING; go on with since=${lastSeq}`]);
  assert.equal(texts.at(-1), `{"end":{"code":"STOPPING","cursor":${lastSeq}}}`);
  assert.match(texts.at(-2) ?? "", /"kind":"status","at":\d+,"status":"stopped"/);
});

test("L7 one frozen consumer among thirty is sent away with its cursor, and the others get everything", async (t) => {
  const running = await hubWorld(t);
  const invented = new InventedUpstream("storm");
  const account = await running.hub.add("storm", invented.make);
  const url = `${running.wsUrl}/v1/accounts/storm/stream?queue=500`;
  const frozen = await listen(t, url);
  const others = await Promise.all(range(1, 29).map(() => listen(t, url)));
  frozen.ws.pause();
  let toldCount = 0;
  while (account.feed?.memberCount === 30) {
    assert.ok(toldCount < 20_000, "the frozen one is sent away");
    for (let i = 0; i < 100; i++) invented.tell(4_000);
    toldCount += 100;
    await eventually("the others have it all", () => others.every(({ seqs }) => seqs.length === toldCount));
  }
  const closed = once(frozen.ws, "close");
  frozen.ws.resume();
  const [code, reason] = await closed;
  for (const { seqs, ws } of others)
    assert.deepEqual([seqs[0], seqs.at(-1), ws.readyState], [1, toldCount, WebSocket.OPEN]);
  // What was on its way still came, and the cursor is the last of it; or the connection was cut before.
  const cursor = frozen.seqs.at(-1) ?? 0;
  if (code === 4008) assert.equal(String(reason), `SLOW_CONSUMER; go on with since=${cursor}`);
  assert.deepEqual(frozen.seqs, range(1, cursor));
  const back = await listen(t, `${url}&since=${cursor}`);
  await eventually("it has caught up", () => back.seqs.at(-1) === toldCount);
  assert.deepEqual(back.seqs, range(cursor + 1, toldCount));
});

/** Callers that hold a connection and get on with nothing. */
const IDLERS: Readonly<Record<string, (socket: Socket) => void>> = {
  "says nothing": () => {},
  "sends a head byte by byte": (socket) => trickle(socket, "GET /v1/accounts HTTP/1.1\r\nhost: h\r\n"),
  "sends a handshake byte by byte": (socket) =>
    trickle(
      socket,
      "GET /v1/accounts/demo/stream HTTP/1.1\r\nhost: h\r\nupgrade: websocket\r\nconnection: upgrade\r\n",
    ),
  "sends a body byte by byte": (socket) =>
    trickle(socket, "POST /v1/reload HTTP/1.1\r\nhost: h\r\ncontent-length: 999\r\n\r\n"),
  "does not read its answer": (socket) => {
    socket.pause();
    socket.write("GET /large HTTP/1.1\r\nhost: h\r\n\r\n");
  },
};

function trickle(socket: Socket, text: string): void {
  socket.write(text);
  const each = setInterval(() => socket.write("a"), 20);
  socket.on("close", () => clearInterval(each));
}

test("L12 whoever holds a connection and gets on with nothing is cut, and others are answered meanwhile", async (t) => {
  const large = { has: (path: string) => path === "/large", answer: sendsMuch } as unknown as DashboardFiles;
  const patience = { headMs: 200, requestMs: 300, stillMs: 300 };
  const { url } = await socketHub(t, { dashboard: large, patience });
  const port = Number(new URL(url).port);
  const gone: string[] = [];
  for (const [what, idle] of Object.entries(IDLERS)) {
    const socket = connect(port, "127.0.0.1");
    t.after(() => socket.destroy());
    socket.on("error", () => {});
    idle(socket);
    // A socket that is not read does not hear that it was closed: the next write does.
    const probe = setInterval(() => socket.isPaused() && socket.write("x"), 50);
    socket.on("close", () => {
      clearInterval(probe);
      gone.push(what);
    });
    if (!socket.isPaused()) socket.resume();
  }
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  await eventually("all are gone", () => gone.length === Object.keys(IDLERS).length);
});

function sendsMuch(_path: string, _request: IncomingMessage, response: ServerResponse): void {
  response.end(Buffer.alloc(32 * 1024 * 1024));
}

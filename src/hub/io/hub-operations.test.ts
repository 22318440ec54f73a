/** What operators need of the hub's server, on real sockets: numbers, TLS, bounds. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { test } from "node:test";
import { connect as connectSecurely } from "node:tls";
import { Agent, request } from "undici";
import { WebSocket } from "ws";
import { ms, orderEvent } from "../../../test/account-news.ts";
import { eventually } from "../../../test/eventually.ts";
import { startHubWorld } from "../../../test/hub-world.ts";
import { InventedUpstream } from "../../../test/invented-upstream.ts";
import { socketHub } from "../../../test/socket-hub.ts";
import type { ReadAnswer } from "../../journal/journal.ts";
import { VenueRejected } from "../../kernel/errors.ts";
import { encodeEvent } from "../../protocol/user-data-event.ts";
import type { AccessToken } from "../access.ts";
import { UNSENT_BYTES_MAX } from "../consumer.ts";
import { MemoryJournal } from "../memory-journal.ts";
import type { TlsFiles } from "./hub-server.ts";

const TLS: TlsFiles = {
  cert: readFileSync("test/fixtures/tls/cert.pem", "utf8"),
  key: readFileSync("test/fixtures/tls/key.pem", "utf8"),
};

const OTHER_TLS: TlsFiles = {
  cert: readFileSync("test/fixtures/tls/other-cert.pem", "utf8"),
  key: readFileSync("test/fixtures/tls/other-key.pem", "utf8"),
};

const ADMIN = "administrator-0123456789";
const READER = "reader-of-demo-0123456789";
const TOKENS: readonly AccessToken[] = [
  { token: ADMIN, accounts: "all", may: "administer" },
  { token: READER, accounts: ["demo"], may: "read" },
];

/** One number of the metrics. */
function numberOf(text: string, series: string): number | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

test("the hub is shown in numbers: events, gaps, keys, sockets, budget, consumers, queues, commits", async (t) => {
  const running = await startHubWorld({ hasMetrics: true });
  t.after(() => running.close());
  await eventually("in sync", () => running.hub.isReady);
  const ws = new WebSocket(`${running.wsUrl}/v1/accounts/demo/stream`);
  t.after(() => ws.terminate());
  await once(ws, "open");
  for (let i = 0; i < 3; i++) {
    const body = JSON.stringify({ asset: "USDT", amount: "1" });
    await fetch(`${running.url}/v1/paper/accounts/demo/transfer`, { method: "POST", body });
  }
  const feed = running.hub.account("demo")?.feed;
  await eventually("told", () => (feed?.lastSeq ?? 0) >= 5);
  const seq = feed?.lastSeq ?? 0;
  running.venue.cutSockets();
  await eventually("a gap, live again, synced", () => (feed?.lastSeq ?? 0) >= seq + 3 && running.hub.isReady);
  const response = await fetch(`${running.url}/metrics`);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const value = (series: string) => numberOf(text, series);
  const demo = '{account="demo"}';
  assert.equal(value(`listenkey_account_ready${demo}`), 1);
  assert.equal(value(`listenkey_last_seq${demo}`), feed?.lastSeq);
  assert.equal(value('listenkey_events_total{account="demo",event="ACCOUNT_UPDATE",origin="stream"}'), 3);
  assert.equal(value(`listenkey_gaps_total${demo}`), 1);
  assert.equal(value(`listenkey_event_lag_seconds_count${demo}`), 3);
  assert.equal(value(`listenkey_consumers${demo}`), 1);
  assert.equal(value(`listenkey_queue_records${demo}`), 0);
  assert.equal(value(`listenkey_sockets${demo}`), 1);
  assert.equal(value("listenkey_journal_accepting"), 1);
  assert.equal(value(`listenkey_journal_records_total${demo}`), feed?.lastSeq);
  assert.ok((value(`listenkey_key_validity_seconds${demo}`) ?? 0) > 3500);
  const age = value(`listenkey_key_age_seconds${demo}`) ?? -1;
  assert.ok(age > 0 && age < 60, `the key is ${age} s old`);
  assert.ok((value(`listenkey_budget_used_weight${demo}`) ?? 0) > 0);
  assert.equal(value(`listenkey_budget_limit_weight${demo}`), 2400);
  assert.ok((value(`listenkey_journal_commit_seconds_count${demo}`) ?? 0) > 0);
  assert.ok((value("process_resident_memory_bytes") ?? 0) > 0);
  assert.doesNotMatch(text, /[A-Za-z0-9]{64}|paper-demo/);
});

test("repairs are counted with what they found, and consumers that were sent away by why", async (t) => {
  const { url, upstream, hub } = await socketHub(t, { hasMetrics: true });
  const repair = {
    kind: "repair",
    gaps: [],
    from: undefined,
    completeUpTo: 5,
    weightUsed: 30,
    requests: 4,
    tookMs: 1500,
  };
  upstream.record({ ...repair, recovered: { ORDER_TRADE_UPDATE: 2 }, holes: [] } as never);
  upstream.record({ ...repair, recovered: {}, holes: ["one", "two"] } as never);
  await eventually("committed", () => hub.account("demo")?.feed?.lastSeq === 2);
  const ws = new WebSocket(`${url.replace("http", "ws")}/v1/accounts/demo/stream`);
  await once(ws, "open");
  await hub.remove("demo");
  const text = await (await fetch(`${url}/metrics`)).text();
  assert.equal(numberOf(text, 'listenkey_repairs_total{account="demo",result="complete"}'), 1);
  assert.equal(numberOf(text, 'listenkey_repairs_total{account="demo",result="holes"}'), 1);
  assert.equal(numberOf(text, 'listenkey_recovered_total{account="demo",event="ORDER_TRADE_UPDATE"}'), 2);
  assert.equal(numberOf(text, 'listenkey_holes_total{account="demo"}'), 2);
  assert.equal(numberOf(text, 'listenkey_repair_weight_total{account="demo"}'), 60);
  assert.equal(numberOf(text, 'listenkey_repair_seconds_sum{account="demo"}'), 3);
  assert.equal(numberOf(text, 'listenkey_consumers_ended_total{account="demo",code="ACCOUNT_REMOVED"}'), 1);
  assert.equal(numberOf(text, 'listenkey_account_ready{account="demo"}'), undefined);
});

test("what slow consumers skip is counted, and events that nobody knows are one series", async (t) => {
  const { url, upstream, hub } = await socketHub(t, { hasMetrics: true });
  const account = hub.account("demo") ?? assert.fail("no account");
  const tell = async (count: number) => {
    for (let i = 0; i < count; i++) {
      upstream.event(`{"e":"INVENTED_${upstream.seq}","E":1}`);
      await eventually("committed", () => account.feed?.lastSeq === upstream.seq);
    }
  };
  for (const policy of ["drop-oldest", "coalesce"] as const) {
    const wish = { since: undefined, snapshots: "none", policy, queueEntries: 4 } as const;
    const sink = { send() {}, beat() {}, end() {}, unsentBytes: 0 };
    const consumer = hub.connect(account, wish, sink, { over: "websocket", address: "127.0.0.1" });
    consumer.begin();
    await tell(1);
    sink.unsentBytes = UNSENT_BYTES_MAX;
    await tell(5);
    sink.unsentBytes = 0;
    consumer.drained();
    hub.disconnected(consumer);
  }
  const text = await (await fetch(`${url}/metrics`)).text();
  // Two of the newest are left to the one, none to the other.
  assert.equal(numberOf(text, 'listenkey_records_skipped_total{account="demo"}'), 3 + 5);
  assert.equal(numberOf(text, 'listenkey_events_total{account="demo",event="other",origin="stream"}'), 12);
});

test("L9 numbers and changes are for tokens that are good for them", async (t) => {
  const { url } = await socketHub(t, { tokens: TOKENS, hasMetrics: true });
  const ask = async (method: string, path: string, token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await fetch(`${url}${path}`, { method, headers })).status;
  };
  assert.equal(await ask("GET", "/metrics"), 401);
  assert.equal(await ask("GET", "/metrics", READER), 403);
  assert.equal(await ask("GET", "/metrics", ADMIN), 200);
  assert.equal(await ask("POST", "/v1/reload", READER), 403);
  assert.equal(await ask("PUT", "/v1/accounts/demo", READER), 403);
  assert.equal(await ask("DELETE", "/v1/accounts/demo", READER), 403);
  // This hub was begun without anybody who could change it.
  assert.equal(await ask("POST", "/v1/reload", ADMIN), 404);
  assert.equal(await ask("GET", "/v1/openapi.json"), 200);
});

test("L9 a token that is taken back ends the streams it has opened, with the cursor, and no others", async (t) => {
  const { url, access, server } = await socketHub(t, { tokens: TOKENS });
  const open = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const ws = new WebSocket(`${url.replace("http", "ws")}/v1/accounts/demo/stream`, { headers });
    t.after(() => ws.terminate());
    await once(ws, "open");
    return ws;
  };
  const [reader, admin] = [await open(READER), await open(ADMIN)];
  const closed = once(reader, "close");
  access.renew(TOKENS.slice(0, 1));
  server.recheck();
  assert.deepEqual([(await closed)[0], admin.readyState], [1001, WebSocket.OPEN]);
  const again = await fetch(`${url}/v1/accounts/demo`, { headers: { authorization: `Bearer ${READER}` } });
  assert.equal(again.status, 401);
});

test("a page, which cannot send a header with its websocket, names its token among the protocols", async (t) => {
  const { url } = await socketHub(t, { tokens: TOKENS });
  const at = `${url.replace("http", "ws")}/v1/accounts/demo/stream`;
  const named = (token: string) => ["listenkey", `listenkey.bearer.${Buffer.from(token).toString("base64url")}`];
  const ws = new WebSocket(at, named(READER));
  t.after(() => ws.terminate());
  await once(ws, "open");
  assert.equal(ws.protocol, "listenkey");
  const wrong = new WebSocket(at, named("not-the-reader-0123456789"));
  wrong.on("error", () => {});
  assert.equal((await once(wrong, "unexpected-response"))[1].statusCode, 401);
});

test("a token that is taken away while its stream is being opened opens none", async (t) => {
  let isAsked = false;
  let answer = () => {};
  class SlowJournal extends MemoryJournal {
    override async read(): Promise<ReadAnswer> {
      isAsked = true;
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return { is: "page", entries: [], cursor: 5, extent: { firstSeq: 1, lastSeq: 5 } };
    }
  }
  const { wsUrl, access, server, hub } = await socketHub(t, { tokens: TOKENS, journal: new SlowJournal() });
  const headers = { authorization: `Bearer ${READER}` };
  const ws = new WebSocket(`${wsUrl}/v1/accounts/demo/stream?since=5`, { headers });
  ws.on("error", () => {});
  const refused = once(ws, "unexpected-response");
  await eventually("the journal is asked", () => isAsked);
  access.renew([{ token: ADMIN, accounts: "all", may: "administer" }]);
  server.recheck();
  answer();
  const [, response] = await Promise.race([refused, once(ws, "open").then(() => [undefined, { statusCode: 101 }])]);
  assert.deepEqual([response.statusCode, hub.consumerCount], [401, 0]);
});

test("another certificate is shown from the next handshake on; one that is none is refused", async (t) => {
  const { url, server } = await socketHub(t, { tls: TLS });
  const shown = async () => {
    const socket = connectSecurely({ host: "127.0.0.1", port: Number(new URL(url).port), rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const first = await shown();
  assert.throws(
    () => server.renewCertificate({ cert: TLS.cert, key: "none" }),
    /^UsageError: tls: expected a certificate/,
  );
  assert.equal(await shown(), first);
  server.renewCertificate(OTHER_TLS);
  assert.notEqual(await shown(), first);
});

test("over TLS it speaks HTTPS and wss, and a certificate that is none is refused", async (t) => {
  const { url } = await socketHub(t, { tls: TLS });
  assert.match(url, /^https:/);
  const dispatcher = new Agent({ connect: { ca: TLS.cert } });
  t.after(() => dispatcher.close());
  const { statusCode, body } = await request(`${url}/healthz`, { dispatcher });
  assert.deepEqual([statusCode, await body.json()], [200, { status: "alive" }]);
  const ws = new WebSocket(`${url.replace("https", "wss")}/v1/accounts/demo/stream`, { ca: TLS.cert });
  t.after(() => ws.terminate());
  const [first] = await once(ws, "message");
  assert.match(String(first), /^\{"snapshot":\{"account":"demo"/);
  await assert.rejects(socketHub(t, { tls: { cert: "none", key: "none" } }), {
    name: "UsageError",
    message: /^tls: expected a certificate and its key, in PEM/,
  });
});

test("L12 an address that asks too often is told to wait, and a body that is too long is not read", async (t) => {
  const { url } = await socketHub(t, { perSecond: 1 });
  const long = await fetch(`${url}/v1/accounts/demo`, { method: "PUT", body: "x".repeat(70_000) });
  assert.equal(long.status, 413);
  const statuses: number[] = [];
  for (let i = 0; i < 6; i++) statuses.push((await fetch(`${url}/healthz`)).status);
  assert.deepEqual(statuses.slice(0, 4), [200, 200, 200, 200]);
  const refused = await fetch(`${url}/healthz`);
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  assert.equal(((await refused.json()) as { error: { code: string } }).error.code, "TOO_MANY_REQUESTS");
});

test("L7 a consumer that floods the hub with frames is closed with 1008, one that pings a little is not", async (t) => {
  const { url, upstream } = await socketHub(t);
  const at = `${url.replace("http", "ws")}/v1/accounts/demo/stream?snapshots=none`;
  const [calm, pinging, talking, endless] = [0, 1, 2, 3].map(() => new WebSocket(at)) as [
    WebSocket,
    WebSocket,
    WebSocket,
    WebSocket,
  ];
  const all = [calm, pinging, talking, endless];
  t.after(() => all.forEach((ws) => void ws.terminate()));
  await Promise.all(all.map((ws) => once(ws, "open")));
  const neverWhole = once(endless, "close");
  for (let i = 0; i < 10; i++) endless.send("", { fin: false });
  assert.equal((await neverWhole)[0], 1008);
  const closed = Promise.all([once(pinging, "close"), once(talking, "close")]);
  for (let i = 0; i < 200; i++) pinging.ping();
  for (let i = 0; i < 200; i++) talking.send("x");
  let pongs = 0;
  calm.on("pong", () => pongs++);
  for (let i = 0; i < 20; i++) calm.ping();
  const told = (await closed).map(([code, reason]) => `${code} ${reason}`);
  assert.deepEqual(told, Array(2).fill("1008 TOO_MANY_FRAMES; go on with since=0"));
  await eventually("its pings are answered", () => pongs === 20);
  upstream.tell();
  assert.match(String((await once(calm, "message"))[0]), /^\{"seq":1,/);
});

/** What `curl --http2` and Java's own client send: an offer of HTTP/2, with the request. */
const OFFER = { upgrade: "h2c", connection: "Upgrade, HTTP2-Settings", "http2-settings": "AAMAAABkAARAAAAAAAIAAAAA" };

for (const [name, tls] of [
  ["HTTP", undefined],
  ["HTTPS", TLS],
] as const) {
  test(`an offer to go on in HTTP/2 is passed over, and the request answered, over ${name}`, async (t) => {
    const { url } = await socketHub(t, tls === undefined ? {} : { tls });
    const said = async (method: string, path: string, body = "") => {
      const { port } = new URL(url);
      const headers = { ...OFFER, "content-length": Buffer.byteLength(body) };
      const options = { host: "127.0.0.1", port, method, path, headers, ca: TLS.cert, servername: "localhost" };
      const asked = tls === undefined ? httpRequest(options) : httpsRequest(options);
      asked.end(body);
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      const chunks: string[] = [];
      for await (const chunk of response.setEncoding("utf8")) chunks.push(String(chunk));
      return [response.statusCode, chunks.join("")] as const;
    };
    const [status, accounts] = await said("GET", "/v1/accounts");
    assert.deepEqual([status, accounts.slice(0, 27)], [200, '{"accounts":[{"id":"demo","']);
    assert.deepEqual((await said("PUT", "/v1/accounts/demo", "x".repeat(70_000)))[0], 413);
    assert.match((await said("GET", "/v1/accounts/demo/stream"))[1], /UPGRADE_REQUIRED/);
  });
}

test("another method is refused with those there are, and a plain GET of a websocket with what to do", async (t) => {
  const { url } = await socketHub(t);
  const post = await fetch(`${url}/v1/accounts/demo`, { method: "POST" });
  assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, PUT, DELETE"]);
  assert.equal((await fetch(`${url}/v1/accounts/demo/stream`)).status, 426);
  assert.equal((await fetch(`${url}/v1/nothing`)).status, 404);
});

test("HEAD is answered as GET would be, without a body, and streams nothing", async (t) => {
  const { url, hub } = await socketHub(t);
  const head = async (path: string) => {
    const answer = await fetch(`${url}/v1/accounts/${path}`, { method: "HEAD" });
    return [answer.status, answer.headers.get("content-type"), await answer.text()];
  };
  assert.deepEqual(await head("demo/records/stream"), [200, "text/event-stream;charset=UTF-8", ""]);
  assert.deepEqual(await head("demo/records/stream?since=9"), [409, "application/json;charset=UTF-8", ""]);
  assert.deepEqual(await head("demo/stream"), [426, "application/json;charset=UTF-8", ""]);
  assert.equal(hub.consumerCount, 0);
});

test("an account of which nothing was told is refused with the reason, and does not look empty", async (t) => {
  const { url, hub, upstream } = await socketHub(t);
  const refused = new InventedUpstream("other");
  refused.refusal = new VenueRejected("POST listenKey", { status: 401, code: -2015, msg: "Invalid API-key" });
  await hub.add("other", refused.make);
  await eventually("refused", () => hub.account("other")?.health.phase === "waiting");
  const said = async (id: string) => {
    const answer = await fetch(`${url}/v1/accounts/${id}`);
    const { error } = (await answer.json()) as { error?: { message: string; remedy: string } };
    return [answer.status, error?.message, error?.remedy] as const;
  };
  const [status, message, remedy] = await said("demo");
  assert.deepEqual([status, message], [503, 'account: expected demo to be known, found "nothing yet"']);
  assert.equal(remedy, "Ask again in a second.");
  const [, , why] = await said("other");
  assert.match(
    why ?? "",
    /POST listenKey was refused: Invalid API-key \(-2015\) It is tried again every 30 seconds\.$/,
  );
  upstream.record({ kind: "status", status: "synced", since: ms(1) });
  await eventually("told", () => hub.account("demo")?.feed?.lastSeq === 1);
  assert.deepEqual(await said("demo"), [200, undefined, undefined]);
});

test("symbols are asked for in any case", async (t) => {
  const { url, hub, upstream } = await socketHub(t);
  for (const symbol of ["BTCUSDT", "ETHUSDT"]) {
    upstream.event(encodeEvent(orderEvent(9, "NEW", { s: symbol })));
  }
  await eventually("told", () => hub.account("demo")?.feed?.lastSeq === 2);
  const page = await (await fetch(`${url}/v1/accounts/demo/records?since=0&symbols=ethusdt`)).json();
  assert.deepEqual(
    (page as { records: { seq: number }[] }).records.map(({ seq }) => seq),
    [2],
  );
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { type WebSocket, WebSocketServer } from "ws";
import { until } from "../test/eventually.ts";
import { KeptLog } from "../test/fake-world.ts";
import { type AccountRecord, AccountStream, type AccountStreamOptions, UsageError } from "./index.ts";

const API_KEY = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83";
const KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1";
const WRONG_KEY = { status: 401, body: `{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}` };

test("start resolves when events can arrive, and stop leaves the shared key alone", async (t) => {
  const { exchange, stream } = await begin(t);
  const starting = stream.start();
  assert.equal(stream.start(), starting);
  await starting;
  assert.equal(stream.health.live, true);
  assert.deepEqual(exchange.asked, ["POST"]);
  assert.deepEqual(exchange.paths, [`/private/ws/${KEY}`]);
  await Promise.all([stream.stop(), stream.stop()]);
  assert.equal(stream.health.phase, "stopped");
  assert.deepEqual(exchange.asked, ["POST"]);
});

test("the key is released on stop only for those who ask for it", async (t) => {
  const { exchange, stream } = await begin(t, { releaseKeyOnStop: true });
  await stream.start();
  await stream.stop();
  assert.deepEqual(exchange.asked, ["POST", "DELETE"]);
});

test("listeners get the events of their name, typed, with ids as strings, and may be taken back", async (t) => {
  const { exchange, stream } = await begin(t);
  const fills: string[] = [];
  const all: AccountRecord[] = [];
  const unknown: string[] = [];
  const onFill = ({ i, t: trade }: { i: string; t: string }, { raw, seq }: { raw: string; seq: number }) =>
    fills.push(`${i} ${trade} ${seq} ${raw.length}`);
  stream
    .on("TRADE_LITE", onFill)
    .on("record", (record) => all.push(record))
    .on("unknown", ({ e }) => unknown.push(e))
    .on("ORDER_TRADE_UPDATE", () => assert.fail("no such event was sent"));
  await stream.start();
  exchange.say(fill(1), `{"e":"BRAND_NEW","E":1}`, fill(2));
  await until(() => all.length === 4);
  stream.off("TRADE_LITE", onFill);
  exchange.say(fill(3));
  await until(() => all.length === 5);
  assert.deepEqual(
    fills,
    [1, 2].map((n) => `8389765612825190229 ${n} ${2 * n} ${fill(n).length}`),
  );
  assert.deepEqual(unknown, ["BRAND_NEW"]);
  assert.deepEqual(
    all.map(({ seq }) => seq),
    [1, 2, 3, 4, 5],
  );
});

test("L10 an unknown event goes to who listens for its name, else to `unknown`, never to our words", async (t) => {
  const { exchange, stream } = await begin(t);
  const heard: string[] = [];
  stream.on("gap", () => heard.push("gap"));
  stream.on("status", ({ kind }) => heard.push(`status ${kind}`));
  stream.on("unknown", ({ e }) => heard.push(`unknown ${e}`));
  const onNew = () => void heard.push("BRAND_NEW");
  (stream as { on(name: string, listener: () => void): unknown }).on("BRAND_NEW", onNew);
  await stream.start();
  const names = ["gap", "status", "record", "health", "unknown", "BRAND_NEW", "constructor", "__proto__"];
  exchange.say(...names.map((name, E) => JSON.stringify({ e: name, E })));
  await until(() => stream.health.counts.events === names.length);
  (stream as { off(name: string, listener: () => void): unknown }).off("BRAND_NEW", onNew);
  exchange.say(`{"e":"BRAND_NEW","E":100}`);
  await until(() => stream.health.counts.events === names.length + 1);
  assert.deepEqual(heard, [
    "status status",
    ...["gap", "status", "record", "health", "unknown"].map((name) => `unknown ${name}`),
    "BRAND_NEW",
    "unknown constructor",
    "unknown __proto__",
    "unknown BRAND_NEW",
  ]);
});

test("records() gives what is told from now on, to each reader, and its loop ends with the stream", async (t) => {
  const { exchange, stream } = await begin(t);
  const early = read(stream);
  await stream.start();
  exchange.say(fill(1));
  await until(() => stream.health.counts.events === 1);
  const late = read(stream);
  exchange.say(fill(2), "{", fill(3));
  await until(() => stream.health.counts.events === 3);
  await stream.stop();
  const events = ["live", "fill 1", "fill 2", "gap", "live", "fill 3", "stopped"];
  assert.deepEqual(await early, events);
  assert.deepEqual(await late, events.slice(2));
  assert.deepEqual(await read(stream), []);
});

test("L7 a reader that is too slow ends alone", async (t) => {
  const { exchange, stream } = await begin(t);
  const slow = stream.records({ waitingMax: 2 });
  const quick = read(stream);
  await stream.start();
  exchange.say(fill(1), fill(2), fill(3));
  await until(() => stream.health.counts.events === 3);
  const got: number[] = [];
  await assert.rejects(
    (async () => {
      for await (const { seq } of slow) got.push(seq);
    })(),
    { name: "ReaderTooSlow", nextSeq: 3 },
  );
  assert.deepEqual(got, [1, 2]);
  await stream.stop();
  assert.equal((await quick).length, 5);
});

test("a socket that is cut is followed by a gap and a new one; the health is told on the way", async (t) => {
  const { exchange, stream } = await begin(t);
  const phases = new Set<string>();
  stream.on("health", ({ phase, budget }) => {
    phases.add(phase);
    assert.equal(budget.limit, 2400);
  });
  const reading = read(stream);
  await stream.start();
  exchange.say(fill(1));
  await until(() => stream.health.counts.events === 1);
  exchange.cut();
  await until(() => stream.health.counts.dials === 2 && stream.health.live);
  exchange.say(fill(2));
  await until(() => stream.health.counts.events === 2);
  await stream.stop();
  assert.deepEqual(await reading, ["live", "fill 1", "gap", "live", "fill 2", "stopped"]);
  assert.deepEqual([...phases].sort(), ["acquiring", "following", "pausing", "stopped"]);
});

test("a signal stops the stream: before, during and after the start; no listener stays behind on it", async (t) => {
  const early = await begin(t, { signal: AbortSignal.abort() });
  await assert.rejects(early.stream.start(), STOPPED);
  assert.deepEqual(early.exchange.asked, []);

  const during = new AbortController();
  const half = await begin(t, { signal: during.signal });
  const starting = half.stream.start();
  during.abort();
  await assert.rejects(starting, STOPPED);

  const whole = new AbortController();
  const { stream } = await begin(t, { signal: whole.signal });
  const reading = read(stream);
  await stream.start();
  whole.abort();
  assert.deepEqual(await reading, ["live", "stopped"]);

  const unused = new AbortController();
  const stopped = await begin(t, { signal: unused.signal });
  await stopped.stream.start();
  await stopped.stream.stop();
  const refused = await begin(t, { signal: unused.signal });
  refused.exchange.rest = () => WRONG_KEY;
  await assert.rejects(refused.stream.start(), { name: "VenueRejected" });
  assert.deepEqual(getEventListeners(unused.signal, "abort"), []);
});

test("a stream that was stopped before it was started does not start, and says so", async (t) => {
  const { exchange, stream } = await begin(t);
  await stream.stop();
  await assert.rejects(stream.start(), STOPPED);
  assert.deepEqual(exchange.asked, []);
});

test("a stream that has stopped does not start again, and says so, also when its start has stopped it", async (t) => {
  const { exchange, stream } = await begin(t);
  stream.on("status", ({ status }) => void (status === "live" && stream.stop()));
  await stream.start();
  await assert.rejects(stream.start(), STOPPED);
  assert.deepEqual(exchange.asked, ["POST"]);
});

test("a listener that throws disturbs neither the stream nor the others; its error surfaces", async (t) => {
  const { exchange, stream } = await begin(t);
  const heard: string[] = [];
  const bug = new Error("a bug of the listener's");
  stream.on("TRADE_LITE", () => {
    throw bug;
  });
  stream.on("TRADE_LITE", ({ t: trade }) => heard.push(trade));
  await stream.start();
  const [uncaught, giveBack] = takeUncaught();
  try {
    exchange.say(fill(1), fill(2));
    await until(() => heard.length === 2 && uncaught.length === 2);
  } finally {
    giveBack();
  }
  assert.deepEqual(
    [heard, uncaught],
    [
      ["1", "2"],
      [bug, bug],
    ],
  );
  assert.equal(stream.health.live, true);
});

test("a log that throws disturbs the stream as little as a listener that does", async (t) => {
  const bug = new Error("a bug of the log's");
  const fail = () => {
    throw bug;
  };
  const log = { debug: fail, info: fail, warn: fail, error: fail };
  const { exchange, stream } = await begin(t, { log });
  await stream.start();
  const [uncaught, giveBack] = takeUncaught();
  try {
    exchange.cut();
    await until(() => stream.health.counts.gaps === 1 && stream.health.live && uncaught.length > 0);
  } finally {
    giveBack();
  }
  assert.equal(uncaught[0], bug);
});

test("an API key that is refused ends the start with the exchange's own words", async (t) => {
  const { exchange, stream } = await begin(t);
  exchange.rest = () => WRONG_KEY;
  await assert.rejects(stream.start(), {
    name: "VenueRejected",
    message: "POST /fapi/v1/listenKey was refused: Invalid API-key, IP, or permissions for action. (-2015)",
  });
  assert.equal(stream.health.phase, "stopped");
});

test("a start that is refused leaves no alarm that would keep the program alive", async (t) => {
  const { exchange, stream } = await begin(t, { apiSecret: "a-secret" });
  exchange.rest = () => WRONG_KEY;
  const alarms = () => process.getActiveResourcesInfo().filter((what) => what === "Timeout").length;
  const before = alarms();
  await assert.rejects(stream.start(), { name: "VenueRejected" });
  await until(() => alarms() <= before);
});

test("while REST is down the key is asked for over the WS API, and the other way round", async (t) => {
  const rest = await begin(t, {}, true);
  rest.exchange.rest = () => ({ status: 503, body: "Service Unavailable." });
  await rest.stream.start();
  assert.deepEqual(rest.exchange.asked, ["POST", "userDataStream.start"]);

  const ws = await begin(t, { keyService: "ws-api" }, true);
  await ws.stream.start();
  assert.deepEqual(ws.exchange.asked, ["userDataStream.start"]);

  const both = await begin(t, { keyService: "ws-api", releaseKeyOnStop: true }, true);
  both.exchange.wsApi = (ws) => ws.terminate();
  await both.stream.start();
  await both.stream.stop();
  assert.deepEqual(both.exchange.asked, ["userDataStream.start", "POST", "userDataStream.stop", "DELETE"]);
});

test("L6 streams of one process that ask one host share one budget", async (t) => {
  const { exchange, stream } = await begin(t);
  const other = new AccountStream({ apiKey: "other", environment: exchange.endpoints });
  t.after(() => other.stop());
  exchange.rest = () => ({ status: 418, headers: { "retry-after": "90" }, body: `{"code":-1003,"msg":"banned"}` });
  const starting = stream.start();
  starting.catch(() => {});
  await until(() => stream.health.phase === "pausing");
  assert(other.health.budget.blockedForMs > 89_000);
  const otherStarting = other.start();
  otherStarting.catch(() => {});
  await until(() => other.health.phase === "pausing");
  assert.deepEqual(exchange.asked, ["POST"]);
  await Promise.all([stream.stop(), other.stop()]);
  await assert.rejects(starting, STOPPED);
});

/** Options that cannot be, and what is said about them. */
const WRONG: readonly (readonly [options: object, text: string])[] = [
  [{ apiKey: "k", environment: null }, "environment: expected production, demo or { rest, stream }, found null"],
  [{ apiKey: "k", releaseKeyOnStop: "no" }, 'releaseKeyOnStop: expected true or false, found "no"'],
  [{ apiKey: "k", log: {} }, "log.debug: expected a function, found undefined"],
  [{ apiKey: "k", signal: 5 }, "signal: expected an AbortSignal, found 5"],
  [{ apiKey: "k", redundancy: 3 }, "redundancy: expected 1 or 2, found 3"],
  [{ apiKey: "k", redundancy: "2" }, 'redundancy: expected 1 or 2, found "2"'],
  [{ apiKey: "k", account: "" }, 'account: expected a name, found ""'],
  [{ apiKey: "k", timing: { backoffMs: Number.NaN } }, "timing.backoffMs: expected milliseconds, 0 or more, found NaN"],
  [{ apiKey: "k", timing: { renewAfterMs: 0 } }, "timing.renewAfterMs: expected milliseconds, 100 or more, found 0"],
  [{ apiKey: "k", timing: { keyValidMs: "1" } }, 'timing.keyValidMs: expected milliseconds, 1000 or more, found "1"'],
  [{}, "apiKey: expected an API key, found undefined"],
  [{ apiKey: "" }, `apiKey: expected an API key, found ""`],
  [{ apiKey: 7 }, "apiKey: expected an API key, found 7"],
  [{ apiKey: `${API_KEY}\n` }, `apiKey: expected an API key, found "blanks or characters beyond ASCII"`],
  [{ apiKey: "ключ" }, `apiKey: expected an API key, found "blanks or characters beyond ASCII"`],
  [
    { apiKey: "a", environment: "testnet" },
    `environment: expected production, demo or { rest, stream }, found "testnet"`,
  ],
  [{ apiKey: "a", environment: {} }, "environment.rest: expected a URL without a trailing slash, found undefined"],
  [
    { apiKey: "a", environment: { rest: "https://x", stream: "https://x" } },
    `environment.stream: expected a URL without a trailing slash, found "https://x"`,
  ],
  [
    { apiKey: "a", environment: { rest: "https://x/", stream: "wss://x" } },
    `environment.rest: expected a URL without a trailing slash, found "https://x/"`,
  ],
  [
    { apiKey: "a", environment: { rest: "https://x", stream: "wss://x y" } },
    `environment.stream: expected a URL without a trailing slash, found "wss://x y"`,
  ],
  [
    { apiKey: "a", environment: { rest: "https://x", stream: "wss://x", wsApi: "x" } },
    `environment.wsApi: expected a URL without a trailing slash, found "x"`,
  ],
  [{ apiKey: "a", keyService: "ws" }, `keyService: expected "rest" or "ws-api", found "ws"`],
];

for (const [options, message] of WRONG) {
  test(`a wrong option is refused: ${message}`, () => {
    assert.throws(() => new AccountStream(options as AccountStreamOptions), { name: "UsageError", message });
  });
}

test("L9 neither the API key nor the listenKey is in the log, the health or the errors", async (t) => {
  const log = new KeptLog();
  const { exchange, stream } = await begin(t, {
    log,
    timing: { renewAfterMs: 100, renewRetryMs: 20, renewRetryMinMs: 5 },
  });
  await stream.start();
  const seen = [JSON.stringify(stream.health)];
  exchange.rest = () => ({ status: 500, body: KEY });
  exchange.say(`{"stream":"${KEY}"`, `{"e":"listenKeyExpired","E":1,"listenKey":"${KEY}"}`);
  await until(() => log.lines.length >= 3);
  exchange.rest = () => WRONG_KEY;
  await until(() => log.lines.some((line) => line.includes("-2015")));
  seen.push(JSON.stringify(stream.health), ...log.lines);
  for (const text of seen) assert(!text.includes(API_KEY) && !text.includes(KEY), text);
});

test("importing the door loads ws and nothing else from outside", async () => {
  const hooks = `import { writeSync } from "node:fs";
    export async function load(url, context, next) { writeSync(1, url + "\\n"); return next(url, context); }`;
  const register = `import { register } from "node:module"; register(${JSON.stringify(dataUrl(hooks))});`;
  const program = `await import(${JSON.stringify(DOOR)});
    const { createRequire } = await import("node:module");
    for (const file of Object.keys(createRequire(${JSON.stringify(DOOR)}).cache)) console.log(file);`;
  const { stdout } = await run(["--import", dataUrl(register), "--input-type=module", "-e", program]);
  const loaded = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("node:"));
  assert(
    loaded.some((file) => file.endsWith("/src/account-stream.js")),
    stdout,
  );
  const packages = new Set(loaded.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
  for (const optional of OPTIONAL_IN_WS) packages.delete(optional);
  assert.deepEqual([...packages], ["ws"]);
  assert.deepEqual(
    loaded.filter((file) => /\/src\/(?:venue|face|cli|journal|dashboard)\//.test(file)),
    [],
  );
  // Of the hub the client's end, and nothing that serves.
  const hub = loaded.flatMap((file) => /\/src\/hub\/(.*)\.js$/.exec(file)?.[1] ?? []);
  const client = ["fact-tables", "hub-errors", "hub-link", "io/hub-dialer", "known", "mirror-text", "record-text"];
  assert.deepEqual(hub.sort(), client);
});

test("a program that has stopped its stream ends by itself, soon: no timer and no socket is left", async (t) => {
  const exchange = await Exchange.open(t);
  const options = { apiKey: API_KEY, environment: exchange.endpoints };
  const program = `const { AccountStream } = await import(${JSON.stringify(DOOR)});
    const stream = new AccountStream(${JSON.stringify(options)});
    await stream.start();
    await stream.stop();
    const before = performance.now();
    process.on("exit", () => console.log(Math.round(performance.now() - before)));`;
  const { stdout } = await run(["--input-type=module", "-e", program]);
  assert(Number(stdout) < 1800, `it took ${stdout} ms`);
});

/** What `ws` itself loads when somebody has installed it. */
const OPTIONAL_IN_WS = ["bufferutil", "utf-8-validate", "node-gyp-build"];
const DOOR = new URL("./index.js", import.meta.url).href;
const STOPPED = {
  name: UsageError.name,
  message: `start(): expected the stream to be live before it is stopped, found "stopped"`,
};

/** From now on uncaught exceptions come here, until they are given back to those who take them usually. */
function takeUncaught(): readonly [uncaught: readonly unknown[], giveBack: () => void] {
  const uncaught: unknown[] = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error));
  const giveBack = () => {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  };
  return [uncaught, giveBack];
}

function run(args: readonly string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(process.execPath, args, { timeout: 20_000 });
}

function dataUrl(program: string): string {
  return `data:text/javascript,${encodeURIComponent(program)}`;
}

function fill(n: number): string {
  return (
    `{"e":"TRADE_LITE","E":${1000 + n},"T":${1000 + n},"s":"ETHUSDT","q":"0.001","p":"0","m":false,"c":"x",` +
    `"S":"BUY","L":"64089.20","l":"0.040","t":${n},"i":8389765612825190229}`
  );
}

/** Reads all records, in words, until the loop ends. */
async function read(stream: AccountStream): Promise<string[]> {
  const words: string[] = [];
  for await (const record of stream.records()) {
    if (record.kind === "gap") words.push("gap");
    else if (record.kind === "status") words.push(record.status);
    else if (record.kind === "event") words.push(`fill ${(record.event as { t: string }).t}`);
  }
  return words;
}

/** An exchange of the test's own, and a stream that is set up for it and ends with the test. */
async function begin(t: TestContext, options: Partial<AccountStreamOptions> = {}, withWsApi = false) {
  const exchange = await Exchange.open(t);
  const { wsApi, ...environment } = exchange.endpoints;
  const stream = new AccountStream({
    apiKey: API_KEY,
    environment: withWsApi ? { ...environment, wsApi } : environment,
    ...options,
  });
  t.after(() => stream.stop());
  return { exchange, stream };
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Just enough of an exchange: a listenKey over REST and the WS API, and a stream that says what the test says. */
class Exchange {
  /** What was asked for: HTTP methods and WS API methods. */
  readonly asked: string[] = [];
  /** The stream URLs that were dialled. */
  readonly paths: string[] = [];
  rest: () => Answer = () => ({ body: `{"listenKey":"${KEY}"}` });
  wsApi: (ws: WebSocket) => void = (ws) => ws.send(`{"id":1,"status":200,"result":{"listenKey":"${KEY}"}}`);
  readonly #streams = new Set<WebSocket>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    const sockets = new WebSocketServer({ server });
    sockets.on("connection", (ws, { url = "" }) =>
      url === "/ws-fapi/v1" ? this.#onWsApi(ws) : this.#onStream(ws, url),
    );
    server.on("request", (request, response) => {
      if (request.url === "/fapi/v1/time") return void response.end(`{"serverTime":${Date.now()}}`);
      this.asked.push(request.method ?? "");
      assert.equal(request.headers["x-mbx-apikey"], API_KEY);
      const { status = 200, headers = {}, body = "{}" } = this.rest();
      response.writeHead(status, headers).end(body);
    });
  }

  static async open(t: TestContext): Promise<Exchange> {
    const server = createServer();
    const exchange = new Exchange(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => {
      exchange.cut();
      server.closeAllConnections();
      server.close();
    });
    return exchange;
  }

  get endpoints() {
    const { port } = this.#server.address() as AddressInfo;
    const host = `127.0.0.1:${port}`;
    return { rest: `http://${host}`, stream: `ws://${host}`, wsApi: `ws://${host}/ws-fapi/v1` };
  }

  /** Sends frames on every stream socket. */
  say(...frames: readonly string[]): void {
    for (const ws of this.#streams) for (const frame of frames) ws.send(frame);
  }

  /** Cuts every stream socket. */
  cut(): void {
    for (const ws of this.#streams) ws.terminate();
  }

  #onStream(ws: WebSocket, url: string): void {
    this.paths.push(url);
    this.#streams.add(ws);
    ws.on("close", () => this.#streams.delete(ws));
  }

  #onWsApi(ws: WebSocket): void {
    ws.on("message", (data) => {
      const { method, params } = JSON.parse(String(data));
      assert.deepEqual(params, { apiKey: API_KEY });
      this.asked.push(method);
      this.wsApi(ws);
    });
  }
}

/** Calls that are passed on, on real sockets, with an exchange of the test's own behind the hub. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { apiKeyOf, botSetting } from "../../../test/bot-world.ts";
import { eventually } from "../../../test/eventually.ts";
import { ACCOUNT_KEY, ACCOUNT_SECRET, exitTo } from "../../../test/exits.ts";
import { KeptLog } from "../../../test/fake-world.ts";
import { socketHub } from "../../../test/socket-hub.ts";
import { nodeVerifier } from "../../face/io/verifiers.ts";
import { systemClock, systemRandom } from "../../kernel/io/system-clock.ts";
import { signedForm } from "../../protocol/signing.ts";
import { hmacSigner } from "../../rest/io/signers.ts";
import { wsDialer } from "../../stream/io/ws-dialer.ts";
import type { Access } from "../access.ts";
import { steadyTime } from "../binance-face.ts";
import { Bots } from "../bots.ts";
import type { Hub } from "../hub.ts";
import { PassThrough } from "../pass-through.ts";
import { tokenDigest } from "./token-digest.ts";

const SECRET = "secret0of0the0bot0that0nobody0sees";

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  body: string;
}

interface World {
  readonly url: string;
  readonly asked: Asked[];
  readonly log: KeptLog;
  /** Ends the exchange. */
  stop(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function world(t: TestContext, answer: Answer): Promise<World> {
  const asked: Asked[] = [];
  const exchange = createServer((request, response) => {
    const { method, url, headers } = request;
    const one = { method, url, headers, body: "" };
    asked.push(one);
    request.on("data", (chunk) => {
      one.body += String(chunk);
    });
    answer(request, response);
  });
  exchange.listen(0, "127.0.0.1");
  await once(exchange, "listening");
  const stop = () =>
    new Promise<void>((resolve) => {
      exchange.close(() => resolve());
      exchange.closeAllConnections();
    });
  t.after(stop);
  const credential = { keyType: "HMAC", secret: SECRET } as const;
  const settings = [botSetting("own", { may: "trade" }), botSetting("signs", { may: "trade", credential })];
  const exit = exitTo(`http://127.0.0.1:${(exchange.address() as AddressInfo).port}`, {}, Date.now());
  const exits = () => new Map([["demo", exit]]);
  const binance = (_hub: Hub, access: Access) => {
    const bots = new Bots(settings, { access, digest: tokenDigest, random: systemRandom, accounts: () => ["demo"] });
    const parts = { bots, verifier: nodeVerifier(), clock: systemClock };
    const calls = new PassThrough("everybody", { ...parts, exits });
    const passThrough = { calls, dialer: wsDialer, log: new KeptLog() };
    return { ...parts, time: steadyTime(systemClock), random: systemRandom, passThrough };
  };
  const { url, log } = await socketHub(t, { binance });
  return { url, asked, log, stop };
}

function json(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body);
}

const AS_OWN = { "X-MBX-APIKEY": apiKeyOf("own") };

test("a query arrives as it was sent, with every character that its signature was made over", async (t) => {
  const { url, asked } = await world(t, (asked, response) => asked.on("end", () => json(response, 200, "{}")).resume());
  const { port } = new URL(url);
  const path = `/fapi/v1/allOrders?a=[{"b":'c'}]<|>\\^\`{}&timestamp=1&signature=0`;
  const sent = request({ host: "127.0.0.1", port, path, headers: AS_OWN }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  answer.resume();
  assert.deepEqual([answer.statusCode, asked[0]?.url], [200, path]);
});

test("what a bot of the exchange signed arrives as it was sent, and the answer comes back as it came", async (t) => {
  const body = '{"orderId":8389765489680951453,  "price":"0.10"}';
  const headers = { "x-mbx-used-weight-1m": "7", "x-mbx-order-count-10s": "1", "set-cookie": "a=1", server: "x" };
  const { url, asked } = await world(t, (request, response) =>
    request.on("end", () => json(response, 200, body, headers)),
  );
  const response = await fetch(`${url}/fapi/v1/order?recvWindow=5000`, {
    method: "POST",
    headers: { ...AS_OWN, cookie: "secret", "content-type": "application/x-www-form-urlencoded" },
    body: "symbol=%C3%A9&timestamp=1&signature=ab%2Bcd",
  });
  assert.equal(await response.text(), body);
  const shown = ["x-mbx-used-weight-1m", "x-mbx-order-count-10s", "set-cookie"].map((name) =>
    response.headers.get(name),
  );
  assert.deepEqual(shown, ["7", "1", null]);
  const [one] = asked;
  assert.deepEqual(
    [one?.method, one?.url, one?.body, one?.headers["x-mbx-apikey"], one?.headers.cookie],
    [
      "POST",
      "/fapi/v1/order?recvWindow=5000",
      "symbol=%C3%A9&timestamp=1&signature=ab%2Bcd",
      apiKeyOf("own"),
      undefined,
    ],
  );
});

test("L9 what is signed anew shows the exchange the account's key, and nobody any secret", async (t) => {
  const { url, asked, log } = await world(t, (_, response) => json(response, 400, '{"code":-2019,"msg":"Margin."}'));
  const payload = `symbol=BTCUSDT&timestamp=${Date.now()}`;
  const query = signedForm(payload, hmacSigner(SECRET).sign(payload));
  const headers = { "X-MBX-APIKEY": apiKeyOf("signs") };
  const response = await fetch(`${url}/fapi/v1/order?${query}`, { method: "DELETE", headers });
  assert.deepEqual([response.status, await response.text()], [400, '{"code":-2019,"msg":"Margin."}']);
  const [one] = asked;
  assert.equal(one?.headers["x-mbx-apikey"], ACCOUNT_KEY);
  assert.match(one?.url ?? "", /^\/fapi\/v1\/order\?symbol=BTCUSDT&timestamp=\d{13}&signature=[0-9a-f]{64}$/);
  const seen = [...log.lines, JSON.stringify([...response.headers]), JSON.stringify(asked)].join("\n");
  for (const secret of [SECRET, ACCOUNT_SECRET, apiKeyOf("signs")]) assert.ok(!seen.includes(secret));
  assert.ok(!log.lines.join("\n").includes(ACCOUNT_KEY));
});

test("an answer goes on while it comes", async (t) => {
  let end = () => {};
  const { url } = await world(t, (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"first":1');
    end = () => void response.end("}");
  });
  const response = await fetch(`${url}/fapi/v1/exchangeInfo`);
  const reader = response.body?.getReader();
  assert.equal(new TextDecoder().decode((await reader?.read())?.value), '{"first":1');
  end();
  assert.equal(new TextDecoder().decode((await reader?.read())?.value), "}");
});

test("a body goes on while it comes, and no further than it may", async (t) => {
  const { url, asked } = await world(t, (request, response) => request.on("end", () => json(response, 200, "{}")));
  const post = (length: number) =>
    fetch(`${url}/fapi/v1/order`, { method: "POST", headers: AS_OWN, body: "x".repeat(length) });
  assert.equal((await post(200_000)).status, 200);
  assert.equal(asked[0]?.body.length, 200_000);
  const { status } = await post(300_000).catch(() => ({ status: 413 }));
  assert.equal(status, 413);
});

test("a read goes on without a body, and a call without one is sent without one", async (t) => {
  const { url, asked } = await world(t, (request, response) => {
    request.on("end", () => json(response, 200, "{}"));
    request.resume();
  });
  for (const method of ["GET", "POST", "DELETE"]) {
    const sent = request(`${url}/fapi/v1/order?signature=x`, { method, headers: AS_OWN, agent: false });
    if (method === "GET") sent.setHeader("content-length", 3);
    sent.end(method === "GET" ? "a=1" : undefined);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, 200, method);
  }
  assert.deepEqual(
    asked.map(({ body, headers }) => [body, Number(headers["content-length"] ?? 0)]),
    [
      ["", 0],
      ["", 0],
      ["", 0],
    ],
  );
});

test("no answer leads anywhere else: what would be followed is handed back", async (t) => {
  const elsewhere = "http://127.0.0.1:1/evil";
  const { url, asked } = await world(t, (_, response) => json(response, 302, "", { location: elsewhere }));
  const response = await fetch(`${url}/fapi/v1/exchangeInfo`, { redirect: "manual" });
  assert.deepEqual([response.status, response.headers.get("location"), asked.length], [302, null, 1]);
  for (const path of ["/fapi/v1/..%2f..%2fsapi", "//127.0.0.1:1/fapi/v1/time2", "/fapi/v1@127.0.0.1:1/x"]) {
    await fetch(url + path, { headers: AS_OWN }).then((one) => one.text());
  }
  assert.equal(asked.length, 1);
});

test("L6 after 429 nothing is sent until the exchange's time is over, whoever asks", async (t) => {
  const refusal = '{"code":-1003,"msg":"Too many requests"}';
  const { url, asked } = await world(t, (_, response) => json(response, 429, refusal, { "retry-after": "30" }));
  const first = await fetch(`${url}/fapi/v1/depth?symbol=BTCUSDT`);
  assert.deepEqual([first.status, first.headers.get("retry-after"), await first.text()], [429, "30", refusal]);
  const second = await fetch(`${url}/fapi/v1/order`, { method: "DELETE", headers: AS_OWN });
  const { code } = (await second.json()) as { code: number };
  assert.deepEqual([second.status, second.headers.get("retry-after"), code, asked.length], [429, "30", -1003, 1]);
});

test("an exchange that cannot be reached, or hangs up, is told apart", async (t) => {
  const running = await world(t, (_, response) => response.destroy());
  const ask = async () => {
    const response = await fetch(`${running.url}/fapi/v1/depth?symbol=BTCUSDT`);
    return [response.status, ((await response.json()) as { code: number }).code];
  };
  assert.deepEqual(await ask(), [408, -1007]);
  await running.stop();
  assert.deepEqual(await ask(), [503, -1001]);
});

test("a bot that goes away takes its read back, and an answer that breaks off ends without its end", async (t) => {
  let isGone = false;
  const { url } = await world(t, (request, response) => {
    response.on("close", () => {
      isGone = true;
    });
    if (request.url?.includes("exchangeInfo") !== true) return;
    response.writeHead(200, { "content-length": "100" });
    response.write("half");
    setImmediate(() => response.destroy());
  });
  const abort = new AbortController();
  const read = fetch(`${url}/fapi/v1/depth?symbol=BTCUSDT`, { signal: abort.signal });
  setTimeout(() => abort.abort(), 100);
  await assert.rejects(read);
  await eventually("the exchange is told", () => isGone);
  await assert.rejects(fetch(`${url}/fapi/v1/exchangeInfo`).then((one) => one.text()));
});

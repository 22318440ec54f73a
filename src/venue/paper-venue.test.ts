/** Stories of the whole venue in virtual time: what comes out of which socket in which order, and what jumps do. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyPairKeyObjectResult } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { DEMO, OPENED_AT, VenueClient } from "../../test/venue-client.ts";
import { hmacSigner, privateKeySigner } from "../rest/io/signers.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BUY = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010", newClientOrderId: "first" };

test("an order over REST yields its events in order on every session of the account, and on no other", () => {
  const client = new VenueClient();
  const key = start(client);
  const other = client.native("/v1/paper/accounts", { name: "other", balances: { USDT: "10000" } });
  const otherCaller = { apiKey: String(other.apiKey), signer: hmacSigner(String(other.apiSecret)) };
  const raw = client.socket(`/private/ws/${key}`);
  const combined = client.socket(`/private/stream?streams=${key}`);
  const foreign = client.socket(`/private/ws/${start(client, otherCaller)}`);

  const { status, json, headers } = client.call("POST", "/fapi/v1/order", BUY);
  assert.equal(status, 200);
  assert.deepEqual([json.status, json.clientOrderId, json.executedQty], ["NEW", "first", "0"]);
  assert.deepEqual([headers["x-mbx-order-count-10s"], headers["x-mbx-order-count-1m"]], ["1", "1"]);

  const texts = client.heard(raw);
  const names = texts.map((text) => JSON.parse(text).e);
  assert.deepEqual(names, ["TRADE_LITE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]);
  assert.deepEqual(
    texts
      .filter((text) => text.includes('"o"'))
      .map((text) => JSON.parse(text).o?.X)
      .filter(Boolean),
    ["NEW", "FILLED"],
  );
  assert.deepEqual(
    client.heard(combined),
    texts.map((text) => `{"stream":"${key}","data":${text}}`),
  );
  assert.deepEqual(client.heard(foreign), []);
});

test("orderIds beyond 2^53 are the same digits in the reply and in the event, bare in both", () => {
  const client = new VenueClient();
  const session = client.socket(`/private/ws/${start(client)}`);
  const { text } = client.call("POST", "/fapi/v1/order", { ...BUY, symbol: "ETHUSDT", quantity: "0.100" });
  const [, replied = ""] = /"orderId":(\d+),/.exec(text) ?? [];
  assert.ok(BigInt(replied) > 2n ** 53n, text);
  const update = client.heard(session).find((frame) => frame.includes("ORDER_TRADE_UPDATE"));
  assert.equal(/"i":(\d+),/.exec(update ?? "")?.[1], replied);
});

test("a listenKey is granted again, extended, ended; without one the answer is -1125", () => {
  const client = new VenueClient();
  const caller = { apiKey: DEMO.apiKey };
  assert.deepEqual(client.open("PUT", "/fapi/v1/listenKey", {}, caller).json, {
    code: -1125,
    msg: "This listenKey does not exist.",
  });
  const key = start(client);
  assert.match(key, /^[A-Za-z0-9]{64}$/);
  assert.equal(start(client), key);
  assert.deepEqual(client.open("PUT", "/fapi/v1/listenKey", { listenKey: "whatever" }, caller).json, {
    listenKey: key,
  });
  assert.deepEqual(client.open("DELETE", "/fapi/v1/listenKey", {}, caller).json, {});
  assert.equal(client.open("DELETE", "/fapi/v1/listenKey", {}, caller).status, 400);
  assert.notEqual(start(client), key);
});

test("a jump of the clock does everything on its way, in order of time", () => {
  const client = new VenueClient();
  const key = start(client);
  const session = client.socket(`/private/ws/${key}`);
  const wsApi = client.socket("/ws-fapi/v1");
  assert.deepEqual(client.native("/v1/paper/clock/advance", { ms: 59 * MINUTE }), {
    ms: 59 * MINUTE,
    time: OPENED_AT + 59 * MINUTE,
  });
  assert.deepEqual(client.heard(session), []);
  client.native("/v1/paper/clock/advance", { ms: 24 * HOUR });
  const [expired = "", closed] = client.heard(session);
  assert.deepEqual(JSON.parse(expired), { e: "listenKeyExpired", E: OPENED_AT + HOUR, listenKey: key });
  assert.match(closed ?? "", /^<close 1001/);
  assert.match(client.heard(wsApi).join(), /^<close 1001/);
  assert.equal(client.open("PUT", "/fapi/v1/listenKey", {}, { apiKey: DEMO.apiKey }).json.code, -1125);
});

test("what the exchange does between two deadlines of the face goes out between them", () => {
  const client = new VenueClient({ marketMaker: { tickMs: 1000, volatilityBps: 200 } });
  const key = start(client);
  const session = client.socket(`/private/ws/${key}`);
  const bid = Number(
    (client.open("GET", "/fapi/v1/ticker/bookTicker", { symbol: "BTCUSDT" }).json as { bidPrice?: string }).bidPrice,
  );
  const order = { symbol: "BTCUSDT", type: "LIMIT", timeInForce: "GTC", quantity: "0.010" };
  for (const [side, factor] of [
    ["BUY", 0.995],
    ["SELL", 1.005],
  ] as const) {
    const price = (Math.round(bid * factor * 10) / 10).toFixed(1);
    assert.equal(client.call("POST", "/fapi/v1/order", { ...order, side, price }).json.status, "NEW");
  }
  client.heard(session);
  client.native("/v1/paper/clock/advance", { ms: 2 * HOUR });
  const texts = client.heard(session);
  const last = texts.at(-1) ?? "";
  assert.match(last, /listenKeyExpired/);
  const fills = texts.filter((text) => text.includes('"X":"FILLED"'));
  assert.ok(fills.length > 0, "a market that moves two percent a second fills one of two orders within an hour");
  const times = texts.map((text) => (JSON.parse(text) as { E: number }).E);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  assert.ok((times.at(-2) ?? 0) < OPENED_AT + HOUR);
});

test("after a jump a timestamp is in time by either clock", () => {
  const client = new VenueClient();
  client.native("/v1/paper/clock/advance", { ms: HOUR });
  assert.equal(client.call("GET", "/fapi/v3/balance").status, 200);
  assert.equal(client.call("GET", "/fapi/v3/balance", { timestamp: OPENED_AT + HOUR }).status, 200);
  assert.match(String(client.call("GET", "/fapi/v3/balance", { timestamp: OPENED_AT + HOUR / 2 }).json.msg), /outside/);
  assert.match(String(client.call("GET", "/fapi/v3/balance", { timestamp: OPENED_AT + 2 * HOUR }).json.msg), /ahead/);
  assert.equal(client.open("GET", "/fapi/v1/time").json.serverTime, OPENED_AT + HOUR);
});

test("too much weight leads to 429, going on to 418, and patience back to 200, in virtual time", () => {
  const client = new VenueClient();
  const ask = () => client.open("GET", "/fapi/v1/ticker/bookTicker");
  client.wait(12_000);
  for (let used = 5; used <= 2400; used += 5) {
    const { status, headers } = ask();
    assert.deepEqual([status, headers["x-mbx-used-weight-1m"]], [200, String(used)]);
  }
  for (let refused = 1; refused <= 10; refused++) {
    const { status, headers, json } = ask();
    assert.deepEqual([status, json.code, headers["retry-after"]], [429, -1003, "48"]);
    assert.match(String(json.msg), /^Too many requests; current limit is 2400 requests per minute\./);
  }
  const { status, headers, json } = ask();
  const until = OPENED_AT + 12_000 + 2 * MINUTE;
  assert.deepEqual([status, json.code, headers["retry-after"]], [418, -1003, "120"]);
  assert.match(String(json.msg), new RegExp(`^Way too many requests; IP banned until ${until}\\.`));
  assert.equal(client.open("GET", "/fapi/v1/ping", {}, { ip: "10.0.0.2" }).status, 200);
  const refusedUpgrade = client.venue.open("/ws-fapi/v1", "10.0.0.1", client.now());
  assert.ok(refusedUpgrade.outcome === "refused" && refusedUpgrade.response.status === 418);
  client.wait(2 * MINUTE - 1);
  assert.equal(ask().status, 418);
  client.wait(1);
  const after = ask();
  assert.deepEqual([after.status, after.headers["x-mbx-used-weight-1m"]], [200, "5"]);
});

test("Retry-After is left out when the venue is told so", () => {
  const client = new VenueClient({ limits: { weightPerMinute: 1 }, sendsRetryAfter: false });
  client.open("GET", "/fapi/v1/ping");
  const { status, headers } = client.open("GET", "/fapi/v1/ping");
  assert.deepEqual([status, headers["retry-after"]], [429, undefined]);
});

test("too many orders are refused with -1015, over REST and the WS API alike, and none of them is placed", () => {
  const client = new VenueClient({ limits: { ordersPerTenSeconds: 3 } });
  const session = client.socket("/ws-fapi/v1");
  const rest = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.010", price: "84000" };
  assert.equal(client.call("POST", "/fapi/v1/order", rest).status, 200);
  assert.equal(client.askSigned(session, "order.place", rest).status, 200);
  assert.equal(client.call("POST", "/fapi/v1/order", rest).status, 200);
  const { status, json, headers } = client.call("POST", "/fapi/v1/order", rest);
  assert.deepEqual(
    [status, json],
    [429, { code: -1015, msg: "Too many new orders; current limit is 3 orders per TEN_SECONDS." }],
  );
  assert.equal(headers["x-mbx-order-count-10s"], "3");
  assert.equal(client.askSigned(session, "order.place", rest).status, 429);
  assert.equal(client.call("GET", "/fapi/v1/openOrders").json.length, 3);
  client.wait(10_000);
  assert.equal(client.call("POST", "/fapi/v1/order", rest).headers["x-mbx-order-count-10s"], "1");
});

test("only Ed25519 keys log on: the others are told the type that they are of, and trade on signed requests", () => {
  const client = new VenueClient();
  const session = client.socket("/ws-fapi/v1");
  const callers = [
    [DEMO, [400, "HMAC_SHA256 API key is not supported."]],
    [keyCaller(client, generateKeyPairSync("rsa", { modulusLength: 2048 })), [400, "RSA API key is not supported."]],
    [keyCaller(client, generateKeyPairSync("ed25519")), [200, undefined]],
  ] as const;
  for (const [caller, [status, msg]] of callers) {
    const answer = client.askSigned(session, "session.logon", {}, caller);
    assert.deepEqual([answer.status, answer.error], [status, msg === undefined ? undefined : { code: -4056, msg }]);
    assert.equal(client.askSigned(session, "account.balance", {}, caller).status, 200);
  }
});

test("the WS API trades: an HMAC key signs each request, an Ed25519 key logs on once", () => {
  const client = new VenueClient();
  const session = client.socket("/ws-fapi/v1");
  const events = client.socket(`/private/ws/${start(client)}`);
  const placed = client.askSigned(session, "order.place", BUY);
  assert.deepEqual([placed.status, (placed.result as { status: string }).status], [200, "NEW"]);
  assert.deepEqual(client.eventsHeard(events), [
    "TRADE_LITE",
    "ORDER_TRADE_UPDATE NEW",
    "ACCOUNT_UPDATE",
    "ORDER_TRADE_UPDATE FILLED",
  ]);
  assert.deepEqual(placed.rateLimits, [
    { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: -1, count: -1 },
    { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 300, count: 1 },
    { rateLimitType: "ORDERS", interval: "MINUTE", intervalNum: 1, limit: 1200, count: 1 },
  ]);
  const caller = ed25519Caller(client);
  const logon = client.askSigned(session, "session.logon", {}, caller);
  assert.deepEqual(logon.result, {
    apiKey: caller.apiKey,
    authorizedSince: OPENED_AT,
    connectedSince: OPENED_AT,
    returnRateLimits: true,
    serverTime: OPENED_AT,
  });
  const params = { timestamp: OPENED_AT, symbol: "BTCUSDT", origClientOrderId: "first" };
  const status = client.ask(session, "order.status", params);
  assert.equal((status.result as { status: string }).status, "FILLED");
  assert.equal(client.ask(session, "v2/account.status", { timestamp: OPENED_AT }).status, 200);
  assert.equal(client.ask(session, "userDataStream.ping").status, 200);
  const overridden = client.ask(session, "account.balance", { timestamp: OPENED_AT, apiKey: DEMO.apiKey });
  assert.equal((overridden.error as { code: number }).code, -1102);
  const loggedOut = client.ask(session, "session.logout");
  assert.deepEqual(
    [(loggedOut.result as { apiKey: null }).apiKey, client.ask(session, "order.status", params).error],
    [null, { code: -1102, msg: "Mandatory parameter 'apiKey' was not sent, was empty/null, or malformed." }],
  );
});

test("the listenKey calls of the WS API need the API key and nothing else, and give the key of REST", () => {
  const client = new VenueClient();
  const session = client.socket("/ws-fapi/v1?returnRateLimits=false");
  const params = { apiKey: DEMO.apiKey };
  assert.deepEqual(client.ask(session, "userDataStream.ping", params), {
    id: "q",
    status: 400,
    error: { code: -1125, msg: "This listenKey does not exist." },
  });
  const key = start(client);
  for (const method of ["userDataStream.start", "userDataStream.ping"]) {
    assert.deepEqual(client.ask(session, method, params), { id: "q", status: 200, result: { listenKey: key } });
  }
  assert.deepEqual(client.ask(session, "userDataStream.stop", params), { id: "q", status: 200, result: {} });
  assert.equal(client.ask(session, "userDataStream.stop", params).status, 400);
});

test("what is no request is answered as documented, and unknown methods by name", () => {
  const client = new VenueClient();
  const session = client.socket("/ws-fapi/v1");
  assert.deepEqual(client.say(session, "{nope"), [
    '{"id":null,"status":400,"error":{"code":-1000,"msg":"Invalid JSON request."}}',
  ]);
  assert.deepEqual(
    client
      .say(session, '{"id":18446744073709551615,"method":"ticker.none"}')
      .map((text) => text.split(',"rateLimits"')[0]),
    ['{"id":18446744073709551615,"status":404,"error":{"code":-5000,"msg":"Method ticker.none is invalid"}'],
  );
  assert.deepEqual((client.ask(session, "depth").error as { code: number }).code, -1102);
});

test("the rateLimits block follows the URL, and a request may ask otherwise", () => {
  const client = new VenueClient();
  const told = client.socket("/ws-fapi/v1");
  const untold = client.socket("/ws-fapi/v1?returnRateLimits=false");
  const symbol = "BTCUSDT";
  assert.deepEqual(client.ask(told, "ticker.price", { symbol }).rateLimits, [
    { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 2400, count: 11 },
  ]);
  assert.equal(client.ask(untold, "ticker.price", { symbol }).rateLimits, undefined);
  assert.equal(client.ask(told, "ticker.price", { symbol, returnRateLimits: false }).rateLimits, undefined);
  assert.ok(Array.isArray(client.ask(untold, "ticker.price", { symbol, returnRateLimits: true }).rateLimits));
});

test("sessions are pinged every 3 minutes, cut after 10 without a pong, and no jump makes a pong late", () => {
  const client = new VenueClient();
  const quiet = client.socket("/ws-fapi/v1");
  const alive = client.socket("/private/ws");
  client.native("/v1/paper/clock/advance", { ms: HOUR });
  for (let minutes = 0; minutes < 10; minutes++) {
    client.wait(MINUTE);
    if (client.heard(alive).includes("<ping>")) {
      const payload = String(OPENED_AT + HOUR + (minutes + 1) * MINUTE);
      client.venue.onPong(alive, payload, client.now());
    }
  }
  assert.deepEqual(client.heard(quiet), ["<ping>", "<ping>", "<ping>", "<close 1008 Pong timeout>"]);
  client.wait(9 * MINUTE - 1);
  assert.deepEqual(client.heard(alive), ["<ping>", "<ping>", "<ping>"]);
  client.wait(1);
  assert.deepEqual(client.heard(alive), ["<close 1008 Pong timeout>"]);
});

test("equal seeds and equal inputs give equal bytes", () => {
  const run = () => {
    const client = new VenueClient({ marketMaker: {}, seed: 5 });
    const session = client.socket(`/private/ws/${start(client)}`);
    client.call("POST", "/fapi/v1/order", BUY);
    client.native("/v1/paper/clock/advance", { ms: 10 * MINUTE });
    client.call("POST", "/fapi/v1/order", { ...BUY, side: "SELL", newClientOrderId: "second" });
    return [...client.heard(session), client.call("GET", "/fapi/v3/account").text];
  };
  assert.deepEqual(run(), run());
});

test("no frame makes a WS API session throw or go without an answer, and no money is made or lost", () => {
  const client = new VenueClient({ limits: { weightPerMinute: Number.MAX_SAFE_INTEGER } });
  const session = client.socket("/ws-fapi/v1");
  const method = fc.constantFrom(
    "order.place",
    "order.cancel",
    "account.status",
    "session.logon",
    "userDataStream.start",
    "depth",
    "x",
  );
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom("BTCUSDT", "BUY", "MARKET", "0.01", DEMO.apiKey, OPENED_AT));
  const name = fc.constantFrom("symbol", "side", "type", "quantity", "apiKey", "timestamp", "recvWindow", "__proto__");
  const request = fc.record({ id: fc.jsonValue(), method, params: fc.dictionary(name, value) }, { requiredKeys: [] });
  fc.assert(
    fc.property(
      fc.oneof(
        request.map((frame) => JSON.stringify(frame)),
        fc.string({ unit: "binary" }),
      ),
      (frame) => {
        const answers = client.say(session, frame);
        assert.equal(answers.length, 1);
        assert.equal(typeof JSON.parse(answers[0] ?? "").status, "number");
      },
    ),
    { numRuns: 300 },
  );
  client.askSigned(session, "order.place", BUY);
  client.native("/v1/paper/market/BTCUSDT", { price: "80000.0" });
  client.call("POST", "/fapi/v1/order", { ...BUY, side: "SELL", newClientOrderId: "second" });
  assert.equal(client.venue.exchange.auditMoney().discrepancy, 0n);
});

test("a stream URL that is none is refused with a reason", () => {
  const client = new VenueClient();
  for (const [url, status] of [
    ["/private/ws/", 400],
    ["/", 404],
    ["/ws-fapi/v2", 404],
  ] as const) {
    const opened = client.venue.open(url, "10.0.0.1", client.now());
    assert.ok(opened.outcome === "refused", url);
    assert.equal(opened.response.status, status);
    assert.match(opened.response.body, /^\{"code":-1000,"msg":"./);
  }
});

function start(client: VenueClient, caller: { readonly apiKey: string } = DEMO): string {
  const { status, json, text } = client.open("POST", "/fapi/v1/listenKey", {}, { apiKey: caller.apiKey });
  assert.equal(status, 200, text);
  return String(json.listenKey);
}

function ed25519Caller(client: VenueClient) {
  return keyCaller(client, generateKeyPairSync("ed25519"));
}

/** Registers the public half for the account `demo`. */
function keyCaller(client: VenueClient, pair: KeyPairKeyObjectResult) {
  const publicKey = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  const { apiKey } = client.native("/v1/paper/accounts/demo/keys", { publicKey });
  return {
    apiKey: String(apiKey),
    signer: privateKeySigner(pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
  };
}

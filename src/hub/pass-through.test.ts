/** Which calls of bots go on to the exchange, as whom, and at what weight. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeyOf, botSetting } from "../../test/bot-world.ts";
import { ACCOUNT_KEY, ACCOUNT_SECRET, exitTo } from "../../test/exits.ts";
import { EPOCH_MS, FakeClock } from "../../test/fake-world.ts";
import { nodeVerifier } from "../face/io/verifiers.ts";
import { seededRandom } from "../kernel/random.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { signedForm } from "../protocol/signing.ts";
import { hmacSigner } from "../rest/io/signers.ts";
import { WeightBudget } from "../rest/weight-budget.ts";
import { Access } from "./access.ts";
import { Bots } from "./bots.ts";
import { heed } from "./exit.ts";
import { tokenDigest } from "./io/token-digest.ts";
import { lostCall, PassThrough, type PassThroughWho, UNKNOWN_WEIGHT } from "./pass-through.ts";

const SECRET = "secret-of-the-bot";
const HOST = "https://fapi.example";
const TOKEN = { token: "reader-0123456789", accounts: ["demo"], may: "read" } as const;
const NOW = EPOCH_MS as TransactMs;
const CLOCKS = { now: NOW, unjumped: NOW };

function passing(who: PassThroughWho = "bots", limit = 2_400) {
  const clock = new FakeClock();
  const credential = { keyType: "HMAC", secret: SECRET } as const;
  const settings = [
    botSetting("own", { may: "trade" }),
    botSetting("reads"),
    botSetting("signs", { may: "trade", credential }),
    botSetting("looks", { credential }),
    botSetting("lost", { account: "elsewhere" }),
  ];
  const access = new Access([TOKEN], tokenDigest, clock);
  const deps = { access, digest: tokenDigest, random: seededRandom(1), accounts: () => ["demo"] };
  const bots = new Bots(settings, deps);
  const budget = new WeightBudget(limit);
  const exit = exitTo(HOST, { budget }, NOW);
  const calls = new PassThrough(who, { bots, verifier: nodeVerifier(), clock, exits: () => new Map([["demo", exit]]) });
  const judge = (method: string, path: string, query = "", apiKey?: string, text: string | "unread" = "") => {
    const body = text === "unread" ? undefined : text;
    const headers = apiKey === undefined ? {} : { "x-mbx-apikey": apiKey };
    return calls.judge({ method, path, query, body: body ?? "", headers, ip: "1.1.1.1" }, body, CLOCKS);
  };
  return { calls, judge, budget, exit, clock };
}

/** A query with a timestamp and the bot's signature. */
function signed(query: string, body = "", secret = SECRET, at: number = NOW): string {
  const payload = `${query}&timestamp=${at}`;
  return signedForm(payload, hmacSigner(secret).sign(payload + body));
}

const ORDER = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010";

/** `as`: whose key the exchange sees; or the code of the refusal. */
const CALLS: readonly [
  says: string,
  bot: string | undefined,
  method: string,
  path: string,
  query: string,
  as: unknown,
][] = [
  ["a bot of the exchange trades", "own", "POST", "/fapi/v1/order", "symbol=X&signature=its-own", "bot"],
  ["a bot of the exchange that may read reads", "reads", "GET", "/fapi/v3/account", "signature=its-own", "bot"],
  ["a bot that may read places no order", "reads", "POST", "/fapi/v1/order", "signature=its-own", -2015],
  ["a bot that may read ends no order", "looks", "DELETE", "/fapi/v1/order", signed("symbol=X"), -2015],
  ["what a bot signed is signed anew", "signs", "POST", "/fapi/v1/order", signed(ORDER), "account"],
  ["reads as well", "looks", "GET", "/fapi/v3/account", signed("recvWindow=5000"), "account"],
  ["a wrong signature goes nowhere", "signs", "POST", "/fapi/v1/order", signed(ORDER, "", "wrong"), -1022],
  ["no signature goes nowhere", "signs", "POST", "/fapi/v1/order", `${ORDER}&timestamp=${NOW}`, -1102],
  ["an old one goes nowhere", "signs", "POST", "/fapi/v1/order", signed(ORDER, "", SECRET, NOW - 6_000), -1021],
  [
    "what the catalogue does not know is judged by what it brings",
    "signs",
    "GET",
    "/fapi/v1/news",
    signed("a=1"),
    "account",
  ],
  ["unsigned it brings the account's key", "signs", "GET", "/fapi/v1/news", "a=1", "account"],
  ["public reads bring no key", "signs", "GET", "/fapi/v1/exchangeInfo", "", "nobody"],
  ["a token of the hub reads what is public", TOKEN.token, "GET", "/fapi/v1/depth", "symbol=BTCUSDT", "nobody"],
  ["and nothing that is signed", TOKEN.token, "GET", "/fapi/v3/account", signed("a=1"), -2015],
  ["a stranger does not", "stranger-0123456789", "GET", "/fapi/v1/depth", "symbol=BTCUSDT", -2015],
  ["nobody does not", undefined, "GET", "/fapi/v1/depth", "symbol=BTCUSDT", -2014],
  ["an account that is on no exchange has none", "lost", "GET", "/fapi/v1/depth", "", -1020],
  ["a query that is none goes nowhere", "own", "GET", "/fapi/v1/depth", "a=1#@evil.example/", -1100],
];

for (const [says, bot, method, path, query, as] of CALLS) {
  test(`${says}: ${method} ${path}`, () => {
    const known = ["own", "reads", "signs", "looks", "lost"].includes(bot ?? "");
    const apiKey = bot === undefined ? undefined : known ? apiKeyOf(bot) : bot;
    const judged = passing().judge(method, path, query, apiKey);
    if (judged.outcome === "refused") return assert.equal(judged.error.code, as);
    const seen = judged.apiKey === undefined ? "nobody" : judged.apiKey === ACCOUNT_KEY ? "account" : "bot";
    assert.equal(seen, as);
    assert.equal(judged.exit.rest, HOST);
    if (as === "bot") assert.equal(judged.target, `${path}?${query}`);
  });
}

test("what is signed anew keeps its parameters character for character, with the account's signature last", () => {
  const { judge } = passing();
  const body = "batchOrders=%5B%7B%22a%22%3A%221%22%7D%5D";
  const query = `recvWindow=5000&x=%C3%A9&timestamp=${NOW}`;
  const sent = signedForm(query, hmacSigner(SECRET).sign(query + body));
  const judged = judge("POST", "/fapi/v1/batchOrders", sent, apiKeyOf("signs"), body);
  assert.ok(judged.outcome === "passed");
  const kept = `recvWindow=5000&x=%C3%A9&timestamp=${NOW}`;
  const signature = hmacSigner(ACCOUNT_SECRET).sign(kept + body);
  assert.equal(judged.target, `/fapi/v1/batchOrders?${kept}&signature=${signature}`);
  assert.equal(judged.body, body);
});

test("a body with a signature is signed anew as well, and a body that was not read stays as it comes", () => {
  const { judge } = passing();
  const form = signed(ORDER);
  const judged = judge("POST", "/fapi/v1/order", "", apiKeyOf("signs"), form);
  assert.ok(judged.outcome === "passed");
  assert.equal(judged.body, ORDER);
  assert.match(judged.target, /^\/fapi\/v1\/order\?timestamp=\d+&signature=[0-9a-f]{64}$/);
  const { calls, judge: again } = passing();
  assert.equal(calls.readsBody({ headers: { "x-mbx-apikey": apiKeyOf("own") } }), false);
  assert.equal(calls.readsBody({ headers: { "x-mbx-apikey": apiKeyOf("signs") } }), true);
  const untouched = again("POST", "/fapi/v1/order", "", apiKeyOf("own"), "unread");
  assert.ok(untouched.outcome === "passed" && untouched.body === undefined);
});

const PATHS: readonly [method: string, path: string, isTaken: boolean][] = [
  ["GET", "/fapi/v1/depth", true],
  ["GET", "/fapi/v3/ticker/price", true],
  ["GET", "/fapi/v1/ping", false],
  ["GET", "/fapi/v1/time", false],
  ["POST", "/fapi/v1/listenKey", false],
  ["POST", "/fapi/v2/listenKey", false],
  ["POST", "/fapi/v1/LISTENKEY", false],
  ["GET", "/fapi/v1/../../sapi/v1/capital", false],
  ["GET", "/fapi/v1//evil.example", false],
  ["GET", "/fapi/v1/%2e%2e/x", false],
  ["GET", "/sapi/v1/account", false],
  ["GET", "/fapi", false],
  ["OPTIONS", "/fapi/v1/depth", false],
  ["CONNECT", "/fapi/v1/depth", false],
];

for (const [method, path, isTaken] of PATHS) {
  test(`${method} ${path} is ${isTaken ? "" : "not "}one to pass on`, () => {
    assert.equal(passing().calls.takes({ method, path }), isTaken);
  });
}

test("nothing about listenKeys or sessions goes on over the WS API, in any version", () => {
  const { calls } = passing();
  const own = [
    "userDataStream.stop",
    "v2/userDataStream.start",
    "USERDATASTREAM.ping",
    "session.logon",
    "v1/session.status",
  ];
  for (const method of own) assert.equal(calls.takesMethod(method), false, method);
  for (const method of ["order.place", "v2/account.status", "depth"]) assert.equal(calls.takesMethod(method), true);
});

test("anybody reads what is public when everybody may, and nothing else", () => {
  const { judge } = passing("everybody");
  const code = (...call: Parameters<typeof judge>) => {
    const judged = judge(...call);
    return judged.outcome === "passed" ? judged.apiKey : judged.error.code;
  };
  assert.equal(code("GET", "/fapi/v1/depth", "symbol=BTCUSDT"), undefined);
  assert.equal(code("GET", "/fapi/v1/unknown"), undefined);
  assert.equal(code("GET", "/fapi/v1/historicalTrades", "symbol=BTCUSDT"), -2014);
  assert.equal(code("GET", "/fapi/v3/account"), -2014);
  assert.equal(code("POST", "/fapi/v1/order", ORDER), -2014);
});

test("L6 a call pays from the one budget: reads leave room for orders, orders for what keeps streams", () => {
  const { judge, budget, clock } = passing("bots", 100);
  const status = (method: string, path: string, query: string) => {
    const judged = judge(method, path, query, apiKeyOf("own"));
    return judged.outcome === "passed" ? 200 : judged.status;
  };
  const used = () => budget.state(clock.now()).used;
  assert.equal(status("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000"), 200);
  assert.equal(used(), 20);
  assert.equal(status("GET", "/fapi/v1/news", ""), 200);
  assert.equal(used(), 20 + UNKNOWN_WEIGHT);
  assert.equal(status("GET", "/fapi/v1/fundingInfo", ""), 200);
  assert.equal(used(), 20 + UNKNOWN_WEIGHT);
  budget.observe(75);
  assert.equal(status("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=5"), 429);
  assert.equal(status("DELETE", "/fapi/v1/order", "symbol=BTCUSDT"), 200);
  budget.observe(90);
  assert.equal(status("DELETE", "/fapi/v1/order", "symbol=BTCUSDT"), 429);
  assert.equal(used(), 90);
});

test("L6 429 and 418 silence everything of the address, but too many orders are one account's", () => {
  const judgedAfter = (status: number, body: string, retryAfter?: string) => {
    const { judge, exit, clock } = passing();
    heed(exit, { status, used: 5, body, retryAfter }, { now: clock.now(), time: NOW });
    const judged = judge("GET", "/fapi/v1/depth", "symbol=X", apiKeyOf("own"));
    return judged.outcome === "passed" ? 0 : judged.waitMs;
  };
  assert.equal(judgedAfter(200, ""), 0);
  assert.equal(judgedAfter(429, '{"code":-1003,"msg":"Too many requests"}', "7"), 7_000);
  assert.equal(judgedAfter(418, `{"code":-1003,"msg":"IP banned until ${NOW + 90_000}."}`), 90_000);
  assert.equal(judgedAfter(429, '{"code":-1015,"msg":"Too many new orders."}'), 0);
  assert.equal(judgedAfter(429, '{"id":1,"status":429,"error":{"code":-1015,"msg":"Too many new orders."}}'), 0);
  assert.equal(judgedAfter(418, "<html>"), 120_000);
});

test("whether a call that was lost can have been carried out is said as Binance says it", () => {
  assert.deepEqual([lostCall(true).status, lostCall(true).error.code], [408, -1007]);
  assert.deepEqual([lostCall(false).status, lostCall(false).error.code], [503, -1001]);
});

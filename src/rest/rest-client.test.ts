import assert from "node:assert/strict";
import { test } from "node:test";
import { EPOCH_MS, FakeClock, FakeHttp } from "../../test/fake-world.ts";
import { type ListenkeyError, NetworkError, RateLimited, VenueRejected } from "../kernel/errors.ts";
import type { HttpRequest, HttpResponse } from "../kernel/ports.ts";
import type { WallMs } from "../kernel/scalars.ts";
import { id64, list, record } from "../protocol/codec.ts";
import { ENDPOINTS, endpointNamed } from "../protocol/endpoints.ts";
import { anything } from "../protocol/rest/reply-forms.ts";
import { isTransportTrouble, type RestCall, RestClient } from "./rest-client.ts";
import { WeightBudget } from "./weight-budget.ts";

const API_KEY = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83";
const PING: RestCall = { endpoint: ENDPOINTS.ping, priority: "read" };
/** What is answered does not matter to most tests. */
const ORDER: RestCall = {
  endpoint: { ...endpointNamed("placeOrder"), reply: anything },
  params: { symbol: "币安人生USDT", side: "BUY", price: "0.10", newClientOrderId: "a/b:c=d&e" },
  priority: "read",
};
const TOO_LATE = {
  status: 400,
  body: `{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}`,
};

test("a public call sends no key and no signature; a call with the key has it in the header only", async () => {
  const world = begin(() => ({ body: `{"a":1}` }));
  assert.deepEqual(await world.rest.call(PING), { a: 1 });
  assert.deepEqual(world.sent[0], { method: "GET", url: "https://fake/fapi/v1/ping", headers: {} });
  const endpoint = { ...ENDPOINTS.ping, security: "USER_STREAM" } as const;
  await world.rest.call({ endpoint, params: { symbol: "BTCUSDT", limit: "5" }, priority: "read" });
  assert.deepEqual(world.sent[1], {
    method: "GET",
    url: "https://fake/fapi/v1/ping?symbol=BTCUSDT&limit=5",
    headers: { "X-MBX-APIKEY": API_KEY },
  });
});

test("a signed call signs the very text it sends: window, parameters in their order, time", async () => {
  const world = begin(() => ({}));
  await world.clock.advance(1500);
  await world.rest.call(ORDER);
  const [payload] = world.signed;
  assert.equal(
    payload,
    "recvWindow=5000&symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&side=BUY&price=0.10" +
      `&newClientOrderId=a%2Fb%3Ac%3Dd%26e&timestamp=${EPOCH_MS + 1500}`,
  );
  assert.deepEqual(world.sent, [
    {
      method: "POST",
      url: `https://fake/fapi/v1/order?${payload}&signature=s%2Fg%2Bn%3D`,
      headers: { "X-MBX-APIKEY": API_KEY },
    },
  ]);
});

test("the caller's own window goes before ours", async () => {
  const world = begin(() => ({}));
  await world.rest.call({ ...ORDER, params: { recvWindow: "200", symbol: "BTCUSDT" } });
  assert.deepEqual(world.signed, [`recvWindow=200&symbol=BTCUSDT&timestamp=${EPOCH_MS}`]);
});

test("a signed call without anything to sign with is the caller's fault, and nothing is sent", async () => {
  const http = new FakeHttp(() => ({}));
  const rest = new RestClient({
    http,
    clock: new FakeClock(),
    budget: new WeightBudget(),
    baseUrl: "",
    apiKey: API_KEY,
  });
  await assert.rejects(rest.call(ORDER), {
    name: "UsageError",
    message: "apiSecret: expected a secret or a private key, to sign with, found undefined",
  });
  assert.deepEqual(http.requests, []);
});

test("L4 ids beyond 2^53 in an answer keep every digit", async () => {
  const world = begin(() => ({ body: `[{"orderId":8389765612825190229},{"orderId":7}]` }));
  const endpoint = { ...ENDPOINTS.ping, reply: list(record({ orderId: id64 })) };
  const read = await world.rest.call({ endpoint, priority: "read" });
  assert.deepEqual(read, [{ orderId: "8389765612825190229" }, { orderId: "7" }]);
});

test("L4 amounts that stand as bare numbers keep every digit", async () => {
  const brackets = `[{"symbol":"A","brackets":[{"bracket":1,"initialLeverage":75,"notionalCap":100000000000000.10,`;
  const body = `${brackets}"notionalFloor":0.0000001,"maintMarginRatio":0.10,"cum":0.0}]}]`;
  const world = begin(() => ({ body }));
  const endpoint = ENDPOINTS.leverageBrackets;
  const [first] = [await world.rest.call({ endpoint, priority: "read" })].flat();
  assert.deepEqual(first?.brackets[0], {
    bracket: 1,
    initialLeverage: 75,
    notionalCap: "100000000000000.10",
    notionalFloor: "0.0000001",
    maintMarginRatio: "0.10",
    cum: "0.0",
  });
});

test("an answer that is not what its table says is an error that names the call and the place", async () => {
  const rows: readonly (readonly [body: string, message: string])[] = [
    [`{"multiAssetsMargin":"true"}`, `$.multiAssetsMargin: expected true or false, found "true"`],
    [`{}`, "$.multiAssetsMargin: expected true or false, found undefined"],
    [`[]`, "$: expected an object, found an array of 0"],
    [`null`, "$: expected an object, found null"],
  ];
  for (const [body, message] of rows) {
    const world = begin(() => ({ body }));
    const call = { endpoint: ENDPOINTS.multiAssetsMode, priority: "read" } as const;
    await assert.rejects(world.rest.call(call), {
      name: "WireFormatError",
      message: `GET /fapi/v1/multiAssetsMargin ${message}`,
    });
  }
});

test("L10 what a table does not know passes, is listed once and counted each time", async () => {
  const side = { symbol: "A", side: "SIDEWAYS", brandNew: { x: 1 } };
  const order = `{"clientOrderId":"c","cumQty":"0","executedQty":"0","orderId":1,"origQty":"1","price":"0",
    "reduceOnly":false,"positionSide":"BOTH","status":"NEW","stopPrice":"0","closePosition":false,"timeInForce":"GTC",
    "type":"LIMIT","origType":"LIMIT","updateTime":1,"workingType":"MARK_PRICE","priceProtect":false,`;
  const world = begin(() => ({ body: order + JSON.stringify(side).slice(1) }));
  for (let n = 0; n < 2; n++) {
    const read = await world.rest.call({ endpoint: ENDPOINTS.placeOrder, priority: "read" });
    assert.equal(read.side, "SIDEWAYS");
    assert.deepEqual((read as { brandNew?: unknown }).brandNew, { x: 1 });
  }
  assert.deepEqual(world.rest.novelties.list, [
    { what: "value", where: "POST /fapi/v1/order.side", found: "SIDEWAYS" },
    { what: "field", where: "POST /fapi/v1/order", found: "brandNew" },
  ]);
  assert.equal(world.rest.novelties.count, 4);
});

test("a refused timestamp is answered by asking for the time, once, and sending again with it", async () => {
  const world = begin(({ url }) => {
    if (url.endsWith("/time")) return { body: `{"serverTime":${EPOCH_MS + 7000}}` };
    return url.includes(`timestamp=${EPOCH_MS}&`) ? TOO_LATE : { body: `{"orderId":1}` };
  });
  assert.deepEqual(await world.rest.call(ORDER), { orderId: 1 });
  assert.equal(world.rest.venueClock.health.offsetMs, 7000);
  assert.deepEqual(world.paths(), ["/fapi/v1/order", "/fapi/v1/time", "/fapi/v1/order"]);
  await world.rest.call(ORDER);
  assert.equal(world.sent.length, 4);
  assert(world.signed.at(-1)?.endsWith(`timestamp=${EPOCH_MS + 7000}`));
});

test("a timestamp that is refused again is an error, not a loop", async () => {
  const world = begin(({ url }) => (url.endsWith("/time") ? { body: `{"serverTime":${EPOCH_MS}}` } : TOO_LATE));
  await assert.rejects(world.rest.call(ORDER), {
    name: "VenueRejected",
    message: "POST /fapi/v1/order was refused: Timestamp for this request is outside of the recvWindow. (-1021)",
  });
  assert.deepEqual(world.paths(), ["/fapi/v1/order", "/fapi/v1/time", "/fapi/v1/order"]);
});

test("when the time cannot be had, the caller learns the refusal: his order was surely not executed", async () => {
  for (const noTime of [new NetworkError("GET", "no answer", "unknown"), { body: "null" }, { body: "<html>" }]) {
    const world = begin(({ url }) => (url.endsWith("/time") ? noTime : TOO_LATE));
    await assert.rejects(world.rest.call(ORDER), { name: "VenueRejected", venueCode: -1021 });
    assert.equal(world.sent.length, 2);
  }
});

test("an answer about the time that holds none is an error that says so", async () => {
  const world = begin(() => ({ body: "{}" }));
  await assert.rejects(world.rest.syncClock(), {
    name: "WireFormatError",
    message: "GET /fapi/v1/time $.serverTime: expected a time in milliseconds, found undefined",
  });
});

/** What the exchange answers, and the whole text of the error that comes of it. */
const REFUSALS: readonly (readonly [status: number, body: string, text: string, retryable: boolean])[] = [
  [400, `{"code":-1125,"msg":"This listenKey does not exist."}`, "This listenKey does not exist. (-1125)", false],
  [
    401,
    `{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}`,
    "Invalid API-key, IP, or permissions for action. (-2015)",
    false,
  ],
  [400, `{"code":-2010,"msg":"NEW_ORDER_REJECTED","data":[]}`, "NEW_ORDER_REJECTED (-2010)", false],
  [
    408,
    `{"code":-1007,"msg":"Timeout waiting for response from backend server."}`,
    "Timeout waiting for response from backend server. (-1007)",
    true,
  ],
  [
    503,
    `{"code":-1008,"msg":"Request throttled by system-level protection."}`,
    "Request throttled by system-level protection. (-1008)",
    true,
  ],
  [403, "<html><h1>403 Forbidden</h1></html>", "HTTP 403 without a code (0)", false],
  [502, "<html>Bad Gateway</html>", "HTTP 502 without a code (0)", true],
  [503, "Service Unavailable.", "HTTP 503 without a code (0)", true],
  [500, "", "HTTP 500 without a code (0)", true],
  [500, "null", "HTTP 500 without a code (0)", true],
  [400, `{"code":"-1125","msg":"as a text"}`, "HTTP 400 without a code (0)", false],
  [
    451,
    `{"code":0,"msg":"Service unavailable from a restricted location"}`,
    "Service unavailable from a restricted location (0)",
    false,
  ],
];

for (const [status, body, text, retryable] of REFUSALS) {
  test(`HTTP ${status} ${body.slice(0, 40)}: ${text}`, async () => {
    const world = begin(() => ({ status, body }));
    await assert.rejects(world.rest.call(PING), (error: VenueRejected) => {
      assert(error instanceof VenueRejected);
      assert.equal(error.message, `GET /fapi/v1/ping was refused: ${text}`);
      assert.deepEqual([error.status, error.retryable, error.origin], [status, retryable, "venue"]);
      assert.equal(isTransportTrouble(error), retryable || error.venueCode === 0, "may another way do better?");
      return true;
    });
  });
}

test("a success that is no JSON is told as such, shortened", async () => {
  const world = begin(() => ({ body: "<html><body>Login to the hotel's network</body></html>".repeat(99) }));
  await assert.rejects(world.rest.call(PING), (error: ListenkeyError) => {
    assert.equal(error.name, "WireFormatError");
    assert.match(error.message, /^GET \/fapi\/v1\/ping \$: expected JSON, found "<html><body>Login to .*…$/);
    assert(error.message.length < 140);
    return true;
  });
});

test("trouble of the network passes through as it is", async () => {
  const trouble = new NetworkError("GET /fapi/v1/ping", "connect ECONNREFUSED", "not-sent");
  const world = begin(() => trouble);
  await assert.rejects(world.rest.call(PING), trouble);
  assert(isTransportTrouble(trouble));
});

const SECOND = 1000;
const BANNED = `{"code":-1003,"msg":"Way too many requests; IP banned until ${EPOCH_MS + 90 * SECOND}. Please use …"}`;
const TOO_MANY = `{"code":-1003,"msg":"Too many requests; current limit is 2400 requests per minute. Please use …"}`;

const NOT_SENT = "was refused: this address is over its weight or banned; not sent (HTTP 429)";

const BOTH = { status: 418, headers: { "retry-after": "5" }, body: BANNED };

/** Status, headers and body; and how long to be silent, in seconds. */
const SILENCES: readonly (readonly [what: string, answer: Partial<HttpResponse>, waitS: number])[] = [
  ["429 with Retry-After", { status: 429, headers: { "retry-after": "17" }, body: TOO_MANY }, 17],
  ["418 with Retry-After", { status: 418, headers: { "retry-after": "300" }, body: TOO_MANY }, 300],
  ["418 with the end of the ban in the text", { status: 418, body: BANNED }, 90],
  ["418 with both: the duration, which no clock can get wrong", BOTH, 5],
  ["429 without anything: until its minute is over", { status: 429, body: TOO_MANY }, 60],
  ["418 without anything: the shortest ban", { status: 418, body: TOO_MANY }, 120],
  ["429 of a proxy, as a page", { status: 429, body: "<html>slow down</html>" }, 60],
  [
    "a Retry-After that is a date",
    { status: 429, headers: { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }, body: "" },
    60,
  ],
  ["a Retry-After of nothing", { status: 429, headers: { "retry-after": "0" }, body: "" }, 60],
  ["a Retry-After below nothing", { status: 418, headers: { "retry-after": "-5" }, body: "" }, 120],
  [
    "a Retry-After of a century: the longest ban there is",
    { status: 418, headers: { "retry-after": "3e9" }, body: "" },
    259_200,
  ],
  ["a ban that is over already", { status: 418, body: BANNED.replace(/\d{13}/, String(EPOCH_MS - 1)) }, 120],
];

for (const [what, answer, waitS] of SILENCES) {
  test(`L6 ${what}: silence for ${waitS} s, and nothing is sent meanwhile`, async () => {
    const world = begin(() => answer);
    await assert.rejects(world.rest.call(PING), (error: RateLimited) => {
      assert(error instanceof RateLimited);
      assert.deepEqual([error.status, error.waitMs, error.retryable], [answer.status, waitS * SECOND, true]);
      return true;
    });
    await world.clock.advance(waitS * SECOND - 1);
    for (const call of [PING, { ...PING, priority: "keep-alive" } as const, ORDER]) {
      await assert.rejects(world.rest.call(call), {
        name: "RateLimited",
        message: `${call.endpoint.method} ${call.endpoint.path} ${NOT_SENT}`,
        waitMs: 1,
      });
    }
    assert.equal(world.sent.length, 1);
    await world.clock.advance(1);
    await assert.rejects(world.rest.call(PING), RateLimited);
    assert.equal(world.sent.length, 2);
  });
}

test("the end of a ban is read by the exchange's clock", async () => {
  let ban = false;
  const world = begin(({ url }) => {
    if (url.endsWith("/time")) return { body: `{"serverTime":${EPOCH_MS + 60 * SECOND}}` };
    return ban ? { status: 418, body: BANNED } : {};
  });
  await world.rest.syncClock();
  ban = true;
  await assert.rejects(world.rest.call(PING), { waitMs: 30 * SECOND });
});

test("L6 the weight that the exchange counts is believed, in answers and refusals alike", async () => {
  for (const status of [200, 400]) {
    const world = begin(() => ({ status, headers: { "x-mbx-used-weight-1m": "1800" } }));
    await world.rest.call(PING).catch(() => {});
    assert.equal(world.budget.state(world.clock.now()).used, 1800);
    await assert.rejects(world.rest.call(PING), { name: "RateLimited", waitMs: 60_000 });
    await world.rest.call({ ...PING, priority: "repair" }).catch(() => {});
    assert.equal(world.sent.length, 2);
    await world.clock.advance(60_000);
    await world.rest.call(PING).catch(() => {});
    assert.equal(world.sent.length, 3);
  }
});

test("a weight header that is no number is left alone", async () => {
  for (const used of ["", "many", "1e400", "-5"]) {
    const world = begin(() => ({ headers: { "x-mbx-used-weight-1m": used } }));
    await world.rest.call(PING);
    assert.equal(world.budget.state(world.clock.now()).used, 1);
  }
});

test("L6 several clients of one address share what it may ask", async () => {
  const budget = new WeightBudget(10);
  const one = begin(() => ({}), budget);
  const other = begin(() => ({}), budget);
  for (let n = 0; n < 7; n++) await one.rest.call(PING);
  await assert.rejects(other.rest.call(PING), RateLimited);
  await other.rest.call({ endpoint: { ...ENDPOINTS.ping, weight: 3 }, priority: "keep-alive" });
  await assert.rejects(one.rest.call({ ...PING, priority: "keep-alive" }), RateLimited);
});

test("L9 no error holds the API key, the signature or the secret text it was made over", async () => {
  const answers: readonly (Partial<HttpResponse> | Error)[] = [
    { status: 400, body: `{"code":-1022,"msg":"Signature for this request is not valid."}` },
    { status: 429, body: "" },
    { status: 503, body: `<html>${API_KEY}</html>` },
    { body: `no JSON: ${API_KEY}` },
    new NetworkError("POST /fapi/v1/order", "no answer in 10 s", "unknown"),
  ];
  for (const answer of answers) {
    const world = begin(() => answer);
    await assert.rejects(world.rest.call(ORDER), (error: ListenkeyError) => {
      const text = `${error.message} ${error.stack} ${JSON.stringify(error)} ${error.remedy}`;
      assert(!text.includes(API_KEY) && !text.includes("s/g+n") && !text.includes("recvWindow=5000"), text);
      return true;
    });
  }
});

test("a call weighs what the catalogue says of it, with its parameters", async () => {
  const world = begin(() => ({ body: "[]" }));
  const endpoint = endpointNamed("openOrders");
  await world.rest.call({ endpoint, params: { symbol: "BTCUSDT" }, priority: "read" });
  assert.equal(world.budget.state(world.clock.now()).used, 1);
  await world.rest.call({ endpoint, priority: "read" });
  assert.equal(world.budget.state(world.clock.now()).used, 41);
});

function begin(answer: (request: HttpRequest) => Partial<HttpResponse> | Error, budget = new WeightBudget()) {
  const clock = new FakeClock();
  const http = new FakeHttp(answer);
  const signed: string[] = [];
  const signer = {
    sign(payload: string) {
      signed.push(payload);
      return "s/g+n=";
    },
  };
  const rest = new RestClient({ http, clock, budget, baseUrl: "https://fake", apiKey: API_KEY, signer });
  const paths = () => http.requests.map(({ url }) => new URL(url).pathname);
  return { clock, rest, budget, signed, sent: http.requests, paths };
}

test("L6 a refusal is heeded before our clock is looked at: a step of it asks only when the ban is over", async () => {
  class SteppingClock extends FakeClock {
    stepMs = 0;
    override wall(): WallMs {
      return (super.wall() + this.stepMs) as WallMs;
    }
  }
  const clock = new SteppingClock();
  let isBanned = false;
  const paths: string[] = [];
  const http = new FakeHttp(({ url }) => {
    paths.push(url);
    if (isBanned) return { status: 429, headers: { "retry-after": "60" }, body: TOO_MANY };
    return { body: `{"serverTime":${EPOCH_MS + clock.now()}}` };
  });
  const rest = new RestClient({ http, clock, budget: new WeightBudget(), baseUrl: "", apiKey: API_KEY });
  rest.venueClock.keep();
  await clock.advance(20_000);
  paths.length = 0;
  isBanned = true;
  clock.stepMs = -3_600_000;
  await assert.rejects(
    rest.call({ endpoint: { ...ENDPOINTS.keepListenKey, reply: anything }, priority: "keep-alive" }),
  );
  await clock.advance(59_000);
  assert.deepEqual(paths, ["/fapi/v1/listenKey"]);
  isBanned = false;
  await clock.advance(60_000);
  assert.deepEqual(paths.slice(1, 2), ["/fapi/v1/time"]);
});

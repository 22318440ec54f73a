/** What the face refuses before any handler is asked, code by code; and that nothing makes it throw. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { DEMO, OPENED_AT, VenueClient } from "../../test/venue-client.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { ENDPOINTS, type EndpointName } from "../protocol/endpoints.ts";
import { signedForm } from "../protocol/signing.ts";
import { privateKeySigner } from "../rest/io/signers.ts";
import { ApiKeys } from "./api-keys.ts";
import { CallFace } from "./call-face.ts";
import { nodeVerifier } from "./io/verifiers.ts";
import { PRODUCTION_LIMITS, RateLimits } from "./rate-limits.ts";

const KEY = { "X-MBX-APIKEY": "paper-demo-key" };
const NOW = `timestamp=${OPENED_AT}`;
const signed = (payload: string) => signedForm(payload, DEMO.signer.sign(payload));

interface Sent {
  readonly query?: string;
  readonly body?: string;
  readonly headers?: object;
}

/** What is sent to `GET /fapi/v1/order` unless the row says otherwise → status and code. */
const REFUSALS: readonly [why: string, route: string, sent: Sent, status: number, code: number, msg?: RegExp][] = [
  ["no API key", "GET /fapi/v1/order", { query: signed(NOW) }, 401, -2014],
  ["an API key that is none", "GET /fapi/v1/order", { headers: { "X-MBX-APIKEY": "a b" } }, 401, -2014],
  ["an unknown API key", "GET /fapi/v1/order", { headers: { "X-MBX-APIKEY": "who" } }, 401, -2015],
  ["an API key in another case", "GET /fapi/v1/order", { headers: { "X-MBX-APIKEY": "Paper-Demo-Key" } }, 401, -2015],
  ["no API key for a listenKey", "POST /fapi/v1/listenKey", {}, 401, -2014],
  ["an unknown one for a listenKey", "POST /fapi/v1/listenKey", { headers: { "x-mbx-apikey": "who" } }, 401, -2015],
  ["no timestamp", "GET /fapi/v1/order", { headers: KEY, query: signed("symbol=BTCUSDT") }, 400, -1102, /'timestamp'/],
  [
    "an empty timestamp",
    "GET /fapi/v1/order",
    { headers: KEY, query: signed("timestamp=") },
    400,
    -1102,
    /'timestamp'/,
  ],
  ["a timestamp in words", "GET /fapi/v1/order", { headers: KEY, query: signed("timestamp=now") }, 400, -1102],
  ["no signature", "GET /fapi/v1/order", { headers: KEY, query: NOW }, 400, -1102, /'signature'/],
  [
    "a wrong signature",
    "GET /fapi/v1/order",
    { headers: KEY, query: `${NOW}&signature=${"0".repeat(64)}` },
    400,
    -1022,
  ],
  ["a signature over other bytes", "GET /fapi/v1/order", { headers: KEY, query: `a=1&${signed(NOW)}` }, 400, -1022],
  [
    "a signature over the same text encoded otherwise",
    "GET /fapi/v1/order",
    { headers: KEY, query: signed(`symbol=BTCUSDT&${NOW}`).replace("BTC", "%42TC") },
    400,
    -1022,
  ],
  [
    "too old",
    "GET /fapi/v1/order",
    { headers: KEY, query: signed(`timestamp=${OPENED_AT - 5001}`) },
    400,
    -1021,
    /outside/,
  ],
  [
    "too new",
    "GET /fapi/v1/order",
    { headers: KEY, query: signed(`timestamp=${OPENED_AT + 1000}`) },
    400,
    -1021,
    /ahead/,
  ],
  [
    "older than its own window",
    "GET /fapi/v1/order",
    { headers: KEY, query: signed(`recvWindow=100&timestamp=${OPENED_AT - 101}`) },
    400,
    -1021,
  ],
  ["a recvWindow in words", "GET /fapi/v1/order", { headers: KEY, query: signed(`recvWindow=x&${NOW}`) }, 400, -1130],
  ["an empty recvWindow", "GET /fapi/v1/order", { headers: KEY, query: signed(`recvWindow=&${NOW}`) }, 400, -1105],
  ["a parameter missing", "GET /fapi/v1/order", { headers: KEY, query: signed(NOW) }, 400, -1102, /'symbol'/],
  [
    "an empty parameter",
    "GET /fapi/v1/order",
    { headers: KEY, query: signed(`symbol=&${NOW}`) },
    400,
    -1105,
    /'symbol'/,
  ],
  [
    "an empty optional parameter",
    "GET /fapi/v1/order",
    { headers: KEY, query: signed(`symbol=BTCUSDT&orderId=&${NOW}`) },
    400,
    -1105,
    /'orderId'/,
  ],
  [
    "an id in words",
    "GET /fapi/v1/order",
    { headers: KEY, query: signed(`symbol=BTCUSDT&orderId=x&${NOW}`) },
    400,
    -1130,
  ],
  [
    "the same name twice",
    "GET /fapi/v1/order",
    { headers: KEY, query: signed(`symbol=A&symbol=B&${NOW}`) },
    400,
    -1101,
  ],
  ["a broken percent sign", "GET /fapi/v1/order", { headers: KEY, query: "symbol=%GG" }, 400, -1100],
  ["a depth that is not offered", "GET /fapi/v1/depth", { query: "symbol=BTCUSDT&limit=7" }, 400, -1130],
  ["an unknown symbol", "GET /fapi/v1/depth", { query: "symbol=XYZ" }, 400, -1121],
  [
    "parameters in a JSON body",
    "POST /fapi/v1/leverage",
    { headers: { ...KEY, "content-type": "application/json" }, body: `{"symbol":"BTCUSDT","timestamp":${OPENED_AT}}` },
    400,
    -1102,
    /'timestamp'/,
  ],
  ["parameters in the body of a GET", "GET /fapi/v1/depth", { body: "symbol=BTCUSDT" }, 400, -1102],
  ["an unknown path", "GET /fapi/v1/nothing", {}, 404, -5000, /^Path \/fapi\/v1\/nothing, Method GET is invalid$/],
  ["an unknown method", "PATCH /fapi/v1/order", {}, 404, -5000],
  ["a trailing slash", "GET /fapi/v1/time/", {}, 404, -5000],
  ["another exchange's path", "GET /api/v3/time", {}, 404, -5000],
];

test("a call that is not served is refused with -1020", () => {
  const parts = { keys: new ApiKeys(), verifier: nodeVerifier(), handlers: {}, sendsRetryAfter: true };
  const face = new CallFace({ ...parts, limits: new RateLimits(PRODUCTION_LIMITS) });
  const call = { method: "GET", path: "/fapi/v1/ping", query: "", headers: {}, body: "", ip: "10.0.0.1" };
  const now = OPENED_AT as TransactMs;
  const { status, body } = face.http(call, { now, unjumped: now });
  assert.deepEqual([status, JSON.parse(body).code], [400, -1020]);
});

for (const [why, route, sent, status, code, msg = /./] of REFUSALS) {
  test(`${route} is refused with ${code} for ${why}`, () => {
    const [method = "", path = ""] = route.split(" ");
    const { status: found, json, headers } = new VenueClient().send(method, path, sent);
    assert.deepEqual([found, json.code], [status, code], JSON.stringify(json));
    assert.match(String(json.msg), msg);
    assert.match(headers["x-mbx-used-weight-1m"] ?? "", /^[1-9]\d*$|^0$/);
    assert.match(headers["content-type"] ?? "", /json/);
  });
}

const PASSES: readonly [why: string, route: string, sent: Sent][] = [
  [
    "the header in another case",
    "GET /fapi/v1/accountConfig",
    { headers: { "x-MBX-apiKEY": "paper-demo-key" }, query: signed(NOW) },
  ],
  [
    "parameters in the body",
    "POST /fapi/v1/leverage",
    { headers: KEY, body: signed(`symbol=BTCUSDT&leverage=7&${NOW}`) },
  ],
  [
    "a timestamp at the edge",
    "GET /fapi/v1/accountConfig",
    { headers: KEY, query: signed(`timestamp=${OPENED_AT - 5000}`) },
  ],
  [
    "a timestamp just ahead",
    "GET /fapi/v1/accountConfig",
    { headers: KEY, query: signed(`timestamp=${OPENED_AT + 999}`) },
  ],
  [
    "a wide recvWindow",
    "GET /fapi/v1/accountConfig",
    { headers: KEY, query: signed(`recvWindow=9999999&timestamp=${OPENED_AT - 9_999_999}`) },
  ],
  ["an unknown parameter", "GET /fapi/v1/accountConfig", { headers: KEY, query: signed(`colour=red&${NOW}`) }],
  ["an encoded symbol", "GET /fapi/v1/depth", { query: "symbol=%42TCUSDT" }],
  [
    "an empty JSON body",
    "POST /fapi/v1/leverage",
    { headers: { ...KEY, "content-type": "application/json" }, query: signed(`symbol=BTCUSDT&leverage=7&${NOW}`) },
  ],
  [
    "a listenKey call that is signed all the same",
    "POST /fapi/v1/listenKey",
    { headers: KEY, query: `listenKey=x&${NOW}&signature=no` },
  ],
];

for (const [why, route, sent] of PASSES) {
  test(`${route} passes with ${why}`, () => {
    const [method = "", path = ""] = route.split(" ");
    const { status, text } = new VenueClient().send(method, path, sent);
    assert.equal(status, 200, text);
  });
}

test("the query wins over the body, and the signature covers both as they were sent", () => {
  const client = new VenueClient();
  const query = "symbol=ETHUSDT&leverage=3";
  const body = `symbol=BTCUSDT&leverage=9&${NOW}`;
  const signature = DEMO.signer.sign(query + body);
  for (const sent of [
    { query, body: `${body}&signature=${signature}` },
    { query: `${query}&signature=${signature}`, body },
    { query: `signature=${signature}&${query}`, body },
  ]) {
    const { json } = client.send("POST", "/fapi/v1/leverage", { ...sent, headers: KEY });
    assert.deepEqual([json.symbol, json.leverage], ["ETHUSDT", 3]);
  }
});

for (const type of ["rsa", "ed25519"] as const) {
  test(`REST takes ${type} signatures, percent-encoded base64`, () => {
    const client = new VenueClient();
    const pair = type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
    const publicKey = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
    const { apiKey, apiSecret } = client.native("/v1/paper/accounts/demo/keys", { publicKey });
    assert.equal(apiSecret, undefined);
    const signer = privateKeySigner(pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    const caller = { apiKey: String(apiKey), signer };
    assert.equal(client.call("GET", "/fapi/v3/balance", {}, caller).status, 200);
    const wrong = { apiKey: String(apiKey), signer: DEMO.signer };
    assert.equal(client.call("GET", "/fapi/v3/balance", {}, wrong).json.code, -1022);
  });
}

test("no bytes make http throw, whoever sends them", () => {
  const client = new VenueClient({ limits: { weightPerMinute: Number.MAX_SAFE_INTEGER } });
  const names = Object.keys(ENDPOINTS) as EndpointName[];
  const anyText = fc.string({ unit: "binary" });
  const path = fc.oneof(fc.constantFrom(...names.map((name) => ENDPOINTS[name].path)), anyText);
  const native = fc.constantFrom(
    "/v1/paper/accounts",
    "/v1/paper/accounts/demo/transfer",
    "/v1/paper/market/BTCUSDT",
    "/v1/",
  );
  const parameter = fc.tuple(
    fc.constantFrom(...parameterNames(), "x"),
    fc.oneof(anyText, fc.constantFrom("BTCUSDT", "1", "-1", "0.1", "[]", '[{"symbol":1}]', "[1]", "true")),
  );
  fc.assert(
    fc.property(
      fc.constantFrom("GET", "POST", "PUT", "DELETE"),
      fc.oneof(path, native),
      fc.oneof(
        anyText,
        fc
          .array(parameter)
          .map((list) =>
            list
              .map(([name, value]) => `${name}=${encodeURIComponent(value.replace(/[\ud800-\udfff]/g, ""))}`)
              .join("&"),
          ),
      ),
      fc.oneof(anyText, fc.json()),
      fc.boolean(),
      (method, where, query, body, signs) => {
        const payload = `${query}&${NOW}`;
        const whole = signs ? `${payload}&signature=${DEMO.signer.sign(payload)}` : query;
        const { status, text } = client.send(method, where, { query: whole, body: signs ? "" : body, headers: KEY });
        assert.ok(status >= 200 && status < 500, `${status} ${text}`);
      },
    ),
    { numRuns: 400 },
  );
});

test("no signed request passes with a single byte changed", () => {
  const client = new VenueClient({ limits: { weightPerMinute: Number.MAX_SAFE_INTEGER } });
  const query = signed(`symbol=BTCUSDT&recvWindow=60000&${NOW}`);
  assert.equal(client.send("GET", "/fapi/v3/positionRisk", { query, headers: KEY }).status, 200);
  const byte = fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.nat(query.length - 1), byte, (at, changed) => {
      const other = query.slice(0, at) + changed + query.slice(at + 1);
      // The signature itself is hex, in any case.
      if (other.toLowerCase() === query.toLowerCase() && at > query.indexOf("signature=")) return;
      if (other === query) return;
      const { status, json } = client.send("GET", "/fapi/v3/positionRisk", { query: other, headers: KEY });
      assert.equal(status, 400, JSON.stringify(json));
    }),
    { numRuns: 500 },
  );
});

function parameterNames(): string[] {
  return Object.values(ENDPOINTS).flatMap(({ parameters }) => Object.keys(parameters));
}

/** What is signed: the vectors of Binance's documentation, and what a signature must never cover. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nodeVerifier } from "../face/io/verifiers.ts";
import { hmacSigner } from "../rest/io/signers.ts";
import { readForm, writeForm } from "./form-text.ts";
import { restPayload, signedForm, wsPayload } from "./signing.ts";

const SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";
const TAIL = "recvWindow=5000&timestamp=1591702613943";

/** Query, body, HMAC. The second is recomputed: the documented value has a stray blank in what it was made over. */
const VECTORS: readonly [query: string, body: string, hmac: string][] = [
  [
    `symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&${TAIL}`,
    "",
    "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9",
  ],
  [
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
    `quantity=1&price=9000&${TAIL}`,
    "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4",
  ],
];

for (const [query, body, hmac] of VECTORS) {
  test(`the signature over query "${query}" and body "${body}" is the documented one`, () => {
    assert.equal(hmacSigner(SECRET).sign(restPayload(query, body)), hmac);
    assert.equal(restPayload(query, body), query + body);
    assert.ok(nodeVerifier().verify({ keyType: "HMAC", secret: SECRET }, query + body, hmac.toUpperCase()));
  });
}

const PAYLOADS: readonly [query: string, body: string, payload: string][] = [
  ["a=1&signature=x", "", "a=1"],
  ["signature=x&a=1", "", "a=1"],
  ["a=1&signature=x&b=2", "c=3", "a=1&b=2c=3"],
  ["a=1", "b=2&signature=x", "a=1b=2"],
  ["a=1", "signature=x", "a=1"],
  ["", "a=%2B+x&signature=x", "a=%2B+x"],
  ["mysignature=1&signature=x", "", "mysignature=1"],
  ["a=signature", "", "a=signature"],
];

for (const [query, body, payload] of PAYLOADS) {
  test(`the payload of query "${query}" and body "${body}" is "${payload}"`, () => {
    assert.equal(restPayload(query, body), payload);
  });
}

test("the payload of the WS API is sorted by name, leaves the signature out, and is not percent-encoded", () => {
  const given = new Map([
    ["symbol", "BTCUSDT"],
    ["signature", "x"],
    ["apiKey", "k"],
    ["price", "0.10"],
    ["newClientOrderId", "a:b/c"],
    ["Side", "BUY"],
  ]);
  assert.equal(wsPayload(given), "Side=BUY&apiKey=k&newClientOrderId=a:b/c&price=0.10&symbol=BTCUSDT");
});

test("a signed form carries the signature last, percent-encoded, and gives the payload back", () => {
  assert.equal(signedForm("a=1", "x+/y="), "a=1&signature=x%2B%2Fy%3D");
  assert.equal(restPayload(signedForm("a=1", "x+/y="), ""), "a=1");
});

test("whatever is written as a form is read back the same", () => {
  const name = fc.string({ minLength: 1, unit: "binary" });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, fc.string({ unit: "binary" })), { selector: ([n]) => n }), (pairs) => {
      const reading = readForm(writeForm(new Map(pairs)));
      assert.ok(reading.outcome === "read");
      assert.deepEqual([...reading.parameters], pairs);
    }),
  );
});

test("no text makes the reader of forms throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void readForm(text)));
  assert.equal(readForm("a=%zz").outcome, "malformed");
  assert.deepEqual(readForm("a=1&a=2"), { outcome: "duplicate", name: "a" });
  assert.deepEqual(readForm("&a=1&&b"), {
    outcome: "read",
    parameters: new Map([
      ["a", "1"],
      ["b", ""],
    ]),
  });
});

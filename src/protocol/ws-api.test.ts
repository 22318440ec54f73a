/** Envelopes of the WS API. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { readWsApiRequest, writeWsApiResponse } from "./ws-api.ts";

const FIXTURES = "test/fixtures/protocol";

for (const file of readdirSync(FIXTURES).filter((name) => name.startsWith("wsapi.request."))) {
  test(`${file} is read whole`, () => {
    const text = readFileSync(`${FIXTURES}/${file}`, "utf8");
    const { id, method, params = {} } = JSON.parse(text);
    const reading = readWsApiRequest(text);
    assert.ok(reading.outcome === "read");
    assert.equal(reading.request.id, JSON.stringify(id));
    assert.equal(reading.request.method, method);
    const expected = Object.entries(params).map(([name, value]) => [name, String(value)]);
    assert.deepEqual([...reading.request.parameters], expected);
  });
}

/** Frame → the id as it is printed back, or `malformed` and the id that goes with it. */
const IDS: readonly [frame: string, id: string][] = [
  ['{"id":7,"method":"ping"}', "7"],
  ['{"id":-3,"method":"ping"}', "-3"],
  ['{"id":9223372036854775807,"method":"ping"}', "9223372036854775807"],
  ['{"id":"7","method":"ping"}', '"7"'],
  ['{"id":"9223372036854775807","method":"ping"}', '"9223372036854775807"'],
  ['{"id":"a\\"\\u00e9","method":"ping"}', '"a\\"é"'],
  ['{"id":null,"method":"ping"}', "null"],
  ['{"method":"ping"}', "null"],
  ['{"id":1.5,"method":"ping"}', "malformed null"],
  ['{"id":true,"method":"ping"}', "malformed null"],
  ['{"id":[1],"method":"ping"}', "malformed null"],
  ['{"id":4}', "malformed 4"],
  ['{"id":4,"method":{}}', "malformed 4"],
  ['{"id":"x","method":"ping","params":[]}', 'malformed "x"'],
  ["[]", "malformed null"],
  ["null", "malformed null"],
  ["", "malformed null"],
  ['{"id":1,', "malformed null"],
];

for (const [frame, id] of IDS) {
  test(`the id of ${frame} is ${id}`, () => {
    const reading = readWsApiRequest(frame);
    assert.equal(reading.outcome === "read" ? reading.request.id : `malformed ${reading.id}`, id);
  });
}

test("parameters are kept as the text they were, for the signature's sake", () => {
  const frame =
    '{"id":1,"method":"m","params":{"price":0.10,"n":43187,"t":true,"s":"0.10","gone":null,"l":[1,"a"],"e":1e3}}';
  const reading = readWsApiRequest(frame);
  assert.ok(reading.outcome === "read");
  assert.deepEqual(
    [...reading.request.parameters],
    [
      ["price", "0.10"],
      ["n", "43187"],
      ["t", "true"],
      ["s", "0.10"],
      ["l", '["1","a"]'],
      ["e", "1e3"],
    ],
  );
});

test("a response prints id, status, content and limits in the documented order", () => {
  const text = writeWsApiResponse({
    id: '"x"',
    status: 400,
    content: { error: { code: -1121, msg: "Invalid symbol." } },
    rateLimits: [{ rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 2400, count: 2 }],
  });
  assert.equal(
    text,
    '{"id":"x","status":400,"error":{"code":-1121,"msg":"Invalid symbol."},"rateLimits":' +
      '[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400,"count":2}]}',
  );
  assert.equal(
    writeWsApiResponse({ id: "null", status: 200, content: { result: "{}" } }),
    '{"id":null,"status":200,"result":{}}',
  );
});

test("no frame makes the reader throw", () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (frame) => void readWsApiRequest(frame)));
});

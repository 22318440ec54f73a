import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ControlId, controlReply, readControlFrame, tooManySubscriptions } from "./control-frames.ts";

const REQUESTS: readonly [why: string, frame: string, read: object][] = [
  [
    "subscribes to a key",
    '{"method":"SUBSCRIBE","params":["pqia91ma19a5s61c"],"id":1}',
    { type: "subscribe", id: "1", streams: ["pqia91ma19a5s61c"] },
  ],
  [
    "takes the connector's hexadecimal id",
    '{"method":"SUBSCRIBE","params":["k"],"id":"2c9f7e0f8a6b4d1e9c3f5a7b8d0e1f2a"}',
    { type: "subscribe", id: '"2c9f7e0f8a6b4d1e9c3f5a7b8d0e1f2a"', streams: ["k"] },
  ],
  [
    "keeps every digit of the id",
    '{ "id" : 18446744073709551615, "method":"UNSUBSCRIBE", "params":[] }',
    { type: "unsubscribe", id: "18446744073709551615", streams: [] },
  ],
  ["lists", '{"method":"LIST_SUBSCRIPTIONS","id":3}', { type: "list-subscriptions", id: "3" }],
  [
    "lists with empty params",
    '{"method":"LIST_SUBSCRIPTIONS","params":[],"id":3}',
    { type: "list-subscriptions", id: "3" },
  ],
  [
    "sets combined",
    '{"method":"SET_PROPERTY","params":["combined",true],"id":5}',
    { type: "set-combined", id: "5", isCombined: true },
  ],
  ["gets combined", '{"method":"GET_PROPERTY","params":["combined"],"id":2}', { type: "get-combined", id: "2" }],
  ["takes id 0", '{"method":"LIST_SUBSCRIPTIONS","id":0}', { type: "list-subscriptions", id: "0" }],
];

for (const [why, frame, read] of REQUESTS) {
  test(`readControlFrame ${why}`, () => assert.deepEqual(readControlFrame(frame), read));
}

const ONE_OF =
  "expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` at line 1 column";
const BAD_ID = "Invalid request: request ID must be an unsigned integer";

const REFUSALS: readonly [frame: string, code: number, msg: string, id?: string][] = [
  ["hello", 3, "Invalid JSON: expected value at line 1 column 1"],
  ["", 3, "Invalid JSON: expected value at line 1 column 1"],
  ['{"method":"SUBSCRIBE",\n "params":[,],"id":1}', 3, "Invalid JSON: expected value at line 2 column 12"],
  ['{"params":["a"],"id":1}', 2, "Invalid request: missing field `method` at line 1 column 23", "1"],
  ["[]", 2, "Invalid request: missing field `method` at line 1 column 2"],
  ['"SUBSCRIBE"', 2, "Invalid request: missing field `method` at line 1 column 11"],
  [
    '{"method": "SUBSCRIBEREQUEST","id":7}',
    2,
    `Invalid request: unknown variant \`SUBSCRIBEREQUEST\`, ${ONE_OF} 29`,
    "7",
  ],
  ['{"method":"subscribe","id":7}', 2, `Invalid request: unknown variant \`subscribe\`, ${ONE_OF} 21`, "7"],
  ['{"method":5,"id":7}', 2, `Invalid request: unknown variant \`5\`, ${ONE_OF} 11`, "7"],
  [
    '{"method":"REQUEST","params":["k@account"],"id":7}',
    2,
    `Invalid request: unknown variant \`REQUEST\`, ${ONE_OF} 19`,
    "7",
  ],
  ['{"method":"LIST_SUBSCRIPTIONS"}', 2, BAD_ID],
  ['{"method":"LIST_SUBSCRIPTIONS","id":-1}', 2, BAD_ID],
  ['{"method":"LIST_SUBSCRIPTIONS","id":1.0}', 2, BAD_ID],
  ['{"method":"LIST_SUBSCRIPTIONS","id":1e2}', 2, BAD_ID],
  ['{"method":"LIST_SUBSCRIPTIONS","id":null}', 2, BAD_ID],
  ['{"method":"LIST_SUBSCRIPTIONS","id":""}', 2, BAD_ID],
  ['{"method":"LIST_SUBSCRIPTIONS","id":18446744073709551616}', 2, BAD_ID],
  ['{"method":"SUBSCRIBE","id":1}', 2, "Invalid request: missing field `params` at line 1 column 29", "1"],
  [
    '{"method":"SUBSCRIBE","params":"k","id":1}',
    2,
    "Invalid request: invalid type: expected a list of stream names",
    "1",
  ],
  [
    '{"method":"SUBSCRIBE","params":[1],"id":1}',
    2,
    "Invalid request: invalid type: expected a list of stream names",
    "1",
  ],
  [
    `{"method":"SUBSCRIBE","params":["${"k".repeat(257)}"],"id":1}`,
    2,
    "Invalid request: invalid type: expected a list of stream names",
    "1",
  ],
  ['{"method":"LIST_SUBSCRIPTIONS","params":["k"],"id":1}', 2, "Invalid request: too many parameters", "1"],
  ['{"method":"GET_PROPERTY","params":["combined",1],"id":1}', 2, "Invalid request: too many parameters", "1"],
  ['{"method":"SET_PROPERTY","params":["combined",true,1],"id":1}', 2, "Invalid request: too many parameters", "1"],
  ['{"method":"GET_PROPERTY","params":[1],"id":1}', 2, "Invalid request: property name must be a string", "1"],
  ['{"method":"GET_PROPERTY","params":[],"id":1}', 2, "Invalid request: property name must be a string", "1"],
  ['{"method":"GET_PROPERTY","params":["speed"],"id":1}', 0, "Unknown property", "1"],
  ['{"method":"SET_PROPERTY","params":["combined","true"],"id":1}', 1, "Invalid value type: expected Boolean", "1"],
  ['{"method":"SET_PROPERTY","params":["combined"],"id":1}', 1, "Invalid value type: expected Boolean", "1"],
];

for (const [frame, code, msg, id] of REFUSALS) {
  test(`readControlFrame refuses ${JSON.stringify(frame)}`, () => {
    const error = JSON.stringify({ code, msg });
    const reply = id === undefined ? `{"error":${error}}` : `{"error":${error},"id":${id}}`;
    assert.deepEqual(readControlFrame(frame), { type: "refused", reply, isLast: code === 3 });
  });
}

test("controlReply repeats the id digit for digit", () => {
  const id = "12345678901234567890" as ControlId;
  assert.equal(controlReply(id, null), '{"result":null,"id":12345678901234567890}');
  assert.equal(controlReply(id, ["a", "b"]), '{"result":["a","b"],"id":12345678901234567890}');
  assert.equal(controlReply('"x"' as ControlId, true), '{"result":true,"id":"x"}');
});

test("tooManySubscriptions leaves the socket open", () => {
  const reply = '{"error":{"code":4,"msg":"Too many subscriptions"},"id":19}';
  assert.deepEqual(tooManySubscriptions("19" as ControlId), { type: "refused", reply, isLast: false });
});

test("readControlFrame answers any text, and every refusal is JSON", () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("SUBSCRIBE", "GET_PROPERTY", "SET_PROPERTY", "combined", 1, -1),
  );
  const request = fc.record(
    { method: value, params: fc.oneof(value, fc.array(value)), id: value },
    { requiredKeys: [] },
  );
  const frame = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    request.map((one) => JSON.stringify(one)),
  );
  fc.assert(
    fc.property(frame, (text) => {
      const read = readControlFrame(text);
      if (read.type === "refused") assert.equal(typeof JSON.parse(read.reply).error.msg, "string");
      else JSON.parse(controlReply(read.id, null));
    }),
    { numRuns: 2000 },
  );
});

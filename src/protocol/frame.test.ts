import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { EVENT_FIXTURES, fixture } from "../../test/event-fixtures.ts";
import { WireFormatError } from "../kernel/errors.ts";
import { pick, seededRandom } from "../kernel/random.ts";
import type { Novelty } from "./codec.ts";
import type { OrderTradeUpdate } from "./events/order-trade-update.ts";
import { decodeFrame, FRAME_CHARS_MAX } from "./frame.ts";
import { decodeEvent } from "./user-data-event.ts";

const KEY = "XaEAKTsQSRLZAGH9tuIu37plSRsdjmlAVBoNYPUITlTAko1WI22PgmBMpI1rS8Yh";
const example = (name: string): string => readFileSync(`test/fixtures/protocol/${name}.json`, "utf8");

for (const { name, text } of EVENT_FIXTURES) {
  test(`${name} says the same bare and in the combined envelope`, () => {
    const event = decodeEvent(text);
    assert.deepEqual(decodeFrame(text), { type: "event", event });
    assert.deepEqual(decodeFrame(text, undefined, Buffer.from(text)), { type: "event", event }, "with its bytes");
    assert.deepEqual(decodeFrame(`{"stream":"${KEY}","data":${text}}`), { type: "event", stream: KEY, event });
    assert.deepEqual(decodeFrame(`{"data":${text},"stream":""}`), { type: "event", stream: "", event });
  });
}

test("the documented envelope is read", () => {
  const frame = decodeFrame(fixture("event.combined-envelope.TRADE_LITE.json").text);
  assert.deepEqual(frame, { type: "event", stream: KEY, event: decodeEvent(fixture("event.TRADE_LITE.json").text) });
});

test("L10 novelties are told of events in the envelope too, under the same names", () => {
  const told: Novelty[] = [];
  const tell = (novelty: Novelty): void => void told.push(novelty);
  decodeFrame('{"stream":"s","data":{"e":"listenKeyExpired","E":1,"new":1}}', tell);
  decodeFrame('{"stream":"s","data":{"e":"somethingNew"},"more":1}', tell);
  assert.deepEqual(told, [
    { what: "field", where: "listenKeyExpired", found: "new" },
    { what: "event", where: "$", found: "somethingNew" },
  ]);
});

test("control replies and errors are told apart, in both forms that errors have", () => {
  const table: readonly [text: string, frame: unknown][] = [
    [example("ws-control.reply.SUBSCRIBE"), { type: "reply", id: 1, result: null }],
    [example("ws-control.reply.UNSUBSCRIBE"), { type: "reply", id: 312, result: null }],
    [example("ws-control.reply.LIST_SUBSCRIPTIONS"), { type: "reply", id: 3, result: ["btcusdt@aggTrade"] }],
    [example("ws-control.reply.GET_PROPERTY"), { type: "reply", id: 2, result: true }],
    ['{"result":null,"id":"a1b2c3"}', { type: "reply", id: "a1b2c3", result: null }],
    ['{"result":null,"id":18446744073709551615}', { type: "reply", id: "18446744073709551615", result: null }],
    ['{"id":null,"result":[]}', { type: "reply", id: null, result: [] }],
    [
      example("ws-control.error.invalid-json-frame"),
      { type: "error", code: 3, msg: "Invalid JSON: expected value at line 1 column 1" },
    ],
    ['{"error":{"code":2,"msg":"Invalid request"},"id":7}', { type: "error", id: 7, code: 2, msg: "Invalid request" }],
    ['{"code":0,"msg":"Unknown property"}', { type: "error", code: 0, msg: "Unknown property" }],
    ['{"code":0,"msg":"Unknown property","id":null}', { type: "error", id: null, code: 0, msg: "Unknown property" }],
  ];
  for (const [text, frame] of table) assert.deepEqual(decodeFrame(text), frame, text);
  for (const { code, msg } of JSON.parse(example("ws-control.error.table")) as { code: number; msg: string }[]) {
    assert.deepEqual(decodeFrame(JSON.stringify({ error: { code, msg } })), { type: "error", code, msg });
    assert.deepEqual(decodeFrame(JSON.stringify({ code, msg })), { type: "error", code, msg });
  }
});

test("decodeFrame refuses what this stream never says, and names the place", () => {
  const order = '{"e":"ORDER_TRADE_UPDATE","T":1,"E":1,"o":{"s":5}}';
  const table: readonly [text: string, message: string][] = [
    ["pong", '$: expected JSON, found "pong"'],
    ["5", "$: expected an event, a reply or an error, found 5"],
    ["[]", "$: expected an event, a reply or an error, found an array of 0"],
    ["null", "$: expected an event, a reply or an error, found null"],
    ["{}", "$: expected an event, a reply or an error, found an object with no keys"],
    ['{"id":1}', "$: expected an event, a reply or an error, found an object with id"],
    ['{"stream":"s"}', "$: expected an event, a reply or an error, found an object with stream"],
    ['{"e":5}', "$: expected an event, a reply or an error, found an object with e"],
    ['{"stream":"s","data":null}', "$.data.e: expected the name of an event, found undefined"],
    ['{"stream":"s","data":[{"e":"x"}]}', "$.data.e: expected the name of an event, found undefined"],
    [order, "$.o.s: expected a string, found 5"],
    [`{"stream":"s","data":${order}}`, "$.data.o.s: expected a string, found 5"],
    ['{"error":"no"}', '$.error: expected an error, found "no"'],
    ['{"error":{"code":"3","msg":""}}', '$.error.code: expected an error code, found "3"'],
    ['{"error":{"code":3}}', "$.error.msg: expected a string, found undefined"],
    ['{"code":3,"msg":4}', "$.msg: expected a string, found 4"],
    ['{"result":null,"id":1.5}', "$.id: expected the id of a request, found 1.5"],
    ['{"result":null,"id":{}}', "$.id: expected the id of a request, found an object with no keys"],
  ];
  for (const [text, message] of table) {
    const isTold = (error: unknown): boolean => error instanceof WireFormatError && error.message === message;
    assert.throws(() => decodeFrame(text), isTold, message);
  }
});

test("L12 decodeFrame refuses frames beyond its limit, and reads one that just fits", () => {
  const pad = (length: number): string => {
    const head = '{"e":"new","x":"';
    return `${head}${"-".repeat(length - head.length - 2)}"}`;
  };
  assert.equal(decodeFrame(pad(FRAME_CHARS_MAX)).type, "event");
  const told = /^WireFormatError: \$: expected at most 4000000 characters, found "4000001 characters"$/;
  assert.throws(() => decodeFrame(pad(FRAME_CHARS_MAX + 1)), told);
});

test("L9 the error of a frame that cannot be read shows no whole listenKey", () => {
  const broken = [
    `{"stream":"${KEY}","data":{"e":"TRA`,
    `{"listenKey":"${KEY}"`,
    `{"result":null,"id":{"${KEY}":1}}`,
    KEY,
  ];
  for (const text of broken) {
    assert.throws(
      () => decodeFrame(text),
      (error) => error instanceof WireFormatError && !error.message.includes(KEY),
      text,
    );
  }
});

const PARTS = [
  ...'{}[]",:\\-e19',
  '"e"',
  '"stream"',
  '"data"',
  '"result"',
  '"id"',
  '"error"',
  '"code"',
  '"msg"',
  '"__proto__"',
  "null",
  '{"e":"TRADE_LITE"}',
  '{"e":"listenKeyExpired","E":1}',
  "\ufffd",
  "\ud800",
];

test("decodeFrame reads the same with and without bytes, whatever letters and layouts came before", () => {
  const { text } = fixture("made.ORDER_TRADE_UPDATE.algo-fill.json");
  const compact = JSON.stringify(JSON.parse(text));
  const [, symbol = ""] = /"s":"([A-Z]+)"/.exec(compact) ?? [];
  assert.notEqual(symbol, "");
  for (const other of ["币安人生USDT", symbol, "ÅUSDT", "😀USDT", "A\u0001USDT", symbol.toLowerCase(), symbol]) {
    const frame = compact.replaceAll(`"${symbol}"`, JSON.stringify(other));
    for (const bytes of [undefined, Buffer.from(frame)]) {
      const found = decodeFrame(frame, undefined, bytes) as { readonly event: OrderTradeUpdate };
      assert.deepEqual(found.event, decodeEvent(` ${frame}`));
      assert.equal(found.event.o.s, other);
    }
  }
});

test("decodeFrame answers any text with a frame or a WireFormatError", () => {
  const random = seededRandom(13);
  let read = 0;
  for (let i = 0; i < 20_000; i++) {
    const value = (): string => PARTS[pick(random, PARTS.length)] ?? "";
    const member = (): string => `${value()}:${value()}`;
    const text = i % 2 === 0 ? `{${Array.from({ length: pick(random, 4) }, member)}}` : value() + value() + value();
    try {
      decodeFrame(text);
      read++;
    } catch (error) {
      assert.equal(error instanceof WireFormatError, true, `${String(error)} at ${text}`);
    }
  }
  assert.equal(read > 0, true);
  assert.equal("e" in {}, false);
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { valuesOf } from "../../test/codec-arbitrary.ts";
import { EVENT_FIXTURES, fixture, foreignParse } from "../../test/event-fixtures.ts";
import { EVENT_TABLES } from "../../test/event-tables.ts";
import { mutated } from "../../test/json-mutation.ts";
import { WireFormatError } from "../kernel/errors.ts";
import { pick, seededRandom } from "../kernel/random.ts";
import { compile } from "./checker.ts";
import { type Codec, type Novelty, Place } from "./codec.ts";
import { parseJson } from "./json.ts";
import { decodeEvent, encodeEvent, isKnownEvent, readEvent, type UserDataEvent } from "./user-data-event.ts";

/** What a frame's value is after a round trip: the one form that changes is a time in a string. */
const REWRITTEN: Readonly<Record<string, unknown>> = {
  "made.listenKeyExpired.2021.json": { e: "listenKeyExpired", E: 1620000000000 },
};

/** Fields no row names keep long integers as strings of their digits, in quotes when written. */
const QUOTED_UNKNOWN = "made.ACCOUNT_UPDATE.unknown-reason.json";

for (const { name, text, value } of EVENT_FIXTURES) {
  test(`L4 ${name} is decoded and encoded again to the same JSON value`, () => {
    const event = decodeEvent(text);
    const again = encodeEvent(event);
    const wanted = REWRITTEN[name] ?? value;
    if (name === QUOTED_UNKNOWN) assert.deepEqual(parseJson(again), parseJson(text));
    else assert.deepEqual(foreignParse(again), wanted);
    assert.deepEqual(decodeEvent(again), event);
    assert.equal(isKnownEvent(event), true);
  });
}

test("L4 ids beyond 2^53 are strings of their digits inside, and bare digits on the wire", () => {
  const table: readonly [name: string, (event: never) => unknown, digits: string][] = [
    ["ORDER_TRADE_UPDATE.algo-fill", (event: { o: { i: string } }) => event.o.i, "8389766145050669870"],
    ["ORDER_TRADE_UPDATE.algo-fill", (event: { o: { t: string } }) => event.o.t, "9007199254740993"],
    ["ORDER_TRADE_UPDATE.algo-fill", (event: { o: { si: string } }) => event.o.si, "3000000000003505"],
    ["ORDER_TRADE_UPDATE.amendment", (event: { o: { i: string } }) => event.o.i, "4676302302390926857"],
    ["TRADE_LITE.large-ids", (event: { i: string }) => event.i, "8389765739703625592"],
    ["STRATEGY_UPDATE.large-id", (event: { su: { si: string } }) => event.su.si, "9223372036854775807"],
    ["GRID_UPDATE.large-id", (event: { gu: { si: string } }) => event.gu.si, "9007199254740992"],
    ["CONDITIONAL_ORDER_TRIGGER_REJECT.large-id", (event: { or: { i: string } }) => event.or.i, "8389765512848795674"],
  ];
  for (const [name, pluck, digits] of table) {
    const event = decodeEvent(fixture(`made.${name}.json`).text);
    assert.equal(pluck(event as never), digits);
    assert.match(encodeEvent(event), new RegExp(`:${digits}[,}]`));
  }
});

test("L4 decimals keep the spelling they came in, and ids in strings stay in strings", () => {
  const { text } = fixture("made.ORDER_TRADE_UPDATE.amendment.json");
  assert.equal(encodeEvent(decodeEvent(text)), text.trim());
  const padded = fixture("event.ACCOUNT_UPDATE.order-hedge-isolated.json");
  const spellings = padded.text.match(/"-?\d+\.\d+"/g) ?? [];
  assert.equal(spellings.length > 10, true);
  assert.deepEqual((encodeEvent(decodeEvent(padded.text)).match(/"-?\d+\.\d+"/g) ?? []).sort(), spellings.sort());
});

test("L10 what no table knows passes through, and is told once per read", () => {
  const { text } = fixture(QUOTED_UNKNOWN);
  const told: Novelty[] = [];
  const event = decodeEvent(text, (novelty) => told.push(novelty)) as unknown as { a: { m: string; P: unknown[] } };
  assert.deepEqual(told, [
    { what: "value", where: "ACCOUNT_UPDATE.a.m", found: "A_NEW_REASON" },
    { what: "field", where: "ACCOUNT_UPDATE.a.P", found: "new" },
    { what: "value", where: "ACCOUNT_UPDATE.a.P.ps", found: "SIDEWAYS" },
    { what: "field", where: "ACCOUNT_UPDATE.a.P", found: "new" },
    { what: "field", where: "ACCOUNT_UPDATE.a", found: "fresh" },
    { what: "field", where: "ACCOUNT_UPDATE", found: "fs" },
  ]);
  assert.equal(event.a.m, "A_NEW_REASON");
  assert.equal((event.a.P[0] as { new: string }).new, "9007199254740993");
});

test("L10 an event of a new type is data: told once, kept whole", () => {
  const told: Novelty[] = [];
  const text = '{"e":"riskLevelChange","E":1790000000000,"id":8389766145050669870,"x":{"y":[1.50]}}';
  const event = decodeEvent(text, (novelty) => told.push(novelty));
  assert.deepEqual(told, [{ what: "event", where: "$", found: "riskLevelChange" }]);
  assert.deepEqual(event, { e: "riskLevelChange", E: 1790000000000, id: "8389766145050669870", x: { y: [1.5] } });
  assert.equal(isKnownEvent(event), false);
  assert.deepEqual(JSON.parse(encodeEvent(event)), event);
});

test("names that mean something to objects are names of unknown events and fields like any other", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    assert.equal(decodeEvent(`{"e":"${name}"}`).e, name);
    const told: Novelty[] = [];
    const frame = `{"e":"listenKeyExpired","E":1,"${name}":{"polluted":1}}`;
    const event = decodeEvent(frame, (novelty) => told.push(novelty));
    assert.deepEqual(told, [{ what: "field", where: "listenKeyExpired", found: name }]);
    assert.equal(encodeEvent(event), frame);
  }
  assert.equal("polluted" in {}, false);
});

test("of a name that comes twice the last counts", () => {
  assert.equal(decodeEvent('{"e":"listenKeyExpired","E":1,"E":2}').E, 2);
});

test("WireFormatError names the place of the fault", () => {
  const order = fixture("made.ORDER_TRADE_UPDATE.algo-fill.json").text;
  const account = fixture("event.ACCOUNT_UPDATE.order-hedge-isolated.json").text;
  const table: readonly [frame: string, message: string][] = [
    ["", '$: expected JSON, found ""'],
    ["null", "$.e: expected the name of an event, found undefined"],
    ["[1]", "$.e: expected the name of an event, found undefined"],
    ['"e"', "$.e: expected the name of an event, found undefined"],
    ['{"e":5}', "$.e: expected the name of an event, found 5"],
    ['{"e":"TRADE_LITE"}', "$.E: expected a time in milliseconds, found undefined"],
    ['{"e":"listenKeyExpired","E":"soon"}', '$.E: expected a time in milliseconds, found "soon"'],
    ['{"e":"ORDER_TRADE_UPDATE","T":1,"E":1,"o":[]}', "$.o: expected an object, found an array of 0"],
    [order.replace("8389766145050669870", "1.5"), "$.o.i: expected an integer id, found 1.5"],
    [order.replace('"c":"lk-stop-7"', '"c":7'), "$.o.c: expected a string, found 7"],
    [order.replace('"m":false', '"m":"false"'), '$.o.m: expected true or false, found "false"'],
    [order.replace('"q":"0.02"', '"q":0.02'), "$.o.q: expected a decimal string, found 0.02"],
    [order.replace('"S":"SELL"', '"S":null'), "$.o.S: expected a string such as BUY, found null"],
    [order.replace('"N":"USDT"', '"N":null'), "$.o.N: expected a string, found null"],
    [account.replace('"pa": "-10"', '"pa": "ten"'), '$.a.P[2].pa: expected a decimal string, found "ten"'],
    [account.replace('"wb": "1.00000000",', ""), "$.a.B[1].wb: expected a decimal string, found undefined"],
  ];
  for (const [frame, message] of table) {
    const isTold = (error: unknown): boolean => error instanceof WireFormatError && error.message === message;
    assert.throws(() => decodeEvent(frame), isTold, message);
  }
});

test("readEvent reads what was read already to the same event", () => {
  for (const { text } of EVENT_FIXTURES) {
    const event = decodeEvent(text);
    assert.deepEqual(readEvent(structuredClone(event)), event);
  }
});

for (const [name, table] of EVENT_TABLES) {
  test(`decode∘encode is the identity on any ${name}, and tells nothing but new values`, () => {
    const runs = { numRuns: 60 };
    fc.assert(
      fc.property(valuesOf(table), (value) => assertRoundTrip(value as UserDataEvent)),
      runs,
    );
  });
}

function assertRoundTrip(event: UserDataEvent): void {
  const told: Novelty[] = [];
  const again = decodeEvent(encodeEvent(event), (novelty) => told.push(novelty));
  assert.deepEqual(again, event);
  assert.equal(
    told.every(({ what }) => what === "value"),
    true,
  );
}

test("a compiled reader and the slow one agree on every event with something wrong or new in it", () => {
  const random = seededRandom(11);
  for (const { text } of EVENT_FIXTURES) {
    for (let i = 0; i < 120; i++) {
      const wire = mutated(random, i % 2 === 0 ? parseJson(text) : mutated(random, parseJson(text)));
      const table = EVENT_TABLES.get((wire as { e: never }).e);
      if (table !== undefined) assertAgreement(table, wire);
    }
  }
});

function assertAgreement(table: Codec<unknown>, wire: unknown): void {
  const [fast, slow] = [structuredClone(wire), structuredClone(wire)];
  const told: Novelty[] = [];
  if (!compiled(table)(fast)) return;
  table.read(slow, new Place("$", "", (novelty) => told.push(novelty)));
  assert.deepEqual(told, [], JSON.stringify(wire));
  assert.deepEqual(fast, slow, JSON.stringify(wire));
}

const readers = new Map<Codec<unknown>, (value: unknown) => boolean>();

function compiled(table: Codec<unknown>): (value: unknown) => boolean {
  const reader = readers.get(table) ?? compile(table);
  readers.set(table, reader);
  return reader;
}

test("the usual frame is read by the compiled reader alone", () => {
  for (const { name, text } of EVENT_FIXTURES) {
    const wire = parseJson(text);
    const table = EVENT_TABLES.get((wire as { e: never }).e);
    const isSlow = name in REWRITTEN || name === QUOTED_UNKNOWN;
    assert.equal(table !== undefined && compiled(table)(wire), !isSlow, name);
  }
});

const BYTES = [
  '"',
  "\\",
  ",",
  ":",
  "{",
  "}",
  "[",
  "]",
  "-",
  ".",
  "e",
  "9",
  "null",
  "1e999",
  "-0",
  "\u0000",
  "\ud800",
  "\ufffd",
];

test("decodeEvent answers any mangled frame with an event or a WireFormatError, and leaves prototypes alone", () => {
  const random = seededRandom(12);
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  const outcomes = { event: 0, refused: 0 };
  for (let i = 0; i < 8000; i++) {
    let text = EVENT_FIXTURES[pick(random, EVENT_FIXTURES.length)]?.text ?? "";
    for (let cuts = 1 + pick(random, 3); cuts > 0; cuts--) {
      const at = pick(random, text.length);
      text = text.slice(0, at) + (BYTES[pick(random, BYTES.length)] ?? "") + text.slice(at + pick(random, 3));
    }
    outcomes[isReadable(text) ? "event" : "refused"]++;
  }
  assert.equal(outcomes.event > 200 && outcomes.refused > 200, true, JSON.stringify(outcomes));
  assert.equal(Object.getOwnPropertyNames(Object.prototype).length, before);
});

test("decodeEvent survives depth, length and strange numbers wherever they stand", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const deepObject = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
  const order = fixture("made.ORDER_TRADE_UPDATE.algo-fill.json").text.trim();
  for (const value of [deep, deepObject]) {
    assert.throws(() => decodeEvent(`{"e":"new","x":${value}}`), /^WireFormatError: \$: expected at most 100 levels/);
    const path = /^WireFormatError: \$\.x: expected at most 100 levels of nesting, found "more"$/;
    assert.throws(() => decodeEvent(`${order.slice(0, -1)},"x":${value}}`), path);
  }
  const strange = [
    `${"[".repeat(90)}${"]".repeat(90)}`,
    "1e400",
    "-1e400",
    "9".repeat(100_000),
    `"${"9".repeat(100_000)}"`,
    '"\\ud800"',
    "-0",
  ];
  for (const value of strange) {
    assert.doesNotThrow(() => encodeEvent(decodeEvent(`{"e":"new","x":${value}}`)));
    assert.equal(decodeEvent(`{"e":"new","x":${value}}`).e, "new");
    assert.equal(decodeEvent(`${order.slice(0, -1)},"x":${value}}`).e, "ORDER_TRADE_UPDATE");
    for (const [key, field] of order.matchAll(/"(\w+)":(?:-?\d+|"[^"]*"|true|false)/g)) {
      isReadable(order.replace(key, `"${field}":${value}`));
    }
  }
});

/** @throws anything but a WireFormatError that decodeEvent throws */
function isReadable(text: string): boolean {
  try {
    decodeEvent(text, () => undefined);
    return true;
  } catch (error) {
    if (!(error instanceof WireFormatError)) throw new Error(`${String(error)} at ${text.slice(0, 500)}`);
    assert.match(error.message, /^\$[^\s:]*: expected .+, found /s);
    return false;
  }
}

test("where no code may be made from text, everything is read all the same", async () => {
  const module = new URL("user-data-event.js", import.meta.url).href;
  const program = `
    let isStrict = false;
    try { new Function("return 1")(); } catch { isStrict = true; }
    const { decodeEvent, encodeEvent } = await import(${JSON.stringify(module)});
    const frames = ${JSON.stringify(EVENT_FIXTURES.map(({ text }) => text))};
    const again = frames.map((frame) => encodeEvent(decodeEvent(frame)));
    process.stdout.write(JSON.stringify({ isStrict, frames: again }));`;
  const flags = ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 60_000 });
  const frames = EVENT_FIXTURES.map(({ text }) => encodeEvent(decodeEvent(text)));
  assert.deepEqual(JSON.parse(stdout), { isStrict: true, frames });
});

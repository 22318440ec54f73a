import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { valuesOf } from "../../test/codec-arbitrary.ts";
import { mutated } from "../../test/json-mutation.ts";
import { WireFormatError } from "../kernel/errors.ts";
import { seededRandom } from "../kernel/random.ts";
import { compile } from "./checker.ts";
import {
  type Codec,
  decimal,
  eventMs,
  flag,
  id64,
  idText,
  integer,
  list,
  listenKey,
  literal,
  type Novelty,
  oneOf,
  optional,
  Place,
  record,
  text,
  transactMs,
} from "./codec.ts";
import { parseJson } from "./json.ts";

const side = oneOf("BUY", "SELL");
const sample = record({
  e: literal("SAMPLE"),
  T: transactMs,
  E: eventMs,
  id: id64,
  ref: idText,
  q: decimal,
  S: side,
  c: text,
  m: flag,
  n: optional(integer),
  k: optional(listenKey),
  ids: list(id64),
  o: optional(record({ x: optional(decimal) })),
  P: list(record({ s: text, i: id64, S: side })),
});

/** Every way to say one value: what is read, what is written. */
const SCALARS: readonly [
  name: string,
  codec: Codec<never> | Codec<unknown>,
  rows: readonly [unknown, unknown, string][],
][] = [
  [
    "text",
    text,
    [
      ["", "", '""'],
      ['a"\n', 'a"\n', '"a\\"\\n"'],
      ["\ud800", "\ud800", '"\\ud800"'],
      ["é", "é", '"é"'],
    ],
  ],
  [
    "flag",
    flag,
    [
      [true, true, "true"],
      [false, false, "false"],
    ],
  ],
  [
    "integer",
    integer,
    [
      [0, 0, "0"],
      [-5, -5, "-5"],
      [2 ** 53 - 1, 2 ** 53 - 1, "9007199254740991"],
    ],
  ],
  [
    "transactMs",
    transactMs,
    [
      [0, 0, "0"],
      [1790000000000, 1790000000000, "1790000000000"],
    ],
  ],
  [
    "eventMs",
    eventMs,
    [
      [1790000000000, 1790000000000, "1790000000000"],
      ["1620000000000", 1620000000000, "1620000000000"],
    ],
  ],
  [
    "decimal",
    decimal,
    [
      ["0", "0", '"0"'],
      ["-0.00100000", "-0.00100000", '"-0.00100000"'],
      ["007", "007", '"007"'],
    ],
  ],
  ["listenKey", listenKey, [["Ab1", "Ab1", '"Ab1"']]],
  [
    "id64",
    id64,
    [
      [0, "0", "0"],
      [-1, "-1", "-1"],
      [999999999, "999999999", "999999999"],
      [1000000000, "1000000000", "1000000000"],
      [66600000001, "66600000001", "66600000001"],
      [2 ** 53 - 1, "9007199254740991", "9007199254740991"],
      ["8389766145050669870", "8389766145050669870", "8389766145050669870"],
      ["18446744073709551615", "18446744073709551615", "18446744073709551615"],
      ["-9223372036854775808", "-9223372036854775808", "-9223372036854775808"],
    ],
  ],
  [
    "idText",
    idText,
    [
      ["", "", '""'],
      ["8389766145050669870", "8389766145050669870", '"8389766145050669870"'],
    ],
  ],
  [
    "oneOf",
    side,
    [
      ["BUY", "BUY", '"BUY"'],
      ["SIDEWAYS", "SIDEWAYS", '"SIDEWAYS"'],
    ],
  ],
  ["literal", literal("X"), [["X", "X", '"X"']]],
];

const nowhere = new Place("$", "SAMPLE", undefined);

for (const [name, codec, rows] of SCALARS) {
  test(`${name} reads and writes each of its spellings`, () => {
    for (const [wire, ours, written] of rows) {
      assert.equal(codec.read(wire, nowhere), ours);
      assert.equal(codec.write(ours as never), written);
    }
  });
}

test("every codec refuses what it is not, naming the place, what belongs there and what was found", () => {
  const table: readonly [Codec<never> | Codec<unknown>, unknown, string][] = [
    [text, 1, "$.f: expected a string, found 1"],
    [text, null, "$.f: expected a string, found null"],
    [flag, "true", '$.f: expected true or false, found "true"'],
    [flag, 0, "$.f: expected true or false, found 0"],
    [integer, 1.5, "$.f: expected an integer, found 1.5"],
    [integer, 2 ** 53, "$.f: expected an integer, found 9007199254740992"],
    [integer, "5", '$.f: expected an integer, found "5"'],
    [transactMs, -1, "$.f: expected a time in milliseconds, found -1"],
    [transactMs, "1620000000000", '$.f: expected a time in milliseconds, found "1620000000000"'],
    [eventMs, "-1", '$.f: expected a time in milliseconds, found "-1"'],
    [eventMs, "1e3", '$.f: expected a time in milliseconds, found "1e3"'],
    [eventMs, "1234567890123456", '$.f: expected a time in milliseconds, found "1234567890123456"'],
    [decimal, 0.1, "$.f: expected a decimal string, found 0.1"],
    [decimal, "1e5", '$.f: expected a decimal string, found "1e5"'],
    [decimal, "", '$.f: expected a decimal string, found ""'],
    [listenKey, 7, "$.f: expected a listenKey, found 7"],
    [id64, 2 ** 53, "$.f: expected an integer id, found 9007199254740992"],
    [id64, 1.5, "$.f: expected an integer id, found 1.5"],
    [id64, "", '$.f: expected an integer id, found ""'],
    [id64, "-", '$.f: expected an integer id, found "-"'],
    [id64, "-0", '$.f: expected an integer id, found "-0"'],
    [id64, "007", '$.f: expected an integer id, found "007"'],
    [id64, "1.5", '$.f: expected an integer id, found "1.5"'],
    [id64, "123456789012345678901", '$.f: expected an integer id, found "123456789012345678901"'],
    [idText, 5, "$.f: expected an integer id in a string, found 5"],
    [idText, "x", '$.f: expected an integer id in a string, found "x"'],
    [side, 1, "$.f: expected a string such as BUY, found 1"],
    [literal("X"), "Y", '$.f: expected "X", found "Y"'],
    [list(text), {}, "$.f: expected an array, found an object with no keys"],
    [list(text), ["a", 1], "$.f[1]: expected a string, found 1"],
    [record({ a: text }), [], "$.f: expected an object, found an array of 0"],
    [record({ a: text }), null, "$.f: expected an object, found null"],
    [record({ a: text }), {}, "$.f.a: expected a string, found undefined"],
    [record({ a: optional(text) }), { a: null }, "$.f.a: expected a string, found null"],
    [
      record({ P: list(record({ i: id64 })) }),
      { P: [{ i: 1 }, { i: true }] },
      "$.f.P[1].i: expected an integer id, found true",
    ],
  ];
  for (const [codec, wire, message] of table) {
    const isTold = (error: unknown): boolean => error instanceof WireFormatError && error.message === message;
    assert.throws(() => codec.read(structuredClone(wire), nowhere.field("f")), isTold, message);
    assert.equal(compile(record({ f: codec }))({ f: structuredClone(wire) }), false, message);
  }
});

test("id64 prints every safe integer as the language does, on the fast path too", () => {
  const isRight = compile(record({ i: id64 }));
  const edges = fc.constantFrom(
    0,
    99999999,
    100000000,
    999999999,
    1000000000,
    1000000001,
    2 ** 31,
    2 ** 32,
    123450000000000,
  );
  fc.assert(
    fc.property(fc.oneof(edges, fc.maxSafeInteger(), fc.maxSafeNat()), (value) => {
      const wire: { i: unknown } = { i: value };
      assert.equal(isRight(wire), true);
      assert.equal(wire.i, String(value));
    }),
    { numRuns: 2000 },
  );
});

test("record tells each unknown field and value once per read, under a name without indices", () => {
  const told: Novelty[] = [];
  const wire = {
    ...frame(),
    S: "SIDEWAYS",
    fs: "UM",
    P: [
      { s: "A", i: 1, S: "UP", new: 1 },
      { s: "B", i: 2, S: "UP" },
    ],
  };
  sample.read(wire, new Place("$", "SAMPLE", (novelty) => told.push(novelty)));
  assert.deepEqual(told, [
    { what: "value", where: "SAMPLE.S", found: "SIDEWAYS" },
    { what: "value", where: "SAMPLE.P.S", found: "UP" },
    { what: "field", where: "SAMPLE.P", found: "new" },
    { what: "value", where: "SAMPLE.P.S", found: "UP" },
    { what: "field", where: "SAMPLE", found: "fs" },
  ]);
});

test("record writes its rows in their order, what is unknown last, and what is absent not at all", () => {
  const table = record({ a: text, b: optional(decimal), i: id64 });
  const value = { new: [1, { z: null }], i: "8389766145050669870", b: undefined, a: "x", gone: undefined };
  assert.equal(table.write(value as never), '{"a":"x","i":8389766145050669870,"new":[1,{"z":null}]}');
  assert.equal(record({}).write({}), "{}");
  assert.equal(record({ b: optional(text) }).write({}), "{}");
});

test("decode∘encode is the identity on any value of a table", () => {
  const isRight = compile(sample);
  fc.assert(
    fc.property(valuesOf(sample), (value) => {
      const written = sample.write(value as never);
      assert.deepEqual(sample.read(parseJson(written), nowhere), value);
      const fast = parseJson(written);
      if (isRight(fast)) assert.deepEqual(fast, value);
    }),
  );
});

test("a compiled reader says yes only where the slow one reads the same and tells nothing", () => {
  const random = seededRandom(5);
  const isRight = compile(sample);
  const outcomes = { fast: 0, slow: 0, refused: 0 };
  for (let i = 0; i < 6000; i++) {
    const wire = i % 50 === 0 ? frame() : mutated(random, i % 2 === 0 ? frame() : mutated(random, frame()));
    const [fast, slow] = [structuredClone(wire), structuredClone(wire)];
    const isFast = isRight(fast);
    const outcome = readSlowly(slow);
    outcomes[isFast ? "fast" : outcome.isRefused ? "refused" : "slow"]++;
    if (!isFast) continue;
    assert.deepEqual(outcome, { isRefused: false, told: [] }, JSON.stringify(wire));
    assert.deepEqual(fast, slow, JSON.stringify(wire));
  }
  for (const [name, count] of Object.entries(outcomes)) assert.equal(count > 300, true, `${name}: ${count}`);
});

function readSlowly(wire: unknown): { readonly isRefused: boolean; readonly told: readonly Novelty[] } {
  const told: Novelty[] = [];
  try {
    sample.read(wire, new Place("$", "SAMPLE", (novelty) => told.push(novelty)));
    return { isRefused: false, told };
  } catch (error) {
    assert.equal(error instanceof WireFormatError, true, String(error));
    return { isRefused: true, told: [] };
  }
}

test("a slow read repairs what a compiled reader left half done", () => {
  const wire = { ...frame(), P: [{ s: "A", i: 5, S: "SIDEWAYS" }] };
  assert.equal(compile(sample)(wire), false);
  assert.deepEqual(sample.read(wire, nowhere), { ...frame(), id: "12", ids: ["1", "8389766145050669870"], P: wire.P });
  assert.equal(wire.P[0]?.i, "5");
});

function frame() {
  return {
    e: "SAMPLE",
    T: 1790000000000,
    E: 1790000000001,
    id: 12,
    ref: "",
    q: "-0.50",
    S: "BUY",
    c: "x",
    m: false,
    n: 7,
    k: "key",
    ids: [1, "8389766145050669870"],
    o: { x: "1" },
    P: [{ s: "A", i: 5, S: "SELL" }],
  };
}

test("where code may not be made from text everything is read slowly; source that does not compile is told", (t) => {
  const broken: Codec<unknown> = { ...text, fast: () => "v ===" };
  assert.throws(() => compile(broken), SyntaxError);
  assert.throws(() => compile(record({ f: broken })), SyntaxError);
  t.mock.method(globalThis, "Function", function refused() {
    throw new EvalError("Code generation from strings disallowed for this context");
  });
  assert.equal(compile(sample)(frame()), false);
});

test("optional and required fields show in what a frame may leave out", () => {
  const isRight = compile(sample);
  for (const key of Object.keys(frame())) {
    const wire: Record<string, unknown> = frame();
    delete wire[key];
    assert.equal(isRight(wire), ["n", "k", "o"].includes(key), key);
  }
  assert.equal(isRight({ ...frame(), o: [] }), false);
});

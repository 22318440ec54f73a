import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { valuesOf } from "../../test/codec-arbitrary.ts";
import { EVENT_TABLES } from "../../test/event-tables.ts";
import { type Codec, decimal, flag, id64, integer, list, literal, oneOf, optional, Place, record } from "./codec.ts";
import { parseJson } from "./json.ts";
import { bytesOf, layoutReader } from "./layout.ts";

const order = record({
  e: literal("ORDER"),
  i: id64,
  q: decimal,
  S: oneOf("BUY", "SELL"),
  n: integer,
  m: flag,
  c: optional(decimal),
  P: list(record({ s: oneOf("A", "B"), i: id64 })),
});
const SAMPLE = '{"e":"ORDER","i":7,"q":"0.5","S":"BUY","n":-3,"m":true,"P":[{"s":"A","i":1}]}';

/** What the parser and the table make of a text; `undefined` when they refuse it or find something new. */
function parsed(codec: Codec<unknown>, text: string): unknown {
  let isNew = false;
  const tell = () => {
    isNew = true;
  };
  try {
    const value = codec.read(parseJson(text), new Place("$", "$", tell));
    return isNew ? undefined : value;
  } catch {
    return undefined;
  }
}

function readerOf(codec: Codec<unknown>, text: string): (text: string) => unknown {
  return readerLike(codec, parsed(codec, text));
}

function readerLike(codec: Codec<unknown>, sample: unknown): (text: string) => unknown {
  const read = layoutReader(codec, sample);
  assert(read !== undefined);
  return (text) => {
    const found = read(text, bytesOf(text));
    assert.deepEqual(read(text, Buffer.from(text)), found, "whoever has made the bytes");
    return found;
  };
}

test("a reader made for one text reads others of its layout", () => {
  const read = readerOf(order, SAMPLE);
  const text =
    '{"e":"ORDER","i":8389766000000000001,"q":"-1","S":"SELL","n":0,"m":false,"P":[{"s":"B","i":-2},{"s":"A","i":0}]}';
  assert.deepEqual(read(SAMPLE), parsed(order, SAMPLE));
  assert.deepEqual(read(text), parsed(order, text));
  assert.equal((read(text) as { i: string }).i, "8389766000000000001");
});

const LEFT_TO_THE_PARSER: readonly [what: string, from: string | RegExp, to: string][] = [
  ["white space", '"i":7', '"i": 7'],
  ["another order", '"i":7,"q":"0.5"', '"q":"0.5","i":7'],
  ["a field more", '"m":true', '"m":true,"c":"1"'],
  ["a field less", '"m":true,', ""],
  ["an empty list", /\[.*\]/, "[]"],
  ["an escape", '"BUY"', '"B\\u0055Y"'],
  ["a new value", '"BUY"', '"BOTH"'],
  ["no decimal", '"0.5"', '".5"'],
  ["a control character", '"0.5"', '"0\n5"'],
  ["a letter beyond ASCII", '"A"', '"Å"'],
  ["a word that begins like a known one", '"BUY"', '"BUYS"'],
  ["the beginning of a word", '"BUY"', '"BU"'],
  ["-0 as an id", '"i":7', '"i":-0'],
  ["-0 as an integer", "-3", "-0"],
  ["a leading zero", '"i":7', '"i":07'],
  ["a fraction", "-3", "-3.0"],
  ["an exponent", '"i":7', '"i":7e1'],
  ["an id in a string", '"i":7', '"i":"7"'],
  ["an id of 21 digits", '"i":7', '"i":100000000000000000000'],
  ["an integer of 16 digits", "-3", "9007199254740993"],
  ["nothing for an integer", "-3", ""],
  ["a flag that is none", "true", "null"],
  ["text after it", /$/, " "],
  ["an end too soon", /.$/, ""],
];

for (const [what, from, to] of LEFT_TO_THE_PARSER) {
  test(`left to the parser: ${what}`, () => {
    const text = SAMPLE.replace(from, to);
    assert.notEqual(text, SAMPLE);
    assert.equal(readerOf(order, SAMPLE)(text), undefined);
  });
}

test("a message with a field that no table knows has no reader, nor has a value that only the parser reads", () => {
  assert.equal(layoutReader(order, { ...(parsed(order, SAMPLE) as object), new: 1 }), undefined);
  const { token: _, ...parsedOnly } = flag;
  assert.equal(layoutReader(record({ m: parsedOnly as Codec<boolean> }), { m: true }), undefined);
});

for (const [name, codec] of EVENT_TABLES) {
  test(`${name}: what a reader reads is what the parser and the table read, whatever the text`, () => {
    const edit = fc.record({
      at: fc.nat(),
      cut: fc.nat({ max: 3 }),
      put: fc.constantFrom("", "0", "-", '"', ",", "\\", "}", "é", "\u{130}"),
    });
    fc.assert(
      fc.property(valuesOf(codec), valuesOf(codec), fc.array(edit, { maxLength: 2 }), (sample, other, edits) => {
        const sampleText = codec.write(sample);
        const read = readerLike(codec, sample);
        const found = read(sampleText);
        if (found !== undefined) assert.deepEqual(found, parsed(codec, sampleText));
        let text = codec.write(other);
        for (const { at, cut, put } of edits) {
          const from = at % text.length;
          text = text.slice(0, from) + put + text.slice(from + cut);
        }
        const mine = read(text);
        if (mine !== undefined) assert.deepEqual(mine, parsed(codec, text));
        const own = readSelf(codec, text);
        if (own !== undefined) assert.deepEqual(own, parsed(codec, text));
      }),
      { numRuns: 60 },
    );
  });
}

/** Read by a reader that was made for this very text. */
function readSelf(codec: Codec<unknown>, text: string): unknown {
  const value = parsed(codec, text);
  return value === undefined ? undefined : layoutReader(codec, value)?.(text, bytesOf(text));
}

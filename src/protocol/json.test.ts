import assert from "node:assert/strict";
import { test } from "node:test";
import { parse as losslessParse } from "lossless-json";
import { WireFormatError } from "../kernel/errors.ts";
import type { Random } from "../kernel/ports.ts";
import { pick, seededRandom } from "../kernel/random.ts";
import { JSON_CHARS_MAX, parseJson, parseJsonNumbersAsText } from "./json.ts";

const DOCUMENTS = 10_000;
const MANGLED = 12_000;

test("L4 parseJson keeps integers beyond 2^53 digit for digit, wherever they stand", () => {
  const table: readonly [string, unknown][] = [
    ['{"i":8389766145050669870}', { i: "8389766145050669870" }],
    ['{"i":-8389766145050669870}', { i: "-8389766145050669870" }],
    ['{"orderId":8389766145050669870,"n":1}', { orderId: "8389766145050669870", n: 1 }],
    ['{"i" : 8389766145050669870 }', { i: "8389766145050669870" }],
    ['{\n  "i": 8389766145050669870\n}', { i: "8389766145050669870" }],
    ['{"a_":8389766145050669870}', { a_: "8389766145050669870" }],
    ['{"a\\"":8389766145050669870}', { 'a"': "8389766145050669870" }],
    ['{"\\\\":8389766145050669870}', { "\\": "8389766145050669870" }],
    ['{"":8389766145050669870}', { "": "8389766145050669870" }],
    ["[8389766145050669870,8389766145050669871]", ["8389766145050669870", "8389766145050669871"]],
    ["[1,8389766145050669870]", [1, "8389766145050669870"]],
    ["8389766145050669870", "8389766145050669870"],
    [" -8389766145050669870 ", "-8389766145050669870"],
    ['{"t":8389766145050669870,"i":9007199254740993}', { t: "8389766145050669870", i: "9007199254740993" }],
    [`[${"9".repeat(400)}]`, ["9".repeat(400)]],
  ];
  for (const [text, value] of table) assert.deepEqual(parseJson(text), value, text);
});

test("parseJson draws the line at 2^53 − 1, on both sides of zero", () => {
  assert.deepEqual(parseJson("[9007199254740991,-9007199254740991]"), [9007199254740991, -9007199254740991]);
  assert.deepEqual(parseJson("[9007199254740992,-9007199254740992]"), ["9007199254740992", "-9007199254740992"]);
  assert.deepEqual(parseJson("[9999999999999999,10000000000000000]"), ["9999999999999999", "10000000000000000"]);
});

test("parseJson leaves strings, fractions and exponents alone, however long their digits", () => {
  const table: readonly string[] = [
    '{"c":"8389766145050669870"}',
    '{"c":"x:8389766145050669870,"}',
    '{"c":"{\\"i\\":8389766145050669870}"}',
    '["a\\\\",":8389766145050669870,"]',
    '["\\u0022i\\u0022:8389766145050669870,"]',
    "[0.12345678901234567890]",
    "[12345678901234567890.5]",
    "[12345678901234567890e2]",
    "[1e12345678901234567890]",
    "[1e-12345678901234567]",
    '{"a":0.12345678901234567890,"b":-12345678901234567890.25}',
    "[-0]",
  ];
  for (const text of table) assert.deepEqual(parseJson(text), JSON.parse(text), text);
});

test("parseJson accepts nothing that JSON refuses, though it quotes numbers", () => {
  const big = "8389766145050669870";
  const table: readonly string[] = [
    `{${big}:1}`,
    `{${big}:${big}}`,
    `{ ${big} : [${big}] }`,
    `{"a":1,${big}\n:${big}}`,
    `[0${big}]`,
    `[+${big}]`,
    `[.${big}]`,
    `[${big}.]`,
    `[--${big}]`,
    `[${big}${big}x]`,
    `["a"${big}]`,
    `[${big}"a"]`,
    `{"a":${big}:1}`,
    `{"a"${big}}`,
    `{a":${big}}`,
    `[true":${big}]`,
    `"a":${big}`,
    `[${big} ${big}]`,
    `{"a":${big}`,
    `${big},`,
    "",
    " ",
    "-",
    "nul",
    "\ufeff{}",
  ];
  for (const text of table) {
    assert.throws(() => JSON.parse(text), SyntaxError, text);
    assert.throws(() => parseJson(text), WireFormatError, text);
  }
});

test("parseJson says that it is not JSON, and shows its beginning", () => {
  assert.throws(() => parseJson("<html>"), /^WireFormatError: \$: expected JSON, found "<html>"$/);
  assert.throws(() => parseJsonNumbersAsText("{"), /^WireFormatError: \$: expected JSON, found "{"$/);
});

test("L12 parseJson refuses texts beyond its limit before it looks at them", () => {
  const tooLong = " ".repeat(JSON_CHARS_MAX + 1);
  const told = /^WireFormatError: \$: expected at most 32000000 characters, found "32000001 characters"$/;
  assert.throws(() => parseJson(tooLong), told);
  assert.throws(() => parseJsonNumbersAsText(tooLong), told);
});

test("parseJson reads nesting of any depth, and names that mean something to objects", () => {
  const depth = 100_000;
  let inner = parseJson(`${"[".repeat(depth)}8389766145050669870${"]".repeat(depth)}`);
  for (let i = 0; i < depth; i++) inner = (inner as unknown[])[0];
  assert.equal(inner, "8389766145050669870");
  const named = parseJson('{"__proto__":{"polluted":8389766145050669870},"constructor":1,"a":1,"a":2}');
  assert.deepEqual(Object.entries(named as object), [
    ["__proto__", { polluted: "8389766145050669870" }],
    ["constructor", 1],
    ["a", 2],
  ]);
  assert.equal("polluted" in {}, false);
});

test("parseJson agrees with lossless-json on any document", () => {
  const random = seededRandom(1);
  for (let i = 0; i < DOCUMENTS; i++) {
    const text = document(random, 4);
    assert.equal(JSON.stringify(parseJson(text)), JSON.stringify(losslessParse(text, null, exactNumber)), text);
  }
});

function exactNumber(digits: string): unknown {
  if (!/^-?\d+$/.test(digits)) return Number(digits);
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : digits;
}

test("parseJson accepts and refuses what JSON.parse does, and differs from it in long integers only", () => {
  const random = seededRandom(2);
  let refused = 0;
  for (let i = 0; i < MANGLED; i++) {
    const text = mangled(random, document(random, 3));
    const theirs = attempt(() => JSON.parse(text));
    const ours = attempt(() => parseJson(text));
    assert.equal(ours.isRight, theirs.isRight, text);
    if (theirs.isRight) assert.equal(saysTheSame(ours.value, theirs.value), true, text);
    else refused++;
  }
  assert.equal(refused > MANGLED / 4 && refused < MANGLED * 0.95, true, `${refused} of ${MANGLED} were refused`);
});

function attempt(parse: () => unknown): { readonly isRight: boolean; readonly value?: unknown } {
  try {
    return { isRight: true, value: parse() };
  } catch (error) {
    assert.equal(error instanceof SyntaxError || error instanceof WireFormatError, true, String(error));
    return { isRight: false };
  }
}

function saysTheSame(ours: unknown, theirs: unknown): boolean {
  if (typeof theirs === "number" && typeof ours === "string") {
    return /^-?[1-9]\d{15,}$/.test(ours) && Number(ours) === theirs && !Number.isSafeInteger(theirs);
  }
  if (typeof theirs !== "object" || theirs === null) return Object.is(ours, theirs);
  if (typeof ours !== "object" || ours === null) return false;
  const [a, b] = [Object.entries(ours), Object.entries(theirs)];
  return a.length === b.length && a.every(([key, value], i) => key === b[i]?.[0] && saysTheSame(value, b[i]?.[1]));
}

test("parseJsonNumbersAsText leaves every number as it was written, and strings as they are", () => {
  const table: readonly [string, unknown][] = [
    ['{"price":0.10,"n":[1,-2.50,1e5,1E+5],"s":"0.1","b":true,"z":null}', PRICES],
    ["8389766145050669870", "8389766145050669870"],
    ["-0", "-0"],
    ['"1"', "1"],
  ];
  for (const [text, value] of table) assert.deepEqual(parseJsonNumbersAsText(text), value, text);
});

const PRICES = { price: "0.10", n: ["1", "-2.50", "1e5", "1E+5"], s: "0.1", b: true, z: null };

test("parseJsonNumbersAsText agrees with lossless-json on any document, and refuses what JSON.parse refuses", () => {
  const random = seededRandom(3);
  for (let i = 0; i < 2000; i++) {
    const text = document(random, 3);
    const theirs = losslessParse(text, null, (digits) => digits);
    assert.equal(JSON.stringify(parseJsonNumbersAsText(text)), JSON.stringify(theirs), text);
    const bad = mangled(random, text);
    assert.equal(attempt(() => parseJsonNumbersAsText(bad)).isRight, attempt(() => JSON.parse(bad)).isRight, bad);
  }
});

const NUMBERS = [
  (random: Random) => `${pick(random, 1000)}`,
  (random: Random) => `${1 + pick(random, 9)}${digits(random, 14 + pick(random, 8))}`,
  (random: Random) => `-${1 + pick(random, 9)}${digits(random, 14 + pick(random, 8))}`,
  (random: Random) => `90071992547409${80 + pick(random, 20)}`,
  (random: Random) => `${pick(random, 10)}.${digits(random, 1 + pick(random, 20))}`,
  (random: Random) => `${1 + pick(random, 9)}${digits(random, pick(random, 18))}e${pick(random, 2) === 0 ? "-" : ""}5`,
];

const STRING_PARTS = [
  "a",
  "Z",
  "7",
  "_",
  "é",
  '\\"',
  "\\\\",
  "\\n",
  "\\u0041",
  ":",
  ",",
  "{",
  "]",
  " ",
  "8389766145050669870",
];

/** The parser of Node 24.21 takes a name with an escape for another one that it has read in its place. */
const [, KNOWN] = ['{"a":1,"1\\\\":2}', '{"a":1,"1\\u0041":2}'].map((text) => JSON.stringify(JSON.parse(text)));
const NAME_PARTS = KNOWN === '{"a":1,"1A":2}' ? STRING_PARTS : STRING_PARTS.filter((part) => !part.startsWith("\\"));

const GAPS = ["", "", "", " ", "\n  ", "\t", "\r\n"];

/** A document as text: every kind of value in every place, names with every kind of last character, any white space. */
function document(random: Random, depth: number, gap = GAPS[pick(random, GAPS.length)] ?? ""): string {
  const kind = pick(random, depth === 0 ? 4 : 8);
  if (kind < 2) return (NUMBERS[pick(random, NUMBERS.length)] ?? String)(random);
  if (kind === 2) return string(random, pick(random, 6));
  if (kind === 3) return ["true", "false", "null"][pick(random, 3)] ?? "null";
  const entries = Array.from({ length: pick(random, 5) }, () => document(random, depth - 1, gap));
  const comma = `${gap},${gap}`;
  if (kind < 6) return `[${gap}${entries.join(comma)}${gap}]`;
  const name = (i: number) => `"${i}${string(random, pick(random, 4), NAME_PARTS).slice(1)}`;
  const members = entries.map((entry, i) => `${name(i)}${gap}:${gap}${entry}`);
  return `${gap}{${members.join(comma)}}${gap}`;
}

function string(random: Random, parts: number, from = STRING_PARTS): string {
  return `"${Array.from({ length: parts }, () => from[pick(random, from.length)]).join("")}"`;
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => pick(random, 10)).join("");
}

/** One or two characters dropped, doubled, or put in anywhere. */
function mangled(random: Random, text: string): string {
  const at = pick(random, text.length + 1);
  const kind = pick(random, 4);
  if (kind === 0) return text.slice(0, at) + text.slice(at + 1 + pick(random, 2));
  if (kind === 1) return text.slice(0, at + 1) + text.slice(at);
  const put = [
    '"',
    "\\",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "0",
    "9",
    "-",
    ".",
    "e",
    " ",
    "a",
    "8389766145050669870",
    "\u0000",
  ];
  return text.slice(0, at) + (put[pick(random, put.length)] ?? "") + text.slice(at);
}

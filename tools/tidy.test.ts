/** Each rule of tidiness is seen to fail on a planted violation, and to let its nearest lawful neighbour pass. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tidyComplaints } from "./tidy.ts";

const CLOCK = "use a Clock (src/kernel/ports.ts)";
const DICE = "use Random (src/kernel/ports.ts)";
const LOG = "use a Log (src/kernel/ports.ts)";
const DECIMAL = "use src/kernel/decimal.ts";
const CODEC = "use unknown, and a codec that looks";

test("tidy: a line has at most 120 columns, counted in characters", () => {
  assert.deepEqual(said("src/kernel/a.ts", `// ${"x".repeat(117)}\n// ${"😀".repeat(117)}\n`), []);
  const says = "src/kernel/a.ts:2: 121 columns, where 120 are the most";
  assert.deepEqual(said("src/kernel/a.ts", `\n// ${"x".repeat(118)}\n`), [says]);
});

test("tidy: a function has at most 60 lines, in tests too, its doc comment left aside", () => {
  const says = "a function of 61 lines, where 60 are the most. Name its parts";
  const shapes = [
    (body: string) => `function f() {\n${body}}\n`,
    (body: string) => `export const f = () => {\n${body}};\n`,
    (body: string) => `/**\n * Doc.\n */\nexport async function f() {\n${body}}\n`,
    (body: string) => `test("x", () => {\n${body}});\n`,
    (body: string) => `class A { #f() {\n${body}} }\n`,
    (body: string) => `class A { constructor() {\n${body}} }\n`,
    (body: string) => `const o = { get f() {\n${body}} };\n`,
  ];
  for (const shape of shapes) {
    assert.deepEqual(said("src/kernel/a.test.ts", shape("\n".repeat(58))), []);
    const line = shape("").startsWith("/**") ? 4 : 1;
    assert.deepEqual(said("src/kernel/a.test.ts", shape("\n".repeat(59))), [`src/kernel/a.test.ts:${line}: ${says}`]);
  }
});

test("tidy: the body of a describe and the type of a function are no function", () => {
  const lines = "\n".repeat(100);
  assert.deepEqual(
    said("src/kernel/a.test.ts", `describe("x", () => {${lines}});\ntype F = (${lines}) => void;\n`),
    [],
  );
});

test("tidy: a file has at most 400 lines, unless it is a test", () => {
  const says = "src/kernel/a.ts: 401 lines, where 400 are the most. Give a part a file of its own";
  assert.deepEqual(said("src/kernel/a.ts", "//\n".repeat(400)), []);
  assert.deepEqual(said("src/kernel/a.ts", "//\n".repeat(401)), [says]);
  assert.deepEqual(said("src/kernel/a.test.ts", "//\n".repeat(401)), []);
});

test("tidy: a file is named in kebab-case after what is in it", () => {
  const shape = "a file name is a noun in kebab-case, such as order-book.ts";
  const empty = (stem: string) => `"${stem}" says nothing about what is in the file. Name it after that`;
  const rows: [file: string, says: string | undefined][] = [
    ["order-book.ts", undefined],
    ["order-book.laws.test.ts", undefined],
    ["order-types.ts", undefined],
    ["hmac-sha256.ts", undefined],
    ["orderBook.ts", shape],
    ["order_book.ts", shape],
    ["Order.ts", shape],
    ["-order.ts", shape],
    ["utils.ts", empty("utils")],
    ["util.test.ts", empty("util")],
    ["helpers.ts", empty("helpers")],
    ["common.ts", empty("common")],
    ["misc.ts", empty("misc")],
    ["types.ts", empty("types")],
    ["stream-manager.ts", empty("stream-manager")],
    ["service.ts", empty("service")],
    ["listen-key-service.ts", undefined],
  ];
  for (const [file, says] of rows) {
    const path = `src/kernel/${file}`;
    assert.deepEqual(said(path, ""), says === undefined ? [] : [`${path}: ${says}`]);
  }
});

test("tidy: what has no place in a file is refused with what to use instead", () => {
  const rows: [path: string, code: string, what: string, instead: string][] = [
    ["src/stream/a.ts", "const now = Date.now();", "Date.now", CLOCK],
    ["src/stream/a.ts", "const clock = { now: Date.now };", "Date.now", CLOCK],
    ["src/stream/a.ts", "const now = globalThis.Date.now();", "Date.now", CLOCK],
    ["sim/world.ts", "const now = new Date();", "new Date()", CLOCK],
    ["sim/world.ts", "const now = performance.now();", "performance.now", CLOCK],
    ["src/venue/a.ts", "const x = Math.random();", "Math.random", DICE],
    ["src/venue/a.ts", "const id = randomUUID();", "randomUUID", DICE],
    ["src/venue/a.ts", "const id = crypto.randomUUID();", "crypto.randomUUID", DICE],
    ["src/venue/io/a.ts", "const x = parseFloat(text);", "parseFloat", DECIMAL],
    ["src/cli/a.ts", "const x = Number.parseFloat(text);", "Number.parseFloat", DECIMAL],
    ["src/cli/a.ts", "const x = y as any;", "any", CODEC],
    ["src/venue/io/a.ts", "function f(x: any): void {}", "any", CODEC],
    ["src/venue/a.ts", "type X = Map<string, any[]>;", "any", CODEC],
    ["src/venue/io/a.ts", 'console.log("x");', "console.log", LOG],
    ["src/index.ts", 'console.warn("x");', "console.warn", LOG],
    ["src/venue/a.test.ts", 'test.only("x", () => {});', "test.only", "run it, or remove it"],
    ["src/venue/a.test.ts", 'test.skip("x", () => {});', "test.skip", "run it, or remove it"],
    ["test/a.test.ts", 'describe.skip("x", () => {});', "describe.skip", "run it, or remove it"],
    ["test/a.test.ts", 'test("x", { skip: true }, () => {});', "skip: true", "run it, or remove it"],
  ];
  for (const [path, code, what, instead] of rows) {
    assert.deepEqual(said(path, `\n${code}\n`), [`${path}:2: ${what} has no place here; ${instead}`]);
  }
});

test("tidy: the same words pass where they belong, and in comments and texts", () => {
  const rows: [path: string, code: string][] = [
    ["src/stream/io/clock.ts", "const now = Date.now() + performance.now();"],
    ["src/cli/a.ts", "const now = new Date();"],
    ["sim/main.ts", "const now = performance.now();"],
    ["src/cli/a.ts", 'console.log("x");'],
    ["src/stream/a.test.ts", "const now = Date.now();"],
    ["src/stream/a.ts", "const at = new Date(ms).toISOString();"],
    ["src/stream/a.ts", '// not Date.now() and not "as any"\nconst text = "Math.random()";'],
    ["src/stream/a.ts", "const parts = { parseFloat: 1, any: 2, skip: true };"],
    ["test/a.test.ts", "const x = y as any;"],
    ["test/a.test.ts", 'const options = { skip: true };\ntest("x", { timeout: 5 }, () => {});'],
  ];
  for (const [path, code] of rows) assert.deepEqual(said(path, code), [], code);
});

test("tidy: what is left unfinished is refused, in comments too", () => {
  const words = ["TODO", "FIXME", "XXX"]; // tidy-ok: the words under test
  for (const word of words) {
    const says = `src/kernel/a.ts:1: ${word}: finish it, or write down the limit it leaves`;
    assert.deepEqual(said("src/kernel/a.ts", `// ${word} later\n`), [says]);
    assert.deepEqual(said("src/kernel/a.ts", `const symbol = "A${word}B";\n`), []);
  }
});

test("tidy: an exception with its reason excuses its line, or the next when it stands alone", () => {
  const path = "src/stream/a.ts";
  const refused = `Date.now has no place here; ${CLOCK}`;
  assert.deepEqual(said(path, "const now = Date.now(); // tidy-ok: the one clock\n"), []);
  assert.deepEqual(said(path, "// tidy-ok: the one clock\nconst now = Date.now();\n"), []);
  assert.deepEqual(said(path, `// tidy-ok: one table\nfunction f() {\n${"\n".repeat(60)}}\n`), []);
  const twice = "// tidy-ok: the one clock\nconst now = Date.now();\nconst then = Date.now();\n";
  assert.deepEqual(said(path, twice), [`${path}:3: ${refused}`]);
});

test("tidy: an exception needs a reason and something to excuse", () => {
  const path = "src/stream/a.ts";
  const bare = `${path}:1: an exception needs its reason: \`// tidy-ok: reason\``;
  const idle = `${path}:1: this exception excuses nothing. Remove it`;
  assert.deepEqual(said(path, "const now = Date.now(); // tidy-ok:\n"), [bare]);
  assert.deepEqual(said(path, "const now = clock.now(); // tidy-ok: old\n"), [idle]);
  assert.deepEqual(said(path, "// tidy-ok: old\n\nconst now = clock.now();\n"), [idle]);
  assert.deepEqual(said(path, "/** Marked `// tidy-ok: reason`. */\nconst text = ' // tidy-ok: a text';\n"), []);
});

/** What is said about one file: `path:line: text`, one string per complaint. */
function said(path: string, text: string): string[] {
  return tidyComplaints(new Map([[path, text]])).map(({ at, says }) => `${at}: ${says}`);
}

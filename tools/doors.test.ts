/** What is exported without a doc comment is seen to be told, and what needs none to be left alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { doorComplaints } from "./doors.ts";

test("doors: every name that a file exports needs a doc comment", () => {
  const declarations = [
    "export function x(): void {}",
    "export class x {}",
    "export interface x {}",
    "export type x = string;",
    "export const x = 1;",
    "function x(): void {}\nexport { x };",
    "const y = 1;\nexport { y as x };",
  ];
  for (const declaration of declarations) {
    const name = declaration.includes(" as ") ? "y" : "x";
    const says = `src/kernel/a.ts:1: ${name} is exported without a doc comment. Say what it is or does`;
    assert.deepEqual(said({ "src/kernel/a.ts": declaration }), [says], declaration);
    assert.deepEqual(said({ "src/kernel/a.ts": `/** Documented. */\n${declaration}` }), [], declaration);
    assert.deepEqual(said({ "src/kernel/a.ts": `// Documented?\n${declaration}` }), [says.replace(":1:", ":2:")]);
  }
});

test("doors: what is not exported needs no doc comment, and neither do members inside a room", () => {
  const text = "function f(): void {}\n/** A thing. */\nexport interface Thing { readonly size: number }\nf();\n";
  assert.deepEqual(said({ "src/kernel/a.ts": text }), []);
});

test("doors: a header comment speaks of its file, not of the name below it", () => {
  const says = "src/kernel/a.ts:3: x is exported without a doc comment. Say what it is or does";
  assert.deepEqual(said({ "src/kernel/a.ts": "/** About the file. */\n\nexport const x = 1;\n" }), [says]);
  assert.deepEqual(said({ "src/kernel/a.ts": "/** About the file. */\n\n/** About x. */\nexport const x = 1;\n" }), []);
});

test("doors: one comment is enough for overloads, and for a table and the type of its name", () => {
  const overloads = "/** Doc. */\nexport function f(a: string): void;\nexport function f(a: number): void;\n";
  assert.deepEqual(said({ "src/kernel/a.ts": `${overloads}export function f(): void {}\n` }), []);
  assert.deepEqual(said({ "src/kernel/a.ts": "/** Doc. */\nexport const T = 1;\nexport type T = typeof T;\n" }), []);
});

test("doors: a name passed on from another file is explained where it is declared", () => {
  const tree = { "src/index.ts": 'export { x } from "./kernel/a.ts";\nexport type * from "./kernel/a.ts";\n' };
  assert.deepEqual(said({ ...tree, "src/kernel/a.ts": "/** Doc. */\nexport const x = 1;\n" }), []);
  assert.equal(said({ ...tree, "src/kernel/a.ts": "export const x = 1;\n" }).length, 1);
});

test("doors: what a user sees of a name behind a door needs a doc comment, part by part", () => {
  const rows: [declaration: string, parts: string[]][] = [
    ["export interface X { readonly a: string; b(): void; readonly [key: string]: unknown }", ["a", "b", "[index]"]],
    ["export type X = { readonly a: string } | { b?: number }", ["a", "b"]],
    ["export type X = Readonly<{ a: { b: string } }>", ["a", "b"]],
    ["export class X { a = 1; static b = 2; get c() { return 1; } d(): void {} }", ["a", "b", "c", "d"]],
    ["export class X { constructor(readonly_: { a: string }) {} }", []],
    ["export class X { #a = 1; private b = 2; protected c = 3;\n/** @internal */ d = 4; static {} }", []],
    ['export type X = { readonly type: "dial"; readonly brand?: never }', []],
    ["export const X: { a: string } = { a: '' };", ["a"]],
    ["export const X = { a: 1, b: { c: 2 } };", []],
    ["export function X(options: { a: string }): { b: string } { return { b: options.a }; }", ["b"]],
    ["export const X = record({ a: text, b: optional(list(record({ c: text }))), ...more });", ["a", "b", "c"]],
    ["const Inner = record({ b: text });\n/** Doc. */\nexport const X = record({\n/** Doc. */\na: Inner });", ["b"]],
    ["const Inner = record({ b: text });\n/** Doc. */\nexport const X = list(Inner);", ["b"]],
  ];
  for (const [declaration, parts] of rows) {
    const expected = parts.map(
      (part) => `X.${part} leaves through src/index.ts without a doc comment. Say what it means`,
    );
    const found = said(behindDoor(`/** Doc. */\n${declaration}`)).map((text) => text.replace(/^\S+: /, ""));
    assert.deepEqual(found.sort(), expected.sort(), declaration);
  }
});

test("doors: a part is explained by its own comment, or by that of what it implements or overrides", () => {
  const base = "/** Doc. */\nexport interface Base {\n  /** Doc. */\n  a(): void;\n}\n";
  const heir = "/** Doc. */\nexport class Heir implements Base {\n  a(): void {}\n}\n";
  assert.deepEqual(said(behindDoor(base + heir)), []);
  const complaints = said(behindDoor(base + heir.replace("a():", "b():")));
  assert.deepEqual(complaints, [
    "src/kernel/a.ts:8: Heir.b leaves through src/index.ts without a doc comment. Say what it means",
  ]);
});

test("doors: a part behind two doors is told once, at the first", () => {
  const tree = behindDoor("/** Doc. */\nexport interface X {\n  a: string;\n}\n");
  const complaints = said({ ...tree, "src/protocol/index.ts": 'export type { X } from "../kernel/a.ts";\n' });
  assert.deepEqual(complaints, [
    "src/kernel/a.ts:3: X.a leaves through src/index.ts without a doc comment. Say what it means",
  ]);
});

test("doors: names from packages and from Node are no concern of ours", () => {
  const door = 'export { WebSocket } from "ws";\nexport type { Socket } from "node:net";\n';
  assert.deepEqual(said({ "src/index.ts": door }), []);
});

/** What is said about a tree: `path:line: text`, one string per complaint. */
function said(files: Readonly<Record<string, string>>): string[] {
  return doorComplaints(new Map(Object.entries(files))).map(({ at, says }) => `${at}: ${says}`);
}

/** A tree in which everything that one file exports leaves through the first door. */
function behindDoor(text: string): Readonly<Record<string, string>> {
  return { "src/index.ts": 'export * from "./kernel/a.ts";\n', "src/kernel/a.ts": text };
}

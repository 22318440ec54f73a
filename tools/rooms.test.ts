/** Each rule of the rooms is seen to fail on a planted violation, and to let its nearest lawful neighbour pass. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { roomComplaints } from "./rooms.ts";

const DEPENDENCIES = new Set(["ws", "undici", "fastify", "commander"]);
const ROOTS = [
  "src/cli/, src/index.ts, src/account-stream.ts, src/hub-client.ts, src/venue/index.ts",
  "src/journal/io/writer-thread.ts, sim/io/, sim/main.ts",
].join(", ");

test("rooms: an import against the direction is refused, with what the place may import", () => {
  const below = "kernel, protocol";
  const product = "kernel, protocol, rest, stream, account, face, journal, hub, venue";
  const rows: [from: string, target: string, may: string][] = [
    ["src/kernel/a.ts", "../protocol/b.ts", "nothing of ours"],
    ["src/protocol/a.ts", "../venue/b.ts", "only kernel"],
    ["src/rest/a.ts", "../stream/b.ts", `only ${below}`],
    ["src/stream/a.ts", "../rest/b.ts", `only ${below}`],
    ["src/face/a.ts", "../venue/b.ts", `only ${below}`],
    ["src/journal/a.ts", "../protocol/b.ts", "only kernel"],
    ["src/hub/a.ts", "../venue/b.ts", `only ${below}, account, face, journal`],
    ["src/venue/a.ts", "../stream/b.ts", `only ${below}, face`],
    ["src/venue/io/a.ts", "../../stream/b.ts", `only ${below}, face`],
    ["src/account-stream.ts", "./venue/b.ts", `only ${below}, rest, stream, account, hub`],
    ["src/cli/a.ts", "../../test/b.ts", `only ${product}, door`],
    ["sim/a.ts", "../src/cli/b.ts", `only ${product}`],
    ["tools/a.ts", "../sim/b.ts", `only ${product}`],
  ];
  for (const [from, target, may] of rows) {
    const path = new URL(target, `file:///${from}`).pathname.slice(1);
    const [here, there] = [from, path].map((file) => /^(?:src\/(?=[a-z]+\/))?([a-z]+)\//.exec(file)?.[1]);
    const says = `${here === "src" ? "door" : here} may not import ${there} (${path}); it may import ${may}`;
    assert.deepEqual(said(importing(from, target)), [`${from}:1: ${says}. Move the shared part down, or pass it in`]);
  }
});

test("rooms: an import along the direction passes", () => {
  const rows: [from: string, target: string][] = [
    ["src/kernel/a.ts", "./b.ts"],
    ["src/protocol/events/a.ts", "../../kernel/b.ts"],
    ["src/venue/a.ts", "../face/b.ts"],
    ["src/account-stream.ts", "./stream/b.ts"],
    ["src/cli/commands/a.ts", "../../index.ts"],
    ["sim/a.ts", "../src/venue/b.ts"],
    ["test/a.ts", "listenkey"],
    ["bench/a.ts", "listenkey/venue"],
    ["tools/a.ts", "../src/stream/b.ts"],
  ];
  for (const [from, target] of rows) assert.deepEqual(said(importing(from, target)), [], `${from} imports ${target}`);
});

test("rooms: the exchange core imports itself and what is below it, and nothing that stands around it", () => {
  const refused: [from: string, target: string][] = [
    ["src/venue/orders/a.ts", "../calls/b.ts"],
    ["src/venue/market/a.ts", "../paper-venue.ts"],
    ["src/venue/exchange/a.ts", "../../face/rate-limits.ts"],
  ];
  for (const [from, target] of refused) {
    const path = new URL(target, `file:///${from}`).pathname.slice(1);
    const may = "it may import only src/kernel/, src/protocol/, src/face/refusal.ts";
    const says = `the exchange core may not import ${path}; ${may}. Move the shared part into the core, or pass it in`;
    assert.deepEqual(said(importing(from, target)), [`${from}:1: ${says}`]);
  }
  const allowed: [from: string, target: string][] = [
    ["src/venue/orders/a.ts", "../margin/b.ts"],
    ["src/venue/grids/a.ts", "../../face/refusal.ts"],
    ["src/venue/accounts/a.ts", "../../kernel/b.ts"],
    ["src/venue/market/a.test.ts", "../paper-venue.ts"],
    ["src/venue/calls/a.ts", "../orders/b.ts"],
    ["src/venue/faults/a.ts", "../../face/b.ts"],
  ];
  for (const [from, target] of allowed) assert.deepEqual(said(importing(from, target)), [], `${from} -> ${target}`);
});

test("rooms: every way of naming a module is an import", () => {
  const ways = [
    'import { x } from "../protocol/b.ts";',
    'import "../protocol/b.ts";',
    'import type { X } from "../protocol/b.ts";',
    'export { x } from "../protocol/b.ts";',
    'export * from "../protocol/b.ts";',
    'export type { X } from "../protocol/b.ts";',
    'import b = require("../protocol/b.ts");',
    'const b = require("../protocol/b.ts");',
    'const b = await import("../protocol/b.ts");',
    "const b = await import(`../protocol/b.ts`);",
    'type X = import("../protocol/b.ts").X;',
    'import { x } from "../protocol/b.js";',
    'import { x } from "listenkey/protocol";',
  ];
  const empty = { "src/protocol/b.ts": "" };
  for (const way of ways) {
    const complaints = said({ "src/kernel/a.ts": `\n${way}\n`, ...empty });
    assert.equal(complaints.length, 1, way);
    assert.match(complaints[0] ?? "", /^src\/kernel\/a\.ts:2: kernel may not import protocol \(src\/protocol\//, way);
  }
  const words = '// import "../protocol/b.ts"\nconst text = \'import { x } from "../protocol/b.ts"\';\n';
  assert.deepEqual(said({ "src/kernel/a.ts": words, ...empty }), []);
});

test("rooms: a path made at run time is refused in the product, since no rule can see it", () => {
  const lazy = "export const load = (path: string) => import(path);\n";
  const says = "the imported path is made at run time, so no rule can see it. Write it as a literal";
  assert.deepEqual(said({ "src/cli/a.ts": lazy }), [`src/cli/a.ts:1: ${says}`]);
  assert.deepEqual(said({ "src/cli/a.test.ts": lazy, "bench/a.ts": lazy }), []);
});

test("rooms: the page has packages built into it, and neither Node nor adapters", () => {
  const allowed: [from: string, target: string][] = [
    ["dashboard/views/a.tsx", "preact"],
    ["dashboard/state/a.ts", "../../src/hub/hub-link.ts"],
  ];
  for (const [from, target] of allowed) assert.deepEqual(said(importing(from, target)), [], `${from} -> ${target}`);
  const refused: [target: string, says: RegExp][] = [
    ["node:fs", /^dashboard\/a\.tsx:1: the page runs in a browser, which has no node:fs/],
    ["../src/hub/io/frames.ts", /is an adapter/],
    ["../src/venue/paper-venue.ts", /^dashboard\/a\.tsx:1: dashboard may not import venue/],
  ];
  for (const [target, says] of refused) assert.match(said(importing("dashboard/a.tsx", target))[0] ?? "", says);
});

test("rooms: an adapter is imported only at a root and within its own io folder, lazily or not", () => {
  const refused: [from: string, target: string][] = [
    ["src/stream/a.ts", "./io/ws-dialer.ts"],
    ["src/stream/a.ts", "../kernel/io/clock.ts"],
    ["src/stream/io/a.ts", "../../kernel/io/clock.ts"],
    ["src/venue/paper-venue.ts", "../face/io/b.ts"],
    ["sim/world.ts", "../src/stream/io/ws-dialer.ts"],
    ["sim/trader.ts", "./io/paper-world.ts"],
    ["src/protocol/index.ts", "../kernel/io/clock.ts"],
  ];
  for (const [from, target] of refused) {
    const path = new URL(target, `file:///${from}`).pathname.slice(1);
    const says = `${path} is an adapter, and adapters are leaves. Take a port, and plug it in at a root: ${ROOTS}`;
    assert.deepEqual(said(importing(from, target)), [`${from}:1: ${says}`]);
    assert.deepEqual(said({ [from]: `const b = import("${target}");` }), [`${from}:1: ${says}`]);
  }
  const allowed: [from: string, target: string][] = [
    ["src/cli/commands/serve.ts", "../../venue/io/server.ts"],
    ["src/index.ts", "./stream/io/ws-dialer.ts"],
    ["src/account-stream.ts", "./stream/io/ws-dialer.ts"],
    ["src/venue/index.ts", "../face/io/server.ts"],
    ["sim/main.ts", "./io/paper-world.ts"],
    ["sim/io/paper-world.ts", "../../src/face/io/verifiers.ts"],
    ["src/journal/io/writer-thread.ts", "../../kernel/io/sqlite.ts"],
    ["src/stream/io/a.ts", "./b.ts"],
    ["src/hub/io/a.ts", "../../face/io/b.ts"],
    ["src/stream/io/tls/a.ts", "../b.ts"],
    ["src/stream/a.test.ts", "./io/ws-dialer.ts"],
    ["test/server.ts", "../src/venue/io/server.ts"],
  ];
  for (const [from, target] of allowed) assert.deepEqual(said(importing(from, target)), [], `${from} -> ${target}`);
});

test("rooms: a pure file imports no module of Node and no package, not even a type", () => {
  const rows: [from: string, target: string, name: string, home: string][] = [
    ["src/kernel/a.ts", "node:fs", "node:fs", "src/kernel/io/"],
    ["src/stream/a.ts", "timers/promises", "node:timers/promises", "src/stream/io/"],
    ["src/venue/a.ts", "ws", "ws", "src/venue/io/"],
    ["src/face/rest/a.ts", "@fastify/static/types", "@fastify/static", "src/face/rest/io/"],
    ["sim/world.ts", "node:crypto", "node:crypto", "sim/io/"],
  ];
  for (const [from, target, name, home] of rows) {
    const remedy = `Take a port from src/kernel/ports.ts; the real one goes into ${home}`;
    const says = `a pure file may not import ${name}. ${remedy}`;
    assert.deepEqual(said(importing(from, target)), [`${from}:1: ${says}`]);
    assert.deepEqual(said({ [from]: `import type { X } from "${target}";` }), [`${from}:1: ${says}`]);
  }
  for (const from of [
    "src/stream/io/a.ts",
    "src/cli/a.ts",
    "src/venue/index.ts",
    "src/kernel/a.test.ts",
    "bench/a.ts",
  ]) {
    assert.deepEqual(said(importing(from, "node:fs")), [], from);
    assert.deepEqual(said(importing(from, "ws")), [], from);
  }
  assert.deepEqual(said(importing("sim/main.ts", "node:process")), []);
});

test("rooms: the product imports only packages that its users get", () => {
  const says = "is not among the dependencies in package.json, so users do not have it. Move it there, or do without";
  assert.deepEqual(said(importing("src/cli/a.ts", "fast-check")), [`src/cli/a.ts:1: fast-check ${says}`]);
  assert.deepEqual(said(importing("src/cli/a.test.ts", "fast-check")), []);
  assert.deepEqual(said(importing("bench/a.ts", "fast-check")), []);
});

test("rooms: tests are leaves, for each other too", () => {
  const says = "src/kernel/b.test.ts is a test, and tests are leaves. Move what is needed from it into a file of test/";
  for (const from of ["src/kernel/a.ts", "src/kernel/a.test.ts", "src/kernel/io/a.ts"]) {
    const target = from.includes("/io/") ? "../b.test.ts" : "./b.test.ts";
    assert.deepEqual(said(importing(from, target)), [`${from}:1: ${says}`]);
  }
});

test("rooms: each cycle is told once, however it is entered", () => {
  const tree = {
    "src/kernel/a.ts": 'import { b } from "./b.ts";',
    "src/kernel/b.ts": 'import type { C } from "./c.ts";',
    "src/kernel/c.ts": 'export const a = import("./a.ts");',
    "src/kernel/d.ts": 'import { a } from "./a.ts";\nimport { b } from "./b.ts";',
    "src/kernel/self.ts": 'import { x } from "./self.ts";',
  };
  const round = "src/kernel/a.ts -> src/kernel/b.ts -> src/kernel/c.ts -> src/kernel/a.ts";
  const says = "Move what they share into a file below them";
  assert.deepEqual(said(tree), [
    `src/kernel/a.ts: a cycle of imports: ${round}. ${says}`,
    `src/kernel/self.ts: a cycle of imports: src/kernel/self.ts -> src/kernel/self.ts. ${says}`,
  ]);
  assert.deepEqual(said({ ...tree, "src/kernel/c.ts": "", "src/kernel/self.ts": "" }), []);
});

test("rooms: a light door loads nothing heavy, through however many files; lazily it may", () => {
  const tree = (heavy: string): Readonly<Record<string, string>> => ({
    "src/index.ts": 'export { start } from "./account-stream.ts";\nimport "ws";',
    "src/account-stream.ts": 'import { dial } from "./stream/io/dial.ts";',
    "src/stream/io/dial.ts": heavy,
  });
  const says =
    "this door must stay light, yet loads fastify (src/index.ts -> src/account-stream.ts -> src/stream/io/dial.ts)";
  assert.deepEqual(said(tree('import fastify from "fastify";')), [
    `src/index.ts: ${says}. Load it when used, with import()`,
  ]);
  assert.equal(said(tree('import { request } from "undici";')).length, 1);
  assert.deepEqual(said(tree('const { request } = await import("undici");')), []);
  assert.deepEqual(said(tree('const fastify = await import("fastify");')), []);
  assert.deepEqual(said(tree('import type { Fastify } from "fastify";')), []);
  // The compiler leaves `import {} from "fastify"` of this one, which loads it.
  assert.equal(said(tree('import { type Fastify } from "fastify";')).length, 1);
});

test("rooms: a folder of src that is no room is refused", () => {
  const says = "utils is not a room. Put the file into a room, or add the room to PLACES in tools/rooms.ts";
  assert.deepEqual(said({ "src/utils/a.ts": "" }), [`src/utils/a.ts: ${says}`]);
});

/** What is said about a tree: `path:line: text`, one string per complaint. */
function said(files: Readonly<Record<string, string>>): string[] {
  return roomComplaints(new Map(Object.entries(files)), DEPENDENCIES).map(({ at, says }) => `${at}: ${says}`);
}

/** A tree of one file with one import. */
function importing(from: string, target: string): Readonly<Record<string, string>> {
  return { [from]: `import { x } from "${target}";\nexport const y = x;\n` };
}

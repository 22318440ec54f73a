import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { decodeFrame } from "../protocol/frame.ts";
import { EVENT_NAMES } from "../protocol/user-data-event.ts";
import { identityOf } from "./identity.ts";

const FIXTURES = "test/fixtures/protocol";

/** One event as it stands on the wire. */
interface Wire {
  readonly e: string;
  readonly E: number;
  readonly [field: string]: unknown;
}

const FRAMES: readonly Wire[] = readdirSync(FIXTURES)
  .filter((name) => /^event\.(?!combined).*\.json$/.test(name))
  .map((name) => JSON.parse(readFileSync(`${FIXTURES}/${name}`, "utf8")));

/** Where an event of each type says which one it is: a change of any of these makes it another event. */
const SIGNIFICANT: Readonly<Record<string, readonly string[]>> = {
  ORDER_TRADE_UPDATE: ["o.s", "o.i", "o.x", "o.X", "o.t", "o.T", "o.z"],
  TRADE_LITE: ["s", "i", "t"],
  ACCOUNT_UPDATE: [
    "T",
    "a.m",
    "a.B.0.a",
    "a.B.0.wb",
    "a.B.0.cw",
    "a.B.0.bc",
    "a.P.0.s",
    "a.P.0.pa",
    "a.P.0.ep",
    "a.P.0.cr",
  ],
  MARGIN_CALL: ["E", "p.0.s", "p.0.ps", "p.0.pa", "p.0.mp"],
  ACCOUNT_CONFIG_UPDATE: ["T", "ac.s", "ac.l", "ai.j"],
  STRATEGY_UPDATE: ["T", "su.si", "su.ss", "su.c", "su.ut"],
  GRID_UPDATE: ["T", "gu.si", "gu.r", "gu.uq", "gu.mp", "gu.ut"],
  CONDITIONAL_ORDER_TRIGGER_REJECT: ["T", "or.s", "or.i"],
  ALGO_UPDATE: ["T", "o.aid", "o.X", "o.ai", "o.aq"],
  listenKeyExpired: ["listenKey"],
};

test("every documented event has an identity, and no two of the examples share one", () => {
  assert.deepEqual(new Set(FRAMES.map(({ e }) => e)), new Set<string>(EVENT_NAMES));
  const identities = FRAMES.map((frame) => identity(frame));
  assert.equal(new Set(identities).size, identities.length);
});

test("L1 copies of one event that were sent at another time, or in the envelope, are one event", () => {
  for (const frame of FRAMES) {
    if (frame.e === "MARGIN_CALL") continue; // It has no id and no time but that of sending.
    assert.equal(identity({ ...frame, E: frame.E + 7 }), identity(frame), frame.e);
    const wrapped = JSON.stringify({ stream: "abc", data: frame });
    assert.equal(identityOfText(wrapped), identity(frame), frame.e);
  }
});

test("L1 an event that differs in one significant field is another event", () => {
  const other = fc.tuple(fc.constantFrom(...FRAMES), fc.nat(), fc.integer({ min: 1, max: 1_000_000 }));
  fc.assert(
    fc.property(other, ([frame, pick, by]) => {
      const paths = (SIGNIFICANT[frame.e] ?? []).filter((path) => valueAt(frame, path) !== undefined);
      const path = paths[pick % paths.length];
      assert(path !== undefined, `no significant field for ${frame.e}`);
      assert.notEqual(identity(changed(frame, path, by)), identity(frame), `${frame.e} ${path}`);
    }),
    { numRuns: 1000 },
  );
});

test("every significant field occurs in an example", () => {
  const shown = new Set<string>();
  for (const frame of FRAMES) {
    for (const path of SIGNIFICANT[frame.e] ?? []) {
      if (valueAt(frame, path) !== undefined) shown.add(`${frame.e} ${path}`);
    }
  }
  const all = Object.entries(SIGNIFICANT).flatMap(([name, paths]) => paths.map((path) => `${name} ${path}`));
  assert.deepEqual(
    all.filter((path) => !shown.has(path)),
    [],
  );
});

test("mark prices that moved between two copies do not make two events of them", () => {
  const update = frameOf("ACCOUNT_UPDATE", "a.P.0.up");
  assert.equal(identity(changed(update, "a.P.0.up", 17)), identity(update));
});

test("two amendments of one order within one millisecond differ in what they amend", () => {
  const order = frameOf("ORDER_TRADE_UPDATE", "o.p");
  const amended = { ...order, o: { ...(order.o as object), x: "AMENDMENT", X: "NEW", p: "100" } };
  assert.notEqual(identity(changed(amended, "o.p", 1)), identity(amended));
  assert.notEqual(identity(changed(amended, "o.q", 1)), identity(amended));
});

test("one order id on two symbols is two orders, and the two sides of a self-trade are two fills", () => {
  const fill = frameOf("TRADE_LITE", "t");
  const identities = [fill, { ...fill, s: "ETHUSDT" }, { ...fill, i: 8886775 }].map((one) => identity(one));
  assert.equal(new Set(identities).size, 3);
});

test("ids beyond 2^53 that a number cannot tell apart are two events", () => {
  const text = (id: string) => JSON.stringify(frameOf("TRADE_LITE", "i")).replace(/"i":\d+/, `"i":${id}`);
  assert.notEqual(identityOfText(text("8389765612825190229")), identityOfText(text("8389765612825190230")));
});

test("an expiry that names no key is known by its time; one that does, by the key", () => {
  const nameless = (ms: number | string) => identityOfText(JSON.stringify({ e: "listenKeyExpired", E: ms }));
  assert.equal(nameless(1736996475556), nameless("1736996475556"));
  assert.notEqual(nameless(1736996475556), nameless(1736996475557));
  const named = frameOf("listenKeyExpired", "listenKey");
  assert.equal(identity({ ...named, E: 1 }), identity(named));
});

test("L10 an event of an unknown type is known by all of its text", () => {
  const frame = `{"e":"BRAND_NEW","E":1,"x":12345678901234567890}`;
  assert.equal(identityOfText(frame), identityOfText(`${frame}`));
  assert.notEqual(identityOfText(frame.replace("7890", "7891")), identityOfText(frame));
});

function identity(frame: Wire): string {
  return identityOfText(JSON.stringify(frame));
}

function identityOfText(text: string): string {
  const frame = decodeFrame(text);
  assert(frame.type === "event");
  const { high, low } = identityOf(frame.event, text).of;
  return `${high}|${low}`;
}

/** The first example of this event that has this field. */
function frameOf(name: string, path: string): Wire {
  const found = FRAMES.find((frame) => frame.e === name && valueAt(frame, path) !== undefined);
  assert(found !== undefined, `no example of ${name} with ${path}`);
  return found;
}

type Fields = Record<string, unknown>;

function valueAt(frame: Wire, path: string): unknown {
  return path.split(".").reduce<unknown>((json, field) => (json as Fields | undefined)?.[field], frame);
}

/** A copy in which the value at `path` is another one of its kind. */
function changed(frame: Wire, path: string, by: number): Wire {
  const copy = structuredClone(frame);
  const fields = path.split(".");
  const last = fields.pop() ?? "";
  const holder = fields.reduce<unknown>((json, field) => (json as Fields)[field], copy) as Fields;
  const value = holder[last];
  if (typeof value === "number") holder[last] = value + by;
  else if (typeof value === "boolean") holder[last] = !value;
  else if (/^-?[\d.]+$/.test(String(value))) holder[last] = String(Number(value) + by);
  else holder[last] = last === "ai" ? String(by) : `${value}${by}`;
  return copy;
}

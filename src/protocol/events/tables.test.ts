import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldPaths, rowPaths } from "../../../test/codec-arbitrary.ts";
import { EVENT_FIXTURES } from "../../../test/event-fixtures.ts";
import { EVENT_TABLES } from "../../../test/event-tables.ts";
import { EVENT_NAMES, type EventName } from "../user-data-event.ts";
import { EXPIRY_REASONS } from "./order-trade-update.ts";
import { STRATEGY_OP_CODES } from "./strategy-update.ts";

/** Rows that no frame shows, each with the reason why none can. */
const UNREACHED: Readonly<Record<string, string>> = {};

/** Optional rows that are in every frame of their event here, each with the reason. */
const NEVER_ABSENT: Readonly<Record<string, string>> = {};

/** The order of the fields on the wire: protocol sheet 7, from captures; where none is public, from the examples. */
const WIRE_ORDER: Readonly<Record<EventName, readonly [at: string, keys: string][]>> = {
  listenKeyExpired: [["", "e E listenKey"]],
  ACCOUNT_UPDATE: [
    ["", "e T E a"],
    ["a", "m S B P"],
    ["a.B[]", "a wb cw bc"],
    ["a.P[]", "s pa ep cr up mt iw ps ma bep"],
  ],
  MARGIN_CALL: [
    ["", "e E cw p"],
    ["p[]", "s ps pa mt iw mp up mm"],
  ],
  ORDER_TRADE_UPDATE: [
    ["", "e T E o"],
    ["o", "s c S o f q p ap sp x X i M l z L n N T t b a m R wt ot ps cp AP cr rp pP si ss st V pm gtd er"],
  ],
  TRADE_LITE: [["", "e E T s q p m c S L l t i"]],
  ACCOUNT_CONFIG_UPDATE: [
    ["", "e T E ac ai"],
    ["ac", "s l"],
    ["ai", "j"],
  ],
  STRATEGY_UPDATE: [
    ["", "e T E su"],
    ["su", "si st ss s ut c"],
  ],
  GRID_UPDATE: [
    ["", "e T E gu"],
    ["gu", "si st ss s r up uq uf mp ut"],
  ],
  CONDITIONAL_ORDER_TRIGGER_REJECT: [
    ["", "e T E or"],
    ["or", "s i r"],
  ],
  ALGO_UPDATE: [
    ["", "e T E o"],
    ["o", "caid aid at o s S ps f q X ai ap aq act tp p V wt pm cp pP R tt gtd rm ia"],
  ],
};

const seen = new Map<string, Set<string>[]>();
for (const { value } of EVENT_FIXTURES) {
  const name = (value as { e: string }).e;
  seen.set(name, [...(seen.get(name) ?? []), new Set(fieldPaths(value))]);
}

test("every documented event has a table, and every table a frame", () => {
  assert.deepEqual([...EVENT_TABLES.keys()], EVENT_NAMES);
  for (const name of EVENT_NAMES) assert.equal((seen.get(name) ?? []).length > 0, true, name);
});

for (const [name, table] of EVENT_TABLES) {
  test(`every row of ${name} is reached by a frame, but for those listed with a reason`, () => {
    const unreached = rowPaths(table).filter((path) => !(seen.get(name) ?? []).some((paths) => paths.has(path)));
    assert.deepEqual(
      unreached.map((path) => `${name}.${path}`),
      Object.keys(UNREACHED).filter((path) => path.startsWith(`${name}.`)),
    );
  });

  test(`every optional row of ${name} is missing in a frame, but for those listed with a reason`, () => {
    const always = optionalPaths(table as Row).filter((path) => {
      const parent = path.replace(/(?:\[\])?\.?[^.]+$/, "");
      const frames = (seen.get(name) ?? []).filter((paths) => parent === "" || paths.has(parent));
      return frames.every((paths) => paths.has(path));
    });
    assert.deepEqual(
      always.map((path) => `${name}.${path}`),
      Object.keys(NEVER_ABSENT).filter((path) => path.startsWith(`${name}.`)),
    );
  });

  test(`${name} is written in the order of the wire`, () => {
    for (const [at, keys] of WIRE_ORDER[name]) {
      const prefix = at === "" ? "" : `${at}.`;
      const own = rowPaths(table).filter((path) => path.startsWith(prefix) && !/[.[]/.test(path.slice(prefix.length)));
      assert.equal(own.map((path) => path.slice(prefix.length)).join(" "), keys, at);
    }
  });
}

type Row = { readonly optional?: true; readonly rows?: Readonly<Record<string, Row>>; readonly item?: Row };

function optionalPaths(row: Row, at = ""): string[] {
  if (row.item !== undefined) return optionalPaths(row.item, `${at}[]`);
  return Object.entries(row.rows ?? {}).flatMap(([key, field]) => {
    const path = at === "" ? key : `${at}.${key}`;
    return [...(field.optional === true ? [path] : []), ...optionalPaths(field, path)];
  });
}

test("EXPIRY_REASONS explains each value that er is known to have", () => {
  assert.deepEqual(Object.keys(EXPIRY_REASONS), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  const table = EVENT_TABLES.get("ORDER_TRADE_UPDATE") as unknown as {
    rows: { o: { rows: { er: { values: string[] } } } };
  };
  assert.deepEqual(table.rows.o.rows.er.values, Object.keys(EXPIRY_REASONS));
});

test("STRATEGY_OP_CODES explains 8001 to 8015", () => {
  assert.deepEqual(
    Object.keys(STRATEGY_OP_CODES).map(Number),
    Array.from({ length: 15 }, (_, i) => 8001 + i),
  );
});

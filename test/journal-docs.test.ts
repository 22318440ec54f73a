/** What docs/journal.md says is so: its tables are those that are made, its queries run, its commands exist. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openSqlite } from "../src/kernel/io/sqlite.ts";
import { entriesOf, entryOf, openForTest, temporary } from "./journal-fixtures.ts";

const DOC = readFileSync("docs/journal.md", "utf8");
const SNIPPETS = [...DOC.matchAll(/```sql\n(.*?)```/gs)].map(([, sql = ""]) => sql);

const oneLine = (sql: string) => sql.replace(/\s+/g, " ").replace(/;? *$/, "").trim();

test("docs/journal.md has the tables as they are made, and says their number", async (t) => {
  const folder = temporary(t);
  await openForTest(t, folder);
  const database = await openSqlite(join(folder, "journal.db"));
  t.after(() => database.close());
  const made = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").all();
  const [tables = ""] = SNIPPETS;
  const documented = tables
    .split(/;\n/)
    .map(oneLine)
    .filter((sql) => sql !== "");
  assert.deepEqual(
    documented,
    made.map(({ sql }) => oneLine(String(sql))),
  );
  const [id] = database.prepare("PRAGMA application_id").all();
  assert.equal(`0x${Number(id?.application_id).toString(16)}`, /0x[0-9a-f]{8}/.exec(DOC)?.[0]);
});

test("docs/journal.md's queries find what they say", async (t) => {
  const folder = temporary(t);
  const journal = await openForTest(t, folder);
  const order = { o: { x: "TRADE", L: "86000.10", l: "0.010" } };
  const record = JSON.stringify({ seq: 30, event: order });
  const fill = entryOf("demo", 30, { at: Date.parse("2026-07-01T12:00:00Z") as never, record });
  await journal.append([...entriesOf("demo", 1, 29), fill]);
  const database = await openSqlite(join(folder, "journal.db"));
  t.after(() => database.close());
  const [newest, fills, gaps] = SNIPPETS.slice(1).map((sql) =>
    database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row })),
  );
  assert.equal(newest?.length, 20);
  assert.deepEqual(fills, [{ seq: 30, symbol: fill.symbol, price: "86000.10", quantity: "0.010" }]);
  assert.deepEqual(
    gaps?.map(({ seq }) => seq),
    [7, 14, 21, 28],
  );
});

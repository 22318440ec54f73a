import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openSqlite } from "../kernel/io/sqlite.ts";
import type { SqlDatabase } from "../kernel/sql-database.ts";
import { MIGRATIONS, migrate, mustBeCurrent, transact } from "./schema.ts";

const BEGINNING = { createdAt: 5, version: "1.2.3" };

async function memory(t: TestContext): Promise<SqlDatabase> {
  const database = await openSqlite(":memory:");
  t.after(() => database.close());
  return database;
}

const version = (database: SqlDatabase) => Object.values(database.prepare("PRAGMA user_version").all()[0] ?? {})[0];

test("an empty file becomes a journal of the newest version, and says what made it; again does nothing", async (t) => {
  const database = await memory(t);
  migrate(database, "journal.db", BEGINNING);
  migrate(database, "journal.db", { createdAt: 6, version: "later" });
  mustBeCurrent(database, "journal.db");
  assert.equal(version(database), MIGRATIONS.length);
  const rows = database.prepare("SELECT name, value FROM journal ORDER BY name").all();
  assert.deepEqual(
    rows.map(({ name, value }) => `${name} ${value}`),
    ["created 5", "listenkey 1.2.3"],
  );
});

test("an older journal is brought up to date step by step, each whole or not at all", async (t) => {
  const database = await memory(t);
  const add = "ALTER TABLE entries ADD COLUMN note TEXT";
  const fill = "UPDATE entries SET note = kind || '!'";
  migrate(database, "journal.db", BEGINNING);
  database.exec("INSERT INTO accounts (account, removed_digest) VALUES ('demo', '')");
  database.exec("INSERT INTO entries VALUES (1, 1, 1, 'gap', NULL, NULL, NULL, NULL, NULL, '{}', '')");
  const broken = [...MIGRATIONS, add, `${fill}; UPDATE nowhere SET x = 1`];
  assert.throws(() => migrate(database, "journal.db", BEGINNING, broken), /no such table: nowhere/);
  assert.equal(version(database), MIGRATIONS.length + 1);
  assert.deepEqual(database.prepare("SELECT note FROM entries").all()[0]?.note, null);
  migrate(database, "journal.db", BEGINNING, [...MIGRATIONS, add, fill]);
  assert.deepEqual(database.prepare("SELECT note FROM entries").all()[0]?.note, "gap!");
  assert.throws(() => migrate(database, "journal.db", BEGINNING), /version \d+ or older, found \d+/);
});

test("a reader asks for the version of today, and says who brings a file there", async (t) => {
  const database = await memory(t);
  assert.throws(() => mustBeCurrent(database, "journal.db"), /expected a journal of version \d+, found 0/);
  database.exec("CREATE TABLE songs (title TEXT)");
  assert.throws(() => mustBeCurrent(database, "journal.db"), /found "a database of something else"/);
  assert.throws(() => migrate(database, "journal.db", BEGINNING), /found "a database of something else"/);
});

test("the view has what the tables have, account by name", async (t) => {
  const database = await memory(t);
  migrate(database, "journal.db", BEGINNING);
  database.exec("INSERT INTO accounts (account, removed_digest) VALUES ('demo', '')");
  database.exec("INSERT INTO entries VALUES (1, 3, 9, 'event', 'stream', 'X', 'BTCUSDT', 7, 8, '{}', 'd')");
  assert.deepEqual(
    { ...database.prepare("SELECT * FROM records").all()[0] },
    {
      account: "demo",
      seq: 3,
      at: 9,
      kind: "event",
      origin: "stream",
      event: "X",
      symbol: "BTCUSDT",
      event_at: 7,
      transact_at: 8,
      record: "{}",
      digest: "d",
    },
  );
});

test("work that throws leaves nothing behind", async (t) => {
  const database = await memory(t);
  database.exec("CREATE TABLE a (x INTEGER)");
  const work = () => {
    database.exec("INSERT INTO a VALUES (1)");
    throw new Error("no");
  };
  assert.throws(() => transact(database, work), /no/);
  assert.equal(
    transact(database, () => database.prepare("SELECT * FROM a").all().length),
    0,
  );
});

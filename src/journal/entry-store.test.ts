/** Writer and reader on real tables, against a model that is an array an account, while statements fail at random. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { entriesOf, entryOf, referenceDigest } from "../../test/journal-fixtures.ts";
import { StorageError } from "../kernel/errors.ts";
import { openSqlite } from "../kernel/io/sqlite.ts";
import type { SqlDatabase } from "../kernel/sql-database.ts";
import type { JournalEntry } from "./entry.ts";
import { EntryReader } from "./entry-reader.ts";
import { countOf, EntryWriter } from "./entry-writer.ts";
import { fromHex } from "./io/sha256.ts";
import type { EntryFilter } from "./journal.ts";
import { migrate } from "./schema.ts";
import { verifyAccounts, verifyFile } from "./verification.ts";

async function tables(t: TestContext): Promise<SqlDatabase> {
  const database = await openSqlite(":memory:");
  t.after(() => database.close());
  migrate(database, "memory", { createdAt: 0, version: "test" });
  return database;
}

/** The database, whose disk refuses when it is told to: before the statement is carried out, or after a commit. */
function refusing(database: SqlDatabase) {
  let left = Number.POSITIVE_INFINITY;
  let isAfter = false;
  const guard = <T>(sql: string, work: () => T): T => {
    if (left-- !== 0) return work();
    if (isAfter && sql === "COMMIT") work();
    throw new StorageError("memory", "disk full", "failed");
  };
  const port: SqlDatabase = {
    exec: (sql) => guard(sql, () => database.exec(sql)),
    prepare(sql) {
      const { run, all } = database.prepare(sql);
      return { run: (...values) => guard(sql, () => run(...values)), all };
    },
    close: () => {},
  };
  const refuse = (after: number, afterCommit: boolean) => {
    [left, isAfter] = [after, afterCommit];
  };
  return { port, refuse };
}

const ACCOUNTS = ["a", "b"];

const step = fc.record({
  account: fc.constantFrom(...ACCOUNTS),
  do: fc.constantFrom("append", "append", "append", "remove", "snapshot", "begin"),
  count: fc.integer({ min: 1, max: 130 }),
  /** At which statement the disk refuses; seldom. */
  refusedAt: fc.option(fc.nat(5), { freq: 4 }),
  afterCommit: fc.boolean(),
});

test("a group is kept whole or not at all, whatever fails; what is read is what was kept, and verifies", async (t) => {
  const database = await tables(t);
  const fresh = await tables(t);
  await fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      database.exec("DELETE FROM entries; DELETE FROM snapshots; DELETE FROM accounts");
      const { port, refuse } = refusing(database);
      let writer = new EntryWriter(port, referenceDigest);
      const model = new Map<string, JournalEntry[]>(ACCOUNTS.map((account) => [account, []]));
      const removed = new Map<string, number>();
      for (const { account, do: what, count, refusedAt, afterCommit } of steps) {
        const kept = model.get(account) ?? [];
        const last = (removed.get(account) ?? 0) + kept.length;
        refuse(refusedAt ?? Number.POSITIVE_INFINITY, afterCommit);
        try {
          if (what === "append") {
            const entries = entriesOf(account, last + 1, last + count);
            writer.append(entries);
            kept.push(...entries);
          } else if (what === "remove" && kept.length > 1) {
            const upToSeq = last - Math.max(1, kept.length - count);
            writer.remove(account, upToSeq);
            kept.splice(0, upToSeq - (removed.get(account) ?? 0));
            removed.set(account, upToSeq);
          } else if (what === "begin") {
            const isBegun = writer.begin(account, last + count);
            assert.equal(isBegun, kept.length === 0);
            if (isBegun) removed.set(account, last + count);
          } else if (what === "snapshot" && kept.length > 0) {
            assert.ok(writer.keepSnapshot({ account, asOfSeq: last, at: entryOf(account, 1).at, text: `${last}` }));
          }
        } catch (error) {
          assert.ok(error instanceof StorageError, String(error));
          refuse(Number.POSITIVE_INFINITY, false);
          writer = new EntryWriter(port, referenceDigest, writer.heads);
          writer.takeBack();
          // What is removed may be removed although that was not said.
          const [row] = database.prepare("SELECT removed_seq FROM accounts WHERE account = ?").all(account);
          const removedNow = Number(row?.removed_seq ?? 0);
          kept.splice(0, removedNow - (removed.get(account) ?? 0));
          removed.set(account, removedNow);
        }
        refuse(Number.POSITIVE_INFINITY, false);
      }
      const reader = new EntryReader(database);
      for (const account of ACCOUNTS) assert.deepEqual(allOf(reader, account), model.get(account));
      assert.equal(
        countOf(writer.heads),
        ACCOUNTS.reduce((sum, account) => sum + (removed.get(account) ?? 0) + (model.get(account)?.length ?? 0), 0),
      );
      const found = [...verifyAccounts(database, { digest: referenceDigest, fromHex, answeredFor: 0, known: [] })];
      assert.deepEqual(
        found.flatMap((step) => ("findings" in step ? step.findings : [])),
        [],
      );
      assert.deepEqual(verifyFile(database, fresh), []);
    }),
    { numRuns: 60 },
  );
});

function allOf(reader: EntryReader, account: string): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (let since = reader.extent(account).firstSeq - 1; ; ) {
    const answer = reader.read({ account, since, limit: 70 });
    assert.ok(answer.is === "page");
    entries.push(...answer.entries);
    if (answer.cursor === answer.extent.lastSeq) return entries;
    since = answer.cursor;
  }
}

test("filters let pass what they ask for, and what is about no type or symbol; cursors lead on", async (t) => {
  const database = await tables(t);
  new EntryWriter(database, referenceDigest).append(entriesOf("a", 1, 50));
  const reader = new EntryReader(database);
  const rows: [filter: EntryFilter, passes: (entry: JournalEntry) => boolean][] = [
    [{}, () => true],
    [{ kinds: ["gap"] }, ({ kind }) => kind === "gap"],
    [{ kinds: [] }, () => false],
    [{ symbols: ["BTCUSDT"] }, ({ symbol }) => symbol === null || symbol === "BTCUSDT"],
    [{ symbols: ["BTCUSDT", "SOLUSDT"], kinds: ["event"] }, ({ symbol }) => symbol !== null && symbol !== "ETHUSDT"],
    [{ events: ["ACCOUNT_UPDATE"] }, ({ kind }) => kind === "gap"],
    [{ events: ["ORDER_TRADE_UPDATE", "x'; DROP TABLE entries"] }, () => true],
  ];
  for (const [filter, passes] of rows) {
    for (const limit of [1, 3, 1_000]) {
      const found: JournalEntry[] = [];
      for (let since = 0; since < 50; ) {
        const answer = reader.read({ account: "a", since, limit, filter });
        assert.ok(answer.is === "page" && answer.cursor > since && answer.entries.length <= limit);
        found.push(...answer.entries);
        since = answer.cursor;
      }
      assert.deepEqual(found, entriesOf("a", 1, 50).filter(passes), JSON.stringify(filter));
    }
  }
});

test("what was not answered for is not read, and a page of long records ends early", async (t) => {
  const database = await tables(t);
  const writer = new EntryWriter(database, referenceDigest);
  writer.append(entriesOf("a", 1, 9));
  const reader = new EntryReader(database, () => 7);
  const answer = reader.read({ account: "a", since: 5, limit: 10 });
  assert.ok(answer.is === "page");
  assert.deepEqual([answer.entries.map(({ seq }) => seq), answer.cursor], [[6, 7], 7]);
  assert.equal(reader.read({ account: "a", since: 8, limit: 10 }).is, "from-the-future");
  const record = JSON.stringify("x".repeat(1_000_000));
  writer.append(entriesOf("a", 10, 75).map((entry) => ({ ...entry, record })));
  const long = new EntryReader(database).read({ account: "a", since: 9, limit: 1_000 });
  assert.ok(long.is === "page" && long.entries.length === 50 && long.cursor === 59, "it ends, and leads on");
});

test("a missing entry is no page with a hole, but an error that names it", async (t) => {
  const database = await tables(t);
  new EntryWriter(database, referenceDigest).append(entriesOf("a", 1, 300));
  database.exec("DELETE FROM entries WHERE seq IN (100, 250)");
  const reader = new EntryReader(database);
  assert.equal(reader.read({ account: "a", since: 0, limit: 99 }).is, "page");
  for (const since of [0, 98, 99]) {
    assert.throws(() => reader.read({ account: "a", since, limit: 200 }), /entry 100 of a is missing/);
  }
  assert.throws(() => reader.read({ account: "a", since: 249, limit: 1 }), /entry 250 of a is missing/);
});

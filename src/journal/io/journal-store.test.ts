/** The journal on real files: who may write, what is answered for, and what is said when the disk says no. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { entriesOf, entryOf, openForTest, SETTINGS, temporary } from "../../../test/journal-fixtures.ts";
import { FencedError, StorageError, UsageError } from "../../kernel/errors.ts";
import { openSqlite } from "../../kernel/io/sqlite.ts";
import type { MonotonicMs, WallMs } from "../../kernel/scalars.ts";
import type { JournalEntry } from "../entry.ts";
import type { JournalReader, JournalState } from "../journal.ts";
import { openJournal, openJournalReader } from "./journal-store.ts";
import { verifyFolder } from "./verifying.ts";

/** All that is kept of an account, as it was appended. */
async function allOf(journal: JournalReader, account: string): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  const { firstSeq } = await journal.extent(account);
  for (let since = firstSeq - 1; ; ) {
    const answer = await journal.read({ account, since, limit: 300 });
    assert.ok(answer.is === "page");
    entries.push(...answer.entries);
    if (answer.cursor === answer.extent.lastSeq) return entries;
    since = answer.cursor;
  }
}

test("what was appended is read back character for character, also after it was opened again", async (t) => {
  const folder = temporary(t);
  const first = await openForTest(t, folder);
  const demo = entriesOf("demo", 1, 700);
  const other = entriesOf("konto ä", 1, 3);
  await Promise.all([
    first.append(demo.slice(0, 500)),
    first.append([...other.slice(0, 2), ...demo.slice(500)]),
    first.append(other.slice(2)),
  ]);
  assert.deepEqual(await allOf(first, "demo"), demo);
  await first.close();
  const log = join(folder, "journal.db-wal");
  assert.ok(!existsSync(log) || statSync(log).size === 0, "a closed journal leaves nothing to recover");
  const second = await openForTest(t, folder, { durability: "full" });
  assert.deepEqual(await second.accounts(), ["demo", "konto ä"]);
  await second.append([entryOf("demo", 701)]);
  assert.deepEqual(await allOf(second, "demo"), [...demo, entryOf("demo", 701)]);
  assert.deepEqual(await allOf(second, "konto ä"), other);
});

test("cursors: kept, too old, from the future; an unknown account has nothing and begins with 1", async (t) => {
  const journal = await openForTest(t, temporary(t), { retention: { keepEntries: 10, ageMaxMs: 1 } });
  await journal.append(entriesOf("demo", 1, 30));
  await journal.retain();
  const extent = { firstSeq: 21, lastSeq: 30 };
  const place = async (since: number) => (await journal.read({ account: "demo", since, limit: 5 })).is;
  assert.deepEqual(await journal.read({ account: "demo", since: 19, limit: 5 }), { is: "too-old", extent });
  assert.deepEqual([await place(20), await place(30), await place(31)], ["page", "page", "from-the-future"]);
  assert.deepEqual(await place(-1), "from-the-future");
  const nothing = { firstSeq: 1, lastSeq: 0 };
  assert.deepEqual(await journal.extent("nobody"), nothing);
  assert.deepEqual(await journal.read({ account: "nobody", since: 0, limit: 5 }), {
    is: "page",
    entries: [],
    cursor: 0,
    extent: nothing,
  });
  assert.equal((await journal.read({ account: "nobody", since: 1, limit: 5 })).is, "from-the-future");
});

test("an account may begin after an entry that is kept elsewhere, as long as it has none", async (t) => {
  const folder = temporary(t);
  const first = await openForTest(t, folder);
  await first.begin("demo", 20);
  await first.begin("demo", 40);
  await assert.rejects(first.append([entryOf("demo", 1)]), FencedError);
  await first.append(entriesOf("demo", 41, 43));
  await assert.rejects(first.begin("demo", 60), /account: expected one that has no entry yet, found "demo"/);
  await assert.rejects(first.begin("other", -1), /afterSeq: expected the number of an entry, found -1/);
  await first.close();
  const second = await openForTest(t, folder);
  assert.deepEqual(await second.extent("demo"), { firstSeq: 41, lastSeq: 43 });
  assert.deepEqual((await second.read({ account: "demo", since: 0, limit: 5 })).is, "too-old");
  assert.deepEqual(await allOf(second, "demo"), entriesOf("demo", 41, 43));
  await second.append([entryOf("demo", 44)]);
  assert.equal((await verifyFolder(folder, { openDatabase: openSqlite })).findings.length, 0);
});

test("an account that begins anew where less is kept leaves a journal that opens, also after kill -9", async (t) => {
  const [folder, left] = [temporary(t), temporary(t)];
  const first = await openForTest(t, folder);
  await first.begin("demo", 40);
  await first.append([entryOf("other", 1)]);
  await first.begin("demo", 3);
  cpSync(folder, left, { recursive: true });
  const second = await openForTest(t, left);
  assert.deepEqual(await second.extent("demo"), { firstSeq: 4, lastSeq: 3 });
  await second.append([entryOf("demo", 4)]);
  assert.equal((await verifyFolder(left, { openDatabase: openSqlite })).findings.length, 0);
});

test("an entry that does not follow is fenced off, with all that came in the same append", async (t) => {
  const journal = await openForTest(t, temporary(t));
  await journal.append(entriesOf("demo", 1, 3));
  const rows: [entries: JournalEntry[], expected: number, found: number][] = [
    [entriesOf("demo", 3, 4), 4, 3],
    [entriesOf("demo", 5, 6), 4, 5],
    [[...entriesOf("demo", 4, 5), entryOf("demo", 7)], 6, 7],
    [[entryOf("fresh", 1), entryOf("demo", 1)], 4, 1],
    [[entryOf("fresh", 0)], 1, 0],
  ];
  for (const [entries, expectedSeq, foundSeq] of rows) {
    await assert.rejects(journal.append(entries), (error) => {
      assert.ok(error instanceof FencedError);
      assert.deepEqual([error.expectedSeq, error.foundSeq], [expectedSeq, foundSeq]);
      return true;
    });
  }
  assert.deepEqual(await allOf(journal, "demo"), entriesOf("demo", 1, 3));
  await journal.append([entryOf("demo", 4), entryOf("fresh", 1)]);
});

test("one process writes; anybody reads meanwhile, sqlite3 too, and never more than is committed", async (t) => {
  const folder = temporary(t);
  const journal = await openForTest(t, folder);
  await journal.append(entriesOf("demo", 1, 5));
  await assert.rejects(openJournal(folder, SETTINGS), /expected a folder that no other process uses/);
  const reader = await openJournalReader(folder, openSqlite);
  t.after(() => reader.close());
  const committed = journal.append(entriesOf("demo", 6, 2000));
  const seen = (await reader.extent("demo")).lastSeq;
  assert.ok(seen === 5 || seen === 2000, "a group is seen whole or not at all");
  await committed;
  assert.deepEqual(await allOf(reader, "demo"), entriesOf("demo", 1, 2000));
  const sql = "SELECT count(*), max(seq), json_extract(record, '$.kind') FROM records WHERE account = 'demo'";
  if (hasSqlite3()) {
    assert.equal(execFileSync("sqlite3", [join(folder, "journal.db"), sql], { encoding: "utf8" }), "2000|2000|event\n");
  }
  await journal.append(entriesOf("demo", 2001, 2001));
});

test("files that are no journal, or one of a later version, are refused and left as they are", async (t) => {
  const text = temporary(t);
  writeFileSync(join(text, "journal.db"), "this is not a database at all, but a text of some length ".repeat(40));
  await assert.rejects(openJournal(text, SETTINGS), isStorage("damaged", /file is not a database/));
  const foreign = temporary(t);
  const database = await openSqlite(join(foreign, "journal.db"));
  database.exec("CREATE TABLE songs (title TEXT)");
  database.close();
  const before = readFileSync(join(foreign, "journal.db"));
  await assert.rejects(openJournal(foreign, SETTINGS), /expected a journal, found "a database of something else"/);
  await assert.rejects(openJournalReader(foreign, openSqlite), UsageError);
  assert.deepEqual(readFileSync(join(foreign, "journal.db")), before);
  const later = temporary(t);
  await (await openForTest(t, later)).close();
  const raised = await openSqlite(join(later, "journal.db"));
  raised.exec("PRAGMA user_version = 99");
  raised.close();
  await assert.rejects(openJournal(later, SETTINGS), /expected a journal of version \d+ or older, found 99/);
  await assert.rejects(openJournalReader(later, openSqlite), /version \d+ or older, found 99/);
  await assert.rejects(
    openJournalReader(temporary(t), openSqlite),
    /expected a folder with a journal\.db, found "none"/,
  );
});

test("less than was answered for is refused, until somebody says that it shall do", async (t) => {
  const folder = temporary(t);
  const journal = await openForTest(t, folder);
  await journal.append(entriesOf("demo", 1, 5));
  const copy = temporary(t);
  const files = ["journal.db", "journal.db-wal", "journal.count"];
  await journal.append(entriesOf("demo", 6, 9));
  for (const file of files) copyFileSync(join(folder, file), join(copy, file));
  // The last commit is cut off from SQLite's log, as a loss of power may do it.
  truncateSync(join(copy, "journal.db-wal"), statSync(join(copy, "journal.db-wal")).size - 1);
  await assert.rejects(
    openJournal(copy, SETTINGS),
    isStorage("damaged", /9 entries were answered for, and 5 are there/),
  );
  writeFileSync(join(copy, "journal.count"), "");
  assert.deepEqual(await allOf(await openForTest(t, copy), "demo"), entriesOf("demo", 1, 5));
});

test("a journal that may not grow says so, refuses, and goes on when retention has made room", async (t) => {
  const states: JournalState[] = [];
  const settings = { fileBytesMax: 1_000_000, retention: { keepEntries: 20, sizeMaxBytes: 500_000 } };
  const journal = await openForTest(t, temporary(t), settings);
  journal.onState((state) => states.push(state));
  const large = (seq: number) => entryOf("demo", seq, { record: JSON.stringify({ seq, fill: "x".repeat(4_000) }) });
  let seq = 0;
  const failure = await (async () => {
    for (; seq < 1000; seq++) {
      const error = await journal.append([large(seq + 1)]).catch((reason: unknown) => reason);
      if (error !== undefined) return error;
    }
    return undefined;
  })();
  assert.ok(seq > 100 && isStorage("failed", /full/)(failure), `${seq}: ${failure}`);
  assert.deepEqual(
    states.map(({ phase }) => phase),
    ["failing"],
  );
  await assert.rejects(journal.append([large(seq + 1)]), isStorage("failed", /full/), "refused without trying");
  assert.equal((await journal.extent("demo")).lastSeq, seq, "all that was acknowledged is there");
  await journal.retain();
  assert.ok((await journal.extent("demo")).firstSeq > 1);
  await retried(() => journal.append([large(seq + 1)]));
  assert.deepEqual(states.map(({ phase }) => phase).at(-1), "accepting");
  assert.equal((await journal.extent("demo")).lastSeq, seq + 1);
});

test("a file that was removed under the journal takes nothing more; put back, it goes on where it was", async (t) => {
  const folder = temporary(t);
  const path = join(folder, "journal.db");
  const journal = await openForTest(t, folder);
  await journal.append(entriesOf("demo", 1, 3));
  renameSync(path, `${path}.away`);
  let next = 4;
  const appendOn = async () => {
    // It is looked for every tenth of a second: what comes until then is in the file that is away.
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; next++) {
      await journal.append([entryOf("demo", next)]);
    }
  };
  await assert.rejects(appendOn(), isStorage("failed", /the file was removed/));
  assert.equal(journal.state.phase, "failing");
  writeFileSync(path, "");
  await assert.rejects(
    retried(() => journal.append([entryOf("demo", next)]), 40),
    isStorage("failed", /the file was removed/),
  );
  assert.equal(statSync(path).size, 0, "another file is left alone");
  renameSync(`${path}.away`, path);
  await retried(() => journal.append([entryOf("demo", next)]));
  assert.deepEqual(await allOf(journal, "demo"), entriesOf("demo", 1, next));
});

test("what follows a commit that failed is refused with it: no entry is kept without those before it", async (t) => {
  const journal = await openForTest(t, temporary(t), { fileBytesMax: 1_000_000 });
  const record = JSON.stringify("x".repeat(4_000));
  const appends: Promise<boolean>[] = [];
  for (let seq = 1; seq <= 600; seq++) {
    const appended = journal.append([entryOf("demo", seq, { record })]);
    appends.push(
      appended.then(
        () => true,
        (error) => !isStorage("failed", /full/)(error) && error,
      ),
    );
    // Some messages are always on their way, and never so many that all of them would be one commit.
    if (seq % 5 === 0) await appends[seq - 20];
    if (journal.state.phase === "failing") break;
  }
  const isKept = await Promise.all(appends);
  const count = isKept.indexOf(false);
  assert.ok(count > 50, `${count} were kept`);
  assert.deepEqual(
    isKept,
    isKept.map((_, i) => i < count),
    "a beginning is kept, and nothing behind it",
  );
  assert.equal((await journal.extent("demo")).lastSeq, count);
});

test("retention lets go of the oldest by age and by size, never of what a snapshot is gone on from with", async (t) => {
  const folder = temporary(t);
  const clock = { ...SETTINGS.clock, wall: () => entryOf("demo", 9_000).at };
  const settings = { clock, retention: { keepEntries: 50, ageMaxMs: 100 * 1000 } };
  const journal = await openForTest(t, folder, settings);
  await journal.append([...entriesOf("demo", 1, 9_000), ...entriesOf("other", 1, 10)]);
  await journal.keepSnapshot({ account: "demo", asOfSeq: 7_500, at: clock.wall(), text: "{}" });
  await journal.retain();
  assert.deepEqual(await journal.extent("demo"), { firstSeq: 7_501, lastSeq: 9_000 });
  assert.deepEqual(await journal.extent("other"), { firstSeq: 1, lastSeq: 10 });
  await journal.keepSnapshot({ account: "demo", asOfSeq: 8_990, at: clock.wall(), text: "{}" });
  await journal.keepSnapshot({ account: "demo", asOfSeq: 9_000, at: clock.wall(), text: "{}" });
  await journal.retain();
  assert.deepEqual(await journal.extent("demo"), { firstSeq: 8_000, lastSeq: 9_000 });
  await journal.close();
  assert.ok(statSync(join(folder, "journal.db")).size < 1_000_000, "the disk gets its room back");
  const small = await openForTest(t, folder, { retention: { keepEntries: 50, sizeMaxBytes: 1 } });
  await small.retain();
  assert.deepEqual(await small.extent("demo"), { firstSeq: 8_951, lastSeq: 9_000 });
});

test("a wall clock that is set ahead makes nothing old, and the time that really goes by does", async (t) => {
  const DAY_MS = 86_400_000;
  const past = { steppedMs: 0, ms: 0 };
  const now = () => past.ms as MonotonicMs;
  const wall = () => (entryOf("demo", 100).at + past.ms + past.steppedMs) as WallMs;
  const clock = { ...SETTINGS.clock, now, wall, wake: () => () => {} };
  const journal = await openForTest(t, temporary(t), { clock, retention: { keepEntries: 10, ageMaxMs: DAY_MS } });
  await journal.append(entriesOf("demo", 1, 100));
  past.steppedMs = 3650 * DAY_MS;
  await journal.retain();
  assert.deepEqual(await journal.extent("demo"), { firstSeq: 1, lastSeq: 100 });
  past.steppedMs = 0;
  past.ms = DAY_MS;
  await journal.retain();
  assert.deepEqual(await journal.extent("demo"), { firstSeq: 91, lastSeq: 100 });
});

test("the newest snapshot that is whole is given back, and only the newest two are kept", async (t) => {
  const folder = temporary(t);
  const journal = await openForTest(t, folder);
  const snapshot = (asOfSeq: number) => ({ account: "demo", asOfSeq, at: 5 as WallMs, text: `{"as of":${asOfSeq}}` });
  assert.equal(await journal.snapshot("demo"), undefined);
  await journal.keepSnapshot(snapshot(0));
  assert.deepEqual(await journal.snapshot("demo"), snapshot(0));
  void journal.append(entriesOf("demo", 1, 9));
  for (const seq of [2, 9, 4]) await journal.keepSnapshot(snapshot(seq));
  assert.deepEqual(await journal.snapshot("demo"), snapshot(9));
  await assert.rejects(journal.keepSnapshot(snapshot(10)), /expected an entry that is kept, 0 to 9, found 10/);
  await journal.close();
  await assert.rejects(journal.keepSnapshot(snapshot(9)), /expected a journal that is open/);
  const database = await openSqlite(join(folder, "journal.db"));
  assert.deepEqual(
    database
      .prepare("SELECT as_of_seq FROM snapshots")
      .all()
      .map((row) => row.as_of_seq),
    [4, 9],
  );
  database.exec("UPDATE snapshots SET text = '{}' WHERE as_of_seq = 9");
  database.close();
  assert.deepEqual(await (await openForTest(t, folder)).snapshot("demo"), snapshot(4));
});

test("what is appended while a commit is under way is committed in one group", async (t) => {
  const folder = temporary(t);
  const journal = await openForTest(t, folder, { durability: "full" });
  await journal.append([entryOf("demo", 1)]);
  const pages = () => statSync(join(folder, "journal.db-wal")).size;
  const before = pages();
  await Promise.all(entriesOf("demo", 2, 101).map((entry) => journal.append([entry])));
  assert.ok(pages() - before < 20 * 16_384, "a hundred commits would write a hundred pages at least");
});

function isStorage(condition: StorageError["condition"], reason: RegExp) {
  return (error: unknown) =>
    error instanceof StorageError && error.condition === condition && reason.test(error.message);
}

/** A disk that was full is tried again now and then; bounded. */
async function retried(work: () => Promise<void>, attempts = 100): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const error = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) return;
    if (attempt === attempts) throw error;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function hasSqlite3(): boolean {
  try {
    return execFileSync("sqlite3", ["--version"]).length > 0;
  } catch {
    return false;
  }
}

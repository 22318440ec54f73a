/** What verify says of journals that were changed behind its back: row by row, and byte by byte in the file. */
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { entriesOf, entryOf, openForTest, referenceDigest, temporary } from "../../test/journal-fixtures.ts";
import { ListenkeyError } from "../kernel/errors.ts";
import { openSqlite } from "../kernel/io/sqlite.ts";
import { pick, seededRandom } from "../kernel/random.ts";
import { EntryWriter } from "./entry-writer.ts";
import { exportLines } from "./export-lines.ts";
import { openJournalReader } from "./io/journal-store.ts";
import { fromHex } from "./io/sha256.ts";
import { verifyFolder } from "./io/verifying.ts";
import { migrate } from "./schema.ts";
import { type Finding, type KnownDigest, verifyAccounts } from "./verification.ts";

async function tables(t: TestContext) {
  const database = await openSqlite(":memory:");
  t.after(() => database.close());
  migrate(database, "memory", { createdAt: 0, version: "test" });
  const writer = new EntryWriter(database, referenceDigest);
  writer.append([...entriesOf("a", 1, 60), ...entriesOf("b", 1, 5)]);
  writer.keepSnapshot({ account: "a", asOfSeq: 60, at: entryOf("a", 60).at, text: "{}" });
  writer.remove("a", 20);
  return { database, heads: writer.heads };
}

test("each change of a row is found, and the first is told first", async (t) => {
  const rows: [sql: string, findings: readonly Finding[]][] = [
    ["", []],
    ["UPDATE entries SET record = '{}' WHERE account_id = 1 AND seq = 33", [entry("a", 33, CHANGED)]],
    ["UPDATE entries SET at = at + 1 WHERE account_id = 1 AND seq = 33", [entry("a", 33, CHANGED)]],
    ["UPDATE entries SET origin = NULL WHERE account_id = 2 AND seq = 1", [entry("b", 1, CHANGED)]],
    // The chain goes on with what the row says, so its own digest and the next one do not fit.
    [
      "UPDATE entries SET digest = '' WHERE account_id = 1 AND seq = 33",
      [entry("a", 33, CHANGED), entry("a", 34, CHANGED)],
    ],
    ["DELETE FROM entries WHERE account_id = 1 AND seq = 33", [entry("a", 33, "is missing")]],
    [
      "DELETE FROM entries WHERE account_id = 1 AND seq BETWEEN 21 AND 30; DELETE FROM entries WHERE seq = 2",
      [entry("a", 21, "is missing, and so are all up to entry 30"), entry("b", 2, "is missing")],
    ],
    [
      "UPDATE entries SET seq = CASE seq WHEN 1 THEN 102 ELSE 101 END WHERE account_id = 2 AND seq IN (1, 2);" +
        "UPDATE entries SET seq = seq - 100 WHERE seq > 100",
      [entry("b", 1, CHANGED), entry("b", 2, CHANGED), entry("b", 3, CHANGED)],
    ],
    ["UPDATE accounts SET removed_digest = '' WHERE account = 'a'", [entry("a", 21, CHANGED)]],
    [
      "UPDATE accounts SET removed_seq = 10 WHERE account = 'a'",
      [entry("a", 11, "is missing, and so are all up to entry 20")],
    ],
    ["UPDATE snapshots SET text = '{ }'", [entry("a", 60, SNAPSHOT)]],
    ["UPDATE snapshots SET as_of_seq = 59", [entry("a", 59, SNAPSHOT)]],
    [
      "DELETE FROM entries WHERE account_id = 1 AND seq > 58; DELETE FROM snapshots",
      [{ what: "65 entries were answered for, and 63 are there: the last ones are lost" }],
    ],
  ];
  for (const [sql, expected] of rows) {
    const { database } = await tables(t);
    database.exec(sql);
    const findings = verified(database, []);
    assert.deepEqual(findings, expected, sql);
  }
});

const CHANGED = "is not as it was written: its digest does not fit";
const SNAPSHOT = "has a snapshot that is not as it was written: its digest does not fit";

function entry(account: string, seq: number, what: string): Finding {
  return { account, seq, what };
}

function verified(database: Parameters<typeof verifyAccounts>[0], known: readonly KnownDigest[]): Finding[] {
  const findings: Finding[] = [];
  const run = verifyAccounts(database, { digest: referenceDigest, fromHex, answeredFor: 65, known });
  for (let step = run.next(); ; step = run.next()) {
    if (step.done) return [...findings, ...step.value];
    if ("findings" in step.value) findings.push(...step.value.findings);
  }
}

test("who writes the chain anew from an entry on is found out by a digest that was noted down", async (t) => {
  const { database, heads } = await tables(t);
  const digest = heads.get("a")?.digest ?? "";
  const known = { account: "a", seq: 60, digest };
  const rows: [known: KnownDigest, expected: readonly Finding[]][] = [
    [known, []],
    [{ ...known, digest: "0".repeat(64) }, [entry("a", 60, DIFFERS)]],
    [{ ...known, seq: 61 }, [entry("a", 61, `is missing: ${CANNOT}`)]],
    [{ ...known, seq: 19 }, [entry("a", 19, `was removed by retention: ${CANNOT}`)]],
    [{ ...known, seq: 20 }, [entry("a", 20, DIFFERS)]],
    [{ ...known, account: "c" }, [entry("c", 60, "is missing")]],
  ];
  for (const [one, expected] of rows) assert.deepEqual(verified(database, [one]), expected);
  database.exec("DELETE FROM entries WHERE account_id = 1 AND seq > 40; DELETE FROM snapshots");
  const forger = new EntryWriter(database, referenceDigest);
  forger.append(entriesOf("a", 41, 60).map((one) => ({ ...one, record: '{"forged":true}' })));
  assert.deepEqual(verified(database, []), [], "digests alone prove nothing against who can write the file");
  assert.deepEqual(verified(database, [known]), [entry("a", 60, DIFFERS)]);
});

const DIFFERS = "has another digest than the one that was kept elsewhere";
const CANNOT = "the digest that was kept elsewhere cannot be compared";

test("a byte changed anywhere in the file is found, or has changed nothing that is kept", async (t) => {
  const folder = temporary(t);
  const journal = await openForTest(t, folder);
  await journal.append([...entriesOf("a", 1, 1_200), ...entriesOf("b", 1, 50)]);
  await journal.keepSnapshot({ account: "a", asOfSeq: 300, at: entryOf("a", 300).at, text: '{"x":"y"}' });
  await journal.close();
  const whole = readFileSync(join(folder, "journal.db"));
  const lines = await contents(folder);
  const random = seededRandom(17);
  let found = 0;
  for (let i = 0; i < 120; i++) {
    const bytes = Buffer.from(whole);
    const place = pick(random, bytes.length);
    bytes[place] = (bytes[place] ?? 0) ^ (1 << pick(random, 8));
    if (await isFound(folder, bytes)) found++;
    else assert.deepEqual(await contents(folder), lines, `byte ${place}`);
  }
  assert.ok(found > 60, `${found} of 120: most of the file is in use`);
  for (const length of [0, 100, 16_384, whole.length >> 1, whole.length - 1]) {
    assert.ok(await isFound(folder, whole.subarray(0, length)), `cut to ${length}`);
  }
  writeFileSync(join(folder, "journal.db"), whole);
  assert.deepEqual((await verifyFolder(folder, { openDatabase: openSqlite })).findings, []);
});

async function isFound(folder: string, bytes: Buffer): Promise<boolean> {
  writeFileSync(join(folder, "journal.db"), bytes);
  try {
    return (await verifyFolder(folder, { openDatabase: openSqlite })).findings.length > 0;
  } catch (error) {
    assert.ok(error instanceof ListenkeyError, String(error));
    return true;
  }
}

async function contents(folder: string): Promise<string[]> {
  const journal = await openJournalReader(folder, openSqlite);
  try {
    const lines: string[] = [];
    for await (const line of exportLines(journal, { format: "csv" })) lines.push(line);
    const snapshot = await journal.snapshot("a");
    return [...lines, JSON.stringify(snapshot)];
  } finally {
    journal.close();
  }
}

test("what is cut off SQLite's own log is missed by the count", async (t) => {
  const folder = temporary(t);
  const journal = await openForTest(t, folder);
  for (let seq = 1; seq <= 20; seq++) await journal.append([entryOf("a", seq)]);
  const copy = temporary(t);
  for (const file of ["journal.db", "journal.db-wal", "journal.count"])
    copyFileSync(join(folder, file), join(copy, file));
  truncateSync(join(copy, "journal.db-wal"), readFileSync(join(copy, "journal.db-wal")).length - 20_000);
  const { findings } = await verifyFolder(copy, { openDatabase: openSqlite });
  assert.match(findings[0]?.what ?? "", /^20 entries were answered for, and \d+ are there: the last ones are lost$/);
});

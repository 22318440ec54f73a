/** Data folders: what is committed is there, what is damaged is refused, and nobody uses a folder that is not his. */
import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ListenkeyError, StorageError, UsageError } from "../../kernel/errors.ts";
import { openSqlite } from "../../kernel/io/sqlite.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Beginning } from "../keeping/beginning.ts";
import type { LogEntry } from "../keeping/venue-log.ts";
import { openVenueStore, type SyncMode, type VenueStore } from "./venue-store.ts";

const OPENED_AT = 1_782_864_000_000 as TransactMs;
const BEGINNING: Beginning = {
  format: 1,
  rules: 1,
  version: "0.1.0",
  openedAt: OPENED_AT,
  settings: { seed: "1", symbols: JSON.stringify("x".repeat(100)) },
};

for (const sync of ["normal", "full"] as const) {
  test(`sync ${sync}: what was committed is there when the folder is opened again, in its order`, async (t) => {
    const folder = temporary(t);
    const first = await open(folder, BEGINNING, sync);
    assert.deepEqual([...first.entries], []);
    assert.deepEqual([first.openedAt, first.reached], [OPENED_AT, OPENED_AT]);
    for (let n = 1; n <= 3; n++) first.log.append(entry(n));
    first.log.commit();
    first.log.append(entry(4));
    first.log.reached((OPENED_AT + 9) as TransactMs);
    first.log.commit();
    first.log.append(entry(5));
    first.close();
    const later = { ...BEGINNING, openedAt: (OPENED_AT + 1000) as TransactMs };
    const second = await open(folder, later, sync);
    assert.deepEqual([...second.entries], [1, 2, 3, 4].map(entry), "what was not committed is not there");
    assert.deepEqual([second.openedAt, second.reached], [OPENED_AT, OPENED_AT + 9]);
    second.log.append(entry(5));
    second.log.commit();
    second.close();
    const third = await open(folder, BEGINNING, sync);
    assert.equal([...third.entries].length, 5);
    third.close();
  });
}

test("a folder is used by one process at a time, and can only be read by its owner", async (t) => {
  const folder = temporary(t);
  const store = await open(folder);
  await assert.rejects(open(folder), (error: ListenkeyError) => {
    assert(error instanceof UsageError);
    assert.equal(error.message, `${folder}: expected a folder that no other process uses, found "one that is in use"`);
    return true;
  });
  for (const file of ["venue.db", "venue.db-wal", "venue.lock", "venue.count"]) {
    assert.equal(statSync(join(folder, file)).mode & 0o077, 0, file);
  }
  store.close();
  (await open(folder)).close();
});

const MISFITS: readonly [what: string, now: Partial<Beginning>, expected: string, remedy: RegExp][] = [
  [
    "another seed",
    { settings: { ...BEGINNING.settings, seed: "7" } },
    "expected seed 1, as it was begun with, found 7",
    /settings it was begun with/,
  ],
  [
    "other symbols",
    { settings: { ...BEGINNING.settings, symbols: "[]" } },
    'expected the symbols it was begun with, found "others"',
    /settings/,
  ],
  [
    "a new setting",
    { settings: { ...BEGINNING.settings, marketMaker: '"none"' } },
    'expected marketMaker nothing, as it was begun with, found "none"',
    /settings/,
  ],
  [
    "a setting that is gone",
    { settings: { symbols: BEGINNING.settings.symbols ?? "" } },
    'expected seed 1, as it was begun with, found "nothing"',
    /settings/,
  ],
  [
    "other rules",
    { rules: 2, version: "0.3.0" },
    'expected a log by the rules of version 2, found "those of version 1"',
    /Use listenkey 0\.1\.0/,
  ],
  ["another format", { format: 2 }, "expected data of format 2, found 1", /Use listenkey 0\.1\.0/],
];

for (const [what, now, expected, remedy] of MISFITS) {
  test(`a folder is refused with ${what}, and says what differs and what to do`, async (t) => {
    const folder = temporary(t);
    (await open(folder)).close();
    await assert.rejects(open(folder, { ...BEGINNING, ...now }), (error: ListenkeyError) => {
      assert(error instanceof UsageError);
      assert.equal(error.message, `${folder}: ${expected}`);
      assert.match(error.remedy ?? "", remedy);
      return true;
    });
    (await open(folder)).close();
  });
}

type Damage = (folder: string) => void | Promise<void>;
const sql =
  (text: string): Damage =>
  async (folder) => {
    const database = await openSqlite(join(folder, "venue.db"));
    database.exec(text);
    database.close();
  };

const DAMAGES: readonly [what: string, damage: Damage, reason: RegExp][] = [
  ["an entry in the middle is gone", sql("DELETE FROM entries WHERE seq = 50"), /expected entry 50, found entry 51/],
  ["the last entry is gone", sql("DELETE FROM entries WHERE seq = 200"), /200 entries were answered for, and 199 are/],
  ["an entry is another", sql("UPDATE entries SET args = '[]' WHERE seq = 7"), /entry 7 is not as it was written/],
  ["all tables are gone", sql("DROP TABLE entries"), /200 entries were answered for, and 0 are there/],
  ["the time is gone", sql("DELETE FROM venue WHERE name = 'reached'"), /until when time has passed/],
  [
    "its settings are gone",
    sql("DELETE FROM venue WHERE name = 'settings'"),
    /settings it was begun with cannot be read/,
  ],
  ["its head is gone", sql("DELETE FROM venue WHERE name = 'rules'"), /does not say what it was begun with/],
  ["the file is empty", (folder) => replace(folder, ""), /200 entries were answered for/],
  ["the file is another", (folder) => replace(folder, "x".repeat(9999)), /not a database/],
  ["the file is cut off", (folder) => truncateSync(join(folder, "venue.db"), 16_384), /malformed|corrupt|disk image/],
  [
    "a page is overwritten",
    (folder) => overwrite(join(folder, "venue.db"), 3 * 4096),
    /malformed|not as it was|disk image/,
  ],
];

for (const [what, damage, reason] of DAMAGES) {
  test(`a folder is refused when ${what}`, async (t) => {
    const folder = temporary(t);
    await fill(folder, 200);
    await damage(folder);
    await refusedWith(folder, reason);
  });
}

test("a write-ahead log that was cut off is refused, and the way to go on without its entries is told", async (t) => {
  const source = temporary(t);
  const store = await open(source);
  for (let n = 1; n <= 20; n++) {
    store.log.append(entry(n));
    store.log.commit();
  }
  const folder = join(temporary(t), "copy");
  cpSync(source, folder, { recursive: true });
  store.close();
  const log = join(folder, "venue.db-wal");
  truncateSync(log, Math.floor(statSync(log).size / 2));
  rmSync(join(folder, "venue.db-shm"), { force: true });
  const error = await refusedWith(folder, /20 entries were answered for, and \d+ are there/);
  const counter = join(folder, "venue.count");
  assert.equal(error.remedy, `To go on with what is there, remove ${counter}.`);
  rmSync(counter);
  const shorter = await open(folder);
  const count = [...shorter.entries].length;
  assert(count > 0 && count < 20, `${count} entries`);
  shorter.close();
});

test("a copy of a folder whose process died in the middle of things is whole", async (t) => {
  const source = temporary(t);
  const store = await open(source);
  store.log.append(entry(1));
  store.log.commit();
  const folder = temporary(t);
  for (const file of ["venue.db", "venue.db-wal", "venue.count"]) copyFileSync(join(source, file), join(folder, file));
  store.close();
  const copy = await open(folder);
  assert.deepEqual([...copy.entries], [entry(1)]);
  copy.close();
});

test("a folder that cannot be made is refused", async (t) => {
  const file = join(temporary(t), "file");
  writeFileSync(file, "");
  await assert.rejects(open(join(file, "data")), /expected a folder that can be written/);
});

async function fill(folder: string, count: number): Promise<void> {
  const store = await open(folder);
  for (let n = 1; n <= count; n++) store.log.append(entry(n));
  store.log.commit();
  store.close();
}

/** Opening it, or reading all of it, fails, and the folder is free again. */
async function refusedWith(folder: string, reason: RegExp): Promise<StorageError> {
  const error = await open(folder).then(readAll, (error: unknown) => error);
  assert(error instanceof StorageError, String(error));
  assert.equal(error.origin, "disk");
  assert.match(error.message, /^storing in .* failed: /);
  assert.match(error.message, reason);
  return error;
}

function open(folder: string, beginning = BEGINNING, sync: SyncMode = "normal"): Promise<VenueStore> {
  return openVenueStore(folder, { openDatabase: openSqlite, beginning, sync });
}

function readAll(store: VenueStore): unknown {
  try {
    return `${[...store.entries].length} entries were read`;
  } catch (error) {
    return error;
  } finally {
    store.close();
  }
}

/** A process that closed the folder has left nothing but the one file. */
function replace(folder: string, content: string): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(join(folder, `venue.db${end}`), { force: true });
  writeFileSync(join(folder, "venue.db"), content);
}

function overwrite(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0x58, at, at + 4096);
  writeFileSync(path, bytes);
}

function entry(n: number): LogEntry {
  const args = JSON.stringify(["demo", { symbol: "BTCUSDT", note: "x".repeat(100), n }]);
  return {
    at: (OPENED_AT + n) as TransactMs,
    what: "exchange.placeOrder",
    args,
    outcome: n % 2 === 0 ? "refused" : "done",
  };
}

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "listenkey-store-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

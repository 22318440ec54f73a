/** `listenkey export` and `listenkey verify` as a user has them: processes of their own, while a journal is written. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { entriesOf, entryOf, openForTest, temporary } from "../../test/journal-fixtures.ts";
import { openSqlite } from "../kernel/io/sqlite.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));
const WAIT_MAX_MS = 30_000;

type Outcome = readonly [code: number, stdout: string, stderr: string];

function listenkey(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { timeout: WAIT_MAX_MS, maxBuffer: 64_000_000 };
    execFile(process.execPath, [MAIN, ...args], options, (error, stdout, stderr) => {
      resolve([error === null ? 0 : Number(error.code), stdout, stderr]);
    });
  });
}

async function written(t: TestContext) {
  const folder = temporary(t);
  const journal = await openForTest(t, folder);
  await journal.append([...entriesOf("demo", 1, 1_500), ...entriesOf("other", 1, 20)]);
  await journal.keepSnapshot({ account: "demo", asOfSeq: 1_500, at: entryOf("demo", 1_500).at, text: '{"x":1}' });
  return { folder, journal };
}

const records = (account: string, from: number, to: number) =>
  entriesOf(account, from, to).map(({ record }) => `${record}\n`);

test("export tells the records as they are, account by account, while the journal is written", async (t) => {
  const { folder } = await written(t);
  const all = [...records("demo", 1, 1_500), ...records("other", 1, 20)].join("");
  assert.deepEqual(await listenkey("export", "--data", folder), [0, all, ""]);
  const { at } = entryOf("demo", 10);
  const span = ["--from", String(at), "--to", new Date(entryOf("demo", 13).at).toISOString()];
  const [, some] = await listenkey("export", "--data", folder, "--account", "demo", ...span);
  assert.equal(some, records("demo", 10, 12).join(""));
  const [, gaps] = await listenkey("export", "--data", folder, "--account", "other", "--kind", "gap");
  assert.equal(gaps, [7, 14].flatMap((seq) => records("other", seq, seq)).join(""));
  const only = ["--event", "ORDER_TRADE_UPDATE", "--symbol", "btcusdt", "--kind", "event", "--format", "csv"];
  const [, csv] = await listenkey("export", "--data", folder, "--account", "other", ...only);
  const rows = csv.trim().split("\n");
  assert.equal(rows[0], "account,seq,at,kind,origin,event,symbol,eventAt,transactAt,record");
  assert.deepEqual(
    rows.slice(1).map((row) => row.split(",")[1]),
    ["3", "6", "9", "12", "15", "18"],
  );
  const { record } = entryOf("other", 3);
  const cell = `"${record.replaceAll('"', '""')}"`;
  assert.match(rows[1] ?? "", /^other,3,1782864000300,event,stream,ORDER_TRADE_UPDATE,BTCUSDT,1782864000291,/);
  assert.ok(rows[1]?.endsWith(cell));
});

test("export refuses what cannot be, with exit code 2", async (t) => {
  const { folder } = await written(t);
  const [unknown, , why] = await listenkey("export", "--data", folder, "--account", "nobody");
  assert.deepEqual([unknown, why], [2, 'listenkey: --account: expected one of demo, other, found "nobody"\n']);
  assert.equal((await listenkey("export", "--data", join(folder, "nowhere")))[0], 2);
  assert.equal((await listenkey("export", "--data", folder, "--from", "yesterday"))[0], 2);
});

test("verify proves a journal whole while it is written, and compares digests that were noted down", async (t) => {
  const { folder, journal } = await written(t);
  const [code, said] = await listenkey("verify", "--data", folder);
  const [demo = "", other = "", whole] = said.split("\n");
  assert.equal(code, 0);
  assert.match(demo, /^demo: entries 1 to 1500, whole, demo:1500:[0-9a-f]{64}$/);
  assert.match(other, /^other: entries 1 to 20, whole, other:20:[0-9a-f]{64}$/);
  assert.equal(whole, `${join(folder, "journal.db")} is whole: 1520 entries of 2 accounts.`);
  const known = demo.split(", ").at(-1) ?? "";
  await journal.append(entriesOf("demo", 1_501, 1_600));
  assert.equal((await listenkey("verify", "--data", folder, "--known", known))[0], 0);
  const forged = `${known.slice(0, -1)}${known.endsWith("0") ? "1" : "0"}`;
  const [differs, , why] = await listenkey("verify", "--data", folder, "--known", forged);
  assert.equal(differs, 1);
  assert.match(why, /entry 1500 of demo has another digest than the one that was kept elsewhere/);
  const [, json] = await listenkey("verify", "--data", folder, "--json");
  const { whole: isWhole, accounts, findings } = JSON.parse(json);
  assert.deepEqual([isWhole, findings, accounts.length, accounts[0].lastSeq], [true, [], 2, 1_600]);
});

test("verify says the first thing wrong first, and exits with 1; without a journal with 2", async (t) => {
  const { folder, journal } = await written(t);
  await journal.close();
  const database = await openSqlite(join(folder, "journal.db"));
  database.exec("DELETE FROM entries WHERE seq BETWEEN 100 AND 102; UPDATE entries SET symbol = 'X' WHERE seq = 20");
  database.close();
  const [code, said, why] = await listenkey("verify", "--data", folder);
  assert.equal(code, 1);
  assert.match(said, /^demo: entries 1 to 1500, NOT WHOLE\nother: entries 1 to 20, NOT WHOLE\n$/);
  assert.deepEqual(why.trim().split("\n"), [
    `listenkey: ${join(folder, "journal.db")} is not whole: ` +
      "entry 20 of demo is not as it was written: its digest does not fit",
    "entry 100 of demo is missing, and so are all up to entry 102",
    "entry 20 of other is not as it was written: its digest does not fit",
  ]);
  const [none, , where] = await listenkey("verify", "--data", join(folder, "nowhere"));
  assert.deepEqual([none, where.includes("expected a folder with a journal.db")], [2, true]);
});

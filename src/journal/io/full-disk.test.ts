/** A process that may write no file longer than so much: a disk that is full, and has room again later. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { entriesOf, temporary } from "../../../test/journal-fixtures.ts";
import { openSqlite } from "../../kernel/io/sqlite.ts";
import { openJournalReader } from "./journal-store.ts";
import { verifyFolder } from "./verifying.ts";

const APPENDER = fileURLToPath(new URL("../../../test/journal-appender.js", import.meta.url));
const FILE_BYTES = 1_500_000;
const NO_LIMIT = String(Number.MAX_SAFE_INTEGER);
const ROUNDS = 3;

test("a full disk is said, loses nothing, and is forgotten once there is room", { skip: !hasPrlimit() }, async (t) => {
  const folder = temporary(t);
  const args = [`--fsize=${FILE_BYTES}:unlimited`, process.execPath, APPENDER, folder, NO_LIMIT, "demo"];
  const child = spawn("prlimit", args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let acknowledged = 0;
  const until = async (isWanted: (line: string) => boolean): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      assert.ok(!done, "it goes on");
      const [, seq] = /^demo (\d+)$/.exec(value) ?? [];
      if (seq !== undefined) acknowledged = Number(seq);
      if (isWanted(value)) return value;
    }
  };
  for (let round = 1; round <= ROUNDS; round++) {
    const refusal = await until((line) => line.startsWith("refused "));
    assert.match(refusal, /^refused storing in .*journal\.db failed: .*(?:full|I\/O error)/);
    const kept = acknowledged;
    await check(folder, kept);
    execFileSync("prlimit", ["--pid", String(child.pid), `--fsize=${FILE_BYTES * 2 ** round}:unlimited`]);
    await until(() => acknowledged > kept);
  }
  child.kill("SIGKILL");
  await once(child, "close");
  await check(folder, acknowledged);
  assert.deepEqual((await verifyFolder(folder, { openDatabase: openSqlite })).findings, []);
});

/** All that was acknowledged is there, as it was appended. */
async function check(folder: string, acknowledged: number): Promise<void> {
  const journal = await openJournalReader(folder, openSqlite);
  try {
    const { lastSeq } = await journal.extent("demo");
    assert.ok(acknowledged > 0 && lastSeq >= acknowledged, `${lastSeq} of ${acknowledged}`);
    const answer = await journal.read({ account: "demo", since: Math.max(0, lastSeq - 1_000), limit: 1_000 });
    assert.ok(answer.is === "page");
    assert.deepEqual(answer.entries, entriesOf("demo", Math.max(1, lastSeq - 999), lastSeq));
  } finally {
    journal.close();
  }
}

/** Of Linux. */
function hasPrlimit(): boolean {
  try {
    return execFileSync("prlimit", ["--version"]).length > 0;
  } catch {
    return false;
  }
}

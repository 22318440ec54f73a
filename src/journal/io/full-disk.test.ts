/**
 * A process that may write no file longer than so much: a disk that is full, and has room again later. Where the limit
 * of a running process cannot be raised (all but Linux) the process is killed, and another one goes on.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
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

test("a full disk is said, loses nothing, and is got over once there is room", async (t) => {
  const folder = temporary(t);
  let child = await begun(folder, FILE_BYTES);
  t.after(() => child.process.kill("SIGKILL"));
  for (let round = 1; round <= ROUNDS; round++) {
    const refusal = await child.until((line) => line.startsWith("refused "));
    assert.match(refusal, /^refused storing in .*journal\.db failed: .*(?:full|I\/O error)/);
    const kept = child.acknowledged();
    await check(folder, kept);
    const bytes = FILE_BYTES * 2 ** round;
    if (!raised(child.process, bytes)) {
      child.process.kill("SIGKILL");
      child = await begun(folder, bytes);
    }
    await child.until(() => child.acknowledged() > kept);
  }
  child.process.kill("SIGKILL");
  await once(child.process, "close");
  await check(folder, child.acknowledged());
  assert.deepEqual((await verifyFolder(folder, { openDatabase: openSqlite })).findings, []);
});

/** A process that appends, whose files may have so many bytes. */
async function begun(folder: string, bytes: number) {
  const limited = `ulimit -S -f ${Math.floor(bytes / 512)}; exec "$0" "$@"`;
  const args = ["-c", limited, process.execPath, APPENDER, folder, NO_LIMIT, "demo"];
  const child = spawn("sh", args, { stdio: ["ignore", "pipe", "inherit"] });
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
  await until((line) => line === "begun");
  return { process: child, until, acknowledged: () => acknowledged };
}

function raised({ pid }: ChildProcess, bytes: number): boolean {
  try {
    execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return false;
  }
}

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

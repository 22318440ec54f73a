/**
 * A process that is killed again and again while it appends: what was acknowledged is there, once, as it was appended,
 * and the journal is whole. More often: LISTENKEY_KILLS=500 TEST_FILE_LIMIT_MS=1200000.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { entryOf, temporary } from "../../../test/journal-fixtures.ts";
import { openSqlite } from "../../kernel/io/sqlite.ts";
import { openJournalReader } from "./journal-store.ts";
import { verifyFolder } from "./verifying.ts";

const APPENDER = fileURLToPath(new URL("../../../test/journal-appender.js", import.meta.url));
const KILLS = Number(process.env.LISTENKEY_KILLS ?? 30);
const ALIVE_MAX_MS = 150;
const VERIFIED_EVERY = 10;
const SIZE_MAX_BYTES = "400000";
const ACCOUNTS = ["demo", "konto ä", "third"];

test("kill -9 loses nothing that was acknowledged, doubles nothing, and leaves the journal whole", async (t) => {
  const folder = temporary(t);
  const checked = new Map(ACCOUNTS.map((account) => [account, 0]));
  for (let kill = 1; kill <= KILLS; kill++) {
    const acknowledged = await killed(folder);
    await check(folder, acknowledged, checked);
    if (kill % VERIFIED_EVERY !== 0 && kill !== KILLS) continue;
    assert.deepEqual((await verifyFolder(folder, { openDatabase: openSqlite })).findings, []);
  }
  for (const [account, seq] of checked) assert.ok(seq > KILLS, `${account}: ${seq} entries in ${KILLS} lives`);
});

/** One life. Returns the last that was acknowledged, by account; of a snapshot what it is as of. */
async function killed(folder: string): Promise<ReadonlyMap<string, number>> {
  const child = spawn(process.execPath, [APPENDER, folder, SIZE_MAX_BYTES, ...ACCOUNTS], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged = new Map<string, number>();
  // In some lives it is killed before anything was opened or appended: recoveries are cut off, too.
  const dice = Math.random();
  const isLateEnough = (line: string) => line !== "begun" || dice < 0.2;
  const begun = new Promise<void>((resolve) => {
    if (dice < 0.1) resolve();
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, name = "", seq] = /^(.+) (\d+)$/.exec(line) ?? [];
      if (seq !== undefined) acknowledged.set(name, Number(seq));
      if (isLateEnough(line)) resolve();
    });
  });
  const ended = once(child, "close");
  await Promise.race([begun, ended]);
  assert.equal(child.exitCode, null, "it goes on until it is killed");
  await new Promise((resolve) => setTimeout(resolve, Math.random() * ALIVE_MAX_MS));
  child.kill("SIGKILL");
  await ended;
  return acknowledged;
}

/** All that came since the last check is as it was appended, and all that was acknowledged is there. */
async function check(
  folder: string,
  acknowledged: ReadonlyMap<string, number>,
  checked: Map<string, number>,
): Promise<void> {
  const journal = await openJournalReader(folder, openSqlite).catch((error: unknown) => error);
  // It was killed before it had made one.
  if (journal instanceof Error) return assert.deepEqual([...checked.values()], [0, 0, 0], journal);
  const reader = journal as Awaited<ReturnType<typeof openJournalReader>>;
  try {
    for (const account of ACCOUNTS) {
      const { firstSeq, lastSeq } = await reader.extent(account);
      assert.ok(lastSeq >= (acknowledged.get(account) ?? checked.get(account) ?? 0), `${account}: ${lastSeq}`);
      for (let since = Math.max(checked.get(account) ?? 0, firstSeq - 1); since < lastSeq; ) {
        const answer = await reader.read({ account, since, limit: 1000 });
        assert.ok(answer.is === "page");
        for (const entry of answer.entries) assert.deepEqual(entry, entryOf(account, ++since));
      }
      checked.set(account, lastSeq);
    }
    const snapshot = acknowledged.get("snapshot");
    if (snapshot === undefined) return;
    const newest = await reader.snapshot(ACCOUNTS[0] ?? "");
    assert.ok(newest !== undefined && newest.asOfSeq >= snapshot);
    assert.deepEqual(JSON.parse(newest.text), { asOfSeq: newest.asOfSeq });
  } finally {
    reader.close();
  }
}

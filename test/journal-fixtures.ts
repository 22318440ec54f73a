/** Entries of a journal, made up. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Digest } from "../src/journal/digests.ts";
import type { JournalEntry } from "../src/journal/entry.ts";
import { type JournalSettings, type JournalStore, openJournal } from "../src/journal/io/journal-store.ts";
import { openSqlite } from "../src/kernel/io/sqlite.ts";
import { systemClock } from "../src/kernel/io/system-clock.ts";
import type { Log } from "../src/kernel/ports.ts";
import type { EventMs, TransactMs, WallMs } from "../src/kernel/scalars.ts";

/** When entry 0 would have been recorded. */
const BEGAN_AT = 1_782_864_000_000;

/** An entry that tells by its content which one it is: an order event of some symbol; each seventh is a gap. */
export function entryOf(account: string, seq: number, more: Partial<JournalEntry> = {}): JournalEntry {
  const at = (BEGAN_AT + seq * 100) as WallMs;
  if (seq % 7 === 0) {
    const record = JSON.stringify({ seq, account, kind: "gap", at, why: "silence", note: "é “ 漢 🙂" });
    return { account, seq, kind: "gap", origin: null, at, event: null, symbol: null, ...NO_TIMES, record, ...more };
  }
  const symbol = ["BTCUSDT", "ETHUSDT", "SOLUSDT"][seq % 3] ?? "BTCUSDT";
  const order = `{"s":"${symbol}","i":${8_886_774_000_000 + seq}}`;
  const event = `{"e":"ORDER_TRADE_UPDATE","E":${at - 9},"T":${at - 10},"o":${order}}`;
  const record = `{"seq":${seq},"account":"${account}","kind":"event","origin":"stream","at":${at},"event":${event}}`;
  return {
    account,
    seq,
    kind: "event",
    origin: "stream",
    at,
    event: "ORDER_TRADE_UPDATE",
    symbol,
    eventAt: (at - 9) as EventMs,
    transactAt: (at - 10) as TransactMs,
    record,
    ...more,
  };
}

const NO_TIMES = { eventAt: null, transactAt: null };

/** Entries of one account, from one number to another, both included. */
export function entriesOf(account: string, from: number, to: number): JournalEntry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => entryOf(account, from + i));
}

/** SHA-256 by another way than the product's. */
export const referenceDigest: Digest = (text) => createHash("sha256").update(text, "utf8").digest("hex");

/** A folder that is gone after the test. */
export function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "listenkey-journal-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Says nothing. */
const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** What a journal is opened with when nothing else is said: everything stays. */
export const SETTINGS: JournalSettings = {
  openDatabase: openSqlite,
  clock: systemClock,
  log: SILENT,
  version: "0.0.0-test",
  durability: "normal",
  retention: { keepEntries: 1 },
};

/** A journal that is closed after the test. */
export async function openForTest(
  t: TestContext,
  folder: string,
  more: Partial<JournalSettings> = {},
): Promise<JournalStore> {
  const journal = await openJournal(folder, { ...SETTINGS, ...more });
  t.after(() => journal.close());
  return journal;
}

/**
 * The journal against SQLite alone: the same rows, groups and settings of the disk, but no digests, no queue, no thread
 * and no checks. Both write and read files of their own; who begins alternates.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalEntry } from "../src/journal/entry.ts";
import { type JournalStore, openJournal } from "../src/journal/io/journal-store.ts";
import { openSqlite } from "../src/kernel/io/sqlite.ts";
import { systemClock } from "../src/kernel/io/system-clock.ts";
import type { EventMs, TransactMs, WallMs } from "../src/kernel/scalars.ts";
import type { SqlDatabase, SqlStatement } from "../src/kernel/sql-database.ts";
import type { Entry, Result } from "./harness.ts";

const AT_LEAST = 0.8;
const AT_LEAST_OF_100 = 0.7;
const WARM_UP_TURNS = 3;
const TURNS = 15;
const PAGE_ENTRIES = 500;

const SCHEMA = `
  PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE entries (
    account TEXT, seq INTEGER, at INTEGER, kind TEXT, origin TEXT, event TEXT, symbol TEXT, event_at INTEGER,
    transact_at INTEGER, record TEXT, PRIMARY KEY (account, seq)
  )`;

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** An order event of the usual length. */
function entryOf(seq: number): JournalEntry {
  const at = 1_782_864_000_000 + seq;
  const order =
    '"s":"BTCUSDT","c":"web_ZqlD3ssKf81","S":"BUY","o":"LIMIT","f":"GTC","q":"0.010","p":"86000.10","ap":"86000.10",' +
    '"sp":"0","x":"TRADE","X":"PARTIALLY_FILLED","l":"0.004","z":"0.006","L":"86000.10","n":"0.137600","N":"USDT",' +
    '"b":"860.0010","a":"0","m":true,"R":false,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"BOTH","cp":false,"rp":"0",' +
    '"pP":false,"si":0,"ss":0,"V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"';
  const event = `{"e":"ORDER_TRADE_UPDATE","E":${at},"T":${at},"o":{${order},"i":${8_886_774_000 + seq},"t":${seq}}}`;
  return {
    account: "demo",
    seq,
    kind: "event",
    origin: "stream",
    at: at as WallMs,
    event: "ORDER_TRADE_UPDATE",
    symbol: "BTCUSDT",
    eventAt: at as EventMs,
    transactAt: at as TransactMs,
    record: `{"seq":${seq},"account":"demo","kind":"event","origin":"stream","at":${at},"event":${event}}`,
  };
}

/** One way of keeping entries. */
interface Keeper {
  append(entries: readonly JournalEntry[]): unknown;
  /** How many entries came back. */
  readPage(since: number): Promise<number> | number;
  close(): Promise<void> | void;
}

async function ours(folder: string): Promise<Keeper> {
  const journal: JournalStore = await openJournal(folder, {
    openDatabase: openSqlite,
    clock: systemClock,
    log: SILENT,
    version: "bench",
    durability: "full",
    retention: { keepEntries: 1 },
  });
  return {
    append: (entries) => journal.append(entries),
    async readPage(since) {
      const answer = await journal.read({ account: "demo", since, limit: PAGE_ENTRIES });
      return answer.is === "page" ? answer.entries.length : 0;
    },
    close: () => journal.close(),
  };
}

async function theirs(folder: string): Promise<Keeper> {
  const database: SqlDatabase = await openSqlite(join(folder, "alone.db"));
  database.exec(SCHEMA);
  const insert: SqlStatement = database.prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const page = database.prepare("SELECT * FROM entries WHERE account = ? AND seq > ? ORDER BY seq LIMIT ?");
  return {
    append(entries) {
      database.exec("BEGIN IMMEDIATE");
      for (const { account, seq, at, kind, origin, event, symbol, eventAt, transactAt, record } of entries) {
        insert.run(account, seq, at, kind, origin, event, symbol, eventAt, transactAt, record);
      }
      database.exec("COMMIT");
    },
    readPage: (since) => page.all("demo", since, PAGE_ENTRIES).length,
    close: () => database.close(),
  };
}

/** What is done in one turn, with so many entries. */
type Work = (keeper: Keeper, turn: number, count: number) => Promise<void>;

function appending(group: number): Work {
  return async (keeper, turn, count) => {
    const first = turn * count + 1;
    const entryAt = (place: number) => entryOf(first + place);
    const groups = Array.from({ length: count / group }, (_, g) =>
      Array.from({ length: group }, (_, i) => entryAt(g * group + i)),
    );
    // One group is committed, and the next one waits, as on a busy hub: so both commit the same groups.
    let last: unknown;
    for (const one of groups) {
      const appended = keeper.append(one);
      await last;
      last = appended;
    }
    await last;
  };
}

const reading: Work = async (keeper, turn, count) => {
  const first = turn * count;
  for (let since = first; since < first + count; since += PAGE_ENTRIES) {
    if ((await keeper.readPage(since)) !== PAGE_ENTRIES) throw new Error(`a page after ${since} is not whole`);
  }
};

interface Contest {
  /** Entries of one turn. */
  readonly count: number;
  readonly work: Work;
  /** Done before, and not measured. */
  readonly prepare?: Work;
  /** The ratio we promise; absent when none is. */
  readonly atLeast?: number;
}

async function contest({ count, work, prepare, atLeast }: Contest): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "listenkey-bench-"));
  const keepers = { ours: await ours(folder), theirs: await theirs(folder) };
  const [oursMs, ratios]: [number[], number[]] = [[], []];
  try {
    for (let turn = 0; turn < WARM_UP_TURNS + TURNS; turn++) {
      const took = { ours: 0, theirs: 0 };
      for (const who of turn % 2 === 0 ? (["ours", "theirs"] as const) : (["theirs", "ours"] as const)) {
        await prepare?.(keepers[who], turn, count);
        const since = performance.now();
        await work(keepers[who], turn, count);
        took[who] = performance.now() - since;
      }
      if (turn < WARM_UP_TURNS) continue;
      oursMs.push(took.ours);
      ratios.push(took.theirs / took.ours);
    }
  } finally {
    await keepers.ours.close();
    await keepers.theirs.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const versus = { what: "SQLite alone", ratio: median(ratios), ...(atLeast === undefined ? {} : { atLeast }) };
  return { value: (count * 1000) / median(oursMs), unit: "entries/s", versus };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/**
 * The entries of this file. A group of ten is on the disk so soon that the way to the thread counts: no promise. Of a
 * group of a hundred, its digests take an eighth of the time: it is promised less than larger ones, which wait more for
 * the disk.
 */
export const JOURNAL_ENTRIES: readonly Entry[] = [
  { name: "journal appends, groups of 10", run: () => contest({ count: 500, work: appending(10) }) },
  {
    name: "journal appends, groups of 100",
    run: () => contest({ count: 2_000, work: appending(100), atLeast: AT_LEAST_OF_100 }),
  },
  {
    name: "journal appends, groups of 1000",
    run: () => contest({ count: 6_000, work: appending(1_000), atLeast: AT_LEAST }),
  },
  {
    name: "journal read-back",
    run: () => contest({ count: 5_000, work: reading, prepare: appending(1_000), atLeast: AT_LEAST }),
  },
];

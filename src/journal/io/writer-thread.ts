/**
 * The writer's thread: it alone writes to the database. Its program is a composition root: SQLite is plugged in here.
 *
 * When a job fails, the database is closed; the next job opens it anew, and takes back what had been written without
 * having been answered for. So after whatever the disk did, memory and file agree before anything is written.
 */
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { assert, StorageError } from "../../kernel/errors.ts";
import { openSqlite } from "../../kernel/io/sqlite.ts";
import type { SqlDatabase } from "../../kernel/sql-database.ts";
import type { JournalEntry } from "../entry.ts";
import { countOf, EntryWriter, type Head } from "../entry-writer.ts";
import { sha256 } from "./sha256.ts";
import { unpack, type WriterBeginning, type WriterJob, type WriterReply } from "./writer-messages.ts";

/** Entries of one commit, unless one append alone has more: what comes first shall not wait for all that follows. */
const GROUP_ENTRIES_MAX = 5_000;

/** How long a commit waits for another program that holds the database. */
const BUSY_WAIT_MS = 5_000;

/** SQLite's log is cut to this when it has been longer: a reader that stays long lets it grow. */
const LOG_BYTES_KEPT = 64_000_000;

/** From one look whether the file is in its place to the next. */
const LOOK_EVERY_MS = 100;

/** Digits of the count, padded: its file never grows, so that a full disk is no reason for it to fail. */
const COUNT_CHARS = 16;

assert(parentPort !== null, "the writer runs in a thread");
const port: MessagePort = parentPort;
const { path, countPath, durability, fileBytesMax, ...beginning } = workerData as WriterBeginning;
/** The last entry of each account that was answered for. */
const heads = new Map<string, Head>(beginning.heads);
let open: { readonly database: SqlDatabase; readonly writer: EntryWriter; readonly count: number } | undefined;

/** Which file it was that was opened first, and when it was last seen in its place. */
let file: string | undefined;
let seenAt = Number.NEGATIVE_INFINITY;

/** Not done yet, oldest first. */
const jobs: WriterJob[] = [];
let isWorking = false;
/** The last append that failed. */
let broken: { readonly turn: number; readonly reply: WriterReply } | undefined;

port.on("message", (job: WriterJob) => {
  jobs.push(job);
  if (!isWorking) void workOff();
});

async function workOff(): Promise<void> {
  isWorking = true;
  for (let group = nextGroup(); group !== undefined; group = nextGroup()) {
    const reply = await carryOut(group);
    for (const job of group) {
      port.postMessage(reply);
      if (job.do === "close") port.close();
    }
  }
  isWorking = false;
}

/** One job; or appends that follow each other, and have all come by now. */
function nextGroup(): readonly [WriterJob, ...WriterJob[]] | undefined {
  // Without going back to the event loop, which would cost as much as a small commit.
  for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) {
    jobs.push(more.message);
  }
  const first = jobs.shift();
  if (first === undefined) return undefined;
  const group: [WriterJob, ...WriterJob[]] = [first];
  let count = sizeOf(first);
  for (let next = jobs[0]; next !== undefined && isSameTurn(first, next); next = jobs[0]) {
    count += sizeOf(next);
    if (count > GROUP_ENTRIES_MAX) break;
    group.push(next);
    jobs.shift();
  }
  return group;
}

function sizeOf(job: WriterJob): number {
  return job.do === "append" ? job.packed.records.length : 0;
}

function isSameTurn(one: WriterJob, other: WriterJob): boolean {
  return one.do === "append" && other.do === "append" && one.turn === other.turn;
}

async function carryOut(group: readonly [WriterJob, ...WriterJob[]]): Promise<WriterReply> {
  const [job] = group;
  if (job.do === "append" && broken !== undefined && job.turn <= broken.turn) return broken.reply;
  try {
    open ??= await openDatabase();
    return { is: work(open, group) ? "done" : "refused" };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    giveUp();
    const reply = { is: "failed", path, reason: reasonOf(error), condition: error.condition } as const;
    if (job.do === "append") broken = { turn: job.turn, reply };
    return reply;
  }
}

/** False when it was refused. */
function work({ database, writer, count }: NonNullable<typeof open>, group: readonly [WriterJob, ...WriterJob[]]) {
  const [job] = group;
  switch (job.do) {
    case "append": {
      const written = writer.append(entriesOf(group));
      mustBeThere();
      writeCount(count, countOf(writer.heads));
      for (const [account, head] of written) heads.set(account, head);
      return true;
    }
    case "begin": {
      const { account, afterSeq } = job;
      // It may have begun later before: the count never says more than is there.
      writeCount(count, countOf(writer.heads) - (writer.heads.get(account)?.seq ?? 0));
      const isBegun = writer.begin(account, afterSeq);
      const head = writer.heads.get(account);
      if (isBegun && head !== undefined) heads.set(account, head);
      writeCount(count, countOf(writer.heads));
      return isBegun;
    }
    case "snapshot":
      return writer.keepSnapshot(job.snapshot);
    case "remove":
      writer.remove(job.account, job.upToSeq);
      return true;
    case "shrink":
      database.exec(`PRAGMA incremental_vacuum(${job.pages})`);
      return true;
    case "close":
      // Leaves one file, and nothing to recover.
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      giveUp();
      return true;
  }
}

function* entriesOf(group: readonly WriterJob[]): Generator<JournalEntry> {
  for (const job of group) if (job.do === "append") yield* unpack(job.packed);
}

/**
 * A file that was removed can be written to as before, and nobody will ever read it. What was committed before is gone
 * in any case, so that every {@link LOOK_EVERY_MS} is often enough.
 * @throws {StorageError} when the one that was opened first is not in its place
 */
function mustBeThere(): void {
  const now = performance.now();
  if (open !== undefined && now - seenAt < LOOK_EVERY_MS) return;
  const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const found = `${dev}:${ino}`;
  file ??= found;
  if (found === file && ino !== undefined) {
    seenAt = now;
    return;
  }
  throw new StorageError(path, "the file was removed, or another one is in its place", "failed");
}

async function openDatabase(): Promise<NonNullable<typeof open>> {
  mustBeThere();
  const database = await openSqlite(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_WAIT_MS}`);
    database.exec(`PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
    database.exec(`PRAGMA journal_size_limit = ${LOG_BYTES_KEPT}`);
    limit(database);
    const writer = new EntryWriter(database, sha256, heads);
    writer.takeBack();
    return { database, writer, count: openSync(countPath, "r+") };
  } catch (error) {
    database.close();
    throw error;
  }
}

function limit(database: SqlDatabase): void {
  if (fileBytesMax === undefined) return;
  const [row] = database.prepare("PRAGMA page_size").all();
  const pages = Math.max(1, Math.floor(fileBytesMax / Number(row?.page_size)));
  database.exec(`PRAGMA max_page_count = ${Math.min(pages, 2 ** 32 - 2)}`);
}

function writeCount(count: number, entries: number): void {
  try {
    writeSync(count, String(entries).padEnd(COUNT_CHARS), 0);
  } catch (error) {
    throw new StorageError(countPath, (error as Error).message, "failed", error);
  }
}

/** What cannot be closed any more is left as it is: the next one finds out. */
function giveUp(): void {
  const left = open;
  open = undefined;
  if (left === undefined) return;
  closeSync(left.count);
  try {
    left.database.close();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
}

function reasonOf({ cause, message }: StorageError): string {
  return cause instanceof Error ? cause.message : message;
}

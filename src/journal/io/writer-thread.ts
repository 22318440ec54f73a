/**
 * The writer's thread: it alone writes to the database. Its program is a composition root: SQLite is plugged in here.
 *
 * When a job fails, the database is closed; the next job opens it anew, and takes back what had been written without
 * having been answered for. So after whatever the disk did, memory and file agree before anything is written.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { assert, StorageError } from "../../kernel/errors.ts";
import { openSqlite } from "../../kernel/io/sqlite.ts";
import type { SqlDatabase } from "../../kernel/sql-database.ts";
import { countOf, EntryWriter, type Head } from "../entry-writer.ts";
import { sha256 } from "./sha256.ts";
import { unpack, type WriterBeginning, type WriterJob, type WriterReply } from "./writer-messages.ts";

/** How long a commit waits for another program that holds the database. */
const BUSY_WAIT_MS = 5_000;

/** SQLite's log is cut to this when it has been longer: a reader that stays long lets it grow. */
const LOG_BYTES_KEPT = 64_000_000;

/** Digits of the count, padded: its file never grows, so that a full disk is no reason for it to fail. */
const COUNT_CHARS = 16;

assert(parentPort !== null, "the writer runs in a thread");
const port: MessagePort = parentPort;
const { path, countPath, durability, fileBytesMax, ...beginning } = workerData as WriterBeginning;
let heads: ReadonlyMap<string, Head> = beginning.heads;
let open: { readonly database: SqlDatabase; readonly writer: EntryWriter; readonly count: number } | undefined;

let turn = Promise.resolve();
port.on("message", (job: WriterJob) => {
  turn = turn.then(async () => {
    port.postMessage(await carryOut(job));
    if (job.do === "close") port.close();
  });
});

async function carryOut(job: WriterJob): Promise<WriterReply> {
  try {
    open ??= await openDatabase();
    return { is: work(open, job) ? "done" : "refused" };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    giveUp();
    return { is: "failed", path, reason: reasonOf(error), condition: error.condition };
  }
}

/** False when it was refused. */
function work({ database, writer, count }: NonNullable<typeof open>, job: WriterJob): boolean {
  switch (job.do) {
    case "append":
      writer.append(unpack(job.packed));
      writeCount(count, countOf(writer.heads));
      heads = writer.heads;
      return true;
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

async function openDatabase(): Promise<NonNullable<typeof open>> {
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

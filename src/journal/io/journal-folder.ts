/**
 * The files of a journal, and how they are opened.
 *
 *     journal.db      the tables, as docs/journal.md describes them; SQLite puts two files of its own beside it
 *     journal.lock    held by the process that writes; the system frees it when the process dies
 *     journal.count   how many entries were answered for, over all accounts
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StorageError, UsageError } from "../../kernel/errors.ts";
import { lockFile } from "../../kernel/file-lock.ts";
import type { OpenDatabase, SqlDatabase } from "../../kernel/sql-database.ts";
import { countOf, readHeads } from "../entry-writer.ts";
import { type Beginning, migrate, mustBeCurrent } from "../schema.ts";

/** How long a reader waits for another program that holds the database. */
const BUSY_WAIT_MS = 5_000;

/** Entries of some kilobytes stand whole in pages of this size. */
const PAGE_BYTES = 16_384;

/** Whoever reads it knows what the accounts hold and do. */
const OWNER_ONLY = 0o600;

/** Where the files of a folder are. */
export function pathsIn(folder: string): { readonly path: string; readonly countPath: string } {
  return { path: join(folder, "journal.db"), countPath: join(folder, "journal.count") };
}

/** A journal that is open for writing. */
export interface OpenedFolder {
  /** For reading: only the thread writes. */
  readonly database: SqlDatabase;
  readonly unlock: () => void;
}

/**
 * Takes the folder, makes the journal when there is none, and brings it to the newest version.
 * @throws {UsageError} when another process writes there, it is no journal, or one of a newer version
 * @throws {StorageError} when it cannot be read, or less is there than was answered for
 */
export async function openFolder(
  folder: string,
  openDatabase: OpenDatabase,
  beginning: Beginning,
): Promise<OpenedFolder> {
  const lockPath = join(folder, "journal.lock");
  const { path, countPath } = pathsIn(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const file of [lockPath, path, countPath]) closeSync(openSync(file, "a", OWNER_ONLY));
  } catch (error) {
    throw new UsageError(folder, "a folder that can be written to", (error as NodeJS.ErrnoException).code ?? error);
  }
  const remedy = "Stop the other hub, or choose another folder. Reading needs no lock.";
  const unlock = await lockFile(folder, lockPath, { openDatabase, remedy });
  try {
    const database = await openDatabase(path);
    try {
      database.exec(`PRAGMA busy_timeout = ${BUSY_WAIT_MS}`);
      // Heard only before the first table is made.
      database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`);
      migrate(database, path, beginning);
      database.exec("PRAGMA journal_mode = WAL");
      mustHave(path, countOf(readHeads(database)), countPath);
      database.exec("PRAGMA query_only = ON");
      return { database, unlock };
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

/** A journal that is open for reading. */
export interface OpenedForReading {
  readonly path: string;
  readonly database: SqlDatabase;
  /** How many entries had been answered for when it was opened; `undefined` when nothing says. */
  readonly answeredFor: number | undefined;
}

/**
 * Opens a journal that others may be writing. Nothing is made or changed.
 * @throws {UsageError} when there is none, or one of another version
 * @throws {StorageError} when it cannot be read
 */
export async function openForReading(folder: string, openDatabase: OpenDatabase): Promise<OpenedForReading> {
  const { path, countPath } = pathsIn(folder);
  if (!existsSync(path)) {
    throw new UsageError(folder, "a folder with a journal.db", "none", "Name the folder that the hub was given.");
  }
  // Before the database is looked into: what comes meanwhile is more, never less.
  const answeredFor = readCount(path, countPath);
  const database = await openDatabase(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_WAIT_MS}; PRAGMA query_only = ON`);
    mustBeCurrent(database, path);
    return { path, database, answeredFor };
  } catch (error) {
    database.close();
    throw error;
  }
}

function readCount(path: string, countPath: string): number | undefined {
  if (!existsSync(countPath)) return undefined;
  const text = readFileSync(countPath, "utf8").trim();
  if (/^\d{0,16}$/.test(text)) return Number(text);
  const remedy = `To go on with what is there, remove ${countPath}.`;
  throw new StorageError(path, "the count of what was answered for cannot be read", "damaged", undefined, remedy);
}

/** A log of SQLite's that was cut off, or that a loss of power has shortened, looks like a shorter one. */
function mustHave(path: string, count: number, countPath: string): void {
  const answeredFor = readCount(path, countPath) ?? 0;
  if (answeredFor <= count) return;
  const known = "readers may then meet numbers they know with other entries";
  const remedy = `To go on with what is there, remove ${countPath}: ${known}.`;
  const reason = `${answeredFor} entries were answered for, and ${count} are there`;
  throw new StorageError(path, reason, "damaged", undefined, remedy);
}

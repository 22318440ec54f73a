/**
 * A data folder: the log of one venue in SQLite.
 *
 *     venue.db      tables `venue` (what it was begun with, until when time has passed) and `entries` (its inputs)
 *     venue.lock    held by the process that uses the folder; the system frees it when the process dies
 *     venue.count   how many entries were answered for
 *
 * Rules kept here
 * - When `commit` returns, everything up to it survives the death of the process; with `full` that of the machine, too.
 * - An entry that was answered for is there, as it was written, or the folder is refused: each has a checksum and a
 *   number without gaps, and the last number is also kept outside of the database, whose own log may be cut off.
 * - A folder is used by one process at a time, and only with the settings and rules with which it was begun.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { StorageError, UsageError } from "../../kernel/errors.ts";
import { lockFile } from "../../kernel/file-lock.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { OpenDatabase, SqlDatabase, SqlRow } from "../../kernel/sql-database.ts";
import { type Beginning, mustFit } from "../keeping/beginning.ts";
import type { KeptVenue, LogEntry } from "../keeping/venue-log.ts";

/** Entries read at once. */
const PAGE_ENTRIES = 5_000;

/** How long a commit waits for another program that looks into the database. */
const BUSY_WAIT_MS = 5_000;

/** Whoever reads the folder can sign for every account of the venue. */
const OWNER_ONLY = 0o600;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS venue (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, args TEXT NOT NULL, outcome TEXT NOT NULL,
    crc INTEGER NOT NULL
  );
`;

/**
 * When an input is safe. `normal`: when the operating system has it, so that no death of the process loses it, but a
 * loss of power may lose the last ones. `full`: when the disk has it.
 */
export type SyncMode = "normal" | "full";

/** How a folder is opened. */
export interface StoreSettings {
  readonly openDatabase: OpenDatabase;
  /** What the venue is begun with, or must have been begun with. */
  readonly beginning: Beginning;
  readonly sync: SyncMode;
}

/** A venue that is kept in a folder. */
export interface VenueStore extends KeptVenue {
  /** Gives the folder back. Nothing may be committed after it. */
  close(): void;
}

/**
 * Opens a data folder, or begins a new one.
 * @throws {UsageError} when another process uses it, it was begun with other settings or rules, or it cannot be made
 * @throws {StorageError} when it is damaged or the disk fails
 */
export async function openVenueStore(
  folder: string,
  { openDatabase, beginning, sync }: StoreSettings,
): Promise<VenueStore> {
  const unlock = await lock(folder, openDatabase);
  try {
    const path = join(folder, "venue.db");
    closeSync(openSync(path, "a", OWNER_ONLY));
    const database = await openDatabase(path);
    try {
      prepare(database, sync);
      const begun = readBeginning(database, path);
      if (begun === undefined) writeBeginning(database, beginning);
      else mustFit(folder, begun, beginning);
      return new FolderStore({ folder, path, database, unlock, openedAt: (begun ?? beginning).openedAt });
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Locks of files end with their process, however it ends. */
async function lock(folder: string, openDatabase: OpenDatabase): Promise<() => void> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    closeSync(openSync(join(folder, "venue.lock"), "a", OWNER_ONLY));
  } catch (error) {
    throw new UsageError(folder, "a folder that can be written to", (error as NodeJS.ErrnoException).code ?? error);
  }
  const remedy = "Stop the other paper venue, or choose another folder.";
  return lockFile(folder, join(folder, "venue.lock"), { openDatabase, remedy });
}

function prepare(database: SqlDatabase, sync: SyncMode): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_WAIT_MS}`);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec(`PRAGMA synchronous = ${sync === "full" ? "FULL" : "NORMAL"}`);
  database.exec(SCHEMA);
}

function readBeginning(database: SqlDatabase, path: string): Beginning | undefined {
  const rows = database.prepare("SELECT name, value FROM venue").all();
  if (rows.length === 0) return undefined;
  const values = new Map(rows.map(({ name, value }) => [String(name), String(value)]));
  const [format = 0, rules = 0, openedAt = 0] = ["format", "rules", "openedAt"].map((name) => Number(values.get(name)));
  const version = values.get("listenkey");
  const settings = parsed(values.get("settings"));
  if (![format, rules, openedAt].every(Number.isSafeInteger) || version === undefined) {
    throw damaged(path, "it does not say what it was begun with");
  }
  if (settings === undefined) throw damaged(path, "the settings it was begun with cannot be read");
  return { format, rules, version, settings, openedAt: openedAt as TransactMs };
}

function parsed(text: string | undefined): Beginning["settings"] | undefined {
  try {
    return JSON.parse(text ?? "") as Beginning["settings"];
  } catch {
    return undefined;
  }
}

function writeBeginning(database: SqlDatabase, { format, rules, version, settings, openedAt }: Beginning): void {
  const insert = database.prepare("INSERT INTO venue (name, value) VALUES (?, ?)");
  database.exec("BEGIN");
  for (const [name, value] of [
    ["format", String(format)],
    ["rules", String(rules)],
    ["listenkey", version],
    ["openedAt", String(openedAt)],
    ["reached", String(openedAt)],
    ["settings", JSON.stringify(settings)],
  ] as const) {
    insert.run(name, value);
  }
  database.exec("COMMIT");
}

function damaged(path: string, reason: string): StorageError {
  const remedy = "Put back a copy of the folder, or start with another folder.";
  return new StorageError(path, reason, "damaged", undefined, remedy);
}

interface FolderParts {
  readonly folder: string;
  readonly path: string;
  readonly database: SqlDatabase;
  readonly unlock: () => void;
  readonly openedAt: TransactMs;
}

class FolderStore implements VenueStore {
  readonly openedAt: TransactMs;
  readonly reached: TransactMs;
  readonly log: KeptVenue["log"];
  readonly #parts: FolderParts;
  readonly #insert;
  readonly #pass;
  readonly #counter: number;
  #pending: LogEntry[] = [];
  #reached: TransactMs | undefined;
  #count: number;

  constructor(parts: FolderParts) {
    const { database, folder, path } = parts;
    this.#parts = parts;
    this.openedAt = parts.openedAt;
    this.#insert = database.prepare(
      "INSERT INTO entries (seq, at, what, args, outcome, crc) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#pass = database.prepare("UPDATE venue SET value = ? WHERE name = 'reached'");
    const [last] = database.prepare("SELECT coalesce(max(seq), 0) AS count FROM entries").all();
    this.#count = Number(last?.count);
    const counterPath = join(folder, "venue.count");
    mustHave(path, this.#count, counterPath);
    const [reached] = database.prepare("SELECT value FROM venue WHERE name = 'reached'").all();
    this.reached = Number(reached?.value) as TransactMs;
    if (!Number.isSafeInteger(this.reached)) throw damaged(path, "it does not say until when time has passed");
    this.#counter = openSync(counterPath, existsSync(counterPath) ? "r+" : "w", OWNER_ONLY);
    this.log = {
      append: (entry) => void this.#pending.push(entry),
      reached: (time) => {
        this.#reached = time;
      },
      commit: () => this.#commit(),
    };
  }

  get entries(): Iterable<LogEntry> {
    return this.#read();
  }

  close(): void {
    closeSync(this.#counter);
    // Leaves one file, and nothing to recover.
    this.#parts.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    this.#parts.database.close();
    this.#parts.unlock();
  }

  *#read(): Generator<LogEntry> {
    const { database, path } = this.#parts;
    const page = database.prepare(`SELECT * FROM entries WHERE seq > ? ORDER BY seq LIMIT ${PAGE_ENTRIES}`);
    let seq = 0;
    for (let rows = page.all(0); rows.length > 0; rows = page.all(seq)) {
      for (const row of rows) {
        seq++;
        if (row.seq !== seq) throw damaged(path, `expected entry ${seq}, found entry ${row.seq}`);
        yield entryOf(row, path);
      }
    }
    if (seq !== this.#count) throw damaged(path, `expected ${this.#count} entries, found ${seq}`);
  }

  #commit(): void {
    const pending = this.#pending;
    const reached = this.#reached;
    if (pending.length === 0 && reached === undefined) return;
    const { database } = this.#parts;
    const isOne = pending.length + (reached === undefined ? 0 : 1) === 1;
    if (!isOne) database.exec("BEGIN");
    for (const { at, what, args, outcome } of pending) {
      const seq = ++this.#count;
      this.#insert.run(seq, at, what, args, outcome, checksum(seq, at, what, args, outcome));
    }
    if (reached !== undefined) this.#pass.run(String(reached));
    if (!isOne) database.exec("COMMIT");
    if (pending.length > 0) writeSync(this.#counter, String(this.#count).padEnd(16), 0);
    this.#pending = [];
    this.#reached = undefined;
  }
}

function entryOf(row: SqlRow, path: string): LogEntry {
  const { seq, at, what, args, outcome, crc } = row;
  if (crc !== checksum(seq, at, what, args, outcome)) throw damaged(path, `entry ${seq} is not as it was written`);
  return { at: at as TransactMs, what: String(what), args: String(args), outcome: outcome as LogEntry["outcome"] };
}

function checksum(...columns: readonly (string | number | null | undefined)[]): number {
  return crc32(columns.join("\n"));
}

/** A log of SQLite's that was cut off, or that a loss of power has shortened, looks like a shorter one. */
function mustHave(path: string, count: number, counterPath: string): void {
  if (!existsSync(counterPath)) return;
  const text = readFileSync(counterPath, "utf8").trim();
  // Empty when the process died before its first entry.
  const answered = Number(text);
  if (/^\d*$/.test(text) && answered <= count) return;
  const remedy = `To go on with what is there, remove ${counterPath}.`;
  const reason = `${text} entries were answered for, and ${count} are there`;
  throw new StorageError(path, reason, "damaged", undefined, remedy);
}

/**
 * The tables, and how those of older versions become those of today. Pure. Described for users in docs/journal.md; a
 * change is a new migration at the end, never a change of one that was published.
 */
import { StorageError, UsageError } from "../kernel/errors.ts";
import type { SqlDatabase } from "../kernel/sql-database.ts";

/** In the head of the file, for programs that want to know what it is: "LKJR". */
const APPLICATION_ID = 0x4c4b4a52;

/** The one at place n makes version n + 1 of version n. Version 0 is an empty file. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE journal (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL UNIQUE,
    removed_seq INTEGER NOT NULL DEFAULT 0,
    removed_digest TEXT NOT NULL
  );
  CREATE TABLE entries (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    origin TEXT,
    event TEXT,
    symbol TEXT,
    event_at INTEGER,
    transact_at INTEGER,
    record TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (account_id, seq)
  );
  CREATE TABLE snapshots (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    as_of_seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (account_id, as_of_seq)
  );
  CREATE VIEW records AS
    SELECT account, seq, at, kind, origin, event, symbol, event_at, transact_at, record, digest
    FROM entries JOIN accounts ON accounts.id = entries.account_id;
  `,
];

/** What a new journal is made with. */
export interface Beginning {
  /** By our wall clock. */
  readonly createdAt: number;
  /** Of listenkey. */
  readonly version: string;
}

/**
 * Brings the tables to the newest version, each step whole or not at all; makes them in an empty file.
 * @param path for errors
 * @throws {UsageError} when the file is no journal, or one of a newer version
 * @throws {StorageError} when it cannot be written
 */
export function migrate(
  database: SqlDatabase,
  path: string,
  beginning: Beginning,
  migrations: readonly string[] = MIGRATIONS,
): void {
  for (let version = mustBeJournal(database, path, migrations.length); version < migrations.length; version++) {
    transact(database, () => {
      database.exec(migrations[version] ?? "");
      database.exec(`PRAGMA user_version = ${version + 1}; PRAGMA application_id = ${APPLICATION_ID}`);
      if (version === 0) begin(database, beginning);
    });
  }
}

/** @throws {UsageError} when the tables are not those of today */
export function mustBeCurrent(database: SqlDatabase, path: string): void {
  const version = mustBeJournal(database, path, MIGRATIONS.length);
  if (version === MIGRATIONS.length) return;
  const remedy = "Open it once with a hub of this version, which brings it up to date.";
  throw new UsageError(path, `a journal of version ${MIGRATIONS.length}`, version, remedy);
}

/** Does all of the work or none of it. @throws {StorageError} when it could not be committed */
export function transact<T>(database: SqlDatabase, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** Reads as of one moment. @throws {StorageError} when it cannot be read */
export function atOnce<T>(database: SqlDatabase, work: () => T): T {
  database.exec("BEGIN");
  try {
    return work();
  } finally {
    rollBack(database);
  }
}

/** SQLite has rolled back by itself after some failures; to do it again is an error it does not mean. */
function rollBack(database: SqlDatabase): void {
  try {
    database.exec("ROLLBACK");
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
}

function mustBeJournal(database: SqlDatabase, path: string, newest: number): number {
  const [id, version, tables] = ["PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema"]
    .map((sql) => Object.values(database.prepare(sql).all()[0] ?? {})[0])
    .map(Number);
  const isEmpty = id === 0 && version === 0 && tables === 0;
  if (!isEmpty && id !== APPLICATION_ID) {
    throw new UsageError(path, "a journal", "a database of something else", "Choose another folder.");
  }
  if (version === undefined || version > newest) {
    const remedy = "Use the version of listenkey that wrote it, or a later one.";
    throw new UsageError(path, `a journal of version ${newest} or older`, version, remedy);
  }
  return version;
}

function begin(database: SqlDatabase, { createdAt, version }: Beginning): void {
  const insert = database.prepare("INSERT INTO journal (name, value) VALUES (?, ?)");
  insert.run("created", String(createdAt));
  insert.run("listenkey", version);
}

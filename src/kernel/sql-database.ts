/**
 * A database in one file, as a port. Pure; `io/sqlite.ts` is the real one. Calls are synchronous: what `run` was asked
 * for is done when it returns.
 */

/** What a column may hold here. Integers stay below 2^53. */
export type SqlValue = string | number | null;

/** One row: column → value. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** A statement that was prepared once. */
export interface SqlStatement {
  /** @throws {StorageError} when it cannot be carried out */
  run(...values: readonly SqlValue[]): void;
  /** All rows at once. @throws {StorageError} when they cannot be read */
  all(...values: readonly SqlValue[]): SqlRow[];
}

/** One database file. */
export interface SqlDatabase {
  /** Runs statements without values. @throws {StorageError} when one cannot be carried out */
  exec(sql: string): void;
  /** @throws {StorageError} when the statement is wrong or the file is not a database */
  prepare(sql: string): SqlStatement;
  /** Gives the file back. */
  close(): void;
}

/**
 * Opens a database file; makes it when there is none.
 * @throws {UsageError} when there is no library for it
 * @throws {StorageError} when the file cannot be opened
 */
export type OpenDatabase = (path: string) => Promise<SqlDatabase>;

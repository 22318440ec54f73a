/**
 * SQLite, by whichever library this Node has: its own `node:sqlite` where that needs no flag (22.13 and later), else
 * the optional package `libsql`. Both are loaded when a database is opened, so that who opens none pays for none.
 *
 * Calls are synchronous: what `run` was asked for is done when it returns.
 */
import { StorageError, UsageError } from "../errors.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "../sql-database.ts";

/** What both libraries offer. */
interface Library {
  exec(sql: string): unknown;
  prepare(sql: string): { run(...values: unknown[]): unknown; all(...values: unknown[]): unknown[] };
  close(): void;
}

type LibraryClass = new (path: string) => Library;

interface Loaded {
  readonly library: LibraryClass;
  /** What a statement is given. libsql takes a list as it is; several hundred arguments it copies one by one. */
  readonly given: (values: readonly SqlValue[]) => readonly unknown[];
}

/**
 * Opens a database file; makes it when there is none.
 * @throws {UsageError} when neither library is there
 * @throws {StorageError} when the file cannot be opened
 */
export async function openSqlite(path: string): Promise<SqlDatabase> {
  const { library, given } = await loadLibrary();
  const database = guarded(path, () => new library(path));
  return {
    exec: (sql) => void guarded(path, () => database.exec(sql)),
    prepare(sql) {
      const statement = guarded(path, () => database.prepare(sql));
      return {
        run: (...values) => void guarded(path, () => statement.run(...given(values))),
        all: (...values) => guarded(path, () => statement.all(...given(values))) as SqlRow[],
      };
    },
    close: () => guarded(path, () => database.close()),
  };
}

async function loadLibrary(): Promise<Loaded> {
  const builtin = withoutWarnings(() => process.getBuiltinModule("node:sqlite")) as
    | { readonly DatabaseSync: LibraryClass }
    | undefined;
  if (builtin !== undefined) return { library: builtin.DatabaseSync, given: (values) => values };
  try {
    const { default: libsql } = await import("libsql");
    return { library: libsql as unknown as LibraryClass, given: (values) => [values] };
  } catch (error) {
    const remedy = "Install the optional package libsql, or run Node 22.13 or later, which has SQLite built in.";
    throw new UsageError("SQLite", "node:sqlite or the package libsql", (error as NodeJS.ErrnoException).code, remedy);
  }
}

/** Node 22 warns on standard error that it may change. That is for us to know, and not for who reads an export. */
function withoutWarnings<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Both libraries throw errors of their own; the name of the condition is all that matters. */
function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new StorageError(path, (error as Error).message, conditionOf(error as LibraryError), error);
  }
}

/** libsql names the condition in `code`, node:sqlite numbers it in `errcode`, where the lowest byte is the kind. */
interface LibraryError {
  readonly code?: string;
  readonly errcode?: number;
}

const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

function conditionOf({ code = "", errcode = 0 }: LibraryError): StorageError["condition"] {
  const kind = errcode & 0xff;
  if (kind === BUSY || code.startsWith("SQLITE_BUSY")) return "busy";
  if (kind === CORRUPT || kind === NOT_A_DATABASE) return "damaged";
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB" ? "damaged" : "failed";
}

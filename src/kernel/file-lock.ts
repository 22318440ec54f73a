/**
 * A file as a lock between processes. Pure: SQLite is the port, whose locks end with their process, however it ends.
 */
import { StorageError, UsageError } from "./errors.ts";
import type { OpenDatabase } from "./sql-database.ts";

/**
 * Takes the lock, until what is returned is called.
 * @param folder what it protects, for errors
 * @param path of the lock's own file
 * @param remedy what to do when another process has it
 * @throws {UsageError} when another process has it
 * @throws {StorageError} when the file cannot be opened
 */
export async function lockFile(
  folder: string,
  path: string,
  { openDatabase, remedy }: { readonly openDatabase: OpenDatabase; readonly remedy: string },
): Promise<() => void> {
  const database = await openDatabase(path);
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!(error instanceof StorageError) || error.condition !== "busy") throw error;
    throw new UsageError(folder, "a folder that no other process uses", "one that is in use", remedy);
  }
  return () => {
    database.exec("ROLLBACK");
    database.close();
  };
}

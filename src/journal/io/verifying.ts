/** Verifies the journal of a folder: opens it for reading, whoever writes it meanwhile. */
import type { OpenDatabase } from "../../kernel/sql-database.ts";
import { migrate } from "../schema.ts";
import { type Finding, type KnownDigest, type VerifiedAccount, verifyAccounts, verifyFile } from "../verification.ts";
import { openForReading } from "./journal-folder.ts";
import { fromHex, sha256 } from "./sha256.ts";

/** What was found in a folder. */
export interface Verification {
  readonly path: string;
  /** By name. */
  readonly accounts: readonly VerifiedAccount[];
  /** All that is wrong, in the order in which it was found: the file, the accounts, all of them together. */
  readonly findings: readonly Finding[];
}

/**
 * Looks through all of it.
 * @param onAccount called after each account; may take its time
 * @param onProgress called now and then, with how many entries were looked at and how many were answered for, if that
 *   is known: may take its time, and what it throws ends the work
 * @throws {UsageError} when there is no journal, or one of another version
 * @throws {StorageError} when it cannot be opened at all
 */
export async function verifyFolder(
  folder: string,
  {
    openDatabase,
    known = [],
    onAccount = async () => {},
    onProgress = async () => {},
  }: {
    readonly openDatabase: OpenDatabase;
    readonly known?: readonly KnownDigest[];
    readonly onAccount?: (account: VerifiedAccount) => Promise<void>;
    readonly onProgress?: (entries: number, answeredFor: number | undefined) => Promise<void>;
  },
): Promise<Verification> {
  const { path, database, answeredFor } = await openForReading(folder, openDatabase);
  const fresh = await openDatabase(":memory:");
  try {
    migrate(fresh, path, { createdAt: 0, version: "" });
    const accounts: VerifiedAccount[] = [];
    await onProgress(0, answeredFor);
    const findings = verifyFile(database, fresh);
    const run = verifyAccounts(database, { digest: sha256, fromHex, answeredFor, known });
    for (let step = run.next(); ; step = run.next()) {
      if (step.done) return { path, accounts, findings: [...findings, ...step.value] };
      if ("entries" in step.value) {
        await onProgress(step.value.entries, answeredFor);
        continue;
      }
      accounts.push(step.value);
      findings.push(...step.value.findings);
      await onAccount(step.value);
    }
  } finally {
    fresh.close();
    database.close();
  }
}

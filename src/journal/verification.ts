/**
 * Proves that a journal is whole: of each account every entry from the first that is kept is there, follows the one
 * before it, and is as it was written. What retention removed is no fault: the chain begins with the digest before it.
 * Pure.
 */
import { StorageError } from "../kernel/errors.ts";
import type { SqlDatabase } from "../kernel/sql-database.ts";
import { type Digest, digestText } from "./digests.ts";
import type { StoredEntry } from "./entry.ts";
import { EntryReader } from "./entry-reader.ts";

/** Something that is not as it must be. */
export interface Finding {
  /** `undefined` when it is about the file. */
  readonly account?: string;
  /** The entry it is about; `undefined` when it is about no single one. */
  readonly seq?: number;
  /** What is wrong, in words. */
  readonly what: string;
}

/** One account that was looked through. */
export interface VerifiedAccount {
  readonly account: string;
  /** 1, or where the entries begin after retention. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Of the last entry: kept elsewhere, it proves later that nothing up to it was changed. */
  readonly digest: string;
  readonly findings: readonly Finding[];
}

/** Follows the chain of one account. */
export class ChainCheck {
  readonly findings: Finding[] = [];
  readonly #account: string;
  readonly #digest: Digest;
  #seq: number;
  #previous: string;

  /** @param begins the entry before the first, and its digest */
  constructor(account: string, begins: { readonly seq: number; readonly digest: string }, digest: Digest) {
    this.#account = account;
    this.#digest = digest;
    this.#seq = begins.seq;
    this.#previous = begins.digest;
  }

  /** The last entry that was looked at, or what stood before the first. */
  get last(): { readonly seq: number; readonly digest: string } {
    return { seq: this.#seq, digest: this.#previous };
  }

  /** Looks at the next entry. After a missing one the chain cannot be followed; it goes on behind the hole. */
  next(entry: StoredEntry): void {
    const due = this.#seq + 1;
    if (entry.seq !== due) {
      const until = entry.seq - 1;
      this.#find(due, until === due ? "is missing" : `is missing, and so are all up to entry ${until}`);
    } else if (this.#digest(digestText(this.#previous, entry)) !== entry.digest) {
      this.#find(entry.seq, "is not as it was written: its digest does not fit");
    }
    // What its own row says, so that one changed entry is one finding.
    this.#seq = entry.seq;
    this.#previous = entry.digest;
  }

  /** Retention has removed entries meanwhile: goes on from there. */
  skipTo(begins: { readonly seq: number; readonly digest: string }): void {
    this.#seq = begins.seq;
    this.#previous = begins.digest;
  }

  #find(seq: number, what: string): void {
    this.findings.push({ account: this.#account, seq, what });
  }
}

/** Looks through all accounts, one after the other. A writer may go on meanwhile: what it adds is looked at, too. */
export function* verifyAccounts(database: SqlDatabase, digest: Digest): Generator<VerifiedAccount> {
  const reader = new EntryReader(database);
  for (const account of reader.accounts()) yield verifyAccount(reader, account, digest);
}

/** What SQLite itself finds wrong with the file, and entries that belong to no account. Reads everything. */
export function verifyFile(database: SqlDatabase): Finding[] {
  const orphans = "SELECT DISTINCT account_id FROM entries WHERE account_id NOT IN (SELECT id FROM accounts)";
  try {
    const said = database.prepare("PRAGMA integrity_check").all();
    const faults = said.map((row) => String(Object.values(row)[0])).filter((line) => line !== "ok");
    const strays = database.prepare(orphans).all();
    return [
      ...faults.map((line) => ({ what: `SQLite finds: ${line}` })),
      ...strays.map(({ account_id }) => ({ what: `entries of an account that is not listed (${account_id})` })),
    ];
  } catch (error) {
    return [unreadable(error)];
  }
}

function verifyAccount(reader: EntryReader, account: string, digest: Digest): VerifiedAccount {
  let firstSeq = 1;
  const first = reader.account(account);
  const begins = { seq: (first?.extent.firstSeq ?? 1) - 1, digest: first?.digestBefore ?? "" };
  const check = new ChainCheck(account, begins, digest);
  try {
    for (let read = reader.after(account, begins.seq); read !== undefined; ) {
      const { row, entries } = read;
      firstSeq = row.extent.firstSeq;
      if (firstSeq - 1 > check.last.seq) check.skipTo({ seq: firstSeq - 1, digest: row.digestBefore });
      for (const entry of entries) check.next(entry);
      read = entries.length === 0 ? undefined : reader.after(account, check.last.seq);
    }
  } catch (error) {
    check.findings.push({ account, seq: check.last.seq + 1, ...unreadable(error) });
  }
  return { account, firstSeq, lastSeq: check.last.seq, digest: check.last.digest, findings: check.findings };
}

function unreadable(error: unknown): Finding {
  if (!(error instanceof StorageError)) throw error;
  return { what: `cannot be read: ${error.message}` };
}

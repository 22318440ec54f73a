/**
 * Proves that a journal is whole: of each account every entry from the first that is kept is there, follows the one
 * before it, and is as it was written, and so are the snapshots. What retention removed is no fault: the chain begins
 * with the digest before it. Pure.
 */
import { StorageError } from "../kernel/errors.ts";
import type { SqlDatabase } from "../kernel/sql-database.ts";
import { type ChainAccount, ChainReader, type FromHex, statementsOf } from "./chain-reader.ts";
import { type Digest, digestText, snapshotDigestText } from "./digests.ts";
import type { StoredEntry } from "./entry.ts";

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
  /** The first ones, at most {@link FINDINGS_MAX}. */
  readonly findings: readonly Finding[];
}

/** A digest that was kept elsewhere. */
export interface KnownDigest {
  readonly account: string;
  readonly seq: number;
  /** 64 hexadecimal digits in lower case. */
  readonly digest: string;
}

/** Findings told of one account: after so many it is clear that it is not whole. */
const FINDINGS_MAX = 20;

/** Follows the chain of one account. */
class ChainCheck {
  readonly findings: Finding[] = [];
  readonly #account: string;
  readonly #digest: Digest;
  /** By `seq`; those that were met are gone. */
  readonly #known: Map<number, string>;
  #seq: number;
  #previous: string;

  /**
   * @param begins the entry before the first, and its digest
   * @param known digests of the account that were kept elsewhere
   */
  constructor(
    account: string,
    begins: { readonly seq: number; readonly digest: string },
    digest: Digest,
    known: readonly KnownDigest[] = [],
  ) {
    this.#account = account;
    this.#digest = digest;
    this.#known = new Map(known.map(({ seq, digest: text }) => [seq, text]));
    this.#seq = begins.seq;
    this.#previous = begins.digest;
    this.#compare();
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
    this.#compare();
  }

  /** Retention has removed entries meanwhile: goes on from there. */
  skipTo(begins: { readonly seq: number; readonly digest: string }): void {
    this.#seq = begins.seq;
    this.#previous = begins.digest;
    this.#compare();
  }

  /** There are no more entries. */
  end(): void {
    for (const [seq] of this.#known) {
      const where = seq > this.#seq ? "is missing" : "was removed by retention";
      this.#find(seq, `${where}: the digest that was kept elsewhere cannot be compared`);
    }
  }

  /** Something else is wrong with the account. */
  find(seq: number, what: string): void {
    this.#find(seq, what);
  }

  #compare(): void {
    const known = this.#known.get(this.#seq);
    if (known === undefined) return;
    this.#known.delete(this.#seq);
    if (known !== this.#previous) this.#find(this.#seq, "has another digest than the one that was kept elsewhere");
  }

  #find(seq: number, what: string): void {
    if (this.findings.length < FINDINGS_MAX) this.findings.push({ account: this.#account, seq, what });
  }
}

/** What is held against a journal. */
export interface Evidence {
  readonly digest: Digest;
  readonly fromHex: FromHex;
  /** How many entries were answered for, over all accounts, as its own count says; `undefined` when it has none. */
  readonly answeredFor: number | undefined;
  /** Digests that were kept elsewhere. */
  readonly known: readonly KnownDigest[];
}

/** How far it is. */
export interface Looked {
  /** Up to so many entries were looked at, over all accounts, with those that retention has removed. */
  readonly entries: number;
}

/**
 * Looks through all accounts, one after the other, page by page, and then says what is wrong with all of them together.
 * A writer may go on meanwhile: what it adds is looked at, too.
 */
export function* verifyAccounts(
  database: SqlDatabase,
  evidence: Evidence,
): Generator<VerifiedAccount | Looked, Finding[]> {
  const { known, answeredFor = 0 } = evidence;
  let count = 0;
  let isWhole = true;
  const accounts: string[] = [];
  try {
    const reader = new ChainReader(database, evidence.fromHex);
    for (const one of reader.accounts()) {
      accounts.push(one.account);
      const verified = yield* verifyAccount(reader, one, evidence, count);
      count += verified.lastSeq;
      isWhole &&= verified.findings.length === 0;
      yield verified;
    }
  } catch (error) {
    return [unreadable(error)];
  }
  const strangers = known.filter(({ account }) => !accounts.includes(account));
  const findings: Finding[] = strangers.map(({ account, seq }) => ({ account, seq, what: "is missing" }));
  if (isWhole && count < answeredFor) {
    findings.push({ what: `${answeredFor} entries were answered for, and ${count} are there: the last ones are lost` });
  }
  return findings;
}

/**
 * What SQLite itself finds wrong with the file, tables that are not as they were made, and rows that belong to no
 * account. Reads everything.
 * @param fresh a journal that was made just now
 */
export function verifyFile(database: SqlDatabase, fresh: SqlDatabase): Finding[] {
  try {
    const made = statementsOf(fresh);
    const found = statementsOf(database);
    if (found.length !== made.length || found.some((statement, i) => statement !== made[i])) {
      return [{ what: "the tables are not those that a journal is made with" }];
    }
    const said = database.prepare("PRAGMA integrity_check").all();
    const faults = said.map((row) => String(Object.values(row)[0])).filter((line) => line !== "ok");
    const strays = ["entries", "snapshots"].filter((table) => {
      const sql = `SELECT 1 FROM ${table} WHERE account_id NOT IN (SELECT id FROM accounts) LIMIT 1`;
      return database.prepare(sql).all().length > 0;
    });
    return [
      ...faults.map((line) => ({ what: `SQLite finds: ${line}` })),
      ...strays.map((table) => ({ what: `there are ${table} of an account that is not listed` })),
    ];
  } catch (error) {
    return [unreadable(error)];
  }
}

function* verifyAccount(
  reader: ChainReader,
  one: ChainAccount,
  { digest, known }: Evidence,
  entriesBefore: number,
): Generator<Looked, VerifiedAccount> {
  const { account } = one;
  let read = reader.after(one, 0);
  let { begins } = read;
  const ofAccount = known.filter((some) => some.account === account);
  const check = new ChainCheck(account, begins, digest, ofAccount);
  try {
    for (; read.entries.length > 0; read = reader.after(one, check.last.seq)) {
      begins = read.begins;
      if (begins.seq > check.last.seq) check.skipTo(begins);
      for (const entry of read.entries) check.next(entry);
      yield { entries: entriesBefore + check.last.seq };
    }
    check.end();
    for (const { before, digest: found, ...snapshot } of reader.snapshots(one)) {
      if (digest(snapshotDigestText(before, snapshot)) === found) continue;
      check.find(snapshot.asOfSeq, "has a snapshot that is not as it was written: its digest does not fit");
    }
  } catch (error) {
    check.find(check.last.seq + 1, unreadable(error).what);
  }
  const { seq: lastSeq, digest: last } = check.last;
  return { account, firstSeq: begins.seq + 1, lastSeq, digest: last, findings: check.findings };
}

function unreadable(error: unknown): Finding {
  if (!(error instanceof StorageError)) throw error;
  return { what: `cannot be read: ${error.message}` };
}

/**
 * Writes entries into the tables, whole groups or nothing. Pure: the database is a port.
 *
 * It is the only writer of its database while it lives, so it knows the last entry of each account by heart. When a
 * group failed it still knows them as they were: {@link EntryWriter.takeBack} makes the tables agree again.
 */
import { assert } from "../kernel/errors.ts";
import type { SqlDatabase, SqlStatement, SqlValue } from "../kernel/sql-database.ts";
import { type Digest, digestText, FIRST_DIGEST, snapshotDigestText } from "./digests.ts";
import { type JournalEntry, SNAPSHOTS_KEPT, type Snapshot } from "./entry.ts";
import { transact } from "./schema.ts";

/** Rows written by one statement, as long as there are so many: the way to SQLite costs as much as the row. */
const ROWS_AT_ONCE = [60, 10, 1] as const;

const COLUMNS = 11;

/** Inserts so many rows. */
function insertInto(rows: number): string {
  const row = `(${new Array(COLUMNS).fill("?").join(", ")})`;
  return `INSERT INTO entries VALUES ${new Array(rows).fill(row).join(", ")}`;
}

/** The last entry of an account. */
export interface Head {
  /** Of the account, in the tables. */
  readonly id: number;
  /** 0 when it has had none. */
  readonly seq: number;
  readonly digest: string;
}

/** The last entry of each account, by account. @throws {StorageError} when they cannot be read */
export function readHeads(database: SqlDatabase): Map<string, Head> {
  const last = database.prepare("SELECT seq, digest FROM entries WHERE account_id = ? ORDER BY seq DESC LIMIT 1");
  const accounts = database.prepare("SELECT id, account, removed_seq, removed_digest FROM accounts ORDER BY id").all();
  return new Map(
    accounts.map(({ id = 0, account, removed_seq, removed_digest }) => {
      const [head] = last.all(id);
      const { seq, digest } = head ?? { seq: removed_seq, digest: removed_digest };
      return [String(account), { id: Number(id), seq: Number(seq), digest: String(digest) }];
    }),
  );
}

/** How many entries were ever appended, over all accounts. */
export function countOf(heads: ReadonlyMap<string, Head>): number {
  return [...heads.values()].reduce((sum, { seq }) => sum + seq, 0);
}

const KEEP_SNAPSHOT =
  "INSERT OR REPLACE INTO snapshots (account_id, as_of_seq, at, text, digest) VALUES (?, ?, ?, ?, ?)";

const FORGET_SNAPSHOTS = `
  DELETE FROM snapshots WHERE account_id = ? AND as_of_seq NOT IN
    (SELECT as_of_seq FROM snapshots WHERE account_id = ? ORDER BY as_of_seq DESC LIMIT ${SNAPSHOTS_KEPT})`;

const ANY_ENTRY = "SELECT seq FROM entries WHERE account_id = ? LIMIT 1";

const BEGIN_AFTER = "UPDATE accounts SET removed_seq = ?, removed_digest = ? WHERE id = ?";

const DIGEST_AT = `
  SELECT digest FROM entries WHERE account_id = ? AND seq = ?
  UNION ALL SELECT removed_digest FROM accounts WHERE id = ? AND removed_seq = ?`;

/** Appends and removes entries in one database, and keeps snapshots. */
export class EntryWriter {
  readonly #database: SqlDatabase;
  readonly #digest: Digest;
  readonly #inserts: readonly { readonly count: number; readonly statement: SqlStatement }[];
  #heads: Map<string, Head>;

  /** @param heads the last entries; those of the tables when absent */
  constructor(database: SqlDatabase, digest: Digest, heads: ReadonlyMap<string, Head> = readHeads(database)) {
    this.#database = database;
    this.#digest = digest;
    this.#heads = new Map(heads);
    this.#inserts = ROWS_AT_ONCE.map((rows) => ({
      count: rows * COLUMNS,
      statement: database.prepare(insertInto(rows)),
    }));
  }

  /** The last entry of each account that is committed. */
  get heads(): ReadonlyMap<string, Head> {
    return this.#heads;
  }

  /**
   * Commits all of them. Each follows the last one of its account.
   * @returns the last entry of each account that got any
   * @throws {StorageError} when it could not be done: none of them is kept
   */
  append(entries: Iterable<JournalEntry>): ReadonlyMap<string, Head> {
    const heads = new Map<string, Head>();
    transact(this.#database, () => {
      let values: SqlValue[] = [];
      for (const entry of entries) {
        const head = heads.get(entry.account) ?? this.#heads.get(entry.account) ?? this.#open(entry.account);
        assert(entry.seq === head.seq + 1, "entries come to the writer in their order");
        const digest = this.#digest(digestText(head.digest, entry));
        heads.set(entry.account, { id: head.id, seq: entry.seq, digest });
        const { seq, at, kind, origin, event, symbol, eventAt, transactAt, record } = entry;
        values.push(head.id, seq, at, kind, origin, event, symbol, eventAt, transactAt, record, digest);
        if (values.length < ROWS_AT_ONCE[0] * COLUMNS) continue;
        this.#insert(values);
        values = [];
      }
      this.#insert(values);
    });
    for (const [account, head] of heads) this.#heads.set(account, head);
    return heads;
  }

  /**
   * The first entry of an account will follow this one, of which nothing is known: its digest is that before any entry.
   * @returns false when the account has entries, and nothing was changed
   * @throws {StorageError} when it could not be done: all stays as it was
   */
  begin(account: string, afterSeq: number): boolean {
    const head = transact(this.#database, () => {
      const { id } = this.#heads.get(account) ?? this.#open(account);
      if (this.#database.prepare(ANY_ENTRY).all(id).length > 0) return undefined;
      this.#database.prepare(BEGIN_AFTER).run(afterSeq, FIRST_DIGEST, id);
      this.#database.prepare("DELETE FROM snapshots WHERE account_id = ?").run(id);
      return { id, seq: afterSeq, digest: FIRST_DIGEST };
    });
    if (head !== undefined) this.#heads.set(account, head);
    return head !== undefined;
  }

  /**
   * Removes the entries of an account up to one of them. The digest of that one is kept: the chain begins there.
   * @throws {StorageError} when it could not be done: all are kept
   */
  remove(account: string, upToSeq: number): void {
    const head = this.#heads.get(account);
    if (head === undefined || upToSeq > head.seq) return;
    transact(this.#database, () => {
      const digest = this.#digestAt(head.id, upToSeq);
      if (digest === undefined) return;
      this.#database.prepare(BEGIN_AFTER).run(upToSeq, digest, head.id);
      this.#database.prepare("DELETE FROM entries WHERE account_id = ? AND seq <= ?").run(head.id, upToSeq);
      this.#database.prepare("DELETE FROM snapshots WHERE account_id = ? AND as_of_seq < ?").run(head.id, upToSeq);
    });
  }

  /**
   * Keeps a snapshot, and of older ones {@link SNAPSHOTS_KEPT} less one.
   * @returns false when there is no such entry (any more), and nothing was kept
   * @throws {StorageError} when it could not be done: all stays as it was
   */
  keepSnapshot(snapshot: Snapshot): boolean {
    const { account, asOfSeq, at, text } = snapshot;
    let opened: Head | undefined;
    const isKept = transact(this.#database, () => {
      const head = this.#heads.get(account);
      if (head === undefined) opened = this.#open(account);
      const { id } = head ?? opened ?? { id: 0 };
      const before = this.#digestAt(id, asOfSeq);
      if (before === undefined) return false;
      const digest = this.#digest(snapshotDigestText(before, snapshot));
      this.#database.prepare(KEEP_SNAPSHOT).run(id, asOfSeq, at, text, digest);
      this.#database.prepare(FORGET_SNAPSHOTS).run(id, id);
      return true;
    });
    if (opened !== undefined) this.#heads.set(account, opened);
    return isKept;
  }

  /**
   * Removes what was written but not answered for: a commit that failed may be found whole when the file is opened
   * again.
   * @throws {StorageError} when it could not be done
   */
  takeBack(): void {
    const written = readHeads(this.#database);
    const beyond = [...written].filter(([account, { seq }]) => seq > (this.#heads.get(account)?.seq ?? 0));
    if (beyond.length > 0) {
      const remove = this.#database.prepare("DELETE FROM entries WHERE account_id = ? AND seq > ?");
      const begin = this.#database.prepare(`${BEGIN_AFTER} AND removed_seq > ?`);
      transact(this.#database, () => {
        for (const [account, { id }] of beyond) {
          const { seq, digest } = this.#heads.get(account) ?? { seq: 0, digest: FIRST_DIGEST };
          remove.run(id, seq);
          begin.run(seq, digest, id, seq);
        }
      });
    }
    this.#heads = readHeads(this.#database);
  }

  #insert(values: readonly SqlValue[]): void {
    let at = 0;
    for (const { count, statement } of this.#inserts) {
      for (; values.length - at >= count; at += count) statement.run(...values.slice(at, at + count));
    }
  }

  #digestAt(id: number, seq: number): string | undefined {
    const [row] = this.#database.prepare(DIGEST_AT).all(id, seq, id, seq);
    return row === undefined ? undefined : String(row.digest);
  }

  #open(account: string): Head {
    const digest = FIRST_DIGEST;
    this.#database.prepare("INSERT INTO accounts (account, removed_digest) VALUES (?, ?)").run(account, digest);
    const [row] = this.#database.prepare("SELECT id FROM accounts WHERE account = ?").all(account);
    return { id: Number(row?.id), seq: 0, digest };
  }
}

/**
 * Reads what is to be verified, and believes nothing of it: a damaged file may hold bytes that are no text, and numbers
 * where texts were. libsql ends the process when it is to give such a text, so every text is asked for in hexadecimal
 * digits, and every number only where there is one. Pure: the database is a port.
 */
import type { EventMs, TransactMs, WallMs } from "../kernel/scalars.ts";
import type { SqlDatabase, SqlStatement, SqlValue } from "../kernel/sql-database.ts";
import type { Snapshot, StoredEntry } from "./entry.ts";
import { PAGE_ENTRIES_MAX } from "./journal.ts";
import { chunked } from "./page-rows.ts";
import { atOnce } from "./schema.ts";

/** The text of UTF-8 that is given in hexadecimal digits; `undefined` when it is none. */
export type FromHex = (hex: string) => string | undefined;

/** Stands for bytes that are no text: no text that is kept holds it. */
const NO_TEXT = "\0";

const text = (column: string, name = column) =>
  `CASE typeof(${column}) WHEN 'text' THEN hex(${column}) WHEN 'null' THEN NULL ELSE '00' END AS ${name}`;
const whole = (column: string, name = column) => `iif(typeof(${column}) = 'integer', ${column}, NULL) AS ${name}`;

const ACCOUNTS = `SELECT id, ${text("account")} FROM accounts ORDER BY account`;

const BEGINS = `SELECT ${whole("removed_seq")}, ${text("removed_digest")} FROM accounts WHERE id = ?`;

const ENTRIES = `
  SELECT ${whole("seq")}, ${whole("at")}, ${text("kind")}, ${text("origin")}, ${text("event")}, ${text("symbol")},
    ${whole("event_at")}, ${whole("transact_at")}, ${text("record")}, ${text("digest")}
  FROM entries WHERE account_id = ? AND seq > ? ORDER BY seq LIMIT ?`;

const SNAPSHOTS = `
  SELECT ${whole("as_of_seq")}, ${whole("snapshots.at", "at")}, ${text("text")}, ${text("snapshots.digest", "digest")},
    ${text("coalesce(entries.digest, removed_digest)", "before")}
  FROM accounts JOIN snapshots ON snapshots.account_id = id
    LEFT JOIN entries ON entries.account_id = id AND entries.seq = as_of_seq
  WHERE id = ? ORDER BY as_of_seq DESC`;

/** The statements that made the tables, in hexadecimal digits. @throws {StorageError} when they cannot be read */
export function statementsOf(database: SqlDatabase): readonly string[] {
  return database
    .prepare("SELECT hex(type || name || tbl_name || coalesce(sql, '')) AS made FROM sqlite_schema ORDER BY rowid")
    .all()
    .map(({ made }) => String(made));
}

/** An account, as the tables know it. */
export interface ChainAccount {
  readonly id: number;
  readonly account: string;
}

/** The entry before the first that is kept. */
export interface ChainBeginning {
  readonly seq: number;
  readonly digest: string;
}

/** A snapshot as it is kept. */
export interface StoredSnapshot extends Snapshot {
  /** Of it, and of the entry it is as of. */
  readonly digest: string;
  /** The digest of the entry it is as of. */
  readonly before: string;
}

/** Reads chains. All of it throws {@link StorageError} when the file cannot be read. */
export class ChainReader {
  readonly #database: SqlDatabase;
  readonly #fromHex: FromHex;
  readonly #begins: SqlStatement;
  readonly #entries: SqlStatement;
  readonly #snapshots: SqlStatement;

  constructor(database: SqlDatabase, fromHex: FromHex) {
    this.#database = database;
    this.#fromHex = fromHex;
    this.#begins = database.prepare(BEGINS);
    this.#entries = database.prepare(ENTRIES);
    this.#snapshots = database.prepare(SNAPSHOTS);
  }

  /** By name. */
  accounts(): readonly ChainAccount[] {
    const rows = this.#database.prepare(ACCOUNTS).all();
    return rows.map(({ id, account }) => ({ id: Number(id), account: this.#text(account) ?? NO_TEXT }));
  }

  /** The entries after one with this `seq`, and where the chain begins at that moment. */
  after({ id, account }: ChainAccount, seq: number) {
    return atOnce(this.#database, () => {
      const begins = this.#beginning(id);
      const span = { since: Math.max(seq, begins.seq), upTo: Number.MAX_SAFE_INTEGER, limit: PAGE_ENTRIES_MAX };
      const { rows } = chunked(span, (from, count) => this.#entries.all(id, from, count));
      return { begins, entries: rows.map((row) => this.#entry(account, row)) };
    });
  }

  /** Newest first. */
  snapshots({ id, account }: ChainAccount): readonly StoredSnapshot[] {
    return this.#snapshots.all(id).map((row) => ({
      account,
      asOfSeq: Number(row.as_of_seq),
      at: Number(row.at) as WallMs,
      text: this.#text(row.text) ?? "",
      digest: this.#text(row.digest) ?? "",
      before: this.#text(row.before) ?? "",
    }));
  }

  #beginning(id: number): ChainBeginning {
    const [row] = this.#begins.all(id);
    return { seq: Number(row?.removed_seq ?? 0), digest: this.#text(row?.removed_digest) ?? "" };
  }

  #entry(account: string, row: Readonly<Record<string, SqlValue>>): StoredEntry {
    return {
      account,
      seq: Number(row.seq),
      at: Number(row.at) as WallMs,
      kind: this.#text(row.kind) ?? "",
      origin: this.#text(row.origin),
      event: this.#text(row.event),
      symbol: this.#text(row.symbol),
      eventAt: row.event_at as EventMs | null,
      transactAt: row.transact_at as TransactMs | null,
      record: this.#text(row.record) ?? "",
      digest: this.#text(row.digest) ?? "",
    };
  }

  #text(value: SqlValue | undefined): string | null {
    if (typeof value !== "string") return null;
    return this.#fromHex(value) ?? NO_TEXT;
  }
}

/** Reads entries from the tables, page by page, and snapshots. Pure: the database is a port. */
import { StorageError } from "../kernel/errors.ts";
import type { EventMs, TransactMs, WallMs } from "../kernel/scalars.ts";
import type { SqlDatabase, SqlRow, SqlStatement, SqlValue } from "../kernel/sql-database.ts";
import type { StoredSnapshot } from "./chain-reader.ts";
import { type Extent, NOTHING, placeOfCursor } from "./cursor.ts";
import type { JournalEntry } from "./entry.ts";
import type { EntryFilter, ReadAnswer, ReadRequest } from "./journal.ts";
import { chunked } from "./page-rows.ts";
import { atOnce } from "./schema.ts";

/** A page with a filter ends once so many entries were looked at: it may be empty, and still lead on. */
const LOOKED_AT_MAX = 50_000;

const COLUMNS = "seq, at, kind, origin, event, symbol, event_at, transact_at, record";

const PAGE = "FROM entries WHERE account_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?";

const ALL = `SELECT ${COLUMNS} ${PAGE}`;

const SOME = `
  SELECT ${COLUMNS} FROM entries WHERE account_id = ? AND seq > ? AND seq <= ?
    AND (? IS NULL OR kind IN (SELECT value FROM json_each(?)))
    AND (? IS NULL OR event IS NULL OR event IN (SELECT value FROM json_each(?)))
    AND (? IS NULL OR symbol IS NULL OR symbol IN (SELECT value FROM json_each(?)))
  ORDER BY seq LIMIT ?`;

const ACCOUNT = `
  SELECT id, removed_seq, removed_digest,
    (SELECT seq FROM entries WHERE account_id = id ORDER BY seq DESC LIMIT 1) AS last_seq,
    (SELECT at FROM entries WHERE account_id = id ORDER BY seq LIMIT 1) AS first_at,
    (SELECT min(as_of_seq) FROM snapshots WHERE account_id = id) AS snapshot_seq
  FROM accounts WHERE account = ?`;

const YOUNG = `
  SELECT min(seq) AS seq FROM
    (SELECT seq, at FROM entries WHERE account_id = ? AND seq > ? ORDER BY seq LIMIT ?) WHERE at >= ?`;

const SNAPSHOTS = `
  SELECT as_of_seq, snapshots.at, text, snapshots.digest, coalesce(entries.digest, removed_digest) AS before
  FROM accounts JOIN snapshots ON snapshots.account_id = id
    LEFT JOIN entries ON entries.account_id = id AND entries.seq = as_of_seq
  WHERE account = ? ORDER BY as_of_seq DESC`;

/** What the tables say of one account. */
export interface AccountRow {
  readonly id: number;
  readonly extent: Extent;
  /** The digest before `extent.firstSeq`. */
  readonly digestBefore: string;
  /** When its oldest entry was recorded, by our wall clock; `undefined` when it has none. */
  readonly firstAt: WallMs | undefined;
  /** What its oldest snapshot is as of; `undefined` when it has none. */
  readonly snapshotSeq: number | undefined;
}

/** Up to where one may read: the newest entry of an account that was answered for; `undefined` when all were. */
export type AnsweredFor = (account: string) => number | undefined;

/** Reads one database. */
export class EntryReader {
  readonly #database: SqlDatabase;
  readonly #answeredFor: AnsweredFor;
  readonly #accounts: SqlStatement;
  readonly #account: SqlStatement;
  readonly #all: SqlStatement;
  readonly #some: SqlStatement;
  readonly #young: SqlStatement;
  readonly #snapshots: SqlStatement;

  constructor(database: SqlDatabase, answeredFor: AnsweredFor = () => undefined) {
    this.#database = database;
    this.#answeredFor = answeredFor;
    this.#accounts = database.prepare("SELECT account FROM accounts ORDER BY account");
    this.#account = database.prepare(ACCOUNT);
    this.#all = database.prepare(ALL);
    this.#some = database.prepare(SOME);
    this.#young = database.prepare(YOUNG);
    this.#snapshots = database.prepare(SNAPSHOTS);
  }

  /** By name. @throws {StorageError} when they cannot be read */
  accounts(): readonly string[] {
    return this.#accounts.all().map(({ account }) => String(account));
  }

  /** What is kept of an account. @throws {StorageError} when it cannot be read */
  extent(account: string): Extent {
    return this.account(account)?.extent ?? NOTHING;
  }

  /** What the tables say of an account; `undefined` when it has never had an entry. */
  account(account: string): AccountRow | undefined {
    const [row] = this.#account.all(account);
    if (row === undefined) return undefined;
    const { id, removed_seq, removed_digest, last_seq, first_at, snapshot_seq } = row;
    const removed = Number(removed_seq);
    const lastSeq = Math.min(Number(last_seq ?? removed), this.#answeredFor(account) ?? Number.MAX_SAFE_INTEGER);
    const firstAt = first_at === null ? undefined : (Number(first_at) as WallMs);
    const extent = { firstSeq: removed + 1, lastSeq };
    const snapshotSeq = typeof snapshot_seq === "number" ? snapshot_seq : undefined;
    return { id: Number(id), extent, digestBefore: String(removed_digest), firstAt, snapshotSeq };
  }

  /** The snapshots of an account, newest first. @throws {StorageError} when they cannot be read */
  snapshots(account: string): readonly StoredSnapshot[] {
    return this.#snapshots.all(account).map(({ as_of_seq, at, text, digest, before }) => ({
      account,
      asOfSeq: Number(as_of_seq),
      at: Number(at) as WallMs,
      text: String(text),
      digest: String(digest),
      before: String(before),
    }));
  }

  /**
   * The first of an account's oldest entries that was recorded at a time or later; the one after them when none was.
   * @param lookAtMax so many entries are looked at
   * @throws {StorageError} when they cannot be read
   */
  firstYoung({ id, extent }: AccountRow, from: WallMs, lookAtMax: number): number {
    const [row] = this.#young.all(id, extent.firstSeq - 1, lookAtMax, from);
    return typeof row?.seq === "number" ? row.seq : Math.min(extent.firstSeq + lookAtMax, extent.lastSeq + 1);
  }

  /** What the tables take, in bytes, and the pages of the file that nothing is in. */
  size(): { readonly bytes: number; readonly freePages: number } {
    const [pages = 0, freePages = 0, pageBytes = 0] = ["page_count", "freelist_count", "page_size"].map((name) =>
      Number(Object.values(this.#database.prepare(`PRAGMA ${name}`).all()[0] ?? {})[0]),
    );
    return { bytes: (pages - freePages) * pageBytes, freePages };
  }

  /** One page of one account. @throws {StorageError} when it cannot be read, or an entry is missing */
  read(request: ReadRequest): ReadAnswer {
    return atOnce(this.#database, () => {
      const row = this.account(request.account);
      const extent = row?.extent ?? NOTHING;
      const place = placeOfCursor(request.since, extent);
      if (place !== "kept") return { is: place, extent };
      if (row === undefined) return { is: "page", entries: [], cursor: 0, extent };
      return { is: "page", ...(request.filter === undefined ? this.#whole : this.#filtered)(row, request), extent };
    });
  }

  readonly #whole = ({ id, extent }: AccountRow, { account, since, limit }: ReadRequest) => {
    const span = { since, upTo: extent.lastSeq, limit };
    const { rows, cursor } = chunked(span, (from, count) => this.#all.all(id, from, span.upTo, count));
    const entries = rows.map((row) => entryOf(account, row));
    // Whoever reads on behind a hole would never hear of it.
    const missing = entries.findIndex(({ seq }, i) => seq !== since + 1 + i);
    if (missing === -1 && entries.length >= cursor - since) return { entries, cursor };
    const hole = since + 1 + (missing === -1 ? entries.length : missing);
    throw new StorageError("the journal", `entry ${hole} of ${account} is missing`, "damaged", undefined, VERIFY);
  };

  readonly #filtered = ({ id, extent }: AccountRow, { account, since, limit, filter = {} }: ReadRequest) => {
    const span = { since, upTo: Math.min(extent.lastSeq, since + LOOKED_AT_MAX), limit };
    const values = filterValues(filter);
    const { rows, cursor } = chunked(span, (from, count) => this.#some.all(id, from, span.upTo, ...values, count));
    return { entries: rows.map((row) => entryOf(account, row)), cursor };
  };
}

const VERIFY = "`listenkey verify` says what else is wrong. Put back a copy of the folder, or begin with another one.";

/** Each twice, as the statement asks for them. */
function filterValues({ kinds, events, symbols }: EntryFilter): SqlValue[] {
  return [kinds, events, symbols]
    .map((wanted) => (wanted === undefined ? null : JSON.stringify(wanted)))
    .flatMap((wanted) => [wanted, wanted]);
}

function entryOf(account: string, row: SqlRow): JournalEntry {
  return {
    account,
    seq: Number(row.seq),
    kind: String(row.kind),
    origin: row.origin as string | null,
    at: Number(row.at) as WallMs,
    event: row.event as string | null,
    symbol: row.symbol as string | null,
    eventAt: row.event_at as EventMs | null,
    transactAt: row.transact_at as TransactMs | null,
    record: String(row.record),
  };
}

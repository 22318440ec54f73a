/**
 * Mirrors an account into a database: every fill once, what it holds now, and what nobody could recover. Kill it
 * whenever you like: a record and its number are written in one transaction, and the hub goes on after that number.
 *
 *     npm run example mirror-to-database          in a clone: a hub on paper, with a small trader, runs beside it
 *     node mirror-to-database.ts account.db       elsewhere, while `npx listenkey demo` or `serve` runs
 *
 * LISTENKEY_URL, LISTENKEY_ACCOUNT and LISTENKEY_TOKEN name another hub. The database is SQLite here; any that has
 * transactions will do. `npm install libsql`, or better-sqlite3: their calls are the same.
 */
import Database from "libsql";
import { type AccountRecord, HubClient, isEvent } from "listenkey";

const { LISTENKEY_URL: url = "http://127.0.0.1:9780", LISTENKEY_ACCOUNT: account = "demo" } = process.env;
const { LISTENKEY_TOKEN: token } = process.env;

const file = process.argv[2] ?? "account.db";
const db = new Database(file);
// Others may read while we write. Digits are kept as text: neither ids nor prices fit a floating-point number.
db.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS fills (seq INTEGER PRIMARY KEY, symbol TEXT, order_id TEXT, trade_id TEXT, side TEXT,
    quantity TEXT, price TEXT, fee TEXT, fee_asset TEXT, profit TEXT, at INTEGER, origin TEXT);
  CREATE TABLE IF NOT EXISTS holes (seq INTEGER, hole TEXT);
  CREATE TABLE IF NOT EXISTS balances (asset TEXT PRIMARY KEY, wallet TEXT);
  CREATE TABLE IF NOT EXISTS positions (symbol TEXT, side TEXT, amount TEXT, entry_price TEXT);
  CREATE TABLE IF NOT EXISTS cursor (account TEXT PRIMARY KEY, seq INTEGER);
`);
const insertFill = db.prepare("INSERT INTO fills VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
const insertHole = db.prepare("INSERT INTO holes VALUES (?, ?)");
const putBalance = db.prepare("INSERT OR REPLACE INTO balances VALUES (?, ?)");
const clearPositions = db.prepare("DELETE FROM positions");
const insertPosition = db.prepare("INSERT INTO positions VALUES (?, ?, ?, ?)");
const putCursor = db.prepare("INSERT OR REPLACE INTO cursor VALUES (?, ?)");
const cursor = db.prepare("SELECT seq FROM cursor WHERE account = ?").get(account) as { seq: number } | undefined;

const hub = new HubClient({ url, account, since: cursor?.seq ?? 0, ...(token === undefined ? {} : { token }) });

const write = db.transaction((record: AccountRecord) => {
  if (isEvent(record, "ORDER_TRADE_UPDATE")) {
    const { T, o } = record.event;
    const { s, i, t, S, l, L, n = null, N = null, rp = null } = o;
    // CALCULATED is the fill of a liquidation. A fill that was missed has all of this too: REST knows it.
    const isFill = o.x === "TRADE" || o.x === "CALCULATED";
    if (isFill) insertFill.run(record.seq, s, i, t, S, l, L, n, N, rp, T, record.origin);
  }
  // What a certificate names as a hole is missing for good, and the books should say so.
  if (record.kind === "repair") for (const hole of record.holes) insertHole.run(record.seq, hole);
  // While history is read, the account is ahead of it.
  if (record.seq >= hub.health.asOfSeq) writeHoldings();
  putCursor.run(account, record.seq);
});

function writeHoldings(): void {
  for (const { asset, wallet } of hub.account.balances.values()) putBalance.run(asset, wallet);
  clearPositions.run();
  for (const { symbol, side, amount, entryPrice } of hub.account.held()) {
    insertPosition.run(symbol, side, amount, entryPrice);
  }
}

// What a listener throws ends the program: when the database refuses, the next start begins where this one stopped.
hub.on("record", (record) => {
  write(record);
  console.log(record.seq, record.kind === "event" ? record.event.e : record.kind);
});
// A new snapshot of the hub: REST has told what no event did.
hub.on("health", ({ live }) => {
  if (live) db.transaction(writeHoldings)();
});
await hub.start();
console.log(`mirroring ${account} into ${file} after record ${cursor?.seq ?? 0}`);

/**
 * A program that appends to the journal of a folder, as fast as it is acknowledged, until it is killed. It says on
 * standard output what was acknowledged, one line an account: `ACCOUNT SEQ`.
 */
import { openJournal } from "../src/journal/io/journal-store.ts";
import { entryOf, SETTINGS } from "./journal-fixtures.ts";

const [folder = "", ...accounts] = process.argv.slice(2);
const GROUP_MAX = 12;
const SNAPSHOT_EVERY = 40;

const journal = await openJournal(folder, { ...SETTINGS, retention: { keepEntries: 400, sizeMaxBytes: 400_000 } });
const last = new Map<string, number>();
for (const account of accounts) last.set(account, (await journal.extent(account)).lastSeq);
process.stdout.write("begun\n");

for (let round = 1; ; round++) {
  const appends = accounts.flatMap((account) => [append(account), append(account)]);
  if (round % SNAPSHOT_EVERY === 0) appends.push(snapshot(accounts[0] ?? ""), journal.retain());
  await Promise.all(appends);
}

async function append(account: string): Promise<void> {
  const first = (last.get(account) ?? 0) + 1;
  const count = 1 + Math.floor(Math.random() * GROUP_MAX);
  last.set(account, first + count - 1);
  await journal.append(Array.from({ length: count }, (_, i) => entryOf(account, first + i)));
  process.stdout.write(`${account} ${first + count - 1}\n`);
}

async function snapshot(account: string): Promise<void> {
  const asOfSeq = last.get(account) ?? 0;
  const { at } = entryOf(account, asOfSeq);
  await journal.keepSnapshot({ account, asOfSeq, at, text: JSON.stringify({ asOfSeq }) });
  process.stdout.write(`snapshot ${asOfSeq}\n`);
}

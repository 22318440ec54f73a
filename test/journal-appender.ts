/**
 * A program that appends to the journal of a folder, as fast as it is acknowledged, until it is killed. It says on
 * standard output what was acknowledged, one line an account: `ACCOUNT SEQ`; and `refused REASON` when the disk says
 * no, after which it tries again what was not acknowledged.
 *
 *     node journal-appender.js FOLDER SIZE_MAX_BYTES ACCOUNT …
 */
import { openJournal } from "../src/journal/io/journal-store.ts";
import { StorageError } from "../src/kernel/errors.ts";
import { entryOf, SETTINGS } from "./journal-fixtures.ts";

const [folder = "", sizeMaxBytes, ...accounts] = process.argv.slice(2);
const GROUP_MAX = 12;
const SNAPSHOT_EVERY = 40;
const AGAIN_AFTER_MS = 100;

const retention = { keepEntries: 400, sizeMaxBytes: Number(sizeMaxBytes) };
const journal = await openJournal(folder, { ...SETTINGS, retention });
const last = new Map<string, number>();
await beginWithWhatIsThere();
process.stdout.write("begun\n");

for (let round = 1; ; round++) {
  const appends = accounts.flatMap((account) => [append(account), append(account)]);
  if (round % SNAPSHOT_EVERY === 0) appends.push(snapshot(accounts[0] ?? ""), journal.retain());
  for (const { status, ...outcome } of await Promise.allSettled(appends)) {
    if (status === "fulfilled") continue;
    const { reason } = outcome as PromiseRejectedResult;
    if (!(reason instanceof StorageError)) throw reason;
    process.stdout.write(`refused ${reason.message}\n`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    await beginWithWhatIsThere();
    break;
  }
}

async function beginWithWhatIsThere(): Promise<void> {
  for (const account of accounts) last.set(account, (await journal.extent(account)).lastSeq);
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

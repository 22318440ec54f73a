/** Carries retention out: what is to go is found by reading, and removed by the writer, in portions between commits. */
import type { WallMs } from "../../kernel/scalars.ts";
import type { EntryReader } from "../entry-reader.ts";
import { type Kept, type Removal, type Retention, removalBySize, removalsByAge } from "../retention.ts";
import type { WriterClient } from "./writer-client.ts";
import { storageError, type WriterJob } from "./writer-messages.ts";

/** Entries of an account that are looked at in one go: the program does nothing else meanwhile. */
const LOOKED_AT_MAX = 5_000;

/** Free pages that the file keeps for what comes next. */
const FREE_PAGES_KEPT = 16;

/** Pages given back at once: commits wait for no longer than this takes. */
const PAGES_AT_ONCE = 256;

/**
 * Removes what is too old, then the oldest while there is too much, and gives the room back to the disk.
 * @param now by our wall clock
 * @returns how many entries were removed
 * @throws {StorageError} when it cannot be read or removed: what went before it is removed
 */
export async function retain(
  reader: EntryReader,
  writer: WriterClient,
  retention: Retention,
  now: WallMs,
): Promise<number> {
  const carryOut = async (job: WriterJob) => {
    const reply = await writer.ask(job);
    if (reply.is === "failed") throw storageError(reply);
  };
  let removed = 0;
  const remove = async ({ account, upToSeq }: Removal) => {
    const before = reader.extent(account).firstSeq;
    await carryOut({ do: "remove", account, upToSeq });
    const count = reader.extent(account).firstSeq - before;
    removed += count;
    return count > 0;
  };
  const { ageMaxMs, sizeMaxBytes = Number.POSITIVE_INFINITY } = retention;
  if (ageMaxMs !== undefined) await removeOld(reader, retention, (now - ageMaxMs) as WallMs, remove);
  while (reader.size().bytes > sizeMaxBytes) {
    const removal = removalBySize(keptOf(reader), retention);
    if (removal === undefined || !(await remove(removal))) break;
  }
  for (let free = reader.size().freePages; free > FREE_PAGES_KEPT; ) {
    await carryOut({ do: "shrink", pages: Math.min(free - FREE_PAGES_KEPT, PAGES_AT_ONCE) });
    const left = reader.size().freePages;
    if (left >= free) break;
    free = left;
  }
  return removed;
}

async function removeOld(
  reader: EntryReader,
  retention: Retention,
  from: WallMs,
  remove: (removal: Removal) => Promise<boolean>,
): Promise<void> {
  for (const account of reader.accounts()) {
    for (let isMore = true; isMore; ) {
      const row = reader.account(account);
      if (row === undefined) break;
      const firstYoung = reader.firstYoung(row, from, LOOKED_AT_MAX);
      const removals = removalsByAge({ account, ...row }, firstYoung, retention);
      let isGone = removals.length > 0;
      for (const removal of removals) isGone &&= await remove(removal);
      isMore = isGone && firstYoung - row.extent.firstSeq === LOOKED_AT_MAX;
    }
  }
}

function keptOf(reader: EntryReader): Kept[] {
  return reader.accounts().flatMap((account) => {
    const row = reader.account(account);
    return row === undefined ? [] : [{ account, ...row }];
  });
}

/**
 * What is removed, and what never is. Pure. Only the oldest entries of an account go, so that what is left is whole; of
 * each account the newest stay, however old or large they are, and those that its snapshots are gone on from with.
 */
import type { WallMs } from "../kernel/scalars.ts";
import type { Extent } from "./cursor.ts";

/** How long, and how much. Without either bound everything stays. */
export interface Retention {
  /** Entries recorded longer ago go, by our wall clock; in milliseconds. */
  readonly ageMaxMs?: number;
  /** The oldest entries of all accounts go while the tables take more; in bytes, without SQLite's own log. */
  readonly sizeMaxBytes?: number;
  /** So many of each account stay in any case, at least one: readers that were away for a short while can go on. */
  readonly keepEntries: number;
}

/** What retention knows of one account. */
export interface Kept {
  readonly account: string;
  readonly extent: Extent;
  /** When its oldest entry was recorded; `undefined` when it has none. */
  readonly firstAt: WallMs | undefined;
  /** What its oldest snapshot is as of: entries after that stay, for they are told on top of it. */
  readonly snapshotSeq: number | undefined;
}

/** Entries of an account to be removed, from its oldest on. */
export interface Removal {
  readonly account: string;
  readonly upToSeq: number;
}

/** Entries removed at once: commits wait for no longer than this takes. */
const REMOVED_AT_ONCE = 1_000;

/**
 * What is too old, in portions.
 * @param firstYoung the first entry that was recorded recently enough; the one after the last when none was
 */
export function removalsByAge(kept: Kept, firstYoung: number, retention: Retention): Removal[] {
  const { account, extent } = kept;
  const upTo = Math.min(firstYoung - 1, lastToGo(kept, retention));
  const removals: Removal[] = [];
  for (let seq = extent.firstSeq; seq <= upTo; seq += REMOVED_AT_ONCE) {
    removals.push({ account, upToSeq: Math.min(seq + REMOVED_AT_ONCE - 1, upTo) });
  }
  return removals;
}

/** The next portion when there is too much: of the account whose oldest entry is the oldest. `undefined`: all stay. */
export function removalBySize(all: readonly Kept[], retention: Retention): Removal | undefined {
  let oldest: Removal | undefined;
  let oldestAt = Number.POSITIVE_INFINITY;
  for (const kept of all) {
    const { account, extent, firstAt } = kept;
    const upTo = lastToGo(kept, retention);
    if (firstAt === undefined || firstAt >= oldestAt || upTo < extent.firstSeq) continue;
    oldestAt = firstAt;
    oldest = { account, upToSeq: Math.min(extent.firstSeq + REMOVED_AT_ONCE - 1, upTo) };
  }
  return oldest;
}

function lastToGo({ extent, snapshotSeq }: Kept, { keepEntries }: Retention): number {
  return Math.min(extent.lastSeq - Math.max(1, keepEntries), snapshotSeq ?? Number.MAX_SAFE_INTEGER);
}

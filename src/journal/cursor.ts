/**
 * Where a reader stands. A cursor is the `seq` of the last entry that was read; 0 before the first. Pure.
 *
 *     1 … removed … firstSeq … kept … lastSeq │ not written yet
 *     └─ too old ─┘ ▲                       ▲
 *                   firstSeq − 1 … lastSeq: what can be gone on from
 */

/** What is kept of one account. Nothing yet, or nothing any more, when `lastSeq` is `firstSeq - 1`. */
export interface Extent {
  /** The oldest entry that is kept. 1 for an account nobody has heard of. */
  readonly firstSeq: number;
  /** The newest entry. */
  readonly lastSeq: number;
}

/** Of an account nobody has heard of. */
export const NOTHING: Extent = { firstSeq: 1, lastSeq: 0 };

/** Can one go on from a cursor? */
export type CursorPlace = "kept" | "too-old" | "from-the-future";

/** Says where a cursor stands. Anything that is no whole number from 0 on comes from no journal: from the future. */
export function placeOfCursor(since: number, { firstSeq, lastSeq }: Extent): CursorPlace {
  if (!Number.isSafeInteger(since) || since < 0 || since > lastSeq) return "from-the-future";
  return since < firstSeq - 1 ? "too-old" : "kept";
}

/** Reads a page in chunks, so that a page of long records is not held whole before it is known to be long. Pure. */
import type { SqlRow } from "../kernel/sql-database.ts";
import { PAGE_ENTRIES_MAX } from "./journal.ts";

/** Rows asked for first, and then so many as would fill the page if all were like those. */
const CHUNK_ENTRIES = 50;

/** A page ends once it has so many characters: between two chunks, so it may have more. */
const PAGE_CHARS_MAX = 8_000_000;

/** Which rows. */
export interface Span {
  /** After this one. */
  readonly since: number;
  /** Up to this one. */
  readonly upTo: number;
  /** At most so many, and never more than {@link PAGE_ENTRIES_MAX}. */
  readonly limit: number;
}

/** Rows, and where to go on. */
export interface PageRows {
  readonly rows: readonly SqlRow[];
  /** `upTo` when there are no more. */
  readonly cursor: number;
}

/**
 * Asks for the rows of a page, first for some, and then for as many as fit if all are like those.
 * @param ask gives so many of them after one with this `seq`, in their order
 */
export function chunked(
  { since, upTo, limit }: Span,
  ask: (from: number, count: number) => readonly SqlRow[],
): PageRows {
  const rows: SqlRow[] = [];
  let chars = 0;
  let cursor = since;
  for (let left = Math.max(1, Math.min(limit, PAGE_ENTRIES_MAX)); left > 0 && chars < PAGE_CHARS_MAX; ) {
    const fitting = rows.length === 0 ? CHUNK_ENTRIES : ((PAGE_CHARS_MAX - chars) * rows.length) / Math.max(1, chars);
    const asked = Math.min(left, Math.max(1, Math.floor(fitting)));
    const chunk = ask(cursor, asked);
    for (const row of chunk) {
      rows.push(row);
      chars += String(row.record).length;
    }
    if (chunk.length < asked) return { rows, cursor: upTo };
    cursor = Number(rows.at(-1)?.seq);
    left -= asked;
  }
  return { rows, cursor };
}

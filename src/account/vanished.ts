/**
 * What was open and is not listed any more: REST is asked how it ended. Pure; it asks through a port.
 *
 * A few are asked for one by one. Many of one symbol come in pages, from the lowest of their ids on: a page weighs as
 * much as five single questions. What the pages do not show, or not soon enough, is asked for one by one after all.
 */
import { compareIds } from "../kernel/digits.ts";
import type { Id64 } from "../kernel/scalars.ts";
import { PAGE_ROWS_MAX } from "./account-reads.ts";

/** So many of one symbol weigh as much as one page. */
export const ONE_BY_ONE_MAX = 5;

/** How to ask for things of one kind. */
export interface LookUp<Row> {
  /** `undefined` when REST knows none such. */
  readonly one: (symbol: string, id: Id64) => Promise<Row | undefined>;
  /** Rows with this id and higher ones, in the order of ids, one page. */
  readonly page: (symbol: string, fromId: Id64) => Promise<readonly Row[]>;
  readonly idOf: (row: Row) => Id64;
}

/** What REST said of them. */
export interface LookedUp<Row> {
  readonly rows: readonly Row[];
  /** What REST does not know. */
  readonly unknown: readonly Id64[];
}

/** Asks for these ids of one symbol. @throws what the questions throw */
export async function lookUp<Row>(symbol: string, ids: readonly Id64[], by: LookUp<Row>): Promise<LookedUp<Row>> {
  const left = new Set(ids);
  const rows = left.size > ONE_BY_ONE_MAX ? await pageThrough(symbol, left, by) : [];
  const unknown: Id64[] = [];
  for (const id of left) {
    const row = await by.one(symbol, id);
    if (row === undefined) unknown.push(id);
    else rows.push(row);
  }
  return { rows, unknown };
}

/** Takes from `left` what it finds, as long as a page may be cheaper than single questions. */
async function pageThrough<Row>(symbol: string, left: Set<Id64>, { page, idOf }: LookUp<Row>): Promise<Row[]> {
  const found: Row[] = [];
  const pagesMax = Math.ceil(left.size / ONE_BY_ONE_MAX);
  let fromId = [...left].reduce((lowest, id) => (compareIds(id, lowest) < 0 ? id : lowest));
  for (let pages = 0; pages < pagesMax && left.size > ONE_BY_ONE_MAX; pages++) {
    const rows = await page(symbol, fromId);
    for (const row of rows) if (left.delete(idOf(row))) found.push(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS_MAX) break;
    fromId = String(BigInt(idOf(last)) + 1n) as Id64;
  }
  return found;
}

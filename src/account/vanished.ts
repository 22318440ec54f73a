/**
 * What was open and is not listed any more: REST is asked how it ended. Pure; it asks through a port.
 *
 * A few are asked for one by one. Many of one symbol come in pages, from the lowest of their ids on: a page weighs as
 * much as five single questions. What the pages do not show, or not soon enough, is asked for one by one after all.
 * What REST does not know either is a hole, unless it is so young that the answer may be older.
 */
import { compareIds } from "../kernel/digits.ts";
import type { Id64, TransactMs } from "../kernel/scalars.ts";
import { PAGE_ROWS_MAX } from "./account-reads.ts";
import type { Holes } from "./holes.ts";

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

/** What was known to be open. */
interface Known {
  readonly symbol: string;
  readonly at: TransactMs;
}

/** What vanished, of one kind. */
export interface Vanished<Thing extends Known, Row> extends LookUp<Row> {
  /** What one of them is called. */
  readonly what: string;
  readonly things: readonly Thing[];
  /** Did another answer show it? Then REST knows it, whatever one of its servers says. */
  readonly isShown: (thing: Thing) => boolean;
  readonly idOfThing: (thing: Thing) => Id64;
}

/**
 * Asks how these ended; `take` is given each row. Returns what REST does not know: each is a hole, but for what is
 * known since later than `shownUntil`. What cannot be asked is a hole as well.
 * @throws what says that nothing can be asked at all
 */
export async function lookUpVanished<Thing extends Known, Row>(
  { things, what, idOfThing, isShown, ...by }: Vanished<Thing, Row>,
  take: (row: Row) => void,
  shownUntil: TransactMs,
  holes: Holes,
): Promise<Thing[]> {
  const lost: Thing[] = [];
  for (const [symbol, group] of bySymbol(things)) {
    const asks = () => lookUp(symbol, group.map(idOfThing), by);
    const found = await holes.unlessRefused(`how ${group.length} ${what}s of ${symbol} ended`, asks);
    for (const row of found?.rows ?? []) take(row);
    const unknown = new Set(found?.unknown);
    for (const thing of group) {
      if (!unknown.has(idOfThing(thing)) || isShown(thing) || thing.at > shownUntil) continue;
      holes.add(
        `how ${what} ${idOfThing(thing)} of ${symbol} ended: it is not open any more, and REST does not know it`,
      );
      lost.push(thing);
    }
  }
  return lost;
}

function bySymbol<T extends Known>(things: readonly T[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const group = groups.get(thing.symbol);
    if (group === undefined) groups.set(thing.symbol, [thing]);
    else group.push(thing);
  }
  return groups;
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

/** Pages of history: what reads ask for, and which of the entries that were found they get. Pure. */

/** The times and the number of entries that a read asks for. */
export interface PageQuery {
  /** Milliseconds; at or after. */
  readonly startTime?: number | undefined;
  /** Milliseconds; at or before. */
  readonly endTime?: number | undefined;
  /** From 1 to what a page of its kind holds, the usual number of it when absent: `…_PAGE` in protocol/limits.ts. */
  readonly limit?: number | undefined;
}

/** How many entries a page shows, and from which end. */
export interface PageEnd {
  readonly limit: number;
  /** `true`: the first of what was found; `false`: the last. Within a page the oldest always comes first. */
  readonly isOldestFirst: boolean;
}

/** As many of what was found, oldest first, as the page shows. */
export function cut<T>(found: readonly T[], { limit, isOldestFirst }: PageEnd): T[] {
  return isOldestFirst ? found.slice(0, limit) : found.slice(-limit);
}

/** What an event or a REST answer did to the mirror, as data. Pure. */
import type { FactKind, Facts } from "./facts.ts";

/** One fact that is another one now, is known for the first time, or is not known any more. */
export type AccountChange = {
  readonly [K in FactKind]: {
    /** What kind of fact. */
    readonly kind: K;
    /** Which one: an asset, a symbol, an id … as {@link Facts} says; `""` where there is only one. */
    readonly key: string;
    /** What was known before; `undefined` when nothing was. */
    readonly before: Facts[K] | undefined;
    /**
     * What is known now; `undefined` when it is forgotten: of an open order that is not open any more, nobody knows how
     * it ended. (Ended ones that leave the mirror because of its limit are no change.)
     */
    readonly after: Facts[K] | undefined;
  };
}[FactKind];

/**
 * Why an answer could not simply be believed. In each case the mirror keeps what it knew.
 *
 * - `stale`: it is older than what is known, and says something else. REST lags behind.
 * - `disputed`: it has the date of what is known, and says something else. (An event of the stream is believed against
 *   REST all the same: it comes in order.)
 * - `undated`: it has no date, and says something else.
 * - `missing`: a list does not name what is known to be open.
 */
export type Verdict = "stale" | "disputed" | "undated" | "missing";

/** Something to be asked again. */
export type Finding = {
  readonly [K in FactKind]: {
    /** What is wrong with the answer. */
    readonly verdict: Verdict;
    /** What kind of fact. */
    readonly kind: K;
    /** Which one, as in {@link AccountChange}. */
    readonly key: string;
    /** What the mirror knew when the answer came. */
    readonly known: Facts[K];
    /** What the answer says; `undefined` when it is `missing`. */
    readonly told: Facts[K] | undefined;
  };
}[FactKind];

/** What became of an event or an answer. */
export interface Outcome {
  /** In the order of the answer; empty when it was nothing new. */
  readonly changes: readonly AccountChange[];
  /** In the order of the answer; empty when all is well. */
  readonly findings: readonly Finding[];
}

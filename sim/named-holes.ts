/**
 * Which events a hole of a certificate speaks of: one about the fills of a symbol excuses no lost order, and no fill of
 * another symbol. Pure.
 */

/** Holes about everything there is. */
const OF_ALL = /^(?:everything|what was missed before|REST contradicts itself|and \d+ more)/;

/** First letter of a step, or of a booking, as the laws name them → what holes call such things. */
const KINDS: Readonly<Record<string, RegExp>> = {
  F: /^(?:fills|income|funding, transfers, and symbols that traded)\b/,
  O: /^(?!.*\bconditional).*\borders?\b/,
  A: /\bconditional orders?\b/,
  B: /^(?:income|funding)\b/,
};

/** Is it a hole about a strategy? REST knows of none. */
export function isOfStrategy(hole: string): boolean {
  return hole.startsWith("strategy ");
}

/** Does a hole of a certificate name such a thing? A hole in which no symbol stands is one of all symbols. */
export function isNamed(name: string, symbol: string, holes: readonly string[]): boolean {
  return holes.some((hole) => {
    if (OF_ALL.test(hole)) return true;
    const [what = ""] = hole.split(": ");
    const of = / of ([A-Z0-9_]{2,})\b/.exec(what)?.[1];
    return KINDS[name.slice(0, 1)]?.test(what) === true && (of === undefined || of === symbol);
  });
}

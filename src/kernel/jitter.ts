/** Waits between attempts. Pure. */
import type { Random } from "./ports.ts";

/** Doublings beyond this change nothing: the bound is far below. */
const DOUBLINGS_MAX = 20;

/**
 * Full jitter, in milliseconds: a random wait below `firstMs`, after each failure below twice as much, and never above
 * `maxMs`. Many clients that were cut off together do not return together.
 */
export function fullJitter(
  random: Random,
  failures: number,
  { firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number },
): number {
  return random.next() * Math.min(maxMs, firstMs * 2 ** Math.min(failures, DOUBLINGS_MAX));
}

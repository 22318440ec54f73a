/** Seeded dice. A run that throws only these is a pure function of its seeds. */
import type { Random } from "./ports.ts";

/** mulberry32: small, fast, and good enough to lose packets with. Never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** A seed of its own for the part called `name`, so that more dice in one part do not reshuffle another. */
export function seedFor(seed: number, name: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

const ALPHANUMERICS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** So many letters and digits. A secret when the dice are cryptographic. */
export function alphanumerics(random: Random, count: number): string {
  let text = "";
  while (text.length < count) text += ALPHANUMERICS.charAt(pick(random, ALPHANUMERICS.length));
  return text;
}

/** A whole number in `[0, below)`. */
export function pick(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}

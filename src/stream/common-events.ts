/**
 * Which lines have delivered the same event? Pure.
 *
 * A line delivers the account's one sequence without holes, from where it joined. So an event that two lines have
 * delivered shows that nothing falls between them: the older one has delivered what was before it, and the newer one
 * delivers what is after it. L12: what is remembered is bounded, and nothing is when nothing is left to be shown.
 */
import { type Fingerprint, FingerprintSet } from "./fingerprint.ts";
import type { Epoch } from "./line.ts";

/** Events remembered of one line. Over it they are forgotten, and the next ones have to show it. */
export const REMEMBERED_MAX = 1024;

/** Two lines that have an event in common. */
export interface Pair {
  readonly older: Epoch;
  readonly newer: Epoch;
}

const NONE: readonly Pair[] = [];

/** Watches the lines of one stream. */
export class CommonEvents {
  /** Those that have shown nothing yet. */
  #pairs: Pair[] = [];
  readonly #delivered = new Map<Epoch, FingerprintSet>();

  /** A line opened beside others. Lines are numbered in the order they open. */
  opened(newer: Epoch, others: Iterable<Epoch>): void {
    for (const older of others) this.#pairs.push({ older, newer });
  }

  /** It is no more, or is given up. */
  left(epoch: Epoch): void {
    this.#settle((pair) => !isOf(pair, epoch));
    this.#delivered.delete(epoch);
  }

  /** A line delivered an event to which no other one is equal. Returns the pairs of which this shows it. */
  delivered(epoch: Epoch, identity: Fingerprint): readonly Pair[] {
    if (this.#pairs.length === 0) return NONE;
    const shown = this.#pairs.filter((pair) => isOf(pair, epoch) && this.#has(otherOf(pair, epoch), identity));
    if (shown.length > 0) this.#settle((pair) => !shown.includes(pair));
    if (this.#pairs.some((pair) => isOf(pair, epoch))) this.#remember(epoch, identity);
    return shown;
  }

  /** The pairs that are left; whoever is in none has nothing to remember. */
  #settle(isLeft: (pair: Pair) => boolean): void {
    this.#pairs = this.#pairs.filter(isLeft);
    for (const epoch of this.#delivered.keys()) {
      if (!this.#pairs.some((pair) => isOf(pair, epoch))) this.#delivered.delete(epoch);
    }
  }

  #has(epoch: Epoch, identity: Fingerprint): boolean {
    return this.#delivered.get(epoch)?.has(identity) === true;
  }

  #remember(epoch: Epoch, identity: Fingerprint): void {
    const delivered = this.#delivered.get(epoch) ?? new FingerprintSet();
    if (delivered.size === 0) this.#delivered.set(epoch, delivered);
    if (delivered.size >= REMEMBERED_MAX) delivered.clear();
    delivered.add(identity);
  }
}

function isOf({ older, newer }: Pair, epoch: Epoch): boolean {
  return older === epoch || newer === epoch;
}

function otherOf({ older, newer }: Pair, epoch: Epoch): Epoch {
  return older === epoch ? newer : older;
}

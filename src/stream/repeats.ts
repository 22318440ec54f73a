/**
 * Events without an id that are alike: which are copies, and which happened again? Pure.
 *
 * +1, −1, +1 within one millisecond are three transfers, and the first and third `ACCOUNT_UPDATE` are equal to the last
 * letter. So on one line the second time counts: it gets an identity of its own, and the same one on every line that
 * delivers all three. What repeats the event right before it says nothing new, and what is dated earlier than the line
 * has come was told then: both are copies.
 */
import { again, type Fingerprint } from "./fingerprint.ts";
import type { Identity } from "./identity.ts";

/** Different events remembered of one kind within one millisecond. Over it counting begins anew. */
export const REPEATS_MAX = 10_000;

interface Kind {
  within: number;
  latest: number | undefined;
  /** How often each has come. */
  readonly counts: Map<number, number>;
}

/** Tells the events of one line apart. */
export class Repeats {
  /** Each kind has an order of its own. */
  readonly #kinds = new Map<string, Kind>();

  /** Equal for copies only. */
  tellApart({ kind: name, of, within }: Identity): Fingerprint {
    if (within === undefined) return of;
    const kind = this.#kindAt(name, within);
    if (within < kind.within) return of;
    const key = keyOf(of);
    if (key !== kind.latest) {
      if (kind.counts.size >= REPEATS_MAX) kind.counts.clear();
      kind.counts.set(key, (kind.counts.get(key) ?? 0) + 1);
      kind.latest = key;
    }
    return again(of, kind.counts.get(key) ?? 1);
  }

  #kindAt(name: string, within: number): Kind {
    let kind = this.#kinds.get(name);
    if (kind === undefined) {
      kind = { within, latest: undefined, counts: new Map() };
      this.#kinds.set(name, kind);
    }
    if (within <= kind.within) return kind;
    kind.within = within;
    kind.latest = undefined;
    kind.counts.clear();
    return kind;
  }
}

/** As many of its bits as a number holds: they have to tell apart the events of one millisecond only. */
function keyOf({ high, low }: Fingerprint): number {
  return high * 2 ** 21 + (low >>> 11);
}

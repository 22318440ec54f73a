/**
 * Events without an id that read alike: which are copies, and which happened again? Pure.
 *
 * +1, −1, +1 within one millisecond are three transfers, and the first and third `ACCOUNT_UPDATE` are equal to the last
 * letter. So on one line the second time counts: it gets a name of its own, and the same name on every line that
 * delivers all three. What repeats the event right before it says nothing new, and what is dated earlier than the line
 * has come was told then: both are copies.
 */
import type { Identity } from "./identity.ts";

/** Different texts remembered of one kind within one millisecond. Over it counting begins anew. */
export const REPEATS_MAX = 10_000;

interface Kind {
  within: number;
  latest: string;
  readonly counts: Map<string, number>;
}

/** Names the events of one line. */
export class Repeats {
  /** By the first letter of the identity: each kind has an order of its own. */
  readonly #kinds = new Map<string, Kind>();

  /** A text that is equal for copies only. */
  nameOf({ text, within }: Identity): string {
    if (within === undefined) return text;
    const kind = this.#kindAt(text.charAt(0), within);
    if (within < kind.within) return text;
    if (text !== kind.latest) {
      if (kind.counts.size >= REPEATS_MAX) kind.counts.clear();
      kind.counts.set(text, (kind.counts.get(text) ?? 0) + 1);
      kind.latest = text;
    }
    const count = kind.counts.get(text) ?? 1;
    return count === 1 ? text : `${text}#${count}`;
  }

  #kindAt(letter: string, within: number): Kind {
    const kind = this.#kinds.get(letter) ?? { within, latest: "", counts: new Map<string, number>() };
    this.#kinds.set(letter, kind);
    if (within <= kind.within) return kind;
    kind.within = within;
    kind.latest = "";
    kind.counts.clear();
    return kind;
  }
}

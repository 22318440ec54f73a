/** What the exchange said that no table knows, told once each. Pure. L10. */
import { withoutSecrets } from "../kernel/errors.ts";
import type { Novelty } from "./codec.ts";

/** Different novelties that are kept and listed. Beyond it they still pass through, counted but unlisted. */
export const NOVELTIES_MAX = 100;

/** Of the value or name that is new, so many characters are kept. */
const NOVELTY_CHARS_MAX = 100;

/** The novelties of one source. What may be a secret shows only its beginning. */
export class Novelties {
  readonly #isFirst: (novelty: Novelty) => void;
  readonly #list = new Map<string, Novelty>();
  #count = 0;

  /** @param isFirst is told each listed novelty, the first time it is seen */
  constructor(isFirst: (novelty: Novelty) => void = () => {}) {
    this.#isFirst = isFirst;
  }

  /** How many were told, the same one as often as it was. */
  get count(): number {
    return this.#count;
  }

  /** The different ones, in the order in which they were first told. */
  get list(): Novelty[] {
    return [...this.#list.values()];
  }

  /** Tables tell it here. */
  readonly tell = (novelty: Novelty): void => {
    this.#count++;
    if (this.#list.size >= NOVELTIES_MAX) return;
    const shown = { ...novelty, found: withoutSecrets(novelty.found.slice(0, NOVELTY_CHARS_MAX)) };
    const name = `${shown.what} ${shown.where} ${shown.found}`;
    if (this.#list.has(name)) return;
    this.#list.set(name, shown);
    this.#isFirst(shown);
  };
}

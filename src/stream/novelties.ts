/** What the exchange said that this version does not know: each once, and not without end. Pure. */
import { withoutSecrets } from "../kernel/errors.ts";
import type { Log } from "../kernel/ports.ts";
import type { Novelty } from "../protocol/codec.ts";

/** Different novelties that are kept and listed. Beyond it they still pass through, unlisted. */
export const NOVELTIES_MAX = 100;

/** Of a new name or value, what is said of it. */
const CHARS_MAX = 100;

/** L10: unknown is data, counted and said once. L12: up to {@link NOVELTIES_MAX}. */
export class Novelties {
  readonly #log: Log;
  readonly #said = new Map<string, Novelty>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** In the order they came. */
  get all(): readonly Novelty[] {
    return [...this.#said.values()];
  }

  /** Takes one; says it when it is the first of its kind. */
  readonly take = (novelty: Novelty): void => {
    if (this.#said.size >= NOVELTIES_MAX) return;
    const shown = { ...novelty, found: withoutSecrets(novelty.found.slice(0, CHARS_MAX)) };
    const name = `${shown.what} ${shown.where} ${shown.found}`;
    if (this.#said.has(name)) return;
    this.#said.set(name, shown);
    this.#log.info("the exchange said something new; it is passed through", shown);
  };
}

/** Which records a consumer wants. Pure. The journal filters its pages by the same rule. */
import type { EntryFilter } from "../journal/journal.ts";
import type { FeedEntry } from "./feed.ts";

/**
 * Events of some types, about some symbols. Gaps, certificates and statuses always pass: who filters must still hear of
 * them. So do events that are about no single symbol, when their type is wanted.
 */
export interface RecordFilter extends Omit<EntryFilter, "kinds"> {}

/** A filter that is asked often. */
export class Sieve {
  readonly #events: ReadonlySet<string> | undefined;
  readonly #symbols: ReadonlySet<string> | undefined;
  readonly #name: string;

  constructor({ events, symbols }: RecordFilter) {
    this.#events = events && new Set(events);
    this.#symbols = symbols && new Set(symbols);
    this.#name = JSON.stringify([events, symbols]);
  }

  /** Does it pass? */
  passes({ event, symbol }: FeedEntry): boolean {
    if (event === null) return true;
    if (this.#events?.has(event) === false) return false;
    return symbol === null || this.#symbols?.has(symbol) !== false;
  }

  /** Those that pass. Everybody who wants the same of the same array is given the same array. */
  of(batch: readonly FeedEntry[]): readonly FeedEntry[] {
    let known = SIEVED.get(batch);
    if (known === undefined) {
      known = new Map();
      SIEVED.set(batch, known);
    }
    let sieved = known.get(this.#name);
    if (sieved === undefined) {
      sieved = batch.filter((entry) => this.passes(entry));
      known.set(this.#name, sieved);
    }
    return sieved;
  }
}

const SIEVED = new WeakMap<readonly FeedEntry[], Map<string, readonly FeedEntry[]>>();

/** Counts wrong tokens and API keys by address, for both faces of the hub together. Pure. */
import type { Clock, Log } from "../kernel/ports.ts";
import type { MonotonicMs } from "../kernel/scalars.ts";

/** Wrong ones from one address within {@link ATTEMPTS_WINDOW_MS}; more are answered with 429. */
export const ATTEMPTS_MAX = 10;

/** How long wrong ones are counted. */
export const ATTEMPTS_WINDOW_MS = 60_000;

/** Addresses whose attempts are counted; beyond it the oldest are forgotten. */
const ADDRESSES_MAX = 10_000;

/** The attempts of all addresses. */
export class Attempts {
  readonly #clock: Pick<Clock, "now">;
  readonly #log: Pick<Log, "warn"> | undefined;
  readonly #counts = new Map<string, { readonly since: MonotonicMs; count: number }>();

  /** @param log where it is said, once in a while, that an address has to wait; nowhere when absent */
  constructor(clock: Pick<Clock, "now">, log?: Pick<Log, "warn">) {
    this.#clock = clock;
    this.#log = log;
  }

  /** One was wrong. Returns how long to wait, in milliseconds, after one too many; `undefined` until then. */
  failed(address: string): number | undefined {
    const now = this.#clock.now();
    const known = this.#counts.get(address);
    if (known === undefined || now - known.since >= ATTEMPTS_WINDOW_MS) {
      this.#counts.delete(address);
      this.#counts.set(address, { since: now, count: 1 });
      const [oldest] = this.#counts.keys();
      if (this.#counts.size > ADDRESSES_MAX && oldest !== undefined) this.#counts.delete(oldest);
      return undefined;
    }
    known.count++;
    if (known.count === ATTEMPTS_MAX + 1)
      this.#log?.warn("too many wrong tokens or API keys: the address waits", { address });
    return known.count > ATTEMPTS_MAX ? known.since + ATTEMPTS_WINDOW_MS - now : undefined;
  }
}

/** How often one address may ask: a bucket of requests that fills up again, for each. Pure. */
import type { Clock } from "../kernel/ports.ts";
import type { MonotonicMs } from "../kernel/scalars.ts";

/** Addresses whose requests are counted; beyond it those are forgotten that were counted first. */
const ADDRESSES_MAX = 10_000;

/** Requests that may come at once, as seconds of the rate: a thousand consumers come back together. */
const BURST_SECONDS = 4;

/** Requests a second of one address when nobody says otherwise. */
export const REQUESTS_PER_SECOND = 500;

/** Counts the requests of each address. */
export class RequestRate {
  readonly #perSecond: number;
  readonly #clock: Pick<Clock, "now">;
  readonly #buckets = new Map<string, { at: MonotonicMs; left: number }>();

  constructor(perSecond: number, clock: Pick<Clock, "now">) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Takes one request. @returns how long to wait when it is one too many; `undefined` when it is not */
  take(address: string): number | undefined {
    const now = this.#clock.now();
    const bucket = this.#bucketOf(address, now);
    const full = this.#perSecond * BURST_SECONDS;
    bucket.left = Math.min(full, bucket.left + ((now - bucket.at) * this.#perSecond) / 1000);
    bucket.at = now;
    if (bucket.left < 1) return Math.ceil(((1 - bucket.left) * 1000) / this.#perSecond);
    bucket.left -= 1;
    return undefined;
  }

  #bucketOf(address: string, now: MonotonicMs): { at: MonotonicMs; left: number } {
    const known = this.#buckets.get(address);
    if (known !== undefined) return known;
    const bucket = { at: now, left: this.#perSecond * BURST_SECONDS };
    this.#buckets.set(address, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > ADDRESSES_MAX && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}

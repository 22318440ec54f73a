/** How late events come: from the exchange's word to the hub's record, second by second. Pure. */

/** Seconds that are kept. */
const SECONDS_MAX = 120;

/** One second of events. */
export interface LagSecond {
  /** Whole seconds since 1970, by the hub's clock. */
  readonly second: number;
  /** Events that came in it. */
  count: number;
  /** The latest of them, in milliseconds. */
  worstMs: number;
}

/** The last two minutes. */
export class LagMeter {
  readonly #seconds: LagSecond[] = [];
  /** Of the last event; `undefined` before the first. */
  lastMs: number | undefined;

  /** Seconds in which something came, oldest first. */
  get seconds(): readonly LagSecond[] {
    return this.#seconds;
  }

  /** An event came. @param at by the hub's clock @param lagMs since the exchange made it */
  note(at: number, lagMs: number): void {
    const second = Math.floor(at / 1000);
    const last = this.#seconds.at(-1);
    this.lastMs = lagMs;
    if (last?.second === second) {
      last.count++;
      last.worstMs = Math.max(last.worstMs, lagMs);
      return;
    }
    this.#seconds.push({ second, count: 1, worstMs: lagMs });
    while ((this.#seconds[0]?.second ?? second) < second - SECONDS_MAX) this.#seconds.shift();
  }
}

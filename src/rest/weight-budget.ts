/**
 * What one address may still ask of the exchange. One budget is shared by everything that asks from this address: the
 * limit is counted per IP (2400 a minute in production, protocol sheet 3.1), not per key. Pure.
 *
 * L6: a ban or a "not before" stops every request of the address; what keeps streams alive goes before everything else.
 */
import { RateLimited } from "../kernel/errors.ts";
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import { MINUTE_WINDOW_MS, WEIGHT_PER_MINUTE } from "../protocol/limits.ts";

/** How much of the limit a kind of request may use up: keep-alive all of it, the caller's own reads the least. */
export const PRIORITY_SHARES = { "keep-alive": 1, repair: 0.9, read: 0.75 } as const;

/** Who asks. */
export type Priority = keyof typeof PRIORITY_SHARES;

/** The weight used by one address, as far as the exchange tells and as we count ourselves. */
export class WeightBudget {
  readonly #limit: number;
  #used = 0;
  #minuteEnds: MonotonicMs | undefined;
  #blockedUntil: MonotonicMs | undefined;

  constructor(limit: number = WEIGHT_PER_MINUTE) {
    this.#limit = limit;
  }

  /** How long a request of this weight has to wait, in milliseconds; 0 when it may go now. */
  waitMs(weight: number, priority: Priority, now: MonotonicMs): number {
    if (this.#blockedUntil !== undefined && now < this.#blockedUntil) return this.#blockedUntil - now;
    if (this.#minuteEnds === undefined || now >= this.#minuteEnds) return 0;
    const fits = this.#used + weight <= this.#limit * PRIORITY_SHARES[priority];
    return fits ? 0 : this.#minuteEnds - now;
  }

  /**
   * A request of this weight is to go out now.
   * @throws {RateLimited} when it has to wait; then it is not counted, and must not be sent
   */
  reserve(action: string, weight: number, priority: Priority, now: MonotonicMs): void {
    const waitMs = this.waitMs(weight, priority, now);
    if (waitMs > 0) {
      throw new RateLimited(action, {
        status: 429,
        waitMs,
        msg: "this address is over its weight or banned; not sent",
      });
    }
    this.#spend(weight, now);
  }

  #spend(weight: number, now: MonotonicMs): void {
    if (this.#minuteEnds === undefined || now >= this.#minuteEnds) {
      this.#used = 0;
      this.#minuteEnds = after(now, MINUTE_WINDOW_MS);
    }
    this.#used += weight;
  }

  /** An answer said how much is used (`X-MBX-USED-WEIGHT-1M`), by us and by others behind the same address. */
  observe(used: number): void {
    // The exchange's minute and ours do not begin together: the larger figure is the careful one.
    this.#used = Math.max(this.#used, used);
  }

  /** The exchange wants silence (429, 418). A shorter wait never shortens a longer one. */
  block(waitMs: number, now: MonotonicMs): void {
    const until = after(now, waitMs);
    if (this.#blockedUntil === undefined || until > this.#blockedUntil) this.#blockedUntil = until;
  }

  /** This moment. */
  state(now: MonotonicMs): BudgetState {
    const isOver = this.#minuteEnds === undefined || now >= this.#minuteEnds;
    return {
      used: isOver ? 0 : this.#used,
      limit: this.#limit,
      blockedForMs: this.#blockedUntil === undefined ? 0 : Math.max(0, this.#blockedUntil - now),
    };
  }
}

/** One moment of a budget. */
export interface BudgetState {
  /** Weight used in the current minute, by us and by others behind the same address. */
  readonly used: number;
  /** Weight a minute that the exchange allows. */
  readonly limit: number;
  /** How long nothing may be sent at all, in milliseconds; 0 when nothing forbids it. */
  readonly blockedForMs: number;
}

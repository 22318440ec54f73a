/**
 * Up to when something is proven, by a clock that may be put back. Pure.
 *
 * | the exchange's clock since the proof | what was proven up to `upTo` is proven now up to |
 * | - | - |
 * | went on | `upTo` |
 * | was off by less than the seam | `upTo`: so exactly nobody knows it |
 * | was put forward | `upTo`: nothing that happened bears the dates between |
 * | was put back | what it would have shown at the moment of `upTo`: from there on it gives its dates again |
 *
 * So nothing is ever claimed of a time that the exchange has not reached by its own clock of now.
 */
import type { MonotonicMs, TransactMs } from "../kernel/scalars.ts";

/** A time up to which all is known. */
export interface ProofTime {
  /** By the exchange's clock, as it went when this was found. */
  readonly upTo: TransactMs;
  /** What our clock showed at that moment. */
  readonly at: MonotonicMs;
}

/** One look at both clocks. */
export interface ClockLook {
  /** By the exchange's clock. */
  readonly askedAt: TransactMs;
  readonly now: MonotonicMs;
}

/** Up to when it is proven by the exchange's clock of now; at most `upTo`. @param seamMs how exactly we know it */
export function provenNow({ upTo, at }: ProofTime, { askedAt, now }: ClockLook, seamMs: number): TransactMs {
  const shown = Math.floor(askedAt - (now - at)) as TransactMs;
  return shown < upTo - seamMs ? shown : upTo;
}

/**
 * From which date on something is promised: what bears an earlier one was there before, and is nobody's news. When the
 * exchange's clock is put back, news may bear earlier dates too, but none that it cannot have shown since: it was put
 * back after the last look at it, and so never shows less than it did then, less by how far it was put back.
 */
export class PromisedDates {
  #since: TransactMs;
  #lowest: TransactMs;
  #last: ClockLook | undefined;

  /** @param since by the exchange's clock as it goes now */
  constructor(since: TransactMs) {
    this.#since = since;
    this.#lowest = since;
  }

  /** As it was promised. */
  get since(): TransactMs {
    return this.#since;
  }

  /** The earliest date that news can bear. */
  get lowest(): TransactMs {
    return this.#lowest;
  }

  /** From now on this is promised. */
  promise(since: TransactMs): void {
    this.#since = since;
    this.#lowest = since;
  }

  /** The exchange was asked for its time. @param seamMs how exactly we know it */
  look(look: ClockLook, seamMs: number): void {
    const last = this.#last;
    this.#last = look;
    if (last === undefined) return;
    const backMs = last.askedAt + (look.now - last.now) - look.askedAt;
    if (backMs > seamMs) this.#lowest = Math.min(this.#lowest, Math.floor(last.askedAt - backMs)) as TransactMs;
  }
}

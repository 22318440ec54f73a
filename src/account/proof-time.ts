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

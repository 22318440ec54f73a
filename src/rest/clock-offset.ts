/**
 * How far the exchange's clock is ahead of our monotonic one. Pure.
 *
 * The monotonic clock never steps: what a person or NTP does to our wall clock does not touch the estimate.
 */
import type { MonotonicMs } from "../kernel/scalars.ts";

/** A request for the exchange's time: when it left and came back, and the time that the exchange named in between. */
export interface Trip {
  readonly sentAt: MonotonicMs;
  readonly receivedAt: MonotonicMs;
  /** Milliseconds since the Unix epoch, the exchange's clock. */
  readonly serverTime: number;
}

/** What is known of the offset at some moment. */
export interface OffsetEstimate {
  /** `exchange clock − our monotonic clock`, in milliseconds. */
  readonly offsetMs: number;
  /** It is wrong by so much at the most, if no clock stepped since: half of the round trip, and some drift. */
  readonly uncertaintyMs: number;
}

/** Round trips that are remembered: of these the best counts. */
const TRIPS_MAX = 8;
/** Quartz clocks drift apart by some ten millionths; this much is allowed for. *Assumed.* */
const DRIFT = 30e-6;
/** The exchange names whole milliseconds: the time was up to so much later. */
const RESOLUTION_MS = 1;

/** A running estimate from the recent round trips. */
export class ClockOffset {
  #trips: Trip[] = [];
  #isDistrusted = false;

  /** The time of the exchange was asked for. Older trips that contradict this one are forgotten: its clock stepped. */
  observe(trip: Trip): void {
    const told = estimateBy(trip, trip.receivedAt);
    const agrees = (old: Trip) => {
      const { offsetMs, uncertaintyMs } = estimateBy(old, trip.receivedAt);
      return Math.abs(offsetMs - told.offsetMs) <= uncertaintyMs + told.uncertaintyMs;
    };
    const kept = this.#isDistrusted ? [] : this.#trips.filter(agrees).slice(1 - TRIPS_MAX);
    this.#trips = [...kept, trip];
    this.#isDistrusted = false;
  }

  /** The estimate was proven wrong: the next trip counts, and none before it. */
  distrust(): void {
    this.#isDistrusted = true;
  }

  /** The estimate by the trip that says most about this moment; `undefined` before the first one. */
  at(now: MonotonicMs): OffsetEstimate | undefined {
    let best: OffsetEstimate | undefined;
    for (const trip of this.#trips) {
      const one = estimateBy(trip, now);
      if (best === undefined || one.uncertaintyMs <= best.uncertaintyMs) best = one;
    }
    return best;
  }
}

function estimateBy({ sentAt, receivedAt, serverTime }: Trip, now: MonotonicMs): OffsetEstimate {
  return {
    offsetMs: serverTime + RESOLUTION_MS / 2 - (sentAt + receivedAt) / 2,
    uncertaintyMs: (receivedAt - sentAt + RESOLUTION_MS) / 2 + (now - sentAt) * DRIFT,
  };
}

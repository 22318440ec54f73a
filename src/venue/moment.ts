/** What the machine's clocks say at one moment, handed in with every call to the paper venue. Pure. */
import type { MonotonicMs, WallMs } from "../kernel/scalars.ts";

/**
 * One reading of both clocks. Venue time is the wall clock plus all jumps made by `POST /v1/paper/clock/advance`;
 * heartbeats of sockets run on the monotonic clock, so that a jump of venue time makes no pong late.
 */
export interface Moment {
  /** The wall clock, without jumps. When it steps back, venue time stands still until it has caught up. */
  readonly wall: WallMs;
  /** The monotonic clock. */
  readonly monotonic: MonotonicMs;
}

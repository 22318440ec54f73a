/** Every wait and bound of following an account, named, with its unit and its reason. Pure. */

/** The waits of one follower. All in milliseconds on our monotonic clock, unless a name says otherwise. */
export interface FollowTiming {
  /**
   * How old a REST answer may be. No bound is documented; sixty seconds were seen on another exchange. After so long an
   * answer cannot lack any more what was missed, and repair is confirmed.
   */
  readonly restLagMaxMs: number;
  /**
   * What the exchange dates so shortly before a line opened may have come by that line or not. In milliseconds of the
   * exchange's clock: our idea of it is less exact than this.
   */
  readonly seamMs: number;
  /** Events that come while a repair asks are held back no longer than this. */
  readonly holdMaxMs: number;
  /** The first repetition of a failed question waits a random time below this, each further one below twice as much. */
  readonly askAgainMs: number;
  /** Below this, however often it failed. */
  readonly askAgainMaxMs: number;
  /** How often an answer that is proven to be stale is asked for again before the confirmation. */
  readonly staleAsksMax: number;
  /** After so long without an event, REST is asked whether there should have been one. */
  readonly quietMaxMs: number;
  /** At the latest after so long REST is asked whether the stream has told everything, however much it tells. */
  readonly auditEveryMs: number;
  /** What REST knows and the stream has not told for so long is proof that the stream is deaf. */
  readonly deafAfterMs: number;
}

/** The waits used in production. */
export const FOLLOW_TIMING: FollowTiming = {
  restLagMaxMs: 60_000,
  seamMs: 2_000,
  holdMaxMs: 15_000,
  askAgainMs: 1_000,
  askAgainMaxMs: 30_000,
  staleAsksMax: 4,
  quietMaxMs: 5 * 60_000,
  auditEveryMs: 30 * 60_000,
  deafAfterMs: 15_000,
};

/** Events held back while a repair asks. Over it they flow on, marked as early. */
export const HELD_EVENTS_MAX = 10_000;

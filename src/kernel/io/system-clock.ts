/** Real time and real dice. */
import { randomInt } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Cancel, Clock, Random } from "../ports.ts";
import type { MonotonicMs, WallMs } from "../scalars.ts";

/** Longer waits overflow Node's timer and would fire at once. */
const WAIT_MAX_MS = 2 ** 31 - 1;

/** The clock of this machine. Its alarms keep the process alive until they fire or are cancelled. */
export const systemClock: Clock = {
  now: () => performance.now() as MonotonicMs,
  wall: () => Date.now() as WallMs,
  wake(at, _why, fire): Cancel {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const waitMs = Math.max(0, Math.ceil(at - performance.now()));
      timer = setTimeout(ring, Math.min(waitMs, WAIT_MAX_MS));
    };
    // Node may fire up to a millisecond early, and "at or after" is promised.
    const ring = () => (performance.now() >= at ? fire() : arm());
    arm();
    return () => clearTimeout(timer);
  },
};

const RESOLUTION = 2 ** 47;

/** Dice nobody can foresee: fit for jitter and for secrets. */
export const systemRandom: Random = {
  next: () => randomInt(RESOLUTION) / RESOLUTION,
};

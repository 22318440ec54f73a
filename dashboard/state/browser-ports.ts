/** The ports of the pure rooms, as a browser has them. */
import type { Cancel, Clock, Log, Random } from "../../src/kernel/ports.ts";
import type { MonotonicMs, WallMs } from "../../src/kernel/scalars.ts";

/** Longer waits overflow the browser's timer. */
const WAIT_MAX_MS = 2 ** 31 - 1;

/** The clock of the page. Alarms of a page in the background may be late. */
export const pageClock: Clock = {
  now: () => performance.now() as MonotonicMs,
  wall: () => Date.now() as WallMs,
  wake(at, _why, fire): Cancel {
    let timer: ReturnType<typeof setTimeout>;
    const arm = () => {
      const waitMs = Math.max(0, Math.ceil(at - performance.now()));
      timer = setTimeout(ring, Math.min(waitMs, WAIT_MAX_MS));
    };
    const ring = () => (performance.now() >= at ? fire() : arm());
    arm();
    return () => clearTimeout(timer);
  },
};

/** For jitter; no secret is made of it. */
export const pageRandom: Random = { next: () => Math.random() };

/** What a link says in passing is shown by its health already. */
export const pageLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Acting at random times, as programs on an account do. Pure. */
import { ListenkeyError } from "../src/kernel/errors.ts";
import type { Clock, Random } from "../src/kernel/ports.ts";
import { after } from "../src/kernel/scalars.ts";

/** What acting takes. */
export interface PaceDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** The mean time between two acts; `undefined`: there are none. */
  readonly everyMs: number | undefined;
  /** What the alarm is called in traces. */
  readonly why: string;
  /** Trouble with a request is no trouble; a bug is. */
  readonly act: () => Promise<void>;
}

/** Acts until it is told to stop, whether the act before has ended or not. */
export class Pace {
  readonly #deps: PaceDeps;
  #isStopped = false;

  constructor(deps: PaceDeps) {
    this.#deps = deps;
  }

  /** Was it told to? */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Begins. */
  start(): void {
    const { clock, random, everyMs, why, act } = this.#deps;
    if (everyMs === undefined) return;
    clock.wake(after(clock.now(), random.next() * 2 * everyMs), why, () => {
      if (this.#isStopped) return;
      act().catch((error) => {
        if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
      });
      this.start();
    });
  }

  /** Ends: what is under way goes on. */
  stop(): void {
    this.#isStopped = true;
  }
}

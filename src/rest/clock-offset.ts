/** How far the exchange's clock is ahead of ours. Pure. */
import type { TransactMs, WallMs } from "../kernel/scalars.ts";

/** An estimate of `exchange clock − our wall clock`, from requests that ask for the exchange's time. */
export class ClockOffset {
  #ms = 0;

  /** Milliseconds to add to our wall clock; 0 until something was observed. */
  get ms(): number {
    return this.#ms;
  }

  /** The exchange named its time in an answer to a request that left and came back then, by our wall clock. */
  observe(sentAt: WallMs, serverTime: number, receivedAt: WallMs): void {
    this.#ms = Math.round(serverTime - (sentAt + receivedAt) / 2);
  }

  /** The exchange's time at this moment of ours. */
  exchangeTime(wall: WallMs): TransactMs {
    return (wall + this.#ms) as number as TransactMs;
  }
}

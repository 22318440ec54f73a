/** How far venue time is ahead of the wall clock: the sum of all jumps made by `POST /v1/paper/clock/advance`. Pure. */
export class ClockJumps {
  #aheadMs = 0;

  /** Milliseconds; negative when the wall clock has stepped forward while venue time had not. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** From now on venue time is this far ahead. */
  set(aheadMs: number): void {
    this.#aheadMs = aheadMs;
  }
}

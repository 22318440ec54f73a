/** The time the doctor has: every wait of a check ends with it. Pure. */
import type { Cancel, Clock } from "../../kernel/ports.ts";
import { after, type MonotonicMs } from "../../kernel/scalars.ts";

/** Thrown out of a wait when the visit is over. */
export class VisitOver extends Error {}

/** One examination: it ends at its deadline, or when somebody ends it. */
export class Visit {
  readonly #clock: Clock;
  readonly #over: Promise<never>;
  #end: (why: string) => void = () => {};
  #why: string | undefined;
  readonly #cancel: Cancel;

  /** @param within how long it may take, in milliseconds */
  constructor(clock: Clock, within: number) {
    this.#clock = clock;
    this.#over = new Promise((_, reject) => {
      this.#end = (why) => {
        this.#why ??= why;
        reject(new VisitOver(this.#why));
      };
    });
    this.#over.catch(() => {});
    const why = `the time was over after ${within / 1000} s`;
    this.#cancel = clock.wake(after(clock.now(), within), "end of the visit", () => this.#end(why));
  }

  /** Why it is over; `undefined` while it is not. */
  get overBecause(): string | undefined {
    return this.#why;
  }

  /** Now, by our monotonic clock. */
  now(): MonotonicMs {
    return this.#clock.now();
  }

  /** Ends it, and leaves no alarm behind. */
  end(why: string): void {
    this.#cancel();
    this.#end(why);
  }

  /** What `promise` settles to. @throws {VisitOver} when the visit is over before that */
  until<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#over]);
  }

  /** Resolves true as soon as `isSo`, which is looked at now and then, and false when it is not so within `ms`. */
  async becomes(isSo: () => boolean, ms: number): Promise<boolean> {
    const until = after(this.now(), ms);
    while (!isSo()) {
      if (this.now() >= until) return false;
      await this.#pause(Math.min(LOOK_EVERY_MS, until - this.now()));
    }
    return true;
  }

  /** What `promise` settles to, or `undefined` when that takes more than `ms`. */
  async within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
    let cancel: Cancel = () => {};
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#clock.wake(after(this.now(), ms), "a check took too long", () => resolve(undefined));
    });
    try {
      return await this.until(Promise.race([promise, late]));
    } finally {
      cancel();
    }
  }

  async #pause(ms: number): Promise<void> {
    await this.within(new Promise<never>(() => {}), ms);
  }
}

const LOOK_EVERY_MS = 20;

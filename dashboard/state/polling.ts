/** Asks again and again, one at a time, while somebody looks at the page. */
import { Refusal } from "./hub-api.ts";

/** While the hub does not answer it is asked no more often than this. */
const TROUBLED_EVERY_MS = 3_000;

/** One question. */
export class Polling {
  readonly #everyMs: number;
  readonly #ask: () => Promise<number | undefined>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isStopped = false;
  readonly #seen = (): void => {
    if (!document.hidden) this.#next(0);
  };

  /** @param ask fails with a {@link Refusal} when there is no answer; may say after how long it is to be asked again */
  constructor(everyMs: number, ask: () => Promise<number | undefined>) {
    this.#everyMs = everyMs;
    this.#ask = ask;
  }

  /** Begins, at once. */
  start(): void {
    document.addEventListener("visibilitychange", this.#seen);
    this.#next(0);
  }

  /** Ends it. */
  stop(): void {
    document.removeEventListener("visibilitychange", this.#seen);
    clearTimeout(this.#timer);
    this.#isStopped = true;
  }

  #next(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), ms);
  }

  async #run(): Promise<void> {
    if (this.#isAsking || this.#isStopped || document.hidden) return;
    this.#isAsking = true;
    let waitMs = this.#everyMs;
    try {
      waitMs = (await this.#ask()) ?? waitMs;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      waitMs = Math.max(waitMs, TROUBLED_EVERY_MS);
    } finally {
      this.#isAsking = false;
    }
    if (!this.#isStopped) this.#next(waitMs);
  }
}

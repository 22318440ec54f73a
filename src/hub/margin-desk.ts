/**
 * What moves with the market, asked of the upstream for all who want to know: one question at a time, its answer good
 * for some seconds, and a sample of equity every minute. Pure.
 *
 * Rules kept here
 * - L6: however many pages ask, the exchange is asked no more often than once in {@link MARGIN_FRESH_MS}; samples are
 *   taken only while less than half of the address's weight is used.
 * - L12: a day of samples, and no more.
 */
import type { Margin } from "../account/margin.ts";
import { ListenkeyError, UsageError } from "../kernel/errors.ts";
import type { Cancel, Clock } from "../kernel/ports.ts";
import { after, type Decimal, type MonotonicMs, type WallMs } from "../kernel/scalars.ts";
import type { Upstream } from "./upstream.ts";

/** An answer is given again so long, a refusal too. */
export const MARGIN_FRESH_MS = 3_000;

/** After a refusal nobody who looks at {@link MarginDesk.trouble} asks for so long; who asks all the same may. */
export const REFUSAL_COUNTS_MS = 15_000;

/** From one sample of equity to the next. */
export const SAMPLE_EVERY_MS = 60_000;

/** Samples that are kept: a day. */
export const SAMPLES_MAX = 1_440;

/** When no sample can be had, it is tried again so soon. */
const SAMPLE_AGAIN_MS = 10_000;

/** The account's money at one moment. */
export interface EquitySample {
  /** By the hub's clock. */
  readonly at: WallMs;
  /** Wallets and unrealised profit. */
  readonly equity: Decimal;
  /** Wallets alone. */
  readonly wallet: Decimal;
}

/** What a desk needs. */
export interface MarginDeskDeps {
  readonly clock: Clock;
  /** What follows the account now; `undefined` while nothing does. */
  readonly upstream: () => Upstream | undefined;
}

/** The desk of one account. */
export class MarginDesk {
  readonly #deps: MarginDeskDeps;
  #asked: { readonly at: MonotonicMs; readonly answer: Promise<Margin> } | undefined;
  #isWaiting = false;
  #refused: { readonly at: MonotonicMs; readonly why: string } | undefined;
  readonly #samples: EquitySample[] = [];
  #cancel: Cancel = () => {};
  #isEnded = false;

  constructor(deps: MarginDeskDeps) {
    this.#deps = deps;
  }

  /** Begins to take samples. */
  begin(): void {
    this.#sampleIn(1_000);
  }

  /** Ends it. What was sampled stays. */
  end(): void {
    this.#isEnded = true;
    this.#cancel();
  }

  /** Why it cannot be had, as far as that is known without asking; `undefined`: ask. */
  get trouble(): string | undefined {
    const upstream = this.#deps.upstream();
    if (upstream?.margin === undefined) return (upstream === undefined ? NOT_FOLLOWED : NOT_TOLD).message;
    if (upstream.health.sync === "unasked") return NO_SECRET.message;
    const refused = this.#refused;
    return refused !== undefined && this.#deps.clock.now() - refused.at < REFUSAL_COUNTS_MS ? refused.why : undefined;
  }

  /**
   * The account at the mark prices of now, or of some seconds ago.
   * @throws {ListenkeyError} when it cannot be had: nothing is followed, there is no secret, the exchange refuses
   */
  margin(): Promise<Margin> {
    const now = this.#deps.clock.now();
    const asked = this.#asked;
    if (asked !== undefined && (this.#isWaiting || now - asked.at < MARGIN_FRESH_MS)) return asked.answer;
    const upstream = this.#deps.upstream();
    if (upstream?.margin === undefined) return Promise.reject(upstream === undefined ? NOT_FOLLOWED : NOT_TOLD);
    this.#isWaiting = true;
    const answer = upstream.margin().finally(() => {
      this.#isWaiting = false;
    });
    answer.then(
      () => {
        this.#refused = undefined;
      },
      (error: Error) => {
        this.#refused = { at: this.#deps.clock.now(), why: error.message };
      },
    );
    this.#asked = { at: now, answer };
    return answer;
  }

  /** Samples that were taken after a time of the hub's clock, oldest first. */
  equity(since: number): readonly EquitySample[] {
    return this.#samples.filter(({ at }) => at > since);
  }

  #sampleIn(ms: number): void {
    if (this.#isEnded) return;
    const { clock } = this.#deps;
    this.#cancel = clock.wake(after(clock.now(), ms), "sample equity", () => void this.#sample());
  }

  async #sample(): Promise<void> {
    const isTaken = this.#isAffordable() && (await this.#take());
    this.#sampleIn(isTaken ? SAMPLE_EVERY_MS : SAMPLE_AGAIN_MS);
  }

  async #take(): Promise<boolean> {
    try {
      const { equity, wallet } = await this.margin();
      this.#samples.push({ at: this.#deps.clock.wall(), equity, wallet });
      if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
      return true;
    } catch (error) {
      if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
      return false;
    }
  }

  /** Keep-alive and repairs come first: whoever shares the address may need its weight more than a curve does. */
  #isAffordable(): boolean {
    const upstream = this.#deps.upstream();
    if (upstream?.margin === undefined) return false;
    const { sync, budget } = upstream.health;
    const isSynced = sync === undefined || sync === "certain" || sync === "confirming";
    return isSynced && (budget === undefined || (budget.blockedForMs === 0 && budget.used * 2 < budget.limit));
  }
}

const NOT_FOLLOWED = new UsageError("margin", "an account that is followed", "one that is not, or not yet");

const NOT_TOLD = new UsageError("margin", "an account whose upstream can tell", "one whose upstream cannot");

const NO_SECRET = new UsageError("margin", "an account that is asked for with a secret", "one that has none");

/**
 * Asks until there is an answer: waits as long as the exchange says, backs off with full jitter, and gives up only
 * when asking again cannot help, or when nobody wants the answer any more. Pure as long as its ports are.
 */
import { type ListenkeyError, NetworkError, RateLimited, VenueRejected, WireFormatError } from "../kernel/errors.ts";
import { fullJitter } from "../kernel/jitter.ts";
import type { Cancel, Clock, Random } from "../kernel/ports.ts";
import { after } from "../kernel/scalars.ts";
import { isKeyRefused } from "../protocol/error-codes.ts";
import type { AccountReads } from "./account-reads.ts";

/** Nobody wants the answer any more: the question was overtaken by a new loss, or by the end. Never shown to users. */
export class Overtaken extends Error {}

/** What asking needs of the world. */
export interface AskingDeps {
  readonly reads: AccountReads;
  readonly clock: Clock;
  readonly random: Random;
  /** The first repetition waits a random time below this, each further one below twice as much. In milliseconds. */
  readonly backoffMs: number;
  /** But never more than below this. */
  readonly backoffMaxMs: number;
  /** Is told why an answer has to be waited for. */
  readonly waits: (why: string, forMs: number) => void;
}

/** Asks on behalf of one repair. */
export class Asking {
  readonly #deps: AskingDeps;
  readonly #sleepers = new Map<() => void, Cancel>();
  #isOver = false;

  constructor(deps: AskingDeps) {
    this.#deps = deps;
  }

  /** Has it ended? */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Every question under way, and every one from now on, ends in {@link Overtaken}; no alarm is left. */
  end(): void {
    this.#isOver = true;
    for (const [wake, cancel] of this.#sleepers) {
      cancel();
      wake();
    }
    this.#sleepers.clear();
  }

  /**
   * Asks until there is an answer.
   * @throws {Overtaken} once it has ended
   * @throws {VenueRejected} when the exchange refuses for a reason that lasts
   * @throws {WireFormatError} when the answer stays to be none of the documented form
   */
  readonly ask = async <T>(read: (reads: AccountReads) => Promise<T>): Promise<T> => {
    for (let [failures, refusals] = [0, 0]; ; failures++) {
      this.mustGoOn();
      try {
        const answer = await read(this.#deps.reads);
        this.mustGoOn();
        return answer;
      } catch (error) {
        this.mustGoOn();
        if (!isPassing(error, refusals)) throw error;
        if (!isOutage(error)) refusals++;
        const waitMs = (error instanceof RateLimited ? error.waitMs : 0) + this.#jittered(failures);
        this.#deps.waits(error.message, waitMs);
        await this.sleep(waitMs);
      }
    }
  };

  /** Resolves after so long. @throws {Overtaken} when it ends meanwhile */
  async sleep(ms: number): Promise<void> {
    this.mustGoOn();
    const { clock } = this.#deps;
    await new Promise<void>((resolve) => {
      const cancel = clock.wake(after(clock.now(), ms), "repair goes on", () => {
        this.#sleepers.delete(resolve);
        resolve();
      });
      this.#sleepers.set(resolve, cancel);
    });
    this.mustGoOn();
  }

  #jittered(failures: number): number {
    const { random, backoffMs, backoffMaxMs } = this.#deps;
    return fullJitter(random, failures, { firstMs: backoffMs, maxMs: backoffMaxMs });
  }

  /** @throws {Overtaken} once it has ended */
  mustGoOn(): void {
    if (this.#isOver) throw new Overtaken("overtaken");
  }
}

/** No such right; wrong signature. Asking again cannot help. */
const HOPELESS_CODES: ReadonlySet<number> = new Set([-1002, -1022]);
/** A refusal that should not last is asked against so often; then it lasts. */
const REFUSALS_MAX = 8;

/** May the same question be answered later? Parameters that are refused (-1100 to -1199) are refused for ever. */
function isPassing(error: unknown, refusals: number): error is ListenkeyError {
  if (isOutage(error)) return true;
  // Something on the way may have answered, once.
  if (error instanceof WireFormatError) return refusals < REFUSALS_MAX;
  if (!(error instanceof VenueRejected)) return false;
  if (error.retryable) return true;
  const { venueCode } = error;
  if (HOPELESS_CODES.has(venueCode) || isKeyRefused(error)) return false;
  return (venueCode > -1100 || venueCode < -1199) && refusals < REFUSALS_MAX;
}

/** However long it lasts, it says nothing of the question. */
function isOutage(error: unknown): boolean {
  return error instanceof RateLimited || error instanceof NetworkError;
}

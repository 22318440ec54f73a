/**
 * Requests that would rather wait than be refused: one queue for one address, in front of its weight budget. Pure.
 *
 * L6: what keeps a stream alive goes first; then whoever has waited for two minutes, so that nobody starves; then
 * repairs, then reads; of equals, the one that came first. Only the first of each kind is looked at: something small
 * behind it must not pass for ever. When a minute turns or a ban ends, they go one by one, at random moments.
 */
import { RateLimited, UsageError } from "../kernel/errors.ts";
import type { Cancel, Clock, Random, StopSignal } from "../kernel/ports.ts";
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import { PRIORITY_SHARES, type Priority, type WeightBudget } from "./weight-budget.ts";

/** How long somebody is ready to wait. */
export interface Patience {
  /** Until then, by our monotonic clock. */
  readonly until: MonotonicMs;
  /** Ends the wait when it is aborted. */
  readonly signal?: StopSignal;
}

/** A request that is to be sent. */
export interface Wish {
  /** How errors call it: `GET /fapi/v1/income`. */
  readonly action: string;
  readonly weight: number;
  readonly priority: Priority;
}

/** What a queue needs of the world. */
export interface WeightQueueDeps {
  readonly budget: WeightBudget;
  readonly clock: Clock;
  readonly random: Random;
}

/** Requests that wait at the most. Over it they are refused as they would be without a queue. */
export const WAITING_MAX = 10_000;
/** Who has waited so long goes before all but what keeps streams alive. */
export const AGED_MS = 120_000;
/** After a minute's turn or the end of a ban, the first one goes within so much. */
export const TURN_JITTER_MS = 1_000;
/** Between two that waited, on average. */
export const PACE_MS = 20;

interface Waiter extends Wish {
  readonly since: MonotonicMs;
  readonly until: MonotonicMs;
  readonly go: () => void;
}

const PRIORITIES = Object.keys(PRIORITY_SHARES) as readonly Priority[];

/** Lets requests pass, in order, as the budget allows. */
export class WeightQueue {
  readonly #deps: WeightQueueDeps;
  /** By priority, the first that came first. */
  readonly #waiting = new Map<Priority, Set<Waiter>>(PRIORITIES.map((priority) => [priority, new Set()]));
  #pacedUntil: MonotonicMs;
  #cancelWake: Cancel = () => {};

  constructor(deps: WeightQueueDeps) {
    this.#deps = deps;
    this.#pacedUntil = deps.clock.now();
  }

  /** Requests that wait at this moment. */
  get waitingCount(): number {
    return [...this.#waiting.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Resolves when it may be sent; its weight is counted then.
   * @throws {RateLimited} when its patience ends before that, or is sure to
   * @throws {UsageError} when it is aborted
   */
  admitted(wish: Wish, { until, signal }: Patience): Promise<void> {
    const { clock, budget } = this.#deps;
    if (signal?.aborted) return Promise.reject(aborted(wish));
    const now = clock.now();
    const waitMs = budget.waitMs(wish.weight, wish.priority, now);
    if (after(now, waitMs) > until || this.waitingCount >= WAITING_MAX) return Promise.reject(tooLong(wish, waitMs));
    return new Promise((resolve, reject) => {
      const settle = (settled: () => void) => {
        cancel();
        signal?.removeEventListener("abort", abort);
        this.#waiting.get(wish.priority)?.delete(waiter);
        if (this.waitingCount === 0) this.#cancelWake();
        settled();
      };
      const waiter: Waiter = { ...wish, since: now, until, go: () => settle(resolve) };
      const abort = () => settle(() => reject(aborted(wish)));
      const cancel = clock.wake(until, `${wish.action} waited too long`, () => {
        settle(() => reject(tooLong(wish, budget.waitMs(wish.weight, wish.priority, clock.now()))));
      });
      signal?.addEventListener("abort", abort);
      this.#waiting.get(wish.priority)?.add(waiter);
      this.#next();
    });
  }

  /** Lets one pass, if one may, and sees to it that the next one is thought of. */
  #next(): void {
    const { budget, clock, random } = this.#deps;
    this.#cancelWake();
    const now = clock.now();
    if (now >= this.#pacedUntil) {
      const first = this.#inOrder(now).find(({ weight, priority }) => budget.waitMs(weight, priority, now) === 0);
      if (first !== undefined) {
        budget.reserve(first.action, first.weight, first.priority, now);
        first.go();
        if (this.waitingCount > 0) this.#pacedUntil = after(now, random.next() * 2 * PACE_MS);
      }
    }
    const waits = this.#inOrder(now).map(({ weight, priority }) => budget.waitMs(weight, priority, now));
    if (waits.length === 0) return;
    const waitMs = Math.min(...waits);
    const turnMs = waitMs === 0 ? 0 : waitMs + random.next() * TURN_JITTER_MS;
    const at = Math.max(this.#pacedUntil, after(now, turnMs)) as MonotonicMs;
    this.#cancelWake = clock.wake(at, "the next one that waits", () => this.#next());
  }

  /** The first of each priority, in the order in which they may go. */
  #inOrder(now: MonotonicMs): Waiter[] {
    const firsts = [...this.#waiting.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
    const rank = ({ priority, since }: Waiter) => {
      const own = PRIORITIES.indexOf(priority);
      return own > 0 && now - since >= AGED_MS ? 0.5 : own;
    };
    return firsts.sort((a, b) => rank(a) - rank(b) || a.since - b.since);
  }
}

function tooLong({ action }: Wish, waitMs: number): RateLimited {
  return new RateLimited(action, { status: 429, waitMs, msg: "this address is over its weight or banned; not sent" });
}

function aborted({ action }: Wish): UsageError {
  return new UsageError(action, "an answer to be wanted", "aborted");
}

/**
 * L5 and L6, for the key and the lines on it: what the exchange has said of a key is obeyed, and asking for it again is
 * neither a beat nor a swarm. Pure.
 */
import { assert } from "../src/kernel/errors.ts";
import type { HttpRequest, HttpResponse } from "../src/kernel/ports.ts";
import { parseJson } from "../src/protocol/json.ts";
import { TIMING } from "../src/stream/timing.ts";

/** Waits between tries are drawn from a continuum: equal ones, by our clock in milliseconds, are not drawn at all. */
const ALIKE_MS = 0.001;
/** So many waits in a row may be alike: with two of them the same may happen by rounding. */
const ALIKE_MAX = 2;
/** The exchange knows no key of the account. */
const NO_SUCH_KEY = -1125;

/** One line, as its owner knows it: from dialling it to `closed`, or to hanging up. */
export interface KeyLine {
  readonly key: string;
  isOver: boolean;
}

/** Watches one program's key. */
export class KeyLaws {
  readonly #lines = new Set<KeyLine>();
  /** Keys that the exchange has named. */
  readonly #known = new Set<string>();
  /** Of these, the ones that it has said to be dead, and how. */
  readonly #dead = new Map<string, string>();
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** When the last grant was refused or failed, in a row of such. */
  #failedAt: number | undefined;
  #lastWaitMs = Number.NaN;
  #alikeCount = 0;

  /** The program dials. Mark the line when it is over. @throws {InvariantViolation} when the key is known to be dead */
  dialled(key: string): KeyLine {
    const why = this.#dead.get(key);
    assert(why === undefined, `L5 a key is dialled that is dead: ${why}`);
    const line = { key, isOver: false };
    for (const old of this.#lines) if (old.isOver) this.#lines.delete(old);
    this.#lines.add(line);
    this.#known.add(key);
    return line;
  }

  /**
   * A request about the key goes out. Call the result with its answer and the time; with nothing when none came.
   * @throws {InvariantViolation}
   */
  sent({ method }: HttpRequest, nowMs: number): (answer: HttpResponse | undefined, atMs: number) => void {
    if (method === "PUT") return this.#renews(nowMs);
    if (method === "POST") return this.#asks(nowMs);
    return () => {};
  }

  #renews(nowMs: number): (answer: HttpResponse | undefined) => void {
    const restMs = nowMs - this.#renewedAt;
    const seconds = (restMs / 1000).toFixed(3);
    assert(restMs >= TIMING.doubtRestMs - ALIKE_MS, `L6 the key is renewed ${seconds} s after it was renewed`);
    const before = [...this.#known];
    return (answer) => {
      if (answer === undefined) return;
      if (answer.status === 200) {
        this.#renewedAt = Math.max(this.#renewedAt, nowMs);
        return this.#named(keyIn(answer));
      }
      if (codeIn(answer) === NO_SUCH_KEY) for (const key of before) this.died(key, "its renewal said -1125");
    };
  }

  #asks(nowMs: number): (answer: HttpResponse | undefined, atMs: number) => void {
    if (this.#failedAt !== undefined) this.#waited(nowMs - this.#failedAt);
    return (answer, atMs) => {
      this.#failedAt = answer?.status === 200 ? undefined : atMs;
      if (answer?.status !== 200) return;
      this.#alikeCount = 0;
      this.#lastWaitMs = Number.NaN;
      this.#named(keyIn(answer));
    };
  }

  #waited(waitMs: number): void {
    this.#alikeCount = Math.abs(waitMs - this.#lastWaitMs) < ALIKE_MS ? this.#alikeCount + 1 : 0;
    this.#lastWaitMs = waitMs;
    const isDrawn = this.#alikeCount < ALIKE_MAX;
    assert(isDrawn, `L6 a grant is asked for again after ${waitMs.toFixed(3)} ms, and again, and again: no jitter`);
  }

  /** An account has one key: all others that were known are dead. */
  #named(key: string | undefined): void {
    if (key === undefined) return;
    for (const other of this.#known) if (other !== key) this.died(other, "the exchange has named another one");
    this.#known.add(key);
    this.#dead.delete(key);
  }

  /** The exchange has said so. Soon after, see {@link letGo}. */
  died(key: string, why: string): void {
    if (!this.#dead.has(key)) this.#dead.set(key, why);
  }

  /** Is there a dead key with a line on it, which should be let go? */
  get isListeningToDead(): boolean {
    return [...this.#lines].some(({ key, isOver }) => !isOver && this.#dead.has(key));
  }

  /** No line is left on a key that is dead. @throws {InvariantViolation} */
  letGo(): void {
    for (const { key, isOver } of this.#lines) {
      assert(isOver || !this.#dead.has(key), `L5 a line stays on a key that is dead: ${this.#dead.get(key)}`);
    }
  }
}

function keyIn({ body }: HttpResponse): string | undefined {
  const { listenKey } = membersOf(body);
  return typeof listenKey === "string" ? listenKey : undefined;
}

function codeIn({ body }: HttpResponse): unknown {
  return membersOf(body).code;
}

/** What is no JSON has none. */
function membersOf(body: string): { readonly listenKey?: unknown; readonly code?: unknown } {
  return body.startsWith("{") ? (parseJson(body) as object) : {};
}

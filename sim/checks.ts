/** L5, L6 and L9, checked at every step. Pure. */

import type { AccountRecord } from "../src/account/record.ts";
import { assert } from "../src/kernel/errors.ts";
import type { HttpRequest, HttpResponse } from "../src/kernel/ports.ts";
import { WEIGHT_PER_MINUTE } from "../src/protocol/limits.ts";

interface OutOfReach {
  readonly from: number;
  to: number;
}

/** L5: the key lapses only when REST was out of reach for so long that it could not be renewed. */
export class Reach {
  /** How far back is looked: as long as a key is valid. */
  static readonly WINDOW_MS = 60 * 60_000;
  /**
   * For so much of it REST must have been out of reach. A renewal is due at half the validity and is tried again at
   * least every two minutes; 20 of the 30 minutes that are left leave room for requests that were lost on the way.
   */
  static readonly OUT_OF_REACH_MIN_MS = 20 * 60_000;

  /** Times out of reach, in the order in which they began; they may overlap. */
  #outages: OutOfReach[] = [];
  #lasting: OutOfReach | undefined;
  /** The end of the last one that is over, or is sure to be. */
  #lastEnd = Number.NEGATIVE_INFINITY;

  /** Was REST within reach all the time from then on? */
  isWellSince(sinceMs: number): boolean {
    return this.#lasting === undefined && this.#lastEnd <= sinceMs;
  }

  /** REST has become well, or has ceased to be; or is as it was. */
  turned(isWell: boolean, nowMs: number): void {
    if (isWell) {
      if (this.#lasting !== undefined) {
        this.#lasting.to = nowMs;
        this.#lastEnd = Math.max(this.#lastEnd, nowMs);
      }
      this.#lasting = undefined;
    } else if (this.#lasting === undefined) {
      this.#lasting = this.#add(nowMs, Number.POSITIVE_INFINITY);
    }
  }

  /** The exchange has told us not to ask for so long: nobody may reach it until then (L6). */
  silenced(waitMs: number, nowMs: number): void {
    this.#lastEnd = Math.max(this.#lastEnd, nowMs + waitMs);
    this.#add(nowMs, nowMs + waitMs);
  }

  #add(from: number, to: number): OutOfReach {
    const outage = { from, to };
    this.#outages = this.#outages.filter((known) => known.to >= from - Reach.WINDOW_MS);
    this.#outages.push(outage);
    return outage;
  }

  /** The stream told it. @throws {InvariantViolation} when the key lapsed without need */
  told(record: AccountRecord, nowMs: number): void {
    if (record.kind !== "gap" || record.why !== "key lapsed") return;
    const outMs = this.#outMs(nowMs - Reach.WINDOW_MS, nowMs);
    const minutes = Math.round(outMs / 60_000);
    assert(outMs >= Reach.OUT_OF_REACH_MIN_MS, `L5 a key lapsed though REST was out of reach for ${minutes} min only`);
  }

  /** How much of a time was out of reach; what overlaps counts once. */
  #outMs(since: number, until: number): number {
    let sum = 0;
    let counted = since;
    for (const { from, to } of this.#outages) {
      const begin = Math.max(from, counted);
      const end = Math.min(to, until);
      if (end <= begin) continue;
      sum += end - begin;
      counted = end;
    }
    return sum;
  }
}

/** L6: one grant and one renewal in flight, and no more requests in any minute than a storm-free client sends. */
export class Requests {
  readonly #inFlight = new Map<string, number>();
  readonly #recent: number[] = [];
  #count = 0;

  /**
   * Keep-alive requests of any kind within one minute. Waits double from 0.25 s to 30 s with full jitter, so that
   * trouble after trouble makes a dozen in its first minute; more than twice as many are a storm.
   */
  static readonly PER_MINUTE_MAX = 30;

  /** Keep-alive requests so far. */
  get count(): number {
    return this.#count;
  }

  /** A request goes out. Call the returned function when it is answered. @throws {InvariantViolation} */
  sent({ method, url }: HttpRequest, nowMs: number): () => void {
    const count = (this.#inFlight.get(method) ?? 0) + 1;
    assert(count <= 1, `L6 ${count} times ${method} ${url} in flight`);
    assert(method !== "DELETE", "L5 the key is not deleted unless asked for");
    this.#inFlight.set(method, count);
    this.#count++;
    this.#recent.push(nowMs);
    while ((this.#recent[0] ?? nowMs) < nowMs - 60_000) this.#recent.shift();
    assert(this.#recent.length <= Requests.PER_MINUTE_MAX, `L6 ${this.#recent.length} requests within a minute`);
    return () => this.#inFlight.set(method, (this.#inFlight.get(method) ?? 1) - 1);
  }
}

/** L6: what the exchange says of limits is obeyed, and the weight of a process stays within what it allows. */
export class Limits {
  #silentUntil = 0;
  #silencedBy: number | undefined;

  /**
   * A request goes out.
   * @returns what silence it ends, as the status that asked for it; `undefined`: none
   * @throws {InvariantViolation} when silence was asked for
   */
  sent({ method, url }: HttpRequest, nowMs: number): number | undefined {
    const left = Math.ceil(this.#silentUntil - nowMs);
    assert(left <= 0, `L6 ${method} ${url} is sent ${left} ms before the silence is over that was asked for`);
    const by = this.#silencedBy;
    this.#silencedBy = undefined;
    return by;
  }

  /** An answer came. `isExcused`: the exchange refuses everybody at the moment. @throws {InvariantViolation} */
  answered({ status, headers }: HttpResponse, isExcused: boolean, nowMs: number): void {
    const used = Number(headers["x-mbx-used-weight-1m"] ?? 0);
    assert(used <= WEIGHT_PER_MINUTE, `L6 ${used} of ${WEIGHT_PER_MINUTE} are used up by one process`);
    if (status !== 429 && status !== 418) return;
    assert(isExcused, `L6 the exchange answers ${status}, because of us alone`);
    this.#silentUntil = Math.max(this.#silentUntil, nowMs + Number(headers["retry-after"] ?? 0) * 1000);
    this.#silencedBy = status;
  }
}

/** L9: no secret is in any line. @throws {InvariantViolation} */
export function assertNoSecret(line: string, secrets: Iterable<string>): void {
  for (const secret of secrets)
    assert(!line.includes(secret), `L9 a secret is in the line: ${line.replaceAll(secret, "…")}`);
}

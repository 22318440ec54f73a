/** The laws, checked against the venue's own log. Pure. */
import { assert } from "../src/kernel/errors.ts";
import type { HttpRequest } from "../src/kernel/ports.ts";
import type { StreamRecord } from "../src/stream/record.ts";

/**
 * L1 and L2. Everything the venue pushed is told once and in its order, or a gap record stands where it is missing;
 * nothing else is told; `seq` is contiguous.
 */
export class Completeness {
  /** Event text → its places in the venue's log that were not told yet, in order. */
  readonly #places = new Map<string, number[]>();
  #logged = 0;
  /** The place of the last event told. */
  #last = -1;
  #seq = 0;
  #hasGapSinceLast = false;
  #isFollowed = false;
  #missedCount = 0;

  /** Events that were missed, under a gap that was announced. */
  get missedCount(): number {
    return this.#missedCount;
  }

  /** Events the venue has pushed. */
  get loggedCount(): number {
    return this.#logged;
  }

  /** The venue pushed it to the account. */
  log(json: string): void {
    const place = this.#logged++;
    const places = this.#places.get(json);
    if (places === undefined) this.#places.set(json, [place]);
    else places.push(place);
  }

  /** The stream told it. @throws {InvariantViolation} when a law is broken */
  told(record: StreamRecord): void {
    assert(record.seq === ++this.#seq, `L1 seq ${record.seq} follows ${this.#seq - 1}`);
    if (record.kind === "gap") this.#hasGapSinceLast = true;
    if (record.kind === "status" && record.status === "live") this.#startFollowing();
    if (record.kind !== "event" || record.event.e === "listenKeyExpired") return;
    const place = this.#places.get(record.raw)?.shift();
    assert(place !== undefined, `L1 told twice, or never pushed: ${record.raw}`);
    assert(place > this.#last, `L1 told out of order: ${record.raw}`);
    const missed = place - this.#last - 1;
    assert(missed === 0 || this.#hasGapSinceLast, `L2 ${missed} events missed without a gap before ${record.raw}`);
    this.#missedCount += missed;
    this.#last = place;
    this.#hasGapSinceLast = false;
  }

  /** What was pushed before the stream was live for the first time was promised to nobody. */
  #startFollowing(): void {
    if (this.#isFollowed) return;
    this.#isFollowed = true;
    this.#hasGapSinceLast = true;
  }

  /** The world has been quiet for a while. @throws {InvariantViolation} when something was never told */
  quiet(): void {
    const left = this.#logged - this.#last - 1;
    assert(
      left === 0 || this.#hasGapSinceLast,
      `L2 ${left} events at the end were neither told nor announced as missed`,
    );
  }
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

  /** Times out of reach, the oldest first; those that have left the window are dropped. */
  readonly #outages: { readonly from: number; to: number }[] = [];

  /** REST has become well, or has ceased to be; or is as it was. */
  turned(isWell: boolean, nowMs: number): void {
    const last = this.#outages.at(-1);
    const isOut = last?.to === Number.POSITIVE_INFINITY;
    if (isWell && isOut) last.to = nowMs;
    if (!isWell && !isOut) this.#outages.push({ from: nowMs, to: Number.POSITIVE_INFINITY });
    while ((this.#outages[0]?.to ?? nowMs) < nowMs - Reach.WINDOW_MS) this.#outages.shift();
  }

  /** The stream told it. @throws {InvariantViolation} when the key lapsed without need */
  told(record: StreamRecord, nowMs: number): void {
    if (record.kind !== "gap" || record.why !== "key lapsed") return;
    const since = nowMs - Reach.WINDOW_MS;
    const outMs = this.#outages.reduce((sum, { from, to }) => {
      return sum + Math.max(0, Math.min(to, nowMs) - Math.max(from, since));
    }, 0);
    const minutes = Math.round(outMs / 60_000);
    assert(outMs >= Reach.OUT_OF_REACH_MIN_MS, `L5 a key lapsed though REST was out of reach for ${minutes} min only`);
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

/** L9: no secret is in any line. @throws {InvariantViolation} */
export function assertNoSecret(line: string, secrets: Iterable<string>): void {
  for (const secret of secrets)
    assert(!line.includes(secret), `L9 a secret is in the line: ${line.replaceAll(secret, "…")}`);
}

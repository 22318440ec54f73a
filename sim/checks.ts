/** The laws, checked against the venue's own log. Pure. */
import { assert } from "../src/kernel/errors.ts";
import type { HttpRequest } from "../src/kernel/ports.ts";
import type { StreamRecord } from "../src/stream/record.ts";

/** Events about a connection, which no account pushed: each socket has its own. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set(["listenKeyExpired", "serverShutdown"]);

/** One event in the venue's log. */
interface Place {
  readonly number: number;
  /** Events before it that nothing excuses from being told. */
  readonly owedBefore: number;
  readonly isOwed: boolean;
}

/**
 * L1 and L2. Everything the venue pushed is told once and in its order, or a gap record stands where it is missing;
 * nothing else is told; `seq` is contiguous. What a venue that falls silent swallows is excused: a stream alone cannot
 * know of it. If such an event is told all the same, it is told once and in order.
 */
export class Completeness {
  /** Event text → its places in the venue's log that were not told yet, in order. */
  readonly #places = new Map<string, Place[]>();
  #logged = 0;
  #owed = 0;
  /** The last event told, and how many were owed up to and with it. */
  #last = -1;
  #owedToLast = 0;
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

  /** Events the venue has pushed and swallowed. */
  get excusedCount(): number {
    return this.#logged - this.#owed;
  }

  /** The venue pushed it to the account, and swallows it when it is `excused`. */
  log(json: string, isExcused: boolean): void {
    const place: Place = { number: this.#logged++, owedBefore: this.#owed, isOwed: !isExcused };
    if (!isExcused) this.#owed++;
    const places = this.#places.get(json);
    if (places === undefined) this.#places.set(json, [place]);
    else places.push(place);
  }

  /** The stream told it. @throws {InvariantViolation} when a law is broken */
  told(record: StreamRecord): void {
    assert(record.seq === ++this.#seq, `L1 seq ${record.seq} follows ${this.#seq - 1}`);
    if (record.kind === "gap") this.#hasGapSinceLast = true;
    if (record.kind === "status" && record.status === "live") this.#startFollowing();
    if (record.kind !== "event" || OF_CONNECTIONS.has(record.event.e)) return;
    const place = this.#takePlace(payloadOf(record.raw));
    assert(place !== undefined, `L1 told twice, or never pushed: ${record.raw}`);
    assert(place.number > this.#last, `L1 told out of order: ${record.raw}`);
    const missed = place.owedBefore - this.#owedToLast;
    assert(missed === 0 || this.#hasGapSinceLast, `L2 ${missed} events missed without a gap before ${record.raw}`);
    this.#missedCount += missed;
    this.#last = place.number;
    this.#owedToLast = place.owedBefore + (place.isOwed ? 1 : 0);
    this.#hasGapSinceLast = false;
  }

  #takePlace(json: string): Place | undefined {
    const places = this.#places.get(json);
    const place = places?.shift();
    if (places?.length === 0) this.#places.delete(json);
    return place;
  }

  /** What was pushed before the stream was live for the first time was promised to nobody. */
  #startFollowing(): void {
    if (this.#isFollowed) return;
    this.#isFollowed = true;
    this.#hasGapSinceLast = true;
  }

  /** The world has been quiet for a while. @throws {InvariantViolation} when something was never told */
  quiet(): void {
    const left = this.#owed - this.#owedToLast;
    assert(
      left === 0 || this.#hasGapSinceLast,
      `L2 ${left} events at the end were neither told nor announced as missed`,
    );
  }
}

/** What a frame of either framing carries. */
function payloadOf(raw: string): string {
  if (!raw.startsWith(ENVELOPE)) return raw;
  return raw.slice(raw.indexOf(DATA) + DATA.length, -1);
}

const ENVELOPE = '{"stream":"';
const DATA = '","data":';

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

  /** REST has become well, or has ceased to be; or is as it was. */
  turned(isWell: boolean, nowMs: number): void {
    if (isWell) {
      if (this.#lasting !== undefined) this.#lasting.to = nowMs;
      this.#lasting = undefined;
    } else if (this.#lasting === undefined) {
      this.#lasting = this.#add(nowMs, Number.POSITIVE_INFINITY);
    }
  }

  /** The exchange has told us not to ask for so long: nobody may reach it until then (L6). */
  silenced(waitMs: number, nowMs: number): void {
    this.#add(nowMs, nowMs + waitMs);
  }

  #add(from: number, to: number): OutOfReach {
    const outage = { from, to };
    this.#outages = this.#outages.filter((known) => known.to >= from - Reach.WINDOW_MS);
    this.#outages.push(outage);
    return outage;
  }

  /** The stream told it. @throws {InvariantViolation} when the key lapsed without need */
  told(record: StreamRecord, nowMs: number): void {
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

/** L9: no secret is in any line. @throws {InvariantViolation} */
export function assertNoSecret(line: string, secrets: Iterable<string>): void {
  for (const secret of secrets)
    assert(!line.includes(secret), `L9 a secret is in the line: ${line.replaceAll(secret, "…")}`);
}

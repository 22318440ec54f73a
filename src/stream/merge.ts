/**
 * Many lines, one order: copies of the same events arrive on several lines, and each event is told once. Pure.
 *
 * Each line delivers the account's one sequence without holes, from where it joined. A line is *aligned* when its next
 * news can only be the next news of all: whatever came before has been told. Aligned lines lead together, and the first
 * copy of an event is told as it comes. A line that joined in the middle is not aligned yet: older news may be on its
 * way on another line. Its events are held until one of them is told by an aligned line, which shows where it stands,
 * or until nothing older can be on its way any more (`holdMaxMs`). When no aligned line is left, the oldest other one
 * leads, and tells first what it held.
 *
 * L1: once, in order. L12: what is remembered and what is held are bounded.
 */
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import { type Fingerprint, FingerprintSet, SEEN_MAX } from "./fingerprint.ts";
import type { Epoch } from "./line.ts";

/** Identities remembered at least. A copy that comes later than so many other events is told again. */
export const SEEN_MIN = SEEN_MAX / 2;
/** Events held for all followers together. Over it the follower leads: holding is a courtesy, losing is not. */
export const HELD_MAX = 16_384;

/** An event as a line delivered it. */
export interface Delivered<T> {
  /** Equal for copies only. */
  readonly identity: Fingerprint;
  /** Is no other event equal to it, however closely they follow? Only such a one shows where its line stands. */
  readonly isUnique: boolean;
  readonly item: T;
}

interface Held<T> extends Delivered<T> {
  readonly heldAt: MonotonicMs;
}

interface MergedLine<T> {
  hasLeft: boolean;
  isAligned: boolean;
  /** When it joined, or fell out of line. */
  since: MonotonicMs;
  held: Held<T>[];
}

/** Merges the lines of one stream. `T` is whatever is told. */
export class LineMerge<T> {
  readonly #holdMaxMs: number;
  /** In the order they joined. A line that left stays while it holds something. */
  readonly #lines = new Map<Epoch, MergedLine<T>>();
  #heldCount = 0;
  #seen = new FingerprintSet();
  #seenBefore = new FingerprintSet();
  #copyCount = 0;

  constructor(holdMaxMs: number) {
    this.#holdMaxMs = holdMaxMs;
  }

  /** Copies that were dropped so far. */
  get copyCount(): number {
    return this.#copyCount;
  }

  /** A line opened. The first one leads. Lines are numbered in the order they are dialled. */
  join(epoch: Epoch, now: MonotonicMs): void {
    this.#lines.set(epoch, { hasLeft: false, isAligned: !this.#hasLeader(), since: now, held: [] });
  }

  /** An event came in on a line. Returns what is to be told now, in order. */
  take(epoch: Epoch, delivered: Delivered<T>, now: MonotonicMs): T[] {
    const line = this.#lines.get(epoch);
    if (line === undefined || line.hasLeft) return [];
    const { identity, isUnique, item } = delivered;
    if (this.#isSeen(identity)) {
      this.#copyCount++;
      return isUnique && !line.isAligned ? this.#align(epoch, line) : [];
    }
    // Whatever was sent before it joined has arrived on the other lines, or never will.
    if (line.held.length === 0 && now >= after(line.since, this.#holdMaxMs)) line.isAligned = true;
    if (line.isAligned) {
      this.#remember(identity);
      return this.#heldCount > 0 ? [item, ...this.#dropCopies()] : [item];
    }
    line.held.push({ ...delivered, heldAt: now });
    this.#heldCount++;
    return this.#heldCount > HELD_MAX ? this.#lead(epoch, now) : [];
  }

  /** A line closed. Returns what is to be told now, in order: what another one had held for it. */
  leave(epoch: Epoch, now: MonotonicMs): T[] {
    const line = this.#lines.get(epoch);
    if (line === undefined) return [];
    line.hasLeft = true;
    if (line.held.length === 0) this.#lines.delete(epoch);
    if (!line.isAligned || this.#hasLeader()) return [];
    line.isAligned = false;
    for (const [heir, { hasLeft }] of this.#lines) if (!hasLeft) return this.#lead(heir, now);
    // Nobody is left to tell what a line had held before it left as well.
    return [...this.#lines.keys()].flatMap((left) => this.#release(left));
  }

  #hasLeader(): boolean {
    for (const { hasLeft, isAligned } of this.#lines.values()) if (isAligned && !hasLeft) return true;
    return false;
  }

  /** When {@link due} next has something to do. */
  nextDeadline(): MonotonicMs | undefined {
    if (this.#heldCount === 0) return undefined;
    const oldest = [...this.#lines.values()].flatMap(({ held: [first] }) =>
      first === undefined ? [] : [first.heldAt],
    );
    return after(Math.min(...oldest) as MonotonicMs, this.#holdMaxMs);
  }

  /** Returns what was held for too long, in order; the line that held it leads from now on. */
  due(now: MonotonicMs): T[] {
    const told: T[] = [];
    for (const [epoch, { held, hasLeft }] of this.#lines) {
      const [first] = held;
      if (first === undefined || now < after(first.heldAt, this.#holdMaxMs)) continue;
      told.push(...(hasLeft ? this.#release(epoch) : this.#lead(epoch, now)));
    }
    return told;
  }

  /**
   * It leads without having shown where it stands: the others may be behind it or before it now. Lines that joined
   * earlier may hold older news, even one that has left: that is told first.
   */
  #lead(epoch: Epoch, now: MonotonicMs): T[] {
    for (const [other, line] of this.#lines) {
      if (other !== epoch && line.isAligned) line.since = now;
      line.isAligned = other === epoch;
    }
    const upToIt = [...this.#lines.keys()].filter((line) => line <= epoch);
    return [...upToIt.flatMap((line) => this.#release(line)), ...this.#dropCopies()];
  }

  #release(epoch: Epoch): T[] {
    const line = this.#lines.get(epoch);
    if (line === undefined) return [];
    const { held } = line;
    this.#heldCount -= held.length;
    if (line.hasLeft) this.#lines.delete(epoch);
    else line.held = [];
    const news = held.filter(({ identity }) => !this.#isSeen(identity) && this.#remember(identity));
    this.#copyCount += held.length - news.length;
    return news.map(({ item }) => item);
  }

  /** It has delivered what was told: all that it holds comes after that, and nothing before it is missing. */
  #align(epoch: Epoch, line: MergedLine<T>): T[] {
    line.isAligned = !line.hasLeft;
    return [...this.#release(epoch), ...this.#dropCopies()];
  }

  /** Something was told: what others hold of it, always at the front, is a copy now, and shows where they stand. */
  #dropCopies(): T[] {
    const told: T[] = [];
    for (const [epoch, line] of this.#lines) {
      const { held } = line;
      let copies = 0;
      let shows = false;
      for (let first = held[0]; first !== undefined && this.#isSeen(first.identity); first = held[++copies]) {
        shows ||= first.isUnique;
      }
      if (copies === 0) continue;
      held.splice(0, copies);
      this.#heldCount -= copies;
      this.#copyCount += copies;
      if (held.length === 0 && line.hasLeft) this.#lines.delete(epoch);
      else if (shows) told.push(...this.#align(epoch, line));
    }
    return told;
  }

  #isSeen(identity: Fingerprint): boolean {
    return this.#seen.has(identity) || this.#seenBefore.has(identity);
  }

  #remember(identity: Fingerprint): true {
    this.#seen.add(identity);
    if (this.#seen.size >= SEEN_MIN) {
      const oldest = this.#seenBefore;
      oldest.clear();
      this.#seenBefore = this.#seen;
      this.#seen = oldest;
    }
    return true;
  }
}

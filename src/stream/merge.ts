/**
 * Many lines, one order: copies of the same events arrive on several lines, and each event is told once. Pure.
 *
 * One line leads: its events are told as they come. Another line *follows*: its events are held until the leader has
 * told them, and are then dropped as copies. So the order told is the order of one line at a time, and a line that
 * joins in the middle can never put its news before older news that the leader is still about to deliver. When the
 * leader leaves, or lags by more than `holdMaxMs`, the oldest follower leads, and tells first what it held.
 *
 * L1: once, in order. L12: what is remembered and what is held are bounded.
 */
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import type { Epoch } from "./line.ts";

/** Identities remembered at least. A copy that comes later than so many other events is told again. */
export const SEEN_MIN = 16_384;
/** Events held for all followers together. Over it the follower leads: holding is a courtesy, losing is not. */
export const HELD_MAX = 16_384;

interface Held<T> {
  readonly identity: string;
  readonly item: T;
  readonly heldAt: MonotonicMs;
}

/** Merges the lines of one stream. `T` is whatever is told. */
export class LineMerge<T> {
  readonly #holdMaxMs: number;
  /** Lines in the order they joined; the leader is among them. A line that left stays while it holds something. */
  readonly #held = new Map<Epoch, Held<T>[]>();
  readonly #joined = new Set<Epoch>();
  #leader: Epoch | undefined;
  #heldCount = 0;
  #seen = new Set<string>();
  #seenBefore = new Set<string>();
  #copyCount = 0;

  constructor(holdMaxMs: number) {
    this.#holdMaxMs = holdMaxMs;
  }

  /** Copies that were dropped so far. */
  get copyCount(): number {
    return this.#copyCount;
  }

  /** A line opened. The first one leads. Lines are numbered in the order they are dialled. */
  join(epoch: Epoch): void {
    this.#joined.add(epoch);
    this.#held.set(epoch, []);
    this.#leader ??= epoch;
  }

  /** An event came in on a line. Returns what is to be told now, in order. */
  take(epoch: Epoch, identity: string, item: T, now: MonotonicMs): T[] {
    if (!this.#joined.has(epoch)) return [];
    if (this.#isSeen(identity)) {
      this.#copyCount++;
      return [];
    }
    if (epoch === this.#leader) {
      this.#remember(identity);
      if (this.#heldCount > 0) this.#dropCopies();
      return [item];
    }
    this.#held.get(epoch)?.push({ identity, item, heldAt: now });
    this.#heldCount++;
    return this.#heldCount > HELD_MAX ? this.#lead(epoch) : [];
  }

  /** A line closed. Returns what is to be told now, in order: what its follower had held for it. */
  leave(epoch: Epoch): T[] {
    this.#joined.delete(epoch);
    if (this.#held.get(epoch)?.length === 0) this.#held.delete(epoch);
    if (epoch !== this.#leader) return [];
    this.#leader = undefined;
    const [heir] = this.#joined;
    if (heir !== undefined) return this.#lead(heir);
    // Nobody is left to tell what a follower had held before it left as well.
    return [...this.#held.keys()].flatMap((left) => this.#release(left));
  }

  /** When {@link due} next has something to do. */
  nextDeadline(): MonotonicMs | undefined {
    if (this.#heldCount === 0) return undefined;
    const oldest = [...this.#held.values()].flatMap(([first]) => (first === undefined ? [] : [first.heldAt]));
    return after(Math.min(...oldest) as MonotonicMs, this.#holdMaxMs);
  }

  /** Returns what was held for too long, in order; the line that held it leads from now on. */
  due(now: MonotonicMs): T[] {
    const told: T[] = [];
    for (const [epoch, [first]] of this.#held) {
      if (first === undefined || now < after(first.heldAt, this.#holdMaxMs)) continue;
      told.push(...(this.#joined.has(epoch) ? this.#lead(epoch) : this.#release(epoch)));
    }
    return told;
  }

  /** Lines that joined earlier may hold older news, even one that has left: that is told first. */
  #lead(epoch: Epoch): T[] {
    this.#leader = epoch;
    const upToIt = [...this.#held.keys()].filter((line) => line <= epoch);
    return upToIt.flatMap((line) => this.#release(line));
  }

  #release(epoch: Epoch): T[] {
    const held = this.#held.get(epoch) ?? [];
    this.#heldCount -= held.length;
    if (this.#joined.has(epoch)) this.#held.set(epoch, []);
    else this.#held.delete(epoch);
    const news = held.filter(({ identity }) => !this.#isSeen(identity) && this.#remember(identity));
    this.#copyCount += held.length - news.length;
    return news.map(({ item }) => item);
  }

  /** The leader has told something: what followers hold of it, always at the front, is a copy now. */
  #dropCopies(): void {
    for (const [epoch, held] of this.#held) {
      let copies = 0;
      while (copies < held.length && this.#isSeen((held[copies] as Held<T>).identity)) copies++;
      if (copies === 0) continue;
      held.splice(0, copies);
      this.#heldCount -= copies;
      this.#copyCount += copies;
      if (held.length === 0 && !this.#joined.has(epoch)) this.#held.delete(epoch);
    }
  }

  #isSeen(identity: string): boolean {
    return this.#seen.has(identity) || this.#seenBefore.has(identity);
  }

  #remember(identity: string): true {
    this.#seen.add(identity);
    if (this.#seen.size >= SEEN_MIN) {
      this.#seenBefore = this.#seen;
      this.#seen = new Set();
    }
    return true;
  }
}

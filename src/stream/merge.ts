/**
 * Many lines, one order: copies of the same events arrive on several lines, and each event is told once. Pure.
 *
 * Each line delivers the account's one sequence without holes, from where it joined. A line is *aligned* when its next
 * news can only be the next news of all: whatever came before has been told. Aligned lines lead together, and the first
 * copy of an event is told as it comes. A line that joined in the middle is not aligned yet: older news may be on its
 * way on another line. Its events are held until one of them is told by an aligned line, which shows where it stands,
 * or until an aligned line is proven to have delivered all that is older (*abreast*). What waits for longer than
 * `holdMaxMs` is {@link LineMerge.overdue}: whoever merges then gives up the lines that it waits for, or lets it lead.
 * When no aligned line is left, the oldest other one leads, and tells first what it held.
 *
 * L1: once, in order. L12: what is remembered and what is held are bounded.
 */
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import { type Fingerprint, FingerprintSet, SEEN_MAX } from "./fingerprint.ts";
import type { Epoch } from "./line.ts";

/** Identities remembered at least. A copy that comes later than so many other events is told again. */
export const SEEN_MIN = SEEN_MAX / 2;
/** Events held of all lines together. Over it the line that holds leads: holding is a courtesy, losing is not. */
export const HELD_MAX = 16_384;

/** An event as a line delivered it. */
export interface Delivered<T> {
  /** Equal for copies only. */
  readonly identity: Fingerprint;
  /** Is no other event equal to it, however closely they follow? Only such a one shows where its line stands. */
  readonly isUnique: boolean;
  /** Has it no place in the order, since it is about one connection? Then it waits for nothing. */
  readonly isApart?: boolean;
  readonly item: T;
}

interface Held<T> extends Delivered<T> {
  readonly heldAt: MonotonicMs;
}

interface MergedLine<T> {
  hasLeft: boolean;
  isAligned: boolean;
  /** It has delivered all that is older than this line, and any before it, has to tell. */
  abreastOf: Epoch;
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

  /** May nothing more be held? */
  get isFull(): boolean {
    return this.#heldCount >= HELD_MAX;
  }

  /** Was all told that is older than its next news? */
  isAligned(epoch: Epoch): boolean {
    return this.#lines.get(epoch)?.isAligned === true;
  }

  /** A line opened. The first one leads. Lines are numbered in the order they are dialled. */
  join(epoch: Epoch): void {
    this.#lines.set(epoch, { hasLeft: false, isAligned: !this.#hasLeader(), abreastOf: epoch, held: [] });
  }

  /** A line is proven to be abreast of another one, and of those between them. Returns what is to be told now. */
  abreast(epoch: Epoch, of: Epoch): T[] {
    const line = this.#lines.get(epoch);
    if (line === undefined || line.abreastOf >= of) return [];
    line.abreastOf = of;
    return line.isAligned ? this.#alignOthers(epoch, of) : [];
  }

  /** An event came in on a line. Returns what is to be told now, in order. */
  take(epoch: Epoch, delivered: Delivered<T>, now: MonotonicMs): T[] {
    const line = this.#lines.get(epoch);
    if (line === undefined || line.hasLeft) return [];
    const { identity, isUnique, isApart, item } = delivered;
    if (this.#isSeen(identity)) {
      this.#copyCount++;
      return isUnique && !isApart && !line.isAligned ? this.#align(epoch, line) : [];
    }
    if (line.isAligned || isApart) {
      this.#remember(identity);
      return this.#heldCount > 0 ? [item, ...this.#dropCopies()] : [item];
    }
    line.held.push({ ...delivered, heldAt: now });
    this.#heldCount++;
    return this.#heldCount > HELD_MAX ? this.#lead(epoch) : [];
  }

  /** A line closed. Returns what is to be told now, in order: what another one had held for it. */
  leave(epoch: Epoch): T[] {
    const line = this.#lines.get(epoch);
    if (line === undefined) return [];
    line.hasLeft = true;
    if (line.held.length === 0) this.#lines.delete(epoch);
    if (!line.isAligned || this.#hasLeader()) return [];
    line.isAligned = false;
    for (const [heir, { hasLeft }] of this.#lines) if (!hasLeft) return this.#lead(heir);
    // Nobody is left to tell what a line had held before it left as well.
    return [...this.#lines.keys()].flatMap((left) => this.#release(left));
  }

  #hasLeader(): boolean {
    for (const { hasLeft, isAligned } of this.#lines.values()) if (isAligned && !hasLeft) return true;
    return false;
  }

  /** When a line is next {@link overdue}. What a line that left had held waits for as long as another one leads. */
  nextDeadline(): MonotonicMs | undefined {
    if (this.#heldCount === 0) return undefined;
    const oldest = [...this.#lines.values()].flatMap(({ hasLeft, held: [first] }) =>
      first === undefined || hasLeft ? [] : [first.heldAt],
    );
    return oldest.length === 0 ? undefined : after(Math.min(...oldest) as MonotonicMs, this.#holdMaxMs);
  }

  /** The oldest line whose events wait for too long, or are too many; `undefined`: none. */
  overdue(now: MonotonicMs): Epoch | undefined {
    for (const [epoch, { hasLeft, held }] of this.#lines) {
      const [first] = held;
      if (hasLeft || first === undefined) continue;
      if (now >= after(first.heldAt, this.#holdMaxMs) || this.isFull) return epoch;
    }
    return undefined;
  }

  /** The line waits for nobody any more. Returns what is to be told now, in order. */
  release(epoch: Epoch): T[] {
    return this.#lines.get(epoch)?.held.length ? this.#lead(epoch) : [];
  }

  /**
   * It leads without having shown where it stands: the others may be behind it or before it now. Lines that joined
   * earlier may hold older news, even one that has left: that is told first.
   */
  #lead(epoch: Epoch): T[] {
    for (const [other, line] of this.#lines) line.isAligned = other === epoch;
    const upToIt = [...this.#lines.keys()].filter((line) => line <= epoch);
    const told = upToIt.flatMap((line) => this.#release(line));
    return [...told, ...this.#dropCopies(), ...this.#alignOthers(epoch, this.#lines.get(epoch)?.abreastOf ?? epoch)];
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
    return [...this.#release(epoch), ...this.#dropCopies(), ...this.#alignOthers(epoch, line.abreastOf)];
  }

  /** All that the line `epoch` has delivered is told: so those that it is abreast of have nothing to wait for. */
  #alignOthers(epoch: Epoch, upTo: Epoch): T[] {
    return [...this.#lines].flatMap(([other, line]) => {
      return other > epoch && other <= upTo && !line.hasLeft && !line.isAligned ? this.#align(other, line) : [];
    });
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

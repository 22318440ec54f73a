/**
 * What was committed of one account, newest end: a ring of records for consumers that keep up, and the members that are
 * told of each new one. Pure.
 *
 *     journal   1 ………………………………………………… lastSeq      everything, read page by page
 *     ring               firstSeq ………………… lastSeq      the newest, in memory, shared by all consumers
 *     consumer                     cursor ▲            the ring is everybody's queue: who lags has a cursor, no copies
 */
import type { JournalEntry } from "../journal/entry.ts";
import type { Known } from "./known.ts";
import { type AccountSnapshot, knownIn, snapshotText } from "./mirror-text.ts";

/** One committed record, as consumers get it. */
export interface FeedEntry {
  readonly seq: number;
  /** The record's text. */
  readonly text: string;
  /** The event's type; `null` when it is no event. */
  readonly event: string | null;
  /** The one symbol it is about; `null` when it is about none or several. */
  readonly symbol: string | null;
  /** After it, the mirror may know what no event has told: it is a status or a certificate. */
  readonly renews: boolean;
}

/** An entry of the journal, as consumers get it. */
export function feedEntryOf({ seq, record, event, symbol, kind }: JournalEntry): FeedEntry {
  return { seq, text: record, event, symbol, renews: kind === "status" || kind === "repair" };
}

/** How much a ring keeps. */
export interface RingLimits {
  readonly entries: number;
  /** Characters of their texts. */
  readonly chars: number;
}

/** More than may wait for any consumer, and enough for one that is away for some seconds of a storm. */
export const RING_LIMITS: RingLimits = { entries: 12_000, chars: 16_000_000 };

/** Somebody who is told of new records. */
export interface FeedMember {
  /** Records that wait for it. */
  readonly lag: number;
  /** These were committed, oldest first; they are in the ring. Everybody is given the same array. */
  published(batch: readonly FeedEntry[]): void;
  /** What the account holds is shown anew, though no record says so. */
  renewed(): void;
  /** There will be no more. */
  feedEnded(why: "ACCOUNT_REMOVED" | "STOPPING"): void;
}

/** The newest committed records of one account. */
export class Feed {
  readonly account: string;
  readonly #limits: RingLimits;
  readonly #members = new Set<FeedMember>();
  #ring: FeedEntry[] = [];
  /** Characters of the ring's records, and of all before them, up to and with each. */
  #totals: number[] = [];
  /** Where in both the ring begins. */
  #start = 0;
  #chars = 0;
  #lastSeq: number;
  #snapshot: AccountSnapshot;
  #text: string | undefined;
  #ended: "ACCOUNT_REMOVED" | "STOPPING" | undefined;

  /** @param snapshot what the account holds as of the last record that was committed before */
  constructor(snapshot: AccountSnapshot, limits: RingLimits = RING_LIMITS) {
    this.account = snapshot.account;
    this.#limits = limits;
    this.#lastSeq = snapshot.asOfSeq;
    this.#snapshot = snapshot;
  }

  /** The oldest record in the ring; one more than {@link lastSeq} when it is empty. */
  get firstSeq(): number {
    return this.#lastSeq - (this.#ring.length - this.#start) + 1;
  }

  /** The newest committed record; 0 when there is none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** What the account holds, as of {@link lastSeq}. */
  get snapshot(): AccountSnapshot {
    return this.#snapshot;
  }

  /** How much of what the account holds {@link snapshot} shows. */
  get known(): Known {
    return knownIn(this.#snapshot);
  }

  /** Its text, made once. */
  get snapshotText(): string {
    this.#text ??= snapshotText(this.#snapshot);
    return this.#text;
  }

  /** How many are told. */
  get memberCount(): number {
    return this.#members.size;
  }

  /** All that are told. */
  get members(): Iterable<FeedMember> {
    return this.#members;
  }

  /** Tells everybody what was committed. It follows what was published before. */
  publish(batch: readonly FeedEntry[], snapshot: AccountSnapshot): void {
    for (const entry of batch) {
      this.#chars += entry.text.length;
      this.#ring.push(entry);
      this.#totals.push(this.#chars);
    }
    this.#lastSeq = batch.at(-1)?.seq ?? this.#lastSeq;
    this.show(snapshot);
    this.#trim();
    for (const member of this.#members) member.published(batch);
  }

  /** Another snapshot, of the same records, for those that come. */
  show(snapshot: AccountSnapshot): void {
    this.#snapshot = snapshot;
    this.#text = undefined;
  }

  /** Another snapshot, of the same records, of which everybody is told. */
  renew(snapshot: AccountSnapshot): void {
    this.show(snapshot);
    for (const member of this.#members) member.renewed();
  }

  /** Can one go on from this cursor within the ring? */
  covers(cursor: number): boolean {
    return cursor >= this.firstSeq - 1 && cursor <= this.#lastSeq;
  }

  /** The records after a cursor that is covered, oldest first: at least one if there is any, then up to the limits. */
  after(cursor: number, entriesMax: number, charsMax: number): readonly FeedEntry[] {
    const from = this.#start + cursor - this.firstSeq + 1;
    const before = this.#before(from);
    let to = Math.min(from + entriesMax, this.#ring.length);
    while (to > from + 1 && (this.#totals[to - 1] ?? 0) - before > charsMax) to = from + ((to - from) >> 1);
    return this.#ring.slice(from, to);
  }

  /** Characters of all records after a cursor; of those in the ring only. */
  charsAfter(cursor: number): number {
    const from = Math.max(this.#start, this.#start + cursor - this.firstSeq + 1);
    return this.#chars - this.#before(from);
  }

  /** Will there be no more? */
  get isEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Somebody comes. After the end it is told at once. */
  join(member: FeedMember): void {
    if (this.#ended === undefined) this.#members.add(member);
    else member.feedEnded(this.#ended);
  }

  /** Somebody goes. */
  leave(member: FeedMember): void {
    this.#members.delete(member);
  }

  /** Sends everybody home. */
  end(why: "ACCOUNT_REMOVED" | "STOPPING"): void {
    this.#ended = why;
    for (const member of [...this.#members]) member.feedEnded(why);
  }

  #before(from: number): number {
    const first = this.#ring[from];
    return first === undefined ? this.#chars : (this.#totals[from] ?? 0) - first.text.length;
  }

  #trim(): void {
    const { entries, chars } = this.#limits;
    const end = this.#ring.length;
    while (end - this.#start > entries || this.#chars - this.#before(this.#start) > chars) this.#start++;
    if (this.#start <= entries) return;
    this.#ring = this.#ring.slice(this.#start);
    this.#totals = this.#totals.slice(this.#start);
    this.#start = 0;
  }
}

/**
 * One consumer: where it stands, and what it gets next. Pure.
 *
 *     cursor before the ring ──▶ reading ──page──▶ reading … ──▶ following ──▶ ended
 *                                the journal       until the ring covers the cursor
 *                                waiting for the journal, which has yet to commit what the ring has let go of
 *
 * Rules kept here
 * - L1: what is handed on is what follows the cursor, and the cursor moves with it: history and live records cannot
 *   overlap, whatever comes when.
 * - L7: a consumer whose socket is full is given nothing. The ring is its queue; when what waits there for it is more
 *   than its bound, its policy decides. It costs the others nothing, frozen or not.
 * - What is skipped is said: by a notice that names the range, or by a snapshot that includes it. Until then the cursor
 *   stands before it.
 */

import type { Extent } from "../journal/cursor.ts";
import type { JournalReader, ReadAnswer } from "../journal/journal.ts";
import type { StorageError } from "../kernel/errors.ts";
import type { MonotonicMs } from "../kernel/scalars.ts";
import { type Feed, type FeedEntry, type FeedMember, feedEntryOf } from "./feed.ts";
import { type RecordFilter, Sieve } from "./filter.ts";

/** What becomes of a consumer that cannot keep up. */
export type SlowPolicy = "disconnect" | "drop-oldest" | "coalesce";

/**
 * When a consumer is shown what the account holds: never, at the beginning, or then and whenever it is renewed. While
 * only a part of it is known, that waits.
 */
export type SnapshotWish = "none" | "first" | "follow";

/** What a consumer asked for. */
export interface ConsumerWish {
  /** The last record it has; `undefined`: from now on. */
  readonly since: number | undefined;
  readonly snapshots: SnapshotWish;
  readonly filter?: RecordFilter;
  readonly policy: SlowPolicy;
  /** Records that may wait for it. */
  readonly queueEntries: number;
}

/** What is handed to a consumer. */
export type Outgoing =
  /** Records, oldest first. Everybody who gets the same ones gets the same array. */
  | { readonly is: "records"; readonly entries: readonly FeedEntry[] }
  /**
   * What the account holds. It may be newer than the cursor: then records follow that it includes. `skipped`: so many
   * records do not, because it takes their place.
   */
  | {
      readonly is: "snapshot";
      readonly text: string;
      readonly asOfSeq: number;
      readonly cursor: number;
      readonly skipped: number;
    }
  /** These are skipped: it did not keep up. */
  | { readonly is: "dropped"; readonly from: number; readonly to: number }
  /** Nothing that it wants was among the records up to here. */
  | { readonly is: "cursor"; readonly seq: number };

/** Why a consumer is sent away. */
export type EndCode =
  | "SLOW_CONSUMER"
  | "CURSOR_TOO_OLD"
  | "CURSOR_FROM_THE_FUTURE"
  | "JOURNAL_UNREADABLE"
  | "TOO_MANY_FRAMES"
  | "ACCOUNT_REMOVED"
  | "STOPPING";

/** The end, and where to go on. */
export interface ConsumerEnd {
  readonly code: EndCode;
  /** The last record it was given, or that its filter kept from it. */
  readonly cursor: number;
  /** What is kept, when that is why. */
  readonly extent?: Extent;
}

/** The other end: a socket. */
export interface ConsumerSink {
  send(outgoing: Outgoing): void;
  /** Bytes it was given that the network has not taken yet. */
  readonly unsentBytes: number;
  /** Called now and then while the socket takes what it is given: a sign of life is due. */
  beat(): void;
  /** Called once, last. */
  end(why: ConsumerEnd): void;
}

/** Bytes that wait in a socket; what is more waits in the ring. */
export const UNSENT_BYTES_MAX = 1024 * 1024;

/** Characters that may wait in the ring for a consumer. */
const QUEUE_CHARS_MAX = 8_000_000;

/** Handed on at once, when it lags. */
const CHUNK_ENTRIES = 1_000;
const CHUNK_CHARS = 512 * 1024;

/** A socket that takes nothing for so long is given up, whatever its policy. */
export const STALL_MAX_MS = 60_000;

/** Frames a consumer may send within {@link FRAMES_WINDOW_MS}: signs of life, for it has nothing to say. */
export const FRAMES_MAX = 60;

/** How long they are counted. */
export const FRAMES_WINDOW_MS = 60_000;

/** One consumer of one account. */
export class Consumer implements FeedMember {
  readonly #feed: Feed;
  readonly #journal: Pick<JournalReader, "read">;
  readonly #sink: ConsumerSink;
  readonly #wish: ConsumerWish;
  readonly #sieve: Sieve | undefined;
  #phase: "reading" | "waiting" | "following" | "ended" = "following";
  #cursor = 0;
  /** The last record that it was given itself. */
  #given = 0;
  /** A snapshot to be shown when it has everything; or `leap`: at once, in the place of what waits. */
  #owes: "nothing" | "snapshot" | "leap" = "nothing";
  /** To be skipped, after the cursor, once it was said. */
  #dropped: { readonly from: number; readonly to: number } | undefined;
  /** Has it ever had everything? Only then can it fall behind. */
  #hasKeptUp = false;
  /** The socket has been full since, and the network has taken nothing. */
  #blocked: { readonly since: MonotonicMs; readonly bytes: number } | undefined;
  #heard: { readonly since: MonotonicMs; frames: number } | undefined;

  constructor(feed: Feed, journal: Pick<JournalReader, "read">, wish: ConsumerWish, sink: ConsumerSink) {
    this.#feed = feed;
    this.#journal = journal;
    this.#sink = sink;
    this.#wish = wish;
    this.#sieve = wish.filter === undefined ? undefined : new Sieve(wish.filter);
  }

  /** The last record it was given, or that its filter kept from it. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Records that wait for it. */
  get lag(): number {
    return Math.max(0, this.#feed.lastSeq - this.#cursor);
  }

  /** Begins to hand on. Called once. */
  begin(): void {
    const { since, snapshots } = this.#wish;
    const { snapshot } = this.#feed;
    this.#cursor = since ?? snapshot.asOfSeq;
    this.#given = this.#cursor;
    this.#feed.join(this);
    if (this.#phase === "ended") return;
    if (snapshots === "follow" || (snapshots === "first" && since === undefined)) this.#owes = "snapshot";
    if (this.#owes !== "nothing" && this.#mayShow()) this.#showSnapshot();
    // One that is ahead of the feed may be ahead of the news only, or of all that was ever written.
    if (this.#feed.covers(this.#cursor)) this.#pump();
    else this.#read();
  }

  /** The socket is gone, whichever side closed it. */
  closed(): void {
    this.#phase = "ended";
    this.#feed.leave(this);
  }

  /** The network has taken what waited in the socket. */
  drained(): void {
    this.#blocked = undefined;
    if (this.#phase === "following") this.#pump();
  }

  /** It has sent a frame of whatever kind. One that goes on and on keeps the hub from the others. */
  heard(now: MonotonicMs): void {
    if (this.#heard === undefined || now - this.#heard.since >= FRAMES_WINDOW_MS) {
      this.#heard = { since: now, frames: 0 };
    }
    this.#heard.frames++;
    if (this.#heard.frames > FRAMES_MAX) this.#end("TOO_MANY_FRAMES");
  }

  /** Called now and then. */
  beat(now: MonotonicMs): void {
    if (this.#phase === "ended") return;
    if (this.#phase === "waiting") this.#read();
    if (this.#isFull()) {
      const { unsentBytes } = this.#sink;
      if (this.#blocked === undefined || unsentBytes < this.#blocked.bytes) {
        this.#blocked = { since: now, bytes: unsentBytes };
      } else if (now - this.#blocked.since >= STALL_MAX_MS) this.#end("SLOW_CONSUMER");
      return;
    }
    this.#blocked = undefined;
    this.#sink.beat();
    if (this.#given === this.#cursor) return;
    this.#given = this.#cursor;
    this.#sink.send({ is: "cursor", seq: this.#cursor });
  }

  published(batch: readonly FeedEntry[]): void {
    if (this.#phase === "waiting") return this.#read();
    if (this.#phase !== "following") return;
    const first = batch[0];
    const owes = this.#owes !== "nothing" || this.#dropped !== undefined;
    if (first !== undefined && this.#cursor + 1 === first.seq && !owes && !this.#isFull()) this.#hand(batch);
    this.#pump();
    if (this.#isFull()) this.#judge();
  }

  renewed(): void {
    if (this.#owes === "nothing" && this.#wish.snapshots === "follow") this.#owes = "snapshot";
    if (this.#phase === "following") this.#pump();
  }

  feedEnded(why: "ACCOUNT_REMOVED" | "STOPPING"): void {
    this.#end(why);
  }

  #isFull(): boolean {
    return this.#sink.unsentBytes >= UNSENT_BYTES_MAX;
  }

  /** Hands on until everything is, or the socket is full, or the journal has to be asked. */
  #pump(): void {
    while (this.#phase === "following" && !this.#isFull()) {
      if (this.#dropped !== undefined) {
        const dropped = this.#dropped;
        this.#dropped = undefined;
        this.#cursor = dropped.to;
        this.#given = dropped.to;
        this.#sink.send({ is: "dropped", ...dropped });
      } else if (this.#owesNow()) {
        const before = this.#cursor;
        if (this.#owes === "leap") this.#cursor = this.#feed.snapshot.asOfSeq;
        this.#showSnapshot(this.#cursor - before);
      } else if (this.#cursor >= this.#feed.lastSeq) {
        this.#hasKeptUp = true;
        return;
      } else if (!this.#feed.covers(this.#cursor)) return this.#read();
      else this.#hand(this.#feed.after(this.#cursor, CHUNK_ENTRIES, CHUNK_CHARS));
    }
  }

  /** A part of what the account holds is shown to nobody: the whole is awaited. */
  #mayShow(): boolean {
    return this.#feed.known !== "part";
  }

  #owesNow(): boolean {
    const isDue = this.#owes === "leap" || (this.#owes === "snapshot" && this.#cursor >= this.#feed.lastSeq);
    return isDue && this.#mayShow();
  }

  #hand(entries: readonly FeedEntry[]): void {
    const wanted = this.#sieve?.of(entries) ?? entries;
    this.#cursor = entries.at(-1)?.seq ?? this.#cursor;
    if (this.#wish.snapshots === "follow" && entries.some(({ renews }) => renews)) this.#owes = "snapshot";
    this.#give(wanted);
  }

  #give(entries: readonly FeedEntry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#given = last.seq;
    this.#sink.send({ is: "records", entries });
  }

  #showSnapshot(skipped = 0): void {
    this.#owes = "nothing";
    const { asOfSeq } = this.#feed.snapshot;
    const cursor = Math.min(asOfSeq, this.#cursor);
    this.#given = Math.max(this.#given, cursor);
    this.#sink.send({ is: "snapshot", text: this.#feed.snapshotText, asOfSeq, cursor, skipped });
  }

  #read(): void {
    this.#phase = "reading";
    const { filter } = this.#wish;
    const request = { account: this.#feed.account, since: this.#cursor, limit: CHUNK_ENTRIES };
    this.#journal.read(filter === undefined ? request : { ...request, filter }).then(
      (answer) => this.#readDone(answer),
      (error: StorageError) => {
        if (error.origin !== "disk") throw error;
        this.#end("JOURNAL_UNREADABLE");
      },
    );
  }

  #readDone(answer: ReadAnswer): void {
    if (this.#phase !== "reading") return;
    if (this.#isAheadOf(answer)) {
      this.#phase = "waiting";
      return;
    }
    if (answer.is !== "page") {
      return this.#end(answer.is === "too-old" ? "CURSOR_TOO_OLD" : "CURSOR_FROM_THE_FUTURE", answer.extent);
    }
    this.#phase = "following";
    const { entries, cursor } = answer;
    this.#cursor = cursor;
    const read = entries.map(feedEntryOf);
    if (this.#wish.snapshots === "follow" && read.some(({ renews }) => renews)) this.#owes = "snapshot";
    this.#give(read);
    this.#pump();
  }

  /** Handed on before it was committed, a record may leave the ring before the journal has it. */
  #isAheadOf(answer: ReadAnswer): boolean {
    if (answer.is === "page") return answer.cursor === this.#cursor && !this.#feed.covers(this.#cursor);
    return answer.is === "from-the-future" && this.#cursor <= this.#feed.lastSeq;
  }

  /** Too much may wait for it. */
  #judge(): void {
    if (!this.#hasKeptUp || this.#phase !== "following") return;
    const { policy, queueEntries } = this.#wish;
    const next = this.#dropped?.to ?? this.#cursor;
    const isOver = this.#feed.lastSeq - next > queueEntries || this.#feed.charsAfter(next) > QUEUE_CHARS_MAX;
    if (!isOver && this.#feed.covers(next)) return;
    if (policy === "disconnect") return this.#end("SLOW_CONSUMER");
    if (policy === "coalesce") this.#owes = "leap";
    else this.#dropped = { from: this.#cursor + 1, to: this.#keepNewest(next, queueEntries >> 1) };
  }

  /** The cursor from which at most so many records wait, and not too many characters. */
  #keepNewest(cursor: number, entries: number): number {
    let to = Math.max(cursor, this.#feed.lastSeq - entries);
    while (to < this.#feed.lastSeq && this.#feed.charsAfter(to) > QUEUE_CHARS_MAX / 2) {
      to += Math.ceil((this.#feed.lastSeq - to) / 2);
    }
    return to;
  }

  #end(code: EndCode, extent?: Extent): void {
    if (this.#phase === "ended") return;
    this.closed();
    this.#sink.end({ code, cursor: this.#cursor, ...(extent === undefined ? {} : { extent }) });
  }
}

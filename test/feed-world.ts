/** A feed with a journal behind it, and consumers that write down what they are given. */
import assert from "node:assert/strict";
import { Mirror } from "../src/account/mirror.ts";
import {
  Consumer,
  type ConsumerEnd,
  type ConsumerSink,
  type ConsumerWish,
  type Outgoing,
  UNSENT_BYTES_MAX,
} from "../src/hub/consumer.ts";
import { Feed, feedEntryOf, RING_LIMITS } from "../src/hub/feed.ts";
import { MemoryJournal } from "../src/hub/memory-journal.ts";
import { NOWHERE } from "../src/hub/standing.ts";
import type { JournalEntry } from "../src/journal/entry.ts";
import type { JournalReader } from "../src/journal/journal.ts";
import type { WallMs } from "../src/kernel/scalars.ts";
import { settled } from "./fake-world.ts";

const ACCOUNT = "demo";
const { view } = new Mirror();
/** What the account holds as of a record: nothing. */
export const snapshotAt = (asOfSeq: number) => ({ account: ACCOUNT, asOfSeq, view, standing: NOWHERE });
/** Live records, a thousand of which may wait. */
export const WISH: ConsumerWish = { since: undefined, snapshots: "none", policy: "disconnect", queueEntries: 1000 };

/** A journal, a feed before it, and records that are made by counting. */
export class FeedWorld {
  readonly journal = new MemoryJournal();
  readonly feed: Feed;
  #seq = 0;
  #unpublished: JournalEntry[][] = [];

  constructor(ringEntries = RING_LIMITS.entries) {
    this.feed = new Feed(snapshotAt(0), { ...RING_LIMITS, entries: ringEntries });
  }

  /** Commits so many records; nobody has been told. */
  async commit(count: number, more: Partial<JournalEntry> = {}): Promise<void> {
    const entries = Array.from({ length: count }, () => entryOf(++this.#seq, more));
    await this.journal.append(entries);
    this.#unpublished.push(entries);
  }

  /** Tells the feed of the oldest commit it was not told of. */
  publish(): void {
    const batch = this.#unpublished.shift();
    if (batch !== undefined) this.feed.publish(batch.map(feedEntryOf), snapshotAt(batch.at(-1)?.seq ?? 0));
  }

  /** Commits so many, and tells the feed. */
  async tell(count: number, more?: Partial<JournalEntry>): Promise<void> {
    await this.commit(count, more);
    this.publish();
    await settled();
  }

  /** Tells the feed of all that was committed. */
  publishAll(): void {
    while (this.#unpublished.length > 0) this.publish();
  }

  /** Somebody comes who wants this. */
  consumer(wish: Partial<ConsumerWish> = {}, journal: Pick<JournalReader, "read"> = this.journal): TestSink {
    return new TestSink(this.feed, journal, { ...WISH, ...wish });
  }
}

/** A record of this number: each seventh a status, the others events of three types, half of them about a symbol. */
export function entryOf(seq: number, more: Partial<JournalEntry>): JournalEntry {
  const kind = seq % 7 === 0 ? "status" : "event";
  return {
    account: ACCOUNT,
    seq,
    kind,
    origin: null,
    at: seq as WallMs,
    event: kind === "event" ? (["A", "B", "C"][seq % 3] ?? null) : null,
    symbol: kind === "event" && seq % 2 === 0 ? "BTCUSDT" : null,
    eventAt: null,
    transactAt: null,
    record: `{"seq":${seq}}`,
    ...more,
  };
}

/** Writes down what it is given; takes nothing off the network's hands while it is frozen. */
export class TestSink implements ConsumerSink {
  readonly consumer: Consumer;
  readonly got: string[] = [];
  readonly seqs: number[] = [];
  ended: ConsumerEnd | undefined;
  isFrozen = false;
  unsentBytes = 0;

  constructor(feed: Feed, journal: Pick<JournalReader, "read">, wish: ConsumerWish) {
    this.consumer = new Consumer(feed, journal, wish, this);
    this.consumer.begin();
  }

  send(outgoing: Outgoing): void {
    assert.equal(this.ended, undefined, "nothing follows the end");
    assert.ok(this.unsentBytes < UNSENT_BYTES_MAX, "a full socket is given nothing");
    if (outgoing.is === "records") {
      assert.ok(outgoing.entries.length > 0);
      for (const { seq, text } of outgoing.entries) {
        assert.equal(text.startsWith(`{"seq":${seq}`), true);
        this.seqs.push(seq);
        this.got.push(String(seq));
      }
    } else if (outgoing.is === "snapshot") {
      assert.equal(JSON.parse(outgoing.text).asOfSeq, outgoing.asOfSeq);
      this.got.push(`snapshot ${outgoing.asOfSeq}`);
    } else {
      this.got.push(outgoing.is === "dropped" ? `dropped ${outgoing.from}-${outgoing.to}` : `cursor ${outgoing.seq}`);
    }
    if (this.isFrozen) this.unsentBytes += UNSENT_BYTES_MAX;
  }

  beat(): void {}

  end(why: ConsumerEnd): void {
    assert.equal(this.ended, undefined);
    this.ended = why;
  }

  /** The network takes everything again. */
  thaw(): void {
    this.isFrozen = false;
    this.unsentBytes = 0;
    this.consumer.drained();
  }
}

/** Whole numbers from one to another, both included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

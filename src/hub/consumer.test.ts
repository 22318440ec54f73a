/** Consumers of one feed, with history in a journal: every order in which things can happen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { settled } from "../../test/fake-world.ts";
import { Mirror } from "../account/mirror.ts";
import type { JournalEntry } from "../journal/entry.ts";
import type { JournalReader } from "../journal/journal.ts";
import { StorageError } from "../kernel/errors.ts";
import type { MonotonicMs, WallMs } from "../kernel/scalars.ts";
import {
  Consumer,
  type ConsumerEnd,
  type ConsumerSink,
  type ConsumerWish,
  FRAMES_MAX,
  FRAMES_WINDOW_MS,
  type Outgoing,
  STALL_MAX_MS,
  UNSENT_BYTES_MAX,
} from "./consumer.ts";
import { Feed, feedEntryOf, RING_LIMITS } from "./feed.ts";
import { MemoryJournal } from "./memory-journal.ts";
import { NOWHERE } from "./standing.ts";

const ACCOUNT = "demo";
const { view } = new Mirror();
const snapshotAt = (asOfSeq: number) => ({ account: ACCOUNT, asOfSeq, view, standing: NOWHERE });
const WISH: ConsumerWish = { since: undefined, snapshots: "none", policy: "disconnect", queueEntries: 1000 };

/** A journal, a feed before it, and records that are made by counting. */
class World {
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

  async tell(count: number, more?: Partial<JournalEntry>): Promise<void> {
    await this.commit(count, more);
    this.publish();
    await settled();
  }

  publishAll(): void {
    while (this.#unpublished.length > 0) this.publish();
  }

  consumer(wish: Partial<ConsumerWish> = {}, journal: Pick<JournalReader, "read"> = this.journal): TestSink {
    return new TestSink(this.feed, journal, { ...WISH, ...wish });
  }
}

function entryOf(seq: number, more: Partial<JournalEntry>): JournalEntry {
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
class TestSink implements ConsumerSink {
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

  thaw(): void {
    this.isFrozen = false;
    this.unsentBytes = 0;
    this.consumer.drained();
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

type Step =
  | { readonly do: "commit"; readonly count: number }
  | { readonly do: "publish" | "settle" | "connect" }
  | { readonly do: "freeze" | "thaw" | "reconnect"; readonly who: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant("commit" as const), count: fc.integer({ min: 1, max: 12 }) }) },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constantFrom("publish" as const, "settle" as const, "connect" as const) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom("freeze" as const, "thaw" as const, "reconnect" as const),
        who: fc.nat(9),
      }),
    },
  ),
  { maxLength: 60 },
);

test("L1 whatever happens in whatever order, each consumer gets each record once, in order", async () => {
  const filters = [
    undefined,
    { events: ["A"] },
    { symbols: ["ETHUSDT"] },
    { events: ["B", "C"], symbols: ["BTCUSDT"] },
  ];
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 20 }), fc.nat(3), async (story, ring, chosen) => {
      const world = new World(ring);
      const filter = filters[chosen];
      const wish = { since: 0, queueEntries: 1_000_000, ...(filter === undefined ? {} : { filter }) };
      /** All connections of each program, one after the other. */
      const programs: TestSink[][] = [];
      for (const step of story) {
        const sinks = "who" in step ? (programs[step.who % programs.length] ?? []) : [];
        const sink = sinks.at(-1);
        if (step.do === "commit") await world.commit(step.count);
        else if (step.do === "publish") world.publish();
        else if (step.do === "settle") await settled();
        else if (step.do === "connect") programs.push([world.consumer(wish)]);
        else if (sink === undefined) continue;
        else if (step.do === "freeze") sink.isFrozen = true;
        else if (step.do === "thaw") sink.thaw();
        else {
          sink.consumer.closed();
          const last = sinks.flatMap(({ seqs }) => seqs).at(-1) ?? 0;
          sinks.push(world.consumer({ ...wish, since: last }));
        }
      }
      world.publishAll();
      await settled();
      for (const sinks of programs) sinks.at(-1)?.thaw();
      for (let rounds = 0; rounds < 30; rounds++) await settled();
      const all = range(1, world.feed.lastSeq).map((seq) => entryOf(seq, {}));
      const wanted = all.filter(
        ({ event, symbol }) =>
          event === null ||
          (filter?.events?.includes(event) !== false &&
            (symbol === null || filter?.symbols?.includes(symbol) !== false)),
      );
      for (const sinks of programs) {
        // Whom the ring went on without may have been sent away.
        for (const { ended } of sinks) assert.equal(ended?.code === "SLOW_CONSUMER" ? undefined : ended, undefined);
        if (sinks.some(({ ended }) => ended !== undefined)) continue;
        assert.deepEqual(
          sinks.flatMap(({ seqs }) => seqs),
          wanted.map(({ seq }) => seq),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test("L1 a consumer that reads history while records are committed gets them once, in order", async () => {
  const world = new World(5);
  for (let i = 0; i < 30; i++) await world.tell(100);
  const sink = world.consumer({ since: 17 });
  for (let i = 0; i < 40; i++) await world.tell(3);
  await settled();
  assert.deepEqual(sink.seqs, range(18, 3120));
});

test("from now on: a snapshot first, then what comes after it", async () => {
  const world = new World();
  await world.tell(5);
  const sink = world.consumer({ snapshots: "first" });
  const plain = world.consumer();
  await world.tell(1);
  assert.deepEqual(sink.got, ["snapshot 5", "6"]);
  assert.deepEqual(plain.got, ["6"]);
});

test("whoever follows snapshots gets one at the beginning, and one after each status and certificate", async () => {
  const world = new World();
  await world.tell(5);
  const sink = world.consumer({ since: 2, snapshots: "follow" });
  await world.tell(1);
  await world.tell(1);
  await world.tell(1, { kind: "repair", event: null });
  assert.deepEqual(sink.got, ["snapshot 5", "3", "4", "5", "6", "7", "snapshot 7", "8", "snapshot 8"]);
});

test("a cursor outside of what is kept is answered with the reason and what is kept", async () => {
  const world = new World(2);
  const journal = new MemoryJournal(10);
  await journal.append(range(1, 30).map((seq) => entryOf(seq, {})));
  await world.tell(30);
  const old = world.consumer({ since: 3 }, journal);
  const future = world.consumer({ since: 31 }, journal);
  await settled();
  assert.deepEqual(old.ended, { code: "CURSOR_TOO_OLD", cursor: 3, extent: { firstSeq: 21, lastSeq: 30 } });
  assert.deepEqual(future.ended, { code: "CURSOR_FROM_THE_FUTURE", cursor: 31, extent: { firstSeq: 21, lastSeq: 30 } });
});

test("a journal that cannot be read ends the consumer, with its cursor", async () => {
  const world = new World(2);
  await world.tell(30);
  const read = () => Promise.reject(new StorageError("journal.db", "disk I/O error", "failed"));
  const sink = world.consumer({ since: 4 }, { read });
  await settled();
  assert.deepEqual(sink.ended, { code: "JOURNAL_UNREADABLE", cursor: 4 });
});

test("L7 one that cannot keep up is sent away with its cursor, and the others notice nothing", async () => {
  const world = new World();
  const slow = world.consumer({ queueEntries: 10 });
  const quick = world.consumer({ queueEntries: 10 });
  slow.isFrozen = true;
  for (let i = 0; i < 12; i++) await world.tell(1);
  assert.deepEqual(slow.seqs, [1]);
  assert.deepEqual(slow.ended, { code: "SLOW_CONSUMER", cursor: 1 });
  assert.deepEqual(quick.seqs, range(1, 12));
  assert.equal(world.feed.memberCount, 1);
});

test("L7 drop-oldest: what is skipped is named, and the newest follow", async () => {
  const world = new World();
  const sink = world.consumer({ queueEntries: 10, policy: "drop-oldest" });
  sink.isFrozen = true;
  for (let i = 0; i < 25; i++) await world.tell(1);
  sink.thaw();
  assert.deepEqual(sink.got, ["1", "dropped 2-19", ...range(20, 25).map(String)]);
  assert.equal(sink.ended, undefined);
});

test("L7 coalesce: the newest snapshot stands for what waited", async () => {
  const world = new World();
  const sink = world.consumer({ queueEntries: 10, policy: "coalesce" });
  sink.isFrozen = true;
  for (let i = 0; i < 25; i++) await world.tell(1);
  sink.thaw();
  await world.tell(1);
  assert.deepEqual(sink.got, ["1", "snapshot 25", "26"]);
});

test("one that reads history at its own pace is never too slow", async () => {
  const world = new World(5);
  await world.tell(4000);
  const sink = world.consumer({ since: 0, queueEntries: 10 });
  sink.isFrozen = true;
  for (let i = 0; i < 30; i++) {
    await world.tell(1);
    sink.unsentBytes = 0;
    sink.consumer.drained();
  }
  sink.thaw();
  await settled();
  assert.deepEqual([sink.ended, sink.seqs.length], [undefined, 4030]);
});

test("L7 a socket that takes nothing for a minute is given up, whatever its policy", async () => {
  const world = new World();
  const sink = world.consumer({ policy: "coalesce" });
  sink.isFrozen = true;
  await world.tell(1);
  sink.consumer.beat(0 as MonotonicMs);
  sink.consumer.beat((STALL_MAX_MS - 1) as MonotonicMs);
  const endedBefore = sink.ended;
  sink.consumer.beat(STALL_MAX_MS as MonotonicMs);
  assert.deepEqual([endedBefore, sink.ended], [undefined, { code: "SLOW_CONSUMER", cursor: 1 }]);
});

test("L7 one that sends more than signs of life is ended with its cursor; a minute on they count again", async () => {
  const world = new World();
  const [quiet, loud] = [world.consumer(), world.consumer()];
  await world.tell(3);
  const send = (sink: typeof quiet, at: number) => sink.consumer.heard(at as MonotonicMs);
  for (let i = 0; i < FRAMES_MAX; i++) for (const sink of [quiet, loud]) send(sink, i);
  send(quiet, FRAMES_WINDOW_MS);
  send(loud, FRAMES_WINDOW_MS - 1);
  send(loud, FRAMES_WINDOW_MS - 1);
  assert.deepEqual([quiet.ended, loud.ended], [undefined, { code: "TOO_MANY_FRAMES", cursor: 3 }]);
});

test("one whose filter keeps everything from it is told now and then how far it has come", async () => {
  const world = new World();
  const sink = world.consumer({ since: 0, filter: { events: ["nothing"] } });
  await world.tell(6);
  sink.consumer.beat(0 as MonotonicMs);
  sink.consumer.beat(1 as MonotonicMs);
  await world.tell(1);
  sink.consumer.beat(2 as MonotonicMs);
  assert.deepEqual(sink.got, ["cursor 6", "7"]);
});

test("when the account is removed everybody is told", async () => {
  const world = new World();
  const sinks = [world.consumer(), world.consumer()];
  world.feed.end("ACCOUNT_REMOVED");
  assert.deepEqual(
    sinks.map(({ ended }) => ended?.code),
    ["ACCOUNT_REMOVED", "ACCOUNT_REMOVED"],
  );
  assert.equal(world.feed.memberCount, 0);
});

test("everybody who is given the same records is given the same array, filtered alike or not at all", async () => {
  const world = new World();
  const got: unknown[] = [];
  const sink = {
    unsentBytes: 0,
    beat() {},
    end() {},
    send: (out: Outgoing) => void (out.is === "records" && got.push(out.entries)),
  };
  for (const filter of [undefined, undefined, { events: ["A"] }, { events: ["A"] }]) {
    new Consumer(world.feed, world.journal, { ...WISH, ...(filter === undefined ? {} : { filter }) }, sink).begin();
  }
  await world.tell(5);
  assert.equal(got.length, 4);
  assert.equal(got[0], got[1]);
  assert.equal(got[2], got[3]);
  assert.notEqual(got[1], got[2]);
});

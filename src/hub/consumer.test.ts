/** Consumers of one feed, with history in a journal: every order in which things can happen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { settled } from "../../test/fake-world.ts";
import { entryOf, FeedWorld, range, snapshotAt, type TestSink, WISH } from "../../test/feed-world.ts";
import type { JournalReader } from "../journal/journal.ts";
import { StorageError } from "../kernel/errors.ts";
import type { MonotonicMs } from "../kernel/scalars.ts";
import { Consumer, FRAMES_MAX, FRAMES_WINDOW_MS, type Outgoing, STALL_MAX_MS } from "./consumer.ts";
import { feedEntryOf } from "./feed.ts";
import { MemoryJournal } from "./memory-journal.ts";

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
      const world = new FeedWorld(ring);
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

for (const policy of ["drop-oldest", "coalesce"] as const) {
  test(`L1 ${policy}: from whatever cursor one goes on, each record is given once or said to be skipped`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 3, max: 20 }), async (story, ring) => {
        const world = new FeedWorld(ring);
        const wish = { since: 0, queueEntries: 4, policy };
        const sinks = [world.consumer(wish)];
        for (const step of story) {
          const sink = sinks.at(-1);
          assert.ok(sink !== undefined);
          if (step.do === "commit") await world.commit(step.count);
          else if (step.do === "publish") world.publish();
          else if (step.do === "settle") await settled();
          else if (step.do === "connect") sink.consumer.beat(0 as MonotonicMs);
          else if (step.do === "freeze") sink.isFrozen = true;
          else if (step.do === "thaw") sink.thaw();
          else {
            sink.consumer.closed();
            sinks.push(world.consumer({ ...wish, since: sink.consumer.cursor }));
          }
        }
        world.publishAll();
        for (let rounds = 0; rounds < 10; rounds++) {
          sinks.at(-1)?.thaw();
          await settled();
        }
        const told = sinks
          .flatMap(({ got }) => got)
          .reduce((last, one) => {
            const [what = "", about = what] = one.split(" ");
            if (what === "snapshot") return Math.max(last, Number(about));
            const [from, to = from] = about.split("-").map(Number);
            if (what === "cursor") assert.equal(from, last, "nothing was kept away");
            else assert.equal(from, last + 1, "what follows the last one");
            return Number(to);
          }, 0);
        assert.equal(told, world.feed.lastSeq);
      }),
      { numRuns: 200 },
    );
  });
}

test("L1 a consumer that reads history while records are committed gets them once, in order", async () => {
  const world = new FeedWorld(5);
  for (let i = 0; i < 30; i++) await world.tell(100);
  const sink = world.consumer({ since: 17 });
  for (let i = 0; i < 40; i++) await world.tell(3);
  await settled();
  assert.deepEqual(sink.seqs, range(18, 3120));
});

test("from now on: a snapshot first, then what comes after it", async () => {
  const world = new FeedWorld();
  await world.tell(5);
  const sink = world.consumer({ snapshots: "first" });
  const plain = world.consumer();
  await world.tell(1);
  assert.deepEqual(sink.got, ["snapshot 5", "6"]);
  assert.deepEqual(plain.got, ["6"]);
});

test("whoever follows snapshots gets one at the beginning, and one after each status and certificate", async () => {
  const world = new FeedWorld();
  await world.tell(5);
  const sink = world.consumer({ since: 2, snapshots: "follow" });
  await world.tell(1);
  await world.tell(1);
  await world.tell(1, { kind: "repair", event: null });
  assert.deepEqual(sink.got, ["snapshot 5", "3", "4", "5", "6", "7", "snapshot 7", "8", "snapshot 8"]);
});

test("nobody is shown a part of the account: a snapshot that is due waits until more is known", async () => {
  const world = new FeedWorld();
  await world.tell(5);
  const [first, follow, none] = (["first", "follow", "none"] as const).map((snapshots) => {
    world.feed.show({ ...snapshotAt(5), known: "part" });
    return world.consumer({ snapshots });
  });
  world.feed.renew({ ...snapshotAt(5), known: "whole" });
  world.feed.renew({ ...snapshotAt(5), known: "whole" });
  assert.deepEqual([first?.got, follow?.got, none?.got], [["snapshot 5"], ["snapshot 5", "snapshot 5"], []]);
});

test("a cursor outside of what is kept is answered with the reason and what is kept", async () => {
  const world = new FeedWorld(2);
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
  const world = new FeedWorld(2);
  await world.tell(30);
  const read = () => Promise.reject(new StorageError("journal.db", "disk I/O error", "failed"));
  const sink = world.consumer({ since: 4 }, { read });
  await settled();
  assert.deepEqual(sink.ended, { code: "JOURNAL_UNREADABLE", cursor: 4 });
});

test("L7 one that cannot keep up is sent away with its cursor, and the others notice nothing", async () => {
  const world = new FeedWorld();
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
  const world = new FeedWorld();
  const sink = world.consumer({ queueEntries: 10, policy: "drop-oldest" });
  sink.isFrozen = true;
  for (let i = 0; i < 25; i++) await world.tell(1);
  sink.thaw();
  assert.deepEqual(sink.got, ["1", "dropped 2-19", ...range(20, 25).map(String)]);
  assert.equal(sink.ended, undefined);
});

test("L7 coalesce: the newest snapshot stands for what waited", async () => {
  const world = new FeedWorld();
  const sink = world.consumer({ queueEntries: 10, policy: "coalesce" });
  sink.isFrozen = true;
  for (let i = 0; i < 25; i++) await world.tell(1);
  sink.thaw();
  await world.tell(1);
  assert.deepEqual(sink.got, ["1", "snapshot 25", "26"]);
});

for (const policy of ["drop-oldest", "coalesce"] as const) {
  test(`L1 ${policy}: the cursor does not pass what is to be skipped before that is said`, async () => {
    const world = new FeedWorld();
    const sink = world.consumer({ queueEntries: 10, policy });
    sink.isFrozen = true;
    for (let i = 0; i < 25; i++) await world.tell(1);
    // The socket has room again, and has not said so yet.
    sink.unsentBytes = 1;
    sink.consumer.beat(0 as MonotonicMs);
    assert.deepEqual([sink.got, sink.consumer.cursor], [["1"], 1]);
    world.feed.end("STOPPING");
    assert.deepEqual(sink.ended, { code: "STOPPING", cursor: 1 });
  });
}

test("one that reads history at its own pace is never too slow", async () => {
  const world = new FeedWorld(5);
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
  const world = new FeedWorld();
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
  const world = new FeedWorld();
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
  const world = new FeedWorld();
  const sink = world.consumer({ since: 0, filter: { events: ["nothing"] } });
  await world.tell(6);
  sink.consumer.beat(0 as MonotonicMs);
  sink.consumer.beat(1 as MonotonicMs);
  await world.tell(1);
  sink.consumer.beat(2 as MonotonicMs);
  assert.deepEqual(sink.got, ["cursor 6", "7"]);
});

test("when the account is removed everybody is told", async () => {
  const world = new FeedWorld();
  const sinks = [world.consumer(), world.consumer()];
  world.feed.end("ACCOUNT_REMOVED");
  assert.deepEqual(
    sinks.map(({ ended }) => ended?.code),
    ["ACCOUNT_REMOVED", "ACCOUNT_REMOVED"],
  );
  assert.equal(world.feed.memberCount, 0);
});

test("who comes to a feed that has ended is told so", async () => {
  const world = new FeedWorld();
  await world.tell(3);
  world.feed.end("ACCOUNT_REMOVED");
  const sinks = [world.consumer({ since: 1 }), world.consumer({ snapshots: "first" })];
  await settled();
  assert.deepEqual(
    sinks.map(({ got, ended }) => [got, ended]),
    [
      [[], { code: "ACCOUNT_REMOVED", cursor: 1 }],
      [[], { code: "ACCOUNT_REMOVED", cursor: 3 }],
    ],
  );
  assert.equal(world.feed.memberCount, 0);
});

test("L1 one that is ahead of the journal waits for it, and asks it no more often than records come", async () => {
  const world = new FeedWorld(5);
  await world.tell(4);
  let reads = 0;
  const journal = {
    read: (request: Parameters<JournalReader["read"]>[0]) => {
      reads++;
      return world.journal.read(request);
    },
  };
  // Acknowledged as received: the ring has gone on, and the journal has not.
  world.feed.publish(
    range(5, 20).map((seq) => feedEntryOf(entryOf(seq, {}))),
    snapshotAt(20),
  );
  const sink = world.consumer({ since: 2 }, journal);
  for (let rounds = 0; rounds < 50; rounds++) await settled();
  assert.deepEqual([sink.seqs, sink.ended], [[3, 4], undefined]);
  assert.ok(reads <= 3, `${reads} reads`);
  await world.journal.append(range(5, 20).map((seq) => entryOf(seq, {})));
  sink.consumer.beat(0 as MonotonicMs);
  for (let rounds = 0; rounds < 5; rounds++) await settled();
  assert.deepEqual(sink.seqs, range(3, 20));
});

test("everybody who is given the same records is given the same array, filtered alike or not at all", async () => {
  const world = new FeedWorld();
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

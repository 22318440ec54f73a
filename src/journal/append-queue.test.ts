import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { entriesOf, entryOf } from "../../test/journal-fixtures.ts";
import { FencedError, StorageError } from "../kernel/errors.ts";
import type { MonotonicMs } from "../kernel/scalars.ts";
import { AppendQueue, RETRY_AFTER_MS, WAITING_CHARS_MAX, WAITING_ENTRIES_MAX } from "./append-queue.ts";

const at = (ms: number) => ms as MonotonicMs;
const FULL = new StorageError("journal.db", "disk full", "failed");
const ignore = () => {};

test("what is appended in one go is handed over in one piece, and answered in its order", () => {
  const queue = new AppendQueue("journal.db", new Map([["demo", 4]]));
  const settled: string[] = [];
  queue.add([entryOf("demo", 5)], () => settled.push("a"), at(0));
  assert.deepEqual(queue.next(), [entryOf("demo", 5)]);
  queue.add([entryOf("demo", 6)], () => settled.push("b"), at(0));
  queue.add([entryOf("other", 1)], () => settled.push("c"), at(0));
  assert.deepEqual(queue.next(), [entryOf("demo", 6), entryOf("other", 1)]);
  assert.equal(queue.next(), undefined);
  assert.deepEqual([queue.committed("demo"), settled], [4, []]);
  queue.done();
  assert.deepEqual([queue.committed("demo"), settled], [5, ["a"]]);
  queue.done();
  assert.deepEqual([settled, queue.load, queue.next()], [["a", "b", "c"], { entries: 0, chars: 0 }, undefined]);
});

test("a commit that fails takes along what waits, and one append is let through now and then to try again", () => {
  const queue = new AppendQueue("journal.db", new Map());
  const told: (Error | undefined)[] = [];
  const tell = (error?: Error) => void told.push(error);
  queue.add(entriesOf("demo", 1, 2), tell, at(0));
  queue.next();
  queue.add(entriesOf("demo", 3, 3), tell, at(0));
  queue.failed(FULL, at(10));
  assert.deepEqual(told, [FULL, FULL]);
  assert.equal(queue.phase.phase, "failing");
  assert.throws(() => queue.add(entriesOf("demo", 1, 1), tell, at(9 + RETRY_AFTER_MS)), FULL);
  queue.add(entriesOf("demo", 1, 1), tell, at(10 + RETRY_AFTER_MS));
  queue.next();
  assert.throws(() => queue.add(entriesOf("demo", 2, 2), tell, at(20 + RETRY_AFTER_MS)), FULL, "one tries at a time");
  queue.failed(FULL, at(30 + RETRY_AFTER_MS));
  assert.ok(queue.phase.phase === "failing" && queue.phase.attempts === 2);
  queue.add(entriesOf("demo", 1, 1), tell, at(30 + 2 * RETRY_AFTER_MS));
  queue.next();
  queue.done();
  assert.deepEqual([queue.phase.phase, queue.committed("demo")], ["accepting", 1]);
});

test("when too much waits, appends are refused until half of it is committed", () => {
  const rows: [count: number, fill: number][] = [
    [WAITING_ENTRIES_MAX / 10, 0],
    [4, WAITING_CHARS_MAX / 40],
  ];
  for (const [count, fill] of rows) {
    const queue = new AppendQueue("journal.db", new Map());
    const record = JSON.stringify("x".repeat(fill));
    let seq = 1;
    while (queue.phase.phase === "accepting") {
      queue.add(
        Array.from({ length: count }, (_, i) => entryOf("demo", seq + i, { record })),
        ignore,
        at(0),
      );
      queue.next();
      seq += count;
    }
    assert.equal(seq, count * 10 + 1);
    const isBusy = (error: unknown) => error instanceof StorageError && error.condition === "busy";
    assert.throws(() => queue.add([entryOf("demo", seq)], ignore, at(0)), isBusy);
    const isCrowded = () => queue.phase.phase === "crowded";
    for (let commits = 0; isCrowded(); commits++) {
      assert.ok(commits < 10, "it does not stay crowded");
      queue.done();
    }
    queue.add([entryOf("demo", seq)], ignore, at(0));
  }
});

test("whatever comes, commits and fails: what is committed has no hole, and every append is settled once", () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant("add"), account: fc.constantFrom("a", "b"), by: fc.nat(3) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("stray"), account: fc.constantFrom("a", "b"), by: fc.nat(9) }),
    },
    { weight: 3, arbitrary: fc.constant({ do: "next" }) },
    { weight: 3, arbitrary: fc.constant({ do: "done" }) },
    { weight: 1, arbitrary: fc.constant({ do: "failed" }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new AppendQueue("journal.db", new Map());
      const model = new Model();
      steps.forEach((one, i) => {
        if ("account" in one) model.add(queue, one.account, one.do === "stray" ? one.by - 4 : 0, one.by, at(i * 400));
        else if (one.do === "next") model.next(queue);
        else model.settle(queue, one.do === "done", at(i * 400));
      });
      for (const account of ["a", "b"]) assert.equal(queue.committed(account), model.committed(account));
    }),
  );
});

/** What a queue must do, said another way. */
class Model {
  readonly #log: string[] = [];
  readonly #underWay: string[][] = [];
  #waiting = 0;
  #settled = 0;
  /** What was taken in and is not rejected, by account. */
  readonly #last = new Map<string, number>();

  committed(account: string): number {
    const seqs = this.#log.filter((name) => name.startsWith(account)).map((name) => Number(name.slice(1)));
    assert.deepEqual(
      seqs,
      seqs.map((_, i) => i + 1),
    );
    return seqs.length;
  }

  add(queue: AppendQueue, account: string, off: number, count: number, now: MonotonicMs): void {
    const first = (this.#last.get(account) ?? 0) + 1 + off;
    const settle = () => void this.#settled++;
    try {
      queue.add(entriesOf(account, first, first + count), settle, now);
    } catch (error) {
      if (error instanceof FencedError) assert.notEqual(off, 0);
      else assert.equal(error, FULL);
      return;
    }
    assert.equal(off, 0);
    this.#last.set(account, first + count);
    this.#waiting++;
  }

  next(queue: AppendQueue): void {
    const group = queue.next();
    if (group !== undefined) this.#underWay.push(group.map(({ account, seq }) => `${account}${seq}`));
  }

  settle(queue: AppendQueue, isDone: boolean, now: MonotonicMs): void {
    const oldest = this.#underWay.shift();
    if (oldest === undefined) return;
    if (isDone) {
      this.#log.push(...oldest);
      queue.done();
    } else {
      queue.failed(FULL, now);
      for (const account of ["a", "b"]) this.#last.set(account, this.committed(account));
      assert.equal(this.#settled, this.#waiting, "all that waited was told");
    }
    assert.ok(this.#settled <= this.#waiting);
    if (!isDone) this.#underWay.length = 0;
  }
}

import assert from "node:assert/strict";
import { test } from "node:test";
import type { WallMs } from "../kernel/scalars.ts";
import type { AccountRecord } from "./record.ts";
import { ReaderTooSlow, RecordQueue } from "./record-queue.ts";

test("records are pulled in the order they were pushed, whether or not the reader waits for them", async () => {
  const { queue } = begin(10);
  queue.push(record(1));
  queue.push(record(2));
  assert.deepEqual([await seq(queue), await seq(queue)], [1, 2]);
  const third = seq(queue);
  queue.push(record(3));
  queue.push(record(4));
  assert.deepEqual([await third, await seq(queue)], [3, 4]);
});

test("a loop ends with the stream, after everything that was waiting", async () => {
  const { queue } = begin(10);
  for (const n of [1, 2, 3]) queue.push(record(n));
  queue.end();
  queue.push(record(4));
  assert.deepEqual(await readAll(queue), [1, 2, 3]);
  assert.deepEqual(await queue.next(), { done: true, value: undefined });
});

test("a reader that waits when the stream ends is let go", async () => {
  const { queue } = begin(10);
  const waiting = queue.next();
  queue.end();
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

test("L12 the bound is exact: so many wait, one more ends the queue, and what waited is still read", async () => {
  const begun = begin(3);
  for (const n of [1, 2, 3]) begun.queue.push(record(n));
  assert.equal(begun.returned(), 0);
  begun.queue.push(record(4));
  begun.queue.push(record(5));
  assert.equal(begun.returned(), 1);
  const read: number[] = [];
  await assert.rejects(readAll(begun.queue, read), (error: ReaderTooSlow) => {
    assert(error instanceof ReaderTooSlow);
    assert.equal(error.message, "records(): expected the reader to keep up, found 3 records waiting before seq 4");
    assert.equal(error.remedy, "Do less in the loop, or ask for a larger bound: records({ waitingMax }).");
    assert.deepEqual(
      [error.code, error.nextSeq, error.origin, error.retryable],
      ["READER_TOO_SLOW", 4, "caller", false],
    );
    return true;
  });
  assert.deepEqual(read, [1, 2, 3]);
  assert.deepEqual(await begun.queue.next(), { done: true, value: undefined });
});

test("a record that goes straight to a waiting reader does not count as waiting", async () => {
  const begun = begin(1);
  for (let n = 1; n <= 5; n++) {
    const next = seq(begun.queue);
    begun.queue.push(record(n));
    assert.equal(await next, n);
  }
  assert.equal(begun.returned(), 0);
});

test("a reader that breaks off is told to nobody any more, and its queue keeps nothing", async () => {
  const begun = begin(10);
  for (const n of [1, 2, 3]) begun.queue.push(record(n));
  for await (const { seq } of begun.queue) {
    assert.equal(seq, 1);
    break;
  }
  assert.equal(begun.returned(), 1);
  begun.queue.push(record(4));
  assert.deepEqual(await begun.queue.next(), { done: true, value: undefined });
});

test("L7 a slow reader neither holds up nor shortens what another one reads", async () => {
  const slow = begin(2).queue;
  const quick = begin(2).queue;
  const read: number[] = [];
  for (let n = 1; n <= 100; n++) {
    for (const queue of [slow, quick]) queue.push(record(n));
    read.push(await seq(quick));
  }
  assert.deepEqual(
    read,
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  const slowlyRead: number[] = [];
  await assert.rejects(readAll(slow, slowlyRead), ReaderTooSlow);
  assert.deepEqual(slowlyRead, [1, 2]);
});

function begin(waitingMax: number) {
  let returned = 0;
  const queue = new RecordQueue(waitingMax, () => {
    returned++;
  });
  return { queue, returned: () => returned };
}

function record(seq: number): AccountRecord {
  return { seq, account: "a", at: 0 as WallMs, kind: "status", status: "live" };
}

async function seq(queue: RecordQueue): Promise<number> {
  const { done, value } = await queue.next();
  assert(done !== true);
  return value.seq;
}

async function readAll(queue: RecordQueue, read: number[] = []): Promise<number[]> {
  for await (const { seq } of queue) read.push(seq);
  return read;
}

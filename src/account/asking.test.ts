import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeReads } from "../../test/fake-reads.ts";
import { FakeClock } from "../../test/fake-world.ts";
import { NetworkError, RateLimited, VenueRejected } from "../kernel/errors.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { Asking, Overtaken } from "./asking.ts";

const BACKOFF_MS = 1000;
const BACKOFF_MAX_MS = 8000;

function world(dice = 0.999) {
  const clock = new FakeClock();
  const reads = new FakeReads(() => 5);
  const waits: number[] = [];
  const asking = new Asking({
    reads,
    clock,
    random: { next: () => dice },
    backoffMs: BACKOFF_MS,
    backoffMaxMs: BACKOFF_MAX_MS,
    waits: (_why, forMs) => waits.push(forMs),
  });
  const fate: { answer?: TransactMs; error?: unknown } = {};
  const begin = () =>
    asking
      .ask((from) => from.exchangeTime())
      .then(
        (answer) => {
          fate.answer = answer;
        },
        (error: unknown) => {
          fate.error = error;
        },
      );
  return { clock, reads, waits, asking, fate, begin };
}

function refused(code: number, status = 400): VenueRejected {
  return new VenueRejected("GET /fapi", { status, code, msg: "no" });
}

test("what passes is asked again, after random times below a bound that doubles up to another", async () => {
  const { clock, reads, waits, fate, begin } = world();
  reads.refusals.set("exchangeTime", () => new NetworkError("GET /fapi", "no answer", "not-sent"));
  void begin();
  await clock.advance(60_000);
  assert.deepEqual(
    waits.slice(0, 6).map((ms) => Math.round(ms / 10) * 10),
    [1000, 2000, 4000, 7990, 7990, 7990],
  );
  reads.refusals.clear();
  await clock.advance(BACKOFF_MAX_MS);
  assert.deepEqual([fate.answer, clock.alarms], [5, []]);
});

test("full jitter: the wait may be none at all", async () => {
  const { clock, reads, waits, begin } = world(0);
  let failures = 5;
  reads.refusals.set("exchangeTime", () => {
    if (--failures === 0) reads.refusals.clear();
    return new NetworkError("GET /fapi", "no answer", "not-sent");
  });
  void begin();
  await clock.advance(0);
  assert.deepEqual(waits, [0, 0, 0, 0, 0]);
});

test("L6 a ban is waited for, and a little more", async () => {
  const { clock, reads, fate, begin } = world();
  const banned = () => new RateLimited("GET /fapi", { status: 418, waitMs: 120_000, msg: "banned" });
  reads.refusals.set("exchangeTime", banned);
  void begin();
  await clock.advance(0);
  reads.refusals.clear();
  await clock.advance(120_000);
  assert.deepEqual([fate.answer, reads.asked.length], [undefined, 1]);
  await clock.advance(BACKOFF_MS);
  assert.deepEqual([fate.answer, reads.asked.length], [5, 2]);
});

for (const [name, code, status, asked] of [
  ["a wrong key", -2015, 401, 1],
  ["a wrong signature", -1022, 400, 1],
  ["a parameter", -1102, 400, 1],
  ["a country", 0, 451, 1],
  ["something else, for long", -4000, 400, 9],
] as const) {
  test(`refused because of ${name}: asked ${asked} times, then it is an error`, async () => {
    const { clock, reads, fate, begin } = world();
    reads.refusals.set("exchangeTime", () => refused(code, status));
    void begin();
    await clock.advance(600_000);
    assert(fate.error instanceof VenueRejected);
    assert.deepEqual([reads.asked.length, clock.alarms], [asked, []]);
  });
}

test("the exchange's own trouble is never too much", async () => {
  const { clock, reads, fate, begin } = world();
  reads.refusals.set("exchangeTime", () => refused(-1001, 503));
  void begin();
  await clock.advance(600_000);
  assert.deepEqual([fate.error, reads.asked.length > 50], [undefined, true]);
});

test("when it is overtaken, everything that waits ends, and no alarm is left", async () => {
  const { clock, reads, asking, fate, begin } = world();
  reads.refusals.set("exchangeTime", () => refused(-1001, 503));
  void begin();
  const sleeping = assert.rejects(asking.sleep(60_000), Overtaken);
  await clock.advance(100);
  assert.equal(clock.alarms.length, 2);
  asking.end();
  await sleeping;
  await clock.advance(0);
  assert(fate.error instanceof Overtaken);
  assert.deepEqual([clock.alarms, asking.isOver], [[], true]);
  await assert.rejects(
    asking.ask((from) => from.exchangeTime()),
    Overtaken,
  );
});

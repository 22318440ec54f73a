import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FakeClock, FakeHttp, settled } from "../../test/fake-world.ts";
import type { HttpResponse } from "../kernel/ports.ts";
import { seededRandom } from "../kernel/random.ts";
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import { ENDPOINTS } from "../protocol/endpoints.ts";
import { RestClient } from "./rest-client.ts";
import { type Priority, WeightBudget } from "./weight-budget.ts";
import { AGED_MS, PACE_MS, TURN_JITTER_MS, WAITING_MAX, WeightQueue } from "./weight-queue.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * One rule a row, for a limit of 100 (reads may use 75, repairs 90): who comes when, and the order they go in.
 * `spend 80` somebody did not ask us, `read 5 a` a read of weight 5 called a wants to go, `@61` it is second 61 then,
 * `block 90` the exchange wants 90 s of silence.
 */
const RULES: readonly (readonly [rule: string, happens: string, order: string])[] = [
  ["while nobody waits, requests pass as they come", "read 5 a, repair 5 b, read 5 c", "a b c"],
  ["over its share one waits for the minute's turn", "spend 75, read 5 a, @59", ""],
  ["and goes then", "spend 75, read 5 a, @62", "a"],
  ["repairs pass reads that wait", "spend 75, read 5 a, repair 5 b, @59", "b"],
  ["what keeps streams alive passes all", "spend 90, read 5 a, repair 5 b, keep-alive 5 c, @59", "c"],
  ["at the turn the most important goes first", "spend 100, read 1 a, repair 1 b, keep-alive 1 c, @63", "c b a"],
  ["of equals the one that came first", "spend 100, read 1 a, read 1 b, read 1 c, @63", "a b c"],
  ["something small does not pass something big of its kind", "spend 50, read 40 a, read 1 b, @59", ""],
  ["but goes after it", "spend 50, read 40 a, read 1 b, @63", "a b"],
  ["silence that is asked for stops all", "block 90, keep-alive 1 a, read 1 b, @89", ""],
  ["until it is over", "block 90, keep-alive 1 a, read 1 b, @93", "a b"],
  [
    "who has waited for two minutes goes before repairs",
    "spend 100, read 1 a, block 150, @130, repair 1 b, @153",
    "a b",
  ],
  ["but not before what keeps streams alive", "spend 100, read 1 a, block 150, @130, keep-alive 1 c, @153", "c a"],
];

for (const [rule, happens, order] of RULES) {
  test(`L6 ${rule}: ${happens}`, async () => assert.equal((await play(happens)).join(" "), order));
}

test("patience that ends is a refusal; one that is sure to end too soon is refused at once", async () => {
  const { clock, budget, queue } = begin();
  budget.reserve("GET", 100, "keep-alive", clock.now());
  const wish = { action: "GET /x", weight: 1, priority: "read" } as const;
  const refusal = {
    name: "RateLimited",
    waitMs: MINUTE,
    message: "GET /x was refused: this address is over its weight or banned; not sent (HTTP 429)",
  };
  await assert.rejects(queue.admitted(wish, { until: after(clock.now(), MINUTE - 1) }), refusal);
  assert.deepEqual(clock.alarms, []);
  const late = queue.admitted({ ...wish, weight: 70 }, { until: after(clock.now(), 2 * MINUTE) });
  const later = queue.admitted({ ...wish, weight: 70 }, { until: after(clock.now(), 90_000) });
  const refused = assert.rejects(later, { name: "RateLimited" });
  await clock.advance(2 * MINUTE);
  await late;
  await refused;
  assert.deepEqual([queue.waitingCount, clock.alarms], [0, []]);
});

test("a wait that is aborted ends, and leaves no listener and no alarm", async () => {
  const { clock, budget, queue } = begin();
  budget.block(HOUR, clock.now());
  const control = new AbortController();
  const until = after(clock.now(), 2 * HOUR);
  const wish = { action: "GET /x", weight: 1, priority: "read" } as const;
  const waiting = queue.admitted(wish, { until, signal: control.signal });
  control.abort();
  const refusal = { name: "UsageError", message: 'GET /x: expected an answer to be wanted, found "aborted"' };
  await assert.rejects(waiting, refusal);
  await assert.rejects(queue.admitted(wish, { until, signal: control.signal }), refusal);
  await clock.advance(2 * HOUR);
  assert.deepEqual([queue.waitingCount, clock.alarms], [0, []]);
});

test("L12 more than the queue holds are refused", async () => {
  const { clock, budget, queue } = begin();
  budget.block(MINUTE, clock.now());
  const until = after(clock.now(), 10 * HOUR);
  const wish = { action: "GET /x", weight: 1, priority: "read" } as const;
  for (let n = 0; n < WAITING_MAX; n++) void queue.admitted(wish, { until });
  await assert.rejects(queue.admitted(wish, { until }), { name: "RateLimited" });
});

test("L6 at a minute's turn those that wait go one by one, not all at once", async () => {
  const { clock, budget, queue } = begin(2400);
  budget.reserve("GET", 2400, "keep-alive", clock.now());
  const went: number[] = [];
  const until = after(clock.now(), HOUR);
  for (let n = 0; n < 500; n++) {
    void queue.admitted({ action: "GET", weight: 1, priority: "read" }, { until }).then(() => went.push(clock.now()));
  }
  for (let n = 0; n < 90 * 10; n++) await clock.advance(100);
  assert.equal(went.length, 500);
  const [first = 0] = went;
  assert(first >= MINUTE && first <= MINUTE + TURN_JITTER_MS + 100);
  for (let i = 50; i < went.length; i++) {
    assert((went[i] ?? 0) - (went[i - 50] ?? 0) > 25 * PACE_MS, "more than a hundred in a second");
  }
});

test("L6 two streams and a greedy reader on one address: the limit holds, and nobody starves", async () => {
  const ask = fc.record({
    afterMs: fc.nat(3000),
    weight: fc.integer({ min: 1, max: 20 }),
    priority: fc.constantFrom<Priority>("keep-alive", "repair", "repair", "read", "read", "read"),
    isDirect: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(ask, { maxLength: 60 }), fc.integer(), async (asks, seed) => {
      const { clock, budget, queue } = begin(100, seed);
      let pending = 0;
      for (const { afterMs, weight, priority, isDirect } of asks) {
        await clock.advance(afterMs);
        if (isDirect && priority === "keep-alive") {
          if (budget.waitMs(weight, priority, clock.now()) === 0) {
            budget.reserve("PUT", weight, priority, clock.now());
          }
        } else {
          pending++;
          void queue
            .admitted({ action: "GET", weight, priority }, { until: after(clock.now(), 24 * HOUR) })
            .then(() => pending--);
        }
        assert(budget.state(clock.now()).used <= 100);
      }
      // Whatever the mix was, its weight fits into so many minutes of what reads may use.
      const minutes = Math.ceil(asks.reduce((sum, { weight }) => sum + weight, 0) / 50) + 2;
      for (let n = 0; n < minutes * 2; n++) {
        await clock.advance(MINUTE / 2 + TURN_JITTER_MS);
        assert(budget.state(clock.now()).used <= 100);
      }
      assert.deepEqual([pending, queue.waitingCount, clock.alarms.length], [0, 0, 0]);
    }),
    { numRuns: 40 },
  );
});

test("a read is not starved by repairs that never end", async () => {
  const { clock, budget, queue } = begin();
  budget.reserve("GET", 100, "keep-alive", clock.now());
  let readAt: number | undefined;
  const until = after(clock.now(), HOUR);
  void queue.admitted({ action: "GET", weight: 10, priority: "read" }, { until }).then(() => (readAt = clock.now()));
  for (let n = 0; n < 600 && readAt === undefined; n++) {
    for (let i = 0; i < 5; i++) void queue.admitted({ action: "GET", weight: 5, priority: "repair" }, { until });
    await clock.advance(1000);
  }
  assert(readAt !== undefined && readAt <= AGED_MS + 2 * MINUTE, `it went after ${readAt} ms`);
});

test("L6 a call that waits obeys a silence that is asked for, as all others do, and is sent again", async () => {
  const answers: Partial<HttpResponse>[] = [
    { status: 429, headers: { "retry-after": "30" }, body: '{"code":-1003,"msg":"Too many requests"}' },
    { status: 418, headers: { "retry-after": "200" }, body: '{"code":-1003,"msg":"banned"}' },
    { body: '{"a":1}' },
  ];
  const world = begin(2400);
  const http = new FakeHttp(() => answers.shift() ?? {});
  const { clock, budget, queue } = world;
  const rest = new RestClient({ http, clock, budget, queue, baseUrl: "https://fake", apiKey: "k" });
  const wait = { until: after(clock.now(), 10 * MINUTE) };
  let answer: unknown;
  void rest.call({ endpoint: ENDPOINTS.ping, priority: "repair", wait }).then((found) => (answer = found));
  await clock.advance(29_999);
  assert.equal(http.requests.length, 1);
  await assert.rejects(rest.call({ endpoint: ENDPOINTS.ping, priority: "keep-alive" }), { name: "RateLimited" });
  await clock.advance(TURN_JITTER_MS + 1);
  assert.equal(http.requests.length, 2);
  await clock.advance(199_000);
  assert.equal(http.requests.length, 2);
  await clock.advance(2 * TURN_JITTER_MS);
  assert.deepEqual([answer, http.requests.length], [{ a: 1 }, 3]);

  answers.push({ status: 418, headers: { "retry-after": "3600" }, body: "" });
  await assert.rejects(rest.call({ endpoint: ENDPOINTS.ping, priority: "repair", wait }), {
    name: "RateLimited",
    status: 418,
  });
});

test("a call that is to wait, of a client that has no queue, is the caller's fault", async () => {
  const clock = new FakeClock();
  const http = new FakeHttp(() => ({}));
  const rest = new RestClient({ http, clock, budget: new WeightBudget(), baseUrl: "https://fake", apiKey: "k" });
  const wait = { until: after(clock.now(), MINUTE) };
  await assert.rejects(rest.call({ endpoint: ENDPOINTS.ping, priority: "read", wait }), { name: "UsageError" });
  assert.equal(http.requests.length, 0);
});

function begin(limit = 100, seed = 7) {
  const clock = new FakeClock();
  const budget = new WeightBudget(limit);
  return { clock, budget, queue: new WeightQueue({ budget, clock, random: seededRandom(seed) }) };
}

async function play(happens: string): Promise<string[]> {
  const { clock, budget, queue } = begin();
  const order: string[] = [];
  const until = HOUR as MonotonicMs;
  for (const one of happens.split(", ")) {
    const [what = "", figure = "", name = ""] = one.split(" ");
    const count = Number(figure);
    if (what.startsWith("@")) await clock.advance(Number(what.slice(1)) * 1000 - clock.now());
    else if (what === "spend") budget.reserve("GET", count, "keep-alive", clock.now());
    else if (what === "block") budget.block(count * 1000, clock.now());
    else {
      const wish = { action: "GET", weight: count, priority: what as Priority };
      void queue.admitted(wish, { until }).then(() => order.push(name));
    }
    await settled();
  }
  return order;
}

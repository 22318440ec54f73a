import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, FakeHttp } from "../../test/fake-world.ts";
import { RateLimited } from "../kernel/errors.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { RestAccountReads } from "./account-reads.ts";
import { RestClient } from "./rest-client.ts";
import { WeightBudget } from "./weight-budget.ts";
import { WeightQueue } from "./weight-queue.ts";

function begin(hasQueue: boolean) {
  const clock = new FakeClock();
  const http = new FakeHttp(({ url }) => ({ body: url.includes("/time") ? '{"serverTime":1700000000000}' : "[]" }));
  const budget = new WeightBudget();
  const queue = hasQueue ? { queue: new WeightQueue({ budget, clock, random: { next: () => 0.5 } }) } : {};
  const signer = { sign: () => "s" };
  const rest = new RestClient({ http, clock, budget, baseUrl: "https://venue", apiKey: "k", signer, ...queue });
  return { clock, budget, urls: () => http.requests.map(({ url }) => url), reads: new RestAccountReads(rest) };
}

test("spans are asked for in whole milliseconds, outwards: the exchange refuses fractions", async () => {
  const { reads, urls } = begin(false);
  await reads.orders({ startTime: 1000.7 as TransactMs, endTime: 2000.2 as TransactMs });
  assert.match(urls().at(-1) ?? "", /startTime=1000&endTime=2001&limit=1000/);
  assert.equal(Number.isInteger(await reads.exchangeTime()), true);
});

test("pages by id ask for an id and no time", async () => {
  const { reads, urls } = begin(false);
  await reads.ordersFrom("BTCUSDT", "9007199254740993");
  assert.match(urls().at(-1) ?? "", /allOrders\?.*symbol=BTCUSDT&orderId=9007199254740993&limit=1000/);
  await reads.algoOrdersFrom("BTCUSDT", "3000");
  assert.match(urls().at(-1) ?? "", /allAlgoOrders\?.*symbol=BTCUSDT&algoId=3000&limit=1000/);
  assert.doesNotMatch(urls().join(), /startTime/);
});

test("weight and requests are those that were sent: what our own budget refuses cost nothing", async () => {
  const { reads, budget, clock, urls } = begin(false);
  await reads.exchangeTime();
  await reads.balances();
  assert.deepEqual([reads.requestCount, reads.weightUsed, urls().length], [2, 6, 2]);
  budget.block(5000, clock.now());
  await assert.rejects(reads.balances(), RateLimited);
  await assert.rejects(reads.exchangeTime(), RateLimited);
  assert.deepEqual([reads.requestCount, reads.weightUsed, urls().length], [2, 6, 2]);
});

test("L6 with a queue a read waits for the budget; without one it is refused at once", async () => {
  for (const hasQueue of [false, true]) {
    const { reads, budget, clock, urls } = begin(hasQueue);
    await reads.exchangeTime();
    budget.block(5000, clock.now());
    const fate = { isDone: false, error: undefined as unknown };
    void reads.balances().then(
      () => {
        fate.isDone = true;
      },
      (error: unknown) => {
        fate.error = error;
      },
    );
    await clock.advance(100);
    assert.equal(fate.error instanceof RateLimited, !hasQueue);
    await clock.advance(8000);
    assert.deepEqual([fate.isDone, urls().length], [hasQueue, hasQueue ? 2 : 1]);
  }
});

/** What moves with the market: asked rarely, however many ask; sampled every minute, while that hurts nobody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/fake-world.ts";
import type { Margin } from "../account/margin.ts";
import { RateLimited, UsageError } from "../kernel/errors.ts";
import type { Decimal, TransactMs } from "../kernel/scalars.ts";
import { MARGIN_FRESH_MS, MarginDesk, REFUSAL_COUNTS_MS, SAMPLE_EVERY_MS, SAMPLES_MAX } from "./margin-desk.ts";
import type { Upstream, UpstreamHealth } from "./upstream.ts";

function marginWith(equity: number): Margin {
  const nothing = "0" as Decimal;
  const sums = { wallet: nothing, available: nothing, initialMargin: nothing, maintenanceMargin: nothing };
  return { at: 1 as TransactMs, equity: String(equity) as Decimal, unrealizedProfit: nothing, ...sums, positions: [] };
}

function deskOver(upstream: { health?: UpstreamHealth; margin?: () => Promise<Margin> } | undefined) {
  const clock = new FakeClock();
  const desk = new MarginDesk({ clock, upstream: () => upstream as Upstream | undefined });
  return { clock, desk };
}

test("the exchange is asked once in three seconds, however many ask, and a refusal counts as an answer", async () => {
  let asked = 0;
  const refusal = new UsageError("apiSecret", "a secret", undefined);
  const margin = async () => {
    if (++asked === 2) throw refusal;
    return marginWith(asked);
  };
  const { clock, desk } = deskOver({ margin });
  const answers = await Promise.all([desk.margin(), desk.margin(), desk.margin()]);
  assert.deepEqual([asked, ...answers.map(({ equity }) => equity)], [1, "1", "1", "1"]);
  await clock.advance(MARGIN_FRESH_MS - 1);
  await desk.margin();
  assert.equal(asked, 1);
  await clock.advance(1);
  await assert.rejects(desk.margin(), refusal);
  await assert.rejects(desk.margin(), refusal);
  assert.equal(asked, 2);
  await clock.advance(MARGIN_FRESH_MS);
  assert.equal((await desk.margin()).equity, "3");
});

test("while an answer is waited for nobody asks again, however long it takes", async () => {
  let answer: (margin: Margin) => void = () => {};
  let asked = 0;
  const margin = () => {
    asked++;
    return new Promise<Margin>((resolve) => {
      answer = resolve;
    });
  };
  const { clock, desk } = deskOver({ margin });
  const first = desk.margin();
  await clock.advance(MARGIN_FRESH_MS * 3);
  const second = desk.margin();
  assert.equal(asked, 1);
  answer(marginWith(7));
  assert.deepEqual([(await first).equity, (await second).equity], ["7", "7"]);
});

test("without an upstream, or one that can tell, it says so, and to whoever looks before asking", async () => {
  const cases = [
    [undefined, /an account that is followed/],
    [{}, /whose upstream can tell/],
  ] as const;
  for (const [upstream, says] of cases) {
    const { desk } = deskOver(upstream);
    await assert.rejects(desk.margin(), says);
    assert.match(desk.trouble ?? "", says);
  }
  const unsigned = deskOver({ health: { sync: "unasked" }, margin: async () => marginWith(1) }).desk;
  assert.match(unsigned.trouble ?? "", /asked for with a secret/);
});

test("a refusal is trouble for fifteen seconds, or until there is an answer", async () => {
  let isRefused = true;
  const margin = async () => {
    if (isRefused) throw new RateLimited("GET /fapi/v3/account", { status: 418, waitMs: 1, msg: "banned" });
    return marginWith(1);
  };
  const { clock, desk } = deskOver({ health: { sync: "certain" }, margin });
  assert.equal(desk.trouble, undefined);
  await assert.rejects(desk.margin());
  await clock.advance(REFUSAL_COUNTS_MS - 1);
  assert.match(desk.trouble ?? "", /banned/);
  await clock.advance(1);
  assert.equal(desk.trouble, undefined);
  await assert.rejects(desk.margin());
  isRefused = false;
  await clock.advance(MARGIN_FRESH_MS);
  assert.match(desk.trouble ?? "", /banned/);
  await desk.margin();
  assert.equal(desk.trouble, undefined);
});

test("equity is sampled every minute, a day is kept, and what was before a time is left out", async () => {
  let equity = 0;
  const { clock, desk } = deskOver({ health: { sync: "certain" }, margin: async () => marginWith(++equity) });
  desk.begin();
  await clock.advance(1_000);
  assert.deepEqual(desk.equity(0), [{ at: clock.wall(), equity: "1", wallet: "0" }]);
  for (let i = 0; i < 5; i++) await clock.advance(SAMPLE_EVERY_MS);
  assert.equal(desk.equity(0).length, 6);
  assert.deepEqual(
    desk.equity(clock.wall() - SAMPLE_EVERY_MS - 1).map((sample) => sample.equity),
    ["5", "6"],
  );
  for (let i = 0; i < SAMPLES_MAX; i++) await clock.advance(SAMPLE_EVERY_MS);
  assert.equal(desk.equity(0).length, SAMPLES_MAX);
  assert.equal(desk.equity(0)[0]?.equity, "7");
  desk.end();
  await clock.advance(SAMPLE_EVERY_MS * 2);
  assert.equal(equity, SAMPLES_MAX + 6);
});

const UNAFFORDABLE: readonly [why: string, health: UpstreamHealth][] = [
  ["half of the weight is used", { sync: "certain", budget: { used: 1_200, limit: 2_400, blockedForMs: 0 } }],
  ["the address is silenced", { sync: "certain", budget: { used: 0, limit: 2_400, blockedForMs: 1 } }],
  ["a repair is under way", { sync: "asking", budget: { used: 0, limit: 2_400, blockedForMs: 0 } }],
];

test("no sample is taken while somebody needs the weight more, and one soon after", async () => {
  for (const [why, health] of UNAFFORDABLE) {
    const upstream = { health, margin: async () => marginWith(1) };
    const { clock, desk } = deskOver(upstream);
    desk.begin();
    await clock.advance(SAMPLE_EVERY_MS);
    assert.equal(desk.equity(0).length, 0, why);
    upstream.health = { sync: "certain", budget: { used: 1, limit: 2_400, blockedForMs: 0 } };
    await clock.advance(10_000);
    assert.equal(desk.equity(0).length, 1, why);
  }
});

test("a sample that cannot be had is left out, and tried again", async () => {
  let asked = 0;
  const margin = async () => {
    if (++asked < 3) throw new RateLimited("GET /fapi/v3/account", { status: 429, waitMs: 1_000, msg: "" });
    return marginWith(asked);
  };
  const { clock, desk } = deskOver({ health: { sync: "certain" }, margin });
  desk.begin();
  await clock.advance(SAMPLE_EVERY_MS);
  assert.deepEqual(
    desk.equity(0).map(({ equity }) => equity),
    ["3"],
  );
});

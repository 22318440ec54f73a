/** Counting and refusing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { TransactMs } from "../kernel/scalars.ts";
import { type Charge, PRODUCTION_LIMITS, RateLimits } from "./rate-limits.ts";

const MINUTE = 60_000;
const T0 = (1_782_864_000_000 - (1_782_864_000_000 % MINUTE)) as TransactMs;
const IP = "10.0.0.1";

test("the weight of a minute is counted until the clock's next minute", () => {
  const limits = new RateLimits();
  assert.equal(limits.charge(IP, 2400, T0).outcome, "charged");
  assert.deepEqual(outline(limits.charge(IP, 1, at(59_000))), "limited weight 2400 MINUTE wait 1000");
  assert.equal(limits.usedWeight(IP, at(59_999)), 2401);
  assert.equal(limits.usedWeight(IP, at(MINUTE)), 0);
  assert.equal(limits.charge(IP, 2400, at(MINUTE)).outcome, "charged");
  assert.equal(limits.usedWeight("10.0.0.2", at(MINUTE)), 0);
});

test("orders are counted per account, in ten seconds and in a minute, and what is refused is not counted", () => {
  const limits = new RateLimits({ ...PRODUCTION_LIMITS, ordersPerTenSeconds: 5, ordersPerMinute: 7 });
  const one = { tenSeconds: 1, minute: 1 };
  for (let i = 0; i < 5; i++) assert.equal(limits.chargeOrders("a", one, T0).outcome, "charged");
  assert.equal(outline(limits.chargeOrders("a", one, at(3000))), "limited orders 5 TEN_SECONDS wait 7000");
  assert.equal(limits.chargeOrders("b", one, T0).outcome, "charged");
  assert.deepEqual(limits.usedOrders("a", at(3000)), { tenSeconds: 5, minute: 5 });
  assert.equal(limits.chargeOrders("a", { tenSeconds: 5, minute: 1 }, at(10_000)).outcome, "charged");
  assert.equal(limits.chargeOrders("a", one, at(20_000)).outcome, "charged");
  assert.equal(outline(limits.chargeOrders("a", one, at(20_000))), "limited orders 7 MINUTE wait 40000");
  assert.deepEqual(limits.usedOrders("a", at(MINUTE)), { tenSeconds: 0, minute: 0 });
});

test("requests of the funding pool are counted by themselves, for five minutes of the clock", () => {
  const limits = new RateLimits();
  const at5 = (ms: number) => (1_782_864_000_000 + ms) as TransactMs;
  for (let i = 0; i < 500; i++) assert.equal(limits.chargeFunding(IP, at5(i)).outcome, "charged");
  assert.equal(limits.usedWeight(IP, at5(499)), 0);
  assert.equal(outline(limits.chargeFunding(IP, at5(299_000))), "limited funding 500 FIVE_MINUTES wait 1000");
  assert.equal(limits.charge(IP, 1, at5(299_000)).outcome, "charged");
  assert.equal(limits.chargeFunding("10.0.0.2", at5(299_000)).outcome, "charged");
  assert.equal(limits.chargeFunding(IP, at5(300_000)).outcome, "charged");
});

test("requests over the funding pool ban as those over the weight do; orders over their limit never do", () => {
  const limits = new RateLimits({ ...PRODUCTION_LIMITS, fundingPerFiveMinutes: 1, ordersPerMinute: 1 });
  const one = { tenSeconds: 1, minute: 1 };
  for (let i = 0; i < 100; i++) limits.chargeOrders("a", one, T0);
  assert.equal(outline(limits.chargeOrders("a", one, T0)), "limited orders 1 MINUTE wait 60000");
  const outcomes = Array.from({ length: 12 }, () => limits.chargeFunding(IP, T0).outcome);
  assert.deepEqual(outcomes, ["charged", ...Array(10).fill("limited"), "banned"]);
  assert.equal(limits.charge(IP, 1, T0).outcome, "banned");
  assert.equal(limits.chargeFunding(IP, T0).outcome, "banned");
});

test("who goes on after 429 is banned: two minutes, then twice as long each time, three days at most", () => {
  const limits = new RateLimits({ ...PRODUCTION_LIMITS, weightPerMinute: 1, refusalsBeforeBan: 2 });
  let now = T0;
  const bans: number[] = [];
  for (let i = 0; i < 14; i++) {
    const outcomes = [1, 2, 3, 4].map(() => limits.charge(IP, 1, now));
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ["charged", "limited", "limited", "banned"],
    );
    const ban = limits.charge(IP, 1, now);
    assert.ok(ban.outcome === "banned");
    bans.push(ban.waitMs / MINUTE);
    assert.equal(limits.charge(IP, 1, (ban.until - 1) as TransactMs).outcome, "banned");
    now = ban.until;
    assert.equal(limits.usedWeight(IP, now), 0);
  }
  assert.deepEqual(bans, [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 4320, 4320]);
  now = (now + PRODUCTION_LIMITS.banRememberedMs + 1) as TransactMs;
  for (let i = 0; i < 4; i++) limits.charge(IP, 1, now);
  assert.equal(outline(limits.charge(IP, 1, now)), `banned wait ${2 * MINUTE}`);
});

test("no count goes down within its window, whatever is charged", () => {
  const charge = fc.record({ weight: fc.nat(600), orders: fc.nat(40), ms: fc.nat(4000) });
  fc.assert(
    fc.property(fc.array(charge, { maxLength: 60 }), (charges) => {
      const limits = new RateLimits();
      let now: number = T0;
      const last = new Map<string, number>();
      for (const { weight, orders, ms } of charges) {
        now += ms;
        limits.charge(IP, weight, now as TransactMs);
        limits.chargeOrders("a", { tenSeconds: orders, minute: orders }, now as TransactMs);
        const used = limits.usedOrders("a", now as TransactMs);
        grows(last, `weight ${Math.floor(now / MINUTE)}`, limits.usedWeight(IP, now as TransactMs));
        grows(last, `minute ${Math.floor(now / MINUTE)}`, used.minute);
        grows(last, `ten ${Math.floor(now / 10_000)}`, used.tenSeconds);
        assert.ok(used.minute <= 1200 && used.tenSeconds <= 300);
      }
    }),
  );
});

function grows(last: Map<string, number>, window: string, count: number): void {
  assert.ok(count >= (last.get(window) ?? 0), `${window}: ${count} after ${last.get(window)}`);
  last.set(window, count);
}

function at(ms: number): TransactMs {
  return (T0 + ms) as TransactMs;
}

function outline(charge: Charge): string {
  if (charge.outcome === "charged") return "charged";
  if (charge.outcome === "banned") return `banned wait ${charge.waitMs}`;
  const { kind, most, interval } = charge.limit;
  return `limited ${kind} ${most} ${interval} wait ${charge.waitMs}`;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { Mirror } from "../src/account/mirror.ts";
import type { TransactMs } from "../src/kernel/scalars.ts";
import type { AccountUpdate } from "../src/protocol/events/account-update.ts";
import type { OrderTradeUpdate } from "../src/protocol/events/order-trade-update.ts";
import type { UserDataEvent } from "../src/protocol/user-data-event.ts";
import { assertFew, Unknowns } from "./bounds.ts";
import { FactDates } from "./fact-dates.ts";

test("L3 a mirror that shows what is older than an event told is found out, certain or not", () => {
  const facts = new FactDates();
  const mirror = new Mirror();
  const old = mirror.view;
  for (const at of [2, 1]) {
    mirror.apply(walletAt(at) as UserDataEvent, "stream");
    facts.toldAccount(walletAt(at), mirror.view);
  }
  facts.learned(mirror.view);
  assert.throws(() => facts.learned(old), /L3 the wallet of USDT is one of 0, though an event has told that of 2/);
});

test("L3 an order that opens again, or is filled less than it was, is found out", () => {
  const facts = new FactDates();
  const views = [orderOf("PARTIALLY_FILLED", "1"), orderOf("PARTIALLY_FILLED", "2"), orderOf("FILLED", "2")].map(
    (one) => {
      const mirror = new Mirror();
      mirror.apply(one as UserDataEvent, "stream");
      facts.toldOrder(one, mirror.view);
      return mirror.view;
    },
  );
  const [less, open, ended] = views;
  assert(less !== undefined && open !== undefined && ended !== undefined);
  facts.learned(ended);
  assert.throws(() => facts.learned(open), /L3 the order BTCUSDT 7 has ended, and is PARTIALLY_FILLED again/);
  const half = new FactDates();
  half.toldOrder(orderOf("PARTIALLY_FILLED", "2"), open);
  assert.throws(() => half.learned(less), /L3 of the order BTCUSDT 7 2 was filled, and is 1 again/);
});

test("L10 an event of an unknown type that is swallowed, changed, or of which nothing is said, is found out", () => {
  const unknowns = new Unknowns();
  const raw = `{"e":"somethingNew","E":1}`;
  const event = { e: "somethingNew" } as unknown as UserDataEvent;
  assert.equal(unknowns.came(`{"e":"TRADE_LITE","E":1}`), false);
  assert.equal(unknowns.came(raw), true);
  assert.equal(unknowns.came(raw), false);
  assert.throws(() => unknowns.overdue(raw), /L10 .* was not passed on/);
  assert.throws(() => unknowns.told(event, raw), /L10 somethingNew is new, and nothing was said of it/);
  unknowns.logged("the exchange said something new; it is passed through", { found: "somethingNew" });
  unknowns.told(event, raw);
  unknowns.overdue(raw);
  assert.throws(() => unknowns.told(event, "{}"), /L10 .* the frame is another one/);
  const again = () =>
    unknowns.logged("the exchange said something new; it is passed through", { found: "somethingNew" });
  assert.throws(again, /L10 the same novelty is said twice/);
});

test("L12 what piles up is found out", () => {
  assertFew("lines", 3, 2);
  assert.throws(() => assertFew("lines", 4, 2), /L12 4 lines at a time, where 3 are the most/);
  assert.throws(() => assertFew("alarms", 1000), /L12/);
  assert.throws(() => assertFew("requests", 1000), /L12/);
});

function walletAt(T: number): AccountUpdate {
  const B = [{ a: "USDT", wb: String(T), cw: String(T), bc: "0" }];
  return { e: "ACCOUNT_UPDATE", E: T, T: T as TransactMs, a: { m: "ORDER", B, P: [] } } as unknown as AccountUpdate;
}

function orderOf(X: string, z: string): OrderTradeUpdate {
  const o = { s: "BTCUSDT", i: "7", X, z, q: "2", x: "TRADE", t: "0", T: 1, ps: "BOTH" };
  return { e: "ORDER_TRADE_UPDATE", E: 1, T: Number(z), o } as unknown as OrderTradeUpdate;
}

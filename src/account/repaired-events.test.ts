import assert from "node:assert/strict";
import { test } from "node:test";
import { algoRow, amount, id, ms, orderRow, riskRow, walletRow } from "../../test/account-news.ts";
import { incomeRow, tradeRow } from "../../test/follower-world.ts";
import { fixed } from "../kernel/decimal.ts";
import type { Income } from "../protocol/rest/income.ts";
import * as repaired from "./repaired-events.ts";

const row = orderRow(1300, "NEW", { time: ms(1200), priceMatch: "NONE", goodTillDate: 0 });

test("nothing is invented: no letter stands in an order's event that REST did not give", () => {
  const { e, T, o, ...none } = repaired.placed(row);
  assert.deepEqual([e, T, none], ["ORDER_TRADE_UPDATE", 1200, {}]);
  assert.deepEqual(o, {
    s: "BTCUSDT",
    c: "mine",
    S: "BUY",
    o: "LIMIT",
    f: "GTC",
    q: "10.000",
    p: "100.00",
    ap: "0",
    sp: "0",
    x: "NEW",
    X: "NEW",
    i: "5",
    l: "0",
    z: "0",
    L: "0",
    T: 1200,
    t: "0",
    R: false,
    wt: "CONTRACT_PRICE",
    ot: "LIMIT",
    ps: "BOTH",
    cp: false,
    pP: false,
    pm: "NONE",
    gtd: 0,
  });
});

test("a fill says what userTrades says, digit by digit; without its order no more than that", () => {
  const trade = tradeRow(1300, "9007199254740993", "9223372036854775807", "2.50");
  assert.deepEqual(repaired.fill(trade, undefined, undefined).o, {
    s: "BTCUSDT",
    S: "BUY",
    i: "9007199254740993",
    ps: "BOTH",
    x: "TRADE",
    t: "9223372036854775807",
    l: "2.50",
    L: "100",
    n: "0.1",
    N: "USDT",
    T: 1300,
    m: false,
    rp: "0",
  });
});

for (const [name, more, filled, expected] of [
  ["the first of two", { executedQty: amount("10") }, "4", ["TRADE", "PARTIALLY_FILLED", "4", undefined]],
  ["the last", { executedQty: amount("10.000"), avgPrice: amount("99.5") }, "10", ["TRADE", "FILLED", "10", "99.5"]],
  ["the last before a cancellation", { executedQty: amount("4") }, "4", ["TRADE", "PARTIALLY_FILLED", "4", "0.00000"]],
  ["of a liquidation", { clientOrderId: "autoclose-1" }, "4", ["CALCULATED", "PARTIALLY_FILLED", "4", undefined]],
  ["of a deleveraging", { clientOrderId: "adl_autoclose" }, "4", ["CALCULATED", "PARTIALLY_FILLED", "4", undefined]],
] as const) {
  test(`a fill, ${name}`, () => {
    const { x, X, z, ap } = repaired.fill(tradeRow(1300, "5", "8", "4"), { ...row, ...more }, fixed(filled)).o;
    assert.deepEqual([x, X, z, ap], expected);
  });
}

test("an order that is open or filled has not ended; others end as they say", () => {
  for (const [status, x] of [
    ["NEW", undefined],
    ["PARTIALLY_FILLED", undefined],
    ["FILLED", undefined],
    ["CANCELED", "CANCELED"],
    ["EXPIRED", "EXPIRED"],
    ["EXPIRED_IN_MATCH", "EXPIRED"],
  ] as const) {
    const event = repaired.ended({ ...row, status });
    assert.deepEqual([event?.o.x, event?.o.X], [x, x === undefined ? undefined : status]);
  }
});

test("a conditional order names the order it placed once there is one", () => {
  const waiting = repaired.conditional(algoRow(1300, "NEW"));
  assert.deepEqual([waiting.T, waiting.o.ai, waiting.o.ap, waiting.o.aq], [1300, "", undefined, undefined]);
  const { o } = repaired.conditional(
    algoRow(1300, "FINISHED", { actualOrderId: id("7"), actualPrice: amount("90.1"), actualQty: amount("1.000") }),
  );
  assert.deepEqual([o.ai, o.ap, o.aq, o.act], ["7", "90.1", "1.000", undefined]);
});

test("a booking has its change and no wallet; its reason only where the exchange's word for it is known", () => {
  for (const [more, m, S] of [
    [{}, "DEPOSIT", undefined],
    [{ income: amount("-5") }, "WITHDRAW", undefined],
    [{ incomeType: "FUNDING_FEE", symbol: "BTCUSDT" }, "FUNDING_FEE", "BTCUSDT"],
    [{ incomeType: "INSURANCE_CLEAR", symbol: "BTCUSDT" }, "INSURANCE_CLEAR", undefined],
    [{ incomeType: "API_REBATE" }, undefined, undefined],
  ] as [Partial<Income>, string | undefined, string | undefined][]) {
    const income = incomeRow(1300, more);
    const { T, a } = repaired.booked(income);
    assert.deepEqual([T, a.m, a.S, a.P], [1300, m, S, []]);
    assert.deepEqual(a.B, [{ a: "USDT", bc: income.income }]);
  }
});

test("how things stand is told without a reason, as REST spells it", () => {
  const P = [repaired.positionRow(riskRow(1300, "-2.0"), "ISOLATED")];
  const event = repaired.standing(ms(1300), [repaired.balanceRow(walletRow(1300, "USDT", "8.50"))], P);
  assert.deepEqual(event.a.B, [{ a: "USDT", wb: "8.50", cw: "8.50" }]);
  const [position] = event.a.P;
  assert.deepEqual([position?.pa, position?.mt, position?.cr, event.a.m], ["-2.0", "isolated", undefined, undefined]);
  assert.equal("mt" in repaired.positionRow(riskRow(1300, "1"), undefined), false);
});

test("settings have no date, since REST has none", () => {
  for (const event of [
    repaired.leverageChanged("BTCUSDT", 20),
    repaired.marginTypeChanged("BTCUSDT", "isolated"),
    repaired.multiAssetsChanged(true),
  ]) {
    assert.equal("T" in event || "E" in event, false);
  }
});

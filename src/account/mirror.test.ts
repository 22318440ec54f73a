import assert from "node:assert/strict";
import { test } from "node:test";
import {
  algoEvent,
  algoRow,
  amount,
  id,
  ms,
  orderEvent,
  orderRow,
  positionEvent,
  positionRow,
  riskRow,
  walletEvent,
  walletRow,
} from "../../test/account-news.ts";
import type { EventMs } from "../kernel/scalars.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import type { Outcome } from "./account-change.ts";
import { FINISHED_ORDERS_MAX } from "./account-state.ts";
import { Mirror } from "./mirror.ts";

type Say = (mirror: Mirror) => Outcome;

const stream =
  (event: UserDataEvent): Say =>
  (mirror) =>
    mirror.apply(event, "stream");
const repaired =
  (event: UserDataEvent): Say =>
  (mirror) =>
    mirror.apply(event, "repair");
const putBack =
  (at: number, wallet: string): Say =>
  (mirror) =>
    mirror.apply(walletEvent(at, "USDT", wallet), "stream", true);
const rest =
  (at: number, wallet: string, insists = false): Say =>
  (mirror) =>
    mirror.mergeBalances([walletRow(at, "USDT", wallet)], { source: "repair", insists });
const told = (at: number, wallet: string): Say => stream(walletEvent(at, "USDT", wallet));

// Facts by date. What is known, what is told, what is known then (amount@date source), what is found.
for (const [rule, known, then, expected, findings] of [
  ["what is told first is news", [], told(5, "1"), "1@5 stream", ""],
  ["newer news wins", [told(5, "1")], told(6, "2"), "2@6 stream", ""],
  ["an older event is a late copy, and nothing to talk about", [told(6, "2")], told(5, "1"), "2@6 stream", ""],
  ["… but pushed after the clock was put back it is news", [told(6, "2")], putBack(5, "1"), "1@6 stream", ""],
  ["… and not beside what REST may have said since", [rest(6, "2")], putBack(5, "1"), "2@6 repair", ""],
  ["of two events with one date the later one wins", [told(5, "1")], told(5, "2"), "2@5 stream", ""],
  ["a newer answer is what a gap swallowed", [told(5, "1")], rest(6, "2"), "2@6 repair", ""],
  ["an older answer is stale, and found", [told(6, "2")], rest(5, "1"), "2@6 stream", "stale"],
  ["an older answer that says the same is nothing", [told(6, "2")], rest(5, "2.000"), "2@6 stream", ""],
  ["an answer with the same date that differs is disputed", [told(5, "1")], rest(5, "2"), "1@5 stream", "disputed"],
  ["amounts are equal, not spellings", [told(5, "2")], rest(5, "2.00000000"), "2@5 stream", ""],
  ["an event overrules an answer of the same date", [rest(5, "2")], told(5, "1"), "1@5 stream", "disputed"],
  [
    "a repaired event overrules the stream at the same date: it is told when it is sure",
    [told(5, "1")],
    repaired(walletEvent(5, "USDT", "2")),
    "2@5 repair",
    "",
  ],
  ["an answer without a date fills what is unknown", [], rest(0, "2"), "2@0 repair", ""],
  ["an answer without a date that differs is found", [told(5, "1")], rest(0, "2"), "1@5 stream", "undated"],
  ["any date beats none", [rest(0, "2")], told(1, "3"), "3@1 stream", ""],
  ["two answers without a date are not told apart", [rest(0, "2")], rest(0, "3"), "2@0 repair", "undated"],
  ["an answer that insists is believed", [told(5, "1")], rest(5, "2", true), "2@5 repair", ""],
  ["… without a date, at that of what was known", [told(5, "1")], rest(0, "2", true), "2@5 repair", ""],
  ["… even if it is stale", [told(6, "1")], rest(5, "2", true), "2@6 repair", ""],
  ["the same from stream and answer is from the stream", [rest(5, "1")], told(5, "1"), "1@5 stream", ""],
  ["a newer date for the same is kept", [told(5, "1")], rest(9, "1"), "1@9 repair", ""],
] as const) {
  test(`facts: ${rule}`, () => {
    const mirror = new Mirror();
    for (const say of known) say(mirror);
    const outcome = then(mirror);
    const balance = mirror.view.balance("USDT");
    assert.equal(`${balance?.wallet}@${balance?.at} ${balance?.source}`, expected);
    assert.equal(outcome.findings.map(({ verdict }) => verdict).join(), findings);
  });
}

const event = (at: number, ...rest: [Parameters<typeof orderEvent>[1], Parameters<typeof orderEvent>[2]?]): Say =>
  stream(orderEvent(at, ...rest));
const row = (at: number, ...more: [Parameters<typeof orderRow>[1], Parameters<typeof orderRow>[2]?]): Say => {
  return (mirror) => mirror.mergeOrders([orderRow(at, ...more)], { source: "repair" });
};
const FILL = (t: string, z: string) => ({
  t: id(t),
  l: amount("1"),
  z: amount(z),
  L: amount("100"),
  ap: amount("100"),
});

for (const [rule, known, then, expected, findings] of [
  ["accepted", [], event(1, "NEW"), "NEW 0 of 10 at 100 @1", ""],
  ["a fill", [event(1, "NEW")], event(2, "PARTIALLY_FILLED", FILL("7", "1")), "PARTIALLY_FILLED 1 of 10 at 100 @2", ""],
  [
    "an amendment changes price and quantity",
    [event(1, "NEW")],
    event(2, "NEW", { x: "AMENDMENT", p: amount("99"), q: amount("8") }),
    "NEW 0 of 8 at 99 @2",
    "",
  ],
  [
    "accepted and filled in one millisecond",
    [event(1, "NEW")],
    event(1, "FILLED", FILL("7", "10")),
    "FILLED 10 of 10 at 100 @1",
    "",
  ],
  [
    "… in whatever order it is told",
    [event(1, "FILLED", FILL("7", "10"))],
    event(1, "NEW"),
    "FILLED 10 of 10 at 100 @1",
    "",
  ],
  [
    "what was filled stays filled",
    [event(3, "PARTIALLY_FILLED", FILL("8", "2"))],
    event(4, "PARTIALLY_FILLED", FILL("7", "1")),
    "PARTIALLY_FILLED 2 of 10 at 100 @3",
    "",
  ],
  ["what ended never opens again", [event(2, "CANCELED")], event(3, "NEW"), "CANCELED 0 of 10 at 100 @2", ""],
  ["an answer that lags is stale", [event(2, "CANCELED")], row(1, "NEW"), "CANCELED 0 of 10 at 100 @2", "stale"],
  [
    "… and one that should know better is wrong",
    [event(2, "CANCELED")],
    row(3, "NEW"),
    "CANCELED 0 of 10 at 100 @2",
    "disputed",
  ],
  [
    "an end is believed whatever its date",
    [event(3, "NEW")],
    row(2, "EXPIRED"),
    "EXPIRED 0 of 10.000 at 100.00 @3",
    "",
  ],
  [
    "an answer may know more",
    [event(1, "NEW")],
    row(4, "FILLED", { executedQty: amount("10.000") }),
    "FILLED 10.000 of 10.000 at 100.00 @4",
    "",
  ],
  ["a status nobody knows is open", [], event(1, "PENDING" as "NEW", { x: "NEW" }), "PENDING 0 of 10 at 100 @1", ""],
] as const) {
  test(`orders: ${rule}`, () => {
    const mirror = new Mirror();
    for (const say of known) say(mirror);
    const outcome = then(mirror);
    const order = mirror.view.order("BTCUSDT", id("5"));
    assert(order);
    assert.equal(`${order.status} ${order.executed} of ${order.quantity} at ${order.price} @${order.at}`, expected);
    assert.equal(outcome.findings.map(({ verdict }) => verdict).join(), findings);
    const isOpen = ["NEW", "PARTIALLY_FILLED", "PENDING"].includes(order.status);
    assert.deepEqual([mirror.view.openOrders.size, mirror.view.finishedOrders.size], isOpen ? [1, 0] : [0, 1]);
  });
}

test("an order keeps its last fill, when it was accepted, where it came from and why it expired", () => {
  const mirror = new Mirror();
  mirror.mergeOpenOrders([orderRow(1, "NEW")], { source: "snapshot" });
  mirror.apply(orderEvent(2, "PARTIALLY_FILLED", { ...FILL("9007199254740993", "1"), si: id("3000") }), "stream");
  mirror.apply(orderEvent(3, "EXPIRED", { z: amount("1"), er: "4" }), "stream");
  const order = mirror.view.order("BTCUSDT", id("5"));
  assert.deepEqual(
    [order?.lastFill?.tradeId, order?.lastFill?.at, order?.createdAt, order?.algoId, order?.expiryReason],
    ["9007199254740993", 2, 1, "3000", "4"],
  );
});

test("the newest trade id of a symbol is kept, whatever became of the order", () => {
  const mirror = new Mirror();
  assert.equal(mirror.lastTradeId("BTCUSDT"), undefined);
  for (const t of ["99", "100", "98"]) mirror.apply(orderEvent(2, "FILLED", FILL(t, "10")), "stream");
  mirror.apply(orderEvent(2, "CANCELED", { s: "ETHUSDT" }), "stream");
  assert.deepEqual([...mirror.lastTradeIds()], [["BTCUSDT", "100"]]);
});

test("ended orders are remembered within their limit", () => {
  const mirror = new Mirror();
  for (let i = 0; i < FINISHED_ORDERS_MAX + 10; i++)
    mirror.apply(orderEvent(i, "CANCELED", { i: id(`${i}`) }), "stream");
  assert.equal(mirror.view.finishedOrders.size, FINISHED_ORDERS_MAX);
  assert.equal(mirror.view.order("BTCUSDT", id("9")), undefined);
  assert.equal(mirror.view.order("BTCUSDT", id("10"))?.status, "CANCELED");
});

test("order ids are unique within their symbol only", () => {
  const mirror = new Mirror();
  mirror.apply(orderEvent(1, "NEW"), "stream");
  mirror.apply(orderEvent(2, "CANCELED", { s: "ETHUSDT" }), "stream");
  assert.deepEqual([...mirror.view.openOrders.keys()], ["BTCUSDT/5"]);
  assert.deepEqual([...mirror.view.finishedOrders.keys()], ["ETHUSDT/5"]);
});

test("an ACCOUNT_UPDATE changes what it lists, and nothing else", () => {
  const mirror = new Mirror();
  mirror.apply(walletEvent(1, "USDT", "100", "90"), "stream");
  mirror.apply(walletEvent(1, "BNB", "2"), "stream");
  mirror.apply(positionEvent(1, "1"), "stream");
  const { changes } = mirror.apply(walletEvent(2, "USDT", "99", "89"), "stream");
  assert.deepEqual(
    changes.map(({ kind, key, before, after }) => [kind, key, before?.at, after?.at]),
    [["balance", "USDT", 1, 2]],
  );
  assert.equal(mirror.view.balance("BNB")?.wallet, "2");
  assert.equal(mirror.view.position("BTCUSDT")?.amount, "1");
  assert.equal(mirror.view.asOf, 2);
});

test("hedge mode has positions by side, with an empty BOTH beside them or without it", () => {
  const mirror = new Mirror();
  const update = positionEvent(1, "0");
  update.a.P.push(positionRow("2", { ps: "LONG" }), positionRow("-1", { ps: "SHORT" }));
  mirror.apply(update, "stream");
  mirror.apply(positionEvent(2, "-3", { ps: "SHORT" }), "stream");
  const amounts = [...mirror.view.positions].map(([key, position]) => `${key} ${position.amount}`);
  assert.deepEqual(amounts, ["BTCUSDT/BOTH 0", "BTCUSDT/LONG 2", "BTCUSDT/SHORT -3"]);
  assert.deepEqual(
    mirror.view.held().map(({ side }) => side),
    ["LONG", "SHORT"],
  );
});

test("what an event or an answer cannot say of a position is kept while it is true, else unknown", () => {
  const mirror = new Mirror();
  mirror.apply(positionEvent(1, "1"), "stream");
  const { ma: _ma, bep: _bep, ...bare } = positionRow("1", { iw: amount("5") });
  const { a, ...head } = positionEvent(2, "1");
  mirror.apply({ ...head, a: { ...a, P: [bare] } }, "stream");
  assert.deepEqual(shown(mirror), ["USDT", "100.1", "7"]);
  mirror.apply({ ...head, T: ms(3), a: { ...a, P: [{ ...bare, pa: amount("2") }] } }, "stream");
  assert.deepEqual(shown(mirror), ["USDT", undefined, "7"]);
  mirror.mergePositionRisk([riskRow(4, "3")], { source: "repair" });
  assert.deepEqual(shown(mirror), ["USDT", "100.10", undefined]);
});

function shown(mirror: Mirror) {
  const position = mirror.view.position("BTCUSDT");
  return [position?.marginAsset, position?.breakEvenPrice, position?.realizedProfit];
}

test("margin types are spelled one way, whatever the wire says, and any position row tells them", () => {
  const mirror = new Mirror();
  const config = { symbol: "BTCUSDT", isAutoAddMargin: false, leverage: 20, maxNotionalValue: amount("1") };
  mirror.mergeSymbolConfig([{ ...config, marginType: "CROSSED" }], { source: "snapshot" });
  assert.equal(mirror.view.marginType.get("BTCUSDT")?.value, "cross");
  mirror.apply(positionEvent(5, "1", { mt: "isolated" }), "stream");
  assert.equal(mirror.view.marginType.get("BTCUSDT")?.value, "isolated");
  const { findings } = mirror.mergeSymbolConfig([{ ...config, marginType: "CROSSED" }], { source: "repair" });
  assert.deepEqual(
    findings.map(({ verdict, kind, key }) => [verdict, kind, key]),
    [["undated", "margin-type", "BTCUSDT"]],
  );
});

test("leverage and Multi-Assets mode come with ACCOUNT_CONFIG_UPDATE, position mode with the next order", () => {
  const mirror = new Mirror();
  const config = { feeTier: 0, canTrade: true, canDeposit: true, canWithdraw: true, tradeGroupId: -1 };
  const modes = { dualSidePosition: false, multiAssetsMargin: false, updateTime: ms(0) };
  mirror.mergeAccountConfig({ ...config, ...modes }, { source: "snapshot" });
  const head = { e: "ACCOUNT_CONFIG_UPDATE" as const, T: ms(3), E: 3 as EventMs };
  mirror.apply({ ...head, ac: { s: "BTCUSDT", l: 50 } }, "stream");
  mirror.apply({ ...head, ai: { j: true } }, "stream");
  mirror.apply(orderEvent(4, "NEW", { ps: "LONG" }), "stream");
  const { leverage, multiAssetsMode, hedgeMode } = mirror.view;
  assert.deepEqual([leverage.get("BTCUSDT")?.value, multiAssetsMode?.value, hedgeMode?.value], [50, true, true]);
  assert.deepEqual([multiAssetsMode?.at, hedgeMode?.at, hedgeMode?.source], [3, 4, "stream"]);
});

test("a conditional order goes its way, and never back", () => {
  const mirror = new Mirror();
  const story = [
    algoEvent(1, "NEW", { ia: false }),
    algoEvent(1, "NEW", { ia: true }),
    algoEvent(5, "TRIGGERING", { tt: 5 }),
    algoEvent(9, "TRIGGERED", { ai: id("77"), ap: amount("0"), aq: amount("0"), tt: 5 }),
    algoEvent(9, "FINISHED", { ai: id("77"), ap: amount("90"), aq: amount("1"), tt: 5 }),
  ];
  for (const event of story) assert.equal(mirror.apply(event, "stream").changes.length, 1, event.o.X);
  const known = mirror.view.conditionalOrder(id("3000"));
  for (const event of story) assert.deepEqual(mirror.apply(event, "stream").changes, [], `${event.o.X} again`);
  const late = mirror.mergeOpenConditionalOrders([algoRow(1, "NEW")], { source: "repair" });
  assert.deepEqual(
    late.findings.map(({ verdict }) => verdict),
    ["stale"],
  );
  assert.equal(mirror.view.conditionalOrder(id("3000")), known);
  assert.deepEqual(
    [known?.status, known?.orderId, known?.averagePrice, known?.executed, known?.isActivated, known?.createdAt],
    ["FINISHED", "77", "90", "1", true, 1],
  );
});

test("what a list does not name is missing, until it is decided what became of it", () => {
  const mirror = new Mirror();
  mirror.apply(orderEvent(1, "NEW"), "stream");
  mirror.apply(orderEvent(1, "NEW", { s: "ETHUSDT" }), "stream");
  mirror.apply(algoEvent(1, "NEW"), "stream");
  mirror.apply(positionEvent(1, "1"), "stream");
  mirror.apply(positionEvent(1, "0", { s: "ETHUSDT" }), "stream");
  const terms = { source: "repair" } as const;
  const found = [
    mirror.mergeOpenOrders([orderRow(1, "NEW")], terms),
    mirror.mergeOpenOrders([], terms, "BTCUSDT"),
    mirror.mergeOpenConditionalOrders([], terms),
    mirror.mergePositionRisk([], terms),
  ].map(({ findings, changes }) => [...findings.map(({ verdict, key }) => `${verdict} ${key}`), changes.length]);
  assert.deepEqual(found, [
    ["missing ETHUSDT/5", 0],
    ["missing BTCUSDT/5", 0],
    ["missing 3000", 0],
    ["missing BTCUSDT/BOTH", 0],
  ]);
  assert.equal(mirror.flattened("BTCUSDT", "BOTH", ms(0), "repair").findings[0]?.verdict, "undated");
  assert.equal(mirror.flattened("BTCUSDT", "BOTH", ms(2), "repair").changes.length, 1);
  assert.deepEqual(mirror.view.held(), []);
  assert.equal(mirror.view.position("BTCUSDT")?.marginAsset, "USDT");
});

test("whoever watches gets every change, shown by then; of an order that is forgotten nothing is after it", () => {
  const mirror = new Mirror();
  const seen: string[] = [];
  mirror.watch((changes) => {
    for (const { kind, key, after } of changes) {
      if (kind === "hedge-mode") continue;
      const isShown = mirror.view.openOrders.has(key) || mirror.view.conditionalOrders.has(key);
      seen.push(`${kind} ${key} ${after === undefined ? "forgotten" : "known"} ${isShown ? "shown" : "not shown"}`);
    }
  });
  mirror.apply(orderEvent(1, "NEW"), "stream");
  mirror.apply(orderEvent(1, "NEW"), "stream");
  mirror.mergeConditionalOrders([algoRow(1, "NEW")], { source: "snapshot" });
  mirror.orderVanished("BTCUSDT", id("5"));
  mirror.conditionalOrderVanished(id("3000"));
  mirror.conditionalOrderVanished(id("3000"));
  assert.deepEqual(seen, [
    "order BTCUSDT/5 known shown",
    "conditional-order 3000 known shown",
    "order BTCUSDT/5 forgotten not shown",
    "conditional-order 3000 forgotten not shown",
  ]);
});

test("a strategy has a status, a newest operation and a result, each with its date, and ends once", () => {
  const mirror = new Mirror();
  const strategy = (at: number, ss: "NEW" | "WORKING" | "CANCELLED", c: number): UserDataEvent => ({
    e: "STRATEGY_UPDATE",
    T: ms(at),
    E: at as EventMs,
    su: { si: id("8"), st: "GRID", ss, s: "BTCUSDT", ut: ms(at), c },
  });
  const grid = (at: number, r: string): UserDataEvent => {
    const zero = amount("0");
    const figures = { r: amount(r), up: zero, uq: zero, uf: zero, mp: zero };
    const gu = { si: id("8"), st: "GRID" as const, ss: "WORKING" as const, s: "BTCUSDT", ut: ms(at), ...figures };
    return { e: "GRID_UPDATE", T: ms(at), E: at as EventMs, gu };
  };
  for (const event of [grid(5, "3"), strategy(4, "WORKING", 8007), grid(3, "1"), strategy(2, "NEW", 8001)]) {
    mirror.apply(event, "stream");
  }
  const known = mirror.view.strategies.get("8");
  assert.deepEqual([known?.status, known?.operation?.code, known?.grid?.realizedProfit], ["WORKING", 8007, "3"]);
  mirror.apply(strategy(6, "CANCELLED", 8002), "stream");
  assert.deepEqual(mirror.apply(strategy(6, "CANCELLED", 8002), "stream").changes, []);
  mirror.apply(grid(7, "4"), "stream");
  assert.equal(mirror.view.strategies.size, 0);
  const ended = mirror.view.finishedStrategies.get("8");
  assert.deepEqual([ended?.status, ended?.grid?.realizedProfit], ["CANCELLED", "4"]);
});

for (const silent of [
  { e: "listenKeyExpired", E: 1 },
  { e: "TRADE_LITE", E: 1, T: 1, s: "BTCUSDT", i: "5", t: "9" },
  { e: "MARGIN_CALL", E: 1, cw: "3", p: [] },
  { e: "CONDITIONAL_ORDER_TRIGGER_REJECT", E: 1, T: 1, or: {} },
  { e: "SOMETHING_NEW", E: 1 },
] as unknown as UserDataEvent[]) {
  test(`${silent.e} changes nothing`, () => {
    const mirror = new Mirror();
    const { view } = mirror;
    assert.deepEqual(mirror.apply(silent, "stream"), { changes: [], findings: [] });
    assert.equal(mirror.view, view);
    assert.equal(view.asOf, undefined);
  });
}

test("a repaired event teaches what it says, and leaves alone what REST could not give", () => {
  const mirror = new Mirror();
  mirror.apply(orderEvent(1, "NEW"), "stream");
  mirror.apply(walletEvent(1, "USDT", "100"), "stream");
  const { X: _X, z: _z, q: _q, ...fill } = orderEvent(3, "FILLED", FILL("7", "10")).o;
  mirror.apply({ e: "ORDER_TRADE_UPDATE", T: ms(3), E: 3, o: fill } as unknown as UserDataEvent, "repair");
  const funding = { m: "FUNDING_FEE", S: "BTCUSDT", B: [{ a: "USDT", bc: "-1" }], P: [] };
  mirror.apply({ e: "ACCOUNT_UPDATE", T: ms(3), E: 3, a: funding } as unknown as UserDataEvent, "repair");
  const order = mirror.view.order("BTCUSDT", id("5"));
  assert.deepEqual([order?.status, order?.lastFill?.tradeId, mirror.lastTradeId("BTCUSDT")], ["NEW", "7", "7"]);
  assert.equal(mirror.view.balance("USDT")?.wallet, "100");
});

test("a view never changes, and is the same until something does", () => {
  const mirror = new Mirror();
  mirror.apply(orderEvent(1, "NEW"), "stream");
  const before = mirror.view;
  assert.equal(mirror.view, before);
  mirror.apply(orderEvent(1, "NEW"), "stream");
  assert.equal(mirror.view, before);
  mirror.apply(orderEvent(2, "CANCELED"), "stream");
  assert.notEqual(mirror.view, before);
  assert.deepEqual([before.openOrders.size, before.finishedOrders.size, before.asOf], [1, 0, 1]);
  assert.equal(before.balances, mirror.view.balances, "what did not change is shared");
});

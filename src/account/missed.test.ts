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
  riskRow,
  walletEvent,
  walletRow,
} from "../../test/account-news.ts";
import { incomeRow, tradeRow } from "../../test/follower-world.ts";
import type { AccountConfig } from "../protocol/rest/account-settings.ts";
import type { Order } from "../protocol/rest/orders.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import { orderKey } from "./facts.ts";
import { ledgerOf } from "./ledger.ts";
import { Mirror } from "./mirror.ts";
import { type Missed, missedIn } from "./missed.ts";
import { fill } from "./repaired-events.ts";
import { contradiction, forgotten, staleAnswer } from "./stale.ts";
import type { Survey } from "./survey.ts";
import { Told } from "./told-steps.ts";
import { copyUntold } from "./untold-facts.ts";

/** The gap of these tests lasts from 1000 to 2000; REST is asked at 3000, when everything before 1500 is old. */
const TERMS = { since: ms(1000), until: ms(2000), undatedBefore: ms(1500) };

const NO_NEWS: Survey = {
  askedAt: ms(3000),
  config: { multiAssetsMargin: false } as AccountConfig,
  symbols: [],
  balances: [],
  positions: [],
  orders: new Map(),
  conditionals: new Map(),
  trades: new Map(),
  income: [],
  incomeSince: ms(0),
  unknown: { orders: [], conditionals: [] },
  holes: [],
};

function ordersOf(...rows: readonly Order[]): Pick<Survey, "orders"> {
  return { orders: new Map(rows.map((row) => [orderKey(row.symbol, row.orderId), row])) };
}

/** What was told before, as a ledger; `held` has come and was not told. */
function ledgerAfter(told: readonly UserDataEvent[], held: readonly UserDataEvent[] = []) {
  const mirror = new Mirror();
  const memory = new Told();
  for (const event of told) {
    mirror.apply(event, "stream");
    memory.note(event);
  }
  return ledgerOf(mirror, memory, held);
}

function said({ event }: Missed): string {
  if (event.e === "ORDER_TRADE_UPDATE") {
    const { x, t, z } = event.o;
    return `${x}${t === "0" ? "" : ` ${t}`} ${z ?? "?"} @${event.T}`;
  }
  if (event.e === "ALGO_UPDATE") return `algo ${event.o.X} @${event.T}`;
  if (event.e === "ACCOUNT_CONFIG_UPDATE") return JSON.stringify(event.ac ?? event.ai);
  const { m, B, P } = event.a;
  const rows = [...B.map((row) => `${row.a} ${row.wb ?? row.bc}`), ...P.map((row) => `${row.s} ${row.pa}`)];
  return `${m ?? "stands"} ${rows.join(", ")} @${event.T}`;
}

const placed = orderEvent(1100, "NEW");
const open = orderEvent(500, "NEW");
const filled = (executedQty: string, more: Partial<Order> = {}) =>
  orderRow(1800, executedQty === "10" ? "FILLED" : "PARTIALLY_FILLED", {
    executedQty: amount(executedQty),
    time: ms(500),
    ...more,
  });
const fills = (...rows: ReturnType<typeof tradeRow>[]) => ({ trades: new Map([["BTCUSDT", rows]]) });
const symbols = [
  { symbol: "BTCUSDT", marginType: "CROSSED", isAutoAddMargin: false, leverage: 20, maxNotionalValue: amount("1") },
] as const;
const leverage = (at: number): UserDataEvent =>
  ({ e: "ACCOUNT_CONFIG_UPDATE", E: at, T: at, ac: { s: "BTCUSDT", l: 10 } }) as unknown as UserDataEvent;

const RULES: readonly (readonly [
  rule: string,
  told: readonly UserDataEvent[],
  news: Partial<Survey>,
  missed: readonly string[],
])[] = [
  ["nothing new, nothing missed", [open], {}, []],
  ["an order placed in the gap", [], ordersOf(orderRow(1200, "NEW", { time: ms(1200) })), ["NEW 0 @1200"]],
  ["one that was told", [placed], ordersOf(orderRow(1100, "NEW", { time: ms(1100) })), []],
  ["one placed before the gap is told to nobody", [], ordersOf(orderRow(900, "NEW", { time: ms(900) })), []],
  ["one placed after the gap is the stream's", [], ordersOf(orderRow(2001, "NEW", { time: ms(2001) })), []],
  [
    "a whole life",
    [],
    {
      ...ordersOf(filled("10", { time: ms(1200) })),
      ...fills(tradeRow(1800, "5", "8", "6"), tradeRow(1800, "5", "9", "4")),
    },
    ["NEW 0 @1200", "TRADE 8 6 @1800", "TRADE 9 10 @1800"],
  ],
  [
    "fills of a known order; one of them was told",
    [open, orderEvent(990, "PARTIALLY_FILLED", { t: id("7"), l: amount("1"), z: amount("1") })],
    { ...ordersOf(filled("3")), ...fills(tradeRow(990, "5", "7"), tradeRow(1800, "5", "8", "2")) },
    ["TRADE 8 3 @1800"],
  ],
  ["a fill whose order REST does not know", [], fills(tradeRow(1800, "5", "8")), ["TRADE 8 ? @1800"]],
  ["a cancellation", [open], ordersOf(orderRow(1300, "CANCELED", { time: ms(500) })), ["CANCELED 0 @1300"]],
  ["an expiry", [open], ordersOf(orderRow(1300, "EXPIRED_IN_MATCH", { time: ms(500) })), ["EXPIRED 0 @1300"]],
  [
    "an end that was told",
    [open, orderEvent(1300, "CANCELED")],
    ordersOf(orderRow(1300, "CANCELED", { time: ms(500) })),
    [],
  ],
  [
    "an amendment",
    [open],
    ordersOf(orderRow(1300, "NEW", { time: ms(500), price: amount("101.00") })),
    ["AMENDMENT 0 @1300"],
  ],
  [
    "a conditional order",
    [],
    { conditionals: new Map([["3000", algoRow(1400, "NEW", { createTime: ms(1400) })]]) },
    ["algo NEW @1400"],
  ],
  [
    "a conditional order that triggered",
    [algoEvent(500, "NEW")],
    { conditionals: new Map([["3000", algoRow(1400, "TRIGGERED")]]) },
    ["algo TRIGGERED @1400"],
  ],
  [
    "an order that was placed in the gap, of which a fill was told",
    [orderEvent(1300, "PARTIALLY_FILLED", { t: id("7"), z: amount("2") })],
    ordersOf(orderRow(1300, "PARTIALLY_FILLED", { time: ms(1200), executedQty: amount("2") })),
    ["NEW 0 @1200"],
  ],
  [
    "a conditional order that was placed in the gap, and ended after it",
    [],
    { conditionals: new Map([["3000", algoRow(2100, "FINISHED", { createTime: ms(1400) })]]) },
    ["algo NEW @1400"],
  ],
  [
    "a conditional order that ended after the gap, and was told as placed",
    [algoEvent(1400, "NEW")],
    { conditionals: new Map([["3000", algoRow(2100, "FINISHED", { createTime: ms(1400) })]]) },
    [],
  ],
  [
    "a conditional order that was told further than an older answer shows",
    [algoEvent(2600, "TRIGGERING")],
    { conditionals: new Map([["3000", algoRow(1400, "NEW", { createTime: ms(500) })]]) },
    [],
  ],
  ["a transfer", [], { income: [incomeRow(1500)] }, ["DEPOSIT USDT 5 @1500"]],
  ["a withdrawal", [], { income: [incomeRow(1500, { income: amount("-5") })] }, ["WITHDRAW USDT -5 @1500"]],
  ["commission and profit are told by fills", [], { income: [incomeRow(1500, { incomeType: "COMMISSION" })] }, []],
  [
    "a settlement with a trade is told by it",
    [],
    { income: [incomeRow(1500, { incomeType: "DELIVERED_SETTELMENT", tradeId: "8" })] },
    [],
  ],
  [
    "a settlement without one is a booking",
    [],
    { income: [incomeRow(1500, { incomeType: "DELIVERED_SETTELMENT" })] },
    ["stands USDT 5 @1500"],
  ],
  [
    "a wallet",
    [walletEvent(500, "USDT", "9")],
    { balances: [walletRow(1600, "USDT", "8.0")] },
    ["stands USDT 8.0 @1600"],
  ],
  ["the same wallet", [walletEvent(500, "USDT", "8")], { balances: [walletRow(1600, "USDT", "8.0")] }, []],
  [
    "a wallet older than what is known",
    [walletEvent(1700, "USDT", "9")],
    { balances: [walletRow(1600, "USDT", "8")] },
    [],
  ],
  [
    "a wallet without a date",
    [walletEvent(500, "USDT", "9")],
    { balances: [walletRow(0, "USDT", "8")] },
    ["stands USDT 8 @2000"],
  ],
  [
    "a wallet without a date, known of late",
    [walletEvent(1600, "USDT", "9")],
    { balances: [walletRow(0, "USDT", "8")] },
    [],
  ],
  ["a position", [], { positions: [riskRow(1600, "2")] }, ["stands BTCUSDT 2 @1600"]],
  ["a flat one nobody knows", [], { positions: [riskRow(1600, "0")] }, []],
  ["one that is not listed is flat", [positionEvent(500, "2")], {}, ["stands BTCUSDT 0 @2000"]],
  ["one opened of late may be missing from an old answer", [positionEvent(1600, "2")], {}, []],
  [
    "dates of rows that say nothing new do not count",
    [positionEvent(500, "2")],
    { positions: [riskRow(1900, "2")], balances: [walletRow(1600, "USDT", "8")] },
    ["stands USDT 8 @1600"],
  ],
  ["leverage, without a date", [leverage(500)], { symbols }, ['{"s":"BTCUSDT","l":20}']],
  ["leverage set of late", [leverage(1600)], { symbols }, []],
];

for (const [rule, told, news, missed] of RULES) {
  test(`missed: ${rule}`, () => {
    assert.deepEqual(missedIn({ ...NO_NEWS, ...news }, ledgerAfter(told), TERMS).map(said), missed);
  });
}

test("what held events will tell of balances and positions is left to them", () => {
  const news = { ...NO_NEWS, balances: [walletRow(1600, "USDT", "8")], positions: [riskRow(1600, "2")] };
  const held = [walletEvent(1600, "USDT", "8"), positionEvent(1600, "2")];
  assert.deepEqual(missedIn(news, ledgerAfter([], held), TERMS), []);
});

test("in exchange order; at one time placed, filled, ended, and money after the fills", () => {
  const news = {
    ...NO_NEWS,
    ...ordersOf(orderRow(1800, "CANCELED", { time: ms(1800), executedQty: amount("2") })),
    ...fills(tradeRow(1800, "5", "8", "2")),
    income: [incomeRow(1800), incomeRow(1200, { income: amount("7") })],
  };
  assert.deepEqual(missedIn(news, ledgerAfter([]), TERMS).map(said), [
    "DEPOSIT USDT 7 @1200",
    "NEW 0 @1800",
    "TRADE 8 2 @1800",
    "CANCELED 2 @1800",
    "DEPOSIT USDT 5 @1800",
  ]);
});

const SEAM = { since: ms(1000), seamMs: 100 };

for (const [name, told, news, flaw] of [
  [
    "an order is filled, and its fills are listed",
    [open],
    { ...ordersOf(filled("3")), ...fills(tradeRow(1800, "5", "8", "3")) },
    false,
  ],
  ["one of them is not", [open], { ...ordersOf(filled("3")), ...fills(tradeRow(1800, "5", "8", "2")) }, true],
  ["fills were not asked for", [open], ordersOf(filled("3")), false],
  [
    "it was filled as they were asked for",
    [open],
    { ...ordersOf(filled("3", { updateTime: ms(2950) })), ...fills() },
    false,
  ],
  [
    "the others were told",
    [open, orderEvent(900, "PARTIALLY_FILLED", { t: id("7"), z: amount("1") })],
    { ...ordersOf(filled("3")), ...fills(tradeRow(1800, "5", "8", "2")) },
    false,
  ],
  ["it has not changed since", [open], { ...ordersOf(filled("3", { updateTime: ms(999) })), ...fills() }, false],
  ["an older order nobody told of", [], { ...ordersOf(filled("3")), ...fills(tradeRow(1800, "5", "8", "1")) }, false],
] as const) {
  test(`a contradiction? ${name}: ${flaw ? "yes" : "no"}`, () => {
    assert.equal(contradiction({ ...NO_NEWS, ...news }, ledgerAfter(told), SEAM) !== undefined, flaw);
  });
}

test("a fill that was told without its order is no contradiction, though the order does not count it", () => {
  const trade = tradeRow(1800, "5", "8", "3");
  const mirror = new Mirror();
  mirror.apply(open, "stream");
  mirror.apply(fill(trade, undefined, undefined) as unknown as UserDataEvent, "repair");
  assert.equal(Number(mirror.view.order("BTCUSDT", id("5"))?.executed), 0);
  const flaw = (executed: string) =>
    contradiction({ ...NO_NEWS, ...ordersOf(filled(executed)), ...fills(trade) }, ledgerOf(mirror, new Told()), SEAM);
  assert.equal(flaw("3"), undefined);
  assert.equal(flaw("4"), "order BTCUSDT/5 has fills that are not listed");
});

test("an order that was told and has left the mirror is no contradiction: its fills are too old to ask for", () => {
  const told = new Told();
  const row = filled("3", { time: ms(1100), updateTime: ms(1100) });
  const survey = { ...NO_NEWS, ...ordersOf(row), ...fills() };
  const flaw = () => contradiction(survey, ledgerOf(new Mirror(), told), SEAM);
  assert.equal(flaw(), "order BTCUSDT/5 has fills that are not listed");
  told.note(orderEvent(1100, "NEW"));
  assert.equal(flaw(), undefined);
});

const fill8 = orderEvent(1800, "PARTIALLY_FILLED", { t: id("8"), z: amount("3") });

for (const [name, event, news, isStale] of [
  ["an order was filled further", fill8, ordersOf(filled("2")), true],
  ["just as far", fill8, ordersOf(filled("3")), false],
  ["a fill is missing", fill8, fills(), true],
  ["it is there", fill8, fills(tradeRow(1800, "5", "8")), false],
  ["it came as was asked", { ...fill8, T: ms(2950) }, fills(), false],
  ["a wallet is older", walletEvent(1800, "USDT", "9"), { balances: [walletRow(1700, "USDT", "8")] }, true],
  ["a wallet has no date", walletEvent(1800, "USDT", "9"), { balances: [walletRow(0, "USDT", "8")] }, false],
  ["a position is older", positionEvent(1800, "2"), { positions: [riskRow(1700, "1")] }, true],
  ["a position has no date", positionEvent(1800, "2"), { positions: [riskRow(0, "1")] }, false],
] as const) {
  test(`stale? ${name}: ${isStale ? "yes" : "no"}`, () => {
    assert.equal(staleAnswer({ ...NO_NEWS, ...news }, [event], 100) !== undefined, isStale);
  });
}

test("a conditional order that REST named before it was certain is told by the next repair, however old", () => {
  const untold = copyUntold();
  untold.conditionals.set("3000", undefined);
  const ledger = ledgerOf(new Mirror(), new Told(), [], untold);
  const row = algoRow(1800, "FINISHED", { createTime: ms(900) });
  assert.equal(row.algoId, "3000");
  const survey = { ...NO_NEWS, conditionals: new Map([[row.algoId, row]]) };
  assert.deepEqual(missedIn(survey, ledger, TERMS).map(said), ["algo FINISHED @1800"]);
  assert.deepEqual(missedIn(survey, ledgerAfter([]), TERMS).map(said), [], "older ones were told");
});

test("an order that a certificate covers was told as placed, though a later fill of it was still to be told", () => {
  const untold = copyUntold();
  untold.orders.set("BTCUSDT/5", undefined);
  const survey = { ...NO_NEWS, ...ordersOf(orderRow(1800, "CANCELED", { time: ms(900) })) };
  const ledger = ledgerOf(new Mirror(), new Told(), [], untold);
  assert.deepEqual(missedIn(survey, ledger, TERMS).map(said), ["CANCELED 0 @1800"]);
});

const DAY = 86_400_000;

for (const [rule, at, isForgotten] of [
  ["was open of late", 10 * DAY - 61_000, true],
  ["may have ended unfilled more than three days ago", 7 * DAY, false],
] as const) {
  test(`an order that ${rule}, and is not known: ${isForgotten ? "asked for again" : "nothing to ask again"}`, () => {
    const mirror = new Mirror();
    mirror.apply(orderEvent(at, "NEW"), "stream");
    mirror.apply(algoEvent(at, "NEW"), "stream");
    const orders = [...mirror.view.openOrders.values()];
    const conditionals = [...mirror.view.conditionalOrders.values()];
    for (const unknown of [
      { orders, conditionals: [] },
      { orders: [], conditionals },
    ]) {
      assert.equal(forgotten({ ...NO_NEWS, askedAt: ms(10 * DAY), unknown }) !== undefined, isForgotten);
    }
  });
}

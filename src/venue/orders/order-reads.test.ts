/** Reads of history: which orders and fills are found, in which order, for how long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefused } from "../../face/refusal.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import { ENDED_ORDERS_MAX } from "../accounts/account.ts";
import { Exchange } from "../exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";
import type { OrdersQuery, TradesQuery } from "./order-request.ts";

const OPENING = 1_763_000_000_000;
const DAY = 86_400_000;
const FIRST_ORDER = 8389766145050669870n;
const FIRST_TRADE = 5812345678n;

function at(day: number): TransactMs {
  return (OPENING + day * DAY) as TransactMs;
}

function newExchange(): Exchange {
  const exchange = new Exchange({ symbols: DEFAULT_SYMBOLS, seed: 1, now: at(0), marketMaker: "none" });
  for (const id of ["alice", "bob"]) exchange.createAccount({ id, balances: { USDT: "1000000" } }, at(0));
  return exchange;
}

function place(exchange: Exchange, account: string, side: string, id: string, day: number, symbol = "ETHUSDT"): Id64 {
  const price = symbol === "ETHUSDT" ? "2800" : "830";
  const order = { symbol, side, type: "LIMIT", timeInForce: "GTC", quantity: "0.1", price, newClientOrderId: id };
  const result = exchange.placeOrder(account, order, at(day));
  assert(!isRefused(result));
  return result.order.orderId;
}

/** On each of the days bob sells to alice: order ids alternate bob, alice. */
function tradeOn(exchange: Exchange, days: readonly number[]): void {
  for (const [index, day] of days.entries()) {
    place(exchange, "bob", "SELL", `b${index}`, day);
    place(exchange, "alice", "BUY", `a${index}`, day);
  }
}

function trades(exchange: Exchange, query: Partial<TradesQuery>, day: number): string {
  const result = exchange.userTrades("alice", { symbol: "ETHUSDT", ...query }, at(day));
  if (isRefused(result)) return `${result.code} ${result.msg}`;
  return result.map(({ id }) => BigInt(id) - FIRST_TRADE).join(" ");
}

const tradeId = (index: number) => String(FIRST_TRADE + BigInt(index)) as Id64;
const orderId = (index: number) => String(FIRST_ORDER + BigInt(index)) as Id64;

test("userTrades pages by id, by time and by order, oldest first", () => {
  const exchange = newExchange();
  tradeOn(exchange, [0, 1, 2, 6, 8, 9]);
  const now = 9;
  const rows: readonly (readonly [Partial<TradesQuery>, string])[] = [
    [{}, "2 3 4 5"],
    [{ limit: 2 }, "4 5"],
    [{ fromId: tradeId(0) }, "0 1 2 3 4 5"],
    [{ fromId: tradeId(1), limit: 2 }, "1 2"],
    [{ fromId: tradeId(9) }, ""],
    [{ startTime: at(0) }, "0 1 2 3"],
    [{ startTime: at(0), limit: 2 }, "0 1"],
    [{ endTime: at(8) }, "1 2 3 4"],
    [{ endTime: at(8), limit: 1 }, "4"],
    [{ startTime: at(1), endTime: at(2) }, "1 2"],
    [{ startTime: at(0), endTime: at(7) }, "0 1 2 3"],
    [{ startTime: at(0), endTime: at(7) + 1 }, "-4165 Maximum time interval is 7 days"],
    [{ startTime: at(2), endTime: at(1) }, "-1023 Start time is greater than end time."],
    [{ fromId: tradeId(0), startTime: at(0) }, "-1128 Combination of optional parameters invalid."],
    [{ orderId: orderId(3) }, "1"],
    [{ orderId: orderId(2) }, ""],
    [{ limit: 0 }, "-1130 Data sent for parameter 'limit' is not valid."],
    [{ limit: 1001 }, "-1130 Data sent for parameter 'limit' is not valid."],
    [{ fromId: "x" as Id64 }, "-1102 Mandatory parameter 'fromId' was not sent, was empty/null, or malformed."],
    [{ symbol: "NOPE" }, "-1121 Invalid symbol."],
  ];
  for (const [query, expected] of rows) assert.equal(trades(exchange, query, now), expected, JSON.stringify(query));
});

test("fills are found for three months", () => {
  const exchange = newExchange();
  tradeOn(exchange, [0, 1]);
  assert.equal(trades(exchange, { fromId: tradeId(0) }, 90), "0 1");
  assert.equal(trades(exchange, { fromId: tradeId(0) }, 91), "1");
});

test("each fill is told to both sides, with its own view of it", () => {
  const exchange = newExchange();
  tradeOn(exchange, [0]);
  const [mine] = readTrades(exchange, "alice");
  const [theirs] = readTrades(exchange, "bob");
  assert.deepEqual(
    [mine, theirs].map((trade) => [trade?.id, trade?.side, trade?.maker, trade?.orderId, trade?.commission]),
    [
      [tradeId(0), "BUY", false, orderId(1), 14_000_000n],
      [tradeId(0), "SELL", true, orderId(0), 5_600_000n],
    ],
  );
});

function readTrades(exchange: Exchange, account: string) {
  const result = exchange.userTrades(account, { symbol: "ETHUSDT" }, at(0));
  assert(!isRefused(result));
  return result;
}

function orders(exchange: Exchange, query: OrdersQuery, day: number): string {
  const result = exchange.allOrders("alice", query, at(day));
  if (isRefused(result)) return `${result.code} ${result.msg}`;
  return result.map(({ clientOrderId }) => clientOrderId).join(" ");
}

test("allOrders pages by id and by time; of all symbols by time", () => {
  const exchange = newExchange();
  tradeOn(exchange, [0, 1, 2, 6, 8, 9]);
  place(exchange, "alice", "BUY", "n0", 9, "BNBUSDT");
  place(exchange, "alice", "BUY", "a6", 9);
  const rows: readonly (readonly [OrdersQuery, string])[] = [
    [{ symbol: "ETHUSDT" }, "a2 a3 a4 a5 a6"],
    [{ symbol: "ETHUSDT", limit: 2 }, "a5 a6"],
    [{ symbol: "ETHUSDT", orderId: orderId(3) }, "a1 a2 a3 a4 a5 a6"],
    [{ symbol: "ETHUSDT", orderId: orderId(3), limit: 2 }, "a1 a2"],
    [{ symbol: "ETHUSDT", startTime: at(1), endTime: at(6) }, "a1 a2 a3"],
    [{ limit: 3 }, "a5 a6 n0"],
    [{ symbol: "NOPE" }, "-1121 Invalid symbol."],
    [{ symbol: "ETHUSDT", startTime: 2, endTime: 1 }, "-1023 Start time is greater than end time."],
    [{ orderId: "-1" as Id64 }, "-1102 Mandatory parameter 'orderId' was not sent, was empty/null, or malformed."],
  ];
  for (const [query, expected] of rows) assert.equal(orders(exchange, query, 9), expected, JSON.stringify(query));
});

test("an order that ended without a fill is found for 3 days, a filled one for 90, an open one always", () => {
  const exchange = newExchange();
  tradeOn(exchange, [0]);
  place(exchange, "alice", "BUY", "open", 0);
  place(exchange, "alice", "BUY", "gone", 0);
  assert(!isRefused(exchange.cancelOrder("alice", { symbol: "ETHUSDT", origClientOrderId: "gone" }, at(0))));
  const found = (id: string, day: number) =>
    !isRefused(exchange.order("alice", { symbol: "ETHUSDT", origClientOrderId: id }, at(day)));
  assert.deepEqual(
    ["gone", "a0", "open"].map((id) => found(id, 3)),
    [true, true, true],
  );
  assert.deepEqual(
    ["gone", "a0", "open"].map((id) => found(id, 4)),
    [false, true, true],
  );
  assert.deepEqual(
    ["gone", "a0", "open"].map((id) => found(id, 91)),
    [false, false, true],
  );
  assert.equal(orders(exchange, { symbol: "ETHUSDT" }, 4), "a0 open");
});

test("one order is read by id or by client order id; the id wins", () => {
  const exchange = newExchange();
  tradeOn(exchange, [0]);
  const open = place(exchange, "alice", "BUY", "open", 0);
  const read = (which: { orderId?: Id64; origClientOrderId?: string }) => {
    const result = exchange.order("alice", { symbol: "ETHUSDT", ...which }, at(0));
    return isRefused(result) ? `${result.code} ${result.msg}` : result.clientOrderId;
  };
  assert.equal(read({ orderId: open, origClientOrderId: "a0" }), "open");
  assert.equal(read({ origClientOrderId: "a0" }), "a0");
  assert.equal(read({ origClientOrderId: "b0" }), "-2013 Order does not exist.");
  assert.equal(read({ orderId: orderId(0) }), "-2013 Order does not exist.");
  assert.equal(read({}), "-1102 Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  const closed = exchange.openOrder("alice", { symbol: "ETHUSDT", origClientOrderId: "a0" });
  assert(isRefused(closed) && closed.code === -2013);
  assert(!isRefused(exchange.openOrder("alice", { symbol: "ETHUSDT", orderId: open })));
});

test("history is bounded: the oldest ended orders go first, open ones stay", () => {
  const exchange = newExchange();
  place(exchange, "alice", "BUY", "first-open", 0);
  for (let i = 0; i < ENDED_ORDERS_MAX + 3; i++) {
    place(exchange, "alice", "BUY", `c${i}`, 0);
    assert(!isRefused(exchange.cancelOrder("alice", { symbol: "ETHUSDT", origClientOrderId: `c${i}` }, at(0))));
    exchange.takeEvents();
  }
  assert.equal(orders(exchange, { symbol: "ETHUSDT", orderId: "0" as Id64, limit: 3 }, 0), "first-open c3 c4");
  const forgotten = exchange.order("alice", { symbol: "ETHUSDT", origClientOrderId: "c2" }, at(0));
  assert(isRefused(forgotten));
  assert(!isRefused(exchange.order("alice", { symbol: "ETHUSDT", origClientOrderId: "c3" }, at(0))));
});

/** Every way in which a new order is refused, with the exact code and text; and that a refusal leaves no trace. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefused } from "../../face/refusal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { Exchange } from "../exchange/exchange.ts";
import type { SymbolInfo } from "../market/symbol-listing.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";
import type { OrderRequest } from "./order-request.ts";

const NOW = 1_763_000_000_000 as TransactMs;

/** Mark 2800, one ask of 1 at 2801, one bid of 1 at 2799; alice has 10000 and no position. */
function newExchange(): Exchange {
  const exchange = new Exchange({ symbols: DEFAULT_SYMBOLS, seed: 1, now: NOW, marketMaker: "none" });
  exchange.createAccount({ id: "alice", balances: { USDT: "10000" } }, NOW);
  exchange.createAccount({ id: "bob", balances: { USDT: "10000" } }, NOW);
  for (const [side, price] of [
    ["SELL", "2801"],
    ["BUY", "2799"],
  ] as const) {
    assert(!isRefused(exchange.placeOrder("bob", { ...LIMIT, side, quantity: "1", price }, NOW)));
  }
  exchange.takeEvents();
  return exchange;
}

const LIMIT: OrderRequest = {
  symbol: "ETHUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: "1",
  price: "2790.00",
};
const MARKET: OrderRequest = { symbol: "ETHUSDT", side: "BUY", type: "MARKET", quantity: "1" };

const REFUSED: readonly (readonly [request: OrderRequest, answer: string])[] = [
  [{ ...LIMIT, symbol: "NOPE" }, "-1121 Invalid symbol."],
  [{ ...LIMIT, symbol: "ethusdt" }, "-1121 Invalid symbol."],
  [{ ...LIMIT, side: "LONG" }, "-1117 Invalid side."],
  [{ ...LIMIT, type: "ICEBERG" }, "-1116 Invalid orderType."],
  ...["STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"].map(
    (type) =>
      [
        { ...LIMIT, type },
        "-4120 Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
      ] as const,
  ),
  [
    { ...LIMIT, timeInForce: undefined },
    "-1102 Mandatory parameter 'timeinforce' was not sent, was empty/null, or malformed.",
  ],
  [{ ...LIMIT, timeInForce: "DAY" }, "-1115 Invalid timeInForce."],
  [{ ...MARKET, timeInForce: "GTC" }, "-1106 Parameter 'timeinforce' sent when not required."],
  [{ ...MARKET, price: "2800" }, "-1106 Parameter 'price' sent when not required."],
  [{ ...MARKET, stopPrice: "2700" }, "-1106 Parameter 'stopprice' sent when not required."],
  [{ ...LIMIT, stopPrice: "2700" }, "-1106 Parameter 'stopprice' sent when not required."],
  [{ ...LIMIT, callbackRate: "1" }, "-1106 Parameter 'callbackrate' sent when not required."],
  [{ ...MARKET, activationPrice: "1" }, "-1106 Parameter 'activationprice' sent when not required."],
  [{ ...MARKET, closePosition: "true" }, "-4136 Target strategy invalid for orderType MARKET,closePosition true"],
  [
    { ...LIMIT, closePosition: "true", stopPrice: "2700", quantity: undefined },
    "-4136 Target strategy invalid for orderType LIMIT,closePosition true",
  ],
  [
    { ...LIMIT, closePosition: "True" },
    "-1102 Mandatory parameter 'closeposition' was not sent, was empty/null, or malformed.",
  ],
  [{ ...LIMIT, positionSide: "UP" }, "-4060 Invalid position side."],
  [{ ...LIMIT, positionSide: "LONG" }, "-4061 Order's position side does not match user's setting."],
  [{ ...LIMIT, reduceOnly: "yes" }, "-4062 Invalid or improper reduceOnly value."],
  [{ ...LIMIT, selfTradePreventionMode: "EXPIRE_ALL" }, "-5039 Invalid self trade prevention mode"],
  [{ ...LIMIT, newClientOrderId: "" }, "-4015 Client order id is not valid."],
  [{ ...LIMIT, newClientOrderId: "a b" }, "-4015 Client order id is not valid."],
  [{ ...LIMIT, newClientOrderId: "a".repeat(37) }, "-4015 Client order id length should not be more than 36 chars"],
  [
    { ...LIMIT, quantity: undefined },
    "-1102 Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.",
  ],
  [{ ...LIMIT, price: "" }, "-1102 Mandatory parameter 'price' was not sent, was empty/null, or malformed."],
  ...["1e3", "-1", ".5", "1.", "NaN", " 1", "9".repeat(21)].map(
    (quantity) =>
      [
        { ...LIMIT, quantity },
        "-1100 Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
      ] as const,
  ),
  [{ ...LIMIT, quantity: "1.0001" }, "-1111 Precision is over the maximum defined for this asset."],
  [{ ...LIMIT, price: "2790.001" }, "-1111 Precision is over the maximum defined for this asset."],
  [{ ...LIMIT, quantity: "0" }, "-4003 Quantity less than zero."],
  [{ ...LIMIT, quantity: "10000.001" }, "-4005 Quantity greater than max quantity."],
  [{ ...MARKET, quantity: "2000.001" }, "-4005 Quantity greater than max quantity."],
  [{ ...LIMIT, price: "0" }, "-4001 Price less than 0."],
  [{ ...LIMIT, price: "39.85" }, "-4013 Price less than min price."],
  [{ ...LIMIT, price: "306177.01" }, "-4002 Price greater than max price."],
  [{ ...LIMIT, symbol: "BTCUSDT", price: "80000.05", quantity: "0.01" }, "-4014 Price not increased by tick size."],
  [{ ...LIMIT, symbol: "SOLUSDT", price: "120.0050", quantity: "1" }, "-4014 Price not increased by tick size."],
  [{ ...LIMIT, price: "2940.01" }, "-4016 Price is higher than mark price multiplier cap."],
  [{ ...LIMIT, side: "SELL", price: "2659.99" }, "-4024 Price is lower than mark price multiplier floor."],
  [
    { ...LIMIT, quantity: "0.007" },
    "-4164 Order's notional must be no smaller than 20 (unless you choose reduce only)",
  ],
  [
    { ...MARKET, quantity: "0.007" },
    "-4164 Order's notional must be no smaller than 20 (unless you choose reduce only)",
  ],
  [{ ...LIMIT, reduceOnly: "true" }, "-2022 ReduceOnly Order is rejected."],
  [
    { ...LIMIT, timeInForce: "GTX", price: "2801" },
    "-5022 Due to the order could not be executed as maker, the Post Only order will be rejected.",
  ],
  [
    { ...LIMIT, timeInForce: "FOK", price: "2801", quantity: "1.001" },
    "-5021 Due to the order could not be filled immediately, the FOK order has been rejected.",
  ],
  [{ ...LIMIT, quantity: "72" }, "-2019 Margin is insufficient."],
  [{ ...LIMIT, side: "SELL", price: "2850", quantity: "71" }, "-2019 Margin is insufficient."],
  [{ ...MARKET, quantity: "72" }, "-2019 Margin is insufficient."],
];

for (const [request, answer] of REFUSED) {
  const { code, rest } = { code: answer.split(" ")[0], rest: JSON.stringify(request) };
  test(`placeOrder refuses with ${code}: ${rest}`, () => {
    const exchange = newExchange();
    const before = traceOf(exchange);
    const tested = exchange.testOrder("alice", request, NOW);
    const result = exchange.placeOrder("alice", request, NOW);
    assert(isRefused(result));
    assert.equal(`${result.code} ${result.msg}`, answer);
    assert.deepEqual(tested, result);
    assert.deepEqual(traceOf(exchange), before);
  });
}

function traceOf(exchange: Exchange) {
  return {
    events: exchange.takeEvents(),
    orders: exchange.allOrders("alice", {}, NOW),
    depth: exchange.depth("ETHUSDT", 10),
    state: exchange.accountState("alice"),
  };
}

/** Steps of 0.05 from 0.1 on, 0.2 for market orders: coarser than the precision, as many listings are. */
const COARSE: readonly (readonly [request: OrderRequest, answer: string])[] = [
  [{ ...LIMIT, quantity: "0.05" }, "-4004 Quantity less than min quantity."],
  [{ ...LIMIT, quantity: "0.125" }, "-4023 Qty not increased by step size."],
  [{ ...MARKET, quantity: "0.15" }, "-4004 Quantity less than min quantity."],
  [{ ...MARKET, quantity: "0.21" }, "-4023 Qty not increased by step size."],
];

for (const [request, answer] of COARSE) {
  test(`where lots are coarse ${request.type} ${request.quantity} is refused: ${answer}`, () => {
    const symbols = DEFAULT_SYMBOLS.map((listing) => ({ ...listing, info: withCoarseLots(listing.info) }));
    const exchange = new Exchange({ symbols, seed: 1, now: NOW, marketMaker: "none" });
    exchange.createAccount({ id: "alice", balances: { USDT: "10000" } }, NOW);
    const result = exchange.placeOrder("alice", request, NOW);
    assert(isRefused(result));
    assert.equal(`${result.code} ${result.msg}`, answer);
  });
}

function withCoarseLots(info: SymbolInfo): SymbolInfo {
  const filters = info.filters.map((filter) => {
    if (filter.filterType === "LOT_SIZE") return { ...filter, minQty: "0.1", stepSize: "0.05" };
    return filter.filterType === "MARKET_LOT_SIZE" ? { ...filter, minQty: "0.2", stepSize: "0.05" } : filter;
  });
  return { ...info, filters };
}

test("a client order id is unique among the open orders of its symbol, and free again when its order has ended", () => {
  const exchange = newExchange();
  const first = { ...LIMIT, newClientOrderId: "mine" };
  assert(!isRefused(exchange.placeOrder("alice", first, NOW)));
  const again = exchange.placeOrder("alice", first, NOW);
  assert(isRefused(again));
  assert.equal(`${again.code} ${again.msg}`, "-4116 clientOrderId is duplicated");
  assert(!isRefused(exchange.placeOrder("alice", { ...first, symbol: "BNBUSDT", price: "800.00" }, NOW)));
  assert(!isRefused(exchange.placeOrder("bob", first, NOW)));
  assert(!isRefused(exchange.cancelOrder("alice", { symbol: "ETHUSDT", origClientOrderId: "mine" }, NOW)));
  assert(!isRefused(exchange.placeOrder("alice", first, NOW)));
});

test("client order ids that are made up are of the legal form, 22 characters, and all different", () => {
  const exchange = newExchange();
  const ids = new Set<string>();
  for (let i = 0; i < 50; i++) {
    const result = exchange.placeOrder("alice", { ...LIMIT, quantity: "0.01" }, NOW);
    assert(!isRefused(result));
    assert.match(result.order.clientOrderId, /^[A-Za-z0-9]{22}$/);
    ids.add(result.order.clientOrderId);
  }
  assert.equal(ids.size, 50);
});

test("MAX_NUM_ORDERS: 200 orders of a symbol may rest; those that cannot rest are not counted against it", () => {
  const exchange = newExchange();
  const small = { ...LIMIT, quantity: "0.01" };
  for (let i = 0; i < 200; i++) assert(!isRefused(exchange.placeOrder("alice", small, NOW)));
  const one = exchange.placeOrder("alice", small, NOW);
  assert(isRefused(one));
  assert.equal(`${one.code} ${one.msg}`, "-2025 Reach max open order limit.");
  assert(!isRefused(exchange.placeOrder("alice", { ...MARKET, quantity: "0.01" }, NOW)));
  assert(!isRefused(exchange.placeOrder("alice", { ...small, timeInForce: "IOC" }, NOW)));
  assert(!isRefused(exchange.placeOrder("alice", { ...small, symbol: "BNBUSDT", price: "800.00" }, NOW)));
});

test("trailing zeros beyond the precision are no precision", () => {
  const exchange = newExchange();
  const result = exchange.placeOrder("alice", { ...LIMIT, quantity: "1.00000000", price: "2790.000000" }, NOW);
  assert(!isRefused(result));
});

test("ids of orders grow by symbol, beyond 2^53 on ETHUSDT", () => {
  const exchange = newExchange();
  const ids = ["ETHUSDT", "ETHUSDT", "BTCUSDT"].map((symbol) => {
    const price = symbol === "BTCUSDT" ? "85000" : "2790";
    const result = exchange.placeOrder("alice", { ...LIMIT, symbol, quantity: "0.01", price }, NOW);
    assert(!isRefused(result));
    return result.order.orderId;
  });
  assert.deepEqual(ids, ["8389766145050669872", "8389766145050669873", "63814012345"]);
});

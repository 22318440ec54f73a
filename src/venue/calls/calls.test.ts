/** Every served call once: its answer is read back by its own table, has no other field, is printed as Binance does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO, OPENED_AT, VenueClient } from "../../../test/venue-client.ts";
import { isSigned } from "../../protocol/endpoints/endpoint.ts";
import { ENDPOINTS, type EndpointName, endpointNamed } from "../../protocol/endpoints.ts";
import { Novelties } from "../../protocol/novelties.ts";
import { readReply } from "../../protocol/reply.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";

const REST_ORDER = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: "0.010",
  price: "84000",
};
const BATCH = JSON.stringify([REST_ORDER, { ...REST_ORDER, quantity: "0.0001" }, { symbol: "BTCUSDT" }]);

/** Calls that answer with a refusal in any case here: modes that are as they are. */
const REFUSED: Partial<Record<EndpointName, readonly [parameters: object, code: number]>> = {
  changeMarginType: [{ symbol: "BTCUSDT", marginType: "CROSSED" }, -4046],
  changePositionMode: [{ dualSidePosition: false }, -4059],
  changeMultiAssetsMode: [{ multiAssetsMargin: false }, -4171],
  changePositionMargin: [{ symbol: "BTCUSDT", amount: "1", type: 1 }, -4049],
};

const STOP_ORDER = {
  algoType: "CONDITIONAL",
  symbol: "BTCUSDT",
  side: "SELL",
  type: "STOP_MARKET",
  triggerPrice: "80000",
  quantity: "0.010",
};

const PLAIN_AMENDMENT = {
  symbol: "BTCUSDT",
  side: "BUY",
  origClientOrderId: "resting",
  quantity: "0.020",
  price: "84000",
};
const AMENDMENT = { ...PLAIN_AMENDMENT, modifyId: 9 };
const AMENDMENTS = JSON.stringify([AMENDMENT, { ...AMENDMENT, quantity: "0.030" }, { symbol: "BTCUSDT" }]);

const PARAMETERS: Partial<Record<EndpointName, object>> = {
  depth: { symbol: "BTCUSDT", limit: 5 },
  aggTrades: { symbol: "BTCUSDT" },
  trades: { symbol: "BTCUSDT" },
  historicalTrades: { symbol: "BTCUSDT" },
  klines: { symbol: "BTCUSDT", interval: "1m" },
  placeOrder: REST_ORDER,
  testOrder: { ...REST_ORDER, newClientOrderId: "t" },
  placeOrders: { batchOrders: BATCH },
  amendOrder: AMENDMENT,
  amendOrders: { batchOrders: AMENDMENTS },
  countdownCancelAll: { symbol: "BTCUSDT", countdownTime: 60_000 },
  cancelOrder: { symbol: "BTCUSDT", origClientOrderId: "resting" },
  cancelOrders: { symbol: "BTCUSDT", origClientOrderIdList: '["resting","nobody"]' },
  cancelAllOrders: { symbol: "BTCUSDT" },
  order: { symbol: "BTCUSDT", origClientOrderId: "bought" },
  openOrder: { symbol: "BTCUSDT", origClientOrderId: "resting" },
  orderAmendments: { symbol: "BTCUSDT", origClientOrderId: "resting" },
  userTrades: { symbol: "BTCUSDT" },
  changeLeverage: { symbol: "BTCUSDT", leverage: 10 },
  commissionRate: { symbol: "BTCUSDT" },
  positionMarginHistory: { symbol: "BTCUSDT" },
  changeFeeBurn: { feeBurn: true },
  placeAlgoOrder: STOP_ORDER,
  cancelAlgoOrder: { clientAlgoId: "waiting" },
  algoOrder: { clientAlgoId: "triggered" },
  cancelAllAlgoOrders: { symbol: "BTCUSDT" },
  allAlgoOrders: { symbol: "BTCUSDT" },
};

/** Calls that keep a listenKey need one to be there. */
const NEEDS_KEY: ReadonlySet<EndpointName> = new Set(["keepListenKey", "closeListenKey"]);

for (const name of Object.keys(ENDPOINTS) as EndpointName[]) {
  const endpoint = endpointNamed(name);
  const refusal = REFUSED[name];
  const ask = (client: VenueClient, parameters: object) =>
    isSigned(endpoint.security)
      ? client.call(endpoint.method, endpoint.path, parameters)
      : client.open(endpoint.method, endpoint.path, parameters, { apiKey: DEMO.apiKey });

  if (refusal !== undefined) {
    const [parameters, code] = refusal;
    test(`${endpoint.method} ${endpoint.path} is refused with ${code}`, () => {
      const { status, json } = ask(traded(), parameters);
      assert.deepEqual([status, json.code], [400, code]);
    });
    continue;
  }
  test(`the answer of ${endpoint.method} ${endpoint.path} is what its table says, and nothing else`, () => {
    const client = traded();
    if (/algo/i.test(name)) waitAndTrigger(client);
    if (NEEDS_KEY.has(name)) client.open("POST", "/fapi/v1/listenKey", {}, { apiKey: DEMO.apiKey });
    const { status, text } = ask(client, PARAMETERS[name] ?? {});
    assert.equal(status, 200, text);
    const novelties = new Novelties();
    const read = readReply(endpoint.reply, text, name, novelties.tell);
    assert.deepEqual(novelties.list, []);
    assert.equal(endpoint.reply.write(read), text);
  });
}

test("an acknowledgement has the fields of after June 2026, in their order, and the older ones when told so", () => {
  const order = { ...REST_ORDER, newClientOrderId: "a" };
  const { json } = new VenueClient().call("POST", "/fapi/v1/order", order);
  const fields =
    "clientOrderId,cumQty,executedQty,orderId,origQty,price,reduceOnly,side,positionSide,status,stopPrice," +
    "closePosition,symbol,timeInForce,type,origType,updateTime,workingType,priceProtect,priceMatch," +
    "selfTradePreventionMode,goodTillDate";
  assert.equal(Object.keys(json).join(), fields);
  assert.deepEqual([json.price, json.origQty, json.executedQty, json.stopPrice], ["84000.00", "0.010", "0", "0"]);
  const before = new VenueClient({ acknowledgements: "before-2026-06" }).call("POST", "/fapi/v1/order", order).json;
  assert.deepEqual([before.avgPrice, before.cumQuote], ["0.00000", "0"]);
  assert.equal(
    Object.keys(before)
      .filter((field) => field !== "avgPrice" && field !== "cumQuote")
      .join(),
    fields,
  );
});

test("over the WS API the acknowledgement is padded throughout, and begins with the order id", () => {
  const client = new VenueClient();
  const { result } = client.askSigned(client.socket("/ws-fapi/v1"), "order.place", REST_ORDER);
  const ack = result as Record<string, unknown>;
  assert.equal(
    Object.keys(ack).slice(0, 9).join(),
    "orderId,symbol,status,clientOrderId,price,origQty,executedQty,cumQty,timeInForce",
  );
  assert.deepEqual([ack.price, ack.executedQty, ack.stopPrice], ["84000.00", "0.000", "0.00"]);
});

/** Order, what newOrderRespType asks for → the status that is answered. */
const RESPONSES: readonly [terms: object, type: string | undefined, status: string | number][] = [
  [{ type: "MARKET" }, undefined, "NEW"],
  [{ type: "MARKET" }, "ACK", "NEW"],
  [{ type: "MARKET" }, "RESULT", "FILLED"],
  [{ type: "LIMIT", timeInForce: "IOC", price: "87000" }, "RESULT", "FILLED"],
  [{ type: "LIMIT", timeInForce: "IOC", price: "84000" }, "RESULT", "EXPIRED"],
  [{ type: "LIMIT", timeInForce: "GTC", price: "87000" }, "RESULT", "NEW"],
  [{ type: "MARKET" }, "FULL", -1136],
  [{ type: "STOP_MARKET", stopPrice: "90000" }, undefined, -4120],
  [{ type: "STOP_MARKET", stopPrice: "90000", closePosition: true }, undefined, -4120],
  [{ type: "MARKET", stopPrice: "90000" }, undefined, -1106],
  [{ type: "MARKET", stopPrice: "" }, undefined, -1105],
  [{ type: "MARKET", callbackRate: 1 }, undefined, -1106],
  [{ type: "MARKET", activationPrice: 1 }, undefined, -1106],
  [{ type: "MARKET", closePosition: true, quantity: "0.010" }, undefined, -4136],
  [{ type: "MARKET", closePosition: false, workingType: "MARK_PRICE", priceProtect: "TRUE" }, undefined, "NEW"],
  [{ type: "LIMIT", timeInForce: "GTC", priceMatch: "QUEUE" }, undefined, "NEW"],
  [{ type: "LIMIT", timeInForce: "GTC", priceMatch: "QUEUE_10" }, undefined, "NEW"],
  [{ type: "LIMIT", timeInForce: "GTC", priceMatch: "QUEUE", price: "84000" }, undefined, -1106],
  [{ type: "LIMIT", timeInForce: "GTC", priceMatch: "OPPONENT_20" }, undefined, -5037],
  [{ type: "MARKET", priceMatch: "QUEUE" }, undefined, -5038],
  [{ type: "LIMIT", timeInForce: "IOC", priceMatch: "OPPONENT" }, "RESULT", "FILLED"],
  [{ type: "LIMIT", timeInForce: "GTC", price: "84000", selfTradePreventionMode: "EXPIRE_ALL" }, undefined, -5039],
  [{ type: "LIMIT", timeInForce: "GTD", price: "84000" }, undefined, -1102],
  [{ type: "LIMIT", timeInForce: "GTD", price: "84000", goodTillDate: OPENED_AT + 600_000 }, undefined, -5040],
  [{ type: "LIMIT", timeInForce: "GTD", price: "84000", goodTillDate: 253_402_300_799_000 }, undefined, -5040],
  [{ type: "LIMIT", timeInForce: "GTD", price: "84000", goodTillDate: OPENED_AT + 700_000 }, undefined, "NEW"],
];

for (const [terms, newOrderRespType, expected] of RESPONSES) {
  test(`${JSON.stringify(terms)} with newOrderRespType ${newOrderRespType} is answered with ${expected}`, () => {
    const asked = newOrderRespType === undefined ? {} : { newOrderRespType };
    const order = { symbol: "BTCUSDT", side: "BUY", quantity: "0.010", ...terms, ...asked };
    const { json } = new VenueClient().call("POST", "/fapi/v1/order", order);
    assert.equal(json.status ?? json.code, expected, JSON.stringify(json));
  });
}

test("a batch answers order by order: an acknowledgement, or why not", () => {
  const client = new VenueClient();
  const { json, headers } = client.call("POST", "/fapi/v1/batchOrders", { batchOrders: BATCH });
  assert.deepEqual(
    json.map(({ status, code }) => status ?? code),
    ["NEW", -1111, -1102],
  );
  assert.deepEqual([headers["x-mbx-order-count-10s"], headers["x-mbx-order-count-1m"]], ["5", "1"]);
  const ids = JSON.stringify([Number(json[0]?.orderId), 1]);
  const cancelled = client.call("DELETE", "/fapi/v1/batchOrders", { symbol: "BTCUSDT", orderIdList: ids }).json;
  assert.deepEqual(
    cancelled.map(({ status, code }) => status ?? code),
    ["CANCELED", -2011],
  );
});

test("amendments are acknowledged by id with their modifyId, one a batch for each order, listed newest first", () => {
  const client = traded();
  const { json } = client.call("PUT", "/fapi/v1/batchOrders", { batchOrders: AMENDMENTS });
  assert.deepEqual(
    json.map(({ status, code }) => status ?? code),
    ["NEW", -5043, -1102],
  );
  const again = client.call("PUT", "/fapi/v1/order", { ...PLAIN_AMENDMENT, price: "84100" });
  assert.equal(
    Object.keys(again.json).slice(0, 8).join(),
    "orderId,symbol,pair,status,clientOrderId,price,origQty,executedQty",
  );
  const over = client.askSigned(client.socket("/ws-fapi/v1"), "order.modify", { ...AMENDMENT, price: "84200" });
  assert.equal((over.result as { modifyId: number }).modifyId, 9);
  const which = { symbol: "BTCUSDT", origClientOrderId: "resting" };
  const list = client.call("GET", "/fapi/v1/orderAmendment", { ...which, limit: 2 }).json;
  assert.deepEqual(
    list.map(({ amendmentId, pair, amendment }) => [amendmentId, pair, amendment]),
    [
      [
        3,
        "BTCUSDT",
        {
          price: { before: "84100.00", after: "84200.00" },
          origQty: { before: "0.020", after: "0.020" },
          count: 3,
          modifyId: 9,
        },
      ],
      [
        2,
        "BTCUSDT",
        { price: { before: "84000.00", after: "84100.00" }, origQty: { before: "0.020", after: "0.020" }, count: 2 },
      ],
    ],
  );
  assert.equal(client.call("GET", "/fapi/v1/orderAmendment", { ...which, limit: 101 }).json.code, -1130);
  assert.equal(client.call("GET", "/fapi/v1/orderAmendment", { ...which, startTime: 2, endTime: 1 }).json.code, -1023);
});

test("an order is amended so many times as its listing says, and not while its symbol is closed", () => {
  const [btc] = DEFAULT_SYMBOLS;
  assert(btc !== undefined);
  for (const [info, code] of [
    [{ maxMoveOrderLimit: 1 }, -5026],
    [{ status: "SETTLING" }, -5024],
  ] as const) {
    const client = new VenueClient({ symbols: [{ ...btc, info: { ...btc.info, ...info } }] });
    client.call("POST", "/fapi/v1/order", { ...REST_ORDER, newClientOrderId: "resting" });
    client.call("PUT", "/fapi/v1/order", { ...AMENDMENT, quantity: "0.050" });
    assert.equal(client.call("PUT", "/fapi/v1/order", AMENDMENT).json.code, code);
  }
});

/** What is asked of the algo service → the status or code that is answered. */
const CONDITIONALS: readonly [terms: object, answer: string | number][] = [
  [{}, "NEW"],
  [{ workingType: "MARK_PRICE", priceProtect: "TRUE" }, "NEW"],
  [{ symbol: "XYZ" }, -1121],
  [{ algoType: "VP" }, -1130],
  [{ side: "LONG" }, -1117],
  [{ type: "LIMIT" }, -1116],
  [{ timeInForce: "GTT" }, -1115],
  [{ timeInForce: "IOC" }, -1106],
  [{ timeInForce: "GTE_GTC" }, -2022],
  [{ positionSide: "LONG" }, -4061],
  [{ positionSide: "UP" }, -4060],
  [{ reduceOnly: "yes" }, -4062],
  [{ workingType: "INDEX_PRICE" }, -1130],
  [{ priceProtect: "1" }, -1130],
  [{ price: "80000" }, -1106],
  [{ priceMatch: "QUEUE" }, -5038],
  [{ selfTradePreventionMode: "ALL" }, -5039],
  [{ clientAlgoId: "no good" }, -4015],
  [{ newOrderRespType: "FULL" }, -1136],
  [{ newOrderRespType: "RESULT" }, "NEW"],
  [{ quantity: "0.0001" }, -1111],
  [{ quantity: "0" }, -4003],
  [{ quantity: "130" }, -4005],
  [{ triggerPrice: "0" }, -4006],
  [{ triggerPrice: "5000000" }, -4007],
  [{ triggerPrice: "80000.05" }, -4014],
  [{ triggerPrice: "90000" }, -2021],
  [{ side: "BUY" }, -2021],
  [{ type: "TAKE_PROFIT_MARKET" }, -2021],
  [{ type: "TAKE_PROFIT_MARKET", side: "BUY" }, "NEW"],
  [{ quantity: "0.001", triggerPrice: "40000" }, -4164],
  [{ quantity: "0.001", triggerPrice: "40000", reduceOnly: "true" }, "NEW"],
  [{ closePosition: "true" }, -4137],
  [{ closePosition: "true", quantity: undefined }, "NEW"],
  [{ closePosition: "true", quantity: undefined, reduceOnly: "true" }, -1106],
  [{ closePosition: "true", quantity: undefined, type: "STOP", price: "80000" }, -1106],
  [{ type: "STOP" }, -1102],
  [{ type: "STOP", price: "80000", timeInForce: "IOC" }, "NEW"],
  [{ type: "STOP", priceMatch: "OPPONENT_5" }, "NEW"],
  [{ type: "STOP", priceMatch: "OPPONENT_10" }, -5037],
  [{ type: "STOP", price: "75000" }, -4184],
  [{ type: "STOP", side: "BUY", price: "95000", triggerPrice: "90000" }, -4183],
  [{ type: "STOP", price: "80000", timeInForce: "GTD" }, -1102],
  [{ type: "STOP", price: "80000", timeInForce: "GTD", goodTillDate: OPENED_AT }, -5040],
  [{ callbackRate: "1" }, -1106],
  [{ activatePrice: "90000" }, -1106],
  [{ type: "TRAILING_STOP_MARKET", callbackRate: "1" }, -1106],
  [{ type: "TRAILING_STOP_MARKET", triggerPrice: undefined }, -1102],
  [{ type: "TRAILING_STOP_MARKET", triggerPrice: undefined, callbackRate: "0.05" }, -1130],
  [{ type: "TRAILING_STOP_MARKET", triggerPrice: undefined, callbackRate: "20.1" }, -1130],
  [{ type: "TRAILING_STOP_MARKET", triggerPrice: undefined, callbackRate: "1" }, "NEW"],
  [{ type: "TRAILING_STOP_MARKET", triggerPrice: undefined, callbackRate: "1", activatePrice: "0" }, -4135],
  [{ type: "TRAILING_STOP_MARKET", triggerPrice: undefined, callbackRate: "1", activatePrice: "85000" }, -2021],
  [{ type: "TRAILING_STOP_MARKET", triggerPrice: undefined, callbackRate: "1", activatePrice: "87000" }, "NEW"],
];

for (const [terms, answer] of CONDITIONALS) {
  test(`a conditional order with ${JSON.stringify(terms)} is answered with ${answer}`, () => {
    const sent = Object.entries({ ...STOP_ORDER, ...terms }).filter(([, value]) => value !== undefined);
    const { json } = new VenueClient().call("POST", "/fapi/v1/algoOrder", Object.fromEntries(sent));
    assert.equal(json.algoStatus ?? json.code, answer, JSON.stringify(json));
  });
}

test("at most 200 conditional orders of an account wait, over all symbols", () => {
  const client = new VenueClient();
  const codes = Array.from({ length: 201 }, (_, i) => {
    const order = i % 2 === 0 ? STOP_ORDER : { ...STOP_ORDER, symbol: "SOLUSDT", triggerPrice: "100", quantity: "1" };
    if (i % 50 === 49) client.wait(61_000);
    return client.call("POST", "/fapi/v1/algoOrder", order).json.code;
  });
  assert.deepEqual(codes.slice(0, 200), Array(200).fill(undefined));
  assert.equal(codes[200], -4045);
  assert.equal(client.call("GET", "/fapi/v1/openAlgoOrders").json.length, 200);
  client.call("DELETE", "/fapi/v1/algoOpenOrders", { symbol: "SOLUSDT" });
  assert.equal(client.call("GET", "/fapi/v1/openAlgoOrders").json.length, 100);
  assert.equal(client.call("POST", "/fapi/v1/algoOrder", STOP_ORDER).json.algoStatus, "NEW");
});

test("conditional orders are found by either id: open ones, one, and all of a symbol", () => {
  const client = traded();
  waitAndTrigger(client);
  const open = client.call("GET", "/fapi/v1/openAlgoOrders", { symbol: "BTCUSDT" }).json;
  assert.deepEqual(
    open.map(({ clientAlgoId, actualOrderId }) => [clientAlgoId, actualOrderId]),
    [["waiting", ""]],
  );
  assert.deepEqual(client.call("GET", "/fapi/v1/openAlgoOrders", { algoType: "VP" }).json, []);
  assert.equal(client.call("GET", "/fapi/v1/openAlgoOrders", { symbol: "XYZ" }).json.code, -1121);
  const all = client.call("GET", "/fapi/v1/allAlgoOrders", { symbol: "BTCUSDT" }).json;
  assert.deepEqual(
    all.map(({ algoStatus }) => algoStatus),
    ["NEW", "TRIGGERED"],
  );
  const triggered = client.call("GET", "/fapi/v1/algoOrder", { algoId: all[1]?.algoId }).json;
  assert.deepEqual([triggered.clientAlgoId, triggered.actualType, triggered.actualQty], ["triggered", "LIMIT", "0"]);
  const [, child] = client.call("GET", "/fapi/v1/openOrders", { symbol: "BTCUSDT" }).json;
  assert.deepEqual([child?.clientOrderId, String(child?.orderId)], ["triggered", String(triggered.actualOrderId)]);
  for (const which of [{ algoId: 1 }, { clientAlgoId: "nobody" }]) {
    assert.equal(client.call("GET", "/fapi/v1/algoOrder", which).json.code, -2013);
    assert.equal(client.call("DELETE", "/fapi/v1/algoOrder", which).json.code, -2011);
  }
  assert.equal(client.call("GET", "/fapi/v1/algoOrder").json.code, -1102);
  assert.equal(client.call("DELETE", "/fapi/v1/algoOrder", { clientAlgoId: "triggered" }).json.code, -2011);
  const socket = client.socket("/ws-fapi/v1");
  const placed = client.askSigned(socket, "algoOrder.place", STOP_ORDER).result as Record<string, unknown>;
  assert.deepEqual([placed.triggerPrice, placed.price, "callbackRate" in placed], ["80000.00", "0.00", false]);
  const gone = client.askSigned(socket, "algoOrder.cancel", { algoId: placed.algoId }).result as object;
  assert.deepEqual(gone, { algoId: placed.algoId, clientAlgoId: placed.clientAlgoId, code: "200", msg: "success" });
});

/** What is wrong with a batch → code. */
const BATCHES: readonly [method: string, parameters: object, code: number][] = [
  ["POST", { batchOrders: "[" }, -1130],
  ["POST", { batchOrders: "{}" }, -1130],
  ["POST", { batchOrders: '["x"]' }, -1130],
  ["POST", { batchOrders: "[]" }, -4082],
  ["POST", { batchOrders: JSON.stringify(Array(6).fill(REST_ORDER)) }, -4082],
  ["PUT", { batchOrders: "[]" }, -4082],
  ["PUT", { batchOrders: JSON.stringify(Array(6).fill(AMENDMENT)) }, -4082],
  ["DELETE", { symbol: "BTCUSDT" }, -1102],
  ["DELETE", { symbol: "BTCUSDT", orderIdList: "[[1]]" }, -1130],
  ["DELETE", { symbol: "BTCUSDT", orderIdList: "[1,2,3,4,5,6,7,8,9,10,11]" }, -4082],
];

for (const [method, parameters, code] of BATCHES) {
  test(`${method} batchOrders ${JSON.stringify(parameters).slice(0, 60)} is refused with ${code}`, () => {
    assert.equal(new VenueClient().call(method, "/fapi/v1/batchOrders", parameters).json.code, code);
  });
}

test("reads pad amounts: eight places for money, the symbol's for orders", () => {
  const client = traded();
  const account = client.call("GET", "/fapi/v3/account").json as unknown as {
    totalWalletBalance: string;
    positions: { symbol: string; positionAmt: string; notional: string; isolatedMargin: string }[];
  };
  assert.match(account.totalWalletBalance, /^99\d\d\.\d{8}$/);
  assert.deepEqual(
    account.positions.map(({ symbol, positionAmt, isolatedMargin }) => [symbol, positionAmt, isolatedMargin]),
    [["BTCUSDT", "0.010", "0"]],
  );
  const [risk] = client.call("GET", "/fapi/v3/positionRisk").json;
  assert.match(String(risk?.entryPrice), /^86\d\d\d\.\d+$/);
  assert.match(String(risk?.markPrice), /^86\d\d\d\.\d{8}$/);
  const order = client.call("GET", "/fapi/v1/order", { symbol: "BTCUSDT", origClientOrderId: "bought" }).json;
  assert.deepEqual([order.price, order.origQty, order.executedQty, order.status], ["0", "0.010", "0.010", "FILLED"]);
  assert.match(String(order.avgPrice), /^86\d\d\d\.\d{5,8}$/);
  const all = client.call("GET", "/fapi/v2/positionRisk").json;
  assert.deepEqual(
    all.map(({ symbol, positionAmt }) => [symbol, positionAmt]),
    [
      ["BTCUSDT", "0.010"],
      ["ETHUSDT", "0"],
      ["BNBUSDT", "0"],
      ["SOLUSDT", "0"],
    ],
  );
});

test("income tells what userTrades tells: commissions negative, profit signed, unique per type, page by page", () => {
  const client = traded();
  client.wait(1000);
  client.call("POST", "/fapi/v1/order", { symbol: "BTCUSDT", side: "SELL", type: "MARKET", quantity: "0.010" });
  const trades = client.call("GET", "/fapi/v1/userTrades", { symbol: "BTCUSDT" }).json;
  const rows = client.call("GET", "/fapi/v1/income", { symbol: "BTCUSDT" }).json;
  const told = (type: string) => rows.filter(({ incomeType }) => incomeType === type);
  assert.deepEqual(
    told("COMMISSION").map(({ income, tradeId }) => [income, tradeId]),
    trades.map(({ commission, id }) => [`-${commission}`, String(id)]),
  );
  const closing = trades.filter(({ realizedPnl }) => realizedPnl !== "0.00000000");
  assert.ok(closing.length > 0);
  assert.deepEqual(
    told("REALIZED_PNL").map(({ income }) => income),
    closing.map(({ realizedPnl }) => realizedPnl),
  );
  assert.equal(new Set(told("COMMISSION").map(({ tranId }) => tranId)).size, trades.length);
  const pages = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap(
    (page) => client.call("GET", "/fapi/v1/income", { page, limit: 1 }).json,
  );
  assert.deepEqual(pages, client.call("GET", "/fapi/v1/income").json.slice(0, 9));
  const since = client.call("GET", "/fapi/v1/income", { startTime: OPENED_AT + 1 }).json;
  assert.deepEqual(
    since,
    rows.filter(({ time }) => Number(time) > OPENED_AT),
  );
  assert.equal(client.call("GET", "/fapi/v1/income", { startTime: 5, endTime: 4 }).json.code, -1023);
});

test("premiumIndex and tickers give an object for a symbol and a list without; brackets are always a list", () => {
  const client = new VenueClient();
  for (const path of [
    "/fapi/v1/premiumIndex",
    "/fapi/v1/ticker/bookTicker",
    "/fapi/v2/ticker/price",
    "/fapi/v1/ticker/price",
  ]) {
    assert.equal(client.open("GET", path, { symbol: "BNBUSDT" }).json.symbol, "BNBUSDT");
    assert.equal(client.open("GET", path).json.length, 4);
    assert.equal(client.open("GET", path, { symbol: "XYZ" }).json.code, -1121);
  }
  const brackets = client.call("GET", "/fapi/v1/leverageBracket", { symbol: "BTCUSDT" });
  assert.equal(brackets.json.length, 1);
  assert.match(brackets.text, /"maintMarginRatio":0\.004,"cum":0\}/);
});

/** Makes one conditional order wait, and one that has triggered rest. */
function waitAndTrigger(client: VenueClient): void {
  for (const order of [
    { ...STOP_ORDER, clientAlgoId: "waiting" },
    { ...STOP_ORDER, type: "STOP", price: "86000", triggerPrice: "85000", clientAlgoId: "triggered" },
  ]) {
    const { status, text } = client.call("POST", "/fapi/v1/algoOrder", order);
    assert.equal(status, 200, text);
  }
  client.native("/v1/paper/market/BTCUSDT", { price: "85000" });
}

/** A venue where the demo account holds 0.010 BTC, bought at market, and has one order resting. */
function traded(): VenueClient {
  const client = new VenueClient();
  const market = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010", newClientOrderId: "bought" };
  for (const order of [market, { ...REST_ORDER, newClientOrderId: "resting" }]) {
    const { status, text } = client.call("POST", "/fapi/v1/order", order);
    assert.equal(status, 200, text);
  }
  return client;
}

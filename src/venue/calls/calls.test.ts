/** Every served call once: its answer is read back by its own table, has no other field, is printed as Binance does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO, OPENED_AT, VenueClient } from "../../../test/venue-client.ts";
import { type Novelty, Place } from "../../protocol/codec.ts";
import { isSigned } from "../../protocol/endpoints/endpoint.ts";
import { ENDPOINTS, type EndpointName, endpointNamed } from "../../protocol/endpoints.ts";
import { parseJson, parseJsonNumbersAsText } from "../../protocol/json.ts";

const REST_ORDER = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: "0.010",
  price: "84000",
};
const BATCH = JSON.stringify([REST_ORDER, { ...REST_ORDER, quantity: "0.0001" }, { symbol: "BTCUSDT" }]);

/** Calls that answer with a refusal in any case here: issue B's, and modes that are as they are. */
const REFUSED: Partial<Record<EndpointName, readonly [parameters: object, code: number]>> = {
  amendOrder: [{ symbol: "BTCUSDT", orderId: "1", side: "BUY", quantity: "1", price: "1" }, -1020],
  amendOrders: [{ batchOrders: "[]" }, -1020],
  countdownCancelAll: [{ symbol: "BTCUSDT", countdownTime: 0 }, -1020],
  placeAlgoOrder: [{ algoType: "CONDITIONAL", symbol: "BTCUSDT", side: "BUY", type: "STOP" }, -1020],
  cancelAlgoOrder: [{ algoId: 1 }, -2011],
  algoOrder: [{ algoId: 1 }, -2013],
  changeMarginType: [{ symbol: "BTCUSDT", marginType: "CROSSED" }, -4046],
  changePositionMode: [{ dualSidePosition: false }, -4059],
  changeMultiAssetsMode: [{ multiAssetsMargin: false }, -4171],
};

const PARAMETERS: Partial<Record<EndpointName, object>> = {
  depth: { symbol: "BTCUSDT", limit: 5 },
  aggTrades: { symbol: "BTCUSDT" },
  trades: { symbol: "BTCUSDT" },
  klines: { symbol: "BTCUSDT", interval: "1m" },
  placeOrder: REST_ORDER,
  testOrder: { ...REST_ORDER, newClientOrderId: "t" },
  placeOrders: { batchOrders: BATCH },
  cancelOrder: { symbol: "BTCUSDT", origClientOrderId: "resting" },
  cancelOrders: { symbol: "BTCUSDT", origClientOrderIdList: '["resting","nobody"]' },
  cancelAllOrders: { symbol: "BTCUSDT" },
  order: { symbol: "BTCUSDT", origClientOrderId: "bought" },
  openOrder: { symbol: "BTCUSDT", origClientOrderId: "resting" },
  orderAmendments: { symbol: "BTCUSDT", origClientOrderId: "resting" },
  userTrades: { symbol: "BTCUSDT" },
  changeLeverage: { symbol: "BTCUSDT", leverage: 10 },
  commissionRate: { symbol: "BTCUSDT" },
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
    if (NEEDS_KEY.has(name)) client.open("POST", "/fapi/v1/listenKey", {}, { apiKey: DEMO.apiKey });
    const { status, text } = ask(client, PARAMETERS[name] ?? {});
    assert.equal(status, 200, text);
    const novelties: Novelty[] = [];
    const parse = "numbers" in endpoint.reply ? parseJsonNumbersAsText : parseJson;
    const read = endpoint.reply.read(parse(text), new Place("$", name, (novelty) => novelties.push(novelty)));
    assert.deepEqual(novelties, []);
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
  [{ type: "LIMIT", timeInForce: "GTC", priceMatch: "QUEUE" }, undefined, -1020],
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

/** What is wrong with a batch → code. */
const BATCHES: readonly [method: string, parameters: object, code: number][] = [
  ["POST", { batchOrders: "[" }, -1130],
  ["POST", { batchOrders: "{}" }, -1130],
  ["POST", { batchOrders: '["x"]' }, -1130],
  ["POST", { batchOrders: "[]" }, -4082],
  ["POST", { batchOrders: JSON.stringify(Array(6).fill(REST_ORDER)) }, -4082],
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

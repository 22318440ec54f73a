/** A symbol is delisted: what public reads and streams, the account's stream and its histories show of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OPENED_AT, VenueClient } from "../../../test/venue-client.ts";

const MINUTE_MS = 60_000;
const ETH = { symbol: "ETHUSDT" };
const BUY = { ...ETH, side: "BUY", type: "MARKET", quantity: "0.500" };
const REST = { ...ETH, side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.100", price: "2700.00" };
const TAKE = { ...ETH, algoType: "CONDITIONAL", side: "SELL", type: "TAKE_PROFIT_MARKET", triggerPrice: "3500" };

function listed(client: VenueClient) {
  const { symbols } = client.open("GET", "/fapi/v1/exchangeInfo").json as unknown as {
    symbols: { symbol: string; status: string; deliveryDate: number }[];
  };
  return symbols.find(({ symbol }) => symbol === "ETHUSDT");
}

function jump(client: VenueClient, ms: number): void {
  client.native("/v1/paper/clock/advance", { ms });
}

function listen(client: VenueClient): string {
  const { listenKey } = client.open("POST", "/fapi/v1/listenKey", {}, { apiKey: "paper-demo-key" }).json;
  return client.socket(`/private/ws?listenKey=${listenKey}`);
}

test("contractInfo, exchangeInfo and premiumIndex tell that a delisting is coming, and that it is over", () => {
  const client = new VenueClient();
  const info = client.socket("/market/ws/!contractInfo");
  const at = OPENED_AT + 60 * MINUTE_MS;
  assert.deepEqual(client.native("/v1/paper/delist/ETHUSDT", { inMs: 60 * MINUTE_MS }), {
    symbol: "ETHUSDT",
    status: "TRADING",
    deliveryDate: at,
  });
  assert.deepEqual([listed(client)?.status, listed(client)?.deliveryDate], ["TRADING", at]);
  jump(client, 50 * MINUTE_MS);
  client.native("/v1/paper/market/ETHUSDT", { price: "2900" });
  jump(client, 5 * MINUTE_MS);
  const premium = client.open("GET", "/fapi/v1/premiumIndex", ETH).json;
  assert.equal(premium.markPrice, premium.estimatedSettlePrice);
  assert.match(String(premium.markPrice), /^2820\.\d{8}$/, "20 minutes at 2800 and 5 at 2900");
  jump(client, 5 * MINUTE_MS);
  const [ahead, over, ...more] = client.heard(info);
  const told = { e: "contractInfo", s: "ETHUSDT", ps: "ETHUSDT", ct: "PERPETUAL", ot: 1569398400000 };
  assert.deepEqual(JSON.parse(ahead ?? ""), { ...told, E: OPENED_AT, dt: at, cs: "TRADING" });
  assert.deepEqual(JSON.parse(over ?? ""), { ...told, E: at, dt: at, cs: "SETTLING" });
  assert.deepEqual([more, listed(client)?.status], [[], "SETTLING"]);
});

test("a position is settled, told and booked; conditional orders expire, and the symbol is quiet for good", () => {
  const client = new VenueClient();
  const stream = listen(client);
  client.call("POST", "/fapi/v1/order", BUY);
  client.call("POST", "/fapi/v1/order", REST);
  client.call("POST", "/fapi/v1/algoOrder", { ...TAKE, quantity: "0.5", clientAlgoId: "later" });
  client.eventsHeard(stream);
  assert.equal(client.native("/v1/paper/delist/ETHUSDT", { settlementPrice: "2850" }).status, "SETTLING");
  assert.deepEqual(client.eventsHeard(stream), [
    "ALGO_UPDATE EXPIRED",
    "ORDER_TRADE_UPDATE EXPIRED",
    "ORDER_TRADE_UPDATE NEW",
    "ACCOUNT_UPDATE",
    "ORDER_TRADE_UPDATE FILLED",
  ]);
  const rows = client.call("GET", "/fapi/v1/income", ETH).json;
  const [bought, settled, fee] = rows;
  assert.equal(rows.length, 3);
  assert.equal(bought?.incomeType, "COMMISSION");
  assert.match(`${settled?.incomeType} ${settled?.income}`, /^DELIVERED_SETTELMENT 24\.\d{8}$/);
  assert.equal(`${fee?.incomeType} ${fee?.income}`, "COMMISSION -0.71250000");
  const last = client.call("GET", "/fapi/v1/allOrders", ETH).json.at(-1);
  assert.match(String(last?.clientOrderId), /^settlement_autoclose-\d{19}$/);
  assert.deepEqual(client.call("GET", "/fapi/v1/forceOrders").json, [], "it is neither LIQUIDATION nor ADL");
  assert.deepEqual(client.call("GET", "/fapi/v3/positionRisk").json, []);
  jump(client, 9 * 60 * MINUTE_MS);
  assert.deepEqual(
    client.eventsHeard(stream).filter((name) => name !== "listenKeyExpired"),
    [],
    "no funding",
  );
  const { bids, asks } = client.open("GET", "/fapi/v1/depth", ETH).json as unknown as { bids: []; asks: [] };
  assert.deepEqual([bids, asks], [[], []], "no quotes");
  assert.equal(client.open("GET", "/fapi/v1/premiumIndex", ETH).json.nextFundingTime, 0);
  assert.equal(client.venue.exchange.auditMoney().discrepancy, 0n);
});

/** What is asked of a symbol, and what it answers: in its last half hour, and when it is closed. */
const REFUSALS: readonly [method: string, path: string, parameters: object, ending: number | string, closed: number][] =
  [
    ["POST", "/fapi/v1/order", REST, -4140, -4141],
    ["POST", "/fapi/v1/order/test", REST, -4140, -4141],
    ["POST", "/fapi/v1/algoOrder", { ...TAKE, quantity: "0.5" }, -4140, -4141],
    ["POST", "/fapi/v1/algoOrder", { ...TAKE, closePosition: true }, "carried out", -4141],
    ["POST", "/fapi/v1/order", { ...BUY, side: "SELL", quantity: "0.1", reduceOnly: true }, "carried out", -4141],
    ["PUT", "/fapi/v1/order", { ...REST, origClientOrderId: "old", quantity: "0.2" }, -4140, -5024],
    ["POST", "/fapi/v1/leverage", { ...ETH, leverage: 7 }, "carried out", -4141],
    ["DELETE", "/fapi/v1/order", { ...ETH, origClientOrderId: "old" }, "carried out", -2011],
  ];

for (const [method, path, parameters, ending, closed] of REFUSALS) {
  const what = `${method} ${path} ${JSON.stringify(parameters)}`;
  test(`near its end a symbol answers ${ending}, closed ${closed}: ${what}`, () => {
    const client = new VenueClient();
    client.call("POST", "/fapi/v1/order", BUY);
    client.call("POST", "/fapi/v1/order", { ...REST, newClientOrderId: "old" });
    client.native("/v1/paper/delist/ETHUSDT", { inMs: 31 * MINUTE_MS });
    jump(client, 2 * MINUTE_MS);
    const near = client.call(method, path, parameters);
    assert.equal(near.status === 200 ? "carried out" : near.json.code, ending, near.text);
    jump(client, 29 * MINUTE_MS);
    assert.equal(client.call(method, path, parameters).json.code, closed);
  });
}

test("wishes for a delisting that cannot be are refused with the reason", () => {
  const client = new VenueClient();
  const ask = (symbol: string, body: object) =>
    client.send("POST", `/v1/paper/delist/${symbol}`, { body: JSON.stringify(body) });
  assert.equal(ask("XYZUSDT", {}).status, 404);
  assert.match(ask("ETHUSDT", { settlementPrice: "2800.123" }).text, /-1111/);
  assert.match(ask("ETHUSDT", { settlementPrice: "1" }).text, /-4013/);
  assert.match(ask("ETHUSDT", { inMs: -1 }).text, /-1130/);
  assert.equal(ask("ETHUSDT", { inMs: 5 * MINUTE_MS }).status, 200);
  assert.equal(ask("ETHUSDT", { inMs: 0 }).status, 200, "the last word counts");
  assert.match(ask("ETHUSDT", {}).text, /-4141/);
  jump(client, 10 * MINUTE_MS);
  assert.equal(client.native("/v1/paper/market/BTCUSDT", { price: "86000" }).symbol, "BTCUSDT");
});

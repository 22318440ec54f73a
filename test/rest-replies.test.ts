/** Replies as the signed client reads them: documented examples, and what a paper venue says of a whole account. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Http } from "../src/kernel/ports.ts";
import { ENDPOINTS, type EndpointName, endpointNamed, findEndpoint } from "../src/protocol/endpoints.ts";
import { parseJsonNumbersAsText } from "../src/protocol/json.ts";
import type { AccountV3 } from "../src/protocol/rest/account.ts";
import { RestClient } from "../src/rest/rest-client.ts";
import { WeightBudget } from "../src/rest/weight-budget.ts";
import { FakeClock, FakeHttp } from "./fake-world.ts";
import { DEMO, OPENED_AT, VenueClient } from "./venue-client.ts";

const FIXTURES = "test/fixtures/protocol";

for (const file of readdirSync(FIXTURES).filter((name) => name.startsWith("rest.response."))) {
  const [, method = "", path = ""] = /^rest\.response\.([A-Z]+)_([A-Za-z0-9_]+)\./.exec(file) ?? [];
  test(`L4 ${file} is read with nothing new in it, and written back digit for digit`, async () => {
    const name = findEndpoint(method, `/${path.replaceAll("_", "/")}`);
    assert.ok(name !== undefined, `${method} ${path} is in the catalogue`);
    const body = readFileSync(`${FIXTURES}/${file}`, "utf8");
    const rest = new RestClient({ ...KEYS, http: new FakeHttp(() => ({ body })), clock: new FakeClock() });
    const endpoint = endpointNamed(name);
    const read = await rest.call({ endpoint, priority: "read" });
    assert.deepEqual(rest.novelties.list, []);
    assert.deepEqual(parseJsonNumbersAsText(endpoint.reply.write(read)), parseJsonNumbersAsText(body));
  });
}

/** What repairs an account after a gap, in the order in which it may be asked. */
const READS: readonly (readonly [EndpointName, params?: Readonly<Record<string, string>>])[] = [
  ["serverTime"],
  ["exchangeInfo"],
  ["accountConfig"],
  ["symbolConfig"],
  ["positionMode"],
  ["multiAssetsMode"],
  ["feeBurn"],
  ["orderLimits"],
  ["leverageBrackets"],
  ["leverageBrackets", { symbol: "BTCUSDT" }],
  ["commissionRate", { symbol: "BTCUSDT" }],
  ["account"],
  ["accountV2"],
  ["balance"],
  ["balanceV2"],
  ["positionRisk"],
  ["positionRisk", { symbol: "BTCUSDT" }],
  ["positionRiskV2"],
  ["openOrders"],
  ["allOrders", { symbol: "BTCUSDT" }],
  ["allOrders"],
  ["order", { symbol: "BTCUSDT", origClientOrderId: "bought" }],
  ["openOrder", { symbol: "BTCUSDT", origClientOrderId: "resting" }],
  ["orderAmendments", { symbol: "BTCUSDT", origClientOrderId: "resting" }],
  ["userTrades", { symbol: "BTCUSDT" }],
  ["income"],
  ["openAlgoOrders"],
  ["allAlgoOrders", { symbol: "BTCUSDT" }],
  ["algoOrder", { clientAlgoId: "waiting" }],
  ["forceOrders"],
  ["adlQuantiles"],
  ["positionMarginHistory", { symbol: "BTCUSDT" }],
];

test("L4 all that the exchange knows of an account is read, with nothing new in it, digit for digit", async () => {
  const { rest, answers } = await traded();
  for (const [name, params = {}] of READS) {
    const endpoint = endpointNamed(name);
    const read = await rest.call({ endpoint, params, priority: "repair" });
    assert.equal(endpoint.reply.write(read), answers.at(-1), name);
  }
  assert.deepEqual(rest.novelties.list, []);
});

test("the entry of the catalogue says what its answer is: ids as strings, amounts as texts", async () => {
  const { rest } = await traded();
  const account: AccountV3 = await rest.call({ endpoint: ENDPOINTS.account, priority: "repair" });
  assert.deepEqual(
    account.positions.map(({ symbol, positionAmt }) => [symbol, positionAmt]),
    [["BTCUSDT", "0.010"]],
  );
  const trades = await rest.call({
    endpoint: ENDPOINTS.userTrades,
    params: { symbol: "BTCUSDT" },
    priority: "repair",
  });
  const orders = await rest.call({ endpoint: ENDPOINTS.openOrders, priority: "repair" });
  const waiting = await rest.call({ endpoint: ENDPOINTS.openAlgoOrders, priority: "repair" });
  assert.ok(trades.length > 0 && trades.every(({ id, orderId }) => /^\d+$/.test(id) && /^\d+$/.test(orderId)));
  assert.deepEqual(
    orders.map(({ clientOrderId, orderId, price }) => [clientOrderId, typeof orderId, price]),
    [["resting", "string", "84000.00"]],
  );
  assert.deepEqual(
    waiting.map(({ clientAlgoId, algoId, actualOrderId }) => [clientAlgoId, typeof algoId, actualOrderId]),
    [["waiting", "string", ""]],
  );
});

/** A client of a paper venue on which the demo account bought, rests an order and has a conditional one waiting. */
async function traded() {
  const client = new VenueClient();
  const answers: string[] = [];
  const http: Http = {
    async request({ method, url, headers }) {
      const { pathname, search } = new URL(url);
      const { text, ...answer } = client.send(method, pathname, { query: search.slice(1), headers });
      answers.push(text);
      return { status: answer.status, headers: answer.headers, body: text };
    },
  };
  const clock = { now: () => client.now().monotonic, wall: () => client.now().wall, wake: () => () => {} };
  assert.equal(clock.wall(), OPENED_AT);
  const rest = new RestClient({ ...KEYS, http, clock });
  const priority = "read";
  const bought = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010", newClientOrderId: "bought" };
  const placed = await rest.call({ endpoint: ENDPOINTS.placeOrder, params: bought, priority });
  assert.deepEqual([placed.clientOrderId, typeof placed.orderId], ["bought", "string"]);
  const limit = { type: "LIMIT", timeInForce: "GTC", price: "84000", newClientOrderId: "resting" };
  await rest.call({ endpoint: ENDPOINTS.placeOrder, params: { ...bought, ...limit }, priority });
  const stop = { symbol: "BTCUSDT", side: "SELL", type: "STOP_MARKET", triggerPrice: "80000", quantity: "0.010" };
  const params = { algoType: "CONDITIONAL", ...stop, clientAlgoId: "waiting" };
  await rest.call({ endpoint: ENDPOINTS.placeAlgoOrder, params, priority });
  return { rest, answers };
}

const KEYS = { ...DEMO, budget: new WeightBudget(1_000_000), baseUrl: "https://venue" };

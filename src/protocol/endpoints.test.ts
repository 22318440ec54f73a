/** The published example replies against the tables of the catalogue, and the catalogue against the protocol sheet. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Codec } from "./codec.ts";
import { weightOf } from "./endpoints/endpoint.ts";
import { ENDPOINTS, type EndpointName, endpointNamed, findEndpoint, findWsMethod } from "./endpoints.ts";
import { parseJson, parseJsonNumbersAsText } from "./json.ts";
import { Novelties } from "./novelties.ts";
import { readReply } from "./reply.ts";
import { SessionStatus } from "./ws-api.ts";

const FIXTURES = "test/fixtures/protocol";
const FILES = readdirSync(FIXTURES);
const NAMES = Object.keys(ENDPOINTS) as EndpointName[];

for (const file of FILES.filter((name) => name.startsWith("rest.response."))) {
  test(`the table of ${nameOfRest(file) ?? "?"} names every field of ${file}, and writes it back`, () => {
    const name = nameOfRest(file);
    assert.ok(name !== undefined, `${file} belongs to an endpoint of the catalogue`);
    checkReply(endpointNamed(name).reply, textOf(file));
  });
}

for (const file of FILES.filter((name) => name.startsWith("wsapi.response."))) {
  test(`the result of ${methodOfWs(file)} names every field of ${file}, and writes it back`, () => {
    checkReply(tableOfWs(methodOfWs(file)), JSON.stringify((jsonOf(file) as { result: unknown }).result));
  });
}

/** Calls whose reply the documentation shows under another path, or not at all. */
const WITHOUT_EXAMPLE: ReadonlySet<EndpointName> = new Set(["priceTickerV1"]);

test("every endpoint of the catalogue has an example reply", () => {
  const shown = new Set(FILES.filter((name) => name.startsWith("rest.response.")).map(nameOfRest));
  const missing = NAMES.filter((name) => !shown.has(name) && !WITHOUT_EXAMPLE.has(name));
  assert.deepEqual(missing, []);
});

test("every method of the WS API that the documentation shows is in the catalogue", () => {
  const requests = FILES.filter((name) => name.startsWith("wsapi.request."));
  const methods = requests.map((file) => (jsonOf(file) as { method: string }).method);
  const unknown = methods.filter((method) => !method.startsWith("session.") && findWsMethod(method) === undefined);
  assert.deepEqual(unknown, []);
});

test("no two endpoints have the same route, and none is lost by its name", () => {
  for (const name of NAMES) {
    const { method, path, wsMethod } = endpointNamed(name);
    assert.equal(findEndpoint(method, path), name);
    if (wsMethod !== undefined) assert.equal(findWsMethod(wsMethod), name);
  }
});

/** Weights and order counts by the sheet: 11, 12 and 4. Parameters as a query. */
const COSTS: readonly [EndpointName, query: string, weight: number, orders?: readonly [ten: number, minute: number]][] =
  [
    ["startListenKey", "", 1],
    ["keepListenKey", "", 1],
    ["closeListenKey", "", 1],
    ["account", "", 5],
    ["balance", "", 5],
    ["positionRisk", "", 5],
    ["positionMode", "", 30],
    ["multiAssetsMode", "", 30],
    ["income", "", 30],
    ["commissionRate", "symbol=BTCUSDT", 20],
    ["leverageBrackets", "", 1],
    ["placeOrder", "", 0, [1, 1]],
    ["placeOrders", "", 5, [5, 1]],
    ["amendOrders", "", 5, [5, 1]],
    ["placeAlgoOrder", "", 0, [1, 1]],
    ["cancelOrder", "", 1],
    ["openOrders", "symbol=BTCUSDT", 1],
    ["openOrders", "", 40],
    ["openAlgoOrders", "symbol=BTCUSDT", 1],
    ["openAlgoOrders", "", 40],
    ["allOrders", "", 5],
    ["userTrades", "", 5],
    ["countdownCancelAll", "", 10],
    ["depth", "symbol=BTCUSDT&limit=5", 2],
    ["depth", "symbol=BTCUSDT&limit=50", 2],
    ["depth", "symbol=BTCUSDT&limit=100", 5],
    ["depth", "symbol=BTCUSDT&limit=500", 10],
    ["depth", "symbol=BTCUSDT", 10],
    ["depth", "symbol=BTCUSDT&limit=1000", 20],
    ["bookTicker", "symbol=BTCUSDT", 2],
    ["bookTicker", "", 5],
    ["priceTicker", "", 2],
    ["markPrice", "", 10],
    ["markPrice", "symbol=BTCUSDT", 1],
    ["aggTrades", "symbol=BTCUSDT", 20],
    ["trades", "symbol=BTCUSDT", 5],
    ["klines", "symbol=BTCUSDT&limit=99", 1],
    ["klines", "symbol=BTCUSDT&limit=100", 2],
    ["klines", "symbol=BTCUSDT", 5],
    ["klines", "symbol=BTCUSDT&limit=1001", 10],
    ["dayTicker", "symbol=BTCUSDT", 1],
    ["dayTicker", "", 40],
    ["fundingRates", "", 0],
    ["fundingInfo", "", 0],
  ];

for (const [name, query, weight, orders] of COSTS) {
  test(`${name} with "${query}" weighs ${weight}${orders === undefined ? "" : ` and counts orders ${orders}`}`, () => {
    const given = new Map(query === "" ? [] : query.split("&").map((part) => part.split("=") as [string, string]));
    const endpoint = endpointNamed(name);
    assert.equal(weightOf(endpoint, given), weight);
    const counted = endpoint.orders;
    assert.deepEqual(counted === undefined ? undefined : [counted.tenSeconds, counted.minute], orders);
  });
}

function checkReply(table: Codec<unknown>, answer: string): void {
  const novelties = new Novelties();
  const read = readReply(table, answer, "reply", novelties.tell);
  assert.deepEqual(novelties.list, []);
  const parse = "numbers" in table ? parseJsonNumbersAsText : parseJson;
  assert.deepEqual(parse(table.write(read)), parse(answer));
}

function jsonOf(file: string): unknown {
  return parseJson(textOf(file));
}

function textOf(file: string): string {
  return readFileSync(`${FIXTURES}/${file}`, "utf8");
}

function nameOfRest(file: string): EndpointName | undefined {
  const [, method = "", path = ""] = /^rest\.response\.([A-Z]+)_([A-Za-z0-9_]+)\./.exec(file) ?? [];
  return findEndpoint(method, `/${path.replaceAll("_", "/")}`);
}

function methodOfWs(file: string): string {
  const [, name = ""] = /^wsapi\.response\.(depth|(?:v2_)?[A-Za-z]+\.[A-Za-z]+)\./.exec(file) ?? [];
  return name.replace("_", "/");
}

function tableOfWs(method: string): Codec<unknown> {
  if (method.startsWith("session.")) return SessionStatus as unknown as Codec<unknown>;
  const name = findWsMethod(method);
  assert.ok(name !== undefined, `${method} is in the catalogue`);
  const { reply, wsReply } = endpointNamed(name);
  return wsReply ?? reply;
}

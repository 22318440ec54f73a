/** The native calls of strategies: what they show, what each refusal says, and the events on a real socket. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { DEMO, VenueClient } from "../../../test/venue-client.ts";
import { decodeEvent, type KnownEvent } from "../../protocol/user-data-event.ts";
import { startPaperVenue } from "../index.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";

const PATH = "/v1/paper/strategies";
const FIRST = `${PATH}/400000001`;
const GRID = {
  account: "demo",
  symbol: "ETHUSDT",
  gridCount: 4,
  gridLowerLimit: "2700",
  gridUpperLimit: "2900",
  perGridQty: "0.5",
};

/** What is sent instead of {@link GRID}'s own → message, and what the remedy names. */
const REFUSED_GRIDS: readonly [wish: object, message: string, remedy?: RegExp][] = [
  [{ account: "nobody" }, 'body.account: expected an account that exists, found "nobody"', /accounts makes one/],
  [{ account: undefined }, "body.account: expected a string, found undefined"],
  [{ symbol: "XYZ" }, 'body.symbol: expected a symbol that trades, found "XYZ"', /exchangeInfo/],
  [{ direction: "UP" }, 'body.direction: expected NEUTRAL or LONG or SHORT, found "UP"'],
  [{ gridType: "LOG" }, 'body.gridType: expected ARITH or GEO, found "LOG"'],
  [{ gridCount: 1 }, "body.gridCount: expected a whole number from 2 to 169, found 1"],
  [{ gridCount: 170 }, "body.gridCount: expected a whole number from 2 to 169, found 170"],
  [{ gridCount: 2.5 }, "body.gridCount: expected an integer, found 2.5"],
  [{ gridLowerLimit: 2700 }, "body.gridLowerLimit: expected a string, found 2700"],
  [
    { gridLowerLimit: "2700.005" },
    'body.gridLowerLimit: expected a price that PRICE_FILTER of ETHUSDT lets through, found "2700.005"',
    /Precision/,
  ],
  [
    { gridLowerLimit: "1" },
    'body.gridLowerLimit: expected a price that PRICE_FILTER of ETHUSDT lets through, found "1"',
    /less than min price/,
  ],
  [{ gridUpperLimit: "2700" }, 'body.gridUpperLimit: expected a price above the gridLowerLimit of 2700, found "2700"'],
  [
    { gridUpperLimit: "2700.02" },
    "body.gridCount: expected grids of at least one tick each, found 4",
    /the tick of the symbol is 0.01/,
  ],
  [{ perGridQty: undefined }, 'body: expected perGridQty or gridInitialValue, found "neither"', /perGridQty/],
  [{ gridInitialValue: "100" }, 'body: expected perGridQty or gridInitialValue, found "both"'],
  [
    { perGridQty: "-1" },
    'body.perGridQty: expected a positive decimal of at most eight places in a string, found "-1"',
  ],
  [
    { perGridQty: "0.000000001" },
    'body.perGridQty: expected a positive decimal of at most eight places in a string, found "0.000000001"',
  ],
  [{ perGridQty: "0.007" }, 'body.perGridQty: expected 0.008 to 10000 in steps of 0.001, found "0.007"'],
  [{ perGridQty: "0.0085" }, 'body.perGridQty: expected 0.008 to 10000 in steps of 0.001, found "0.0085"'],
  [
    { perGridQty: undefined, gridInitialValue: "80" },
    'body.gridInitialValue: expected what makes orders of 0.008 to 10000, found "80"',
    /MIN_NOTIONAL of 20/,
  ],
  [{ perGridQty: "10001" }, 'body.perGridQty: expected 0.008 to 10000 in steps of 0.001, found "10001"', /LOT_SIZE/],
  [
    { stopUpperLimit: "2900" },
    'body.stopUpperLimit: expected a price above the grid and the market, so above 2900, found "2900"',
  ],
  [
    { gridUpperLimit: "2750", stopUpperLimit: "2790" },
    'body.stopUpperLimit: expected a price above the grid and the market, so above 2800, found "2790"',
  ],
  [
    { stopLowerLimit: "2700" },
    'body.stopLowerLimit: expected a price below the grid and the market, so below 2700, found "2700"',
  ],
  [{ stopTriggerType: "INDEX" }, 'body.stopTriggerType: expected CONTRACT_PRICE or MARK_PRICE, found "INDEX"'],
  [{ cos: "yes" }, 'body.cos: expected true or false, found "yes"'],
  [
    { triggerPrice: "1" },
    "body: expected only account, symbol, direction, gridType, gridCount, gridLowerLimit, gridUpperLimit, " +
      'perGridQty, gridInitialValue, stopUpperLimit, stopLowerLimit, stopTriggerType, cos, cps, found "triggerPrice"',
  ],
];

for (const [wish, message, remedy] of REFUSED_GRIDS) {
  test(`a grid with ${JSON.stringify(wish)} is refused: ${message}`, () => {
    const client = new VenueClient();
    const answer = client.send("POST", PATH, { body: JSON.stringify({ ...GRID, ...wish }) });
    const error = answer.json.error as { message: string; remedy?: string };
    assert.deepEqual([answer.status, error.message], [400, message]);
    if (remedy !== undefined) assert.match(error.remedy ?? "", remedy);
    assert.deepEqual(client.send("GET", PATH).json, { strategies: [] });
  });
}

/** Route, query and body, while the first grid runs → status and message. */
const REFUSALS: readonly [route: string, query: string, body: string, status: number, message: string][] = [
  [`PUT ${PATH}`, "", "", 405, 'method: expected POST or GET, found "PUT"'],
  [`POST ${FIRST}`, "", "", 405, 'method: expected GET, PUT or DELETE, found "POST"'],
  [`GET ${PATH}/5`, "", "", 404, 'strategy: expected one that exists, found "5"'],
  [`DELETE ${PATH}/x`, "", "", 404, 'strategy: expected one that exists, found "x"'],
  [`GET ${PATH}`, "account=nobody", "", 400, 'query.account: expected an account that exists, found "nobody"'],
  [`GET ${PATH}`, "symbol=X", "", 400, 'query: expected only account, found "symbol"'],
  [`GET ${PATH}`, "account=%", "", 400, 'query: expected account=ID or nothing, found "account=%"'],
  [`POST ${PATH}`, "", "{", 400, 'body: expected JSON, found "{"'],
  [
    `PUT ${FIRST}`,
    "",
    "",
    400,
    'body: expected stopUpperLimit, stopLowerLimit, stopTriggerType, cos or cps, found "none of them"',
  ],
  [
    `PUT ${FIRST}`,
    "",
    '{"gridCount":5}',
    400,
    'body: expected only stopUpperLimit, stopLowerLimit, stopTriggerType, cos, cps, found "gridCount"',
  ],
  [
    `PUT ${FIRST}`,
    "",
    '{"stopUpperLimit":"2800"}',
    400,
    'body.stopUpperLimit: expected a price above the grid and the market, so above 2900, found "2800"',
  ],
  [
    `POST ${PATH}`,
    "",
    JSON.stringify(GRID),
    400,
    'body.symbol: expected a symbol on which the account runs no grid, found "ETHUSDT"',
  ],
];

for (const [route, query, body, status, message] of REFUSALS) {
  test(`${route} ${query}${body} is refused: ${message}`, () => {
    const client = new VenueClient();
    client.native(PATH, GRID);
    const [method = "", path = ""] = route.split(" ");
    const answer = client.send(method, path, { query, body });
    assert.deepEqual([answer.status, (answer.json.error as { message: string }).message], [status, message]);
    assert.equal(client.send("GET", FIRST).json.opCode, 8007, "and nothing has changed");
  });
}

test("a grid is shown, listed by account, changed and stopped", () => {
  const client = new VenueClient();
  client.native("/v1/paper/accounts", { name: "other" });
  const { orders, ...made } = client.native(PATH, { ...GRID, stopUpperLimit: "3000", cps: true });
  const { bookTime, updateTime } = made;
  assert.equal(bookTime, updateTime);
  assert.deepEqual(made, {
    strategyId: 400000001,
    strategyType: "GRID",
    strategyStatus: "WORKING",
    account: "demo",
    symbol: "ETHUSDT",
    direction: "NEUTRAL",
    gridType: "ARITH",
    gridCount: 4,
    gridLowerLimit: "2700",
    gridUpperLimit: "2900",
    perGridQty: "0.5",
    stopUpperLimit: "3000",
    stopLowerLimit: null,
    stopTriggerType: "CONTRACT_PRICE",
    cos: true,
    cps: true,
    gridProfit: "0",
    matchedPnl: "0",
    unmatchedQty: "0",
    unmatchedAvgPrice: "0",
    unmatchedFee: "0",
    opCode: 8007,
    opCodeMsg: "a new grid order",
    bookTime,
    updateTime,
    endTime: null,
  });
  const resting = orders as Readonly<Record<string, string>>[];
  assert.deepEqual(
    resting.map(({ clientOrderId, side, price, origQty }) => `${clientOrderId} ${side} ${origQty}@${price}`),
    [
      "grid-400000001-1 BUY 0.5@2700",
      "grid-400000001-2 BUY 0.5@2750",
      "grid-400000001-3 SELL 0.5@2850",
      "grid-400000001-4 SELL 0.5@2900",
    ],
  );
  const shown = client.call("GET", "/fapi/v1/openOrders", { symbol: "ETHUSDT" }).json;
  assert.deepEqual(shown.map(({ orderId }) => String(orderId)).sort(), resting.map(({ orderId }) => orderId).sort());
  const listed = (query: string) => client.send("GET", PATH, { query }).json.strategies as unknown[];
  assert.deepEqual([listed("").length, listed("account=demo").length, listed("account=other").length], [1, 1, 0]);
  const changed = client.send("PUT", FIRST, { body: '{"stopUpperLimit":"0","stopLowerLimit":"2600"}' }).json;
  assert.deepEqual([changed.stopUpperLimit, changed.stopLowerLimit, changed.opCode], [null, "2600", 8001]);
  const stopped = client.send("DELETE", FIRST).json;
  assert.deepEqual([stopped.strategyStatus, stopped.opCode, stopped.orders], ["CANCELLED", 8002, []]);
  assert.equal(stopped.opCodeMsg, "the user cancelled the strategy");
  assert.deepEqual(client.send("GET", FIRST).json, stopped);
  const again = client.send("DELETE", FIRST);
  const { message } = again.json.error as { message: string };
  assert.deepEqual([again.status, message], [400, 'strategy: expected one that runs, found "400000001, CANCELLED"']);
});

test("ten grids of an account run at most", () => {
  const [listing] = DEFAULT_SYMBOLS.filter(({ info }) => info.symbol === "ETHUSDT");
  assert.ok(listing !== undefined);
  const symbols = Array.from({ length: 11 }, (_, i) => ({
    ...listing,
    info: { ...listing.info, symbol: `ETH${i}USDT`, pair: `ETH${i}USDT` },
  }));
  const client = new VenueClient({ symbols, marketMaker: "none" });
  const start = (i: number) =>
    client.send("POST", PATH, { body: JSON.stringify({ ...GRID, perGridQty: "0.01", symbol: `ETH${i}USDT` }) });
  for (let i = 0; i < 10; i++) assert.equal(start(i).json.strategyStatus, "WORKING");
  const refused = start(10);
  const { message } = refused.json.error as { message: string };
  assert.deepEqual([refused.status, message], [400, "account: expected at most 10 running grids, found 10"]);
  client.send("DELETE", FIRST);
  assert.equal(start(10).json.strategyStatus, "WORKING");
});

test("a real socket hears the life of a grid: NEW, WORKING, each fill, CANCELLED", async (t) => {
  const { call, until } = await openSocket(t);
  const { strategyId } = await call("POST", PATH, GRID);
  assert.equal(strategyId, 400000001);
  const start = await until((event) => event.e === "STRATEGY_UPDATE" && event.su.ss === "WORKING");
  assert.deepEqual(
    start
      .flatMap((event) => (event.e === "STRATEGY_UPDATE" ? [event.su] : []))
      .map(({ ss, s, st, c }) => [ss, s, st, c]),
    [
      ["NEW", "ETHUSDT", "GRID", 8007],
      ["WORKING", "ETHUSDT", "GRID", 8007],
    ],
  );
  await call("POST", "/v1/paper/market/ETHUSDT", { price: "2745" });
  const fill = (await until((event) => event.e === "GRID_UPDATE")).at(-1);
  assert.ok(fill?.e === "GRID_UPDATE");
  const { ut, ...told } = fill.gu;
  assert.deepEqual(told, {
    si: "400000001",
    st: "GRID",
    ss: "WORKING",
    s: "ETHUSDT",
    r: "-0.275",
    up: "2750",
    uq: "0.5",
    uf: "-0.275",
    mp: "0",
  });
  assert.equal(ut, fill.T);
  await call("POST", "/v1/paper/market/ETHUSDT", { price: "2805" });
  const matched = (await until((event) => event.e === "GRID_UPDATE")).at(-1);
  assert.ok(matched?.e === "GRID_UPDATE");
  assert.equal(matched.gu.mp, "24.445");
  await call("DELETE", FIRST);
  const end = (await until((event) => event.e === "STRATEGY_UPDATE")).at(-1);
  assert.ok(end?.e === "STRATEGY_UPDATE");
  assert.deepEqual([end.su.si, end.su.ss, end.su.c], ["400000001", "CANCELLED", 8002]);
});

const DEADLINE_MS = 10_000;

/** A venue that listens, a socket on the listenKey of the account demo, and what a client does. */
async function openSocket(t: TestContext) {
  const venue = await startPaperVenue({ port: 0, seed: 1, marketMaker: { volatilityBps: 0 } });
  t.after(() => venue.close());
  const call = async (method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> => {
    const headers = { "X-MBX-APIKEY": DEMO.apiKey };
    const answer = await fetch(venue.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const json = (await answer.json()) as Readonly<Record<string, unknown>>;
    assert.equal(answer.status, 200, JSON.stringify(json));
    return json;
  };
  const { listenKey } = await call("POST", "/fapi/v1/listenKey");
  const ws = new WebSocket(`${venue.wsUrl}/private/ws/${listenKey}`);
  t.after(() => ws.terminate());
  const frames: string[] = [];
  ws.on("message", (data) => frames.push(String(data)));
  await once(ws, "open");
  const next = async (): Promise<KnownEvent> => {
    if (frames.length === 0) await once(ws, "message", { signal: AbortSignal.timeout(DEADLINE_MS) });
    return decodeEvent(frames.shift() ?? "") as KnownEvent;
  };
  /** All events up to the first that `isIt`, that one included. */
  const until = async (isIt: (event: KnownEvent) => boolean): Promise<KnownEvent[]> => {
    const events = [await next()];
    while (!isIt(events.at(-1) as KnownEvent)) events.push(await next());
    return events;
  };
  return { call, until };
}

/** A recorded tape: its lines, and a market that follows it in venue time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OPENED_AT, VenueClient } from "../../../test/venue-client.ts";
import { UsageError } from "../../kernel/errors.ts";
import { Tape } from "./tape.ts";

const HEADER = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker";
const RECORDED_AT = 1_650_000_000_000;

/** A line of the tape, so long after its beginning. */
function line(ms: number, price: string, quantity = "0.250", isBuyerMaker = true, first = 11, last = 12): string {
  return `7,${price},${quantity},${first},${last},${RECORDED_AT + ms},${isBuyerMaker}`;
}

function tape(...lines: string[]): Tape {
  return new Tape({ name: "t.csv", lines: lines[Symbol.iterator]() });
}

const GOOD = line(0, "41000.1");

test("a tape is read with or without its header, with any line ends", () => {
  for (const lines of [[HEADER, GOOD], [`${HEADER}\r`, `${GOOD}\r`, ""], [GOOD.replace("true", "True")]]) {
    const read = tape(...lines);
    assert.deepEqual(read.takeUntil(RECORDED_AT), {
      price: 4_100_010_000_000n,
      quantity: 25_000_000n,
      count: 2,
      at: RECORDED_AT,
      isBuyerMaker: true,
    });
    assert.equal(read.next, undefined);
  }
});

const MALFORMED: readonly [line: string, message: RegExp][] = [
  ["7,41000.1,0.25,11,12,1650000000000", /^t\.csv:3: expected 7 fields, found 6$/],
  [line(0, "-1"), /^t\.csv:3: expected a positive price, found "-1"$/],
  [line(0, "0.0"), /^t\.csv:3: expected a positive price, found "0\.0"$/],
  [line(0, "1e5"), /^t\.csv:3: expected a positive price, found "1e5"$/],
  [line(0, "41000.1", "0"), /^t\.csv:3: expected a positive quantity, found "0"$/],
  [line(0, "41000.1", "0.1234567891"), /^t\.csv:3: expected a positive quantity/],
  [line(0, "41000.1", "1", true, 12, 11), /^t\.csv:3: expected first and last trade id in order, found "12,11"$/],
  [GOOD.replace(",11,", ",x,"), /^t\.csv:3: expected trade ids, found "x,12"$/],
  [GOOD.replace("1650000000000", "1650000000"), /^t\.csv:3: expected a time in milliseconds, found "1650000000"$/],
  [line(-1, "41000.1"), /^t\.csv:3: expected a time not before 1650000000000, found "1649999999999"$/],
  [GOOD.replace("true", "yes"), /^t\.csv:3: expected true or false, found "yes"$/],
  [HEADER, /^t\.csv:3: expected a positive price, found "price"$/],
];

for (const [bad, message] of MALFORMED) {
  test(`the line ${bad} is refused with its number`, () => {
    const read = tape(HEADER, GOOD, bad);
    assert.throws(
      () => {
        while (read.takeUntil(Number.POSITIVE_INFINITY) !== undefined);
      },
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}

test("a tape without a trade is refused, and so are one for an unknown symbol and one that nobody follows", () => {
  assert.throws(() => tape(HEADER), UsageError);
  const lines = { name: "t.csv", lines: [GOOD][Symbol.iterator]() };
  assert.throws(() => new VenueClient({ tapes: { DOGEUSDT: lines } }), /expected a symbol that is listed/);
  assert.throws(() => new VenueClient({ tapes: { BTCUSDT: lines }, marketMaker: "none" }), /expected a market maker/);
});

test("the market follows the tape in venue time: prices, trades, quotes, and users' orders on the way", () => {
  const lines = [GOOD, line(300, "41010.0"), line(450, "40990.0", "1.500", false), line(5000, "40000.0")];
  const client = new VenueClient({ tapes: { BTCUSDT: { name: "t.csv", lines: lines[Symbol.iterator]() } } });
  const session = client.socket("/market/ws/btcusdt@aggTrade");
  const last = () => client.open("GET", "/fapi/v2/ticker/price", { symbol: "BTCUSDT" }).json.price;
  assert.equal(last(), "41000.10");
  const order = {
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    timeInForce: "GTC",
    price: "40995",
    quantity: "0.010",
  };
  const placed = client.call("POST", "/fapi/v1/order", order);
  assert.equal(placed.status, 200, placed.text);
  client.wait(350);
  assert.equal(last(), "41010.00");
  client.wait(350);
  assert.equal(last(), "40990.00");
  const { json } = client.call("GET", "/fapi/v1/order", { symbol: "BTCUSDT", orderId: placed.json.orderId });
  assert.deepEqual([json.status, json.avgPrice], ["FILLED", "40995.00000"]);
  const told = client.heard(session).map((text) => JSON.parse(text));
  assert.deepEqual(
    told.map(({ p, q, m, T, f, l }) => [p, q, m, T - OPENED_AT, l - f + 1]).filter(([, q]) => q !== "0.010"),
    [
      ["41000.10", "0.250", true, 0, 2],
      ["41010.00", "0.250", true, 300, 2],
      ["40990.00", "1.500", false, 500, 2],
    ],
  );
  client.native("/v1/paper/clock/advance", { ms: 60_000 });
  const mark = client.open("GET", "/fapi/v1/premiumIndex", { symbol: "BTCUSDT" }).json;
  assert.equal(last(), "40000.00");
  assert.equal(mark.indexPrice, "40000.00000000");
});

test("what waits for a price triggers by every trade of the tape, also by one that the next takes back at once", () => {
  const lines = [GOOD, line(310, "40500.0"), line(320, "41000.0"), line(5000, "41000.0")];
  const client = new VenueClient({ tapes: { BTCUSDT: { name: "t.csv", lines: lines[Symbol.iterator]() } } });
  const stop = { algoType: "CONDITIONAL", symbol: "BTCUSDT", side: "SELL", type: "STOP_MARKET", quantity: "0.010" };
  const placed = client.call("POST", "/fapi/v1/algoOrder", { ...stop, triggerPrice: "40600" });
  assert.equal(placed.status, 200, placed.text);
  client.native("/v1/paper/accounts", { name: "grids", balances: { USDT: "10000" } });
  const grid = { account: "grids", symbol: "BTCUSDT", gridCount: 2, gridLowerLimit: "40900", gridUpperLimit: "41100" };
  const wish = { ...grid, perGridQty: "0.010", stopLowerLimit: "40550" };
  const { strategyId } = client.native("/v1/paper/strategies", wish);
  client.wait(500);
  const { algoStatus } = client.call("GET", "/fapi/v1/algoOrder", { algoId: placed.json.algoId }).json;
  assert.equal(algoStatus, "FINISHED");
  assert.equal(client.send("GET", `/v1/paper/strategies/${strategyId}`).json.opCode, 8004);
});

test("a tape is read as time goes by, one line ahead, and far more of it than is kept", () => {
  let pulled = 0;
  function* lines(): Generator<string> {
    for (; pulled < 200_000; pulled++) yield line(pulled * 10, (41_000 + (pulled % 50)).toFixed(1));
  }
  const client = new VenueClient({ tapes: { BTCUSDT: { name: "t.csv", lines: lines() } } });
  assert.equal(pulled, 0);
  client.wait(1000);
  assert.ok(pulled >= 99 && pulled <= 102, String(pulled));
  client.native("/v1/paper/clock/advance", { ms: 1_000_000 });
  assert.ok(pulled >= 99_000 && pulled <= 101_000, String(pulled));
  const shown = client.open("GET", "/fapi/v1/aggTrades", { symbol: "BTCUSDT", fromId: 1, limit: 1000 }).json;
  assert.equal(shown.length, 1000);
});

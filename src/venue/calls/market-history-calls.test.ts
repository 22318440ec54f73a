/** Public reads of history on the wire: what was traded is what is read, page by page, and funding as it stands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO, OPENED_AT, VenueClient } from "../../../test/venue-client.ts";
import { KLINE_INTERVALS } from "../../protocol/market/stream-names.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const SYMBOL = { symbol: "BTCUSDT" };

/** A venue whose market has ticked for so long. */
function traded(ms: number): VenueClient {
  const client = new VenueClient({ marketMaker: {} });
  client.wait(ms);
  return client;
}

test("aggTrades reads pages by id, by time from either end, and refuses what contradicts itself", () => {
  const client = traded(30 * SECOND + 500);
  const read = (query: object) => client.open("GET", "/fapi/v1/aggTrades", { ...SYMBOL, ...query }).json;
  const all = read({});
  assert.equal(all.length, 31);
  const ids = all.map(({ a }) => Number(a));
  assert.deepEqual(
    ids,
    ids.map((_, i) => Number(ids[0]) + i),
  );
  assert.deepEqual(read({ limit: 3 }), all.slice(-3));
  assert.deepEqual(read({ fromId: ids[5], limit: 4 }), all.slice(5, 9));
  const at = (i: number) => Number(all[i]?.T);
  assert.deepEqual(read({ startTime: at(10), limit: 5 }), all.slice(10, 15));
  assert.deepEqual(read({ endTime: at(10), limit: 5 }), all.slice(6, 11));
  assert.deepEqual(read({ startTime: at(4), endTime: at(7) }), all.slice(4, 8));
  assert.equal(read({ startTime: 5, endTime: 4 }).code, -1023);
  assert.equal(read({ startTime: 0, endTime: 2 * 60 * MINUTE }).code, -1127);
  assert.equal(read({ fromId: 1, startTime: 4 }).code, -1128);
  assert.equal(read({ limit: 1001 }).code, -1130);
  assert.equal(client.open("GET", "/fapi/v1/aggTrades", { symbol: "XYZ" }).json.code, -1121);
});

test("trades shows the latest, with an account's own fill among them", () => {
  const client = traded(5 * SECOND);
  const placed = client.call("POST", "/fapi/v1/order", {
    ...SYMBOL,
    side: "SELL",
    type: "MARKET",
    quantity: "0.010",
    newOrderRespType: "RESULT",
  });
  assert.equal(placed.status, 200, placed.text);
  const [own] = client.call("GET", "/fapi/v1/userTrades", SYMBOL).json;
  const shown = client.open("GET", "/fapi/v1/trades", { ...SYMBOL, limit: 2 }).json;
  const { id, price, qty, time, isBuyerMaker } = shown.at(-1) ?? {};
  assert.deepEqual([id, price, qty, time, isBuyerMaker], [own?.id, own?.price, own?.qty, own?.time, true]);
  assert.equal(shown.length, 2);
});

test("historicalTrades shows the latest, or those from an id on, to whoever has an API key", () => {
  const client = traded(150 * SECOND);
  const read = (query: object) =>
    client.open("GET", "/fapi/v1/historicalTrades", { ...SYMBOL, ...query }, { apiKey: DEMO.apiKey }).json;
  const all = client.open("GET", "/fapi/v1/trades", SYMBOL).json;
  assert.deepEqual(read({}), all.slice(-100));
  assert.deepEqual(read({ limit: 3 }), all.slice(-3));
  assert.deepEqual(read({ fromId: all[5]?.id, limit: 4 }), all.slice(5, 9));
  assert.deepEqual(read({ fromId: 1, limit: 2 }), all.slice(0, 2));
  assert.deepEqual(read({ fromId: "9".repeat(18) }), []);
  assert.equal(read({ limit: 501 }).code, -1130);
  assert.equal(read({ symbol: "XYZ" }).code, -1121);
  const without = client.open("GET", "/fapi/v1/historicalTrades", SYMBOL);
  assert.deepEqual([without.status, without.json.code], [401, -2014]);
  const { headers } = client.open("GET", "/fapi/v1/historicalTrades", SYMBOL, { apiKey: "unknown" });
  assert.equal(headers["x-mbx-used-weight-1m"], "185");
});

test("fundingRate and fundingInfo share 500 requests in five minutes, take no weight and tell none", () => {
  const client = new VenueClient();
  for (let i = 0; i < 250; i++) {
    for (const path of ["/fapi/v1/fundingRate", "/fapi/v1/fundingInfo"]) {
      const { status, headers } = client.open("GET", path);
      assert.deepEqual([status, headers["x-mbx-used-weight-1m"]], [200, undefined]);
    }
  }
  const { status, json, headers } = client.open("GET", "/fapi/v1/fundingInfo");
  assert.deepEqual([status, json.code, headers["retry-after"]], [429, -1003, "300"]);
  const other = client.open("GET", "/fapi/v1/ping");
  assert.deepEqual([other.status, other.headers["x-mbx-used-weight-1m"]], [200, "1"]);
  client.wait(5 * MINUTE);
  assert.equal(client.open("GET", "/fapi/v1/fundingRate").status, 200);
});

for (const interval of KLINE_INTERVALS) {
  test(`klines of ${interval} are whole, follow each other, and add up to the trades`, () => {
    const client = traded(200 * SECOND);
    client.native("/v1/paper/clock/advance", { ms: 11 * 60 * MINUTE });
    const read = (query: object) => client.open("GET", "/fapi/v1/klines", { ...SYMBOL, interval, ...query }).json;
    const all = read({ limit: 1500 }) as unknown as (number & string)[][];
    for (const [i, candle] of all.entries()) {
      const [start = 0, open, high, low, close, , closeTime = 0, , count] = candle.map(Number);
      assert.equal(candle.length, 12);
      assert.ok(high !== undefined && low !== undefined && open !== undefined && close !== undefined);
      assert.ok(high >= Math.max(open, close) && low <= Math.min(open, close));
      assert.ok(count !== undefined && count >= 0);
      const next = all[i + 1];
      if (next !== undefined) assert.equal(Number(next[0]), closeTime + 1);
      else assert.ok(start <= client.now().wall + 11 * 60 * MINUTE && closeTime >= client.now().wall);
    }
    const trades = client.open("GET", "/fapi/v1/aggTrades", { ...SYMBOL, limit: 1000 }).json;
    const volume = (rows: readonly unknown[]) => rows.reduce<number>((sum, q) => sum + Number(q) * 1000, 0);
    assert.equal(Math.round(volume(all.map((k) => k[5]))), Math.round(volume(trades.map(({ q }) => q))));
    assert.deepEqual(read({ limit: 1 }), all.slice(-1));
    assert.deepEqual(read({ startTime: all[0]?.[0], limit: 1 }), all.slice(0, 1));
  });
}

test("klines begin where calendars say: weeks on Mondays, months on the first", () => {
  const client = traded(SECOND);
  const starts = ["1d", "1w", "1M"].map((interval) => {
    const rows = client.open("GET", "/fapi/v1/klines", { ...SYMBOL, interval }).json as unknown as number[][];
    return new Date(Number(rows[0]?.[0])).toISOString().slice(0, 10);
  });
  assert.equal(new Date(OPENED_AT).toISOString().slice(0, 10), "2026-07-01");
  assert.deepEqual(starts, ["2026-07-01", "2026-06-29", "2026-07-01"]);
  assert.equal(client.open("GET", "/fapi/v1/klines", { ...SYMBOL, interval: "2m" }).json.code, -1120);
});

test("the ticker of 24 hours says what the candles say, of one symbol or of all", () => {
  const client = traded(90 * SECOND);
  const { json } = client.open("GET", "/fapi/v1/ticker/24hr", SYMBOL);
  const [first, ...others] = client.open("GET", "/fapi/v1/klines", { ...SYMBOL, interval: "1m" })
    .json as unknown as string[][];
  assert.equal(json.openPrice, first?.[1]);
  assert.equal(json.lastPrice, others.at(-1)?.[4]);
  assert.equal(
    json.count,
    [first, ...others].reduce((sum, k) => sum + Number(k?.[8]), 0),
  );
  assert.equal(
    Number(json.highPrice),
    [first, ...others].reduce((high, k) => Math.max(high, Number(k?.[2])), 0),
  );
  assert.equal((Number(json.lastPrice) - Number(json.openPrice)).toFixed(2), json.priceChange);
  assert.equal(client.open("GET", "/fapi/v1/ticker/24hr").json.length, 4);
});

test("funding is due at the next third of the day, at a rate near the interest, and has no history yet", () => {
  const client = traded(90 * SECOND);
  const mark = client.open("GET", "/fapi/v1/premiumIndex", SYMBOL).json;
  assert.equal(mark.nextFundingTime, OPENED_AT + 8 * 60 * MINUTE);
  assert.ok(Math.abs(Number(mark.lastFundingRate)) <= 0.02);
  const info = client.open("GET", "/fapi/v1/fundingInfo").json;
  assert.deepEqual(
    info.map(({ symbol, fundingIntervalHours }) => [symbol, fundingIntervalHours]),
    [
      ["BTCUSDT", 8],
      ["ETHUSDT", 8],
      ["BNBUSDT", 8],
      ["SOLUSDT", 8],
    ],
  );
  assert.deepEqual(client.open("GET", "/fapi/v1/fundingRate").json, []);
});

test("history is bounded: what is too old is gone, what is new is there", () => {
  const client = traded(SECOND);
  for (let i = 0; i < 4; i++) client.native("/v1/paper/clock/advance", { ms: 31 * 24 * 60 * MINUTE });
  const rows = client.open("GET", "/fapi/v1/klines", { ...SYMBOL, interval: "1m", limit: 1500 }).json;
  assert.equal(rows.length, 1500);
  const months = client.open("GET", "/fapi/v1/klines", { ...SYMBOL, interval: "1M" }).json as unknown as number[][];
  assert.deepEqual(
    months.map(([start]) => new Date(Number(start)).toISOString().slice(0, 7)),
    ["2026-07", "2026-08", "2026-09", "2026-10", "2026-11"],
  );
});

/** Market streams on the wire of the whole venue, in virtual time: routes, events, and the book told by its changes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Caller, OPENED_AT, VenueClient } from "../../../test/venue-client.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { Exchange } from "../exchange/exchange.ts";
import { MarketStreams } from "./market-streams.ts";
import { DEFAULT_SYMBOLS } from "./symbols.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const BOOK = "e E T s U u pu b a";
const TICKER = "e E s p P w c Q o h l v q O C F L n";
const MINI_TICKER = "e E s c o h l v q";
const MARK_PRICE = "e E s p i P r T";

/** Stream, the route it goes out on, its fields in the order of the wire, how often in 6 s of a tick a second. */
const STREAMS: readonly [name: string, route: "public" | "market", event: string, fields: string, count: number][] = [
  ["btcusdt@aggTrade", "market", "aggTrade", "e E s a p q nq f l T m", 6],
  ["btcusdt@trade", "public", "trade", "e E T s t p q X m", 6],
  ["btcusdt@bookTicker", "public", "bookTicker", "e u E T s b B a A", 6],
  ["!bookTicker", "public", "bookTicker", "e u E T s b B a A", 24],
  ["btcusdt@depth", "public", "depthUpdate", BOOK, 6],
  ["btcusdt@depth@100ms", "public", "depthUpdate", BOOK, 6],
  ["btcusdt@depth@500ms", "public", "depthUpdate", BOOK, 6],
  ["btcusdt@depth5", "public", "depthUpdate", BOOK, 6],
  ["btcusdt@depth10@100ms", "public", "depthUpdate", BOOK, 6],
  ["btcusdt@depth20@500ms", "public", "depthUpdate", BOOK, 6],
  ["btcusdt@markPrice", "market", "markPriceUpdate", MARK_PRICE, 2],
  ["btcusdt@markPrice@1s", "market", "markPriceUpdate", MARK_PRICE, 6],
  ["!markPrice@arr", "market", "markPriceUpdate", MARK_PRICE, 2],
  ["!markPrice@arr@1s", "market", "markPriceUpdate", MARK_PRICE, 6],
  ["btcusdt@kline_1m", "market", "kline", "e E s k", 6],
  ["btcusdt@kline_1M", "market", "kline", "e E s k", 6],
  ["btcusdt@ticker", "market", "24hrTicker", TICKER, 3],
  ["!ticker@arr", "market", "24hrTicker", TICKER, 6],
  ["btcusdt@miniTicker", "market", "24hrMiniTicker", MINI_TICKER, 3],
  ["!miniTicker@arr", "market", "24hrMiniTicker", MINI_TICKER, 6],
];

for (const [name, route, event, fields, count] of STREAMS) {
  test(`${name} is told on /${route} and on the unrouted form, nowhere else`, () => {
    const client = new VenueClient({ marketMaker: {} });
    const own = [`/${route}/ws/${name}`, `/ws/${name}`].map((url) => client.socket(url));
    const combined = client.socket(`/${route}/stream?streams=${name}`);
    const others = ["public", "market", "private"].filter((other) => other !== route);
    const foreign = others.map((other) => client.socket(`/${other}/ws/${name}`));
    client.wait(6 * SECOND + 600);
    const [frames = [], unrouted] = own.map((session) => client.heard(session));
    assert.equal(frames.length, count);
    assert.deepEqual(unrouted, frames);
    assert.deepEqual(
      client.heard(combined),
      frames.map((text) => `{"stream":"${name}","data":${text}}`),
    );
    for (const text of frames) {
      const parsed = JSON.parse(text);
      assert.equal(Array.isArray(parsed), name.includes("@arr"));
      for (const one of [parsed].flat()) {
        assert.equal(one.e, event);
        assert.equal(Object.keys(one).join(" "), fields);
      }
    }
    for (const session of foreign) assert.deepEqual(client.heard(session), []);
  });
}

test("as in production, unrouted sockets hear the streams of /public and nothing else", () => {
  const client = new VenueClient({ marketMaker: {}, legacyUrls: "silent" });
  const session = client.socket("/ws/btcusdt@depth/btcusdt@aggTrade/btcusdt@markPrice@1s");
  client.wait(3 * SECOND);
  const names = new Set(client.heard(session).map((text) => JSON.parse(text).e));
  assert.deepEqual([...names], ["depthUpdate"]);
});

test("a name is heard from SUBSCRIBE to UNSUBSCRIBE; names of nothing are listened to in silence", () => {
  const client = new VenueClient({ marketMaker: {} });
  const session = client.socket("/market/ws");
  const nothing = ["BTCUSDT@aggTrade", "dogeusdt@aggTrade", "btcusdt@kline_2m", "btcusdt@depth7", "!other@arr"];
  const params = ["btcusdt@aggTrade", ...nothing];
  assert.deepEqual(client.say(session, { method: "SUBSCRIBE", params, id: 1 }), ['{"result":null,"id":1}']);
  client.wait(2 * SECOND + 100);
  assert.deepEqual(client.eventsHeard(session), ["aggTrade", "aggTrade"]);
  client.say(session, { method: "UNSUBSCRIBE", params: ["btcusdt@aggTrade"], id: 2 });
  client.wait(2 * SECOND);
  assert.deepEqual(client.heard(session), []);
});

test("a stream that nobody listens to is not worked out", () => {
  const exchange = new Exchange({ symbols: DEFAULT_SYMBOLS, seed: 1, now: OPENED_AT as TransactMs });
  const told: string[] = [];
  const streams = new MarketStreams({ markets: exchange.shownMarkets, publish: (name) => void told.push(name) });
  const at = (ms: number) => (OPENED_AT + ms) as TransactMs;
  streams.open("btcusdt@depth", at(0));
  streams.open("nonsense@depth", at(0));
  assert.equal(streams.count, 1);
  streams.close("btcusdt@depth");
  streams.close("nonsense@depth");
  assert.equal(streams.count, 0);
  for (let ms = 0; ms < 5000; ms += 250) {
    exchange.due(at(ms));
    streams.poll(at(ms));
    assert.equal(streams.nextDeadline(), undefined);
  }
  assert.deepEqual(told, []);
});

test("fills of one price and side within 100 ms are one aggTrade, told when it is over; trade tells each", () => {
  const client = new VenueClient();
  const sums = client.socket("/market/ws/btcusdt@aggTrade");
  const singles = client.socket("/public/ws/btcusdt@trade");
  const buy = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.001" };
  for (const side of ["BUY", "BUY", "SELL", "BUY"]) {
    client.call("POST", "/fapi/v1/order", { ...buy, side });
    client.wait(40);
  }
  client.wait(200);
  const trades = client.heard(singles).map((text) => JSON.parse(text));
  assert.deepEqual(
    trades.map(({ q, m }) => [q, m]),
    [
      ["0.001", false],
      ["0.001", false],
      ["0.001", true],
      ["0.001", false],
    ],
  );
  const told = client.heard(sums).map((text) => JSON.parse(text));
  assert.deepEqual(
    told.map(({ q, f, l, m, T, a }) => [q, l - f + 1, m, T - OPENED_AT, a - told[0].a]),
    [
      ["0.002", 2, false, 40, 0],
      ["0.001", 1, true, 80, 1],
      ["0.001", 1, false, 120, 2],
    ],
  );
});

test("a candle is told as it changes, and once more when its minute is over, a quiet one too", () => {
  const client = new VenueClient({ marketMaker: "none" });
  const session = client.socket("/market/ws/btcusdt@kline_1m");
  trade(client, "86000.0", "0.002");
  client.wait(50);
  trade(client, "86100.0", "0.001");
  client.wait(2 * MINUTE);
  const candles = client.heard(session).map((text) => JSON.parse(text).k);
  assert.deepEqual(
    candles.map(({ t, o, h, l, c, v, n, x }) => [(t - OPENED_AT) / MINUTE, o, h, l, c, v, n, x]),
    [
      [0, "86000.00", "86000.00", "86000.00", "86000.00", "0.002", 1, false],
      [0, "86000.00", "86100.00", "86000.00", "86100.00", "0.003", 2, false],
      [0, "86000.00", "86100.00", "86000.00", "86100.00", "0.003", 2, true],
      [1, "86100.00", "86100.00", "86100.00", "86100.00", "0.000", 0, true],
    ],
  );
});

test("a day's jump tells every candle that ended, in order, and takes no more steps than a jump may", () => {
  const client = new VenueClient({ marketMaker: {} });
  const session = client.socket("/market/ws/btcusdt@kline_1h/btcusdt@markPrice@1s");
  client.native("/v1/paper/clock/advance", { ms: 23 * 60 * MINUTE });
  const told = client.heard(session).map((text) => JSON.parse(text));
  const ended = told.filter(({ k }) => k?.x === true).map(({ k }) => (k.t - OPENED_AT) / MINUTE / 60);
  assert.deepEqual(ended, [...Array(23).keys()]);
  const marks = told.filter(({ e }) => e === "markPriceUpdate").length;
  assert.ok(marks > 100 && marks <= 301, String(marks));
});

/** Two accounts trade at a price, on an empty book. */
function trade(client: VenueClient, price: string, quantity: string): void {
  const order = { symbol: "BTCUSDT", type: "LIMIT", timeInForce: "GTC", price, quantity };
  for (const side of ["SELL", "BUY"]) {
    const placed = client.call("POST", "/fapi/v1/order", { ...order, side, selfTradePreventionMode: "NONE" });
    assert.equal(placed.status, 200, placed.text);
  }
}

/** One thing that changes the book or lets time pass. */
type Act = (client: VenueClient, caller?: Caller) => void;

const PLACE = fc
  .record({
    side: fc.constantFrom("BUY", "SELL"),
    type: fc.constantFrom("LIMIT", "LIMIT", "LIMIT", "MARKET"),
    away: fc.integer({ min: -20, max: 20 }),
    thousandths: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ side, type, away, thousandths }): Act => {
    const limit = type === "LIMIT" ? { timeInForce: "GTC", price: (86_000 + away * 5).toFixed(1) } : {};
    const order = { symbol: "BTCUSDT", side, type, quantity: (thousandths / 1000).toFixed(3), ...limit };
    return (client) => void client.call("POST", "/fapi/v1/order", order);
  });

const CANCEL = fc.constant<Act>((client) => {
  client.call("DELETE", "/fapi/v1/allOpenOrders", { symbol: "BTCUSDT" });
});

const MOVE = fc.integer({ min: -40, max: 40 }).map((away): Act => {
  const price = (86_000 + away * 4).toFixed(1);
  return (client) => void client.native("/v1/paper/market/BTCUSDT", { price });
});

const WAIT = fc.integer({ min: 1, max: 1500 }).map(
  (ms): Act =>
    (client) =>
      client.wait(ms),
);

const SNAPSHOT = fc.constant<"snapshot">("snapshot");

for (const speed of ["", "@100ms", "@500ms"]) {
  test(`a book rebuilt by the documented rules from REST and depth${speed} is the venue's book`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(PLACE, PLACE, PLACE, CANCEL, MOVE, WAIT, WAIT, SNAPSHOT), { minLength: 5, maxLength: 60 }),
        fc.boolean(),
        (acts, hasMaker) => {
          const client = new VenueClient({ marketMaker: hasMaker ? { levels: 4 } : "none" });
          const session = client.socket(`/public/ws/btcusdt@depth${speed}`);
          const book = new RebuiltBook();
          for (const act of acts) {
            if (act === "snapshot") book.begin(bookOf(client));
            else act(client);
            for (const text of client.heard(session)) book.hear(JSON.parse(text));
            if (book.needsSnapshot) book.begin(bookOf(client));
          }
          // A client that begins while nothing happens is sure of its book with the next event.
          if (!book.isReady) book.begin(bookOf(client));
          client.native("/v1/paper/market/BTCUSDT", { price: "86000.0" });
          const bid = { side: "BUY", type: "LIMIT", timeInForce: "GTC", price: "85000.0", quantity: "0.003" };
          client.call("POST", "/fapi/v1/order", { symbol: "BTCUSDT", ...bid });
          for (let tries = 0; tries < 100; tries++) {
            client.wait(50);
            for (const text of client.heard(session)) book.hear(JSON.parse(text));
            if (book.needsSnapshot) book.begin(bookOf(client));
            const { lastUpdateId, bids, asks } = bookOf(client);
            if (!book.isReady || lastUpdateId !== book.updateId) continue;
            assert.deepEqual(book.levels(), { bids, asks });
            return;
          }
          assert.fail("the stream comes up with the book");
        },
      ),
      { numRuns: 60 },
    );
  });
}

interface Snapshot {
  readonly lastUpdateId: number;
  readonly bids: [string, string][];
  readonly asks: [string, string][];
}

interface Diff {
  readonly U: number;
  readonly u: number;
  readonly pu: number;
  readonly b: [string, string][];
  readonly a: [string, string][];
}

function bookOf(client: VenueClient): Snapshot {
  return client.open("GET", "/fapi/v1/depth", { symbol: "BTCUSDT", limit: 1000 }).json as unknown as Snapshot;
}

/** The documented way to keep a book: buffer, snapshot, drop what is older, go on as long as `pu` follows `u`. */
class RebuiltBook {
  lastUpdateId: number | undefined;
  isReady = false;
  needsSnapshot = false;
  #buffer: Diff[] = [];
  updateId = 0;
  #bids = new Map<string, string>();
  #asks = new Map<string, string>();

  begin(snapshot: Snapshot): void {
    this.lastUpdateId = snapshot.lastUpdateId;
    this.isReady = false;
    this.needsSnapshot = false;
    this.#bids = new Map(snapshot.bids);
    this.#asks = new Map(snapshot.asks);
    const buffered = this.#buffer;
    this.#buffer = [];
    for (const diff of buffered) this.hear(diff);
  }

  hear(diff: Diff): void {
    if (this.isReady) {
      assert.equal(diff.pu, this.updateId, "no event is missed");
      this.#apply(diff);
      return;
    }
    this.#buffer.push(diff);
    if (this.lastUpdateId === undefined || diff.u < this.lastUpdateId) return;
    this.needsSnapshot = diff.U > this.lastUpdateId;
    if (this.needsSnapshot) return;
    this.isReady = true;
    this.#buffer = [];
    this.#apply(diff);
  }

  levels(): { bids: [string, string][]; asks: [string, string][] } {
    const byPrice = ([a]: [string, string], [b]: [string, string]) => Number(a) - Number(b);
    return { bids: [...this.#bids].sort(byPrice).reverse(), asks: [...this.#asks].sort(byPrice) };
  }

  #apply({ u, b, a }: Diff): void {
    this.updateId = u;
    for (const [levels, changes] of [
      [this.#bids, b],
      [this.#asks, a],
    ] as const) {
      for (const [price, quantity] of changes) {
        if (Number(quantity) === 0) levels.delete(price);
        else levels.set(price, quantity);
      }
    }
  }
}

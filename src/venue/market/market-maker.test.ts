/** The market maker: quotes, walk, mark price, and what a jump of the clock costs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefused } from "../../face/refusal.ts";
import { fixed, trimmed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { Exchange } from "../exchange/exchange.ts";
import { CATCH_UP_TICKS_MAX } from "../exchange/floor.ts";
import type { MarketMakerSettings } from "./market-maker-settings.ts";
import { DEFAULT_SYMBOLS } from "./symbols.ts";

const OPENING = 1_763_000_000_000;
const at = (ms: number) => (OPENING + ms) as TransactMs;

function newExchange(marketMaker: Partial<MarketMakerSettings> = {}, seed = 7): Exchange {
  const exchange = new Exchange({ symbols: DEFAULT_SYMBOLS, seed, now: at(0), marketMaker });
  exchange.createAccount({ id: "alice", balances: { USDT: "1000000" } }, at(0));
  return exchange;
}

function limit(exchange: Exchange, side: string, price: string, ms: number) {
  const order = { symbol: "BTCUSDT", side, type: "LIMIT", timeInForce: "GTC", quantity: "0.1", price };
  const result = exchange.placeOrder("alice", order, at(ms));
  assert(!isRefused(result));
  return result.order;
}

test("both sides of every symbol are quoted from the start, one tick around the start price", () => {
  const exchange = newExchange({ levels: 7 });
  for (const { info, startPrice } of exchange.symbols()) {
    const depth = exchange.depth(info.symbol, 100);
    const market = exchange.market(info.symbol);
    assert(depth !== undefined && market?.bid !== undefined && market.ask !== undefined);
    assert.deepEqual([depth.bids.length, depth.asks.length], [7, 7]);
    assert.equal(market.bid.price + market.ask.price, 2n * fixed(startPrice));
    assert.equal(market.lastPrice, fixed(startPrice));
    assert.equal(market.markPrice, fixed(startPrice));
  }
});

test("quotes are real: a taker takes them, the next tick puts them up again, nobody hears of the other side", () => {
  const exchange = newExchange({ volatilityBps: 0 });
  const order = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "1" };
  const before = exchange.depth("BTCUSDT", 1)?.asks[0];
  const result = exchange.placeOrder("alice", order, at(1));
  assert(!isRefused(result));
  assert.equal(result.order.status, "FILLED");
  assert.notDeepEqual(exchange.depth("BTCUSDT", 1)?.asks[0], before);
  exchange.due(at(1000));
  assert.equal(exchange.depth("BTCUSDT", 1)?.asks[0]?.price, before?.price);
  assert.deepEqual(new Set(exchange.takeEvents().map(({ account }) => account)), new Set(["alice"]));
  assert.equal(exchange.auditMoney().discrepancy, 0n);
});

test("when the walk passes a user's order, it fills as maker at its own price", () => {
  const exchange = newExchange({ volatilityBps: 10 });
  const bid = limit(exchange, "BUY", "85950", 1);
  const ask = limit(exchange, "SELL", "86050", 1);
  exchange.takeEvents();
  for (let ms = 1000; ms < 3_600_000; ms += 1000) exchange.due(at(ms));
  const fills = exchange.takeEvents().flatMap(({ event }) => (event.e === "TRADE_LITE" ? [event] : []));
  assert.deepEqual(
    fills.map(({ i, m, L }) => [i, m, L]).sort(),
    [
      [bid.orderId, true, "85950.00"],
      [ask.orderId, true, "86050.00"],
    ].sort(),
  );
});

test("moveMarket: the market is quoted around the price at once, and last, index and mark price are it", () => {
  const exchange = newExchange();
  const result = exchange.moveMarket("BTCUSDT", { price: "70000" }, at(1));
  assert(!isRefused(result));
  const { market } = result;
  assert.deepEqual(
    [market.lastPrice, market.markPrice, market.indexPrice, market.bid?.price, market.ask?.price].map((price) =>
      trimmed(price ?? 0n),
    ),
    ["70000", "70000", "70000", "69999.9", "70000.1"],
  );
});

test("the mark price follows the middle of the book without jumping to it", () => {
  const exchange = newExchange({ volatilityBps: 0 });
  assert(!isRefused(exchange.moveMarket("BTCUSDT", { markPrice: "80000" }, at(1))));
  const marks = [1000, 2000, 3000, 60_000].map((ms) => {
    exchange.due(at(ms));
    return trimmed(exchange.market("BTCUSDT")?.markPrice ?? 0n);
  });
  assert.deepEqual(marks.slice(0, 3), ["80750", "81406.25", "81980.46875"]);
  assert(Number(marks[3]) > 85_990 && Number(marks[3]) < 86_000);
});

test("the walk stays within half and double of where the price was last put", () => {
  const exchange = newExchange({ volatilityBps: 1000 });
  for (let ms = 1000; ms < 2_000_000; ms += 1000) {
    exchange.due(at(ms));
    const index = exchange.market("BTCUSDT")?.indexPrice ?? 0n;
    assert(index >= fixed("43000") && index <= fixed("172000"));
  }
});

test("timers fire one by one, in time; a command first fires those due before it", () => {
  const exchange = newExchange();
  assert.deepEqual(exchange.nextDeadline(), { at: at(1000), why: "market maker BTCUSDT" });
  limit(exchange, "BUY", "80000", 2500);
  assert.equal(exchange.now, at(2500));
  assert.equal(exchange.nextDeadline()?.at, at(3000));
  assert.equal(exchange.market("BTCUSDT")?.lastTime, at(2000));
});

test("time does not go back: an earlier command is carried out at the latest time", () => {
  const exchange = newExchange();
  exchange.due(at(5000));
  assert.equal(limit(exchange, "BUY", "80000", 100).time, at(5000));
  exchange.due(at(0));
  assert.equal(exchange.now, at(5000));
});

test("a jump of a day takes a bounded number of ticks, in which the price walks as far as in a day", () => {
  const exchange = newExchange();
  const updateId = BigInt(exchange.market("BTCUSDT")?.updateId ?? 0);
  exchange.due(at(86_400_000));
  const changes = BigInt(exchange.market("BTCUSDT")?.updateId ?? 0) - updateId;
  assert(changes <= BigInt((CATCH_UP_TICKS_MAX + 1) * 2 * 40));
  assert.equal(exchange.now, at(86_400_000));
  assert((exchange.nextDeadline()?.at ?? 0) > at(86_400_000));
  const index = exchange.market("BTCUSDT")?.indexPrice ?? 0n;
  assert.notEqual(index, fixed("86000"));
});

test("without a market maker nothing happens by itself", () => {
  const exchange = new Exchange({ symbols: DEFAULT_SYMBOLS, seed: 1, now: at(0), marketMaker: "none" });
  assert.equal(exchange.nextDeadline(), undefined);
  exchange.due(at(86_400_000));
  assert.deepEqual(exchange.depth("BTCUSDT", 5)?.bids, []);
  assert.equal(trimmed(exchange.market("BTCUSDT")?.markPrice ?? 0n), "86000");
});

test("settings out of range are a UsageError", () => {
  for (const wrong of [{ tickMs: 50 }, { tickMs: 1000.5 }, { levels: 0 }, { volatilityBps: -1 }, { spacingBps: 2e9 }]) {
    assert.throws(() => newExchange(wrong), UsageError);
  }
  assert.throws(() => newExchange({ levelNotional: "0" }), UsageError);
  const twice = [...DEFAULT_SYMBOLS, ...DEFAULT_SYMBOLS];
  assert.throws(() => new Exchange({ symbols: twice, seed: 1, now: at(0) }), UsageError);
});

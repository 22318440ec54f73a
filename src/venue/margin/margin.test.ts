/** Margin rules, through the exchange's own reads, in amounts that a hand can follow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isRefused } from "../../face/refusal.ts";
import { abs, divide, fixed, ONE, trimmed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { Exchange } from "../exchange/exchange.ts";
import type { PositionView } from "../exchange/views.ts";
import { rulesOf } from "../market/symbol-listing.ts";
import { bracketFor, DEFAULT_SYMBOLS } from "../market/symbols.ts";

const NOW = 1_763_000_000_000 as TransactMs;

/** An exchange without a market maker, on which `alice` has `wallet` and `rich` provides the other side. */
function newExchange(wallet: string): Exchange {
  const exchange = new Exchange({
    symbols: DEFAULT_SYMBOLS,
    seed: 1,
    now: NOW,
    marketMaker: "none",
    feeRates: { maker: "0", taker: "0" },
  });
  exchange.createAccount({ id: "alice", balances: { USDT: wallet } }, NOW);
  exchange.createAccount({ id: "rich", balances: { USDT: "1000000000" } }, NOW);
  return exchange;
}

function place(exchange: Exchange, id: string, side: string, quantity: string, price: string, symbol = "ETHUSDT") {
  const order = { symbol, side, type: "LIMIT", timeInForce: "GTC", quantity, price };
  const result = exchange.placeOrder(id, order, NOW);
  assert(!isRefused(result), isRefused(result) ? result.msg : "");
}

/** Gives alice a position: positive is long. */
function position(exchange: Exchange, quantity: number, price: string, symbol = "ETHUSDT"): void {
  const size = String(Math.abs(quantity));
  place(exchange, "rich", quantity > 0 ? "SELL" : "BUY", size, price, symbol);
  place(exchange, "alice", quantity > 0 ? "BUY" : "SELL", size, price, symbol);
}

function mark(exchange: Exchange, markPrice: string, symbol = "ETHUSDT"): void {
  assert(!isRefused(exchange.moveMarket(symbol, { markPrice }, NOW)));
}

function shown(exchange: Exchange): string {
  const { total } = exchange.accountState("alice");
  const amounts = [
    total.positionInitialMargin,
    total.openOrderInitialMargin,
    total.maintMargin,
    total.availableBalance,
  ];
  return amounts.map(trimmed).join(" ");
}

/** What alice does, then position margin, open-order margin, maintenance margin, available balance. */
const TABLE: readonly (readonly [rule: string, act: (exchange: Exchange) => void, shown: string])[] = [
  ["nothing held, nothing needed", () => {}, "0 0 0 10000"],
  ["a resting buy holds its notional ÷ leverage", (x) => place(x, "alice", "BUY", "10", "2700"), "0 1350 0 8650"],
  ["a position holds its notional at mark ÷ leverage", (x) => position(x, 10, "2800"), "1400 0 112 8600"],
  [
    "unrealised loss is not available",
    (x) => {
      position(x, 10, "2800");
      mark(x, "2700");
    },
    "1350 0 108 7650",
  ],
  [
    "unrealised profit is available",
    (x) => {
      position(x, -10, "2800");
      mark(x, "2700");
    },
    "1350 0 108 9650",
  ],
  [
    "orders that only close hold nothing",
    (x) => {
      position(x, 10, "2800");
      place(x, "alice", "SELL", "10", "2900");
    },
    "1400 0 112 8600",
  ],
  [
    "orders that would turn the position hold what the turned one needs beyond it: (|28000 − 72500| − 28000) ÷ 20",
    (x) => {
      position(x, 10, "2800");
      place(x, "alice", "SELL", "25", "2900");
    },
    "1400 825 112 7775",
  ],
  [
    "of bids and asks only the worse counts",
    (x) => {
      place(x, "alice", "BUY", "10", "2700");
      place(x, "alice", "SELL", "10", "2900");
    },
    "0 1450 0 8550",
  ],
  [
    "symbols add up",
    (x) => {
      position(x, 10, "2800");
      place(x, "alice", "BUY", "0.1", "85000", "BTCUSDT");
    },
    "1400 425 112 8175",
  ],
  [
    "a higher leverage holds less, and maintenance stays",
    (x) => {
      position(x, 10, "2800");
      assert(!isRefused(x.changeLeverage("alice", "ETHUSDT", 100, NOW)));
    },
    "280 0 112 9720",
  ],
  [
    "available is never shown below 0",
    (x) => {
      position(x, 10, "2800");
      mark(x, "1850");
    },
    "925 0 74 0",
  ],
];

for (const [rule, act, expected] of TABLE) {
  test(`margin: ${rule}`, () => {
    const exchange = newExchange("10000");
    act(exchange);
    assert.equal(shown(exchange), expected);
  });
}

test("the formula of the liquidation price, by hand: (10000 − 0 + 0 + 0 − 70·2800) ÷ (70·0.004 − 70)", () => {
  const exchange = newExchange("10000");
  position(exchange, 70, "2800");
  const view = exchange.positions("alice").find(({ symbol }) => symbol === "ETHUSDT");
  assert.equal(trimmed(view?.liquidationPrice ?? 0n), trimmed(divide(186_000n * ONE * 1000n, 69_720n, "half-up")));
});

test("at its liquidation price a cross account has exactly the maintenance margin of all its positions", () => {
  const holding = fc.record({
    eth: fc.integer({ min: -600, max: 600 }).filter((quantity) => quantity !== 0),
    btc: fc.integer({ min: -8, max: 8 }),
    wallet: fc.integer({ min: 120_000, max: 300_000 }),
  });
  fc.assert(
    fc.property(holding, ({ eth, btc, wallet }) => {
      const exchange = newExchange(String(wallet));
      position(exchange, eth, "2800");
      if (btc !== 0) position(exchange, btc, "86000", "BTCUSDT");
      const view = exchange.positions("alice").find(({ symbol }) => symbol === "ETHUSDT");
      assert(view !== undefined);
      if (view.liquidationPrice === 0n) return assertUnreachable(exchange, view);
      mark(exchange, trimmed(view.liquidationPrice));
      const { total } = exchange.accountState("alice");
      const off = abs(total.marginBalance - total.maintMargin);
      // The price itself is rounded to eight places; a whole position multiplies that.
      assert(off <= abs(view.positionAmt) / ONE + 4n, `off by ${trimmed(off)}`);
    }),
    { numRuns: 200 },
  );
});

/** No positive price in reach of the listing's tiers liquidates it: near zero a long still has more than it needs. */
function assertUnreachable(exchange: Exchange, view: PositionView): void {
  assert(view.positionAmt > 0n, "a short has a liquidation price");
  mark(exchange, "0.00000001");
  const { total } = exchange.accountState("alice");
  assert(total.marginBalance >= total.maintMargin);
}

test("maintenance margin is notional × ratio − cum of the tier", () => {
  const exchange = newExchange("1000000");
  position(exchange, 1000, "2800");
  const [btc] = DEFAULT_SYMBOLS;
  assert(btc !== undefined);
  const tier = bracketFor(rulesOf(DEFAULT_SYMBOLS[1] ?? btc).brackets, fixed("2800000"));
  assert.equal(tier.bracket, 3);
  assert.equal(trimmed(exchange.accountState("alice").total.maintMargin), "16700");
});

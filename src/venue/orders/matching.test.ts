/**
 * Matching against a naive matcher: one list of orders, sorted anew for each trade. Both get the same random orders of
 * three rich accounts that may trade with themselves; trades, refusals and what rests must be the same.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isRefused } from "../../face/refusal.ts";
import { fixed, trimmed } from "../../kernel/decimal.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import { Exchange } from "../exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";

const NOW = 1_763_000_000_000 as TransactMs;
const ACCOUNTS = ["alice", "bob", "carol"];

interface NaiveOrder {
  readonly id: string;
  readonly side: string;
  readonly price: number;
  open: number;
}

/** Trades as `maker taker quantity@price`, in cents and thousandths. */
class NaiveMatcher {
  readonly trades: string[] = [];
  resting: NaiveOrder[] = [];

  /** Answers whether the order is taken at all. */
  place(taker: NaiveOrder, timeInForce: string): boolean {
    const makers = this.#makersFor(taker);
    const reachable = makers.reduce((sum, maker) => sum + maker.open, 0);
    if (timeInForce === "GTX" && reachable > 0) return false;
    if (timeInForce === "FOK" && reachable < taker.open) return false;
    for (const maker of makers) {
      const quantity = Math.min(taker.open, maker.open);
      if (quantity > 0) this.trades.push(`${maker.id} ${taker.id} ${quantity}@${maker.price}`);
      taker.open -= quantity;
      maker.open -= quantity;
    }
    if (timeInForce === "GTC" || timeInForce === "GTX") this.resting.push(taker);
    this.resting = this.resting.filter(({ open }) => open > 0);
    return true;
  }

  #makersFor(taker: NaiveOrder): NaiveOrder[] {
    const sign = taker.side === "BUY" ? 1 : -1;
    return this.resting
      .filter((maker) => maker.side !== taker.side && sign * (taker.price - maker.price) >= 0)
      .sort((a, b) => sign * (a.price - b.price));
  }
}

const COMMAND = fc.record({
  account: fc.nat(ACCOUNTS.length - 1),
  side: fc.constantFrom("BUY", "SELL"),
  timeInForce: fc.constantFrom("GTC", "GTC", "GTC", "IOC", "FOK", "GTX", "MARKET"),
  /** Cents around 2800. */
  offset: fc.integer({ min: -6, max: 6 }),
  quantity: fc.integer({ min: 10, max: 60 }),
  cancels: fc.option(fc.nat(), { nil: undefined, freq: 6 }),
});

test("orders trade by price, then time, at the resting price, as a naive matcher has it", () => {
  fc.assert(
    fc.property(fc.array(COMMAND, { maxLength: 80 }), (commands) => {
      const exchange = new Exchange({ symbols: DEFAULT_SYMBOLS, seed: 1, now: NOW, marketMaker: "none" });
      for (const id of ACCOUNTS) exchange.createAccount({ id, balances: { USDT: "1000000000" } }, NOW);
      const naive = new NaiveMatcher();
      const owners = new Map<string, string>();
      for (const [index, command] of commands.entries()) {
        const gone = command.cancels === undefined ? undefined : naive.resting[command.cancels % 97];
        if (gone !== undefined) {
          const account = owners.get(gone.id) ?? "";
          assert(!isRefused(exchange.cancelOrder(account, { symbol: "ETHUSDT", origClientOrderId: gone.id }, NOW)));
          naive.resting = naive.resting.filter((order) => order !== gone);
          continue;
        }
        const account = ACCOUNTS[command.account] ?? "";
        owners.set(`o${index}`, account);
        placeBoth(exchange, naive, account, `o${index}`, command);
      }
      assert.deepEqual(tradesOf(exchange), naive.trades);
      assert.deepEqual(restingOf(exchange), naive.resting.map(({ id, open }) => `${id} ${open}`).sort());
      assert.deepEqual(levelsOf(exchange), naiveLevels(naive));
    }),
    { numRuns: 250 },
  );
});

function placeBoth(
  exchange: Exchange,
  naive: NaiveMatcher,
  account: string,
  id: string,
  { side, timeInForce, offset, quantity }: { side: string; timeInForce: string; offset: number; quantity: number },
): void {
  const isMarket = timeInForce === "MARKET";
  const cents = 280_000 + offset;
  const result = exchange.placeOrder(
    account,
    {
      symbol: "ETHUSDT",
      side,
      type: isMarket ? "MARKET" : "LIMIT",
      timeInForce: isMarket ? undefined : timeInForce,
      quantity: `0.${String(quantity).padStart(3, "0")}`,
      price: isMarket ? undefined : `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`,
      newClientOrderId: id,
      selfTradePreventionMode: "NONE",
    },
    NOW,
  );
  const farthest = side === "BUY" ? Number.MAX_SAFE_INTEGER : 0;
  const order = { id, side, price: isMarket ? farthest : cents, open: quantity };
  assert.equal(!isRefused(result), naive.place(order, isMarket ? "IOC" : timeInForce));
}

function tradesOf(exchange: Exchange): string[] {
  const sides = new Map<Id64, { maker: string; taker: string; what: string }>();
  for (const { account, event } of exchange.takeEvents()) {
    if (event.e !== "TRADE_LITE") continue;
    const trade = sides.get(event.t) ?? { maker: "", taker: "", what: "" };
    trade[event.m ? "maker" : "taker"] = event.c;
    trade.what = `${thousandths(fixed(event.l))}@${fixed(event.L) / 1_000_000n}`;
    sides.set(event.t, trade);
    assert(ACCOUNTS.includes(account));
  }
  return [...sides.values()].map(({ maker, taker, what }) => `${maker} ${taker} ${what}`);
}

function thousandths(quantity: bigint): bigint {
  return quantity / 100_000n;
}

function restingOf(exchange: Exchange): string[] {
  return ACCOUNTS.flatMap((account) => {
    const open = exchange.openOrders(account);
    assert(!isRefused(open));
    return open.map((order) => `${order.clientOrderId} ${thousandths(order.origQty - order.executedQty)}`);
  }).sort();
}

function levelsOf(exchange: Exchange): string[] {
  const depth = exchange.depth("ETHUSDT", 1000);
  assert(depth !== undefined);
  return [...depth.bids, ...depth.asks].map(({ price, qty }) => `${trimmed(price)} ${thousandths(qty)}`);
}

function naiveLevels(naive: NaiveMatcher): string[] {
  const lines: string[] = [];
  for (const [side, sign] of [
    ["BUY", -1],
    ["SELL", 1],
  ] as const) {
    const orders = naive.resting.filter((order) => order.side === side);
    const prices = [...new Set(orders.map(({ price }) => price))].sort((a, b) => sign * (a - b));
    for (const price of prices) {
      const open = orders.reduce((sum, order) => sum + (order.price === price ? order.open : 0), 0);
      lines.push(`${trimmed(BigInt(price) * 1_000_000n)} ${open}`);
    }
  }
  return lines;
}

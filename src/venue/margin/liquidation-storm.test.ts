/**
 * A crash in steps, as one comes: margin calls, liquidations that pay into the insurance fund, a gap that empties it,
 * and from then on the winners give up their positions. The money is counted after every step.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefused } from "../../face/refusal.ts";
import { fixed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { KnownEvent } from "../../protocol/user-data-event.ts";
import { Exchange } from "../exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";

const OPENING = 1_763_000_000_000;
const LONGS = 120;
/** ETH each of them holds, at 2800: 2800 USDT of notional for every one. */
const QUANTITY = "1.000";
const FUND = "1000";

/** Mark prices: down so slowly that each falls in time, and somebody buys; then through a gap, where nobody does. */
const SLOWLY = Array.from({ length: 34 }, (_, step) => 2765 - step * 5);
const CRASH = [...SLOWLY, 2500, 2450, 2350, 2200];

test("a crash in steps: calls, liquidations, an empty fund, deleveraging; the money is right after every step", () => {
  const exchange = crowded();
  const firsts: string[] = [];
  const funds: bigint[] = [];
  let now = OPENING;
  for (const price of CRASH) {
    now += 60_000;
    exchange.cancelAllOrders("buyer", "ETHUSDT", now as TransactMs);
    if (SLOWLY.includes(price)) bid(exchange, "buyer", String(price), now as TransactMs);
    assert(!isRefused(exchange.moveMarket("ETHUSDT", { markPrice: String(price) }, now as TransactMs)));
    const { discrepancy, insurance } = exchange.auditMoney();
    assert.equal(discrepancy, 0n, `at ${price}`);
    assert(insurance >= 0n, "the fund owes nothing");
    funds.push(insurance);
    for (const { event } of exchange.takeEvents()) {
      const name = storyOf(event);
      if (name !== undefined && !firsts.includes(name)) firsts.push(name);
    }
  }
  for (const id of exchange.accountIds()) assert(exchange.accountState(id).total.walletBalance >= 0n, `${id} owes`);
  assert.deepEqual(firsts, ["called", "liquidated", "deleveraged"]);
  const begun = fixed(FUND) * 100_000_000n;
  assert(Math.max(...funds.map(Number)) > Number(begun), "liquidations in time pay into the fund");
  assert(Math.min(...funds.map(Number)) < Number(begun) / 10, `the gap empties it: ${funds.join(" ")}`);
  const longs = exchange.accountIds().filter((id) => id.startsWith("long"));
  const held = longs.map((id) => exchange.accountState(id).positions[1]?.positionAmt ?? 0n);
  assert(held.filter((amount) => amount > 0n).length < LONGS / 10, "next to no long is left");
});

function storyOf(event: KnownEvent): string | undefined {
  if (event.e === "MARGIN_CALL") return "called";
  if (event.e !== "ORDER_TRADE_UPDATE" || event.o.X !== "FILLED") return undefined;
  if (event.o.c.startsWith("autoclose-")) return "liquidated";
  return event.o.c === "adl_autoclose" ? "deleveraged" : undefined;
}

/** Longs with wallets from 3 % to 12 % of what they hold, against as many shorts who can bear it all. */
function crowded(): Exchange {
  const now = OPENING as TransactMs;
  const exchange = new Exchange({
    symbols: DEFAULT_SYMBOLS,
    seed: 5,
    now,
    marketMaker: "none",
    insuranceFund: { USDT: FUND },
  });
  for (let i = 0; i < LONGS; i++) {
    open(exchange, `long${i}`, "BUY", String(84 + i * 2.5), 50);
    open(exchange, `short${i}`, "SELL", "2800", 20);
  }
  exchange.createAccount({ id: "buyer", balances: { USDT: "1000000" } }, now);
  exchange.takeEvents();
  return exchange;
}

function bid(exchange: Exchange, id: string, price: string, now: TransactMs): void {
  const order = { symbol: "ETHUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "10.000", price };
  assert(!isRefused(exchange.placeOrder(id, order, now)));
}

function open(exchange: Exchange, id: string, side: "BUY" | "SELL", usdt: string, leverage: number): void {
  const now = OPENING as TransactMs;
  exchange.createAccount({ id, balances: { USDT: usdt } }, now);
  assert(!isRefused(exchange.changeLeverage(id, "ETHUSDT", leverage, now)));
  const order = { symbol: "ETHUSDT", side, type: "LIMIT", timeInForce: "GTC", quantity: QUANTITY, price: "2800" };
  const placed = exchange.placeOrder(id, order, now);
  assert(!isRefused(placed), isRefused(placed) ? `${id} ${placed.code} ${placed.msg}` : "");
}

/**
 * The laws of the exchange under random commands of all kinds, legal and not: nothing throws; money is conserved after
 * each command; what the events tell, added up by a client that knows nothing else, is what the reads show; no order is
 * both open and ended; no reduce-only order is larger than it may be; equal inputs give equal bytes.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { isRefused } from "../../face/refusal.ts";
import { abs, fixed, trimmed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { OrderUpdate } from "../../protocol/events/order-trade-update.ts";
import { encodeEvent, type KnownEvent } from "../../protocol/user-data-event.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";
import { Exchange } from "./exchange.ts";
import type { OrderView, PositionView } from "./views.ts";

const OPENING = 1_763_000_000_000;
const ACCOUNTS = ["alice", "bob", "carol"];
const SYMBOLS = ["ETHUSDT", "BTCUSDT"];
/** What the walk may do to a price is part of the randomness. */
const MAKER = { tickMs: 1000, levels: 5, volatilityBps: 20, levelNotional: "3000", spacingBps: 2 };

type Act = (exchange: Exchange, now: TransactMs) => void;

const ACCOUNT = fc.constantFrom(...ACCOUNTS);
const SYMBOL = fc.constantFrom(...SYMBOLS);

const PLACE = fc
  .record({
    account: ACCOUNT,
    symbol: SYMBOL,
    side: fc.constantFrom("BUY", "SELL"),
    kind: fc.constantFrom("GTC", "GTC", "GTC", "IOC", "FOK", "GTX", "MARKET"),
    /** Steps of a thousandth of the price away from where the market opened. */
    away: fc.integer({ min: -30, max: 30 }),
    notional: fc.integer({ min: 5, max: 30_000 }),
    reduceOnly: fc.option(fc.constantFrom("true", "true", "false", "maybe"), { nil: undefined, freq: 2 }),
    stp: fc.constantFrom(undefined, "NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "SOMETIMES"),
    clientId: fc.constantFrom(undefined, undefined, "one", "two", "three", "no good"),
  })
  .map((order): Act => {
    const start = order.symbol === "ETHUSDT" ? 2800 : 86_000;
    const price = start * (1 + order.away / 1000);
    const isMarket = order.kind === "MARKET";
    return (exchange, now) => {
      exchange.placeOrder(
        order.account,
        {
          symbol: order.symbol,
          side: order.side,
          type: isMarket ? "MARKET" : "LIMIT",
          timeInForce: isMarket ? undefined : order.kind,
          quantity: (order.notional / price).toFixed(3),
          price: isMarket ? undefined : price.toFixed(1),
          reduceOnly: order.reduceOnly,
          newClientOrderId: order.clientId,
          selfTradePreventionMode: order.stp,
        },
        now,
      );
    };
  });

/** A reduce-only order that fits the account's position at that moment, when it has one. */
const REDUCE = fc
  .record({
    account: ACCOUNT,
    symbol: SYMBOL,
    kind: fc.constantFrom("GTC", "GTC", "GTC", "GTX", "IOC", "FOK", "MARKET"),
    away: fc.integer({ min: -4, max: 25 }),
    percent: fc.integer({ min: 10, max: 150 }),
  })
  .map(({ account, symbol, kind, away, percent }): Act => {
    const isMarket = kind === "MARKET";
    return (exchange, now) => {
      const position = exchange.positions(account).find((entry) => entry.symbol === symbol);
      const last = exchange.market(symbol)?.lastPrice;
      if (position === undefined || last === undefined || position.positionAmt === 0n) return;
      const isLong = position.positionAmt > 0n;
      const tenths = (last * BigInt(1000 + (isLong ? away : -away))) / 10_000_000_000n;
      const quantity = ((abs(position.positionAmt) / 100_000n) * BigInt(percent)) / 100n;
      exchange.placeOrder(
        account,
        {
          symbol,
          side: isLong ? "SELL" : "BUY",
          type: isMarket ? "MARKET" : "LIMIT",
          timeInForce: isMarket ? undefined : kind,
          quantity: trimmed(quantity * 100_000n),
          price: isMarket ? undefined : trimmed(tenths * 10_000_000n),
          reduceOnly: "true",
        },
        now,
      );
    };
  });

const OTHER = fc.oneof(
  fc.record({ account: ACCOUNT, symbol: SYMBOL, id: fc.constantFrom("one", "two", "three") }).map(
    ({ account, symbol, id }): Act =>
      (exchange, now) => {
        exchange.cancelOrder(account, { symbol, origClientOrderId: id }, now);
      },
  ),
  fc.record({ account: ACCOUNT, symbol: SYMBOL, which: fc.nat() }).map(
    ({ account, symbol, which }): Act =>
      (exchange, now) => {
        const open = exchange.openOrders(account, symbol);
        assert(!isRefused(open));
        const order = open[which % Math.max(1, open.length)];
        if (order !== undefined) exchange.cancelOrder(account, { symbol, orderId: order.orderId }, now);
      },
  ),
  fc.record({ account: ACCOUNT, symbol: SYMBOL }).map(
    ({ account, symbol }): Act =>
      (exchange, now) => {
        exchange.cancelAllOrders(account, symbol, now);
      },
  ),
  fc.record({ account: ACCOUNT, symbol: SYMBOL, leverage: fc.integer({ min: 0, max: 130 }) }).map(
    ({ account, symbol, leverage }): Act =>
      (exchange, now) => {
        exchange.changeLeverage(account, symbol, leverage, now);
      },
  ),
  fc.record({ account: ACCOUNT, amount: fc.integer({ min: -500_000, max: 300_000 }) }).map(
    ({ account, amount }): Act =>
      (exchange, now) => {
        exchange.transfer(account, "USDT", (amount / 100).toFixed(2), now);
      },
  ),
  fc.record({ symbol: SYMBOL, away: fc.integer({ min: -30, max: 30 }), marks: fc.boolean() }).map(
    ({ symbol, away, marks }): Act =>
      (exchange, now) => {
        const price = ((symbol === "ETHUSDT" ? 2800 : 86_000) * (1 + away / 1000)).toFixed(1);
        exchange.moveMarket(symbol, marks ? { markPrice: price } : { price }, now);
      },
  ),
);

const COMMAND = fc.record({
  act: fc.oneof({ weight: 6, arbitrary: PLACE }, { weight: 3, arbitrary: REDUCE }, { weight: 2, arbitrary: OTHER }),
  waitMs: fc.constantFrom(0, 0, 1, 20, 700, 5000),
});

const WORLD = fc.record({
  seed: fc.nat(),
  hasMaker: fc.boolean(),
  commands: fc.array(COMMAND, { minLength: 1, maxLength: 70, size: "max" }),
});

test("all laws hold after each of thousands of random commands", () => {
  let commandCount = 0;
  const reasons = new Set<string | undefined>();
  fc.assert(
    fc.property(WORLD, ({ seed, hasMaker, commands }) => {
      const exchange = open(seed, hasMaker);
      const clients = new Map(ACCOUNTS.map((account) => [account, new NaiveClient()]));
      let now = OPENING;
      for (const { act, waitMs } of commands) {
        now += waitMs;
        act(exchange, now as TransactMs);
        for (const { account, event } of exchange.takeEvents()) {
          clients.get(account)?.hear(event);
          if (event.e === "ORDER_TRADE_UPDATE") reasons.add(event.o.er);
        }
        assert.equal(exchange.auditMoney().discrepancy, 0n, "money is conserved");
        for (const [account, client] of clients) client.compare(exchange, account);
        compareBook(exchange, hasMaker);
        commandCount++;
      }
    }),
    { numRuns: 250 },
  );
  assert(commandCount > 2000, `${commandCount} commands`);
  for (const reason of ["1", "2", "4", "9"]) assert(reasons.has(reason), `no order expired with reason ${reason}`);
});

test("equal inputs give equal bytes", () => {
  fc.assert(
    fc.property(WORLD, (world) => {
      assert.equal(hashOf(world), hashOf(world));
    }),
    { numRuns: 40 },
  );
});

test("another seed gives another market", () => {
  const prices = [1, 2].map((seed) => {
    const exchange = open(seed, true);
    exchange.due((OPENING + 60_000) as TransactMs);
    return exchange.market("BTCUSDT")?.indexPrice;
  });
  assert.notEqual(prices[0], prices[1]);
});

function open(seed: number, hasMaker: boolean): Exchange {
  const exchange = new Exchange({
    symbols: DEFAULT_SYMBOLS.filter(({ info }) => SYMBOLS.includes(info.symbol)),
    seed,
    now: OPENING as TransactMs,
    marketMaker: hasMaker ? MAKER : "none",
  });
  for (const id of ACCOUNTS) exchange.createAccount({ id, balances: { USDT: "5000" } }, OPENING as TransactMs);
  return exchange;
}

function hashOf({ seed, hasMaker, commands }: typeof WORLD extends fc.Arbitrary<infer W> ? W : never): string {
  const exchange = open(seed, hasMaker);
  const hash = createHash("sha256");
  let now = OPENING;
  for (const { act, waitMs } of commands) {
    now += waitMs;
    act(exchange, now as TransactMs);
    for (const { account, event } of exchange.takeEvents()) hash.update(`${account} ${encodeEvent(event)}\n`);
  }
  for (const account of ACCOUNTS) hash.update(JSON.stringify(exchange.accountState(account), bigintAsText));
  return hash.digest("hex");
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

const OPEN_STATUSES: readonly string[] = ["NEW", "PARTIALLY_FILLED"];

/** What a client that only hears events knows of one account. */
class NaiveClient {
  #wallet = "5000";
  readonly #positions = new Map<string, { pa: string; ep: string; cr: string }>();
  readonly #open = new Map<string, OrderUpdate>();
  readonly #ended = new Set<string>();
  readonly #trades = new Set<string>();
  /** Trades that TRADE_LITE told and ORDER_TRADE_UPDATE has not yet. */
  readonly #early = new Set<string>();

  hear(event: KnownEvent): void {
    if (event.e === "ORDER_TRADE_UPDATE") this.#hearOrder(event.o);
    if (event.e === "TRADE_LITE") this.#early.add(`${event.s} ${event.t} ${event.i}`);
    if (event.e !== "ACCOUNT_UPDATE") return;
    for (const balance of event.a.B) this.#wallet = balance.wb;
    for (const { s, pa, ep, cr } of event.a.P) this.#positions.set(s, { pa, ep, cr });
  }

  #hearOrder(o: OrderUpdate): void {
    const key = `${o.s} ${o.i}`;
    assert(!this.#ended.has(key), "an ended order is never heard of again");
    const before = this.#open.get(key);
    assert.equal(before === undefined, o.x === "NEW", "NEW comes first and once");
    if (o.x === "TRADE") {
      const trade = `${o.s} ${o.t} ${o.i}`;
      assert(this.#early.delete(trade), "TRADE_LITE goes ahead of TRADE");
      assert(!this.#trades.has(trade), "each fill is told once");
      this.#trades.add(trade);
      assert.equal(fixed(o.z), fixed(before?.z ?? "0") + fixed(o.l));
    } else {
      assert.equal(fixed(o.z), fixed(before?.z ?? "0"));
    }
    assert.equal(o.X === "FILLED", o.z === o.q);
    assert.equal(o.er !== "0", o.x === "EXPIRED");
    if (OPEN_STATUSES.includes(o.X)) {
      this.#open.set(key, o);
    } else {
      this.#open.delete(key);
      this.#ended.add(key);
    }
  }

  compare(exchange: Exchange, account: string): void {
    assert.equal(this.#early.size, 0);
    const state = exchange.accountState(account);
    assert.equal(trimmed(state.total.walletBalance), this.#wallet);
    const open = exchange.openOrders(account);
    assert(!isRefused(open));
    assert.deepEqual(new Set(open.map(({ symbol, orderId }) => `${symbol} ${orderId}`)), new Set(this.#open.keys()));
    for (const order of open) this.#compareOrder(order);
    for (const position of state.positions) this.#comparePosition(position, open);
  }

  #compareOrder(order: OrderView): void {
    const told = this.#open.get(`${order.symbol} ${order.orderId}`);
    assert(OPEN_STATUSES.includes(order.status));
    assert.deepEqual(
      [told?.X, told?.z, told?.q, told?.p, told?.ap],
      [order.status, ...[order.executedQty, order.origQty, order.price, order.avgPrice].map(trimmed)],
    );
  }

  #comparePosition(position: PositionView, open: readonly OrderView[]): void {
    const told = this.#positions.get(position.symbol) ?? { pa: "0", ep: "0" };
    assert.deepEqual([told.pa, told.ep], [trimmed(position.positionAmt), trimmed(position.entryPrice)]);
    const own = open.filter(({ symbol }) => symbol === position.symbol);
    for (const [side, notional] of [
      ["BUY", position.bidNotional],
      ["SELL", position.askNotional],
    ] as const) {
      const orders = own.filter((order) => order.side === side);
      const sum = orders.reduce(
        (total, { price, origQty, executedQty }) => total + price * (origQty - executedQty),
        0n,
      );
      assert.equal(notional * 100_000_000n, sum, "the sums of open orders are those of the open orders");
    }
    this.#compareReduceOnly(position, own);
  }

  /** Each reduce-only order reduces, and none is there that its betters leave nothing to do. */
  #compareReduceOnly({ positionAmt }: PositionView, own: readonly OrderView[]): void {
    const resting = own.filter(({ reduceOnly }) => reduceOnly);
    for (const order of resting) {
      assert.equal(order.side, positionAmt > 0n ? "SELL" : "BUY");
      assert.notEqual(positionAmt, 0n);
      const sign = order.side === "SELL" ? 1n : -1n;
      const betters = resting.filter(
        (other) =>
          sign * (other.price - order.price) < 0n ||
          (other.price === order.price && BigInt(other.orderId) < BigInt(order.orderId)),
      );
      const covered = betters.reduce((total, { origQty, executedQty }) => total + origQty - executedQty, 0n);
      assert(covered < abs(positionAmt));
    }
  }
}

/** The book never crosses; without a market maker it is exactly the users' open orders. */
function compareBook(exchange: Exchange, hasMaker: boolean): void {
  for (const symbol of SYMBOLS) {
    const depth = exchange.depth(symbol, 10_000);
    assert(depth !== undefined);
    const [bid] = depth.bids;
    const [ask] = depth.asks;
    assert(bid === undefined || ask === undefined || bid.price < ask.price, "the book does not cross");
    if (hasMaker) continue;
    const levels = new Map<string, bigint>();
    for (const account of ACCOUNTS) {
      const open = exchange.openOrders(account, symbol);
      assert(!isRefused(open));
      for (const { side, price, origQty, executedQty } of open) {
        const key = `${side} ${price}`;
        levels.set(key, (levels.get(key) ?? 0n) + origQty - executedQty);
      }
    }
    const shown = [
      ...depth.bids.map(({ price, qty }) => [`BUY ${price}`, qty] as const),
      ...depth.asks.map(({ price, qty }) => [`SELL ${price}`, qty] as const),
    ];
    assert.deepEqual(new Map(shown), levels);
  }
}

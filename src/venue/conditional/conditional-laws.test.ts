/**
 * Amending and conditional orders under random commands, legal and not: nothing throws; money is conserved; a client
 * that only hears events knows which orders are open and which wait; each conditional order tells its story in order;
 * equal inputs give equal bytes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isRefused } from "../../face/refusal.ts";
import { trimmed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { AlgoOrderUpdate } from "../../protocol/events/algo-update.ts";
import type { OrderUpdate } from "../../protocol/events/order-trade-update.ts";
import { encodeEvent, type KnownEvent } from "../../protocol/user-data-event.ts";
import { Exchange } from "../exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";

const OPENING = 1_763_000_000_000;
const ACCOUNTS = ["alice", "bob"];
const SYMBOL = "ETHUSDT";
const START = 2800;
const MAKER = { tickMs: 1000, levels: 4, volatilityBps: 20, levelNotional: "3000", spacingBps: 2 };

type Act = (exchange: Exchange, now: TransactMs) => void;

const ACCOUNT = fc.constantFrom(...ACCOUNTS);
const SIDE = fc.constantFrom("BUY", "SELL");
/** Thousandths of the price away from where the market opened. */
const AWAY = fc.integer({ min: -25, max: 25 });
const QUANTITY = fc.constantFrom("0.005", "0.05", "0.4", "2");
const MATCH = fc.constantFrom(undefined, undefined, undefined, "QUEUE", "OPPONENT", "OPPONENT_5", "QUEUE_10");

function at(away: number): string {
  return (START * (1 + away / 1000)).toFixed(1);
}

const PLACE = fc
  .record({
    account: ACCOUNT,
    side: SIDE,
    quantity: QUANTITY,
    away: AWAY,
    priceMatch: MATCH,
    timeInForce: fc.constantFrom("GTC", "GTC", "GTX", "GTD", "IOC"),
    reduceOnly: fc.constantFrom(undefined, undefined, "true"),
    isMarket: fc.nat({ max: 4 }).map((n) => n === 0),
  })
  .map(({ account, away, priceMatch, isMarket, timeInForce, ...terms }): Act => {
    const limit = {
      timeInForce,
      ...(timeInForce === "GTD" ? { goodTillDate: String(OPENING + 3_600_000) } : {}),
      ...(priceMatch === undefined ? { price: at(away) } : { priceMatch }),
    };
    const kind = isMarket ? { type: "MARKET" } : { type: "LIMIT", ...limit };
    return (exchange, now) => void exchange.placeOrder(account, { symbol: SYMBOL, ...terms, ...kind }, now);
  });

const AMEND = fc
  .record({ account: ACCOUNT, which: fc.nat(), quantity: QUANTITY, away: AWAY, priceMatch: MATCH })
  .map(({ account, which, quantity, away, priceMatch }): Act => {
    return (exchange, now) => {
      const open = exchange.openOrders(account, SYMBOL);
      assert(!isRefused(open));
      const order = open[which % Math.max(1, open.length)];
      if (order === undefined) return;
      const { orderId, side } = order;
      const price = priceMatch === undefined ? at(away) : undefined;
      exchange.amendOrder(account, { symbol: SYMBOL, orderId, side, quantity, price, priceMatch }, now);
    };
  });

const CONDITIONAL = fc
  .record({
    account: ACCOUNT,
    side: SIDE,
    quantity: QUANTITY,
    type: fc.constantFrom("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"),
    away: AWAY,
    timeInForce: fc.constantFrom("GTC", "GTC", "GTE_GTC", "IOC", "GTD"),
    workingType: fc.constantFrom("CONTRACT_PRICE", "MARK_PRICE"),
    priceProtect: fc.constantFrom("true", "false"),
    closes: fc.boolean(),
    reduceOnly: fc.constantFrom(undefined, "true"),
  })
  .map(({ account, away, type, closes, quantity, reduceOnly, timeInForce, ...terms }): Act => {
    const isLimit = type === "STOP" || type === "TAKE_PROFIT";
    const isTrailing = type === "TRAILING_STOP_MARKET";
    const request = {
      algoType: "CONDITIONAL",
      symbol: SYMBOL,
      type,
      ...terms,
      timeInForce,
      goodTillDate: timeInForce === "GTD" ? String(OPENING + 3_000_000) : undefined,
      ...(closes && !isLimit && !isTrailing ? { closePosition: "true" } : { quantity, reduceOnly }),
      ...(isTrailing ? { callbackRate: "0.3", activatePrice: away % 2 === 0 ? at(away) : undefined } : {}),
      ...(isTrailing ? {} : { triggerPrice: at(away) }),
      ...(isLimit ? { price: at(away + 1) } : {}),
    };
    return (exchange, now) => void exchange.placeConditional(account, request, now);
  });

const OTHER = fc.oneof(
  fc.record({ account: ACCOUNT, which: fc.nat() }).map(({ account, which }): Act => {
    return (exchange, now) => {
      const waiting = exchange.waitingConditionals(account, {});
      assert(!isRefused(waiting));
      const order = waiting[which % Math.max(1, waiting.length)];
      if (order !== undefined) exchange.cancelConditional(account, { algoId: order.algoId }, now);
    };
  }),
  ACCOUNT.map(
    (account): Act =>
      (exchange, now) =>
        void exchange.cancelAllConditionals(account, SYMBOL, now),
  ),
  ACCOUNT.map(
    (account): Act =>
      (exchange, now) =>
        void exchange.countDown(account, SYMBOL, 5000, now),
  ),
  AWAY.map(
    (away): Act =>
      (exchange, now) =>
        void exchange.moveMarket(SYMBOL, { markPrice: at(away) }, now),
  ),
);

const MOVE = AWAY.map(
  (away): Act =>
    (exchange, now) =>
      void exchange.moveMarket(SYMBOL, { price: at(away) }, now),
);

const COMMAND = fc.record({
  act: fc.oneof(
    { weight: 4, arbitrary: PLACE },
    { weight: 3, arbitrary: AMEND },
    { weight: 5, arbitrary: CONDITIONAL },
    { weight: 3, arbitrary: MOVE },
    { weight: 1, arbitrary: OTHER },
  ),
  waitMs: fc.constantFrom(0, 0, 1, 700, 5000, 700_000),
});

const WORLD = fc.record({
  seed: fc.nat(),
  hasMaker: fc.boolean(),
  isLegacy: fc.boolean(),
  commands: fc.array(COMMAND, { minLength: 1, maxLength: 60, size: "max" }),
});

test("amending and conditional orders keep the laws of the exchange", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(WORLD, (world) => {
      const listeners = new Map(ACCOUNTS.map((account) => [account, new Listener()]));
      run(world, (exchange, events) => {
        for (const { account, event } of events) listeners.get(account)?.hear(event, seen);
        assert.equal(exchange.auditMoney().discrepancy, 0n, "money is conserved");
        for (const [account, listener] of listeners) listener.compare(exchange, account);
      });
    }),
    { numRuns: 150 },
  );
  for (const word of ["CANCELED", "EXPIRED", "FINISHED", "REJECTED", "AMENDMENT"]) {
    assert(seen.has(word), `${word} was never told`);
  }
});

test("equal inputs give equal bytes, triggers included", () => {
  fc.assert(
    fc.property(WORLD, (world) => {
      const [once, twice] = [1, 2].map(() => {
        const lines: string[] = [];
        run(world, (_, events) => {
          for (const { account, event } of events) lines.push(`${account} ${encodeEvent(event)}`);
        });
        return lines;
      });
      assert.deepEqual(once, twice);
    }),
    { numRuns: 30 },
  );
});

function run(
  { seed, hasMaker, isLegacy, commands }: typeof WORLD extends fc.Arbitrary<infer W> ? W : never,
  after: (exchange: Exchange, events: ReturnType<Exchange["takeEvents"]>) => void,
): void {
  const exchange = new Exchange({
    symbols: DEFAULT_SYMBOLS.filter(({ info }) => info.symbol === SYMBOL),
    seed,
    now: OPENING as TransactMs,
    marketMaker: hasMaker ? MAKER : "none",
    triggerRejections: isLegacy ? "legacy" : "algo-update",
  });
  for (const id of ACCOUNTS) exchange.createAccount({ id, balances: { USDT: "2000" } }, OPENING as TransactMs);
  let now = OPENING;
  for (const { act, waitMs } of commands) {
    now += waitMs;
    act(exchange, now as TransactMs);
    after(exchange, exchange.takeEvents());
  }
}

/** From which status a conditional order may come to which; `""` is before it was told of. */
const STEPS: ReadonlySet<string> = new Set([
  " NEW",
  "NEW NEW",
  "NEW CANCELED",
  "NEW EXPIRED",
  "NEW TRIGGERING",
  "TRIGGERING TRIGGERED",
  "TRIGGERING REJECTED",
  "TRIGGERED FINISHED",
]);

/** What one who only hears an account's events knows. */
class Listener {
  readonly #open = new Map<string, OrderUpdate>();
  readonly #orders = new Map<string, OrderUpdate>();
  readonly #algo = new Map<string, AlgoOrderUpdate>();

  hear(event: KnownEvent, seen: Set<string>): void {
    if (event.e === "ORDER_TRADE_UPDATE") this.#hearOrder(event.o, seen);
    if (event.e === "ALGO_UPDATE") this.#hearAlgo(event.o, seen);
  }

  #hearOrder(o: OrderUpdate, seen: Set<string>): void {
    seen.add(o.x);
    assert.equal(this.#open.has(o.i), o.x !== "NEW", "NEW comes first and once, and nothing after the end");
    if (o.st !== undefined && o.x === "NEW") {
      assert.deepEqual([this.#algo.get(String(o.si))?.X, o.ss], ["TRIGGERING", -1], "orders are born while triggering");
    }
    this.#orders.set(o.i, o);
    if (o.X === "NEW" || o.X === "PARTIALLY_FILLED") this.#open.set(o.i, o);
    else this.#open.delete(o.i);
  }

  #hearAlgo(o: AlgoOrderUpdate, seen: Set<string>): void {
    seen.add(o.X);
    const before = this.#algo.get(o.aid);
    assert(STEPS.has(`${before?.X ?? ""} ${o.X}`), `from ${before?.X} to ${o.X}`);
    if (before?.X === "NEW" && o.X === "NEW") assert.deepEqual([before.ia, o.ia], [false, true]);
    assert.equal(o.tt !== 0, o.X.startsWith("TRIGGER") || o.X === "FINISHED" || o.X === "REJECTED");
    assert.equal(o.rm !== undefined, o.X === "REJECTED");
    assert.equal(o.ai !== "", o.X === "TRIGGERED" || o.X === "FINISHED");
    if (o.X === "FINISHED") {
      const order = this.#orders.get(o.ai);
      assert(!this.#open.has(o.ai), "it finishes after its order");
      assert.deepEqual([o.ap, o.aq, o.act], [order?.ap, order?.z, order?.o]);
    }
    this.#algo.set(o.aid, o);
  }

  compare(exchange: Exchange, account: string): void {
    const open = exchange.openOrders(account);
    assert(!isRefused(open));
    assert.deepEqual(
      new Map(open.map(({ orderId, price, origQty }) => [orderId, [trimmed(price), trimmed(origQty)]])),
      new Map([...this.#open].map(([id, { p, q }]) => [id, [p, q]])),
    );
    const waiting = exchange.waitingConditionals(account, {});
    assert(!isRefused(waiting));
    const heard = [...this.#algo.values()].filter(({ X }) => X === "NEW").map(({ aid }) => aid);
    assert.deepEqual(
      waiting.map(({ algoId }) => algoId),
      heard,
    );
    for (const { X, ai } of this.#algo.values()) if (X === "TRIGGERED") assert(this.#open.has(ai));
  }
}

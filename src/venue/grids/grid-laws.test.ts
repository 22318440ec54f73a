/**
 * The laws of grids under random moves of the market, and takers who trade with them: money is conserved; at most as
 * many orders rest as there are grids, one at each price but one; what GRID_UPDATE tells is what the fills say, added
 * up by a client that knows nothing else; what ended stays ended; equal inputs give equal bytes.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { isRefused } from "../../face/refusal.ts";
import { fixed, ONE, trimmed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { GridUpdate } from "../../protocol/events/grid-update.ts";
import { encodeEvent, type KnownEvent } from "../../protocol/user-data-event.ts";
import { Exchange } from "../exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";
import type { GridRequest } from "./grid-views.ts";

const OPENING = 1_763_000_000_000;
const SYMBOL = "ETHUSDT";
const MAKER = { tickMs: 1000, levels: 3, volatilityBps: 40, levelNotional: "3000", spacingBps: 5 };

const GRID = fc.record({
  direction: fc.constantFrom("NEUTRAL", "NEUTRAL", "LONG", "SHORT"),
  gridType: fc.constantFrom("ARITH", "GEO"),
  gridCount: fc.integer({ min: 2, max: 12 }),
  lower: fc.integer({ min: 2500, max: 2790 }),
  width: fc.integer({ min: 20, max: 500 }),
  quantity: fc.integer({ min: 10, max: 400 }),
  cos: fc.boolean(),
  cps: fc.boolean(),
  hasStops: fc.boolean(),
});

type Act = (exchange: Exchange, id: number, now: TransactMs) => void;

const MARKET = fc.integer({ min: -120, max: 120 }).map((away): Act => {
  const price = (2800 * (1 + away / 1000)).toFixed(1);
  return (x, _id, now) => void x.moveMarket(SYMBOL, { price }, now);
});
const TAKER = fc
  .record({ side: fc.constantFrom("BUY", "SELL"), quantity: fc.integer({ min: 10, max: 900 }) })
  .map(({ side, quantity }): Act => {
    const order = { symbol: SYMBOL, side, type: "MARKET", quantity: (quantity / 1000).toFixed(3) };
    return (x, _id, now) => void x.placeOrder("taker", order, now);
  });
const RARE = fc.oneof(
  fc.constantFrom("0.001", "-0.002").map(
    (rate): Act =>
      (x, _id, now) =>
        void x.settleFunding(SYMBOL, rate, now),
  ),
  fc.constantFrom("adl" as const, "liquidation" as const).map(
    (what): Act =>
      (x, _id, now) =>
        void x.cause("owner", what, SYMBOL, now),
  ),
  fc.constant<Act>((x, _id, now) => void x.cancelAllOrders("owner", SYMBOL, now)),
  fc.constant<Act>((x, id, now) => {
    if (isRunning(x, id)) x.stopGrid(id, now);
  }),
  fc.boolean().map(
    (cps): Act =>
      (x, id, now) => {
        if (isRunning(x, id)) x.changeGrid(id, { cps }, now);
      },
  ),
);

const WORLD = fc.record({
  seed: fc.nat(),
  hasMaker: fc.boolean(),
  balance: fc.constantFrom("300", "20000", "20000", "20000"),
  grid: GRID,
  commands: fc.array(
    fc.record({
      act: fc.oneof({ weight: 12, arbitrary: MARKET }, { weight: 8, arbitrary: TAKER }, { weight: 1, arbitrary: RARE }),
      waitMs: fc.constantFrom(0, 0, 5, 1000, 5000),
    }),
    { minLength: 1, maxLength: 60, size: "max" },
  ),
});

type World = typeof WORLD extends fc.Arbitrary<infer W> ? W : never;

function isRunning(exchange: Exchange, id: number): boolean {
  const status = exchange.grid(id)?.strategyStatus;
  return status === "NEW" || status === "WORKING";
}

function open({ seed, hasMaker, balance }: World): Exchange {
  const now = OPENING as TransactMs;
  const symbols = DEFAULT_SYMBOLS.filter(({ info }) => info.symbol === SYMBOL);
  const exchange = new Exchange({ symbols, seed, now, marketMaker: hasMaker ? MAKER : "none" });
  exchange.createAccount({ id: "owner", balances: { USDT: balance } }, now);
  exchange.createAccount({ id: "taker", balances: { USDT: "1000000" } }, now);
  exchange.takeEvents();
  return exchange;
}

function requestOf({ grid: { lower, width, quantity, hasStops, ...wish } }: World): GridRequest {
  const stops = { stopLowerLimit: "2450", stopUpperLimit: "3400" };
  return {
    ...wish,
    symbol: SYMBOL,
    gridLowerLimit: String(lower),
    gridUpperLimit: String(lower + width),
    perGridQty: (quantity / 1000).toFixed(3),
    ...(hasStops ? stops : {}),
  };
}

/** Starts the grid, then carries out each command; `undefined` when the request itself is wrong. */
function run(world: World, check: (exchange: Exchange, id: number, events: readonly KnownEvent[]) => void): boolean {
  const exchange = open(world);
  const heard = () => exchange.takeEvents().flatMap(({ account, event }) => (account === "owner" ? [event] : []));
  let now = OPENING;
  let id: number;
  try {
    id = exchange.startGrid("owner", requestOf(world), now as TransactMs).strategyId;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    assert.deepEqual(heard(), [], "what is wrong pushes nothing");
    return false;
  }
  check(exchange, id, heard());
  for (const { act, waitMs } of world.commands) {
    now += waitMs;
    // First what the time brings, so that what follows knows whether the grid still runs.
    exchange.due(now as TransactMs);
    act(exchange, id, now as TransactMs);
    check(exchange, id, heard());
  }
  return true;
}

test("all laws of grids hold after each of thousands of random commands", () => {
  const seen = new Map<string, number>();
  let startedCount = 0;
  fc.assert(
    fc.property(WORLD, (world) => {
      const client = new NaiveClient();
      const wasStarted = run(world, (exchange, id, events) => {
        for (const event of events) client.hear(event);
        assert.equal(exchange.auditMoney().discrepancy, 0n, "money is conserved");
        client.compare(exchange, id);
      });
      if (wasStarted) startedCount++;
      for (const code of client.codes) seen.set(code, (seen.get(code) ?? 0) + 1);
    }),
    { numRuns: 150 },
  );
  assert(startedCount > 75, `most of them start, ${startedCount}`);
  for (const code of ["NEW 8007", "WORKING 8007", "CANCELLED 8002", "CANCELLED 8003", "EXPIRED 8005"]) {
    assert(seen.has(code), `no ${code} among ${[...seen.keys()].join(", ")}`);
  }
});

test("equal commands to a grid give equal bytes", () => {
  const hashOf = (world: World) => {
    const hash = createHash("sha256");
    run(world, (_exchange, _id, events) => {
      for (const event of events) hash.update(`${encodeEvent(event)}\n`);
    });
    return hash.digest("hex");
  };
  fc.assert(
    fc.property(WORLD, (world) => assert.equal(hashOf(world), hashOf(world))),
    { numRuns: 15 },
  );
});

/** What a client that only hears events knows of a grid. */
class NaiveClient {
  readonly codes: string[] = [];
  #status = "";
  #last: GridUpdate["gu"] | undefined;
  /** Fills of the grid's orders, told by GRID_UPDATE or not. */
  readonly #tradeIds = new Set<string>();
  #toldCount = 0;

  hear(event: KnownEvent): void {
    if (event.e === "STRATEGY_UPDATE") {
      assert(this.#status !== "CANCELLED" && this.#status !== "EXPIRED", "what has ended says nothing more");
      this.#status = event.su.ss;
      this.codes.push(`${event.su.ss} ${event.su.c}`);
    }
    if (event.e === "GRID_UPDATE") {
      assert.equal(event.gu.ss, this.#status);
      this.#last = event.gu;
      this.#toldCount++;
    }
    const isOver = this.#status === "CANCELLED" || this.#status === "EXPIRED";
    if (event.e === "ORDER_TRADE_UPDATE" && event.o.st === "GRID" && event.o.x === "TRADE" && !isOver) {
      this.#tradeIds.add(event.o.t);
    }
  }

  compare(exchange: Exchange, id: number): void {
    const grid = exchange.grid(id);
    assert(grid !== undefined);
    assert.equal(grid.strategyStatus, this.#status);
    assert.equal(this.#toldCount, this.#tradeIds.size, "one GRID_UPDATE for each fill");
    if (isRunning(exchange, id)) {
      assert.equal(grid.orders.length, grid.gridCount, "one order at each price but one");
      const prices = grid.orders.map(({ price }) => price);
      assert.equal(new Set(prices).size, prices.length);
      const bids = grid.orders.filter(({ side }) => side === "BUY").map(({ price }) => price);
      assert(grid.orders.every(({ side, price }) => side === "BUY" || bids.every((bid) => bid < price)));
      const [position] = exchange.positions("owner");
      assert.equal(grid.unmatchedQty, position?.positionAmt, "the position is the grid's");
    }
    if (this.#last !== undefined) this.#compareWithTrades(exchange, this.#last);
  }

  #compareWithTrades(exchange: Exchange, told: GridUpdate["gu"]): void {
    const trades = exchange.userTrades("owner", { symbol: SYMBOL, limit: 1000 }, exchange.now);
    assert(!isRefused(trades));
    let realised = 0n;
    let cash = 0n;
    let quantity = 0n;
    for (const { id, side, price, qty, realizedPnl, commission } of trades) {
      if (!this.#tradeIds.has(id)) continue;
      const signedQty = side === "BUY" ? qty : -qty;
      realised += realizedPnl - commission;
      cash -= (signedQty * price) / ONE + commission;
      quantity += signedQty;
    }
    assert.equal(told.r, trimmed(realised), "r is the profit of userTrades less its commissions");
    assert.equal(told.uq, trimmed(quantity));
    // The average price is rounded to 10⁻⁸: times the quantity that is off by so much at most.
    const cost = (fixed(told.up) * quantity) / ONE;
    const off = fixed(told.mp) + fixed(told.uf) - cost - cash;
    assert(off * off <= (quantity * quantity) / (ONE * ONE) + 4n, `matched and unmatched are the cash, off by ${off}`);
  }
}

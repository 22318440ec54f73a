/**
 * The laws of accounts under random commands of all kinds, modes, margin types, fundings, delistings, exchanges of
 * assets and wild marks included: nothing throws; money is conserved after each command; what the events tell, added up
 * by a client that knows nothing else, is what the reads show; an isolated wallet is never negative and never outlives
 * its position; nothing is left of a symbol that was settled; equal inputs give equal bytes. And a storm, in which
 * hundreds of accounts are liquidated at once.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { isRefused } from "../../face/refusal.ts";
import { abs, trimmed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { encodeEvent, type KnownEvent } from "../../protocol/user-data-event.ts";
import { Exchange } from "../exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";

const OPENING = 1_763_000_000_000;
const ACCOUNTS = ["alice", "bob", "carol"];
const SYMBOLS = ["ETHUSDT", "BNBUSDT"];
const START: Readonly<Record<string, number>> = { ETHUSDT: 2800, BNBUSDT: 830 };
const MAKER = { tickMs: 1000, levels: 3, volatilityBps: 30, levelNotional: "2000", spacingBps: 5 };

type Act = (exchange: Exchange, account: string, symbol: string, now: TransactMs) => void;

const PLACE = fc
  .record({
    side: fc.constantFrom("BUY", "SELL"),
    kind: fc.constantFrom("GTC", "IOC", "MARKET", "MARKET"),
    away: fc.integer({ min: -15, max: 15 }),
    notional: fc.integer({ min: 30, max: 60_000 }),
    positionSide: fc.constantFrom("LONG", "SHORT", "LONG", "SHORT", "BOTH"),
    closes: fc.boolean(),
  })
  .map(({ side, kind, away, notional, positionSide, closes }): Act => {
    const isMarket = kind === "MARKET";
    return (exchange, account, symbol, now) => {
      const last = Number(trimmed(exchange.market(symbol)?.lastPrice ?? 0n));
      const isHedge = exchange.accountState(account).dualSidePosition;
      const isHeld = (view: { symbol: string; positionAmt: bigint }) =>
        closes && view.symbol === symbol && view.positionAmt !== 0n;
      const held = exchange.positions(account).find(isHeld);
      const price = last * (1 + away / 1000);
      const closing = held === undefined ? side : held.positionAmt > 0n ? "SELL" : "BUY";
      exchange.placeOrder(
        account,
        {
          symbol,
          side: closing,
          positionSide: held?.positionSide ?? (isHedge ? positionSide : "BOTH"),
          type: isMarket ? "MARKET" : "LIMIT",
          timeInForce: isMarket ? undefined : kind,
          quantity: held === undefined ? (notional / price).toFixed(2) : trimmed(abs(held.positionAmt)),
          price: isMarket ? undefined : price.toFixed(2),
        },
        now,
      );
    };
  });

const MODES = fc.oneof(
  fc.boolean().map(
    (isOn): Act =>
      (x, account, _symbol, now) =>
        void x.changePositionMode(account, isOn, now),
  ),
  fc.boolean().map(
    (isOn): Act =>
      (x, account, _symbol, now) =>
        void x.changeMultiAssetsMode(account, isOn, now),
  ),
  fc.boolean().map(
    (isOn): Act =>
      (x, account, _symbol, now) =>
        void x.changeFeeBurn(account, isOn, now),
  ),
  fc.constantFrom("ISOLATED", "ISOLATED", "CROSSED").map(
    (type): Act =>
      (x, account, symbol, now) =>
        void x.changeMarginType(account, symbol, type, now),
  ),
  fc.constantFrom(5, 20, 50, 75).map(
    (leverage): Act =>
      (x, account, symbol, now) =>
        void x.changeLeverage(account, symbol, leverage, now),
  ),
  fc.constant<Act>((x, account, symbol, now) => {
    x.cancelAllOrders(account, symbol, now);
  }),
);

const MONEY = fc.oneof(
  fc.record({ amount: fc.integer({ min: 1, max: 900 }), type: fc.constantFrom(1, 1, 2) }).map(
    ({ amount, type }): Act =>
      (x, account, symbol, now) => {
        for (const positionSide of ["BOTH", "LONG", "SHORT"]) {
          x.modifyPositionMargin(account, { symbol, positionSide, amount: String(amount), type }, now);
        }
      },
  ),
  fc.constantFrom(["USDT", "40"], ["BNB", "0.5"], ["USDT", "100000"], []).map(
    ([asset, amount]): Act =>
      (x, account, _symbol, now) =>
        void x.autoExchange(account, asset, amount, now),
  ),
  fc.record({ asset: fc.constantFrom("USDT", "BNB"), amount: fc.integer({ min: -500, max: 900 }) }).map(
    ({ asset, amount }): Act =>
      (x, account, _symbol, now) =>
        void x.transfer(account, asset, `${amount}.5`, now),
  ),
);

const MARKET = fc.oneof(
  fc.record({ away: fc.integer({ min: -120, max: 120 }), marks: fc.boolean() }).map(
    ({ away, marks }): Act =>
      (x, _account, symbol, now) => {
        const price = ((START[symbol] ?? 0) * (1 + away / 1000)).toFixed(1);
        x.moveMarket(symbol, marks ? { markPrice: price } : { price }, now);
      },
  ),
  fc.constantFrom("0.0001", "-0.0005", "0.01", "-0.03").map(
    (rate): Act =>
      (x, _account, symbol, now) =>
        void x.settleFunding(symbol, rate, now),
  ),
  fc.constantFrom("margin-call" as const, "adl" as const, "liquidation" as const).map(
    (what): Act =>
      (x, account, symbol, now) =>
        void x.cause(account, what, symbol, now),
  ),
);

const DELIST = fc
  .record({ away: fc.integer({ min: -200, max: 200 }), inMs: fc.constantFrom(0, 60_000, 2_000_000) })
  .map(
    ({ away, inMs }): Act =>
      (x, _account, symbol, now) => {
        const price = away % 3 === 0 ? undefined : ((START[symbol] ?? 0) * (1 + away / 1000)).toFixed(1);
        x.delist(symbol, price, inMs, now);
      },
  );

const WORLD = fc.record({
  seed: fc.nat(),
  hasMaker: fc.boolean(),
  /** Little but coins, in Multi-Assets mode: dollars are owed soon. */
  isOwing: fc.boolean(),
  isInsured: fc.boolean(),
  commands: fc.array(
    fc.record({
      act: fc.oneof(
        { weight: 24, arbitrary: PLACE },
        { weight: 9, arbitrary: MODES },
        { weight: 9, arbitrary: MONEY },
        { weight: 6, arbitrary: MARKET },
        { weight: 1, arbitrary: DELIST },
      ),
      account: fc.constantFrom(...ACCOUNTS),
      symbol: fc.constantFrom(...SYMBOLS),
      waitMs: fc.constantFrom(0, 0, 0, 5, 5, 1500, 1500, 600_000),
    }),
    { minLength: 1, maxLength: 80, size: "max" },
  ),
});

type World = typeof WORLD extends fc.Arbitrary<infer W> ? W : never;

function open({ seed, hasMaker, isOwing, isInsured }: World): Exchange {
  const exchange = new Exchange({
    symbols: DEFAULT_SYMBOLS.filter(({ info }) => SYMBOLS.includes(info.symbol)),
    seed,
    now: OPENING as TransactMs,
    marketMaker: hasMaker ? MAKER : "none",
    insuranceFund: { USDT: isInsured ? "1000000" : "0" },
  });
  for (const id of ACCOUNTS) {
    exchange.createAccount({ id, balances: balancesOf(isOwing) }, OPENING as TransactMs);
    if (isOwing) exchange.changeMultiAssetsMode(id, true, OPENING as TransactMs);
    if (seed % 2 === 0) exchange.changePositionMode(id, true, OPENING as TransactMs);
    for (const symbol of seed % 3 === 0 ? SYMBOLS : []) {
      exchange.changeMarginType(id, symbol, "ISOLATED", OPENING as TransactMs);
    }
  }
  return exchange;
}

function balancesOf(isOwing: boolean): Readonly<Record<string, string>> {
  return isOwing ? { USDT: "100", BNB: "12" } : { USDT: "3000", BNB: "2" };
}

/** What so many random commands cause without fail. */
const EXPECTED = [
  "MARGIN_CALL",
  "ORDER",
  "FUNDING_FEE",
  "INSURANCE_CLEAR",
  "MARGIN_TRANSFER",
  "MARGIN_TYPE_CHANGE",
  "AUTO_EXCHANGE",
  "settlement_autoclose",
];

/** What the dice have not shown in one round they show in another: so often at the most. */
const ROUNDS_MAX = 5;

test("all laws of accounts hold after each of thousands of random commands", () => {
  const seen = new Set<string>();
  const unseen = () => EXPECTED.filter((name) => !seen.has(name));
  const laws = fc.property(WORLD, (world) => {
    const exchange = open(world);
    const clients = new Map(ACCOUNTS.map((account) => [account, new NaiveClient(balancesOf(world.isOwing))]));
    let now = OPENING;
    for (const { act, account, symbol, waitMs } of world.commands) {
      now += waitMs;
      act(exchange, account, symbol, now as TransactMs);
      for (const told of exchange.takeEvents()) {
        clients.get(told.account)?.hear(told.event);
        seen.add(nameOf(told.event));
      }
      assert.equal(exchange.auditMoney().discrepancy, 0n, "money is conserved");
      for (const [id, client] of clients) client.compare(exchange, id);
      for (const { info } of exchange.symbols()) if (info.status === "SETTLING") nothingIsLeft(exchange, info.symbol);
    }
  });
  for (let round = 0; round === 0 || (round < ROUNDS_MAX && unseen().length > 0); round++) {
    fc.assert(laws, { numRuns: 100 });
  }
  assert.deepEqual(unseen(), [], `among ${[...seen].join(", ")}`);
});

/** A symbol that was settled: nobody has positions or orders of it, and nothing stands in its book. */
function nothingIsLeft(exchange: Exchange, symbol: string): void {
  for (const id of ACCOUNTS) {
    const own = exchange.positions(id).filter((view) => view.symbol === symbol);
    for (const { positionAmt, hasOpenOrders } of own) assert.deepEqual([positionAmt, hasOpenOrders], [0n, false]);
  }
  const depth = exchange.depth(symbol, 1);
  assert.deepEqual([depth?.bids, depth?.asks], [[], []]);
}

function nameOf(event: KnownEvent): string {
  if (event.e === "ORDER_TRADE_UPDATE" && event.o.x === "CALCULATED") return event.o.c.replace(/-\d+$/, "");
  return event.e === "ACCOUNT_UPDATE" ? event.a.m : event.e;
}

test("equal commands to accounts give equal bytes", () => {
  fc.assert(
    fc.property(WORLD, (world) => {
      assert.equal(hashOf(world), hashOf(world));
    }),
    { numRuns: 20 },
  );
});

function hashOf(world: World): string {
  const exchange = open(world);
  const hash = createHash("sha256");
  let now = OPENING;
  for (const { act, account, symbol, waitMs } of world.commands) {
    now += waitMs;
    act(exchange, account, symbol, now as TransactMs);
    for (const told of exchange.takeEvents()) hash.update(`${told.account} ${encodeEvent(told.event)}\n`);
  }
  return hash.digest("hex");
}

/** What a client that only hears events knows of one account's wallets and positions. */
class NaiveClient {
  readonly #wallets: Map<string, readonly [wallet: string, cross: string]>;
  readonly #positions = new Map<string, string>();

  constructor(balances: Readonly<Record<string, string>>) {
    this.#wallets = new Map(Object.entries(balances).map(([asset, amount]) => [asset, [amount, amount]]));
  }

  hear(event: KnownEvent): void {
    if (event.e !== "ACCOUNT_UPDATE") return;
    for (const { a, wb, cw } of event.a.B) this.#wallets.set(a, [wb, cw]);
    for (const { s, ps, pa, ep, iw } of event.a.P) this.#positions.set(`${s} ${ps}`, `${pa}@${ep} ${iw}`);
  }

  compare(exchange: Exchange, account: string): void {
    const state = exchange.accountState(account);
    const isolated = new Map<string, bigint>();
    for (const view of state.positions) {
      const { symbol, positionSide, isolatedWallet, marginAsset } = view;
      const told = this.#positions.get(`${symbol} ${positionSide}`) ?? "0@0 0";
      assert.equal(told, `${trimmed(view.positionAmt)}@${trimmed(view.entryPrice)} ${trimmed(isolatedWallet)}`);
      assert(isolatedWallet >= 0n, "an isolated wallet is never negative");
      assert(isolatedWallet === 0n || (view.isIsolated && view.positionAmt !== 0n), "nor does it outlive its position");
      isolated.set(marginAsset, (isolated.get(marginAsset) ?? 0n) + isolatedWallet);
    }
    for (const { asset, walletBalance, crossWalletBalance } of state.assets) {
      assert.deepEqual(this.#wallets.get(asset), [trimmed(walletBalance), trimmed(crossWalletBalance)], asset);
      assert.equal(walletBalance, crossWalletBalance + (isolated.get(asset) ?? 0n), "wb = cw + Σ iw");
    }
  }
}

for (const [fund, what] of [
  ["1000000000", "the insurance fund takes over"],
  ["0", "the winners are deleveraged"],
] as const) {
  test(`a liquidation storm: two hundred accounts fall at once, ${what}, and nobody is left owing`, () => {
    const exchange = stormy(fund);
    const now = OPENING as TransactMs;
    const filled: string[] = [];
    // Down beyond everybody's bankruptcy, then far up: first the longs fall, then the shorts that are left.
    for (const markPrice of ["2300", "3600"]) {
      assert(!isRefused(exchange.moveMarket("ETHUSDT", { markPrice }, now)));
      assert.equal(exchange.auditMoney().discrepancy, 0n);
      for (const { event } of exchange.takeEvents()) {
        if (event.e === "ORDER_TRADE_UPDATE" && event.o.X === "FILLED") filled.push(event.o.c.replace(/\d+$/, ""));
      }
    }
    const liquidated = filled.filter((id) => id === "autoclose-").length;
    assert.equal(liquidated, fund === "0" ? 200 : 400);
    assert.equal(filled.includes("adl_autoclose"), fund === "0");
    for (const id of exchange.accountIds()) {
      const { total, positions } = exchange.accountState(id);
      assert(total.walletBalance >= 0n, `${id} owes nothing`);
      for (const { positionAmt } of positions) assert.equal(positionAmt, 0n, `${id} is flat`);
    }
  });
}

/** 200 longs against 200 shorts, cross and isolated, in one-way and in hedge mode. */
function stormy(fund: string): Exchange {
  const now = OPENING as TransactMs;
  const exchange = new Exchange({
    symbols: DEFAULT_SYMBOLS,
    seed: 5,
    now,
    marketMaker: "none",
    insuranceFund: { USDT: fund },
  });
  for (let i = 0; i < 200; i++) {
    for (const side of ["long", "short"]) {
      const id = `${side}${i}`;
      exchange.createAccount({ id, balances: { USDT: "1000" } }, now);
      if (i % 3 === 0) exchange.changeMarginType(id, "ETHUSDT", "ISOLATED", now);
      if (i % 5 === 0) exchange.changePositionMode(id, true, now);
      const placed = exchange.placeOrder(
        id,
        {
          symbol: "ETHUSDT",
          side: side === "long" ? "BUY" : "SELL",
          positionSide: i % 5 === 0 ? side.toUpperCase() : "BOTH",
          type: "LIMIT",
          timeInForce: "GTC",
          quantity: (2 + (i % 4)).toFixed(3),
          price: "2800",
        },
        now,
      );
      assert(!isRefused(placed), isRefused(placed) ? `${id} ${placed.code}` : "");
    }
  }
  exchange.takeEvents();
  return exchange;
}

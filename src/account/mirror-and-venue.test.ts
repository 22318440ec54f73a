/**
 * The mirror beside the venue core, under random commands of all kinds: what the events alone have taught is what the
 * venue's own reads show, to the last digit, and its REST answers find nothing to object to; whenever the snapshot was
 * taken.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isRefused, type Refused } from "../face/refusal.ts";
import { abs, trimmed } from "../kernel/decimal.ts";
import { isSameAmount, isZero } from "../kernel/digits.ts";
import type { Decimal, TransactMs } from "../kernel/scalars.ts";
import { decodeEvent, encodeEvent, type UserDataEvent } from "../protocol/user-data-event.ts";
import {
  balanceReply,
  isActive,
  MODES,
  PERMISSIONS,
  positionRiskV3,
  symbolConfig,
} from "../venue/calls/account-replies.ts";
import { algoOrderReply, newerAlgoOrderReply } from "../venue/calls/algo-replies.ts";
import { orderReply } from "../venue/calls/order-replies.ts";
import { Exchange } from "../venue/exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../venue/market/symbols.ts";
import type { AccountChange, Finding, Outcome } from "./account-change.ts";
import { type AnswerTerms, Mirror } from "./mirror.ts";

const OPENING = 1_763_000_000_000;
const ACCOUNTS = ["alice", "bob"];
const SYMBOLS = ["ETHUSDT", "BNBUSDT"];
const START: Readonly<Record<string, number>> = { ETHUSDT: 2800, BNBUSDT: 830 };
const MAKER = { tickMs: 1000, levels: 3, volatilityBps: 30, levelNotional: "2000", spacingBps: 5 };
const LISTINGS = DEFAULT_SYMBOLS.filter(({ info }) => SYMBOLS.includes(info.symbol));

type Act = (exchange: Exchange, account: string, symbol: string, now: TransactMs) => unknown;

function priceAt(symbol: string, away: number): string {
  return ((START[symbol] ?? 0) * (1 + away / 1000)).toFixed(1);
}

const PLACE = fc
  .record({
    side: fc.constantFrom("BUY", "SELL"),
    kind: fc.constantFrom("GTC", "GTC", "GTC", "GTX", "IOC", "GTD", "MARKET", "MARKET"),
    away: fc.integer({ min: -15, max: 15 }),
    notional: fc.integer({ min: 30, max: 40_000 }),
    positionSide: fc.constantFrom("LONG", "SHORT"),
    reduceOnly: fc.constantFrom(undefined, undefined, undefined, "true"),
    closes: fc.boolean(),
  })
  .map(({ side, kind, away, notional, positionSide, closes, reduceOnly }): Act => {
    const isMarket = kind === "MARKET";
    return (exchange, account, symbol, now) => {
      const isHedge = exchange.accountState(account).dualSidePosition;
      const held = exchange
        .positions(account)
        .find((view) => closes && view.symbol === symbol && view.positionAmt !== 0n);
      const price = (START[symbol] ?? 0) * (1 + away / 1000);
      const closing = held === undefined ? side : held.positionAmt > 0n ? "SELL" : "BUY";
      return exchange.placeOrder(
        account,
        {
          symbol,
          side: closing,
          positionSide: held?.positionSide ?? (isHedge ? positionSide : "BOTH"),
          type: isMarket ? "MARKET" : "LIMIT",
          timeInForce: isMarket ? undefined : kind,
          goodTillDate: kind === "GTD" ? String(now + 700_000) : undefined,
          quantity: held === undefined ? (notional / price).toFixed(2) : trimmed(abs(held.positionAmt)),
          price: isMarket ? undefined : price.toFixed(1),
          reduceOnly: isHedge ? undefined : reduceOnly,
        },
        now,
      );
    };
  });

const CONDITIONAL = fc
  .record({
    side: fc.constantFrom("BUY", "SELL"),
    type: fc.constantFrom("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"),
    away: fc.integer({ min: -12, max: 12 }),
    timeInForce: fc.constantFrom("GTC", "GTC", "GTE_GTC", "IOC"),
    closes: fc.boolean(),
    positionSide: fc.constantFrom("LONG", "SHORT"),
  })
  .map(({ side, type, away, timeInForce, closes, positionSide }): Act => {
    const isLimit = type === "STOP" || type === "TAKE_PROFIT";
    const isTrailing = type === "TRAILING_STOP_MARKET";
    return (exchange, account, symbol, now) =>
      exchange.placeConditional(
        account,
        {
          algoType: "CONDITIONAL",
          symbol,
          side,
          type,
          timeInForce,
          positionSide: exchange.accountState(account).dualSidePosition ? positionSide : "BOTH",
          ...(closes && !isLimit && !isTrailing ? { closePosition: "true" } : { quantity: "0.5" }),
          ...(isTrailing ? { callbackRate: "0.3" } : { triggerPrice: priceAt(symbol, away) }),
          ...(isLimit ? { price: priceAt(symbol, away + 1) } : {}),
        },
        now,
      );
  });

const CHANGE = fc.oneof(
  fc.record({ which: fc.nat(), away: fc.integer({ min: -15, max: 15 }), cancels: fc.boolean() }).map(
    ({ which, away, cancels }): Act =>
      (exchange, account, symbol, now) => {
        const open = wanted(exchange.openOrders(account, symbol));
        const order = open[which % Math.max(1, open.length)];
        if (order === undefined) return undefined;
        const { orderId, side } = order;
        if (cancels) return exchange.cancelOrder(account, { symbol, orderId }, now);
        const price = priceAt(symbol, away);
        return exchange.amendOrder(account, { symbol, orderId, side, quantity: "0.7", price }, now);
      },
  ),
  fc.constant<Act>((exchange, account, symbol, now) => exchange.cancelAllOrders(account, symbol, now)),
  fc.constant<Act>((exchange, account, symbol, now) => exchange.cancelAllConditionals(account, symbol, now)),
  fc.constant<Act>((exchange, account, symbol, now) => exchange.countDown(account, symbol, 5000, now)),
);

const SETTING = fc.oneof(
  fc.boolean().map(
    (isOn): Act =>
      (x, account, _symbol, now) =>
        x.changePositionMode(account, isOn, now),
  ),
  fc.boolean().map(
    (isOn): Act =>
      (x, account, _symbol, now) =>
        x.changeMultiAssetsMode(account, isOn, now),
  ),
  fc.boolean().map(
    (isOn): Act =>
      (x, account, _symbol, now) =>
        x.changeFeeBurn(account, isOn, now),
  ),
  fc.constantFrom("ISOLATED", "ISOLATED", "CROSSED").map(
    (type): Act =>
      (x, account, symbol, now) =>
        x.changeMarginType(account, symbol, type, now),
  ),
  fc.constantFrom(5, 20, 50, 75).map(
    (leverage): Act =>
      (x, account, symbol, now) =>
        x.changeLeverage(account, symbol, leverage, now),
  ),
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
  fc.record({ asset: fc.constantFrom("USDT", "BNB"), amount: fc.integer({ min: -500, max: 900 }) }).map(
    ({ asset, amount }): Act =>
      (x, account, _symbol, now) =>
        x.transfer(account, asset, `${amount}.5`, now),
  ),
);

const MARKET = fc.oneof(
  fc.record({ away: fc.integer({ min: -40, max: 40 }), marks: fc.boolean() }).map(
    ({ away, marks }): Act =>
      (x, _account, symbol, now) =>
        x.moveMarket(symbol, { [marks ? "markPrice" : "price"]: priceAt(symbol, away) }, now),
  ),
  fc.constantFrom("0.0001", "-0.0005", "0.01").map(
    (rate): Act =>
      (x, _account, symbol, now) =>
        x.settleFunding(symbol, rate, now),
  ),
  fc.constantFrom("margin-call" as const, "adl" as const, "liquidation" as const).map(
    (what): Act =>
      (x, account, symbol, now) =>
        x.cause(account, what, symbol, now),
  ),
);

const WORLD = fc.record({
  seed: fc.nat(),
  hasMaker: fc.boolean(),
  missedCount: fc.nat({ max: 30 }),
  commands: fc.array(
    fc.record({
      act: fc.oneof(
        { weight: 8, arbitrary: PLACE },
        { weight: 3, arbitrary: CONDITIONAL },
        { weight: 3, arbitrary: CHANGE },
        { weight: 2, arbitrary: SETTING },
        { weight: 2, arbitrary: MONEY },
        { weight: 3, arbitrary: MARKET },
      ),
      account: fc.constantFrom(...ACCOUNTS),
      symbol: fc.constantFrom(...SYMBOLS),
      waitMs: fc.constantFrom(0, 0, 0, 5, 5, 1500, 1500, 600_000),
    }),
    { minLength: 1, maxLength: 60, size: "max" },
  ),
});

type World = typeof WORLD extends fc.Arbitrary<infer W> ? W : never;

/** The venue and what it has pushed to one account, as it went over the wire. */
class Stage {
  readonly exchange: Exchange;
  readonly events: UserDataEvent[] = [];
  now = OPENING as TransactMs;

  constructor({ seed, hasMaker }: World) {
    this.exchange = new Exchange({
      symbols: LISTINGS,
      seed,
      now: this.now,
      marketMaker: hasMaker ? MAKER : "none",
      insuranceFund: { USDT: seed % 5 === 0 ? "0" : "1000000" },
    });
    for (const id of ACCOUNTS) {
      this.exchange.createAccount({ id, balances: { USDT: "3000", BNB: "2" } }, this.now);
      if (seed % 2 === 0) this.exchange.changePositionMode(id, true, this.now);
    }
    this.now = (OPENING + 1) as TransactMs;
  }

  play({ act, account, symbol, waitMs }: World["commands"][number]): void {
    this.now = (this.now + waitMs) as TransactMs;
    act(this.exchange, account, symbol, this.now);
    for (const { account: whose, event } of this.exchange.takeEvents()) {
      if (whose === "alice") this.events.push(decodeEvent(encodeEvent(event)));
    }
  }

  /** Merges everything REST has to say of the account. */
  ask(mirror: Mirror, terms: AnswerTerms): Outcome {
    const { exchange } = this;
    const state = exchange.accountState("alice");
    const positions = exchange.positions("alice");
    const outcomes = [
      mirror.mergeAccountConfig(
        {
          ...PERMISSIONS,
          ...MODES,
          dualSidePosition: state.dualSidePosition,
          multiAssetsMargin: state.multiAssetsMargin,
        },
        terms,
      ),
      mirror.mergeSymbolConfig(positions.map(symbolConfig), terms),
      mirror.mergeBalances(
        state.assets.map((asset) => balanceReply("alias", asset)),
        terms,
      ),
      mirror.mergePositionRisk(
        positions.filter(isActive).map((view) => positionRiskV3(view, infoOf(view.symbol))),
        terms,
      ),
      mirror.mergeOpenOrders(
        wanted(exchange.openOrders("alice")).map((view) => orderReply(view, infoOf(view.symbol))),
        terms,
      ),
      mirror.mergeOpenConditionalOrders(
        wanted(exchange.waitingConditionals("alice", {})).map((view) => algoOrderReply(view, infoOf(view.symbol))),
        terms,
      ),
    ];
    return {
      changes: outcomes.flatMap(({ changes }) => changes),
      findings: outcomes.flatMap(({ findings }) => findings),
    };
  }
}

function wanted<T>(answer: T | Refused): T {
  assert(!isRefused(answer as object as Refused));
  return answer as T;
}

function infoOf(symbol: string) {
  const listing = LISTINGS.find(({ info }) => info.symbol === symbol);
  assert(listing);
  return listing.info;
}

test("events alone teach what the venue's reads show, digit by digit", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(WORLD, (world) => {
      const stage = new Stage(world);
      const mirror = new Mirror();
      stage.ask(mirror, { source: "snapshot" });
      let applied = 0;
      for (const [index, command] of world.commands.entries()) {
        stage.play(command);
        for (; applied < stage.events.length; applied++) {
          const event = stage.events[applied] as UserDataEvent;
          kinds.add(event.e);
          assert.deepEqual(mirror.apply(event, "stream").findings, [], "no event is disputed");
          assert.deepEqual(mirror.apply(event, "stream").changes, [], "told twice, it changes nothing");
        }
        if (index % 8 === 0) compare(mirror, stage.exchange, stage.now, true);
      }
      compare(mirror, stage.exchange, stage.now, true);
      const { changes, findings } = stage.ask(mirror, { source: "snapshot" });
      assert.deepEqual(findings.filter(isObjection), [], "REST has nothing to object to");
      assert.deepEqual(changes.filter(saysSomething), [], "REST has nothing to add");
    }),
    { numRuns: 60 },
  );
  for (const kind of ["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE", "ACCOUNT_CONFIG_UPDATE", "MARGIN_CALL"]) {
    assert(kinds.has(kind), `no ${kind}`);
  }
});

/** Three batches in four show every verdict that a repair must have met. */
const BATCHES_MAX = 20;

test("a mirror that missed events knows all after fresh answers and what they made it ask", () => {
  const verdicts = new Map<string, number>();
  const isCovered = () => ["missing order", "missing position"].every((what) => verdicts.has(what));
  for (let batch = 0; batch < BATCHES_MAX && (batch === 0 || !isCovered()); batch++) {
    fc.assert(
      fc.property(WORLD, fc.nat({ max: 20 }), (world, heardUntil) => {
        const stage = new Stage(world);
        const mirror = new Mirror();
        stage.ask(mirror, { source: "snapshot" });
        const repairAt = heardUntil + world.missedCount;
        for (const [index, command] of world.commands.entries()) {
          const heard = stage.events.length;
          stage.play(command);
          if (index === repairAt) repair(stage, mirror, verdicts);
          if (index >= heardUntil && index < repairAt) continue;
          // An event may be in the answers already: the buffer is told after them.
          for (const event of stage.events.slice(heard)) mirror.apply(event, "stream");
        }
        if (repairAt >= world.commands.length) repair(stage, mirror, verdicts);
        compare(mirror, stage.exchange, stage.now);
      }),
      { numRuns: 60 },
    );
  }
  assert(isCovered(), `only ${[...verdicts.keys()].join(", ")}`);
});

/** What a repair does with findings, when every answer is fresh. */
function repair(stage: Stage, mirror: Mirror, verdicts: Map<string, number>): void {
  const { exchange, now } = stage;
  const terms = { source: "repair" } as const;
  for (const { verdict, kind, known } of stage.ask(mirror, terms).findings) {
    const what = `${verdict} ${kind}`;
    verdicts.set(what, (verdicts.get(what) ?? 0) + 1);
    if (verdict !== "missing") continue;
    if (kind === "position") mirror.flattened(known.symbol, known.side, now, "repair");
    if (kind === "order") {
      const order = wanted(exchange.order("alice", { symbol: known.symbol, orderId: known.orderId }, now));
      mirror.mergeOrders([orderReply(order, infoOf(order.symbol))], terms);
    }
    if (kind === "conditional-order") {
      const order = wanted(exchange.conditional("alice", { algoId: known.algoId }, now));
      mirror.mergeConditionalOrders([newerAlgoOrderReply(order, infoOf(order.symbol))], terms);
    }
  }
  stage.ask(mirror, { ...terms, insists: true });
}

/**
 * Position-mode changes push nothing: until the next order the mirror cannot know. And conditional orders are not
 * listed any more once they have triggered, though they have not ended.
 */
function isObjection(finding: Finding): boolean {
  if (finding.kind === "conditional-order") return finding.known.status !== "TRIGGERED";
  return finding.kind !== "hedge-mode";
}

/** Flat positions that were never told of are listed when there are open orders. */
function saysSomething({ kind, before, after }: AccountChange): boolean {
  return kind !== "position" || before !== undefined || after === undefined || !isZero(after.amount);
}

function compare(mirror: Mirror, exchange: Exchange, now: TransactMs, hasHeardAll = false): void {
  const { view } = mirror;
  const same = (told: Decimal | undefined, value: bigint, what: string) =>
    assert(told !== undefined && isSameAmount(told, trimmed(value)), `${what}: ${told} is not ${trimmed(value)}`);
  const state = exchange.accountState("alice");
  for (const { asset, walletBalance, crossWalletBalance } of state.assets) {
    const known = view.balance(asset);
    same(known?.wallet, walletBalance, `wallet ${asset}`);
    same(known?.crossWallet, crossWalletBalance, `cross wallet ${asset}`);
  }
  assert.equal(view.multiAssetsMode?.value, state.multiAssetsMargin);
  let heldCount = 0;
  for (const row of state.positions) {
    const what = `${row.symbol} ${row.positionSide}`;
    const known = view.position(row.symbol, row.positionSide);
    if (row.positionAmt !== 0n) heldCount++;
    same(known?.amount ?? ("0" as Decimal), row.positionAmt, `amount ${what}`);
    same(known?.entryPrice ?? ("0" as Decimal), row.entryPrice, `entry price ${what}`);
    same(known?.breakEvenPrice ?? ("0" as Decimal), row.breakEvenPrice, `break-even price ${what}`);
    same(known?.isolatedWallet ?? ("0" as Decimal), row.isolatedWallet, `isolated wallet ${what}`);
    assert.equal(view.leverage.get(row.symbol)?.value, row.leverage, `leverage ${what}`);
    assert.equal(view.marginType.get(row.symbol)?.value === "isolated", row.isIsolated, `margin type ${what}`);
  }
  assert.equal(view.held().length, heldCount, "nothing else is held");
  const open = wanted(exchange.openOrders("alice"));
  assert.equal(view.openOrders.size, open.length, "open orders");
  for (const row of open) {
    const known = view.order(row.symbol, row.orderId);
    assert.deepEqual(
      [known?.status, known?.clientOrderId, known?.side, known?.positionSide, known?.timeInForce, known?.createdAt],
      [row.status, row.clientOrderId, row.side, row.positionSide, row.timeInForce, row.time],
    );
    same(known?.price, row.price, "price");
    same(known?.quantity, row.origQty, "quantity");
    same(known?.executed, row.executedQty, "executed");
    same(known?.averagePrice, row.avgPrice, "average price");
    assert.equal(known?.at, row.updateTime);
  }
  compareEnded(mirror, exchange, now, hasHeardAll);
}

function compareEnded(mirror: Mirror, exchange: Exchange, now: TransactMs, hasHeardAll: boolean): void {
  const { view } = mirror;
  for (const known of view.finishedOrders.values()) {
    const row = exchange.order("alice", { symbol: known.symbol, orderId: known.orderId }, now);
    assert(!isRefused(row));
    assert.deepEqual([known.status, known.at], [row.status, row.updateTime]);
    assert(isSameAmount(known.executed, trimmed(row.executedQty)), "executed of an ended order");
  }
  const conditionals = [...view.conditionalOrders.values(), ...view.finishedConditionalOrders.values()];
  for (const known of conditionals) {
    const row = exchange.conditional("alice", { algoId: known.algoId }, now);
    assert(!isRefused(row));
    assert.deepEqual([known.status, known.orderId], [row.algoStatus, row.order?.orderId]);
    assert(isZero(known.executed ?? ("0" as Decimal)) || row.order !== undefined);
  }
  const waiting = wanted(exchange.waitingConditionals("alice", {}));
  assert.equal([...view.conditionalOrders.values()].filter(({ status }) => status === "NEW").length, waiting.length);
  for (const symbol of SYMBOLS) {
    const trades = wanted(exchange.userTrades("alice", { symbol, limit: 1000 }, now));
    if (hasHeardAll) assert.equal(mirror.lastTradeId(symbol), trades.at(-1)?.id, `last trade id of ${symbol}`);
  }
}

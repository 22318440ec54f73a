/**
 * A venue that is replayed from its log is the venue that wrote it: after random commands of all kinds, jumps of the
 * clock and faults of time included, each read gives the same bytes, and so does each event that follows.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MemoryLog } from "../../../test/memory-log.ts";
import { isRefused } from "../../face/refusal.ts";
import { seededRandom } from "../../kernel/random.ts";
import type { MonotonicMs, TransactMs, WallMs } from "../../kernel/scalars.ts";
import { encodeEvent } from "../../protocol/user-data-event.ts";
import { Exchange } from "../exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";
import type { PaperVenueSettings } from "../paper-venue-settings.ts";
import { type OpenedParts, openParts } from "../venue-parts.ts";
import { RECORDED } from "./recording.ts";

const OPENED_AT = 1_763_000_000_000 as TransactMs;
const ACCOUNTS = ["alice", "bob"];
const SYMBOLS = ["ETHUSDT", "BTCUSDT"];
const START: Readonly<Record<string, number>> = { ETHUSDT: 2800, BTCUSDT: 86_000 };

const KEYS = /[A-Za-z0-9]{64}/g;

type Act = (parts: OpenedParts, now: TransactMs, account: string, symbol: string) => unknown;

const AWAY = fc.integer({ min: -30, max: 30 });
const priceOf = (symbol: string, away: number) => ((START[symbol] ?? 0) * (1 + away / 1000)).toFixed(1);

const ORDERS = fc
  .record({
    side: fc.constantFrom("BUY", "SELL"),
    kind: fc.constantFrom("GTC", "GTC", "IOC", "GTX", "GTD", "MARKET", "MARKET", "NEVER"),
    away: AWAY,
    notional: fc.integer({ min: 5, max: 30_000 }),
    clientId: fc.constantFrom(undefined, undefined, "one", "two"),
    tillMs: fc.constantFrom(601_000, 700_000),
  })
  .map(({ side, kind, away, notional, clientId, tillMs }): Act => {
    const isMarket = kind === "MARKET";
    return ({ exchange }, now, account, symbol) => {
      const price = priceOf(symbol, away);
      return exchange.placeOrder(
        account,
        {
          symbol,
          side,
          type: isMarket ? "MARKET" : "LIMIT",
          timeInForce: isMarket ? undefined : kind,
          quantity: (notional / Number(price)).toFixed(3),
          price: isMarket ? undefined : price,
          newClientOrderId: clientId,
          goodTillDate: kind === "GTD" ? String(now + tillMs) : undefined,
        },
        now,
      );
    };
  });

const CONDITIONALS = fc
  .record({
    side: fc.constantFrom("BUY", "SELL"),
    away: AWAY,
    marks: fc.boolean(),
    type: fc.constantFrom("STOP", "TP"),
  })
  .map(
    ({ side, away, marks, type }): Act =>
      ({ exchange }, now, account, symbol) =>
        exchange.placeConditional(
          account,
          {
            symbol,
            side,
            type: type === "STOP" ? "STOP_MARKET" : "TAKE_PROFIT_MARKET",
            algoType: "CONDITIONAL",
            quantity: "0.050",
            triggerPrice: priceOf(symbol, away),
            workingType: marks ? "MARK_PRICE" : "CONTRACT_PRICE",
          },
          now,
        ),
  );

const OTHERS = fc.oneof(
  AWAY.map(
    (away): Act =>
      ({ exchange }, now, _account, symbol) =>
        exchange.moveMarket(symbol, { price: priceOf(symbol, away), markPrice: undefined }, now),
  ),
  fc.constantFrom(undefined, "0.001", "-0.02").map(
    (rate): Act =>
      ({ exchange }, now, _account, symbol) =>
        exchange.settleFunding(symbol, rate, now),
  ),
  fc.constantFrom("margin-call" as const, "adl" as const, "liquidation" as const).map(
    (what): Act =>
      ({ exchange }, now, account, symbol) =>
        exchange.cause(account, what, symbol, now),
  ),
  fc.integer({ min: -900, max: 900 }).map(
    (amount): Act =>
      ({ exchange, transfers }, now, account) => {
        const moved = exchange.transfer(account, "USDT", String(amount), now);
        if (!isRefused(moved)) transfers.record(account, "USDT", moved.amount, now);
      },
  ),
  fc.constantFrom(0, 5, 20, 75).map(
    (leverage): Act =>
      ({ exchange }, now, account, symbol) =>
        exchange.changeLeverage(account, symbol, leverage, now),
  ),
  fc.constantFrom("ISOLATED", "CROSSED").map(
    (type): Act =>
      ({ exchange }, now, account, symbol) =>
        exchange.changeMarginType(account, symbol, type, now),
  ),
  fc.constantFrom<Act>(
    ({ exchange }, now, account, symbol) => exchange.cancelAllOrders(account, symbol, now),
    ({ exchange }, now, account, symbol) => exchange.cancelOrder(account, { symbol, origClientOrderId: "one" }, now),
    ({ exchange }, now, account, symbol) =>
      exchange.testOrder(account, { symbol, side: "BUY", type: "MARKET", quantity: "1" }, now),
    ({ exchange }, now, account, symbol) =>
      exchange.amendOrder(
        account,
        { symbol, origClientOrderId: "two", side: "BUY", quantity: "2", price: "2700" },
        now,
      ),
    ({ exchange }, now, account) => exchange.changePositionMode(account, true, now),
    ({ exchange }, now, account) => exchange.changeFeeBurn(account, false, now),
    ({ exchange }, now, account, symbol) => exchange.cancelAllConditionals(account, symbol, now),
  ),
  // In a group of their own, so that thirty worlds are sure to have them.
  fc.constantFrom<Act>(
    ({ exchange }, now, account, symbol) => exchange.countDown(account, symbol, 5000, now),
    ({ listenKeys }, now, account) => listenKeys.end(account, now),
  ),
  fc.constantFrom<Act>(
    ({ listenKeys }, now, account) => listenKeys.grant(account, now),
    ({ listenKeys }, now, account) => listenKeys.extend(account, now),
    ({ jumps }, now) => jumps.set(now % 7),
    (parts, now) => everything(parts, now),
    ({ exchange }, now) => exchange.due((now + 3_600_000) as TransactMs, 20_000),
  ),
);

const WORLD = fc.record({
  seed: fc.nat(),
  hasMaker: fc.boolean(),
  commands: fc.array(
    fc.record({
      act: fc.oneof(
        { weight: 5, arbitrary: ORDERS },
        { weight: 2, arbitrary: CONDITIONALS },
        { weight: 4, arbitrary: OTHERS },
      ),
      account: fc.constantFrom(...ACCOUNTS),
      symbol: fc.constantFrom(...SYMBOLS),
      waitMs: fc.constantFrom(0, 0, 1, 700, 5000, 90_000, 4_000_000),
    }),
    { minLength: 1, maxLength: 45, size: "max" },
  ),
});

test("a replayed venue answers every read byte for byte, and goes on as the first one does", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(WORLD, ({ seed, hasMaker, commands }) => {
      const memory = new MemoryLog(OPENED_AT);
      const settings = settingsFor(seed, hasMaker);
      const first = openParts({ ...settings, kept: memory.kept() });
      openAccounts(first);
      for (const { act, account, symbol, waitMs } of commands) {
        wait(first, waitMs);
        act(first, first.exchange.now, account, symbol);
        first.exchange.takeEvents();
      }
      for (const { what } of memory.entries) seen.add(what);

      const second = openParts({ ...settings, kept: new MemoryLog(OPENED_AT).kept(memory) });
      assert.equal(second.isNew, false);
      second.exchange.due(first.exchange.now);
      const { now } = first.exchange;
      same(everything(second, now), everything(first, now));
      assert.equal(second.exchange.auditMoney().discrepancy, 0n);
      for (const { act, account, symbol } of commands.slice(0, 10)) {
        for (const parts of [first, second]) act(parts, parts.exchange.now, account, symbol);
        same(told(second), told(first));
      }
      // Keys made from now on are made from other dice.
      const [left, right] = [second, first].map((parts) => everything(parts, first.exchange.now).replace(KEYS, "KEY"));
      same(left ?? "", right ?? "none");
    }),
    { numRuns: 30 },
  );
  for (const what of ["exchange.cause", "exchange.countDown", "exchange.due", "listenKeys.end", "transfers.record"]) {
    assert(seen.has(what), `no ${what} among ${[...seen].join(", ")}`);
  }
});

/** What the exchange does without changing anything: beside its reads, of which some let time pass. */
const UNRECORDED = ["constructor", "takeEvents"];

test("each command of the exchange is recorded", () => {
  const { due, ...commands } = Object.getOwnPropertyDescriptors(Exchange.prototype);
  assert(due !== undefined, "it is watched by hand");
  const remedy =
    "name it in RECORDED of recording.ts if it changes something, dice included; reads stand in exchange-reads.ts";
  assert.deepEqual(Object.keys(commands).sort(), [...RECORDED.exchange, ...UNRECORDED].sort(), remedy);
});

test("reads, ticks and what throws are no entries; what follows from a command is not in the log twice", () => {
  const memory = new MemoryLog(OPENED_AT);
  const parts = openParts({ ...settingsFor(1, true), kept: memory.kept() });
  openAccounts(parts);
  const before = memory.entries.length;
  const now = parts.exchange.now;
  assert.throws(() => parts.exchange.createAccount({ id: "alice" }, now));
  everything(parts, now);
  wait(parts, 3000);
  assert.equal(memory.entries.length, before);
  parts.listenKeys.grant("alice", parts.exchange.now);
  assert(isRefused(parts.exchange.cancelAllOrders("alice", "NONEUSDT", (now + 3500) as TransactMs)));
  assert.deepEqual(
    memory.entries.slice(before).map(({ what, at, outcome }) => [what, at - OPENED_AT, outcome]),
    [
      ["listenKeys.hold", 3000, "done"],
      ["exchange.cancelAllOrders", 3500, "refused"],
    ],
  );
  assert.equal(memory.reached, OPENED_AT + 3000);
});

function settingsFor(seed: number, hasMaker: boolean): PaperVenueSettings {
  return {
    openedAt: { wall: OPENED_AT as number as WallMs, monotonic: 0 as MonotonicMs },
    random: seededRandom(seed),
    verifier: { typeOf: () => undefined, verify: () => true },
    seed,
    symbols: DEFAULT_SYMBOLS.filter(({ info }) => SYMBOLS.includes(info.symbol)),
    marketMaker: hasMaker ? { levels: 3, volatilityBps: 20, levelNotional: "3000" } : "none",
  };
}

function openAccounts({ exchange, keys }: OpenedParts): void {
  for (const id of ACCOUNTS) {
    exchange.createAccount({ id, balances: { USDT: "5000", BNB: "1" } }, OPENED_AT);
    keys.add({ apiKey: `key-${id}`, account: id, credential: { keyType: "HMAC", secret: `secret-${id}` } });
  }
}

/** As a venue's server does: woken for whatever is due, a little late. */
function wait({ exchange }: OpenedParts, ms: number): void {
  const end = (exchange.now + ms) as TransactMs;
  // Machines sleep, too.
  if (ms <= 5000) {
    for (let next = exchange.nextDeadline(); next !== undefined && next.at + 3 <= end; next = exchange.nextDeadline()) {
      exchange.due((next.at + 3) as TransactMs);
    }
  }
  exchange.due(end);
}

function told({ exchange }: OpenedParts): string {
  return exchange
    .takeEvents()
    .map(({ account, event }) => `${account} ${encodeEvent(event)}`)
    .join("\n");
}

/** Every read there is, as text. */
function everything({ exchange, keys, listenKeys, transfers, jumps }: OpenedParts, now: TransactMs): string {
  listenKeys.due(now);
  const accounts = exchange
    .accountIds()
    .map((id) => [
      id,
      exchange.accountState(id),
      exchange.openOrders(id),
      exchange.incomeEntries(id),
      exchange.forceOrders(id, {}, now),
      exchange.waitingConditionals(id, {}),
      SYMBOLS.map((symbol) => [
        exchange.allOrders(id, { symbol }, now),
        exchange.userTrades(id, { symbol }, now),
        exchange.allConditionals(id, { symbol }, now),
        exchange.marginTransfers(id, symbol),
      ]),
      [listenKeys.keyOf(id, now), transfers.of(id), keys.find(`key-${id}`)],
    ]);
  const markets = [...exchange.shownMarkets].map(([symbol, { feed }]) => [
    exchange.market(symbol),
    exchange.depth(symbol, 1000),
    [feed.trades.all(), feed.aggregates.all(), feed.settlements.all(), feed.candles.since("1m", now - 7_200_000, now)],
  ]);
  const rest = [exchange.nextDeadline(), exchange.auditMoney(), jumps.aheadMs, listenKeys.accounts()];
  return JSON.stringify([accounts, markets, rest], (_key, value) => (typeof value === "bigint" ? `${value}n` : value));
}

/** Equal texts; of two long ones only where they part is shown. */
function same(actual: string, expected: string): void {
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at++;
  assert.equal(actual.slice(Math.max(0, at - 120), at + 120), expected.slice(Math.max(0, at - 120), at + 120));
}

/** The listings: what production says of itself must be what the venue enforces. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fixed, ONE, trimmed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { maintenanceMargin, maxNotional } from "../margin/margin.ts";
import { openMarket } from "./market.ts";
import { aligned, bracketsFrom, rulesOf, type SymbolListing } from "./symbol-listing.ts";
import { bracketFor, DEFAULT_LEVERAGE, DEFAULT_SYMBOLS } from "./symbols.ts";

function listed(symbol: string): SymbolListing {
  const listing = DEFAULT_SYMBOLS.find(({ info }) => info.symbol === symbol);
  assert(listing !== undefined);
  return listing;
}

test("BTCUSDT has the filters seen in production in September 2026", () => {
  const rules = rulesOf(listed("BTCUSDT"));
  assert.equal(trimmed(rules.tick), "0.1");
  assert.equal(trimmed(rules.lot.step), "0.001");
  assert.equal(trimmed(rules.marketLot.max), "120");
  assert.equal(rules.minNotionalText, "50");
  assert.deepEqual([trimmed(rules.multiplierUp), trimmed(rules.multiplierDown)], ["1.05", "0.95"]);
  assert.equal(trimmed(rules.marketTakeBound), "0.05");
  assert.equal(rules.maxOpenOrders, 200);
});

test("ids of ETHUSDT are beyond what a float holds, those of the others are not", () => {
  for (const { info, firstOrderId } of DEFAULT_SYMBOLS) {
    assert.equal(BigInt(firstOrderId) > 2n ** 53n, info.symbol === "ETHUSDT");
  }
});

for (const listing of DEFAULT_SYMBOLS) {
  const { symbol } = listing.info;
  const rules = rulesOf(listing);

  test(`${symbol}: precisions hold tick and step, and the start price is allowed`, () => {
    assert.equal(rules.tick % 10n ** BigInt(8 - rules.pricePrecision), 0n);
    assert.equal(rules.lot.step % 10n ** BigInt(8 - rules.quantityPrecision), 0n);
    assert.equal((fixed(listing.startPrice) - rules.minPrice) % rules.tick, 0n);
    assert.equal(rules.minPrice % rules.tick, 0n);
    assert(rules.marketLot.max <= rules.lot.max);
  });

  test(`${symbol}: five tiers or more, leverage falls, the ratio rises, no gap, cum by the recurrence`, () => {
    assert(rules.brackets.length >= 5);
    assert((rules.brackets[0]?.initialLeverage ?? 0) >= DEFAULT_LEVERAGE);
    for (const [index, tier] of rules.brackets.entries()) {
      const below = rules.brackets[index - 1];
      assert.equal(tier.bracket, index + 1);
      assert.equal(tier.notionalFloor, below?.notionalCap ?? 0n);
      if (below === undefined) continue;
      assert(tier.initialLeverage < below.initialLeverage);
      assert(tier.maintMarginRatio > below.maintMarginRatio);
      const step = tier.notionalFloor * (tier.maintMarginRatio - below.maintMarginRatio);
      assert.equal(step % ONE, 0n, "cum is exact");
      assert.equal(tier.cum, below.cum + step / ONE);
    }
  });

  test(`${symbol}: maintenance margin does not jump from tier to tier`, () => {
    const market = openMarket(listing, 0 as TransactMs);
    for (const tier of rules.brackets.slice(1)) {
      const below = maintenanceMargin(market, tier.notionalFloor);
      const above = maintenanceMargin(market, tier.notionalFloor + 1n);
      assert(above - below <= 1n && above >= below);
    }
  });
}

test("cum of BTCUSDT's third tier is 1500", () => {
  assert.equal(trimmed(rulesOf(listed("BTCUSDT")).brackets[2]?.cum ?? 0n), "1500");
});

test("bracketFor takes the tier a notional falls into, its cap included, and the last beyond all", () => {
  const brackets = bracketsFrom([
    [50, "100", "0.01"],
    [20, "1000", "0.02"],
    [5, "5000", "0.1"],
  ]);
  const tierOf = (notional: string) => bracketFor(brackets, fixed(notional)).bracket;
  assert.deepEqual(["0", "100", "100.00000001", "1000", "4999", "9999"].map(tierOf), [1, 1, 2, 2, 3, 3]);
  assert.deepEqual(
    [50, 21, 20, 6, 5, 1].map((leverage) => trimmed(maxNotional(brackets, leverage))),
    ["100", "100", "1000", "1000", "5000", "5000"],
  );
});

test("a listing that would round a fill, lacks a filter, or opens off its tick is refused", () => {
  const btc = listed("BTCUSDT");
  const finer = btc.info.filters.map((filter) =>
    filter.filterType === "PRICE_FILTER" ? { ...filter, tickSize: "0.000001" } : filter,
  );
  assert.throws(() => rulesOf({ ...btc, info: { ...btc.info, filters: finer } }), UsageError);
  assert.throws(() => rulesOf({ ...btc, info: { ...btc.info, filters: btc.info.filters.slice(1) } }), UsageError);
  assert.throws(() => openMarket({ ...btc, startPrice: "86000.05" }, 0 as TransactMs), UsageError);
});

test("aligned takes the nearest multiple, and never none", () => {
  assert.deepEqual(
    [0n, 4n, 5n, 14n, 15n].map((value) => aligned(value, 10n)),
    [10n, 10n, 10n, 10n, 20n],
  );
});

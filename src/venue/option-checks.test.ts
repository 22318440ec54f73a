/** Every option of `startPaperVenue` that is not what it should be is refused before anything is opened. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../kernel/errors.ts";
import { type PaperVenueOptions, startPaperVenue } from "./index.ts";
import type { SymbolListing } from "./market/symbol-listing.ts";
import { DEFAULT_SYMBOLS } from "./market/symbols.ts";

const [BTC] = DEFAULT_SYMBOLS;
assert.ok(BTC !== undefined);

/** The listing of BTCUSDT, with something else in it. */
function listed(change: Partial<SymbolListing> | object, info: object = {}): { symbols: readonly object[] } {
  return { symbols: [{ ...BTC, ...change, info: { ...BTC?.info, ...info } }] };
}

const WITHOUT_LOT = BTC.info.filters.filter(({ filterType }) => filterType !== "LOT_SIZE");

const REFUSED: readonly [options: object | string | null, message: string, remedy?: RegExp][] = [
  [null, "options: expected an object, found null", /^The options are: .*port, host, .*tape\.$/],
  ["x", 'options: expected an object, found "x"'],
  [{ prot: 1 }, 'options: expected known names, found "prot"', /port/],
  [{ openedAt: 1 }, 'options: expected known names, found "openedAt"'],
  [{ toString: 1 }, 'options: expected known names, found "toString"'],
  [{ port: -5 }, "port: expected a whole number from 0 to 65535, found -5", /0 takes any free port/],
  [{ port: 70_000 }, "port: expected a whole number from 0 to 65535, found 70000"],
  [{ port: "x" }, 'port: expected a whole number from 0 to 65535, found "x"'],
  [{ port: "9780" }, 'port: expected a whole number from 0 to 65535, found "9780"'],
  [{ port: 1.5 }, "port: expected a whole number from 0 to 65535, found 1.5"],
  [{ port: Number.NaN }, "port: expected a whole number from 0 to 65535, found NaN"],
  [{ host: 5 }, "host: expected an address of this machine, such as 127.0.0.1, found 5"],
  [{ host: "0.0.0.0" }, 'host: expected an address of this machine, such as 127.0.0.1, found "0.0.0.0"'],
  [{ allowedOrigins: "*" }, 'allowedOrigins: expected a list of origins, found "*"', /localhost:3000/],
  [{ allowedOrigins: ["*"] }, 'allowedOrigins[0]: expected an origin such as http://localhost:3000, found "*"'],
  [{ allowedOrigins: ["http://a.b/"] }, "allowedOrigins[0]: expected an origin such as", /without a slash/],
  [{ allowedOrigins: ["a.b"] }, "allowedOrigins[0]: expected an origin such as"],
  [{ seed: "x" }, 'seed: expected a whole number from 0 to 4294967295, found "x"'],
  [{ seed: -1 }, "seed: expected a whole number from 0 to 4294967295, found -1"],
  [{ tape: "trades.csv" }, 'tape: expected an object of files by symbol, found "trades.csv"', /BTCUSDT: "trades.csv"/],
  [{ tape: { BTCUSDT: 5 } }, "tape.BTCUSDT: expected the path of a file, found 5"],
  [{ symbols: {} }, "symbols: expected a list of listings, found an object with no keys", /Leave it out/],
  [{ symbols: [] }, "symbols: expected at least one listing, found an array of 0"],
  [{ symbols: ["BTCUSDT"] }, "symbols[0]: expected an object with info, brackets, startPrice, firstOrderId, firstTrad"],
  [listed({ startPrice: "86000.05" }), "symbols[0] (BTCUSDT): expected a listing that agrees with itself, found"],
  [listed({ startPrice: 86_000 }), "symbols[0].startPrice: expected a string, found 86000"],
  [listed({ firstOrderId: "x" }), 'symbols[0].firstOrderId: expected a whole number in a string, found "x"'],
  [listed({ brackets: [] }), "symbols[0].brackets: expected at least one bracket, found an array of 0"],
  [listed({ brackets: [{}] }), "symbols[0].brackets[0].bracket: expected a number, found undefined"],
  [listed({}, { pricePrecision: "2" }), 'symbols[0].info.pricePrecision: expected a number, found "2"'],
  [listed({}, { pricePrecision: 9 }), "symbols[0].info.pricePrecision: expected a whole number from 0 to 8, found 9"],
  [listed({}, { filters: WITHOUT_LOT }), "symbols[0] (BTCUSDT): expected a listing that agrees with itself, found"],
  [listed({}, { filters: [{ filterType: "X" }] }), "symbols[0].info.filters[0].filterType: expected one of PRICE_FILT"],
  [listed({}, { filters: [{ filterType: "LOT_SIZE" }] }), "symbols[0].info.filters[0].maxQty: expected a string, foun"],
  [{ feeRates: {} }, "feeRates.maker: expected a value, found undefined", /maker: "0\.0002", taker: "0\.0005"/],
  [{ feeRates: { maker: "0.0002" } }, "feeRates.taker: expected a value, found undefined"],
  [
    { feeRates: { maker: "-0.0001", taker: "0" } },
    'feeRates.maker: expected a decimal from 0 to 1, of at most eight places, found "-0.0001"',
  ],
  [{ feeRates: { maker: "0", taker: "x" } }, "feeRates.taker: expected a decimal from 0 to 1, of at most eight places"],
  [{ feeRates: { maker: "0", taker: 0.0005 } }, "feeRates.taker: expected a decimal from 0 to 1, of", /are text/],
  [{ feeRates: { maker: "0", taker: "0", vip: 1 } }, 'feeRates: expected only maker, taker, found "vip"'],
  [{ marketMaker: "some" }, "marketMaker: expected an object with tickMs, levels, volatilityBps", /or "none"/],
  [{ marketMaker: { levels: 0 } }, "marketMaker.levels: expected a number from 1 to 200, found 0"],
  [{ marketMaker: { levels: undefined } }, "marketMaker.levels: expected a number, found undefined"],
  [
    { marketMaker: { levelNotional: "-1" } },
    "marketMaker.levelNotional: expected a decimal that is not negative, found",
  ],
  [
    { marketMaker: { level: 1 } },
    "marketMaker: expected only tickMs, levels, volatilityBps, levelNotional, spacingBps",
  ],
  [{ marginCall: 0.8 }, "marginCall: expected an object with ratio, repeatMs, found 0.8"],
  [{ marginCall: { ratio: "1.1" } }, 'marginCall.ratio: expected more than 0, at most 1, found "1.1"'],
  [{ marginCall: { ratio: "0" } }, 'marginCall.ratio: expected more than 0, at most 1, found "0"'],
  [{ marginCall: { repeatMs: -1 } }, "marginCall.repeatMs: expected milliseconds, not negative, found -1"],
  [{ marginCall: { every: 1 } }, 'marginCall: expected only ratio, repeatMs, found "every"'],
  [{ insuranceFund: "0" }, 'insuranceFund: expected an object of amounts by asset, found "0"', /USDT: "0"/],
  [{ insuranceFund: { USDT: "-1" } }, 'insuranceFund.USDT: expected a decimal that is not negative, found "-1"'],
  [{ funding: { rate: "2" } }, 'funding.rate: expected a decimal between -1 and 1, found "2"'],
  [{ funding: { intervalHours: 0 } }, "funding.intervalHours: expected a whole number from 1 to 24, found 0"],
  [{ funding: { hours: 8 } }, 'funding: expected only rate, intervalHours, found "hours"'],
  [{ funding: "always" }, 'funding: expected an object with rate, intervalHours, found "always"', /or "none"/],
  [{ limits: 5 }, "limits: expected an object with weightPerMinute, ordersPerTenSeconds"],
  [{ limits: { weightPerMinute: 0 } }, "limits.weightPerMinute: expected a whole number from 1 to"],
  [{ limits: { weightPerMinute: undefined } }, "limits.weightPerMinute: expected a whole number from 1 to"],
  [{ limits: { weight: 5 } }, "limits: expected only weightPerMinute, ordersPerTenSeconds"],
  [{ sendsRetryAfter: "no" }, 'sendsRetryAfter: expected true or false, found "no"'],
  [{ acknowledgements: "2025" }, 'acknowledgements: expected "2026-06" or "before-2026-06", found "2025"'],
  [{ triggerRejections: true }, 'triggerRejections: expected "algo-update" or "legacy", found true'],
  [{ legacyUrls: "foo" }, 'legacyUrls: expected "deliver" or "silent", found "foo"', /first/],
  [{ onPush: "log" }, 'onPush: expected a function, found "log"'],
];

test("an option that is wrong is refused: where, what was expected, what was found, what to do", async () => {
  for (const [options, message, remedy] of REFUSED) {
    await assert.rejects(startPaperVenue(options as PaperVenueOptions), (error) => {
      assert.ok(error instanceof UsageError, `${message}: ${error}`);
      assert.ok(error.message.startsWith(message), `${error.message}\nshould begin with\n${message}`);
      if (remedy !== undefined) assert.match(error.remedy ?? "", remedy);
      return true;
    });
  }
});

test("every option at its bounds is taken, and those that are undefined count as absent", async () => {
  const venues: readonly PaperVenueOptions[] = [
    {},
    { seed: undefined, feeRates: undefined, limits: undefined } as object,
    {
      port: 0,
      host: "localhost",
      allowedOrigins: ["http://localhost:3000", "https://a-b.c", "http://[::1]:5", "null"],
      seed: 2 ** 32 - 1,
      symbols: [BTC],
      feeRates: { maker: "0", taker: "1" },
      marketMaker: { tickMs: 100, levels: 1, volatilityBps: 0, levelNotional: "0.5", spacingBps: 0 },
      marginCall: { ratio: "1", repeatMs: 0 },
      insuranceFund: { USDT: "0" },
      funding: { rate: "-0.00000001", intervalHours: 24 },
      limits: { weightPerMinute: 1, refusalsBeforeBan: 0 },
      sendsRetryAfter: false,
      acknowledgements: "before-2026-06",
      triggerRejections: "legacy",
      legacyUrls: "silent",
      onPush: () => {},
      onReplay: () => {},
    },
    { marketMaker: "none", funding: "none" },
  ];
  for (const options of venues) {
    const venue = await startPaperVenue(options);
    assert.match(venue.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    await venue.close();
  }
});

/** Public reads of what was traded, and of funding. Weights: protocol sheet 11.7; limits: documented. */
import { FUNDING_PAGE, KLINES_PAGE, OLD_TRADES_PAGE, TRADES_PAGE } from "../limits.ts";
import { AggTrades, DayTicker, FundingInfo, FundingRates, Klines, Trades } from "../rest/market-history.ts";
import { bySymbol, endpoint, type GivenParameters } from "./endpoint.ts";
import { id, milliseconds, optional, required, text, wholeNumber } from "./parameters.ts";

const window = { startTime: optional(milliseconds), endTime: optional(milliseconds) } as const;

/** Lists summed trades of one symbol, oldest first. */
export const aggTrades = endpoint({
  method: "GET",
  path: "/fapi/v1/aggTrades",
  security: "NONE",
  weight: 20,
  parameters: {
    /** Symbol. */
    symbol: required(text),
    /** The first one shown; not together with times. */
    fromId: optional(id),
    ...window,
    /** 500 when absent. */
    limit: optional(wholeNumber(1, TRADES_PAGE.max)),
  },
  reply: AggTrades,
});

/** Lists the latest trades of one symbol, oldest first. */
export const trades = endpoint({
  method: "GET",
  path: "/fapi/v1/trades",
  security: "NONE",
  weight: 5,
  parameters: {
    /** Symbol. */
    symbol: required(text),
    /** 500 when absent. */
    limit: optional(wholeNumber(1, TRADES_PAGE.max)),
  },
  reply: Trades,
});

/** Lists trades of one symbol, oldest first, from an id on, or the latest. */
export const historicalTrades = endpoint({
  method: "GET",
  path: "/fapi/v1/historicalTrades",
  security: "MARKET_DATA",
  weight: 20,
  parameters: {
    /** Symbol. */
    symbol: required(text),
    /** The first one shown; the latest are shown when absent. */
    fromId: optional(id),
    /** 100 when absent. */
    limit: optional(wholeNumber(1, OLD_TRADES_PAGE.max)),
  },
  reply: Trades,
});

/** Lists candles of one symbol, oldest first. */
export const klines = endpoint({
  method: "GET",
  path: "/fapi/v1/klines",
  security: "NONE",
  weight: klinesWeight,
  parameters: {
    /** Symbol. */
    symbol: required(text),
    /** `1m` to `1M`. */
    interval: required(text),
    ...window,
    /** 500 when absent. */
    limit: optional(wholeNumber(1, KLINES_PAGE.max)),
  },
  reply: Klines,
});

function klinesWeight(given: GivenParameters): number {
  const limit = Number(given.get("limit") ?? KLINES_PAGE.usual);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1000 ? 5 : 10;
}

/** Shows the last 24 hours, of one symbol or of all. */
export const dayTicker = endpoint({
  method: "GET",
  path: "/fapi/v1/ticker/24hr",
  security: "NONE",
  weight: bySymbol(1, 40),
  parameters: { symbol: optional(text) },
  reply: DayTicker,
});

/** Lists settlements of funding, oldest first. Counts on a pool of its own. */
export const fundingRates = endpoint({
  method: "GET",
  path: "/fapi/v1/fundingRate",
  security: "NONE",
  weight: 0,
  pool: "funding",
  parameters: {
    /** Symbol; all of them when absent. */
    symbol: optional(text),
    ...window,
    /** 100 when absent. */
    limit: optional(wholeNumber(1, FUNDING_PAGE.max)),
  },
  reply: FundingRates,
});

/** Lists bounds and intervals of funding. On the same pool. */
export const fundingInfo = endpoint({
  method: "GET",
  path: "/fapi/v1/fundingInfo",
  security: "NONE",
  weight: 0,
  pool: "funding",
  parameters: {},
  reply: FundingInfo,
});

/** Public reads of what was traded, and of funding. Weights: protocol sheet 11.7; limits: documented. */
import { AggTrades, DayTicker, FundingInfo, FundingRates, Klines, Trades } from "../rest/market-history.ts";
import { bySymbol, endpoint, type GivenParameters } from "./endpoint.ts";
import { id, milliseconds, optional, required, text, wholeNumber } from "./parameters.ts";

/** How many trades or candles are shown when no limit is given. */
export const HISTORY_LIMIT = 500;

/** How many settlements of funding are shown when no limit is given. */
export const FUNDING_LIMIT = 100;

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
    limit: optional(wholeNumber(1, 1000)),
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
    limit: optional(wholeNumber(1, 1000)),
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
    limit: optional(wholeNumber(1, 1500)),
  },
  reply: Klines,
});

function klinesWeight(given: GivenParameters): number {
  const limit = Number(given.get("limit") ?? HISTORY_LIMIT);
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

/** Lists settlements of funding, oldest first. Counts on a pool of its own, which weighs nothing here. */
export const fundingRates = endpoint({
  method: "GET",
  path: "/fapi/v1/fundingRate",
  security: "NONE",
  weight: 0,
  parameters: {
    /** Symbol; all of them when absent. */
    symbol: optional(text),
    ...window,
    /** 100 when absent. */
    limit: optional(wholeNumber(1, 1000)),
  },
  reply: FundingRates,
});

/** Lists bounds and intervals of funding. On the same pool. */
export const fundingInfo = endpoint({
  method: "GET",
  path: "/fapi/v1/fundingInfo",
  security: "NONE",
  weight: 0,
  parameters: {},
  reply: FundingInfo,
});

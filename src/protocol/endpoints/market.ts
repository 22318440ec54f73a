/** Public reads a client starts with. Protocol sheet 11.7. */
import { DEPTH_USUAL } from "../limits.ts";
import { ExchangeInfo } from "../rest/exchange-info.ts";
import { Nothing } from "../rest/listen-key.ts";
import { BookTicker, Depth, MarkPrice, PriceTicker, ServerTime } from "../rest/market.ts";
import { bySymbol, endpoint, type GivenParameters } from "./endpoint.ts";
import { oneOfNumbers, optional, required, text } from "./parameters.ts";

/** Answers `{}`. */
export const ping = endpoint({
  method: "GET",
  path: "/fapi/v1/ping",
  security: "NONE",
  weight: 1,
  parameters: {},
  reply: Nothing,
});

/** Tells the exchange's clock. */
export const serverTime = endpoint({
  method: "GET",
  path: "/fapi/v1/time",
  security: "NONE",
  weight: 1,
  parameters: {},
  reply: ServerTime,
});

/** Lists limits, assets and symbols with their filters. */
export const exchangeInfo = endpoint({
  method: "GET",
  path: "/fapi/v1/exchangeInfo",
  security: "NONE",
  weight: 1,
  parameters: {},
  reply: ExchangeInfo,
});

/** Shows the book of one symbol. */
export const depth = endpoint({
  method: "GET",
  path: "/fapi/v1/depth",
  security: "NONE",
  weight: depthWeight,
  wsMethod: "depth",
  parameters: {
    /** Symbol. */
    symbol: required(text),
    /** Levels a side; 500 when absent. */
    limit: optional(oneOfNumbers(5, 10, 20, 50, 100, 500, 1000)),
  },
  reply: Depth,
});

function depthWeight(given: GivenParameters): number {
  const limit = Number(given.get("limit") ?? DEPTH_USUAL);
  if (limit <= 50) return 2;
  if (limit <= 100) return 5;
  return limit <= 500 ? 10 : 20;
}

const ofSymbol = { symbol: optional(text) } as const;

/** Shows the best quotes, of one symbol or of all. */
export const bookTicker = endpoint({
  method: "GET",
  path: "/fapi/v1/ticker/bookTicker",
  security: "NONE",
  weight: bySymbol(2, 5),
  wsMethod: "ticker.book",
  parameters: ofSymbol,
  reply: BookTicker,
});

/** Shows the last price, of one symbol or of all. The older form. */
export const priceTickerV1 = endpoint({
  method: "GET",
  path: "/fapi/v1/ticker/price",
  security: "NONE",
  weight: bySymbol(1, 2),
  parameters: ofSymbol,
  reply: PriceTicker,
});

/** Shows the last price, of one symbol or of all. */
export const priceTicker = endpoint({
  method: "GET",
  path: "/fapi/v2/ticker/price",
  security: "NONE",
  weight: bySymbol(1, 2),
  wsMethod: "ticker.price",
  parameters: ofSymbol,
  reply: PriceTicker,
});

/** Shows mark and index price and the funding rate, of one symbol or of all. */
export const markPrice = endpoint({
  method: "GET",
  path: "/fapi/v1/premiumIndex",
  security: "NONE",
  weight: bySymbol(1, 10),
  parameters: ofSymbol,
  reply: MarkPrice,
});

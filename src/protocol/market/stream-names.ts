/**
 * Names of market streams, `btcusdt@depth5@100ms`, `!markPrice@arr@1s`, read into what they ask for. Pure. Symbols are
 * in lower case in names; a name in upper case is the name of nothing (documented).
 */
import type { StreamRoute } from "../stream-url.ts";

/** Candle intervals, as documented for this exchange. */
export const KLINE_INTERVALS = [
  "1m",
  "3m",
  "5m",
  "15m",
  "30m",
  "1h",
  "2h",
  "4h",
  "6h",
  "8h",
  "12h",
  "1d",
  "3d",
  "1w",
  "1M",
] as const;

/** A candle interval: minutes, hours, days, weeks, months. */
export type KlineInterval = (typeof KLINE_INTERVALS)[number];

/** What a market stream tells of one symbol; the arrays of all symbols name none. */
export type MarketStream =
  | { readonly kind: "aggTrade"; readonly symbol: string }
  | { readonly kind: "trade"; readonly symbol: string }
  | { readonly kind: "bookTicker"; readonly symbol: string | undefined }
  | { readonly kind: "depth"; readonly symbol: string; readonly everyMs: number }
  | { readonly kind: "partialDepth"; readonly symbol: string; readonly levels: number; readonly everyMs: number }
  | { readonly kind: "markPrice"; readonly symbol: string | undefined; readonly everyMs: number }
  | { readonly kind: "kline"; readonly symbol: string; readonly interval: KlineInterval }
  | { readonly kind: "ticker"; readonly symbol: string | undefined }
  | { readonly kind: "miniTicker"; readonly symbol: string | undefined }
  | { readonly kind: "contractInfo"; readonly symbol: undefined };

/** How often the order book is told when the name says nothing. Documented. */
const DEPTH_EVERY_MS = 250;

/** How often the mark price is told when the name says nothing. Documented. */
const MARK_PRICE_EVERY_MS = 3000;

const ONE_SYMBOL = /^([^@!A-Z]+)@(.+)$/;

/** Reads the name of a market stream; `undefined` when it is none. Symbols come out in upper case. */
export function readMarketStream(name: string): MarketStream | undefined {
  const [, lower, topic] = ONE_SYMBOL.exec(name) ?? [];
  return lower === undefined || topic === undefined ? ofAll(name) : ofSymbol(lower.toUpperCase(), topic);
}

/**
 * The routed endpoint a name belongs to: `public` for books and single trades, `market` for the other market streams,
 * `private` for all else, which is to say listenKeys. Documented, but for `trade`, which no page names (*seen*).
 */
export function routeOf(name: string): Exclude<StreamRoute, "legacy"> {
  if (!name.includes("@") && !name.startsWith("!")) return "private";
  return /@depth|@trade$|bookTicker$/.test(name) ? "public" : "market";
}

function ofAll(name: string): MarketStream | undefined {
  switch (name) {
    case "!bookTicker":
      return { kind: "bookTicker", symbol: undefined };
    case "!markPrice@arr":
      return { kind: "markPrice", symbol: undefined, everyMs: MARK_PRICE_EVERY_MS };
    case "!markPrice@arr@1s":
      return { kind: "markPrice", symbol: undefined, everyMs: 1000 };
    case "!contractInfo":
      return { kind: "contractInfo", symbol: undefined };
    case "!ticker@arr":
      return { kind: "ticker", symbol: undefined };
    case "!miniTicker@arr":
      return { kind: "miniTicker", symbol: undefined };
    default:
      return undefined;
  }
}

function ofSymbol(symbol: string, topic: string): MarketStream | undefined {
  switch (topic) {
    case "aggTrade":
    case "trade":
    case "bookTicker":
    case "ticker":
    case "miniTicker":
      return { kind: topic, symbol };
    case "markPrice":
      return { kind: "markPrice", symbol, everyMs: MARK_PRICE_EVERY_MS };
    case "markPrice@1s":
      return { kind: "markPrice", symbol, everyMs: 1000 };
  }
  const interval = topic.startsWith("kline_") ? topic.slice("kline_".length) : undefined;
  if (isKlineInterval(interval)) return { kind: "kline", symbol, interval };
  const [whole, levels, speed] = /^depth(5|10|20)?(?:@(100|250|500)ms)?$/.exec(topic) ?? [];
  if (whole === undefined) return undefined;
  const everyMs = speed === undefined ? DEPTH_EVERY_MS : Number(speed);
  return levels === undefined
    ? { kind: "depth", symbol, everyMs }
    : { kind: "partialDepth", symbol, levels: Number(levels), everyMs };
}

/** Is it one of {@link KLINE_INTERVALS}? */
export function isKlineInterval(text: string | undefined): text is KlineInterval {
  return KLINE_INTERVALS.some((interval) => interval === text);
}

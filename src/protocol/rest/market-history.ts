/** Replies about what was traded, and about funding. Protocol sheet 11.7, official connector. */
import { isDecimal } from "../../kernel/decimal.ts";
import { WireFormatError } from "../../kernel/errors.ts";
import type { Decimal, TransactMs } from "../../kernel/scalars.ts";
import {
  type Codec,
  decimal,
  flag,
  type Infer,
  id64,
  integer,
  list,
  optional,
  record,
  text,
  transactMs,
} from "../codec.ts";
import { objectOrList } from "./reply-forms.ts";

/** `GET /fapi/v1/aggTrades`: fills of one price and one taking side within 100 ms, summed; oldest first. */
export const AggTrades = list(
  record({
    /** Aggregate trade id. */
    a: id64,
    /** Price. */
    p: decimal,
    /** Quantity, base asset. */
    q: decimal,
    /** The same without RPI orders (since 2026). */
    nq: optional(decimal),
    /** First trade id. */
    f: id64,
    /** Last trade id. */
    l: id64,
    /** When the last of them happened. */
    T: transactMs,
    /** Was the buyer the maker? */
    m: flag,
  }),
);

/** `GET /fapi/v1/aggTrades`. */
export type AggTrades = Infer<typeof AggTrades>;

/** `GET /fapi/v1/trades`: the latest ones, oldest first. */
export const Trades = list(
  record({
    /** Trade id. */
    id: id64,
    /** Price. */
    price: decimal,
    /** Quantity, base asset. */
    qty: decimal,
    /** Price × quantity. */
    quoteQty: decimal,
    /** When it happened. */
    time: transactMs,
    /** Was the buyer the maker? */
    isBuyerMaker: flag,
    /** Had it to do with an RPI order? */
    isRPITrade: optional(flag),
  }),
);

/** `GET /fapi/v1/trades`. */
export type Trades = Infer<typeof Trades>;

/** One candle, by place. */
export type Kline = [
  start: TransactMs,
  open: Decimal,
  high: Decimal,
  low: Decimal,
  close: Decimal,
  volume: Decimal,
  /** Its last millisecond. */
  closeTime: TransactMs,
  quoteVolume: Decimal,
  trades: number,
  /** Bought by takers, base asset. */
  takerVolume: Decimal,
  /** Bought by takers, quote asset. */
  takerQuoteVolume: Decimal,
  /** To be ignored. */
  ignored: Decimal,
];

/** Which places of a {@link Kline} are numbers; the others are decimals in strings. */
const KLINE_NUMBERS: ReadonlySet<number> = new Set([0, 6, 8]);
const KLINE_PLACES = 12;

const kline: Codec<Kline> = {
  expected: "a candle of 12 places",
  fast: () => "false",
  read(value, place) {
    const isRight =
      Array.isArray(value) &&
      value.length === KLINE_PLACES &&
      value.every((v, i) => (KLINE_NUMBERS.has(i) ? Number.isSafeInteger(v) : typeof v === "string" && isDecimal(v)));
    if (!isRight) throw new WireFormatError(place.path, "a candle of 12 places", value);
    return value as Kline;
  },
  write: (value) => JSON.stringify(value),
};

/** `GET /fapi/v1/klines`: candles, oldest first, the open one last. */
export const Klines = list(kline);

const DayTickerOfSymbol = record({
  /** Symbol. */
  symbol: text,
  /** From the open to the last price. */
  priceChange: decimal,
  /** The same in percent. */
  priceChangePercent: decimal,
  /** Weighted by volume. */
  weightedAvgPrice: decimal,
  /** Of the last trade. */
  lastPrice: decimal,
  /** Of the last trade, base asset. */
  lastQty: decimal,
  /** Where the window begins. */
  openPrice: decimal,
  /** Highest price. */
  highPrice: decimal,
  /** Lowest price. */
  lowPrice: decimal,
  /** Volume, base asset. */
  volume: decimal,
  /** Volume, quote asset. */
  quoteVolume: decimal,
  /** Where the window begins. */
  openTime: transactMs,
  /** Where it ends. */
  closeTime: transactMs,
  /** First trade id. */
  firstId: id64,
  /** Last trade id. */
  lastId: id64,
  /** Trades. */
  count: integer,
});

/** The last 24 hours of one symbol. */
export type DayTickerOfSymbol = Infer<typeof DayTickerOfSymbol>;

/** `GET /fapi/v1/ticker/24hr`. */
export const DayTicker = objectOrList(DayTickerOfSymbol);

/** `GET /fapi/v1/fundingRate`: settlements, oldest first. */
export const FundingRates = list(
  record({
    /** Symbol. */
    symbol: text,
    /** Fraction of the notional; longs pay it when it is positive. */
    fundingRate: decimal,
    /** When it was settled. */
    fundingTime: transactMs,
    /** What it was settled at. */
    markPrice: decimal,
    /** `Regular` for those by the clock (since August 2026). */
    rateType: optional(text),
  }),
);

/** `GET /fapi/v1/fundingRate`. */
export type FundingRates = Infer<typeof FundingRates>;

/** `GET /fapi/v1/fundingInfo`: bounds and interval of funding. */
export const FundingInfo = list(
  record({
    /** Symbol. */
    symbol: text,
    /** Highest rate. */
    adjustedFundingRateCap: decimal,
    /** Lowest rate. */
    adjustedFundingRateFloor: decimal,
    /** Hours between settlements. */
    fundingIntervalHours: integer,
    /** To be ignored. */
    disclaimer: flag,
  }),
);

/** `GET /fapi/v1/fundingInfo`. */
export type FundingInfo = Infer<typeof FundingInfo>;

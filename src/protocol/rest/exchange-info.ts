/** The reply to `GET /fapi/v1/exchangeInfo`: limits, assets, and how each symbol is listed. Protocol sheet 10.2. */
import { decimal, flag, type Infer, integer, list, optional, record, text, transactMs } from "../codec.ts";
import { contractStatus, contractType, filterType, orderType, timeInForce } from "../enumerations.ts";
import { RateLimit } from "./account-settings.ts";
import { nullable } from "./reply-forms.ts";

/** One rule for orders; which fields it has follows from its type. */
export const SymbolFilter = record({
  /** Which rule it is. */
  filterType,
  /** 0 switches it off. */
  maxPrice: optional(decimal),
  /** 0 switches it off. */
  minPrice: optional(decimal),
  /** `(price − minPrice)` is a multiple of it; 0 switches it off. */
  tickSize: optional(decimal),
  /** Base asset. */
  maxQty: optional(decimal),
  /** Base asset. */
  minQty: optional(decimal),
  /** A quantity is a multiple of it. */
  stepSize: optional(decimal),
  /** Of open orders. */
  limit: optional(integer),
  /** Least price × quantity; reduce-only orders are exempt. */
  notional: optional(decimal),
  /** A buy order's price is at most the mark price times this. */
  multiplierUp: optional(decimal),
  /** A sell order's price is at least the mark price times this. */
  multiplierDown: optional(decimal),
  /** Places of the multipliers. */
  multiplierDecimal: optional(decimal),
  /** Not on the page of May 2026, seen live. */
  positionControlSide: optional(text),
});

/** One rule for orders. */
export type SymbolFilter = Infer<typeof SymbolFilter>;

/** How one symbol is listed. */
export const ListedSymbol = record({
  /** Symbol. */
  symbol: text,
  /** The pair it is a contract of. */
  pair: text,
  /** `PERPETUAL` for perpetuals. */
  contractType,
  /** When a perpetual ends: far away. */
  deliveryDate: integer,
  /** When it was listed. */
  onboardDate: integer,
  /** `TRADING` when orders are taken. */
  status: contractStatus,
  /** To be ignored (documented). */
  maintMarginPercent: decimal,
  /** To be ignored (documented). */
  requiredMarginPercent: decimal,
  /** What is traded. */
  baseAsset: text,
  /** What prices are in. */
  quoteAsset: text,
  /** What profit and loss are paid in. */
  marginAsset: text,
  /** Not the tick. */
  pricePrecision: integer,
  /** Not the step. */
  quantityPrecision: integer,
  /** Places of amounts of the base asset. */
  baseAssetPrecision: integer,
  /** Places of amounts of the quote asset. */
  quotePrecision: integer,
  /** `COIN` for coins. */
  underlyingType: text,
  /** What kind of coin; may be empty. */
  underlyingSubType: list(text),
  /** Undocumented. */
  settlePlan: optional(integer),
  /** Farthest that mark and last price may lie apart when a protected conditional order triggers, as a fraction. */
  triggerProtect: decimal,
  /** Fraction of the notional. */
  liquidationFee: decimal,
  /** Farthest from the mark price a market order may trade, as a fraction. */
  marketTakeBound: decimal,
  /** Seen live in 2026. */
  maxMoveOrderLimit: optional(integer),
  /** Rules for orders. */
  filters: list(SymbolFilter),
  /** Types of orders it takes, conditional ones included. */
  orderTypes: list(orderType),
  /** Time in force. */
  timeInForce: list(timeInForce),
  /** Seen live in 2026. */
  permissionSets: optional(list(text)),
});

/** How one symbol is listed. */
export type ListedSymbol = Infer<typeof ListedSymbol>;

/** `GET /fapi/v1/exchangeInfo`. */
export const ExchangeInfo = record({
  /** `UTC`. */
  timezone: text,
  /** Not for setting a clock by; `GET /fapi/v1/time` is. */
  serverTime: transactMs,
  /** All limits. */
  rateLimits: list(RateLimit),
  /** Empty so far. */
  exchangeFilters: list(text),
  /** One entry per asset. */
  assets: list(
    record({
      /** Asset. */
      asset: text,
      /** May it serve as margin in Multi-Assets mode? */
      marginAvailable: flag,
      /** At which debt it is converted; `null` when never. */
      autoAssetExchange: nullable(decimal),
    }),
  ),
  /** One entry per symbol. */
  symbols: list(ListedSymbol),
});

/** `GET /fapi/v1/exchangeInfo`. */
export type ExchangeInfo = Infer<typeof ExchangeInfo>;

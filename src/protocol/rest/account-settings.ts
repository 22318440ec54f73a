/** Replies about how the account is set up: modes, leverage, brackets, rates, limits. Protocol sheet 11.2, 11.6. */
import { decimal, flag, type Infer, integer, list, optional, record, text, transactMs } from "../codec.ts";
import { marginType, positionSide, rateLimitInterval, rateLimitType } from "../enumerations.ts";
import { bareDecimal, bareInteger, numbersAsText, objectOrList } from "./reply-forms.ts";

/** `GET /fapi/v1/accountConfig`. */
export const AccountConfig = record({
  /** Level of commissions, 0 for regular users. */
  feeTier: integer,
  /** May it trade? */
  canTrade: flag,
  /** May money come in? */
  canDeposit: flag,
  /** May money go out? */
  canWithdraw: flag,
  /** Hedge mode. */
  dualSidePosition: flag,
  /** Reserved; 0. */
  updateTime: transactMs,
  /** Multi-Assets mode. */
  multiAssetsMargin: flag,
  /** -1 when there is none. */
  tradeGroupId: integer,
});

/** `GET /fapi/v1/accountConfig`. */
export type AccountConfig = Infer<typeof AccountConfig>;

/** One symbol's settings, as `GET /fapi/v1/symbolConfig` shows them. */
export const SymbolConfig = record({
  /** Symbol. */
  symbol: text,
  /** In capitals here. */
  marginType,
  /** `true` or `false`; a bare boolean here. */
  isAutoAddMargin: flag,
  /** Leverage. */
  leverage: integer,
  /** The largest notional the leverage allows. */
  maxNotionalValue: decimal,
});

/** One symbol's settings. */
export type SymbolConfig = Infer<typeof SymbolConfig>;

/** `GET /fapi/v1/positionSide/dual`. */
export const PositionMode = record({
  /** Hedge mode. */
  dualSidePosition: flag,
});

/** `GET /fapi/v1/positionSide/dual`. */
export type PositionMode = Infer<typeof PositionMode>;

/** `GET /fapi/v1/multiAssetsMargin`. */
export const MultiAssetsMode = record({ multiAssetsMargin: flag });

/** `GET /fapi/v1/multiAssetsMargin`. */
export type MultiAssetsMode = Infer<typeof MultiAssetsMode>;

/** `GET /fapi/v1/feeBurn`. */
export const FeeBurn = record({
  /** Are commissions paid in BNB? */
  feeBurn: flag,
});

/** `GET /fapi/v1/feeBurn`. */
export type FeeBurn = Infer<typeof FeeBurn>;

/** The reply to `POST /fapi/v1/leverage`. */
export const LeverageSet = record({
  /** Leverage. */
  leverage: integer,
  /** The largest notional it allows. */
  maxNotionalValue: decimal,
  /** Symbol. */
  symbol: text,
});

/** The reply to `POST /fapi/v1/leverage`. */
export type LeverageSet = Infer<typeof LeverageSet>;

const LeverageBracketsOfSymbol = record({
  /** Symbol. */
  symbol: text,
  /** Only when the brackets were adjusted for this user. */
  notionalCoef: optional(bareDecimal),
  /** Lowest first. */
  brackets: list(
    record({
      /** 1 for the lowest. */
      bracket: bareInteger,
      /** The highest leverage in this bracket. */
      initialLeverage: bareInteger,
      /** Largest notional, this value included. */
      notionalCap: bareDecimal,
      /** Notional above which the bracket begins. */
      notionalFloor: bareDecimal,
      /** Maintenance margin as a fraction of the notional. */
      maintMarginRatio: bareDecimal,
      /** What makes the maintenance margin continuous from bracket to bracket. */
      cum: bareDecimal,
    }),
  ),
});

/**
 * `GET /fapi/v1/leverageBracket`: a list; the documentation shows a bare object when a symbol was asked for. Its text
 * is to be parsed with `parseJsonNumbersAsText`.
 */
export const LeverageBrackets = numbersAsText(objectOrList(LeverageBracketsOfSymbol));

/** The brackets of one symbol. */
export type LeverageBracketsOfSymbol = Infer<typeof LeverageBracketsOfSymbol>;

/** `GET /fapi/v1/commissionRate`. */
export const CommissionRate = record({
  /** Symbol. */
  symbol: text,
  /** Fraction of the notional. */
  makerCommissionRate: decimal,
  /** Fraction of the notional. */
  takerCommissionRate: decimal,
  /** Since 2025-11-26. */
  rpiCommissionRate: optional(decimal),
});

/** `GET /fapi/v1/commissionRate`. */
export type CommissionRate = Infer<typeof CommissionRate>;

/** One order limit, as `GET /fapi/v1/rateLimit/order` and `exchangeInfo` list them. */
export const RateLimit = record({
  /** What is counted. */
  rateLimitType,
  /** Unit of the window. */
  interval: rateLimitInterval,
  /** How many units the window has. */
  intervalNum: integer,
  /** How much fits into one window. */
  limit: integer,
});

/** One limit. */
export type RateLimit = Infer<typeof RateLimit>;

/** The reply to `POST /fapi/v1/positionMargin`. */
export const PositionMarginSet = numbersAsText(
  record({
    /** What was moved, a bare number. */
    amount: bareDecimal,
    /** 200. */
    code: bareInteger,
    /** That it was done. */
    msg: text,
    /** 1 into the position, 2 out of it. */
    type: bareInteger,
  }),
);

/** The reply to `POST /fapi/v1/positionMargin`. */
export type PositionMarginSet = Infer<typeof PositionMarginSet>;

/** One move of margin into or out of an isolated position. */
export const PositionMarginChange = record({
  /** Symbol. */
  symbol: text,
  /** 1 into the position, 2 out of it. */
  type: integer,
  /** Why it was moved: `USER_ADJUST`. */
  deltaType: text,
  /** Positive. */
  amount: decimal,
  /** Asset. */
  asset: text,
  /** When it was moved. */
  time: transactMs,
  /** `BOTH` in one-way mode. */
  positionSide,
});

/** One move of margin into or out of an isolated position. */
export type PositionMarginChange = Infer<typeof PositionMarginChange>;

/** Where the positions of one symbol stand in the queue of auto-deleveraging: 0 last, 4 first. */
export const AdlQuantile = record({
  /** Symbol. */
  symbol: text,
  /** By direction. */
  adlQuantile: record({
    /** The long position's. */
    LONG: integer,
    /** The short position's. */
    SHORT: integer,
    /** The position's, in one-way mode only. */
    BOTH: optional(integer),
    /** A mark that there are two positions, in hedge mode only. */
    HEDGE: optional(integer),
  }),
});

/** Where the positions of one symbol stand in the queue of auto-deleveraging. */
export type AdlQuantile = Infer<typeof AdlQuantile>;

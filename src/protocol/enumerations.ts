/**
 * The words Binance chooses from, each list stated once: for the tables of events and replies, for what a venue takes,
 * for our types. Pure.
 *
 * L10: no list is closed. A table passes a word that is not here on as it came, and tells of it. Documented (common
 * definitions and the pages of the events), unless a comment says otherwise.
 */
import { type OpenCodec, oneOf } from "./codec.ts";

type Known<C> = C extends OpenCodec<infer V> ? V : never;

/** Buy or sell. */
export const side = oneOf("BUY", "SELL");

/** Buy or sell. */
export type Side = Known<typeof side>;

/** Which position an order works on; `BOTH` in one-way mode, the others in hedge mode. */
export const positionSide = oneOf("BOTH", "LONG", "SHORT");

/** Which position an order works on. */
export type PositionSide = Known<typeof positionSide>;

/** What an order in the matching engine can be; all else waits in the algo service since 2025-12-09. */
export const bookOrderType = oneOf("LIMIT", "MARKET");

/** What an order in the matching engine can be. */
export type BookOrderType = Known<typeof bookOrderType>;

/** What a conditional order places when it triggers, and whether it trails. Only the algo service takes them. */
export const conditionalType = oneOf(
  "STOP",
  "STOP_MARKET",
  "TAKE_PROFIT",
  "TAKE_PROFIT_MARKET",
  "TRAILING_STOP_MARKET",
);

/** What a conditional order places when it triggers, and whether it trails. */
export type ConditionalType = Known<typeof conditionalType>;

/** Every type an order is shown with; `LIQUIDATION` in events only. */
export const orderType = oneOf(...bookOrderType.values, ...conditionalType.values, "LIQUIDATION");

/** How long an order of the order endpoint may ask to live. */
export const orderTimeInForce = oneOf("GTC", "IOC", "FOK", "GTX", "GTD");

/** The same for conditional orders: `GTE_GTC` lives as long as its position. */
export const conditionalTimeInForce = oneOf(...orderTimeInForce.values, "GTE_GTC");

/** How long an order lives that came by either way. */
export type TimeInForce = Known<typeof conditionalTimeInForce>;

/** Every time in force an order is shown with; `RPI` is for liquidity providers. */
export const timeInForce = oneOf(...conditionalTimeInForce.values, "RPI");

/** Where an order stands in its life, as events tell it. The first two are open, the others final. */
export const orderStatus = oneOf("NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH");

/** Where an order stands in its life. */
export type OrderStatus = Known<typeof orderStatus>;

/** The same in replies. What is refused pushes no event: `REJECTED` stands in the list for replies only. */
export const repliedOrderStatus = oneOf(...orderStatus.values, "REJECTED");

/** What an `ORDER_TRADE_UPDATE` tells of. `CALCULATED` is a fill of a liquidation or of auto-deleveraging. */
export const executionType = oneOf("NEW", "CANCELED", "CALCULATED", "EXPIRED", "TRADE", "AMENDMENT");

/** What an `ORDER_TRADE_UPDATE` tells of. */
export type ExecutionType = Known<typeof executionType>;

/** Why an order expired, since 2025-10-23; what each means stands in `EXPIRY_REASONS`. */
export const expiryReason = oneOf("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

/** Why an order expired. */
export type ExpiryReason = Known<typeof expiryReason>;

/** Which price triggers a conditional order: that of the last trade, or the mark price. */
export const workingType = oneOf("CONTRACT_PRICE", "MARK_PRICE");

/** Which price triggers a conditional order. */
export type WorkingType = Known<typeof workingType>;

/**
 * Whose price an order takes over from the book when it comes; `NONE` when it names its own. `OPPONENT_10` and
 * `OPPONENT_20` are switched off since 2025-10-23 (change log), and still on the pages.
 */
export const priceMatch = oneOf(
  "NONE",
  "OPPONENT",
  "OPPONENT_5",
  "OPPONENT_10",
  "OPPONENT_20",
  "QUEUE",
  "QUEUE_5",
  "QUEUE_10",
  "QUEUE_20",
);

/** Whose price an order takes over from the book when it comes. */
export type PriceMatch = Known<typeof priceMatch>;

/** What happens when an order would trade with another order of its own account; the taker's mode decides. */
export const selfTradePrevention = oneOf("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH");

/** What happens when an order would trade with another order of its own account. */
export type SelfTradePrevention = Known<typeof selfTradePrevention>;

/** Kinds of orders of the algo service; the only one so far. */
export const algoType = oneOf("CONDITIONAL");

/**
 * Where a conditional order stands in its life. Only `NEW` waits; `TRIGGERING` and `TRIGGERED` have not ended (*seen*).
 */
export const algoStatus = oneOf("NEW", "CANCELED", "TRIGGERING", "TRIGGERED", "FINISHED", "REJECTED", "EXPIRED");

/** Where a conditional order stands in its life. */
export type AlgoStatus = Known<typeof algoStatus>;

/** Why the exchange itself closed a position, as `forceOrders` asks for it. */
export const autoCloseType = oneOf("LIQUIDATION", "ADL");

/** Why the exchange itself closed a position. */
export type AutoCloseType = Known<typeof autoCloseType>;

/** Cross or isolated margin, in capitals: in `MARGIN_CALL`, `symbolConfig` and requests. */
export const marginType = oneOf("CROSSED", "ISOLATED");

/** Cross or isolated margin, in capitals. */
export type MarginType = Known<typeof marginType>;

/** The same in lower case, with another word for cross: in `ACCOUNT_UPDATE` and `positionRisk` v2. */
export const lowerMarginType = oneOf("cross", "isolated");

/** Why balances or positions changed: `m` of `ACCOUNT_UPDATE`. */
export const updateReason = oneOf(
  "DEPOSIT",
  "WITHDRAW",
  "ORDER",
  "FUNDING_FEE",
  "WITHDRAW_REJECT",
  "ADJUSTMENT",
  "INSURANCE_CLEAR",
  "ADMIN_DEPOSIT",
  "ADMIN_WITHDRAW",
  "MARGIN_TRANSFER",
  "MARGIN_TYPE_CHANGE",
  "ASSET_TRANSFER",
  "OPTIONS_PREMIUM_FEE",
  "OPTIONS_SETTLE_PROFIT",
  "AUTO_EXCHANGE",
  "COIN_SWAP_DEPOSIT",
  "COIN_SWAP_WITHDRAW",
);

/** Why balances or positions changed. */
export type UpdateReason = Known<typeof updateReason>;

/** What changed the wallet, as `income` lists it. */
export const incomeType = oneOf(
  "TRANSFER",
  "WELCOME_BONUS",
  "REALIZED_PNL",
  "FUNDING_FEE",
  "COMMISSION",
  "INSURANCE_CLEAR",
  "REFERRAL_KICKBACK",
  "COMMISSION_REBATE",
  "API_REBATE",
  "CONTEST_REWARD",
  "CROSS_COLLATERAL_TRANSFER",
  "OPTIONS_PREMIUM_FEE",
  "OPTIONS_SETTLE_PROFIT",
  "INTERNAL_TRANSFER",
  "AUTO_EXCHANGE",
  // Spelt so by Binance.
  "DELIVERED_SETTELMENT",
  "COIN_SWAP_DEPOSIT",
  "COIN_SWAP_WITHDRAW",
  "POSITION_LIMIT_INCREASE_FEE",
  "STRATEGY_UMFUTURES_TRANSFER",
  "FEE_RETURN",
  "BFUSD_REWARD",
  "SPECIAL_FUNDING_FEE",
);

/** What changed the wallet. */
export type IncomeType = Known<typeof incomeType>;

/** Kinds of strategies; the only one documented. */
export const strategyType = oneOf("GRID");

/** Where a strategy stands in its life; note the double L of `CANCELLED`. */
export const strategyStatus = oneOf("NEW", "WORKING", "CANCELLED", "EXPIRED");

/** Where a strategy stands in its life. */
export type StrategyStatus = Known<typeof strategyStatus>;

/** Kinds of contracts; `TRADIFI_PERPETUAL` is *seen* since 2026. */
export const contractType = oneOf(
  "PERPETUAL",
  "CURRENT_MONTH",
  "NEXT_MONTH",
  "CURRENT_QUARTER",
  "NEXT_QUARTER",
  "PERPETUAL_DELIVERING",
  "TRADIFI_PERPETUAL",
);

/** Where a contract stands in its life: orders are taken while it is `TRADING`. */
export const contractStatus = oneOf(
  "PENDING_TRADING",
  "TRADING",
  "PRE_DELIVERING",
  "DELIVERING",
  "DELIVERED",
  "PRE_SETTLE",
  "SETTLING",
  "CLOSE",
);

/** Where a contract stands in its life. */
export type ContractStatus = Known<typeof contractStatus>;

/** Rules for orders of a symbol, as `exchangeInfo` lists them; the last is *seen* live, and on no page. */
export const filterType = oneOf(
  "PRICE_FILTER",
  "LOT_SIZE",
  "MARKET_LOT_SIZE",
  "MAX_NUM_ORDERS",
  "MIN_NOTIONAL",
  "PERCENT_PRICE",
  "POSITION_RISK_CONTROL",
);

/** What a limit of requests counts. */
export const rateLimitType = oneOf("REQUEST_WEIGHT", "ORDERS", "RAW_REQUESTS");

/** Unit of the window of such a limit. */
export const rateLimitInterval = oneOf("SECOND", "MINUTE", "HOUR", "DAY");

/** Reading and setting up the account. Protocol sheet 11.2, 11.6. */
import { list } from "../codec.ts";
import { FORCE_ORDERS_PAGE, INCOME_PAGE, MARGIN_HISTORY_PAGE } from "../limits.ts";
import { AccountV2, AccountV3, Balance } from "../rest/account.ts";
import {
  AccountConfig,
  AdlQuantile,
  CommissionRate,
  FeeBurn,
  LeverageBrackets,
  LeverageSet,
  MultiAssetsMode,
  PositionMarginChange,
  PositionMarginSet,
  PositionMode,
  RateLimit,
  SymbolConfig,
} from "../rest/account-settings.ts";
import { Income } from "../rest/income.ts";
import { Order } from "../rest/orders.ts";
import { PositionRiskV2, PositionRiskV3 } from "../rest/position-risk.ts";
import { CodeAndText } from "../rest/reply-forms.ts";
import { bySymbol, endpoint } from "./endpoint.ts";
import { milliseconds, optional, required, text, truth, wholeNumber } from "./parameters.ts";

const read = { method: "GET", security: "USER_DATA" } as const;
const ofSymbol = { symbol: optional(text) } as const;

/** Shows money and positions, every symbol; the older form. Weight: 5 by the pages, 10 by the change log of 2024. */
export const accountV2 = endpoint({
  ...read,
  path: "/fapi/v2/account",
  weight: 5,
  wsMethod: "account.status",
  parameters: {},
  reply: AccountV2,
});

/** Shows money and positions. */
export const account = endpoint({
  ...read,
  path: "/fapi/v3/account",
  weight: 5,
  wsMethod: "v2/account.status",
  parameters: {},
  reply: AccountV3,
});

/** Lists the account's assets; the older form. */
export const balanceV2 = endpoint({
  ...read,
  path: "/fapi/v2/balance",
  weight: 5,
  wsMethod: "account.balance",
  parameters: {},
  reply: list(Balance),
});

/** Lists the account's assets. */
export const balance = endpoint({
  ...read,
  path: "/fapi/v3/balance",
  weight: 5,
  wsMethod: "v2/account.balance",
  parameters: {},
  reply: list(Balance),
});

/** Lists positions; the older form, flat ones too. */
export const positionRiskV2 = endpoint({
  ...read,
  path: "/fapi/v2/positionRisk",
  weight: 5,
  wsMethod: "account.position",
  parameters: ofSymbol,
  reply: list(PositionRiskV2),
});

/** Lists positions, and flat symbols that have open orders. */
export const positionRisk = endpoint({
  ...read,
  path: "/fapi/v3/positionRisk",
  weight: 5,
  wsMethod: "v2/account.position",
  parameters: ofSymbol,
  reply: list(PositionRiskV3),
});

/** Shows modes and permissions of the account. */
export const accountConfig = endpoint({
  ...read,
  path: "/fapi/v1/accountConfig",
  weight: 5,
  parameters: {},
  reply: AccountConfig,
});

/** Shows leverage and margin type per symbol. */
export const symbolConfig = endpoint({
  ...read,
  path: "/fapi/v1/symbolConfig",
  weight: 5,
  parameters: ofSymbol,
  reply: list(SymbolConfig),
});

/** Sets the leverage of one symbol. */
export const changeLeverage = endpoint({
  method: "POST",
  path: "/fapi/v1/leverage",
  security: "TRADE",
  weight: 1,
  parameters: { symbol: required(text), leverage: required(wholeNumber()) },
  reply: LeverageSet,
});

/** Sets cross or isolated margin of one symbol. */
export const changeMarginType = endpoint({
  method: "POST",
  path: "/fapi/v1/marginType",
  security: "TRADE",
  weight: 1,
  parameters: {
    symbol: required(text),
    /** `ISOLATED` or `CROSSED`. */
    marginType: required(text),
  },
  reply: CodeAndText,
});

/** Shows whether the account is in hedge mode. */
export const positionMode = endpoint({
  ...read,
  path: "/fapi/v1/positionSide/dual",
  weight: 30,
  parameters: {},
  reply: PositionMode,
});

/** Sets one-way or hedge mode. */
export const changePositionMode = endpoint({
  method: "POST",
  path: "/fapi/v1/positionSide/dual",
  security: "TRADE",
  weight: 1,
  parameters: { dualSidePosition: required(truth) },
  reply: CodeAndText,
});

/** Shows whether the account is in Multi-Assets mode. */
export const multiAssetsMode = endpoint({
  ...read,
  path: "/fapi/v1/multiAssetsMargin",
  weight: 30,
  parameters: {},
  reply: MultiAssetsMode,
});

/** Sets Multi-Assets mode. */
export const changeMultiAssetsMode = endpoint({
  method: "POST",
  path: "/fapi/v1/multiAssetsMargin",
  security: "TRADE",
  weight: 1,
  parameters: { multiAssetsMargin: required(truth) },
  reply: CodeAndText,
});

/** Shows whether commissions are paid in BNB. */
export const feeBurn = endpoint({
  ...read,
  path: "/fapi/v1/feeBurn",
  weight: 30,
  parameters: {},
  reply: FeeBurn,
});

/** Shows the notional brackets, of one symbol or of all. */
export const leverageBrackets = endpoint({
  ...read,
  path: "/fapi/v1/leverageBracket",
  weight: 1,
  parameters: ofSymbol,
  reply: LeverageBrackets,
});

/** Shows the account's commission rates on one symbol. */
export const commissionRate = endpoint({
  ...read,
  path: "/fapi/v1/commissionRate",
  weight: 20,
  parameters: { symbol: required(text) },
  reply: CommissionRate,
});

/** Shows the account's own order limits. */
export const orderLimits = endpoint({
  ...read,
  path: "/fapi/v1/rateLimit/order",
  weight: 1,
  parameters: {},
  reply: list(RateLimit),
});

/** Lists what changed the wallet: transfers, commissions, realised profit, funding. Oldest first. */
export const income = endpoint({
  ...read,
  path: "/fapi/v1/income",
  weight: 30,
  parameters: {
    symbol: optional(text),
    incomeType: optional(text),
    startTime: optional(milliseconds),
    endTime: optional(milliseconds),
    /** 1 for the first. */
    page: optional(wholeNumber(1)),
    /** 100 when absent. */
    limit: optional(wholeNumber(1, INCOME_PAGE.max)),
  },
  reply: list(Income),
});

/** Moves margin into or out of an isolated position. */
export const changePositionMargin = endpoint({
  method: "POST",
  path: "/fapi/v1/positionMargin",
  security: "TRADE",
  weight: 1,
  parameters: {
    symbol: required(text),
    /** Required in hedge mode. */
    positionSide: optional(text),
    amount: required(text),
    /** 1 adds, 2 takes out. */
    type: required(wholeNumber()),
  },
  reply: PositionMarginSet,
});

/** Lists the moves of margin of one symbol's isolated positions. */
export const positionMarginHistory = endpoint({
  ...read,
  path: "/fapi/v1/positionMargin/history",
  weight: 1,
  parameters: {
    symbol: required(text),
    type: optional(wholeNumber(1, 2)),
    startTime: optional(milliseconds),
    endTime: optional(milliseconds),
    /** 500 when absent. */
    limit: optional(wholeNumber(1, MARGIN_HISTORY_PAGE.max)),
  },
  reply: list(PositionMarginChange),
});

/** Shows where positions stand in the queue of auto-deleveraging. */
export const adlQuantiles = endpoint({
  ...read,
  path: "/fapi/v1/adlQuantile",
  weight: 5,
  parameters: ofSymbol,
  reply: list(AdlQuantile),
});

/** Sets whether commissions are paid in BNB. */
export const changeFeeBurn = endpoint({
  method: "POST",
  path: "/fapi/v1/feeBurn",
  security: "TRADE",
  weight: 1,
  parameters: { feeBurn: required(truth) },
  reply: CodeAndText,
});

/** Lists the orders with which the exchange closed positions: liquidations and auto-deleveraging. */
export const forceOrders = endpoint({
  ...read,
  path: "/fapi/v1/forceOrders",
  weight: bySymbol(20, 50),
  parameters: {
    symbol: optional(text),
    /** `LIQUIDATION` or `ADL`; both when absent. */
    autoCloseType: optional(text),
    startTime: optional(milliseconds),
    endTime: optional(milliseconds),
    /** 50 when absent. */
    limit: optional(wholeNumber(1, FORCE_ORDERS_PAGE.max)),
  },
  reply: list(Order),
});

/**
 * Replies that show the money of the account. Protocol sheet 11.2.
 *
 * Amounts are padded to eight places, or `"0"` where there is nothing.
 */
import { decimal, flag, type Infer, integer, list, optional, record, text, transactMs } from "../codec.ts";
import { positionSide } from "../enumerations.ts";

/** The sums over assets: USDT only in single-asset mode, US dollars in Multi-Assets mode. */
const totals = {
  /** Margin held by positions and open orders. */
  totalInitialMargin: decimal,
  /** Below this margin balance positions are liquidated. */
  totalMaintMargin: decimal,
  /** Money in the wallet. */
  totalWalletBalance: decimal,
  /** Profit of all positions at the mark price. */
  totalUnrealizedProfit: decimal,
  /** Wallet and unrealised profit. */
  totalMarginBalance: decimal,
  /** Margin held by positions. */
  totalPositionInitialMargin: decimal,
  /** Margin held by open orders. */
  totalOpenOrderInitialMargin: decimal,
  /** The part of the wallet that is not in isolated positions. */
  totalCrossWalletBalance: decimal,
  /** Profit of cross positions at the mark price. */
  totalCrossUnPnl: decimal,
  /** What new orders may use. */
  availableBalance: decimal,
  /** What may be taken out. */
  maxWithdrawAmount: decimal,
} as const;

const AccountAsset = record({
  /** Asset. */
  asset: text,
  /** Money in the wallet. */
  walletBalance: decimal,
  /** Profit at the mark price. */
  unrealizedProfit: decimal,
  /** Wallet and unrealised profit. */
  marginBalance: decimal,
  /** Below this margin balance positions are liquidated. */
  maintMargin: decimal,
  /** Of positions and open orders together. */
  initialMargin: decimal,
  /** Margin held by positions. */
  positionInitialMargin: decimal,
  /** Margin held by open orders. */
  openOrderInitialMargin: decimal,
  /** The part of the wallet that is not in isolated positions. */
  crossWalletBalance: decimal,
  /** Profit of cross positions at the mark price. */
  crossUnPnl: decimal,
  /** What new orders may use. */
  availableBalance: decimal,
  /** What may be taken out. */
  maxWithdrawAmount: decimal,
  /** May it serve as margin in Multi-Assets mode? Not in v3 over REST. */
  marginAvailable: optional(flag),
  /** When the wallet last changed; 0 when never. */
  updateTime: transactMs,
});

const AccountPosition = record({
  /** Symbol. */
  symbol: text,
  /** `BOTH` in one-way mode. */
  positionSide,
  /** Base asset; negative is short. */
  positionAmt: decimal,
  /** Profit at the mark price. */
  unrealizedProfit: decimal,
  /** `"0"` for cross margin. */
  isolatedMargin: decimal,
  /** At the mark price; negative is short. */
  notional: decimal,
  /** `"0"` for cross margin. */
  isolatedWallet: decimal,
  /** Margin held by the position and its open orders. */
  initialMargin: decimal,
  /** Below this margin balance positions are liquidated. */
  maintMargin: decimal,
  /** When it last changed; 0 when never. */
  updateTime: transactMs,
});

/** `GET /fapi/v3/account`: only symbols with a position or open orders are listed. */
export const AccountV3 = record({
  ...totals,
  /** One entry per asset. */
  assets: list(AccountAsset),
  /** One entry per symbol and side. */
  positions: list(AccountPosition),
});

/** `GET /fapi/v3/account`. */
export type AccountV3 = Infer<typeof AccountV3>;

const AccountPositionV2 = record({
  /** Symbol. */
  symbol: text,
  /** Margin held by the position and its open orders. */
  initialMargin: decimal,
  /** Below this margin balance positions are liquidated. */
  maintMargin: decimal,
  /** Profit at the mark price. */
  unrealizedProfit: decimal,
  /** Margin held by positions. */
  positionInitialMargin: decimal,
  /** Margin held by open orders. */
  openOrderInitialMargin: decimal,
  /** In a string. */
  leverage: text,
  /** Isolated margin? */
  isolated: flag,
  /** Average entry price; `"0.0"` when flat. */
  entryPrice: decimal,
  /** In some documentation examples only. */
  breakEvenPrice: optional(decimal),
  /** The largest notional the leverage allows. */
  maxNotional: decimal,
  /** Open buy orders. */
  bidNotional: decimal,
  /** Open sell orders. */
  askNotional: decimal,
  /** `BOTH` in one-way mode. */
  positionSide,
  /** Base asset; negative is short. */
  positionAmt: decimal,
  /** When it last changed. */
  updateTime: transactMs,
});

/** `GET /fapi/v2/account`: every symbol is listed. */
export const AccountV2 = record({
  /** Level of commissions, 0 for regular users. */
  feeTier: integer,
  /** Are commissions paid in BNB? Not in replies of the WS API. */
  feeBurn: optional(flag),
  /** May it trade? */
  canTrade: flag,
  /** May money come in? */
  canDeposit: flag,
  /** May money go out? */
  canWithdraw: flag,
  /** Reserved; 0. */
  updateTime: transactMs,
  /** Multi-Assets mode. */
  multiAssetsMargin: flag,
  /** -1 when there is none. */
  tradeGroupId: integer,
  ...totals,
  /** One entry per asset. */
  assets: list(AccountAsset),
  /** One entry per symbol and side. */
  positions: list(AccountPositionV2),
});

/** `GET /fapi/v2/account`. */
export type AccountV2 = Infer<typeof AccountV2>;

/** One asset, as `GET /fapi/v2/balance` and `v3` show it. */
export const Balance = record({
  /** A short name for the account. */
  accountAlias: text,
  /** Asset. */
  asset: text,
  /** Wallet balance. */
  balance: decimal,
  /** The part of the wallet that is not in isolated positions. */
  crossWalletBalance: decimal,
  /** Profit of cross positions at the mark price. */
  crossUnPnl: decimal,
  /** What new orders may use. */
  availableBalance: decimal,
  /** What may be taken out. */
  maxWithdrawAmount: decimal,
  /** May it serve as margin in Multi-Assets mode? */
  marginAvailable: flag,
  /** When it last changed. */
  updateTime: transactMs,
});

/** One asset of the account. */
export type Balance = Infer<typeof Balance>;

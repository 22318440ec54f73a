/** Balances and positions as replies print them. Pure. Protocol sheet 11.2. */
import type { Decimal, TransactMs } from "../../kernel/scalars.ts";
import type { AccountV2, AccountV3, Balance } from "../../protocol/rest/account.ts";
import type { SymbolConfig } from "../../protocol/rest/account-settings.ts";
import type { PositionRiskV2, PositionRiskV3 } from "../../protocol/rest/position-risk.ts";
import type { SymbolInfo } from "../symbol-listing.ts";
import type { AccountState, BalanceView, PositionView } from "../views.ts";
import { averagePrice, money, zeroOrMoney, zeroOrPadded } from "./number-formats.ts";

/** What every account here is allowed. */
export const PERMISSIONS = { feeTier: 0, canTrade: true, canDeposit: true, canWithdraw: true } as const;

/** The rest of what accounts here have in common: nothing is ever isolated, nobody trades in a group. */
export const MODES = { updateTime: 0 as TransactMs, multiAssetsMargin: false, tradeGroupId: -1 } as const;

const NOTHING = "0" as Decimal;

/** Does a v3 read list it? Only what has a position or open orders. */
export function isActive(view: PositionView): boolean {
  return view.positionAmt !== 0n || view.hasOpenOrders;
}

/** `GET /fapi/v3/account`. */
export function accountV3(state: AccountState, infoOf: (symbol: string) => SymbolInfo): AccountV3 {
  return {
    ...totalsOf(state.total),
    assets: state.assets.map(assetOf),
    positions: state.positions.filter(isActive).map((view) => ({
      symbol: view.symbol,
      positionSide: view.positionSide,
      positionAmt: zeroOrPadded(view.positionAmt, infoOf(view.symbol).quantityPrecision),
      unrealizedProfit: money(view.unRealizedProfit),
      isolatedMargin: NOTHING,
      notional: zeroOrMoney(view.notional),
      isolatedWallet: NOTHING,
      initialMargin: zeroOrMoney(view.initialMargin),
      maintMargin: zeroOrMoney(view.maintMargin),
      updateTime: view.updateTime,
    })),
  };
}

/** `GET /fapi/v2/account`. */
export function accountV2(state: AccountState, infoOf: (symbol: string) => SymbolInfo): AccountV2 {
  return {
    ...PERMISSIONS,
    feeBurn: false,
    ...MODES,
    ...totalsOf(state.total),
    assets: state.assets.map((view) => ({ ...assetOf(view), marginAvailable: true })),
    positions: state.positions.map((view) => ({
      symbol: view.symbol,
      initialMargin: zeroOrMoney(view.initialMargin),
      maintMargin: zeroOrMoney(view.maintMargin),
      unrealizedProfit: money(view.unRealizedProfit),
      positionInitialMargin: zeroOrMoney(view.positionInitialMargin),
      openOrderInitialMargin: zeroOrMoney(view.openOrderInitialMargin),
      leverage: String(view.leverage),
      isolated: false,
      entryPrice: averagePrice(view.entryPrice),
      breakEvenPrice: averagePrice(view.breakEvenPrice),
      maxNotional: zeroOrPadded(view.maxNotionalValue, 0),
      bidNotional: zeroOrMoney(view.bidNotional),
      askNotional: zeroOrMoney(view.askNotional),
      positionSide: view.positionSide,
      positionAmt: zeroOrPadded(view.positionAmt, infoOf(view.symbol).quantityPrecision),
      updateTime: view.updateTime,
    })),
  };
}

function totalsOf(total: BalanceView) {
  return {
    totalInitialMargin: money(total.initialMargin),
    totalMaintMargin: money(total.maintMargin),
    totalWalletBalance: money(total.walletBalance),
    totalUnrealizedProfit: money(total.unrealizedProfit),
    totalMarginBalance: money(total.marginBalance),
    totalPositionInitialMargin: money(total.positionInitialMargin),
    totalOpenOrderInitialMargin: money(total.openOrderInitialMargin),
    totalCrossWalletBalance: money(total.crossWalletBalance),
    totalCrossUnPnl: money(total.crossUnPnl),
    availableBalance: money(total.availableBalance),
    maxWithdrawAmount: money(total.maxWithdrawAmount),
  };
}

function assetOf(view: BalanceView): AccountV3["assets"][number] {
  return {
    asset: view.asset,
    walletBalance: money(view.walletBalance),
    unrealizedProfit: money(view.unrealizedProfit),
    marginBalance: money(view.marginBalance),
    maintMargin: money(view.maintMargin),
    initialMargin: money(view.initialMargin),
    positionInitialMargin: money(view.positionInitialMargin),
    openOrderInitialMargin: money(view.openOrderInitialMargin),
    crossWalletBalance: money(view.crossWalletBalance),
    crossUnPnl: money(view.crossUnPnl),
    availableBalance: money(view.availableBalance),
    maxWithdrawAmount: money(view.maxWithdrawAmount),
    updateTime: view.updateTime,
  };
}

/** One entry of `GET /fapi/v2/balance` and `v3`. */
export function balanceReply(accountAlias: string, view: BalanceView): Balance {
  return {
    accountAlias,
    asset: view.asset,
    balance: money(view.walletBalance),
    crossWalletBalance: money(view.crossWalletBalance),
    crossUnPnl: money(view.crossUnPnl),
    availableBalance: money(view.availableBalance),
    maxWithdrawAmount: money(view.maxWithdrawAmount),
    marginAvailable: true,
    updateTime: view.updateTime,
  };
}

/** One entry of `GET /fapi/v3/positionRisk`. There is no auto-deleveraging here: everybody stands last in its queue. */
export function positionRiskV3(view: PositionView, info: SymbolInfo): PositionRiskV3 {
  return {
    symbol: view.symbol,
    positionSide: view.positionSide,
    positionAmt: zeroOrPadded(view.positionAmt, info.quantityPrecision),
    entryPrice: averagePrice(view.entryPrice),
    breakEvenPrice: averagePrice(view.breakEvenPrice),
    markPrice: money(view.markPrice),
    unRealizedProfit: money(view.unRealizedProfit),
    liquidationPrice: zeroOrMoney(view.liquidationPrice),
    isolatedMargin: NOTHING,
    notional: zeroOrMoney(view.notional),
    marginAsset: view.marginAsset,
    isolatedWallet: NOTHING,
    initialMargin: zeroOrMoney(view.initialMargin),
    maintMargin: zeroOrMoney(view.maintMargin),
    positionInitialMargin: zeroOrMoney(view.positionInitialMargin),
    openOrderInitialMargin: zeroOrMoney(view.openOrderInitialMargin),
    adl: 0,
    bidNotional: zeroOrMoney(view.bidNotional),
    askNotional: zeroOrMoney(view.askNotional),
    updateTime: view.updateTime,
  };
}

/** One entry of `GET /fapi/v2/positionRisk`; over the WS API with two fields more (*seen*). */
export function positionRiskV2(view: PositionView, info: SymbolInfo, transport: "REST" | "WS"): PositionRiskV2 {
  return {
    symbol: view.symbol,
    positionAmt: zeroOrPadded(view.positionAmt, info.quantityPrecision),
    entryPrice: averagePrice(view.entryPrice),
    breakEvenPrice: averagePrice(view.breakEvenPrice),
    markPrice: money(view.markPrice),
    unRealizedProfit: money(view.unRealizedProfit),
    liquidationPrice: zeroOrMoney(view.liquidationPrice),
    leverage: String(view.leverage),
    maxNotionalValue: zeroOrPadded(view.maxNotionalValue, 0),
    marginType: "cross",
    isolatedMargin: money(0n),
    isAutoAddMargin: "false",
    positionSide: view.positionSide,
    notional: zeroOrMoney(view.notional),
    isolatedWallet: NOTHING,
    updateTime: view.updateTime,
    ...(transport === "WS" ? { isolated: false, adlQuantile: 0 } : {}),
  };
}

/** One entry of `GET /fapi/v1/symbolConfig`. */
export function symbolConfig(view: PositionView): SymbolConfig {
  return {
    symbol: view.symbol,
    marginType: "CROSSED",
    isAutoAddMargin: false,
    leverage: view.leverage,
    maxNotionalValue: zeroOrPadded(view.maxNotionalValue, 0),
  };
}

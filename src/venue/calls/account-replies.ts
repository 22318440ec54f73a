/** Balances and positions as replies print them. Pure. Protocol sheet 11.2. */
import type { Transport } from "../../face/calls.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { AccountV2, AccountV3, Balance } from "../../protocol/rest/account.ts";
import type { AdlQuantile, SymbolConfig } from "../../protocol/rest/account-settings.ts";
import type { PositionRiskV2, PositionRiskV3 } from "../../protocol/rest/position-risk.ts";
import type { AccountState, BalanceView, PositionView } from "../exchange/views.ts";
import { money, withPoint, zeroOrMoney, zeroOrPadded } from "../market/number-formats.ts";
import type { SymbolInfo } from "../market/symbol-listing.ts";

/** What every account here is allowed. */
export const PERMISSIONS = { feeTier: 0, canTrade: true, canDeposit: true, canWithdraw: true } as const;

/** The rest of what accounts here have in common: nobody trades in a group. */
export const MODES = { updateTime: 0 as TransactMs, multiAssetsMargin: false, tradeGroupId: -1 };

/** Does a v3 read list it? Only what has a position or open orders. */
export function isActive(view: PositionView): boolean {
  return view.positionAmt !== 0n || view.hasOpenOrders;
}

/** Has it a position? */
export function isHeld(view: PositionView): boolean {
  return view.positionAmt !== 0n;
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
      isolatedMargin: zeroOrMoney(view.isolatedMargin),
      notional: zeroOrMoney(view.notional),
      isolatedWallet: zeroOrMoney(view.isolatedWallet),
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
    feeBurn: state.feeBurn,
    ...MODES,
    multiAssetsMargin: state.multiAssetsMargin,
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
      isolated: view.isIsolated,
      entryPrice: withPoint(view.entryPrice),
      breakEvenPrice: withPoint(view.breakEvenPrice),
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

/** One entry of `GET /fapi/v3/positionRisk`. */
export function positionRiskV3(view: PositionView, info: SymbolInfo): PositionRiskV3 {
  return {
    symbol: view.symbol,
    positionSide: view.positionSide,
    positionAmt: zeroOrPadded(view.positionAmt, info.quantityPrecision),
    entryPrice: withPoint(view.entryPrice),
    breakEvenPrice: withPoint(view.breakEvenPrice),
    markPrice: money(view.markPrice),
    unRealizedProfit: money(view.unRealizedProfit),
    liquidationPrice: zeroOrMoney(view.liquidationPrice),
    isolatedMargin: zeroOrMoney(view.isolatedMargin),
    notional: zeroOrMoney(view.notional),
    marginAsset: view.marginAsset,
    isolatedWallet: zeroOrMoney(view.isolatedWallet),
    initialMargin: zeroOrMoney(view.initialMargin),
    maintMargin: zeroOrMoney(view.maintMargin),
    positionInitialMargin: zeroOrMoney(view.positionInitialMargin),
    openOrderInitialMargin: zeroOrMoney(view.openOrderInitialMargin),
    adl: view.adlQuantile,
    bidNotional: zeroOrMoney(view.bidNotional),
    askNotional: zeroOrMoney(view.askNotional),
    updateTime: view.updateTime,
  };
}

/** One entry of `GET /fapi/v2/positionRisk`; over the WS API with two fields more (*seen*). */
export function positionRiskV2(view: PositionView, info: SymbolInfo, transport: Transport): PositionRiskV2 {
  return {
    symbol: view.symbol,
    positionAmt: zeroOrPadded(view.positionAmt, info.quantityPrecision),
    entryPrice: withPoint(view.entryPrice),
    breakEvenPrice: withPoint(view.breakEvenPrice),
    markPrice: money(view.markPrice),
    unRealizedProfit: money(view.unRealizedProfit),
    liquidationPrice: zeroOrMoney(view.liquidationPrice),
    leverage: String(view.leverage),
    maxNotionalValue: zeroOrPadded(view.maxNotionalValue, 0),
    marginType: view.isIsolated ? "isolated" : "cross",
    isolatedMargin: money(view.isolatedMargin),
    isAutoAddMargin: "false",
    positionSide: view.positionSide,
    notional: zeroOrMoney(view.notional),
    isolatedWallet: zeroOrMoney(view.isolatedWallet),
    updateTime: view.updateTime,
    ...(transport === "WS" ? { isolated: view.isIsolated, adlQuantile: view.adlQuantile } : {}),
  };
}

/** One entry of `GET /fapi/v1/symbolConfig`. */
export function symbolConfig(view: PositionView): SymbolConfig {
  return {
    symbol: view.symbol,
    marginType: view.isIsolated ? "ISOLATED" : "CROSSED",
    isAutoAddMargin: false,
    leverage: view.leverage,
    maxNotionalValue: zeroOrPadded(view.maxNotionalValue, 0),
  };
}

/**
 * `GET /fapi/v1/adlQuantile`: an entry for each symbol with a position. In one-way mode the position's quantile stands
 * at its direction and at `BOTH`; in hedge mode `HEDGE` is 0 when both directions are held (as in the example).
 */
export function adlQuantilesOf(views: readonly PositionView[]): AdlQuantile[] {
  const bySymbol = new Map<string, AdlQuantile>();
  for (const { symbol, positionSide, positionAmt, adlQuantile } of views) {
    const entry = bySymbol.get(symbol) ?? { symbol, adlQuantile: { LONG: 0, SHORT: 0 } };
    const isHedge = positionSide !== "BOTH";
    const direction = positionAmt > 0n ? "LONG" : "SHORT";
    const rest = isHedge ? { HEDGE: 0 } : { BOTH: adlQuantile };
    bySymbol.set(symbol, { symbol, adlQuantile: { ...entry.adlQuantile, [direction]: adlQuantile, ...rest } });
  }
  return [...bySymbol.values()];
}

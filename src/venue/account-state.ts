/** How an account looks from outside: balances, margins, positions. Pure. */
import type { TransactMs } from "../kernel/scalars.ts";
import type { Floor } from "./floor.ts";
import { type AssetMargin, assetMargin, holdingMargin, liquidationPrice, maxNotional } from "./margin.ts";
import { breakEvenPrice, entryPrice } from "./position-math.ts";
import type { Account, Holding } from "./records.ts";
import { maxWithdraw } from "./transfer.ts";
import type { AccountState, BalanceView, PositionView } from "./views.ts";

/** The asset whose totals `account` shows in single-asset mode. */
const TOTALS_ASSET = "USDT";

/** Balances and positions at the mark prices of this moment. */
export function accountState(floor: Floor, account: Account): AccountState {
  const names = new Set([TOTALS_ASSET, ...account.balances.keys()]);
  const assets = [...names].map((asset) => balanceView(account, asset));
  return { id: account.id, assets, total: assets[0] as BalanceView, positions: positionViews(floor, account) };
}

function balanceView(account: Account, asset: string): BalanceView {
  const margin = assetMargin(account, asset);
  return {
    asset,
    walletBalance: margin.wallet,
    crossWalletBalance: margin.wallet,
    unrealizedProfit: margin.unrealised,
    crossUnPnl: margin.unrealised,
    marginBalance: margin.wallet + margin.unrealised,
    maintMargin: margin.maintenance,
    initialMargin: margin.position + margin.openOrders,
    positionInitialMargin: margin.position,
    openOrderInitialMargin: margin.openOrders,
    availableBalance: margin.available,
    maxWithdrawAmount: maxWithdraw(account, asset),
    updateTime: account.balances.get(asset)?.updateTime ?? (0 as TransactMs),
  };
}

/** Positions of every symbol, in the order of the listing. */
export function positionViews(floor: Floor, account: Account): PositionView[] {
  const margins = new Map<string, AssetMargin>();
  const views: PositionView[] = [];
  for (const { rules } of floor.markets.values()) {
    const margin = margins.get(rules.marginAsset) ?? assetMargin(account, rules.marginAsset);
    margins.set(rules.marginAsset, margin);
    views.push(positionView(account.holdings.get(rules.symbol) as Holding, margin));
  }
  return views;
}

function positionView(holding: Holding, asset: AssetMargin): PositionView {
  const { market, position } = holding;
  const margin = holdingMargin(holding);
  return {
    symbol: market.rules.symbol,
    positionSide: "BOTH",
    marginAsset: market.rules.marginAsset,
    positionAmt: position.amount,
    entryPrice: entryPrice(position),
    breakEvenPrice: breakEvenPrice(position),
    markPrice: market.markPrice,
    unRealizedProfit: margin.unrealised,
    liquidationPrice: liquidationPrice(holding, asset),
    notional: margin.notional,
    initialMargin: margin.position + margin.openOrders,
    maintMargin: margin.maintenance,
    positionInitialMargin: margin.position,
    openOrderInitialMargin: margin.openOrders,
    bidNotional: holding.bids.notional,
    askNotional: holding.asks.notional,
    leverage: holding.leverage,
    maxNotionalValue: maxNotional(market.rules.brackets, holding.leverage),
    hasOpenOrders: holding.open.size > 0,
    updateTime: position.updateTime,
  };
}

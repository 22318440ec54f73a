/** How an account looks from outside: balances, margins, positions. Pure. */
import { div, type Fixed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Account, Holding } from "../exchange/records.ts";
import type { AccountState, BalanceView, PositionView } from "../exchange/views.ts";
import { dollarPrice } from "../margin/collateral.ts";
import { adlQuantile } from "../margin/deleveraging-queue.ts";
import { liquidationPrice } from "../margin/liquidation-price.ts";
import {
  type AssetMargin,
  assetMargin,
  carryingMargin,
  holdingMargin,
  maxNotional,
  pooledMargin,
} from "../margin/margin.ts";
import { holdingsInMode } from "./account.ts";
import { breakEvenPrice, entryPrice } from "./position-math.ts";
import { maxWithdraw } from "./transfer.ts";

/** The asset whose totals `account` shows in single-asset mode. */
const TOTALS_ASSET = "USDT";
/** What the totals are in Multi-Assets mode. */
const POOLED = "USD";

/** Balances and positions at the mark prices of this moment. */
export function accountState(account: Account): AccountState {
  const names = new Set([TOTALS_ASSET, ...account.balances.keys()]);
  const assets = [...names].map((asset) => balanceView(account, asset));
  const total = account.isMultiAssets
    ? viewOf(POOLED, pooledMargin(account), maxWithdraw(account, POOLED), 0 as TransactMs)
    : (assets[0] as BalanceView);
  const { isHedge, isMultiAssets, burnsFees } = account;
  const modes = { dualSidePosition: isHedge, multiAssetsMargin: isMultiAssets, feeBurn: burnsFees };
  return { id: account.id, ...modes, assets, total, positions: positionViews(account) };
}

function balanceView(account: Account, asset: string): BalanceView {
  const view = viewOf(
    asset,
    assetMargin(account, asset),
    maxWithdraw(account, asset),
    account.balances.get(asset)?.updateTime ?? (0 as TransactMs),
  );
  if (!account.isMultiAssets) return view;
  const price = dollarPrice(account, asset);
  const { available } = pooledMargin(account);
  return { ...view, availableBalance: price === 0n ? 0n : div(available, price, "down") };
}

function viewOf(asset: string, margin: AssetMargin, maxWithdrawAmount: Fixed, updateTime: TransactMs): BalanceView {
  return {
    asset,
    walletBalance: margin.wallet,
    crossWalletBalance: margin.crossWallet,
    unrealizedProfit: margin.unrealised,
    crossUnPnl: margin.crossUnrealised,
    marginBalance: margin.wallet + margin.unrealised,
    maintMargin: margin.maintenance,
    initialMargin: margin.position + margin.openOrders,
    positionInitialMargin: margin.position,
    openOrderInitialMargin: margin.openOrders,
    availableBalance: margin.available,
    maxWithdrawAmount,
    updateTime,
  };
}

/** Positions of every symbol in the order of the listing: `BOTH`, or in hedge mode `LONG` and `SHORT`. */
export function positionViews(account: Account): PositionView[] {
  const margins = new Map<string, AssetMargin>();
  const views: PositionView[] = [];
  for (const holding of holdingsInMode(account)) {
    const { marginAsset } = holding.market.rules;
    const margin = margins.get(marginAsset) ?? carryingMargin(account, marginAsset);
    margins.set(marginAsset, margin);
    views.push(positionView(holding, margin));
  }
  return views;
}

function positionView(holding: Holding, asset: AssetMargin): PositionView {
  const { market, position } = holding;
  const margin = holdingMargin(holding);
  return {
    symbol: market.rules.symbol,
    positionSide: holding.positionSide,
    isIsolated: holding.setup.isIsolated,
    isolatedWallet: holding.isolatedWallet,
    isolatedMargin:
      holding.setup.isIsolated && position.amount !== 0n ? holding.isolatedWallet + margin.unrealised : 0n,
    adlQuantile: adlQuantile(holding),
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
    hasOpenOrders: hasOpenOrders(holding),
    updateTime: position.updateTime,
  };
}

/** Has this side open orders? In hedge mode the sides of a symbol share the list. */
function hasOpenOrders({ open, positionSide }: Holding): boolean {
  for (const order of open.values()) if (order.positionSide === positionSide) return true;
  return false;
}

/**
 * Margin of positions, side by side in hedge mode. Pure. Sources: protocol sheet 10.3.
 *
 * - Position initial margin: |amount| × mark ÷ leverage.
 * - Open-order initial margin of a symbol: what the larger of the two positions that its open orders could lead to
 *   would need beyond that: max(|P + bids|, |P − asks|) ÷ leverage − position margin, P the signed notional at mark;
 *   reduce-only orders lead nowhere (formula *seen* in account reads, the text is silent).
 * - Maintenance margin: notional × ratio − cum of its bracket.
 * - Available: cross wallet + unrealised of cross positions − their initial margins − open-order margins, never shown
 *   below 0. What an isolated position holds was taken out of the cross wallet when it was opened.
 */
import { abs, divide, type Fixed, max, min, mul } from "../../kernel/decimal.ts";
import type { Side } from "../../protocol/enumerations.ts";
import { holdingsInMode, isIdle, isolatedWallets, walletOf } from "../accounts/account.ts";
import { notionalAt, unrealised } from "../accounts/position-math.ts";
import type { Account, Holding, Market } from "../exchange/records.ts";
import type { Bracket } from "../market/symbol-listing.ts";
import { bracketFor } from "../market/symbols.ts";
import { collateralOf } from "./collateral.ts";

/** An order as the margin rules see it. */
export interface OrderCost {
  readonly side: Side;
  readonly quantity: Fixed;
  /** What its margin is reckoned with: {@link assumedPrice}. */
  readonly assumedPrice: Fixed;
  /** What its open loss is reckoned with: the limit, or the best opposite price. */
  readonly orderPrice: Fixed;
}

/** The margins of one holding at this moment. */
export interface HoldingMargin {
  /** Signed, at mark. */
  readonly notional: Fixed;
  readonly unrealised: Fixed;
  readonly maintenance: Fixed;
  readonly position: Fixed;
  readonly openOrders: Fixed;
}

/** The money that carries positions at this moment: of one asset, or of all of them in Multi-Assets mode. */
export interface AssetMargin {
  /** With what isolated positions hold. */
  readonly wallet: Fixed;
  readonly crossWallet: Fixed;
  readonly unrealised: Fixed;
  readonly crossUnrealised: Fixed;
  readonly maintenance: Fixed;
  readonly crossMaintenance: Fixed;
  readonly position: Fixed;
  readonly openOrders: Fixed;
  /** Never negative. */
  readonly available: Fixed;
  /** What is left of the cross wallet when all margins are taken out; unrealised profit left out. */
  readonly free: Fixed;
}

/** Margins of one holding at the mark price of its market. */
export function holdingMargin(holding: Holding): HoldingMargin {
  const { position, market } = holding;
  const notional = notionalAt(position, market.markPrice);
  return {
    notional,
    unrealised: unrealised(position, market.markPrice),
    maintenance: maintenanceMargin(market, abs(notional)),
    position: divide(abs(notional), BigInt(holding.leverage), "half-up"),
    openOrders: openOrderMargin(holding, notional, 0n, 0n),
  };
}

/** Margins of all holdings in one asset, against its wallet. */
export function assetMargin(account: Account, asset: string): AssetMargin {
  return marginOf(account, walletOf(account, asset), isolatedWallets(account, asset), asset);
}

/** What carries a position in this asset: its wallet, or all wallets together in Multi-Assets mode, in USD. */
export function carryingMargin(account: Account, asset: string): AssetMargin {
  return account.isMultiAssets ? pooledMargin(account) : assetMargin(account, asset);
}

/** All wallets against all positions, in USD, whatever the mode is: collateral.ts says what an asset counts for. */
export function pooledMargin(account: Account): AssetMargin {
  return marginOf(account, collateralOf(account), 0n, undefined);
}

/** `asset` undefined: all of them. */
function marginOf(account: Account, wallet: Fixed, isolated: Fixed, asset: string | undefined): AssetMargin {
  let unrealisedSum = 0n;
  let crossUnrealised = 0n;
  let maintenance = 0n;
  let crossMaintenance = 0n;
  let position = 0n;
  let crossPosition = 0n;
  let openOrders = 0n;
  for (const holding of holdingsInMode(account)) {
    if ((asset !== undefined && holding.market.rules.marginAsset !== asset) || isIdle(holding)) continue;
    const margin = holdingMargin(holding);
    unrealisedSum += margin.unrealised;
    maintenance += margin.maintenance;
    position += margin.position;
    openOrders += margin.openOrders;
    if (holding.setup.isIsolated) continue;
    crossUnrealised += margin.unrealised;
    crossMaintenance += margin.maintenance;
    crossPosition += margin.position;
  }
  const crossWallet = wallet - isolated;
  const held = crossPosition + openOrders;
  return {
    wallet,
    crossWallet,
    unrealised: unrealisedSum,
    crossUnrealised,
    maintenance,
    crossMaintenance,
    position,
    openOrders,
    available: max(0n, crossWallet + crossUnrealised - held),
    free: crossWallet + min(0n, crossUnrealised) - held,
  };
}

function openOrderMargin(holding: Holding, notional: Fixed, moreBids: Fixed, moreAsks: Fixed): Fixed {
  const long = abs(notional + holding.bids.exposedNotional + moreBids);
  const short = abs(notional - holding.asks.exposedNotional - moreAsks);
  const beyond = max(long, short) - abs(notional);
  return beyond <= 0n ? 0n : divide(beyond, BigInt(holding.leverage), "half-up");
}

/** Maintenance margin of a notional (not negative). */
export function maintenanceMargin(market: Market, notional: Fixed): Fixed {
  const bracket = bracketFor(market.rules.brackets, notional);
  return mul(notional, bracket.maintMarginRatio) - bracket.cum;
}

/** The largest notional a leverage allows: the cap of the highest bracket that offers it. */
export function maxNotional(brackets: readonly Bracket[], leverage: number): Fixed {
  let cap = 0n;
  for (const bracket of brackets) if (bracket.initialLeverage >= leverage) cap = bracket.notionalCap;
  return cap;
}

/** 1.0015: how far above the last price a sell is reckoned (documented). */
const SELL_MARKUP: Fixed = 100_150_000n;

/**
 * The price an order's margin is reckoned with. Limit buys: the limit; sells: the highest of last × 1.0015, mark and
 * limit (documented). Market buys: the highest of the best ask and mark (*assumed*, editions of the text differ).
 */
export function assumedPrice(market: Market, side: Side, limit: Fixed): Fixed {
  if (side === "SELL") return max(max(mul(market.lastPrice, SELL_MARKUP), market.markPrice), limit);
  if (limit !== 0n) return limit;
  return max(market.book.bestLevel("SELL")?.price ?? 0n, market.markPrice);
}

/** How much of the order may make the largest reachable position of its side larger. */
export function enlargingQuantity(holding: Holding, side: Side, quantity: Fixed): Fixed {
  const { amount } = holding.position;
  const reachable = side === "BUY" ? amount + holding.bids.exposedQty : holding.asks.exposedQty - amount;
  return min(quantity, max(0n, reachable + quantity));
}

/**
 * What placing the order takes from the available balance: the initial margin it adds, and the loss it opens with.
 * 0 for one that only makes the position smaller.
 */
export function orderCost(holding: Holding, order: OrderCost): Fixed {
  const { market } = holding;
  const notional = notionalAt(holding.position, market.markPrice);
  const added = mul(order.quantity, order.assumedPrice);
  const before = openOrderMargin(holding, notional, 0n, 0n);
  const after =
    order.side === "BUY"
      ? openOrderMargin(holding, notional, added, 0n)
      : openOrderMargin(holding, notional, 0n, added);
  const adverse = order.side === "BUY" ? order.orderPrice - market.markPrice : market.markPrice - order.orderPrice;
  const openLoss = mul(enlargingQuantity(holding, order.side, order.quantity), max(0n, adverse));
  return after - before + openLoss;
}

/** The notional the account could reach on the order's side if everything open there filled. */
export function reachableNotional(holding: Holding, side: Side, quantity: Fixed, price: Fixed): Fixed {
  const notional = notionalAt(holding.position, holding.market.markPrice);
  const added = mul(quantity, price);
  return side === "BUY"
    ? notional + holding.bids.exposedNotional + added
    : holding.asks.exposedNotional - notional + added;
}

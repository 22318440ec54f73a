/**
 * Margin of one-way cross positions. Pure. Sources: protocol sheet 10.3.
 *
 * - Position initial margin: |amount| × mark ÷ leverage.
 * - Open-order initial margin of a symbol: what the larger of the two positions that its open orders could lead to
 *   would need beyond that: max(|P + bids|, |P − asks|) ÷ leverage − position margin, P the signed notional at mark;
 *   reduce-only orders lead nowhere (formula *seen* in account reads, the text is silent).
 * - Maintenance margin: notional × ratio − cum of its bracket.
 * - Available: wallet + unrealised − initial margins, never shown below 0.
 */
import { abs, div, divide, type Fixed, max, min, mul, ONE } from "../kernel/decimal.ts";
import { walletOf } from "./account.ts";
import { unrealised } from "./position-math.ts";
import type { Account, Holding, Market } from "./records.ts";
import type { Bracket } from "./symbol-listing.ts";
import { bracketFor } from "./symbols.ts";
import type { Side } from "./views.ts";

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

/** The money of one asset of an account at this moment. */
export interface AssetMargin {
  readonly wallet: Fixed;
  readonly unrealised: Fixed;
  readonly maintenance: Fixed;
  readonly position: Fixed;
  readonly openOrders: Fixed;
  /** Never negative. */
  readonly available: Fixed;
}

/** Margins of one holding at the mark price of its market. */
export function holdingMargin(holding: Holding): HoldingMargin {
  const { position, market } = holding;
  const notional = divide(position.amount * market.markPrice, ONE, "half-up");
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
  const wallet = walletOf(account, asset);
  let unrealisedSum = 0n;
  let maintenance = 0n;
  let position = 0n;
  let openOrders = 0n;
  for (const holding of account.holdings.values()) {
    if (holding.market.rules.marginAsset !== asset || isIdle(holding)) continue;
    const margin = holdingMargin(holding);
    unrealisedSum += margin.unrealised;
    maintenance += margin.maintenance;
    position += margin.position;
    openOrders += margin.openOrders;
  }
  const available = max(0n, wallet + unrealisedSum - position - openOrders);
  return { wallet, unrealised: unrealisedSum, maintenance, position, openOrders, available };
}

/** Has it neither a position nor open orders? */
function isIdle(holding: Holding): boolean {
  return holding.position.amount === 0n && holding.open.size === 0;
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
  const notional = divide(holding.position.amount * market.markPrice, ONE, "half-up");
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
  const notional = divide(holding.position.amount * holding.market.markPrice, ONE, "half-up");
  const added = mul(quantity, price);
  return side === "BUY"
    ? notional + holding.bids.exposedNotional + added
    : holding.asks.exposedNotional - notional + added;
}

/**
 * The mark price at which the whole cross account would fall to its maintenance margin if only this symbol moved:
 * `(WB − TMM + UPNL + cum − side·q·EP) ÷ (q·MMR − side·q)`, of the bracket that the result itself falls into.
 * 0 when flat, or when no positive price does it.
 */
export function liquidationPrice(holding: Holding, asset: AssetMargin): Fixed {
  const { position, market } = holding;
  if (position.amount === 0n) return 0n;
  const own = holdingMargin(holding);
  const others = asset.wallet - (asset.maintenance - own.maintenance) + (asset.unrealised - own.unrealised);
  const cost = divide(position.cost, ONE, "half-up");
  const size = abs(position.amount);
  for (const bracket of market.rules.brackets) {
    const slope = mul(size, bracket.maintMarginRatio) - position.amount;
    const price = slope === 0n ? 0n : div(others + bracket.cum - cost, slope);
    const notional = mul(size, max(0n, price));
    if (price > 0n && notional > bracket.notionalFloor && notional <= bracket.notionalCap) return price;
  }
  return 0n;
}

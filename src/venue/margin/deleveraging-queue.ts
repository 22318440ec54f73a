/**
 * Who gives up positions when nobody else will: the queue of auto-deleveraging. Pure.
 *
 * Positions of one direction rank by profit ratio × effective leverage, the winners first (documented in outline:
 * losers rank by their ratio ÷ leverage). Ties keep the order in which the positions opened.
 */
import { abs, div, divide, type Fixed, mul, ONE } from "../../kernel/decimal.ts";
import { walletOf } from "../accounts/account.ts";
import { notionalAt, unrealised } from "../accounts/position-math.ts";
import type { Holding, Market } from "../exchange/records.ts";

/** Quantiles are shown from 0 to 4. */
const QUANTILES = 5;

/** Holdings that are long (or short), those that give up first first. */
export function deleveragingQueue(market: Market, isLong: boolean): Holding[] {
  const ranked = [...market.positions]
    .filter(({ position }) => position.amount > 0n === isLong)
    .map((holding) => ({ holding, rank: rankOf(holding) }));
  ranked.sort((a, b) => (a.rank > b.rank ? -1 : a.rank < b.rank ? 1 : 0));
  return ranked.map(({ holding }) => holding);
}

function rankOf({ position, market, account, setup, isolatedWallet }: Holding): Fixed {
  const profit = unrealised(position, market.markPrice);
  const cost = abs(divide(position.cost, ONE, "half-up"));
  const notional = abs(notionalAt(position, market.markPrice));
  const ownMargin = (setup.isIsolated ? isolatedWallet : walletOf(account, market.rules.marginAsset)) + profit;
  const ratio = cost === 0n ? 0n : div(profit, cost);
  const leverage = ownMargin <= 0n ? 0n : div(notional, ownMargin);
  if (profit >= 0n) return mul(ratio, leverage);
  return leverage === 0n ? ratio * ONE : div(ratio, leverage);
}

/** Where a position stands among those of its direction: 4 gives up first, 0 last; 0 when flat, now or then. */
export function adlQuantile(holding: Holding): number {
  const { position, market } = holding;
  if (position.amount === 0n) return 0;
  const queue = deleveragingQueue(market, position.amount > 0n);
  const place = queue.indexOf(holding);
  // A replica that lags shows positions that are closed by now.
  if (place === -1) return 0;
  return Math.floor(((queue.length - 1 - place) * QUANTILES) / queue.length);
}

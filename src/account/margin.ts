/**
 * What moves with the market: equity, margin, mark and liquidation prices, as the exchange reckons them. No event tells
 * it, so it is asked for, and true only of the moment it was answered. Pure.
 */
import type { Decimal, TransactMs } from "../kernel/scalars.ts";
import { decimal, type Infer, list, optional, record, text, transactMs } from "../protocol/codec.ts";
import { positionSide } from "../protocol/enumerations.ts";
import type { AccountV3 } from "../protocol/rest/account.ts";
import type { PositionRiskV3 } from "../protocol/rest/position-risk.ts";

const PositionMargin = record({
  /** Symbol. */
  symbol: text,
  /** `BOTH` in one-way mode. */
  side: positionSide,
  /** Base asset, signed, when it was asked for; the mirror may know a newer one. */
  amount: decimal,
  /** What profit and liquidation are reckoned by, quote per base. */
  markPrice: decimal,
  /** The mark price at which it is liquidated; absent when nothing would liquidate it. */
  liquidationPrice: optional(decimal),
  /** Below this margin balance it is liquidated, in the margin asset. */
  maintenanceMargin: decimal,
  /** At the mark price, signed, in the quote asset. */
  notional: decimal,
  /** At the mark price, in the margin asset. */
  unrealizedProfit: decimal,
  /** When the position last changed, by the exchange's clock; 0 when never. */
  changedAt: transactMs,
});

/** The account at the mark prices of one moment. Sums are in USDT, in US dollars in Multi-Assets mode. */
export const Margin = record({
  /** When it was answered, by the exchange's clock as far as it is known. */
  at: transactMs,
  /** Money in the wallets. */
  wallet: decimal,
  /** Margin balance: wallets and unrealised profit. */
  equity: decimal,
  /** What new orders may use. */
  available: decimal,
  /** Held by positions and open orders. */
  initialMargin: decimal,
  /** Below this equity positions are liquidated. */
  maintenanceMargin: decimal,
  /** Of all positions. */
  unrealizedProfit: decimal,
  /** Those that are not flat, in the exchange's order. */
  positions: list(PositionMargin),
});

/** The account at the mark prices of one moment. */
export type Margin = Infer<typeof Margin>;

/** What two answers of the exchange say together. @param at when they had arrived, by the exchange's clock */
export function marginOf(account: AccountV3, risks: readonly PositionRiskV3[], at: TransactMs): Margin {
  return {
    at,
    wallet: account.totalWalletBalance,
    equity: account.totalMarginBalance,
    available: account.availableBalance,
    initialMargin: account.totalInitialMargin,
    maintenanceMargin: account.totalMaintMargin,
    unrealizedProfit: account.totalUnrealizedProfit,
    positions: risks.filter(({ positionAmt }) => isSome(positionAmt)).map(positionMargin),
  };
}

function positionMargin(risk: PositionRiskV3): Margin["positions"][number] {
  const { symbol, positionSide: side, positionAmt: amount, markPrice, liquidationPrice, notional } = risk;
  return {
    symbol,
    side,
    amount,
    markPrice,
    ...(isSome(liquidationPrice) ? { liquidationPrice } : {}),
    maintenanceMargin: risk.maintMargin,
    notional,
    unrealizedProfit: risk.unRealizedProfit,
    changedAt: risk.updateTime,
  };
}

function isSome(amount: Decimal): boolean {
  return /[1-9]/.test(amount);
}

/** What REST answers teach about balances and positions. Protocol sheet 11.2. Pure. */
import { isZero } from "../kernel/digits.ts";
import type { Decimal, TransactMs } from "../kernel/scalars.ts";
import type { Balance as BalanceReply } from "../protocol/rest/account.ts";
import type { PositionRiskV3 } from "../protocol/rest/position-risk.ts";
import type { AccountState } from "./account-state.ts";
import { isSameBalance, isSamePosition } from "./apply-account-update.ts";
import { type Balance, type Position, type PositionSide, positionKey } from "./facts.ts";
import type { Telling } from "./telling.ts";

const ZERO = "0" as Decimal;

/** Takes in `GET /fapi/v3/balance`. */
export function mergeBalances(state: AccountState, rows: readonly BalanceReply[], telling: Telling): void {
  for (const { asset, balance: wallet, crossWalletBalance: crossWallet, updateTime: at } of rows) {
    learnBalance(state, { asset, wallet, crossWallet, at, source: telling.source }, telling);
  }
}

/**
 * Takes in `GET /fapi/v3/positionRisk`, of one symbol or of all. It lists only symbols with a position or open orders:
 * what is known to be held and not listed is a finding.
 */
export function mergePositionRisk(
  state: AccountState,
  rows: readonly PositionRiskV3[],
  telling: Telling,
  symbol: string | undefined,
): void {
  const listed = new Set<string>();
  for (const row of rows) {
    const key = positionKey(row.symbol, row.positionSide);
    listed.add(key);
    const known = state.positions.get(key);
    state.learn("position", state.positions, key, known, positionOf(row, telling), isSamePosition, telling);
  }
  for (const [key, position] of state.positions.freeze()) {
    const isAsked = symbol === undefined || position.symbol === symbol;
    if (isAsked && !listed.has(key) && !isZero(position.amount)) {
      state.found("missing", "position", key, position, undefined);
    }
  }
}

/** Takes in that a position is flat since `at`. */
export function learnFlat(
  state: AccountState,
  symbol: string,
  side: PositionSide,
  at: TransactMs,
  telling: Telling,
): void {
  const key = positionKey(symbol, side);
  const known = state.positions.get(key);
  const told: Position = {
    symbol,
    side,
    amount: ZERO,
    entryPrice: ZERO,
    breakEvenPrice: ZERO,
    isolatedWallet: ZERO,
    realizedProfit: undefined,
    unrealizedProfit: ZERO,
    marginAsset: known?.marginAsset,
    at,
    source: telling.source,
  };
  state.learn("position", state.positions, key, known, told, isSamePosition, telling);
}

function learnBalance(state: AccountState, told: Balance, telling: Telling): void {
  const known = state.balances.get(told.asset);
  state.learn("balance", state.balances, told.asset, known, told, isSameBalance, telling);
}

function positionOf(row: PositionRiskV3, { source }: Telling): Position {
  return {
    symbol: row.symbol,
    side: row.positionSide,
    amount: row.positionAmt,
    entryPrice: row.entryPrice,
    breakEvenPrice: row.breakEvenPrice,
    isolatedWallet: row.isolatedWallet,
    realizedProfit: undefined,
    unrealizedProfit: row.unRealizedProfit,
    marginAsset: row.marginAsset,
    at: row.updateTime,
    source,
  };
}

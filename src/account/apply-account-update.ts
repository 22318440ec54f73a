/**
 * What an `ACCOUNT_UPDATE` teaches. A delta in scope, absolute in value: what it lists is the new state, what it does
 * not list has not changed. Protocol sheet 7.2. Pure.
 */
import { isSameAmount, isZero } from "../kernel/digits.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { AccountUpdate, BalanceUpdate, PositionUpdate } from "../protocol/events/account-update.ts";
import type { AccountState } from "./account-state.ts";
import { type Balance, type Position, positionKey } from "./facts.ts";
import { applyUndatedMarginType, learnMarginType } from "./settings.ts";
import type { Telling } from "./telling.ts";

/** Takes in balances, positions and margin types. */
export function applyAccountUpdate(state: AccountState, { T, a }: AccountUpdate, telling: Telling): void {
  const isRepaired = telling.source === "repair";
  for (const row of a.B) if (!isRepaired || saysBalance(row)) applyBalance(state, row, T, telling);
  for (const row of a.P) {
    if (!isRepaired || saysPosition(row)) applyPosition(state, row, T, telling);
    else if (row.mt !== undefined) applyUndatedMarginType(state, row.s, row.mt);
  }
}

/** A repaired event has only what REST could give: of a funding fee, how much it was, but no wallet. */
function saysBalance({ wb, cw }: Partial<BalanceUpdate>): boolean {
  return wb !== undefined && cw !== undefined;
}

function saysPosition({ pa, ep, iw, up }: Partial<PositionUpdate>): boolean {
  return pa !== undefined && ep !== undefined && iw !== undefined && up !== undefined;
}

/** Do both say the same? */
export function isSameBalance(a: Balance, b: Balance): boolean {
  return isSameAmount(a.wallet, b.wallet) && isSameAmount(a.crossWallet, b.crossWallet);
}

/** Do both say the same? Profit moves with the mark price, and is left out, as is what only one of them says. */
export function isSamePosition(a: Position, b: Position): boolean {
  return (
    isSameAmount(a.amount, b.amount) &&
    isSameAmount(a.entryPrice, b.entryPrice) &&
    isSameAmount(a.isolatedWallet, b.isolatedWallet)
  );
}

function applyBalance(state: AccountState, row: BalanceUpdate, at: TransactMs, telling: Telling): void {
  const told: Balance = { asset: row.a, wallet: row.wb, crossWallet: row.cw, at, source: telling.source };
  state.learn("balance", state.balances, row.a, state.balances.get(row.a), told, isSameBalance, telling);
}

function applyPosition(state: AccountState, row: PositionUpdate, at: TransactMs, telling: Telling): void {
  const key = positionKey(row.s, row.ps);
  const known = state.positions.get(key);
  const told: Position = {
    symbol: row.s,
    side: row.ps,
    amount: row.pa,
    entryPrice: row.ep,
    breakEvenPrice: row.bep ?? breakEvenOf(row, known),
    isolatedWallet: row.iw,
    realizedProfit: row.cr,
    unrealizedProfit: row.up,
    marginAsset: row.ma ?? known?.marginAsset,
    at,
    source: telling.source,
  };
  state.learn("position", state.positions, key, known, told, isSamePosition, telling);
  learnMarginType(state, row.s, row.mt, at, telling);
}

/** Not told: 0 when flat, and what it was when nothing was traded. */
function breakEvenOf(row: PositionUpdate, known: Position | undefined): Position["breakEvenPrice"] {
  if (isZero(row.pa)) return row.pa;
  const isUntouched =
    known !== undefined && isSameAmount(known.amount, row.pa) && isSameAmount(known.entryPrice, row.ep);
  return isUntouched ? known.breakEvenPrice : undefined;
}

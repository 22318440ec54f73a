/**
 * What an `ACCOUNT_UPDATE` teaches. A delta in scope, absolute in value: what it lists is the new state, what it does
 * not list has not changed. Protocol sheet 7.2. Pure.
 */
import { isSameAmount, isZero } from "../kernel/digits.ts";
import type { Decimal, TransactMs } from "../kernel/scalars.ts";
import type { AccountUpdate } from "../protocol/events/account-update.ts";
import type { AccountState } from "./account-state.ts";
import { type Balance, type FactSource, type Position, positionKey } from "./facts.ts";
import type { RepairedBalanceUpdate, RepairedPositionUpdate } from "./repaired-events.ts";
import { applyUndatedMarginType, learnMarginType } from "./settings.ts";
import type { Telling } from "./telling.ts";

/** Takes in balances, positions and margin types. */
export function applyAccountUpdate(state: AccountState, { T, a }: AccountUpdate, telling: Telling): void {
  for (const row of a.B) applyBalance(state, row, T, telling);
  for (const row of a.P) applyPosition(state, row, T, telling);
}

/**
 * What a row says of a wallet; `undefined` when it does not say how it stands. A repaired event has only what REST
 * could give: of a funding fee, how much it was, but no wallet.
 */
export function toldBalance(row: RepairedBalanceUpdate, at: TransactMs, source: FactSource): Balance | undefined {
  const { a: asset, wb: wallet, cw: crossWallet } = row;
  return wallet === undefined || crossWallet === undefined ? undefined : { asset, wallet, crossWallet, at, source };
}

/** What a row says of a position; `undefined` when it does not say how it stands. @param known what it was before */
export function toldPosition(
  row: RepairedPositionUpdate,
  at: TransactMs,
  source: FactSource,
  known: Position | undefined,
): Position | undefined {
  const { s: symbol, ps: side, pa: amount, ep: entryPrice, iw: isolatedWallet, up: unrealizedProfit } = row;
  if (entryPrice === undefined || isolatedWallet === undefined || unrealizedProfit === undefined) return undefined;
  return {
    symbol,
    side,
    amount,
    entryPrice,
    breakEvenPrice: row.bep ?? breakEvenOf(amount, entryPrice, known),
    isolatedWallet,
    realizedProfit: row.cr,
    unrealizedProfit,
    marginAsset: row.ma ?? known?.marginAsset,
    at,
    source,
  };
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

function applyBalance(state: AccountState, row: RepairedBalanceUpdate, at: TransactMs, telling: Telling): void {
  const told = toldBalance(row, at, telling.source);
  if (told === undefined) return;
  state.learn("balance", state.balances, row.a, state.balances.get(row.a), told, isSameBalance, telling);
}

function applyPosition(state: AccountState, row: RepairedPositionUpdate, at: TransactMs, telling: Telling): void {
  const key = positionKey(row.s, row.ps);
  const known = state.positions.get(key);
  const told = toldPosition(row, at, telling.source, known);
  if (told !== undefined) {
    state.learn("position", state.positions, key, known, told, isSamePosition, telling);
    if (row.mt !== undefined) learnMarginType(state, row.s, row.mt, at, telling);
  } else if (row.mt !== undefined) applyUndatedMarginType(state, row.s, row.mt);
}

/** Not told: 0 when flat, and what it was when nothing was traded. */
function breakEvenOf(amount: Decimal, entryPrice: Decimal, known: Position | undefined): Position["breakEvenPrice"] {
  if (isZero(amount)) return amount;
  const isUntouched =
    known !== undefined && isSameAmount(known.amount, amount) && isSameAmount(known.entryPrice, entryPrice);
  return isUntouched ? known.breakEvenPrice : undefined;
}

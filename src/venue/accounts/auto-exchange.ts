/**
 * Auto-exchange: what an account owes in one asset is paid with its others, in Multi-Assets mode. Pure.
 *
 * When, as Binance's FAQ on Multi-Assets mode has it for regular users (documented)
 * - a wallet is below its threshold: -5 000 USDT, USDC or BNFCR, -0.1 BTC;
 * - after a liquidation, whatever a wallet owes;
 * - without positions and open orders, when the debts reach 0.995 of what the other assets count for.
 *
 * How: the others are sold in proportion to what they count for, at the index price and less their haircut, so that
 * 5 000 owed take 5 000 ÷ 0.95 worth of coins (documented); the wallet comes to 0, or as near as they reach. The
 * exchange's own account buys, and keeps the haircut.
 */

import { type Refused, refuse } from "../../face/refusal.ts";
import { div, divide, type Fixed, fixed, min, mul } from "../../kernel/decimal.ts";
import { accountUpdate, balanceUpdate } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account } from "../exchange/records.ts";
import type { AssetChange, Exchanged } from "../exchange/views.ts";
import { collateralRate, dollarPrice } from "../margin/collateral.ts";
import { credit, holdingsInMode, isIdle, walletOf } from "./account.ts";
import { amountOf } from "./transfer.ts";

/** Below which wallet an asset is bought back. Those that are not here have no threshold. */
export const AUTO_EXCHANGE_THRESHOLDS: Readonly<Record<string, string>> = {
  USDT: "-5000",
  USDC: "-5000",
  BNFCR: "-5000",
  BTC: "-0.1",
};
/** The share of debts in collateral at which an account without positions and orders pays them. */
const IDLE_RATIO: Fixed = fixed("0.995");

/** Notes that a wallet owes something, for {@link watchDebts}. To be called wherever one may have fallen below 0. */
export function noteDebt(floor: Floor, account: Account, asset: string): void {
  if (account.isMultiAssets && walletOf(account, asset) < 0n) floor.debtors.add(account);
}

/** Exchanges what is to be exchanged. Called after each command and timer. */
export function watchDebts(floor: Floor): void {
  for (const account of floor.debtors) {
    const debts = account.isMultiAssets ? debtsOf(account) : [];
    if (debts.length === 0) floor.debtors.delete(account);
    for (const asset of debts) if (isDue(account, asset)) exchange(floor, account, asset, -walletOf(account, asset));
  }
}

/** Pays everything the account owes, as far as its other assets reach. */
export function exchangeDebts(floor: Floor, account: Account): AssetChange[] {
  return debtsOf(account).flatMap((asset) => exchange(floor, account, asset, -walletOf(account, asset)));
}

/** Assets of which the account has less than nothing. */
export function debtsOf({ balances }: Account): string[] {
  return [...balances].flatMap(([asset, { wallet }]) => (wallet < 0n ? [asset] : []));
}

/**
 * Exchanges on command: all debts, whatever their size, or `amount` of an asset as if it were owed. -1020 in
 * single-asset mode, -2018 when nothing is owed or there is nothing to pay with, -1130 for an asset without a price,
 * -4055 for an amount that is not positive.
 */
export function exchangeNow(floor: Floor, account: Account, asset?: string, amount?: string): Exchanged | Refused {
  if (!account.isMultiAssets) return refuse(-1020);
  if ((asset === undefined) !== (amount === undefined)) return refuse(-1102, asset === undefined ? "asset" : "amount");
  if (asset === undefined || amount === undefined) return exchanged(exchangeDebts(floor, account));
  if (dollarPrice(account, asset) === 0n) return refuse(-1130, "asset");
  const bought = amountOf(amount) ?? 0n;
  return bought <= 0n ? refuse(-4055) : exchanged(exchange(floor, account, asset, bought));
}

function exchanged(changes: readonly AssetChange[]): Exchanged | Refused {
  return changes.length === 0 ? refuse(-2018) : { outcome: "exchanged", changes };
}

function isDue(account: Account, asset: string): boolean {
  const threshold = AUTO_EXCHANGE_THRESHOLDS[asset];
  if (threshold !== undefined && walletOf(account, asset) < fixed(threshold)) return true;
  for (const holding of holdingsInMode(account)) if (!isIdle(holding)) return false;
  let owed = 0n;
  let held = 0n;
  for (const [name, { wallet }] of account.balances) {
    if (wallet < 0n) owed -= mul(wallet, dollarPrice(account, name));
    else held += worthOf(account, name);
  }
  return owed >= mul(held, IDLE_RATIO);
}

/** What a wallet counts for, in USD. */
function worthOf(account: Account, asset: string): Fixed {
  return mul(mul(walletOf(account, asset), dollarPrice(account, asset), "down"), collateralRate(asset), "down");
}

/** Buys `wanted` of an asset with the others and tells it in one event. Returns what changed, if anything. */
function exchange(floor: Floor, account: Account, asset: string, wanted: Fixed): AssetChange[] {
  const others = [...account.balances.keys()]
    .filter((other) => other !== asset)
    .map((other) => ({ other, worth: worthOf(account, other) }))
    .filter(({ worth }) => worth > 0n);
  const held = others.reduce((sum, { worth }) => sum + worth, 0n);
  const owed = mul(wanted, dollarPrice(account, asset));
  if (held === 0n || owed === 0n) return [];
  const paid = min(owed, held);
  const changes = [{ asset, amount: paid === owed ? wanted : div(paid, dollarPrice(account, asset), "down") }];
  for (const { other, worth } of others) {
    const share = divide(paid * worth, held, "up");
    const sold = div(div(share, collateralRate(other), "up"), dollarPrice(account, other), "up");
    changes.push({ asset: other, amount: -min(sold, walletOf(account, other)) });
  }
  for (const change of changes) {
    credit(account, change.asset, change.amount, floor.now);
    credit(floor.house, change.asset, -change.amount, floor.now);
    floor.noteIncome(account, { type: "AUTO_EXCHANGE", symbol: "", ...change });
  }
  const balances = changes.map((change) => balanceUpdate(account, change.asset, change.amount));
  floor.outbox.push(account.id, accountUpdate("AUTO_EXCHANGE", floor.now, balances, []));
  return changes;
}

/**
 * Liquidation, as published: all open orders expire (`er` 5); an IOC order `autoclose-…` at the bankruptcy price goes
 * into the book; the account may keep the rest as soon as it is safe again; what nobody takes the insurance fund takes
 * over at the bankruptcy price, and when it cannot bear the loss, the winners of the other side give up theirs
 * (`adl_autoclose`). Pure. Protocol sheet 10.3, 7.4.
 *
 * - Bankruptcy price: there the position's share of the margin balance is gone. Shares go by maintenance margin
 *   (*assumed*); an isolated position has its own wallet. Rounded in the account's favour, so that nothing is owed.
 * - Cross: the position with the largest maintenance margin first (*assumed*). Whole positions, no steps (*assumed*).
 * - The fee `liquidationFee` × notional goes to the fund, as far as the margin left over reaches (*assumed*).
 */
import { div, divide, type Fixed, fixed, max, min, mul } from "../../kernel/decimal.ts";
import { crossWalletOf, holdingsInMode } from "../accounts/account.ts";
import { debtsOf, exchangeDebts } from "../accounts/auto-exchange.ts";
import { unrealised } from "../accounts/position-math.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, Holding, Order } from "../exchange/records.ts";
import { match } from "../orders/matching.ts";
import { end, isOpen } from "../orders/order-life.ts";
import { closingId, closingOrder } from "../orders/own-orders.ts";
import { takeOver } from "./deleveraging.ts";
import { settleWithFund } from "./insurance.ts";
import { type AssetMargin, carryingMargin, holdingMargin } from "./margin.ts";

/** Does the cross margin balance reach its maintenance margin? */
export function isCrossSafe({ crossWallet, crossUnrealised, crossMaintenance }: AssetMargin): boolean {
  return crossWallet + crossUnrealised >= crossMaintenance;
}

/** Closes cross positions until the account is safe again, or all of them when it is `forced`. */
export function liquidateCross(floor: Floor, account: Account, asset: string, forced = false): void {
  for (const { open } of account.holdings.values()) expireAll(floor, open.values());
  let symbol = "";
  for (;;) {
    const carrying = carryingMargin(account, asset);
    if (!forced && isCrossSafe(carrying)) break;
    const holding = largest(account, asset);
    if (holding === undefined) break;
    symbol = holding.market.rules.symbol;
    const own = holdingMargin(holding).maintenance;
    const balance = carrying.crossWallet + carrying.crossUnrealised;
    const share =
      carrying.crossMaintenance === 0n ? balance : divide(balance * own, carrying.crossMaintenance, "trunc");
    const notional = closeOut(floor, holding, bankruptcyPrice(holding, share));
    const after = carryingMargin(account, asset);
    const fee = min(feeOf(holding, notional), max(0n, after.crossWallet + after.crossUnrealised));
    settleWithFund(floor, account, symbol, asset, fee);
  }
  if (account.isMultiAssets) exchangeDebts(floor, account);
  if (largest(account, asset) !== undefined) return;
  for (const owed of account.isMultiAssets ? debtsOf(account) : [asset]) {
    settleWithFund(floor, account, symbol, owed, min(0n, crossWalletOf(account, owed)));
  }
}

/** Closes an isolated position. The rest of the wallet takes no part. */
export function liquidateIsolated(floor: Floor, holding: Holding): void {
  const { account, market } = holding;
  expireAll(floor, holding.open.values());
  const margin = holding.isolatedWallet;
  const { realisedEver } = holding.position;
  const share = margin + unrealised(holding.position, market.markPrice);
  const notional = closeOut(floor, holding, bankruptcyPrice(holding, share));
  const left = margin + holding.position.realisedEver - realisedEver;
  const { symbol, marginAsset } = market.rules;
  settleWithFund(floor, account, symbol, marginAsset, min(left, feeOf(holding, notional)));
}

function expireAll(floor: Floor, orders: Iterable<Order>): void {
  for (const order of [...orders]) if (isOpen(order)) end(floor, order, "EXPIRED", "5");
}

/** The cross position with the largest maintenance margin; in Multi-Assets mode of all assets. */
function largest(account: Account, asset: string): Holding | undefined {
  let found: Holding | undefined;
  let most = -1n;
  for (const holding of holdingsInMode(account)) {
    if (holding.setup.isIsolated || holding.position.amount === 0n) continue;
    if (!account.isMultiAssets && holding.market.rules.marginAsset !== asset) continue;
    const { maintenance } = holdingMargin(holding);
    if (maintenance > most) [found, most] = [holding, maintenance];
  }
  return found;
}

/** Where `share` of margin balance is lost on this position alone; a price one can trade at. */
function bankruptcyPrice({ position, market }: Holding, share: Fixed): Fixed {
  const { tick } = market.rules;
  const isLong = position.amount > 0n;
  const exact = market.markPrice - div(share, position.amount, isLong ? "down" : "up");
  return max(tick, divide(exact, tick, isLong ? "up" : "down") * tick);
}

/** Closes the position whole, no farther than `price`; returns the notional that was closed. */
function closeOut(floor: Floor, holding: Holding, price: Fixed): Fixed {
  const clientOrderId = closingId(floor, holding.market, "autoclose");
  const order = closingOrder(floor, holding, { clientOrderId, price, timeInForce: "IOC", autoClose: "LIQUIDATION" });
  match(floor, order, price);
  if (isOpen(order)) takeOver(floor, order);
  return order.cumQuote;
}

function feeOf({ market }: Holding, notional: Fixed): Fixed {
  return mul(notional, fixed(market.listing.info.liquidationFee));
}

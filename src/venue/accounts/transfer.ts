/** Money in and out. Pure. */

import { type Refused, refuse } from "../../face/refusal.ts";
import { div, type Fixed, fixed, isDecimal, max, min } from "../../kernel/decimal.ts";
import { accountUpdate, balanceUpdate } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account } from "../exchange/records.ts";
import type { Transferred } from "../exchange/views.ts";
import { dollarPrice } from "../margin/collateral.ts";
import { assetMargin, pooledMargin } from "../margin/margin.ts";
import { credit } from "./account.ts";

/** What an asset's name may look like. */
export const ASSET = /^[A-Z0-9]{1,20}$/;
/** Assets one account may hold. */
export const ASSETS_MAX = 50;
/** The most that can be moved at once: far beyond any wallet, far below where sums would need more than 128 bits. */
const AMOUNT_MAX: Fixed = 10n ** 24n;

/** Deposits (or, negative, withdraws), and tells. */
export function transfer(floor: Floor, account: Account, asset: string, text: string): Transferred | Refused {
  const isOneTooMany = account.balances.size >= ASSETS_MAX && !account.balances.has(asset);
  if (!ASSET.test(asset) || isOneTooMany) return refuse(-1130, "asset");
  const amount = amountOf(text);
  if (amount === undefined || amount === 0n) return refuse(-4055);
  if (amount < 0n && -amount > maxWithdraw(account, asset)) return refuse(-2018);
  const { wallet } = credit(account, asset, amount, floor.now);
  floor.bookDeposit(asset, amount);
  const reason = amount < 0n ? "WITHDRAW" : "DEPOSIT";
  const balance = balanceUpdate(account, asset, amount);
  floor.outbox.push(account.id, accountUpdate(reason, floor.now, [balance], []));
  return { outcome: "transferred", asset, amount, walletBalance: wallet };
}

/** A decimal of at most eight places that may be moved; `undefined` for any other text. */
export function amountOf(text: string): Fixed | undefined {
  if (!isDecimal(text) || !/^-?[0-9]{1,20}(\.[0-9]{1,8})?$/.test(text)) return undefined;
  const amount = fixed(text);
  return amount <= AMOUNT_MAX && amount >= -AMOUNT_MAX ? amount : undefined;
}

/**
 * What may be taken out: the cross wallet less what margin holds; unrealised loss counts, unrealised profit does not.
 * In Multi-Assets mode what the account can spare as a whole, counted in the asset at its full price (*assumed*).
 */
export function maxWithdraw(account: Account, asset: string): Fixed {
  const own = assetMargin(account, asset);
  if (!account.isMultiAssets) return max(0n, min(own.crossWallet, own.free));
  const price = dollarPrice(account, asset);
  return price === 0n ? max(0n, own.wallet) : max(0n, min(own.wallet, div(pooledMargin(account).free, price, "down")));
}

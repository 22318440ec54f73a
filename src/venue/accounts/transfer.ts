/** Money in and out, and the opening of accounts. Pure. */

import { type Refused, refuse } from "../../face/refusal.ts";
import { div, type Fixed, fixed, isDecimal, max, min } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import { accountUpdate, balanceUpdate } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account } from "../exchange/records.ts";
import type { Transferred } from "../exchange/views.ts";
import { dollarPrice } from "../margin/collateral.ts";
import { assetMargin, pooledMargin } from "../margin/margin.ts";
import { credit, newAccount } from "./account.ts";

/** Who the account is and what it starts with. */
export interface AccountOpening {
  /** Unique; the exchange's own begin with `~`. */
  readonly id: string;
  /** Asset → amount; booked as deposits, pushed to nobody, since nobody listens yet. */
  readonly balances?: Readonly<Record<string, string>>;
}

/** What an account id may look like. */
const ACCOUNT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** What an asset's name may look like. */
const ASSET = /^[A-Z0-9]{1,20}$/;
/** Assets one account may hold. */
const ASSETS_MAX = 50;
/** The most that can be moved at once: far beyond any wallet, far below where sums would need more than 128 bits. */
const AMOUNT_MAX: Fixed = 10n ** 24n;

/**
 * Opens an account with its first deposits: all of them, or nothing is opened and nothing booked.
 * @throws {UsageError} when the id is taken or an entry is not right
 */
export function openAccount(floor: Floor, id: string, balances: Readonly<Record<string, string>>): void {
  if (!ACCOUNT_ID.test(id)) throw new UsageError("account id", "letters, digits, dots, dashes, at most 64", id);
  if (floor.accounts.has(id)) throw new UsageError("account id", "an id that is not taken", id);
  const count = Object.keys(balances).length;
  if (count > ASSETS_MAX) throw new UsageError("balances", `at most ${ASSETS_MAX} assets`, count);
  const deposits = Object.entries(balances).map(([asset, text]) => [asset, firstDeposit(asset, text)] as const);
  const account = newAccount(id, floor.markets.values());
  for (const [asset, amount] of deposits) {
    credit(account, asset, amount, floor.now);
    floor.bookDeposit(asset, amount);
  }
  floor.accounts.set(id, account);
}

function firstDeposit(asset: string, text: string): Fixed {
  const amount = amountOf(text);
  if (!ASSET.test(asset)) throw new UsageError("balances", "names of assets", asset);
  if (amount === undefined || amount < 0n) throw new UsageError(`balances.${asset}`, "a decimal, not negative", text);
  return amount;
}

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

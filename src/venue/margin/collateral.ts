/**
 * What an asset counts for as margin in Multi-Assets mode, in USD. Pure.
 *
 * Dollars count whole; an asset that a listed market prices in USDT counts its index price less a haircut; anything
 * else counts nothing. Debts count whole. (Binance publishes the rates as `assetIndex`; the haircut here is *assumed*.)
 */
import { type Fixed, fixed, mul } from "../../kernel/decimal.ts";
import type { Account } from "../exchange/records.ts";

const DOLLARS: ReadonlySet<string> = new Set(["USDT", "USDC", "FDUSD", "BFUSD", "USD"]);
/** What is left of a coin's price. */
const COIN_RATE: Fixed = fixed("0.95");

/** Can it carry positions in Multi-Assets mode? */
export function isCollateral(account: Account, asset: string): boolean {
  return DOLLARS.has(asset) || account.holdings.has(`${asset}USDT`);
}

/** The index price of an asset in USD; 0 when nothing prices it. */
export function dollarPrice(account: Account, asset: string): Fixed {
  if (DOLLARS.has(asset)) return fixed("1");
  return account.holdings.get(`${asset}USDT`)?.market.indexPrice ?? 0n;
}

/** What is left of an asset's price when it carries positions: the rest is its haircut. */
export function collateralRate(asset: string): Fixed {
  return DOLLARS.has(asset) ? fixed("1") : COIN_RATE;
}

/** What all wallets of the account count for. */
export function collateralOf(account: Account): Fixed {
  let sum = 0n;
  for (const [asset, { wallet }] of account.balances) {
    const value = mul(wallet, dollarPrice(account, asset), "down");
    sum += value > 0n && !DOLLARS.has(asset) ? mul(value, COIN_RATE, "down") : value;
  }
  return sum;
}

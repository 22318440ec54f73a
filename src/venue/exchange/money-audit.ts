/** Counting all money. Pure. The law: nothing comes or goes but by deposits and withdrawals. */
import { abs, ONE } from "../../kernel/decimal.ts";
import { unrealisedExact } from "../accounts/position-math.ts";
import type { Floor } from "./floor.ts";
import type { MoneyAudit } from "./views.ts";

/** Counts wallets, positions, carried fractions, till, insurance and deposits of all accounts; each asset balances. */
export function auditMoney(floor: Floor): MoneyAudit {
  const wallets = new Map<string, bigint>();
  const unrealised = new Map<string, bigint>();
  const carried = new Map<string, bigint>();
  for (const account of floor.accounts.values()) {
    for (const [asset, balance] of account.balances) add(wallets, asset, balance.wallet * ONE);
    for (const { market, siblings } of account.holdings.values()) {
      for (const { position } of siblings) {
        add(unrealised, market.rules.marginAsset, unrealisedExact(position, market.markPrice));
        add(carried, market.rules.marginAsset, position.carried);
      }
    }
  }
  let discrepancy = 0n;
  for (const asset of new Set([...wallets.keys(), ...unrealised.keys(), ...floor.netDeposits.keys()])) {
    const here = of(wallets, asset) + of(unrealised, asset) + of(carried, asset);
    const kept = of(floor.feesCollected, asset) + of(floor.insurance, asset);
    discrepancy += abs(here + (kept - of(floor.netDeposits, asset)) * ONE);
  }
  return {
    wallets: sum(wallets),
    unrealised: sum(unrealised),
    carried: sum(carried),
    fees: sum(floor.feesCollected) * ONE,
    insurance: sum(floor.insurance) * ONE,
    deposits: sum(floor.netDeposits) * ONE,
    discrepancy,
  };
}

function add(amounts: Map<string, bigint>, asset: string, amount: bigint): void {
  amounts.set(asset, of(amounts, asset) + amount);
}

function of(amounts: ReadonlyMap<string, bigint>, asset: string): bigint {
  return amounts.get(asset) ?? 0n;
}

function sum(amounts: ReadonlyMap<string, bigint>): bigint {
  let total = 0n;
  for (const amount of amounts.values()) total += amount;
  return total;
}

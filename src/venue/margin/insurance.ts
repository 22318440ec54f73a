/**
 * The insurance fund: pays what bankrupt positions could not, and is fed by the clearance fees of liquidations. Pure.
 *
 * Both are `INSURANCE_CLEAR` on the wallet (by name; no capture). What the fund has not, the exchange's own account
 * pays, so that no wallet ends below zero by a liquidation.
 */
import { type Fixed, max, min } from "../../kernel/decimal.ts";
import { credit } from "../accounts/account.ts";
import { accountUpdate, balanceUpdate } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account } from "../exchange/records.ts";

/** What the fund has of an asset. */
export function insuranceFund(floor: Floor, asset: string): Fixed {
  return floor.insurance.get(asset) ?? 0n;
}

/** Adds to the fund, or takes from it when negative. */
export function bookInsurance(floor: Floor, asset: string, amount: Fixed): void {
  floor.insurance.set(asset, insuranceFund(floor, asset) + amount);
}

/** Pays out of the fund into an account as far as it goes; the exchange's own account pays the rest. */
function payOut(floor: Floor, to: Account, asset: string, amount: Fixed): void {
  const paid = min(amount, max(0n, insuranceFund(floor, asset)));
  bookInsurance(floor, asset, -paid);
  credit(floor.house, asset, paid - amount, floor.now);
  credit(to, asset, amount, floor.now);
}

/** Settles a liquidation with the fund: a fee when positive, a debt that is paid when negative. Pushes when not 0. */
export function settleWithFund(floor: Floor, account: Account, symbol: string, asset: string, fee: Fixed): void {
  if (fee === 0n) return;
  if (fee > 0n) {
    credit(account, asset, -fee, floor.now);
    bookInsurance(floor, asset, fee);
  } else {
    payOut(floor, account, asset, -fee);
  }
  floor.noteIncome(account, { type: "INSURANCE_CLEAR", symbol, asset, amount: -fee });
  const balance = balanceUpdate(account, asset, -fee);
  floor.outbox.push(account.id, accountUpdate("INSURANCE_CLEAR", floor.now, [balance], []));
}

/** The opening of accounts. Pure. */
import type { Fixed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { Floor } from "../exchange/floor.ts";
import { credit, newAccount } from "./account.ts";
import { ASSET, ASSETS_MAX, amountOf } from "./transfer.ts";

/** Who the account is and what it starts with. */
export interface AccountOpening {
  /** Unique; the exchange's own begin with `~`. */
  readonly id: string;
  /** Asset → amount; booked as deposits, pushed to nobody, since nobody listens yet. */
  readonly balances?: Readonly<Record<string, string>>;
}

/** What an account id may look like. */
const ACCOUNT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

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

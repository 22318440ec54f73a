/** What came into and left each account's futures wallet: the `TRANSFER` rows of `income`. Pure. */
import type { Fixed } from "../../kernel/decimal.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import { Retained } from "../exchange/retained.ts";

/** One transfer. */
export interface Transfer {
  readonly asset: string;
  /** Negative is a withdrawal. */
  readonly amount: Fixed;
  readonly time: TransactMs;
  readonly id: Id64;
}

/**
 * How many transfers of one account are remembered; the oldest is forgotten first. As many as other bookings: who was
 * away asks `income` for all of them.
 */
const TRANSFERS_MAX = 10_000;

/** The transfers of all accounts. */
export class TransferLedger {
  readonly #byAccount = new Map<string, Retained<Transfer>>();
  #lastId = 0;

  /** Remembers one. Equal times are allowed. */
  record(account: string, asset: string, amount: Fixed, time: TransactMs): void {
    this.#lastId++;
    const transfers = this.#byAccount.get(account) ?? new Retained(TRANSFERS_MAX);
    this.#byAccount.set(account, transfers);
    transfers.push({ asset, amount, time, id: String(this.#lastId) as Id64 });
  }

  /** Oldest first; empty when there were none. */
  of(account: string): readonly Transfer[] {
    return this.#byAccount.get(account)?.all() ?? [];
  }
}

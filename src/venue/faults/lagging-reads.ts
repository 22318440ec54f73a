/**
 * Replicas that lag: what an account looked like some time ago. Pure; venue time.
 *
 * A replica stands still where it is when its fault begins: nobody kept what was before. From then on it is shown
 * copies of the account, at most {@link STEPS} for the time it is behind, so it lags by what was asked and at most one
 * step more. Copies that are too old to be shown again are dropped.
 */
import type { TransactMs } from "../../kernel/scalars.ts";
import type { PastAccount } from "../accounts/past-account.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Timers } from "../exchange/timers.ts";

/** Copies of an account that are made within the time that its replica is behind. */
const STEPS = 16;

/** Accounts that one fault keeps copies of; others are read as they are. */
const LAGGING_ACCOUNTS_MAX = 1_000;

interface Copy {
  readonly at: TransactMs;
  readonly past: PastAccount;
}

interface Replica {
  /** Oldest first; the newest that is old enough is shown. */
  readonly copies: Copy[];
  isNextSet: boolean;
}

/** One lagging replica of every account that a fault strikes. */
export class LaggingReads {
  readonly #exchange: Pick<Exchange, "remember" | "readAsOf">;
  readonly #timers: Timers;
  readonly #byMs: number;
  readonly #replicas = new Map<string, Replica>();
  #isOver = false;

  /** @param accounts as they are now; those made later are read as they are */
  constructor(
    exchange: Pick<Exchange, "remember" | "readAsOf">,
    timers: Timers,
    byMs: number,
    accounts: readonly string[],
    now: TransactMs,
  ) {
    this.#exchange = exchange;
    this.#timers = timers;
    this.#byMs = byMs;
    for (const id of accounts.slice(0, LAGGING_ACCOUNTS_MAX)) {
      this.#replicas.set(id, { copies: [{ at: now, past: exchange.remember(id) }], isNextSet: false });
    }
  }

  /** Something happened to the account; the replica will be shown it. */
  changed(account: string, now: TransactMs): void {
    const replica = this.#replicas.get(account);
    if (replica === undefined || replica.isNextSet || this.#isOver) return;
    replica.isNextSet = true;
    const step = Math.max(1, Math.ceil(this.#byMs / STEPS));
    const newest = replica.copies.at(-1)?.at ?? now;
    const at = Math.max(now, newest + step) as TransactMs;
    this.#timers.set(at, "a lagging replica is shown a copy", () => {
      replica.isNextSet = false;
      if (!this.#isOver) this.#take(account, replica, at);
    });
  }

  /** Makes a read that sees the account as the replica does. @param read is given the replica's time */
  read<T>(account: string, now: TransactMs, read: (asOf: TransactMs) => T): T {
    const copies = this.#replicas.get(account)?.copies;
    if (copies === undefined) return read(now);
    const asOf = now - this.#byMs;
    this.#dropBefore(copies, asOf);
    const shown = copies[0];
    if (shown === undefined) return read(now);
    return this.#exchange.readAsOf(shown.past, () => read(Math.max(asOf, shown.at) as TransactMs));
  }

  /** The fault is over. */
  end(): void {
    this.#isOver = true;
    this.#replicas.clear();
  }

  #take(account: string, replica: Replica, now: TransactMs): void {
    this.#dropBefore(replica.copies, now - this.#byMs);
    replica.copies.push({ at: now, past: this.#exchange.remember(account) });
  }

  /** Afterwards the first copy is the one to be shown at a time. */
  #dropBefore(copies: Copy[], asOf: number): void {
    while (copies.length > 1 && (copies[1]?.at ?? 0) <= asOf) copies.shift();
  }
}

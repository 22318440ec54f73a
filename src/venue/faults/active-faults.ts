/** The faults that last, while they last. Pure; venue time. */
import { UsageError } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { FaultType, FaultWish } from "./fault-kinds.ts";

/** Faults that may be active at a time. */
const ACTIVE_FAULTS_MAX = 100;

/** One fault that was started. */
export type Fault<T extends FaultType = FaultType> = Extract<FaultWish, { readonly type: T }> & {
  /** `f1`, `f2`, … in the order of starting. */
  readonly id: string;
  readonly startedAt: TransactMs;
  /** `undefined`: it lasts until it is ended. Equals {@link startedAt} for what happens at once. */
  readonly endsAt: TransactMs | undefined;
};

/** All active faults of one venue. */
export class ActiveFaults {
  readonly #faults = new Map<string, Fault>();
  #startedCount = 0;

  /** How many are active. */
  get count(): number {
    return this.#faults.size;
  }

  /** Gives a fault its id; {@link add} makes it active. @throws {UsageError} when too many are */
  make<T extends FaultType>(wish: Extract<FaultWish, { readonly type: T }>, now: TransactMs, lasts: boolean): Fault<T> {
    if (lasts && this.#faults.size >= ACTIVE_FAULTS_MAX) {
      const remedy = "End some: DELETE /v1/paper/faults ends all.";
      throw new UsageError("faults", `at most ${ACTIVE_FAULTS_MAX} at a time`, this.#faults.size, remedy);
    }
    this.#startedCount++;
    const endsAt = !lasts ? now : wish.forMs === undefined ? undefined : ((now + wish.forMs) as TransactMs);
    return { ...wish, id: `f${this.#startedCount}`, startedAt: now, endsAt } as Fault<T>;
  }

  /** From here on it is active. */
  add(fault: Fault): void {
    this.#faults.set(fault.id, fault);
  }

  /** It is not active any more. Returns it, or `undefined` when it was not active. */
  remove(id: string): Fault | undefined {
    const fault = this.#faults.get(id);
    this.#faults.delete(id);
    return fault;
  }

  /** One that is active. */
  get(id: string): Fault | undefined {
    return this.#faults.get(id);
  }

  /** All that are active, in the order of starting. */
  list(): Fault[] {
    return [...this.#faults.values()];
  }

  /** The newest active fault of a type that strikes one of the accounts; faults of all accounts strike everybody. */
  find<T extends FaultType>(type: T, accounts: readonly string[]): Fault<T> | undefined {
    return this.all(type, accounts).at(-1);
  }

  /** All active faults of a type that strike one of the accounts, in the order of starting. */
  all<T extends FaultType>(type: T, accounts: readonly string[]): Fault<T>[] {
    const found: Fault<T>[] = [];
    for (const fault of this.#faults.values()) {
      if (fault.type === type && strikes(fault, accounts)) found.push(fault as Fault<T>);
    }
    return found;
  }
}

/** Does a fault strike somebody who is one of these accounts? */
export function strikes({ account }: Pick<Fault, "account">, accounts: readonly string[]): boolean {
  return account === undefined || accounts.includes(account);
}

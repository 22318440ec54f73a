/**
 * All facts of one account while they are being changed, and what was changed since {@link AccountState.take}. Pure.
 *
 * Rule kept here: L3. Every fact comes in through {@link AccountState.learn} or the two files of orders, which judge it
 * by telling.ts. What the judgement was is told as a change or a finding, never lost.
 */
import { compareIds } from "../kernel/digits.ts";
import type { Id64, TransactMs } from "../kernel/scalars.ts";
import type { AccountChange, Finding, Outcome, Verdict } from "./account-change.ts";
import { FactMap } from "./fact-map.ts";
import {
  type Balance,
  type ConditionalOrder,
  type Fact,
  type FactKind,
  type Facts,
  type HedgeMode,
  type Leverage,
  type MarginType,
  type MultiAssetsMode,
  type Order,
  orderKey,
  type Position,
  type Strategy,
} from "./facts.ts";
import { type Place, Register } from "./register.ts";
import { type Judgement, judge, type Telling } from "./telling.ts";

/** How many ended orders are remembered, and how many ended conditional orders: the newest. */
export const FINISHED_ORDERS_MAX = 1000;

/** How many ended strategies are remembered: the newest. */
const FINISHED_STRATEGIES_MAX = 100;

/** Ids of conditional orders and of strategies are unique of themselves. */
export const NO_GROUP = "";

function placeOf(id: Id64): Place {
  return { group: NO_GROUP, id, key: id };
}

function copyFacts<V>(from: FactMap<V>, to: FactMap<V>): void {
  for (const [key, value] of from.freeze()) to.set(key, value);
}

const NO_CHANGES: readonly AccountChange[] = [];
const NO_FINDINGS: readonly Finding[] = [];

/** Nothing happened. */
const NOTHING: Outcome = { changes: NO_CHANGES, findings: NO_FINDINGS };

/** The facts, and what became of them. */
export class AccountState {
  readonly balances = new FactMap<Balance>();
  readonly positions = new FactMap<Position>();
  /** By symbol and order id. */
  readonly orders = new Register<Order>(FINISHED_ORDERS_MAX, ({ symbol, orderId }) => ({
    group: symbol,
    id: orderId,
    key: orderKey(symbol, orderId),
  }));
  /** By algo id. */
  readonly conditionals = new Register<ConditionalOrder>(FINISHED_ORDERS_MAX, ({ algoId }) => placeOf(algoId));
  readonly leverages = new FactMap<Leverage>();
  readonly marginTypes = new FactMap<MarginType>();
  /** Each has at most one entry, under `""`. */
  readonly hedgeMode = new FactMap<HedgeMode>();
  readonly multiAssetsMode = new FactMap<MultiAssetsMode>();
  readonly strategies = new Register<Strategy>(FINISHED_STRATEGIES_MAX, ({ strategyId }) => placeOf(strategyId));
  /** The newest trade id told, by symbol. */
  readonly lastTradeIds = new Map<string, Id64>();
  /** The newest date of all facts; 0 when there is none. */
  asOf = 0 as TransactMs;
  /** Grows whenever a view would look different. */
  version = 0;
  #changes: AccountChange[] | undefined;
  #findings: Finding[] | undefined;
  /** Takes the changes of each call of {@link take}, when there are any. */
  onChanges: ((changes: readonly AccountChange[]) => void) | undefined;

  /** The same facts, kept apart from now on. */
  copy(): AccountState {
    const copy = new AccountState();
    copyFacts(this.balances, copy.balances);
    copyFacts(this.positions, copy.positions);
    copyFacts(this.leverages, copy.leverages);
    copyFacts(this.marginTypes, copy.marginTypes);
    copyFacts(this.hedgeMode, copy.hedgeMode);
    copyFacts(this.multiAssetsMode, copy.multiAssetsMode);
    this.orders.copyTo(copy.orders);
    this.conditionals.copyTo(copy.conditionals);
    this.strategies.copyTo(copy.strategies);
    for (const [symbol, id] of this.lastTradeIds) copy.lastTradeIds.set(symbol, id);
    copy.asOf = this.asOf;
    return copy;
  }

  /** What became of all that was told since the last call. */
  take(): Outcome {
    if (this.#changes === undefined && this.#findings === undefined) return NOTHING;
    const outcome = { changes: this.#changes ?? NO_CHANGES, findings: this.#findings ?? NO_FINDINGS };
    this.#changes = undefined;
    this.#findings = undefined;
    if (outcome.changes.length > 0) this.onChanges?.(outcome.changes);
    return outcome;
  }

  /**
   * Takes a fact in, if it is to be believed.
   * @param known what is known under that key, as it was when `told` was made
   * @param isSame do both say the same? Asked only if there is something known
   */
  learn<K extends Exclude<FactKind, "order" | "conditional-order" | "strategy">>(
    kind: K,
    facts: FactMap<Facts[K]>,
    key: string,
    known: Facts[K] | undefined,
    told: Facts[K],
    isSame: (known: Facts[K], told: Facts[K]) => boolean,
    telling: Telling,
  ): void {
    if (known === undefined) {
      facts.set(key, told);
      this.changed(kind, key, undefined, told);
      return;
    }
    const judgement = judge(known, told, isSame(known, told), telling);
    const believed = this.settle(kind, key, known, told, judgement, telling);
    if (believed !== undefined) facts.set(key, believed);
  }

  /** Carries out a judgement. Returns what is to be written down; `undefined`: nothing. */
  settle<K extends FactKind>(
    kind: K,
    key: string,
    known: Facts[K],
    told: Facts[K],
    judgement: Judgement,
    telling: Telling,
  ): Facts[K] | undefined {
    switch (judgement) {
      case "confirmed":
        // The stream says it as well, and events say more of it than answers.
        return telling.source === "stream" && known.source !== "stream" && told.at === known.at
          ? this.detailed(told)
          : undefined;
      case "redated":
        return this.detailed(told);
      case "overruled":
        this.found("disputed", kind, key, known, told);
        return this.#believed(kind, key, known, told);
      case "news":
        return this.#believed(kind, key, known, told);
      default:
        return telling.by === "answer" ? this.#doubt(kind, key, known, told, judgement, telling) : undefined;
    }
  }

  /** Notes that a fact is another one now. */
  changed<K extends FactKind>(kind: K, key: string, before: Facts[K] | undefined, after: Facts[K]): void {
    this.#note({ kind, key, before, after } as AccountChange);
    this.detailed(after);
  }

  #note(change: AccountChange): void {
    if (this.#changes === undefined) this.#changes = [change];
    else this.#changes.push(change);
  }

  /** Notes that an answer cannot simply be believed. */
  found<K extends FactKind>(verdict: Verdict, kind: K, key: string, known: Facts[K], told: Facts[K] | undefined): void {
    this.#findings ??= [];
    this.#findings.push({ verdict, kind, key, known, told } as Finding);
  }

  /** Notes that a fact is forgotten without knowing what became of it. */
  vanished<K extends FactKind>(kind: K, key: string, known: Facts[K]): void {
    this.found("missing", kind, key, known, undefined);
    this.#note({ kind, key, before: known, after: undefined } as AccountChange);
    this.version++;
  }

  /** Notes the id of a fill. */
  tradeTold(symbol: string, tradeId: Id64): void {
    const known = this.lastTradeIds.get(symbol);
    if (known === undefined || compareIds(known, tradeId) < 0) this.lastTradeIds.set(symbol, tradeId);
  }

  /** A date or a detail is known better; the fact itself is what it was. Returns the fact. */
  detailed<F extends Fact>(fact: F): F {
    if (fact.at > this.asOf) this.asOf = fact.at;
    this.version++;
    return fact;
  }

  #doubt<K extends FactKind>(
    kind: K,
    key: string,
    known: Facts[K],
    told: Facts[K],
    verdict: Verdict,
    telling: Telling,
  ): Facts[K] | undefined {
    if (!telling.insists) {
      this.found(verdict, kind, key, known, told);
      return undefined;
    }
    return this.#believed(kind, key, known, told);
  }

  /** What is believed against its date happened at some time after what was known, and nobody says when. */
  #believed<K extends FactKind>(kind: K, key: string, known: Facts[K], told: Facts[K]): Facts[K] {
    const believed = told.at < known.at ? { ...told, at: known.at } : told;
    this.changed(kind, key, known, believed);
    return believed;
  }
}

/**
 * The desk of the algo service: which conditional orders there are, and what has happened that they wait for. Pure.
 *
 * Prices, positions and ended orders are only noted here while a command is being carried out; what follows from them
 * is done after it, in the order in which they were noted (conditional-triggers.ts). Nothing is noted that nobody
 * waits for.
 */
import type { Fixed } from "../../kernel/decimal.ts";
import type { WorkingType } from "../../protocol/enumerations.ts";
import type { Account, ConditionalOrder, Holding, Market, Order } from "../exchange/records.ts";
import { Retained } from "../exchange/retained.ts";

/** What a conditional order may be waiting for. */
export type Noted =
  | { readonly what: "price"; readonly market: Market; readonly workingType: WorkingType; readonly price: Fixed }
  | { readonly what: "position"; readonly holding: Holding }
  | { readonly what: "order ended"; readonly conditional: ConditionalOrder };

/** The conditional orders of one account. */
export interface AccountConditionals {
  /** Those that wait, oldest first. */
  readonly waiting: Map<bigint, ConditionalOrder>;
  /** Waiting, triggered and retained, oldest first. */
  readonly all: Map<bigint, ConditionalOrder>;
  /** The latest of each client id. */
  readonly byClientId: Map<string, ConditionalOrder>;
  /** In the order in which they ended. */
  readonly ended: Retained<ConditionalOrder>;
}

/** Ended conditional orders kept for each account; older ones are forgotten before their 90 days are over. */
const ENDED_MAX = 5_000;
/** Algo ids are of this size in production, below 2^53 (*seen*). */
const FIRST_ID = 3_000_000_000_003_505n;

/** Knows all conditional orders of the exchange. */
export class ConditionalDesk {
  readonly #accounts = new Map<string, AccountConditionals>();
  readonly #waiting = new Map<Market, Set<ConditionalOrder>>();
  readonly #lasting = new Map<Holding, Set<ConditionalOrder>>();
  #nextId = FIRST_ID;
  #noted: Noted[] = [];
  #done = 0;

  /** The id of the next conditional order to be added. */
  get nextId(): bigint {
    return this.#nextId;
  }

  /** What an account has, or had. */
  of(account: Account): AccountConditionals {
    let found = this.#accounts.get(account.id);
    if (found === undefined) {
      found = { waiting: new Map(), all: new Map(), byClientId: new Map(), ended: new Retained(ENDED_MAX) };
      this.#accounts.set(account.id, found);
    }
    return found;
  }

  /** Those that wait for this price of this market, oldest first. */
  waitingFor(market: Market, workingType: WorkingType): ConditionalOrder[] {
    return [...(this.#waiting.get(market) ?? [])].filter((order) => order.workingType === workingType);
  }

  /** Those that wait for any price of this market, oldest first. */
  allWaitingOn(market: Market): ConditionalOrder[] {
    return [...(this.#waiting.get(market) ?? [])];
  }

  /** Those that last only as long as a position, waiting or triggered, oldest first. */
  lastingWith(holding: Holding): ConditionalOrder[] {
    return [...(this.#lasting.get(holding) ?? [])];
  }

  /** Takes a new one in: it waits from here on. */
  add(order: ConditionalOrder): void {
    this.#nextId++;
    const own = this.of(order.account);
    own.waiting.set(order.id, order);
    own.all.set(order.id, order);
    own.byClientId.set(order.clientId, order);
    addTo(this.#waiting, order.market, order);
    if (order.timeInForce === "GTE_GTC") addTo(this.#lasting, order.holding, order);
  }

  /** It waits no longer: it triggers, or ends. */
  stopWaiting(order: ConditionalOrder): void {
    order.stopExpiry?.();
    order.stopExpiry = undefined;
    this.of(order.account).waiting.delete(order.id);
    this.#waiting.get(order.market)?.delete(order);
  }

  /** Moves one whose status is final to the past. */
  retire(order: ConditionalOrder): void {
    this.stopWaiting(order);
    this.#lasting.get(order.holding)?.delete(order);
    const own = this.of(order.account);
    const forgotten = own.ended.push(order);
    if (forgotten === undefined) return;
    own.all.delete(forgotten.id);
    if (own.byClientId.get(forgotten.clientId) === forgotten) own.byClientId.delete(forgotten.clientId);
  }

  /** A market has this price now. Called for each one it takes on, in order. */
  priceMoved(market: Market, workingType: WorkingType, price: Fixed): void {
    if ((this.#waiting.get(market)?.size ?? 0) > 0) this.#noted.push({ what: "price", market, workingType, price });
  }

  /** A position was changed. */
  positionMoved(holding: Holding): void {
    if ((this.#lasting.get(holding)?.size ?? 0) > 0) this.#noted.push({ what: "position", holding });
  }

  /** An order is filled, cancelled or expired. */
  orderEnded({ conditional }: Order): void {
    if (conditional !== undefined) this.#noted.push({ what: "order ended", conditional });
  }

  /** Takes the oldest note; `undefined` when there is none. */
  takeNote(): Noted | undefined {
    const note = this.#noted[this.#done++];
    if (note === undefined) {
      this.#noted = [];
      this.#done = 0;
    }
    return note;
  }
}

function addTo<K>(map: Map<K, Set<ConditionalOrder>>, key: K, order: ConditionalOrder): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([order]));
  else set.add(order);
}

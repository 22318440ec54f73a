/**
 * What has been told of late, so that repair and stream together tell each thing once. Pure.
 *
 * A fill is known by symbol, order id and trade id, a step of an order by symbol, order id and what happened; a booking
 * (a transfer, a funding fee) has no id: see bookings.ts.
 */
import type { Fixed } from "../kernel/decimal.ts";
import { inOnePiece } from "../kernel/one-piece.ts";
import type { Decimal, Id64, MonotonicMs, TransactMs } from "../kernel/scalars.ts";
import type { AlgoUpdate } from "../protocol/events/algo-update.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import { bookingsOf, plain, ToldBookings } from "./bookings.ts";
import { orderKey, positionKey } from "./facts.ts";
import type { RepairedEvent, RepairedEvents } from "./repaired-events.ts";

/** Steps remembered of each generation. Over it the generation turns early. */
export const STEPS_MAX = 50_000;

/** Price and quantity of an order as an event told them, and its date. */
export interface ToldTerms {
  readonly at: TransactMs;
  readonly price: Decimal;
  readonly quantity: Decimal;
}

type OrderUpdate = Extract<RepairedEvent, { e: "ORDER_TRADE_UPDATE" }>["o"];

/** What an event does not say of itself. */
export interface ToldBeside {
  /** What stood in the wallet after a booking. */
  readonly wallet?: Fixed | undefined;
  /** It came after the exchange's clock was put back: it is the newest word, whatever its date. */
  readonly isPutBack?: boolean;
  /** When REST was asked that knew of it. */
  readonly askedAt?: MonotonicMs;
}

/** Remembers what was told: the present generation and the one before it. */
export class Told {
  #steps = new Set<string>();
  #stepsBefore = new Set<string>();
  /** Steps that are not in the set yet: mostly it is asked for nothing before they are forgotten. */
  #latest: string[] = [];
  /** Step that may come back → the newest date at which it was told, in each generation. See {@link mayComeBack}. */
  #dates = new Map<string, TransactMs>();
  #datesBefore = new Map<string, TransactMs>();
  /** `orderKey` → price and quantity of the order as they were told last, in each generation. */
  #terms = new Map<string, ToldTerms>();
  #termsBefore = new Map<string, ToldTerms>();
  /** {@link settingKey}, `positionKey` or asset → when REST was asked for what repair told of it last. */
  readonly #asked = new Map<string, MonotonicMs>();
  /** Newest date in each of them. */
  #newestAt = 0 as TransactMs;
  #newestBefore = 0 as TransactMs;
  #coversSince = 0 as TransactMs;
  /** Changes of wallets beside fills. */
  readonly bookings = new ToldBookings();

  /** Everything that was told and is dated later is remembered. By the exchange's clock. */
  get coversSince(): TransactMs {
    const { coversSince } = this.bookings;
    return coversSince > this.#coversSince ? coversSince : this.#coversSince;
  }

  /** It is told now, by the stream or by repair. */
  note(event: UserDataEvent | RepairedEvent, { wallet, isPutBack = false, askedAt }: ToldBeside = {}): void {
    const step = stepOf(event);
    if (step === undefined) {
      if (event.e !== "ACCOUNT_UPDATE") return;
      for (const booking of bookingsOf(event)) this.bookings.note({ ...booking, wallet: booking.wallet ?? wallet });
      if (askedAt !== undefined) this.#noteStanding((event as RepairedEvents["ACCOUNT_UPDATE"]).a, askedAt);
      return;
    }
    const { T } = event as { readonly T?: TransactMs };
    if (T !== undefined && T > this.#newestAt) this.#newestAt = T;
    if (T === undefined && askedAt !== undefined) this.#asked.set(settingOf(step), askedAt);
    const kept = inOnePiece(step);
    this.#latest.push(kept);
    if (event.e === "ORDER_TRADE_UPDATE" && T !== undefined) {
      this.#noteTerms((event as { readonly o: OrderUpdate }).o, T, isPutBack);
    }
    if (T !== undefined && mayComeBack(event) && T >= (this.#dates.get(kept) ?? 0)) this.#dates.set(kept, T);
    if (this.#steps.size + this.#latest.length >= STEPS_MAX && this.#written().size >= STEPS_MAX) this.#turn();
  }

  /** An event without a reason tells how things stand. */
  #noteStanding({ m, B, P }: RepairedEvents["ACCOUNT_UPDATE"]["a"], askedAt: MonotonicMs): void {
    if (m !== undefined) return;
    for (const { a: asset } of B) this.#asked.set(asset, askedAt);
    for (const { s, ps } of P) this.#asked.set(positionKey(s, ps), askedAt);
  }

  /** Fills and ends repeat what is known; what changed it may have been missed all the same. */
  #noteTerms({ s, i, x, p, q }: OrderUpdate, at: TransactMs, isPutBack: boolean): void {
    if ((x !== "NEW" && x !== "AMENDMENT") || p === undefined || q === undefined) return;
    const key = inOnePiece(orderKey(s, i));
    const known = this.#terms.get(key) ?? this.#termsBefore.get(key);
    if (known !== undefined && at < known.at && !isPutBack) return;
    this.#terms.set(key, { at, price: inOnePiece(p) as Decimal, quantity: inOnePiece(q) as Decimal });
  }

  /** Price and quantity of an order as they were told last; `undefined`: nothing of it was, or it is forgotten. */
  termsOf(symbol: string, orderId: Id64): ToldTerms | undefined {
    const key = orderKey(symbol, orderId);
    return this.#terms.get(key) ?? this.#termsBefore.get(key);
  }

  /**
   * When REST was asked for what repair told last of how this stands: a {@link settingKey}, a `positionKey` or an
   * asset. `undefined`: it told nothing of it.
   */
  askedAt(key: string): MonotonicMs | undefined {
    return this.#asked.get(key);
  }

  /**
   * A new generation begins; what was told before the last turn is forgotten. Nothing happens while something of that
   * is dated `notAfter` or later.
   */
  turn(notAfter: TransactMs): void {
    if (this.#newestBefore < notAfter) this.#turn();
  }

  #turn(): void {
    this.#coversSince = this.#newestBefore;
    this.#newestBefore = this.#newestAt;
    this.#stepsBefore = this.#written();
    this.#steps = new Set();
    this.#datesBefore = this.#dates;
    this.#dates = new Map();
    this.#termsBefore = this.#terms;
    this.#terms = new Map();
  }

  #written(): Set<string> {
    if (this.#latest.length === 0) return this.#steps;
    for (const step of this.#latest) this.#steps.add(step);
    this.#latest = [];
    return this.#steps;
  }

  /** Was this step told? See {@link stepOf}. */
  hasStep(step: string): boolean {
    return this.#written().has(step) || this.#stepsBefore.has(step);
  }

  /** Was it told? Of a step that may come back: with this date, or a later one. */
  hasTold(event: UserDataEvent): boolean {
    const step = stepOf(event);
    if (step === undefined || !this.hasStep(step)) return false;
    // What says no activation is the first NEW, however servers date it.
    const isFirst = event.e === "ALGO_UPDATE" && (event as AlgoUpdate).o.ia !== true;
    const at = isFirst ? undefined : (this.#dates.get(step) ?? this.#datesBefore.get(step));
    return at === undefined || (event as { readonly T: TransactMs }).T <= at;
  }
}

/**
 * May the same step happen again? An order may be amended to and fro, and a trailing stop is told as `NEW` a second
 * time when it is activated.
 */
function mayComeBack(event: UserDataEvent | RepairedEvent): boolean {
  if (event.e === "ORDER_TRADE_UPDATE") {
    return (event as Extract<RepairedEvent, { e: "ORDER_TRADE_UPDATE" }>).o.x === "AMENDMENT";
  }
  return event.e === "ALGO_UPDATE" && (event as Extract<RepairedEvent, { e: "ALGO_UPDATE" }>).o.X === "NEW";
}

/**
 * What makes a step of an order one step, or the change of a setting one change: equal for the event of the stream and
 * the one told from REST; `undefined` for events that are neither.
 */
export function stepOf(event: UserDataEvent | RepairedEvent): string | undefined {
  if (event.e === "ORDER_TRADE_UPDATE") {
    const { s, i, x, t, p, q } = (event as Extract<RepairedEvent, { e: "ORDER_TRADE_UPDATE" }>).o;
    if (x === "TRADE" || x === "CALCULATED") return fillStep(s, i, t);
    return x === "AMENDMENT" ? `O|${s}|${i}|${x}|${plain(p)}|${plain(q)}` : `O|${s}|${i}|${x}`;
  }
  if (event.e === "ALGO_UPDATE") {
    const { aid, X } = (event as Extract<RepairedEvent, { e: "ALGO_UPDATE" }>).o;
    return `A|${aid}|${X}`;
  }
  if (event.e === "ACCOUNT_CONFIG_UPDATE") {
    const { ac, ai } = event as Extract<RepairedEvent, { e: "ACCOUNT_CONFIG_UPDATE" }>;
    if (ac !== undefined) return `${settingKey("leverage", ac.s)}|${ac.l}`;
    return ai === undefined ? undefined : `${settingKey("multi-assets-mode")}|${ai.j}`;
  }
  if (event.e !== "ACCOUNT_UPDATE") return undefined;
  const { m, P } = (event as Extract<RepairedEvent, { e: "ACCOUNT_UPDATE" }>).a;
  const [row] = m === "MARGIN_TYPE_CHANGE" ? P : [];
  return row?.mt === undefined ? undefined : `${settingKey("margin-type", row.s)}|${row.mt}`;
}

/** Names a setting. The step that sets it is this and what it is set to. */
export function settingKey(kind: "leverage" | "margin-type" | "multi-assets-mode", symbol = ""): string {
  return `S|${kind}|${symbol}`;
}

function settingOf(step: string): string {
  return step.slice(0, step.lastIndexOf("|"));
}

/** The step that is this fill of this order: two orders of one account that trade with one another share its id. */
export function fillStep(symbol: string, orderId: string, tradeId: string): string {
  return `F|${symbol}|${orderId}|${tradeId}`;
}

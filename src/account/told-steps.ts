/**
 * What has been told of late, so that repair and stream together tell each thing once. Pure.
 *
 * A fill is known by symbol and trade id, a step of an order by symbol, order id and what happened, a booking (a
 * transfer, a funding fee) by what was booked and roughly when: income rows carry no id that events carry.
 */
import { fixed, isDecimal, trimmed } from "../kernel/decimal.ts";
import { inOnePiece } from "../kernel/one-piece.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import type { RepairedEvent } from "./repaired-events.ts";

/**
 * How far `T` of an event and `time` of its income row may lie apart. *Assumed*: no capture pairs them, and servers
 * whose clocks disagree may have dated them.
 */
export const BOOKING_SLACK_MS = 15_000;

/** Steps remembered of each generation. Over it the generation turns early. */
export const STEPS_MAX = 50_000;

/** Bookings remembered, the newest. */
const BOOKINGS_MAX = 10_000;

/** One change of a wallet that no fill made. */
export interface Booking {
  /** Asset and amount. */
  readonly name: string;
  readonly at: TransactMs;
}

/** Remembers what was told: the present generation and the one before it. */
export class Told {
  #steps = new Set<string>();
  #stepsBefore = new Set<string>();
  /** Steps that are not in the set yet: mostly it is asked for nothing before they are forgotten. */
  #latest: string[] = [];
  /** Newest date in each of them. */
  #newestAt = 0 as TransactMs;
  #newestBefore = 0 as TransactMs;
  #coversSince = 0 as TransactMs;
  /** Name → dates, as they were told. */
  readonly #bookings = new Map<string, TransactMs[]>();
  /** Their names, oldest first. */
  readonly #bookingNames: string[] = [];

  /** Everything that was told and is dated later is remembered. By the exchange's clock. */
  get coversSince(): TransactMs {
    return this.#coversSince;
  }

  /** It is told now, by the stream or by repair. */
  note(event: UserDataEvent | RepairedEvent): void {
    const step = stepOf(event);
    if (step === undefined) {
      if (event.e === "ACCOUNT_UPDATE") for (const booking of bookingsOf(event)) this.#noteBooking(booking);
      return;
    }
    const { T } = event as { readonly T?: TransactMs };
    if (T !== undefined && T > this.#newestAt) this.#newestAt = T;
    this.#latest.push(inOnePiece(step));
    if (this.#steps.size + this.#latest.length >= STEPS_MAX && this.#written().size >= STEPS_MAX) this.#turn();
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

  /** Of these bookings the ones that were not told, in order: each told one stands for the nearest of its name. */
  newAmong<T extends Booking>(bookings: readonly T[]): T[] {
    const told = new Set<T>();
    for (const [name, group] of byName(bookings)) {
      for (const [booking] of pairsOf(group, this.#bookings.get(name) ?? [])) told.add(booking);
    }
    return bookings.filter((booking) => !told.has(booking));
  }

  /**
   * If each of these bookings was told, forgets that, and returns `true`: the next one of the same name and time is
   * another one.
   */
  takeBookings(bookings: readonly Booking[]): boolean {
    if (bookings.length === 0 || this.newAmong(bookings).length > 0) return false;
    for (const [name, group] of byName(bookings)) {
      const dates = this.#bookings.get(name) ?? [];
      const taken = new Set(pairsOf(group, dates).map(([, place]) => place));
      this.#bookings.set(
        name,
        dates.filter((_date, place) => !taken.has(place)),
      );
    }
    return true;
  }

  #noteBooking({ name, at }: Booking): void {
    const dates = this.#bookings.get(name);
    if (dates === undefined) this.#bookings.set(name, [at]);
    else dates.push(at);
    this.#bookingNames.push(name);
    if (this.#bookingNames.length <= BOOKINGS_MAX) return;
    for (const oldest of this.#bookingNames.splice(0, BOOKINGS_MAX / 10)) {
      const left = this.#bookings.get(oldest)?.slice(1) ?? [];
      if (left.length === 0) this.#bookings.delete(oldest);
      else this.#bookings.set(oldest, left);
    }
  }
}

function byName<T extends Booking>(bookings: readonly T[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const booking of bookings) {
    const group = groups.get(booking.name);
    if (group === undefined) groups.set(booking.name, [booking]);
    else group.push(booking);
  }
  return groups;
}

/** Bookings of one name, and the places of told ones: the two that are nearest in time first, each only once. */
function pairsOf<T extends Booking>(bookings: readonly T[], told: readonly TransactMs[]): [T, number][] {
  const near = bookings.flatMap((booking) =>
    told
      .map((date, place) => ({ booking, place, apart: Math.abs(date - booking.at) }))
      .filter(({ apart }) => apart <= BOOKING_SLACK_MS),
  );
  const taken = new Set<T | number>();
  const pairs: [T, number][] = [];
  for (const { booking, place } of near.sort((a, b) => a.apart - b.apart)) {
    if (taken.has(booking) || taken.has(place)) continue;
    taken.add(booking).add(place);
    pairs.push([booking, place]);
  }
  return pairs;
}

/**
 * What makes a step of an order one step, equal for the event of the stream and the one told from REST; `undefined` for
 * events that are no such step.
 */
export function stepOf(event: UserDataEvent | RepairedEvent): string | undefined {
  if (event.e === "ORDER_TRADE_UPDATE") {
    const { s, i, x, t, p, q } = (event as Extract<RepairedEvent, { e: "ORDER_TRADE_UPDATE" }>).o;
    if (x === "TRADE" || x === "CALCULATED") return fillStep(s, t);
    return x === "AMENDMENT" ? `O|${s}|${i}|${x}|${plain(p)}|${plain(q)}` : `O|${s}|${i}|${x}`;
  }
  if (event.e === "ALGO_UPDATE") {
    const { aid, X } = (event as Extract<RepairedEvent, { e: "ALGO_UPDATE" }>).o;
    return `A|${aid}|${X}`;
  }
  return undefined;
}

/** The step that is the fill with this trade id. */
export function fillStep(symbol: string, tradeId: string): string {
  return `F|${symbol}|${tradeId}`;
}

/** What the event booked to wallets, beside fills; mostly nothing. */
export function bookingsOf(event: UserDataEvent | RepairedEvent): Booking[] {
  if (event.e !== "ACCOUNT_UPDATE") return [];
  const { T, a } = event as Extract<RepairedEvent, { e: "ACCOUNT_UPDATE" }>;
  if (a.m === "ORDER" || T === undefined) return [];
  const changed = a.B.filter(({ bc }) => bc !== undefined && plain(bc) !== "0");
  return changed.map((row) => ({ name: bookingName(row.a, row.bc ?? "0"), at: T }));
}

/** Names a booking: not by its reason, since income rows and events have different words for some. */
export function bookingName(asset: string, amount: string): string {
  return `${asset}|${plain(amount)}`;
}

/** `"0.500"` and `"0.5"` are one amount. */
function plain(decimal: string | undefined): string {
  return decimal !== undefined && isDecimal(decimal) ? trimmed(fixed(decimal)) : (decimal ?? "");
}

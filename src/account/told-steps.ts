/**
 * What has been told of late, so that repair and stream together tell each thing once. Pure.
 *
 * A fill is known by symbol and trade id, a step of an order by symbol, order id and what happened, a booking (a
 * transfer, a funding fee) by what was booked and roughly when: income rows carry no id that events carry.
 */
import { fixed, isDecimal, trimmed } from "../kernel/decimal.ts";
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
  /** Oldest first. */
  readonly #bookings: Booking[] = [];

  /** It is told now, by the stream or by repair. */
  note(event: UserDataEvent | RepairedEvent): void {
    const step = stepOf(event);
    if (step !== undefined) this.noteStep(step);
    else if (event.e === "ACCOUNT_UPDATE") this.#noteBookings(event);
  }

  #noteBookings(event: UserDataEvent | RepairedEvent): void {
    for (const booking of bookingsOf(event)) this.#bookings.push(booking);
    if (this.#bookings.length > BOOKINGS_MAX) this.#bookings.splice(0, BOOKINGS_MAX / 10);
  }

  /** A step was told. */
  noteStep(step: string): void {
    this.#steps.add(step);
    if (this.#steps.size >= STEPS_MAX) this.turn();
  }

  /** A new generation begins; what was told before the last turn is forgotten. */
  turn(): void {
    this.#stepsBefore = this.#steps;
    this.#steps = new Set();
  }

  /** Was this step told? See {@link stepOf}. */
  hasStep(step: string): boolean {
    return this.#steps.has(step) || this.#stepsBefore.has(step);
  }

  /** Of these bookings, oldest first, the ones that were not told: each told one stands for one of them. */
  newAmong<T extends Booking>(bookings: readonly T[]): T[] {
    const told = [...this.#bookings];
    return bookings.filter((booking) => {
      const nearest = nearestOf(told, booking);
      if (nearest === undefined) return true;
      told.splice(told.indexOf(nearest), 1);
      return false;
    });
  }
}

function nearestOf(told: readonly Booking[], { name, at }: Booking): Booking | undefined {
  let nearest: Booking | undefined;
  for (const one of told) {
    const apart = Math.abs(one.at - at);
    if (one.name !== name || apart > BOOKING_SLACK_MS) continue;
    if (nearest === undefined || apart < Math.abs(nearest.at - at)) nearest = one;
  }
  return nearest;
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

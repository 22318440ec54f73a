/**
 * Changes of a wallet that no fill made: transfers, funding fees. What was told of them is remembered here, since
 * income rows carry no id that events carry. Which row an event is of, booking-pairs.ts finds out. Pure.
 */
import { FIXED_PLACES, type Fixed, fixed, isDecimal, trimmed } from "../kernel/decimal.ts";
import { inOnePiece } from "../kernel/one-piece.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import type { RepairedEvent } from "./repaired-events.ts";

/**
 * How far `T` of an event and `time` of its income row may lie apart. *Assumed*: no capture pairs them, and servers
 * whose clocks disagree may have dated them.
 */
export const BOOKING_SLACK_MS = 15_000;

/** Bookings remembered, the newest: as many as steps between two audits. */
export const BOOKINGS_MAX = 50_000;

/** One change of a wallet that no fill made. */
export interface Booking {
  /** Asset and amount: see {@link bookingName}. */
  readonly name: string;
  readonly at: TransactMs;
  /** What stood in the wallet after it; `undefined` where only the change is known: repair told it. */
  readonly wallet: Fixed | undefined;
}

/** Remembers bookings in the order in which they were told. */
export class ToldBookings {
  #bookings: Booking[] = [];
  #coversSince = 0 as TransactMs;

  /** The event of every income row that is dated later is remembered, if it was told. */
  get coversSince(): TransactMs {
    return this.#coversSince;
  }

  /** It is told now. */
  note(booking: Booking): void {
    this.#bookings.push(booking);
    if (this.#bookings.length <= BOOKINGS_MAX) return;
    for (const { at } of this.#bookings.splice(0, BOOKINGS_MAX / 10)) {
      this.#coversSince = Math.max(this.#coversSince, at + BOOKING_SLACK_MS) as TransactMs;
    }
  }

  /** Those of one asset that are dated so or later, by date; of equal dates in the order of telling. */
  of(asset: string, from: number): Booking[] {
    const name = bookingName(asset, "");
    const found = this.#bookings.filter((one) => one.at >= from && one.name.startsWith(name));
    return found.sort((a, b) => a.at - b.at);
  }

  /**
   * If each of these bookings was told, forgets that, and returns `true`: the next one like it is another one. It is
   * the same one when the same stood in the wallet after it; where that is not known, when it is of the same date, or
   * else the nearest within the slack.
   */
  take(bookings: readonly Booking[]): boolean {
    const taken = new Set<Booking>();
    for (const booking of bookings) {
      const same = this.#sameAs(booking, taken);
      if (same === undefined) return false;
      taken.add(same);
    }
    if (taken.size > 0) this.#bookings = this.#bookings.filter((booking) => !taken.has(booking));
    return taken.size > 0;
  }

  #sameAs({ name, at, wallet }: Booking, taken: ReadonlySet<Booking>): Booking | undefined {
    let best: Booking | undefined;
    for (const one of this.#bookings) {
      if (one.name !== name || taken.has(one) || Math.abs(one.at - at) > BOOKING_SLACK_MS) continue;
      if (one.wallet !== undefined && wallet !== undefined && one.wallet !== wallet) continue;
      if (best === undefined || Math.abs(one.at - at) < Math.abs(best.at - at)) best = one;
    }
    return best;
  }
}

/** What the event booked to wallets, beside fills; mostly nothing. */
export function bookingsOf(event: UserDataEvent | RepairedEvent): Booking[] {
  if (event.e !== "ACCOUNT_UPDATE") return [];
  const { T, a } = event as Extract<RepairedEvent, { e: "ACCOUNT_UPDATE" }>;
  if (a.m === "ORDER" || T === undefined) return [];
  const changed = a.B.filter(({ bc }) => bc !== undefined && plain(bc) !== "0");
  return changed.map(({ a: asset, bc = "0", wb }) => {
    const wallet = exactly(wb);
    return { name: inOnePiece(bookingName(asset, bc)), at: T, wallet };
  });
}

/** Names a booking: not by its reason, since income rows and events have different words for some. */
export function bookingName(asset: string, amount: string): string {
  return `${asset}|${plain(amount)}`;
}

/** `"0.500"` and `"0.5"` are one amount. */
export function plain(decimal: string | undefined): string {
  const exact = exactly(decimal);
  return exact === undefined ? (decimal ?? "") : trimmed(exact);
}

/** `undefined` for what has more places than are counted: it is compared as it is spelled. */
function exactly(decimal: string | undefined): Fixed | undefined {
  if (decimal === undefined || !isDecimal(decimal)) return undefined;
  const dot = decimal.indexOf(".");
  const isCounted = dot === -1 || /^0*$/.test(decimal.slice(dot + 1 + FIXED_PLACES));
  return isCounted ? fixed(decimal) : undefined;
}

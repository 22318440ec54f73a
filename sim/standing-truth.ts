/**
 * L3 for how things stand, against the venue's own log: what repair tells of a wallet or a position is not older than
 * what was told of it before, by the stream or by repair. Pure.
 */
import { plain } from "../src/account/bookings.ts";
import { positionKey } from "../src/account/facts.ts";
import type { RepairedEvents } from "../src/account/repaired-events.ts";
import { assert } from "../src/kernel/errors.ts";

type Change = RepairedEvents["ACCOUNT_UPDATE"]["a"];

/** Where a wallet or a position stood. */
interface Row {
  readonly key: string;
  readonly terms: string;
}

/** Watches one account's wallets and positions. */
export class StandingTruth {
  /** Wallet or position → terms → the places of the events that said so, in order. */
  readonly #said = new Map<string, Map<string, number[]>>();
  /** Place of an event → what it says. */
  readonly #rows = new Map<number, readonly Row[]>();
  /** Wallet or position → the newest place that was told. */
  readonly #reached = new Map<string, number>();

  /** The venue pushed it, as the event of this place in its log. */
  pushed(place: number, change: Change): void {
    const rows = rowsOf(change);
    this.#rows.set(place, rows);
    for (const { key, terms } of rows) {
      const said = this.#said.get(key) ?? new Map<string, number[]>();
      this.#said.set(key, said);
      const places = said.get(terms);
      if (places === undefined) said.set(terms, [place]);
      else places.push(place);
    }
  }

  /** The stream told it. */
  told(place: number): void {
    for (const { key } of this.#rows.get(place) ?? []) this.#reach(key, place);
  }

  /** Repair tells how it stands. @throws {InvariantViolation} when that is older than what was told before */
  repaired(change: Change): void {
    if (change.m !== undefined) return;
    for (const { key, terms } of rowsOf(change)) {
      const places = this.#said.get(key)?.get(terms);
      if (places === undefined) continue;
      // It may have stood so more than once: which of them is told, nothing says but the order.
      const place = places.find((one) => one >= (this.#reached.get(key) ?? 0));
      assert(place !== undefined, `L3 repair took back what was told of ${key}: ${JSON.stringify(change)}`);
      this.#reach(key, place);
    }
  }

  /** A program begins that knows nothing of the one before. */
  forget(): void {
    this.#reached.clear();
  }

  #reach(key: string, place: number): void {
    this.#reached.set(key, Math.max(place, this.#reached.get(key) ?? 0));
  }
}

function rowsOf({ B, P }: Change): readonly Row[] {
  const rows: Row[] = [];
  for (const { a, wb, cw } of B) {
    if (wb !== undefined && cw !== undefined) rows.push({ key: a, terms: `${plain(wb)} ${plain(cw)}` });
  }
  for (const { s, ps, pa, iw } of P) {
    if (iw !== undefined) rows.push({ key: positionKey(s, ps), terms: `${plain(pa)} ${plain(iw)}` });
  }
  return rows;
}

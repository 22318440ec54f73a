/** Which faults of the venue are on, by the venue's own word and time: what the checks must excuse, no more. Pure. */
import type { TransactMs } from "../src/kernel/scalars.ts";
import type { FaultType } from "../src/venue/faults/fault-kinds.ts";
import type { VenueWish } from "./faults.ts";

interface Lasting {
  readonly wish: VenueWish;
  readonly from: number;
  readonly to: number;
}

/** For so long a fault that is over may still matter, to an answer that is on its way. */
const REMEMBERED_MS = 60_000;

/** The faults of one venue. */
export class Misbehaviour {
  /** In the order of starting. Those that have long been over are dropped when the next one starts. */
  #faults: Lasting[] = [];

  /** The venue has started one. Both times are the venue's; they are equal for what is over at once. */
  started(wish: VenueWish, from: number, to: number): void {
    this.#faults = this.#faults.filter((fault) => fault.to >= from - REMEMBERED_MS);
    this.#faults.push({ wish, from, to });
  }

  /** Is one of the type on, or has it begun or ended at this very moment? */
  isOn(type: FaultType, at: TransactMs): boolean {
    return this.wasOn(type, at, at);
  }

  /** Was one of the type on at any moment of this time? */
  wasOn(type: FaultType, since: TransactMs, until: TransactMs): boolean {
    for (const { wish, from, to } of this.#faults) if (wish.type === type && from <= until && since <= to) return true;
    return false;
  }

  /** Were calls of one kind refused for good at any moment of this time? */
  refusedPart(since: TransactMs, until: TransactMs): boolean {
    return this.#faults.some(({ wish, from, to }) => wish.path !== undefined && from <= until && since <= to);
  }

  /** Is every call refused, so that no key can be had or renewed? Errors that come now and then leave a way. */
  refusesCalls(at: TransactMs): boolean {
    return this.#faults.some(({ wish, from, to }) => {
      const isOfAll = wish.percent === undefined && wish.path === undefined;
      const refuses = wish.type === "ban" || (wish.type === "rest-error" && isOfAll);
      return refuses && from <= at && at < to;
    });
  }
}

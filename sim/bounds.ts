/** L10 and L12 at every step: what is unknown passes through and is said once; what piles up has a limit. Pure. */

import { FINISHED_ORDERS_MAX } from "../src/account/account-state.ts";
import type { AccountView } from "../src/account/account-view.ts";
import { assert } from "../src/kernel/errors.ts";
import type { LogFields } from "../src/kernel/ports.ts";
import { NOVELTIES_MAX } from "../src/protocol/novelties.ts";
import { isKnownEvent, type UserDataEvent } from "../src/protocol/user-data-event.ts";

/** What is unknown is held back no longer than any other event. In milliseconds. */
export const PASSED_ON_MS = 30_000;
/** A frame tells its type at the beginning, in the combined framing after the name of the stream. */
const TYPE = /^(?:\{"stream":"[^"]*","data":)?\{"e":"([^"]*)"/;
/** The line in which the program says what is new to it. */
const SAID = "the exchange said something new; it is passed through";

/** L10: watches one life of a program. */
export class Unknowns {
  /** Frames of unknown events that came in, and of these the ones that were not told yet. */
  readonly #came = new Set<string>();
  readonly #untold = new Set<string>();
  readonly #said = new Set<string>();

  /** A frame came in. Is it an event of an unknown type, and new? */
  came(text: string): boolean {
    const type = TYPE.exec(text)?.[1];
    if (type === undefined || isKnownEvent({ e: type } as UserDataEvent) || this.#came.has(text)) return false;
    this.#came.add(text);
    this.#untold.add(text);
    return true;
  }

  /** An event was told in the frame it came in. @throws {InvariantViolation} when an unknown one has changed */
  told(event: UserDataEvent, raw: string): void {
    if (isKnownEvent(event)) return;
    this.#untold.delete(raw);
    assert(raw.includes(`"e":"${event.e}"`), `L10 ${event.e} is told, and the frame is another one: ${raw}`);
    assert(this.#said.size > 0, `L10 ${event.e} is new, and nothing was said of it`);
  }

  /** So long after it came. @throws {InvariantViolation} when it was not told */
  overdue(text: string): void {
    assert(!this.#untold.has(text), `L10 an event of an unknown type was not passed on: ${text}`);
  }

  /** Something was logged. @throws {InvariantViolation} when the same is said again, or without end */
  logged(line: string, fields: LogFields | undefined): void {
    if (line !== SAID) return;
    const what = JSON.stringify(fields);
    assert(!this.#said.has(what), `L10 the same novelty is said twice: ${what}`);
    this.#said.add(what);
    assert(this.#said.size <= NOVELTIES_MAX, `L12 ${this.#said.size} novelties are said`);
  }
}

/** Alarms that a program may have set at a time: one of the stream, one of each part of a repair, and of each wait. */
const ALARMS_MAX = 40;
/** Requests of one program on their way at a time: a survey asks for a dozen things at once. */
const REQUESTS_MAX = 40;

/** L12: so many are too many. @throws {InvariantViolation} */
export function assertFew(what: "alarms" | "lines" | "requests", count: number, redundancy = 0): void {
  const most = { alarms: ALARMS_MAX, lines: redundancy + 1, requests: REQUESTS_MAX }[what];
  assert(count <= most, `L12 ${count} ${what} at a time, where ${most} are the most`);
}

/** L12: what has ended is forgotten in the end. @throws {InvariantViolation} */
export function assertBounded({ finishedOrders, finishedConditionalOrders }: AccountView): void {
  const most = Math.max(finishedOrders.size, finishedConditionalOrders.size);
  assert(most <= FINISHED_ORDERS_MAX, `L12 ${most} ended orders are remembered`);
}

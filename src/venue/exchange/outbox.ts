/** Events on their way out, in the order in which they happened. Pure. */
import { assert } from "../../kernel/errors.ts";
import type { KnownEvent } from "../../protocol/user-data-event.ts";
import type { AccountEvent } from "./views.ts";

/** Events that may lie in the outbox: far more than one command can push, so reaching it means nobody takes them. */
const UNTAKEN_EVENTS_MAX = 1_000_000;

/** Collects events until they are taken. */
export class Outbox {
  #events: AccountEvent[] = [];

  /** @throws {InvariantViolation} when {@link UNTAKEN_EVENTS_MAX} lie there already */
  push(account: string, event: KnownEvent): void {
    assert(this.#events.length < UNTAKEN_EVENTS_MAX, "the events of the exchange are taken after each command");
    this.#events.push({ account, event });
  }

  /** Hands out what has gathered; afterwards it is empty. */
  take(): AccountEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

/**
 * What an account is told of its orders makes a life: it begins with NEW, what is executed only grows, and after its
 * end nothing more is said. So no order is both open and ended. Pure.
 */
import { assert } from "../src/kernel/errors.ts";

const ENDED: ReadonlySet<string> = new Set(["FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"]);

/** `"e":"ORDER_TRADE_UPDATE"` as the venue writes it. */
const ORDER_EVENT = '{"e":"ORDER_TRADE_UPDATE"';

/** The fields of an order in the order of the wire: symbol, execution type, status, id, executed quantity. */
const FIELDS = /"o":\{"s":"([^"]*)".*?"x":"([^"]*)","X":"([^"]*)","i":(\d+),"l":"[^"]*","z":"([^"]*)"/;

/** The orders of one account, by what it is told of them. */
export class OrderLives {
  /** Symbol and id → the executed quantity of those that live. */
  readonly #open = new Map<string, number>();
  readonly #ended = new Set<string>();

  /** Orders whose end was told. */
  get endedCount(): number {
    return this.#ended.size;
  }

  /** Those that were begun and not ended, as `SYMBOL ID`. */
  get open(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** The venue pushed it. @throws {InvariantViolation} when it is no part of a life */
  log(json: string): void {
    if (!json.startsWith(ORDER_EVENT)) return;
    const [, symbol, execution = "", status = "", id, executed] = FIELDS.exec(json) ?? [];
    assert(id !== undefined, `an order event is written as expected: ${json}`);
    const name = `${symbol} ${id}`;
    assert(!this.#ended.has(name), `an ended order speaks again: ${json}`);
    const before = this.#open.get(name);
    assert((execution === "NEW") === (before === undefined), `an order begins with NEW, once: ${json}`);
    assert(Number(executed) >= (before ?? 0), `what is executed does not shrink: ${json}`);
    this.#open.set(name, Number(executed));
    if (!ENDED.has(status)) return;
    this.#open.delete(name);
    this.#ended.add(name);
  }
}

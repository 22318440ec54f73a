/**
 * Brings a venue to where its log says it was. Pure.
 *
 * Between two entries time passes as it did: from timer to timer, so that no tick is left out. An entry that is itself
 * a passing of time is a jump, and keeps its pace. Nothing is told to anybody: it was told already.
 */
import { assert } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { outcomeOf, RECORDED, type VenueParts } from "./recording.ts";
import { type KeptVenue, type LogEntry, readArguments } from "./venue-log.ts";

const KNOWN: ReadonlySet<string> = new Set([
  "exchange.due",
  ...Object.entries(RECORDED).flatMap(([part, methods]) => methods.map((method) => `${part}.${method}`)),
]);

/**
 * Carries out all entries, then lets time pass until it is `reached`. The parts are new ones, opened with the settings
 * and at the time with which they were opened first. Returns how many entries there were.
 * @param passed called with the venue's time, again and again, as it passes
 * @throws {InvariantViolation} when an entry cannot be carried out as it was the first time
 */
export function replay(
  { entries, reached }: Pick<KeptVenue, "entries" | "reached">,
  parts: VenueParts,
  passed: (at: TransactMs) => void = () => {},
): number {
  let count = 0;
  for (const entry of entries) {
    count++;
    pass(parts.exchange, entry.at, passed);
    parts.listenKeys.due(entry.at);
    carryOut(entry, parts, count);
    parts.exchange.takeEvents();
  }
  pass(parts.exchange, reached, passed);
  return count;
}

function carryOut({ what, args, outcome }: LogEntry, parts: VenueParts, count: number): void {
  assert(KNOWN.has(what), `entry ${count} of the log is something that a venue does: ${what}`);
  const [part = "", method = ""] = what.split(".");
  const target = parts[part as keyof VenueParts];
  const result: unknown = Reflect.apply(Reflect.get(target, method), target, readArguments(args));
  assert(outcomeOf(result) === outcome, `entry ${count} of the log, ${what}, is ${outcome} again`);
}

/** From timer to timer: any longer step would be a jump, with fewer ticks. */
function pass(exchange: Exchange, until: TransactMs, passed: (at: TransactMs) => void): void {
  for (let next = exchange.nextDeadline(); next !== undefined && next.at <= until; next = exchange.nextDeadline()) {
    exchange.due(next.at);
    exchange.takeEvents();
    passed(next.at);
  }
  exchange.due(until);
}

/**
 * Writes into the log what changes a venue. Pure.
 *
 * The methods named in {@link RECORDED} are watched from outside: the parts know nothing of the log. Their arguments
 * are plain data, and those of the exchange end with the time. A refused call is an entry like any other: it may have
 * thrown the dice of client order ids. One that throws, or is made by another watched call, is none.
 */
import type { ApiKeys } from "../../face/api-keys.ts";
import type { ListenKeys } from "../../face/listen-keys.ts";
import { isRefused } from "../../face/refusal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { TransferLedger } from "../accounts/transfer-ledger.ts";
import type { ClockJumps } from "../clock-jumps.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { CATCH_UP_TICKS_MAX } from "../exchange/floor.ts";
import { type LogEntry, type VenueLog, writeArguments } from "./venue-log.ts";

/** Everything of a venue that outlives it. */
export interface VenueParts {
  readonly exchange: Exchange;
  readonly keys: ApiKeys;
  readonly listenKeys: ListenKeys;
  readonly transfers: TransferLedger;
  readonly jumps: ClockJumps;
}

/** The methods that change something, by part. {@link Exchange.due} is recorded when its pace matters. */
export const RECORDED = {
  exchange: [
    "createAccount",
    "transfer",
    "placeOrder",
    "testOrder",
    "cancelOrder",
    "cancelAllOrders",
    "amendOrder",
    "countDown",
    "placeConditional",
    "cancelConditional",
    "cancelAllConditionals",
    "changeLeverage",
    "changeMarginType",
    "modifyPositionMargin",
    "changePositionMode",
    "changeMultiAssetsMode",
    "changeFeeBurn",
    "moveMarket",
    "settleFunding",
    "cause",
    "delist",
    "autoExchange",
    "startGrid",
    "changeGrid",
    "stopGrid",
  ],
  keys: ["add", "revoke"],
  listenKeys: ["hold", "end"],
  transfers: ["record"],
  jumps: ["set"],
} as const satisfies { readonly [Part in keyof VenueParts]: readonly (keyof VenueParts[Part])[] };

/**
 * A pace up to this changes nothing: market makers, which alone keep a pace, never tick more often. So only jumps, and
 * sleeps of the machine, of more than half a minute are entries of their own.
 */
const PACE_UNFELT_MS = 100;

type Method = (this: object, ...args: unknown[]) => unknown;

/** From now on everything that changes these parts goes into the log; it is for the caller to commit it. */
export function record(parts: VenueParts, log: VenueLog): void {
  const { exchange } = parts;
  let isWithin = false;
  const watch = (part: keyof VenueParts, method: string, before: (args: readonly unknown[]) => void) => {
    const target: object = parts[part];
    const carryOut = Reflect.get(target, method) as Method;
    const watched: Method = (...args) => {
      if (isWithin) return carryOut.apply(target, args);
      before(args);
      isWithin = true;
      try {
        const result = carryOut.apply(target, args);
        log.append({
          at: exchange.now,
          what: `${part}.${method}`,
          args: writeArguments(args),
          outcome: outcomeOf(result),
        });
        return result;
      } finally {
        isWithin = false;
      }
    };
    Object.defineProperty(target, method, { value: watched });
  };
  recordTime(exchange, log);
  // Whatever is due before the command is not part of it.
  const passTime = (args: readonly unknown[]) => exchange.due(args.at(-1) as TransactMs);
  for (const method of RECORDED.exchange) watch("exchange", method, passTime);
  for (const part of ["keys", "listenKeys", "transfers", "jumps"] as const) {
    for (const method of RECORDED[part]) watch(part, method, () => {});
  }
}

function recordTime(exchange: Exchange, log: VenueLog): void {
  const pass = exchange.due;
  const watched = (now: TransactMs, paceMs = 0) => {
    const from = exchange.now;
    const next = exchange.nextDeadline();
    pass.call(exchange, now, paceMs);
    if (next === undefined || next.at > now) return;
    const pace = Math.max(paceMs, Math.ceil((now - from) / CATCH_UP_TICKS_MAX));
    if (pace <= PACE_UNFELT_MS) log.reached(now);
    else log.append({ at: from, what: "exchange.due", args: writeArguments([now, paceMs]), outcome: "done" });
  };
  Object.defineProperty(exchange, "due", { value: watched });
}

/** Of a method that returned, with a result or without. */
export function outcomeOf(result: unknown): LogEntry["outcome"] {
  return typeof result === "object" && result !== null && isRefused(result) ? "refused" : "done";
}

/** The way out of the hub to one account's exchange, for calls of bots. Pure. */
import { ListenkeyError } from "../kernel/errors.ts";
import type { MonotonicMs, TransactMs } from "../kernel/scalars.ts";
import { type ErrorBody, errorBody } from "../protocol/error-codes.ts";
import { parseJson } from "../protocol/json.ts";
import { WEIGHT_PER_MINUTE } from "../protocol/limits.ts";
import type { Signer } from "../protocol/signing.ts";

/** What one address may ask of an exchange: the budget that the streams of this process share. */
export interface ExitBudget {
  /** How long a request has to wait, in milliseconds; 0 when it may go now. */
  waitMs(weight: number, priority: ExitPriority, now: MonotonicMs): number;
  /** A request goes out now. */
  reserve(action: string, weight: number, priority: ExitPriority, now: MonotonicMs): void;
  /** An answer said how much is used. */
  observe(used: number): void;
  /** The exchange wants silence. */
  block(waitMs: number, now: MonotonicMs): void;
  /** This moment. */
  state(now: MonotonicMs): { readonly used: number };
}

/** Orders go before reads; what keeps the hub's own streams alive goes before both. */
export type ExitPriority = "repair" | "read";

/** Where calls go. */
export interface Exit {
  /** Without a trailing slash: `https://fapi.binance.com`. Nothing ever goes to another host. */
  readonly rest: string;
  /** Where streams are had, without a trailing slash: `wss://fstream.binance.com`. */
  readonly stream: string;
  /** The WS API, whole; `undefined`: it cannot be reached. */
  readonly wsApi: string | undefined;
  /** The account's own key. */
  readonly apiKey: string;
  /** Signs with it; `undefined`: calls that must be signed anew are refused. */
  readonly signer: Pick<Signer, "sign"> | undefined;
  readonly budget: ExitBudget;
  /** The exchange's time, as well as it is known. */
  readonly time: () => TransactMs;
  /** How long the exchange wants silence after 429 or 418. */
  readonly silenceMs: (status: number, msg: string, now: number, retryAfter?: string) => number;
}

/** A call that is not carried out. */
export interface ExitRefusal {
  readonly status: number;
  readonly error: ErrorBody;
  /** When to come again, if that is why. */
  readonly waitMs?: number;
}

/** -1015: one account placed too many orders; the address may go on. */
const TOO_MANY_ORDERS = -1015;

/** Takes the weight of a call, or says why it has to wait: nothing waits here, for its timestamp would grow old. */
export function pay(
  { budget }: Exit,
  { action, weight, priority }: { readonly action: string; readonly weight: number; readonly priority: ExitPriority },
  now: MonotonicMs,
): ExitRefusal | undefined {
  const waitMs = budget.waitMs(weight, priority, now);
  if (waitMs > 0) return { status: 429, error: errorBody(-1003, WEIGHT_PER_MINUTE), waitMs };
  budget.reserve(action, weight, priority, now);
  return undefined;
}

/**
 * Believes what an answer says of limits, for everything that asks from this address.
 * @param used weight, as far as the answer says
 * @param body of a refusal; `undefined` when it is none
 * @param time the exchange's
 */
export function heed(
  { budget, silenceMs }: Exit,
  answer: {
    readonly status: number;
    readonly used: number | undefined;
    readonly body?: string | undefined;
    readonly retryAfter?: string | undefined;
  },
  { now, time }: { readonly now: MonotonicMs; readonly time: number },
): void {
  const { status, used, body = "", retryAfter } = answer;
  if (used !== undefined && Number.isSafeInteger(used) && used > 0) budget.observe(used);
  if (status !== 429 && status !== 418) return;
  const { code, msg } = refusalIn(body);
  if (code !== TOO_MANY_ORDERS) budget.block(silenceMs(status, msg, time, retryAfter), now);
}

/** A refusal of the exchange over REST, or the `error` of one over the WS API. */
function refusalIn(body: string): { readonly code: unknown; readonly msg: string } {
  try {
    const { code, msg, error } = (parseJson(body) ?? {}) as Partial<Record<"code" | "msg" | "error", unknown>>;
    if (typeof error === "object" && error !== null) {
      const inner = error as { code?: unknown; msg?: unknown };
      return { code: inner.code, msg: String(inner.msg) };
    }
    return { code, msg: String(msg) };
  } catch (trouble) {
    if (!(trouble instanceof ListenkeyError) || trouble.origin === "bug") throw trouble;
    // A proxy or a firewall answered: its page is of no use.
    return { code: undefined, msg: "" };
  }
}

/** What stands behind a face: one handler per call, from the values of its parameters to its reply. Pure. */
import type { TransactMs } from "../kernel/scalars.ts";
import type { EndpointName, ParametersOf, ReplyTo } from "../protocol/endpoints.ts";
import type { ErrorBody } from "../protocol/error-codes.ts";
import type { AccountId } from "./api-keys.ts";
import type { Refused } from "./refusal.ts";

/** The way a call came, and its answer goes. */
export type Transport = "REST" | "WS";

/** One call that passed every check of the face. */
export interface Call<N extends EndpointName> {
  readonly parameters: ParametersOf<N>;
  /** Whose call it is; `""` for calls that anyone may make. */
  readonly account: AccountId;
  readonly now: TransactMs;
  readonly transport: Transport;
}

/** Answers one kind of call. */
export type CallHandler<N extends EndpointName> = (call: Call<N>) => ReplyTo<N> | Refused;

/** The calls that are served. The others are answered with `-1020`. */
export type CallHandlers = { readonly [N in EndpointName]?: CallHandler<N> };

/** How a call ended. */
export interface CallEnd {
  readonly status: number;
  /** The reply as JSON text, or why it was refused. */
  readonly content: { readonly result: string } | { readonly error: ErrorBody };
  /** Whose call it was, as soon as that was known. */
  readonly account: AccountId | undefined;
  /** How long to stay away, after 429 and 418. */
  readonly waitMs?: number;
}

/** What a call costs that does not exist. */
export const UNKNOWN_CALL_WEIGHT = 1;

/** The HTTP status that goes with a refusal. Protocol sheet 3.2. */
export function statusOf(code: number): number {
  return STATUSES.get(code) ?? 400;
}

const STATUSES: ReadonlyMap<number, number> = new Map([
  [-1001, 503],
  [-1003, 429],
  [-1007, 408],
  [-1008, 503],
  [-1015, 429],
  [-2014, 401],
  [-2015, 401],
  [-5000, 404],
]);

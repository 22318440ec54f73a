/**
 * What an endpoint is: method, path, security, cost, parameters, reply. The venue routes and charges by it, the signed
 * client builds and budgets by it. Pure, and light: nothing here knows of a server.
 */
import type { Codec } from "../codec.ts";
import type { ParameterRows } from "./parameters.ts";

/**
 * What a call must bring along. `NONE`: nothing. `MARKET_DATA`, `USER_STREAM`: the API key. `USER_DATA`, `TRADE`: the
 * API key, `timestamp` and `signature`.
 */
export type Security = "NONE" | "MARKET_DATA" | "USER_STREAM" | "USER_DATA" | "TRADE";

/** Parameters as they were sent: name → text. */
export type GivenParameters = ReadonlyMap<string, string>;

/** What a call counts on the two order limits of its account. */
export interface OrderCounts {
  /** On the limit of 10 seconds. */
  readonly tenSeconds: number;
  /** On the limit of one minute. */
  readonly minute: number;
}

/** One call, by REST and, where it has a method there, by the WS API. */
export interface Endpoint<P extends ParameterRows = ParameterRows, R = unknown> {
  /** HTTP method. */
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** HTTP path. */
  readonly path: string;
  /** What the call must bring along. */
  readonly security: Security;
  /** Weight on the limit of the IP; some calls weigh more without a symbol, or with a deep limit. */
  readonly weight: number | ((given: GivenParameters) => number);
  /** `funding`: counts as one request on a pool of its own, 500 in 5 minutes, and sends no weight header. */
  readonly pool?: "funding";
  /** Absent for calls that place no orders. */
  readonly orders?: OrderCounts;
  /** Its method of the WS API; absent when it has none. */
  readonly wsMethod?: string;
  /** Name → how its text is read; required or not. */
  readonly parameters: P;
  /** The table of its answer. */
  readonly reply: Codec<R>;
  /** The table of its result over the WS API, where that prints the same fields in another order. */
  readonly wsReply?: Codec<R>;
}

/** States an endpoint, keeping the exact types of its rows. */
export function endpoint<const P extends ParameterRows, R>(facts: Endpoint<P, R>): Endpoint<P, R> {
  return facts;
}

/** What a call weighs. */
export function weightOf(called: Pick<Endpoint, "weight">, given: GivenParameters): number {
  return typeof called.weight === "number" ? called.weight : called.weight(given);
}

/** Does it need `timestamp` and `signature`? */
export function isSigned(security: Security): boolean {
  return security === "USER_DATA" || security === "TRADE";
}

/** One weight with a symbol, another without. */
export function bySymbol(withSymbol: number, without: number): (given: GivenParameters) => number {
  return (given) => (given.has("symbol") ? withSymbol : without);
}

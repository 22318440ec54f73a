/**
 * Who is calling, and may they: API key, time window, signature. Pure. Protocol sheet 2.
 *
 * *Assumed*: the order of the checks (key, parameters, time, signature); that `recvWindow` has no maximum on fapi.
 */
import type { TransactMs } from "../kernel/scalars.ts";
import { type GivenParameters, isSigned, type Security } from "../protocol/endpoints/endpoint.ts";
import { wholeNumber } from "../protocol/endpoints/parameters.ts";
import { type ErrorBody, errorBody, errorVariant } from "../protocol/error-codes.ts";
import { AHEAD_MAX_MS, RECV_WINDOW_MS } from "../protocol/limits.ts";
import type { Verifier } from "../protocol/signing.ts";
import { type ApiKey, isApiKey, type KnownKeys } from "./api-keys.ts";

/** The server's clocks. */
export interface ServerClocks {
  /** The exchange's time. */
  readonly now: TransactMs;
  /**
   * The same without the jumps of a paper venue. A caller's own clock does not jump along, so a timestamp that is right
   * by this clock is right as well. Equals {@link now} where nothing jumps.
   */
  readonly unjumped: TransactMs;
}

/** What a caller shows. */
export interface Credentials {
  /** As sent; `undefined` when absent. */
  readonly apiKey: string | undefined;
  readonly given: GivenParameters;
  /** The texts of which one must have been signed. */
  readonly payloads: readonly string[];
  /** Was the caller recognised before (a session that is logged on)? Then no signature is needed. */
  readonly isTrusted: boolean;
}

/** Who it is. */
export type Recognition =
  | { readonly outcome: "recognised"; readonly key: ApiKey }
  | { readonly outcome: "anonymous" }
  | { readonly outcome: "refused"; readonly status: 400 | 401; readonly error: ErrorBody };

/** Checks what a caller shows against what the security of a call asks for. */
export function recognise(
  security: Security,
  shown: Credentials,
  keys: KnownKeys,
  verifier: Verifier,
  clocks: ServerClocks,
): Recognition {
  if (security === "NONE") return { outcome: "anonymous" };
  if (shown.apiKey === undefined || !isApiKey(shown.apiKey)) return refused(401, errorBody(-2014));
  const key = keys.find(shown.apiKey);
  if (key === undefined) return refused(401, errorBody(-2015));
  if (!isSigned(security)) return { outcome: "recognised", key };
  const error = timeError(shown.given, clocks) ?? signatureError(shown, key, verifier);
  return error === undefined ? { outcome: "recognised", key } : refused(400, error);
}

function timeError(given: GivenParameters, clocks: ServerClocks): ErrorBody | undefined {
  const timestamp = wholeNumber().read(given.get("timestamp") ?? "");
  if (timestamp === undefined) return errorBody(-1102, "timestamp");
  const asked = given.get("recvWindow");
  const recvWindow = asked === undefined ? RECV_WINDOW_MS : wholeNumber().read(asked);
  if (recvWindow === undefined) return asked === "" ? errorBody(-1105, "recvWindow") : errorBody(-1130, "recvWindow");
  const isInTime = (now: TransactMs) => timestamp < now + AHEAD_MAX_MS && now - timestamp <= recvWindow;
  if (isInTime(clocks.now) || isInTime(clocks.unjumped)) return undefined;
  const isAhead = timestamp >= clocks.unjumped + AHEAD_MAX_MS && timestamp >= clocks.now + AHEAD_MAX_MS;
  return errorVariant(-1021, isAhead ? 1 : 0);
}

function signatureError(shown: Credentials, key: ApiKey, verifier: Verifier): ErrorBody | undefined {
  if (shown.isTrusted) return undefined;
  const signature = shown.given.get("signature");
  if (signature === undefined || signature === "") return errorBody(-1102, "signature");
  const isSigned = shown.payloads.some((payload) => verifier.verify(key.credential, payload, signature));
  return isSigned ? undefined : errorBody(-1022);
}

function refused(status: 400 | 401, error: ErrorBody): Recognition {
  return { outcome: "refused", status, error };
}

/**
 * The envelopes of the WS API: one JSON object per text frame, both ways. Protocol sheet 5.2, 5.3.
 *
 * The `id` of a request comes back as it was sent: a number digit for digit, a string, or `null`. Parameters are kept
 * as the text they were, because signatures are made over it. Pure.
 */
import { flag, type Infer, record, text, transactMs } from "./codec.ts";
import type { GivenParameters } from "./endpoints/endpoint.ts";
import type { ErrorBody } from "./error-codes.ts";
import { parseJsonNumbersAsText } from "./json.ts";
import { nullable } from "./rest/reply-forms.ts";

/** The `id` of a request as JSON text, ready to be printed: `7`, `"a1"`, `null`. */
export type RequestId = string;

/** One request. */
export interface WsApiRequest {
  readonly id: RequestId;
  /** With its version prefix, if any: `v2/account.status`. */
  readonly method: string;
  /** Empty when the frame had none. Numbers as sent; booleans as `true` and `false`; lists and objects as JSON. */
  readonly parameters: GivenParameters;
}

/** What a frame asks, or that it is no request. */
export type WsApiReading =
  | { readonly outcome: "read"; readonly request: WsApiRequest }
  | { readonly outcome: "malformed"; readonly id: RequestId };

/** One entry of the `rateLimits` block. */
export interface UsedLimit {
  readonly rateLimitType: "REQUEST_WEIGHT" | "ORDERS";
  readonly interval: "SECOND" | "MINUTE";
  readonly intervalNum: number;
  /** -1 where the block does not tell (weight of `order.place` and `order.modify`, *seen*). */
  readonly limit: number;
  /** -1 as {@link limit}. */
  readonly count: number;
}

/** One response, before it is printed. */
export interface WsApiResponse {
  readonly id: RequestId;
  /** What the HTTP status of the same call over REST would be. */
  readonly status: number;
  /** The result as JSON text, or why it was refused. */
  readonly content: { readonly result: string } | { readonly error: ErrorBody };
  /** Absent when the block is switched off, or the frame was no JSON. */
  readonly rateLimits?: readonly UsedLimit[] | undefined;
}

/** The result of `session.logon`, `session.status` and `session.logout`. */
export const SessionStatus = record({
  /** `null` when nobody is logged on. */
  apiKey: nullable(text),
  /** When the logon was; `null` when nobody is logged on. */
  authorizedSince: nullable(transactMs),
  connectedSince: transactMs,
  /** Is the `rateLimits` block switched on? */
  returnRateLimits: flag,
  serverTime: transactMs,
});

/** Who is logged on. */
export type SessionStatus = Infer<typeof SessionStatus>;

const NO_ID: RequestId = "null";

/** Reads one request frame. Never throws. */
export function readWsApiRequest(frame: string): WsApiReading {
  const json = parsed(frame);
  if (!isObject(json)) return { outcome: "malformed", id: NO_ID };
  const id = requestId(json.id, frame);
  if (id === undefined) return { outcome: "malformed", id: NO_ID };
  const { method, params } = json;
  if (typeof method !== "string" || (params !== undefined && params !== null && !isObject(params))) {
    return { outcome: "malformed", id };
  }
  return { outcome: "read", request: { id, method, parameters: parametersOf(isObject(params) ? params : {}) } };
}

function parsed(frame: string): unknown {
  try {
    return parseJsonNumbersAsText(frame);
  } catch {
    return undefined;
  }
}

/** Numbers have become text, so only the plain parser knows whether `"7"` was one. */
function requestId(id: unknown, frame: string): RequestId | undefined {
  if (id === undefined || id === null) return NO_ID;
  if (typeof id !== "string") return undefined;
  const plain = (JSON.parse(frame) as { id?: unknown }).id;
  if (typeof plain === "string") return JSON.stringify(id);
  return /^-?\d+$/.test(id) ? id : undefined;
}

function parametersOf(params: Readonly<Record<string, unknown>>): GivenParameters {
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(params)) {
    // null says the same as leaving it out.
    if (value !== null) given.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return given;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text of a response frame. */
export function writeWsApiResponse(response: WsApiResponse): string {
  const { content, rateLimits } = response;
  const body = "result" in content ? `"result":${content.result}` : `"error":${JSON.stringify(content.error)}`;
  const limits = rateLimits === undefined ? "" : `,"rateLimits":${JSON.stringify(rateLimits)}`;
  return `{"id":${response.id},"status":${response.status},${body}${limits}}`;
}

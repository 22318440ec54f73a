/**
 * Control frames of a stream socket: what a client may ask, and the exact texts of the answers. Protocol sheet 6.3.
 * Pure; no text makes it throw.
 *
 * Errors go out as `{"error":{"code":…,"msg":…}}` (change log of 2023-06-22), with the request's `id` where it has a
 * readable one (*seen* in client libraries). Columns count characters; Binance's parser may count otherwise where a
 * text is not ASCII. Of the parser's messages only "expected value" is documented, so every fault in the JSON is told
 * so.
 */
import { type JsonMember, readTopLevel } from "./json-members.ts";
import { STREAM_NAME_CHARS_MAX } from "./stream-url.ts";

/**
 * The `id` of a request, as JSON text, for the reply: an unsigned integer, digit for digit. A string of letters,
 * digits, `-` and `_`, 36 at most, passes too: the official connector of 2026-09 sends 32 hexadecimal digits (*seen*),
 * which the documents do not allow.
 */
export type ControlId = string & { readonly __controlId?: never };

/** What a client asks for. */
export type ControlRequest =
  /** `streams` in the order sent, maybe empty, maybe with repetitions. */
  | { readonly type: "subscribe" | "unsubscribe"; readonly id: ControlId; readonly streams: readonly string[] }
  | { readonly type: "list-subscriptions" | "get-combined"; readonly id: ControlId }
  | { readonly type: "set-combined"; readonly id: ControlId; readonly isCombined: boolean };

/** A frame that asks for nothing that exists. */
export interface ControlRefused {
  readonly type: "refused";
  /** The error frame to send. */
  readonly reply: string;
  /** Is the socket closed after the reply? Only after what is not JSON (change log of 2023-06-22). */
  readonly isLast: boolean;
}

const METHODS = ["SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY"] as const;
const VARIANTS = METHODS.map((method) => `\`${method}\``).join(", ");

/** Reads one text frame of a client. */
export function readControlFrame(text: string): ControlRequest | ControlRefused {
  const top = readTopLevel(text);
  if (top.outcome === "fault") {
    return { ...refused(undefined, 3, `Invalid JSON: expected value at ${place(text, top.at + 1)}`), isLast: true };
  }
  const members: ReadonlyMap<string, JsonMember> = top.outcome === "object" ? top.members : new Map();
  const id = readId(members.get("id"));
  const method = members.get("method");
  if (method === undefined) return invalid(id, `missing field \`method\` at ${place(text, top.end)}`);
  const name = METHODS.find((one) => one === parsed(method));
  if (name === undefined) {
    const found = parsed(method);
    const word = typeof found === "string" ? found : method.text;
    return invalid(id, `unknown variant \`${word}\`, expected one of ${VARIANTS} at ${place(text, method.end)}`);
  }
  if (id === undefined) return invalid(id, "request ID must be an unsigned integer");
  const params = members.get("params");
  if (params === undefined && name !== "LIST_SUBSCRIPTIONS") {
    // Assumed: worded as for `method`.
    return invalid(id, `missing field \`params\` at ${place(text, top.end)}`);
  }
  return readParams(name, id, params === undefined ? [] : parsed(params));
}

function readId(member: JsonMember | undefined): ControlId | undefined {
  if (member === undefined) return undefined;
  const isUnsigned = /^\d{1,20}$/.test(member.text) && BigInt(member.text) < 2n ** 64n;
  return isUnsigned || /^"[\w-]{1,36}"$/.test(member.text) ? member.text : undefined;
}

function readParams(method: (typeof METHODS)[number], id: ControlId, params: unknown): ControlRequest | ControlRefused {
  if (method === "SUBSCRIBE" || method === "UNSUBSCRIBE") {
    const isList = Array.isArray(params) && params.every(isStreamName);
    // Assumed: no document tells what is said to params of another shape.
    if (!isList) return invalid(id, "invalid type: expected a list of stream names");
    return { type: method === "SUBSCRIBE" ? "subscribe" : "unsubscribe", id, streams: params };
  }
  const given: readonly unknown[] = Array.isArray(params) ? params : [params];
  if (given.length > { LIST_SUBSCRIPTIONS: 0, GET_PROPERTY: 1, SET_PROPERTY: 2 }[method]) {
    return invalid(id, "too many parameters");
  }
  if (method === "LIST_SUBSCRIPTIONS") return { type: "list-subscriptions", id };
  if (typeof given[0] !== "string") return invalid(id, "property name must be a string");
  if (given[0] !== "combined") return refused(id, 0, "Unknown property");
  if (method === "GET_PROPERTY") return { type: "get-combined", id };
  if (typeof given[1] !== "boolean") return refused(id, 1, "Invalid value type: expected Boolean");
  return { type: "set-combined", id, isCombined: given[1] };
}

/** The reply to a request that was carried out: `null`, the property's value, or the names of the streams. */
export function controlReply(id: ControlId, result: null | boolean | readonly string[]): string {
  return `{"result":${JSON.stringify(result)},"id":${id}}`;
}

function isStreamName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= STREAM_NAME_CHARS_MAX;
}

/** What is said to one stream too many. *Seen* on the spot service in 2020; assumed here. */
export function tooManySubscriptions(id: ControlId): ControlRefused {
  return refused(id, 4, "Too many subscriptions");
}

/** What is said to streams that this server does not have. Ours: the exchange has all of them. */
export function subscriptionRefused(id: ControlId, why: string): ControlRefused {
  return invalid(id, why);
}

function invalid(id: ControlId | undefined, what: string): ControlRefused {
  return refused(id, 2, `Invalid request: ${what}`);
}

function refused(id: ControlId | undefined, code: number, msg: string): ControlRefused {
  const error = `{"error":${JSON.stringify({ code, msg })}`;
  return { type: "refused", reply: id === undefined ? `${error}}` : `${error},"id":${id}}`, isLast: false };
}

function parsed(member: JsonMember): unknown {
  return JSON.parse(member.text);
}

/** Line and column of the last of the first `count` characters, both from 1. */
function place(text: string, count: number): string {
  const before = text.slice(0, count);
  const lines = before.split("\n");
  return `line ${lines.length} column ${count - before.length + (lines.at(-1) ?? "").length}`;
}

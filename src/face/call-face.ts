/**
 * Binance's calls as a server answers them: limits, security, parameters, then the handler, then the reply table. The
 * same for REST and the WS API. Pure; never throws on any bytes. Protocol sheet 2, 3.
 *
 *     weight ─▶ who is it? ─▶ parameters ─▶ order limits ─▶ handler ─▶ reply
 *     429 418   401 400       400           429             400 …      200
 */
import type { Codec } from "../protocol/codec.ts";
import { type Endpoint, type GivenParameters, weightOf } from "../protocol/endpoints/endpoint.ts";
import { type EndpointName, endpointNamed, findEndpoint } from "../protocol/endpoints.ts";
import { errorBody, errorVariant } from "../protocol/error-codes.ts";
import { restPayload, type Verifier } from "../protocol/signing.ts";
import type { AccountId, KnownKeys } from "./api-keys.ts";
import { type Credentials, recognise, type ServerClocks } from "./authentication.ts";
import { formBody, readGiven, readValues } from "./call-parameters.ts";
import {
  type Call,
  type CallEnd,
  type CallHandler,
  type CallHandlers,
  statusOf,
  type Transport,
  UNKNOWN_CALL_WEIGHT,
} from "./calls.ts";
import { type HttpAnswer, type HttpCall, JSON_CONTENT } from "./http-call.ts";
import type { Interference } from "./interference.ts";
import type { Charge, RateLimits } from "./rate-limits.ts";
import { isRefused, refuse } from "./refusal.ts";

/** What a face is made of. */
export interface CallFaceParts {
  readonly limits: RateLimits;
  readonly keys: KnownKeys;
  readonly verifier: Verifier;
  readonly handlers: CallHandlers;
  /** Is `Retry-After` sent with 429 and 418? Not documented for fapi. */
  readonly sendsRetryAfter: boolean;
  /** Faults between callers and calls; none when absent. */
  readonly interference?: Interference;
}

/** The calls of one server. */
export class CallFace {
  readonly #parts: CallFaceParts;

  constructor(parts: CallFaceParts) {
    this.#parts = parts;
  }

  /** Answers one request under `/fapi`. */
  http(call: HttpCall, clocks: ServerClocks): HttpAnswer {
    const name = findEndpoint(call.method, call.path);
    const end = this.#answer(name, call, clocks);
    return this.print(end, name === undefined ? undefined : endpointNamed(name), call.ip, clocks);
  }

  /** Makes a call whose weight is charged already: the part that REST and the WS API share. */
  perform(name: EndpointName, shown: Credentials, transport: Transport, clocks: ServerClocks): CallEnd {
    const { keys, verifier, interference } = this.#parts;
    const holder = shown.apiKey === undefined ? undefined : keys.find(shown.apiKey)?.account;
    const judged = interference === undefined ? clocks : interference.clocks(holder, clocks);
    const who = recognise(endpointNamed(name).security, shown, keys, verifier, judged);
    if (who.outcome === "refused") return { status: who.status, content: { error: who.error }, account: undefined };
    const account = who.outcome === "recognised" ? who.key.account : undefined;
    const carryOut = (now: ServerClocks["now"]) => this.#carryOut(name, shown.given, account, transport, now);
    return interference === undefined
      ? carryOut(clocks.now)
      : interference.perform({ name, account }, clocks, carryOut);
  }

  #carryOut(
    name: EndpointName,
    given: GivenParameters,
    account: AccountId | undefined,
    transport: Transport,
    now: ServerClocks["now"],
  ): CallEnd {
    const endpoint = endpointNamed(name);
    const reading = readValues(endpoint.parameters, given);
    if (reading.outcome === "refused") return { status: 400, content: { error: reading.error }, account };
    if (endpoint.orders !== undefined && account !== undefined) {
      const broken = brokenLimit(this.#parts.limits.chargeOrders(account, endpoint.orders, now), account);
      if (broken !== undefined) return broken;
    }
    const parameters = reading.values as never;
    return { ...this.#handle(name, { parameters, account: account ?? "", now, transport }), account };
  }

  /** Charges weight to an address; the refusal when a limit is broken. */
  charge(ip: string, weight: number, clocks: ServerClocks): CallEnd | undefined {
    return brokenLimit(this.#parts.limits.charge(ip, weight, clocks.now), undefined);
  }

  /** The answer over HTTP, with the headers that tell what was used. */
  print(end: CallEnd, endpoint: Endpoint | undefined, ip: string, { now }: ServerClocks): HttpAnswer {
    const { limits, sendsRetryAfter } = this.#parts;
    const headers: Record<string, string> = { "content-type": JSON_CONTENT };
    if (endpoint?.pool === undefined) headers["x-mbx-used-weight-1m"] = String(limits.usedWeight(ip, now));
    if (endpoint?.orders !== undefined && end.account !== undefined) {
      const used = limits.usedOrders(end.account, now);
      headers["x-mbx-order-count-10s"] = String(used.tenSeconds);
      headers["x-mbx-order-count-1m"] = String(used.minute);
    }
    if (sendsRetryAfter && end.waitMs !== undefined) headers["retry-after"] = String(Math.ceil(end.waitMs / 1000));
    const body = "result" in end.content ? end.content.result : JSON.stringify(end.content.error);
    return { status: end.status, headers, body };
  }

  #answer(name: EndpointName | undefined, call: HttpCall, clocks: ServerClocks): CallEnd {
    const body = formBody(call);
    const reading = readGiven(call.query, body);
    const given: GivenParameters = reading.outcome === "read" ? reading.given : new Map();
    const weight = name === undefined ? UNKNOWN_CALL_WEIGHT : weightOf(endpointNamed(name), given);
    const isPooled = name !== undefined && endpointNamed(name).pool === "funding";
    const broken = isPooled
      ? brokenLimit(this.#parts.limits.chargeFunding(call.ip, clocks.now), undefined)
      : this.charge(call.ip, weight, clocks);
    if (broken !== undefined) return broken;
    if (name === undefined) {
      const error = errorVariant(-5000, 1, call.path, call.method);
      return { status: statusOf(error.code), content: { error }, account: undefined };
    }
    if (reading.outcome === "refused") return { status: 400, content: { error: reading.error }, account: undefined };
    const payloads = [restPayload(call.query, body)];
    const shown = { apiKey: call.headers["x-mbx-apikey"], given, payloads, isTrusted: false };
    return this.perform(name, shown, "REST", clocks);
  }

  #handle<N extends EndpointName>(name: N, call: Call<N>): Pick<CallEnd, "status" | "content"> {
    const handler = this.#parts.handlers[name] as CallHandler<N> | undefined;
    const reply = handler === undefined ? refuse(-1020) : handler(call);
    if (isRefused(reply)) {
      const { code, msg } = reply;
      return { status: statusOf(code), content: { error: { code, msg } } };
    }
    const table = tableOf(endpointNamed(name), call.transport);
    return { status: 200, content: { result: table.write(reply) } };
  }
}

/** How a call ends that was charged too much; `undefined` when it may go on. */
function brokenLimit(charge: Charge, account: AccountId | undefined): CallEnd | undefined {
  if (charge.outcome === "charged") return undefined;
  const { waitMs } = charge;
  if (charge.outcome === "banned") {
    return { status: 418, content: { error: errorVariant(-1003, 1, charge.until) }, account, waitMs };
  }
  const { kind, most, interval } = charge.limit;
  const error = kind === "orders" ? errorBody(-1015, most, interval) : errorVariant(-1003, 0, most);
  return { status: 429, content: { error }, account, waitMs };
}

function tableOf(endpoint: Endpoint, transport: Transport): Codec<unknown> {
  return transport === "WS" && endpoint.wsReply !== undefined ? endpoint.wsReply : endpoint.reply;
}

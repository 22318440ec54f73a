/** The listenKey service over REST, over the WS API, and over whichever answers. Pure. Protocol sheet 4, 5.4. */
import { assert, NetworkError, RateLimited, VenueRejected, WireFormatError } from "../kernel/errors.ts";
import type { Clock, Dialer, Socket } from "../kernel/ports.ts";
import { after, type ListenKey } from "../kernel/scalars.ts";
import type { Endpoint } from "../protocol/endpoints/endpoint.ts";
import { closeListenKey, keepListenKey, startListenKey } from "../protocol/endpoints/listen-key.ts";
import { parseJson } from "../protocol/json.ts";
import { WS_API_HANDSHAKE_WEIGHT } from "../protocol/limits.ts";
import type { ListenKeyService } from "../protocol/listen-key-service.ts";
import { anything } from "../protocol/rest/reply-forms.ts";
import { isTransportTrouble, type RestCall, type RestClient, silenceMs } from "./rest-client.ts";
import type { WeightBudget } from "./weight-budget.ts";

/** `POST`, `PUT` and `DELETE /fapi/v1/listenKey`: weight 1 each, no parameters, unsigned. */
export function restListenKeys(rest: RestClient): ListenKeyService {
  // L5: an answer of a new shape is no reason to take a key for lost.
  const call = (endpoint: RestCall["endpoint"]) =>
    rest.call({ endpoint: { ...endpoint, reply: anything }, priority: "keep-alive" });
  return {
    acquire: async () => namedKey(await call(startListenKey), `${startListenKey.method} ${startListenKey.path}`),
    renew: async () => keyIn(await call(keepListenKey)),
    async release() {
      await call(closeListenKey);
    },
  };
}

/** What the WS API client needs of the world. */
export interface WsApiDeps {
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly budget: WeightBudget;
  /** `wss://ws-fapi.binance.com/ws-fapi/v1` */
  readonly url: string;
  readonly apiKey: string;
}

/** From dialling to the reply, in milliseconds. */
const REPLY_MAX_MS = 10_000;
/** The handshake, and the request, which weighs 1 (documented). */
const WEIGHT = WS_API_HANDSHAKE_WEIGHT + 1;

/** `userDataStream.start`, `.ping` and `.stop`: a connection a call, since one is needed every half an hour. */
export function wsApiListenKeys(deps: WsApiDeps): ListenKeyService {
  const call = (endpoint: Pick<Endpoint, "wsMethod">) => ask(deps, wsMethodOf(endpoint));
  return {
    acquire: async () => namedKey(await call(startListenKey), wsMethodOf(startListenKey)),
    renew: async () => keyIn(await call(keepListenKey)),
    async release() {
      await call(closeListenKey);
    },
  };
}

function wsMethodOf({ wsMethod }: Pick<Endpoint, "wsMethod">): string {
  assert(wsMethod !== undefined, "the listenKey calls have a method of the WS API each");
  return wsMethod;
}

/** Asks the first; when it cannot be reached, or has trouble of its own, asks the second. A refusal is an answer. */
export function eitherListenKeys(first: ListenKeyService, second: ListenKeyService): ListenKeyService {
  const either = async <T>(ask: (service: ListenKeyService) => Promise<T>): Promise<T> => {
    try {
      return await ask(first);
    } catch (error) {
      if (!isTransportTrouble(error)) throw error;
      return ask(second);
    }
  };
  return {
    acquire: () => either((service) => service.acquire()),
    renew: (key) => either((service) => service.renew(key)),
    release: (key) => either((service) => service.release(key)),
  };
}

async function ask(deps: WsApiDeps, method: string): Promise<unknown> {
  const { budget, clock } = deps;
  budget.reserve(method, WEIGHT, "keep-alive", clock.now());
  try {
    return resultIn(method, await reply(deps, method), clock.wall());
  } catch (error) {
    if (error instanceof RateLimited) budget.block(error.waitMs, clock.now());
    throw error;
  }
}

/** Of the one request that each connection carries. */
const REQUEST_ID = 1;

/** A notice of the server carries another id, or none. What is no object at all is a fault, and an answer as such. */
function answersUs(text: string): boolean {
  try {
    const frame = parseJson(text);
    if (typeof frame !== "object" || frame === null || Array.isArray(frame)) return true;
    const { id } = frame as { id?: unknown };
    // An error about a request that could not be read carries `null`.
    return id === REQUEST_ID || id === null;
  } catch {
    return true;
  }
}

/** The first text frame that answers; the connection is closed in any case. */
function reply({ dialer, clock, url, apiKey }: WsApiDeps, method: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let isSent = false;
    let isSettled = false;
    const settle = (settled: () => void) => {
      if (isSettled) return;
      isSettled = true;
      cancel();
      socket.close(1000, "answered");
      settled();
    };
    const fail = (reason: string) =>
      settle(() => reject(new NetworkError(method, reason, isSent ? "unknown" : "not-sent")));
    const socket: Socket = dialer.dial(url, {
      opened() {
        isSent = true;
        socket.send(JSON.stringify({ id: REQUEST_ID, method, params: { apiKey } }));
      },
      heard() {},
      frame: (text) => {
        if (answersUs(text)) settle(() => resolve(text));
      },
      closed: (code, reason) => fail(`the connection closed with ${code} ${reason}`.trimEnd()),
    });
    const cancel = clock.wake(after(clock.now(), REPLY_MAX_MS), `${method} overdue`, () => fail("no reply in 10 s"));
  });
}

function resultIn(method: string, text: string, now: number): unknown {
  const answer = (parseJson(text) ?? {}) as { status?: unknown; result?: unknown; error?: unknown };
  const { status, result, error } = answer;
  if (status === 200) return result;
  const { code, msg } = (error ?? {}) as { code?: unknown; msg?: unknown };
  if (typeof status !== "number" || typeof code !== "number" || typeof msg !== "string") {
    throw new WireFormatError("$", "a reply with status and result or error", text);
  }
  if (status !== 429 && status !== 418) throw new VenueRejected(method, { status, code, msg });
  throw new RateLimited(method, { status, waitMs: silenceMs(status, msg, now), msg });
}

function keyIn(answer: unknown): ListenKey | undefined {
  const key = (answer as { listenKey?: unknown } | null | undefined)?.listenKey;
  return typeof key === "string" && key !== "" ? (key as ListenKey) : undefined;
}

function namedKey(answer: unknown, action: string): ListenKey {
  const key = keyIn(answer);
  // What stands there instead may be a part of a secret: it is not shown.
  if (key === undefined) throw new WireFormatError("$.listenKey", `a listenKey in the answer to ${action}`, undefined);
  return key;
}

/**
 * WS API sessions: the same calls as over REST, one JSON object per frame, with a logon that stands in for signatures.
 * Pure. Protocol sheet 5, 12.
 *
 * *Assumed*: the answer to a call without an `apiKey` (`-1102`), that a session whose key was revoked is logged off.
 */
import type { MonotonicMs, TransactMs } from "../kernel/scalars.ts";
import { type Endpoint, type GivenParameters, weightOf } from "../protocol/endpoints/endpoint.ts";
import { endpointNamed, findWsMethod } from "../protocol/endpoints.ts";
import { type ErrorBody, errorBody, errorVariant } from "../protocol/error-codes.ts";
import { readForm } from "../protocol/form-text.ts";
import { WS_API_PINGS_PER_SECOND_MAX } from "../protocol/limits.ts";
import { encodedWsPayload, type Verifier, wsPayload } from "../protocol/signing.ts";
import {
  readWsApiRequest,
  SessionStatus,
  type UsedLimit,
  type WsApiRequest,
  writeWsApiResponse,
} from "../protocol/ws-api.ts";
import type { AccountId, ApiKey, KnownKeys } from "./api-keys.ts";
import { type Credentials, recognise, type ServerClocks } from "./authentication.ts";
import type { CallFace } from "./call-face.ts";
import { type CallEnd, statusOf, UNKNOWN_CALL_WEIGHT } from "./calls.ts";
import { type FaceDeadlines, Heartbeats } from "./heartbeats.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { EffectSink, SessionEnd, SessionId } from "./session-effect.ts";

const SESSION_CALL_WEIGHT = 2;

/** What WS API sessions are made of. */
export interface WsApiSessionsParts {
  readonly face: CallFace;
  readonly limits: RateLimits;
  readonly keys: KnownKeys;
  readonly verifier: Verifier;
  /** Is given everything to be done with the sockets, in order. */
  readonly emit: EffectSink;
  /** Who answers the calls that are not served here; all are when absent. */
  readonly elsewhere?: Elsewhere;
}

/** Answers calls of the WS API by and by, in the place of the face. */
export interface Elsewhere {
  /** Is this method answered there? */
  takes(method: string): boolean;
  /** Takes a request, which costs nothing here. Its answer is emitted as a text for the session. */
  take(asked: TakenRequest): void;
}

/** A request that is answered elsewhere. */
export interface TakenRequest {
  readonly session: SessionId;
  readonly ip: string;
  readonly request: WsApiRequest;
  /** The frame as it came. */
  readonly frame: string;
  readonly shown: Credentials;
  /** Does the caller want to see the `rateLimits` block? */
  readonly returnsRateLimits: boolean;
}

interface WsApiSession {
  readonly id: SessionId;
  readonly ip: string;
  readonly connectedSince: TransactMs;
  /** Is the `rateLimits` block switched on where a request does not say? */
  readonly returnsRateLimits: boolean;
  logon: { readonly key: ApiKey; readonly since: TransactMs } | undefined;
}

/** How a request ended, with what its `rateLimits` block shows. */
interface Answer extends CallEnd {
  readonly endpoint?: Endpoint;
}

/** All open WS API sessions of one server. */
export class WsApiSessions {
  readonly #parts: WsApiSessionsParts;
  readonly #heartbeats: Heartbeats;
  readonly #sessions = new Map<SessionId, WsApiSession>();

  constructor(parts: WsApiSessionsParts) {
    this.#parts = parts;
    this.#heartbeats = new Heartbeats({
      emit: parts.emit,
      end: (session, why) => this.#close(session, why),
      framesPerSecondMax: WS_API_PINGS_PER_SECOND_MAX,
    });
  }

  /**
   * A socket opened; its handshake is paid for already.
   * @param query of the URL: `returnRateLimits=false` switches the block off
   */
  open(id: SessionId, ip: string, query: string, now: TransactMs, monotonic: MonotonicMs): void {
    const reading = readForm(query);
    const wish = reading.outcome === "read" ? reading.parameters.get("returnRateLimits") : undefined;
    const returnsRateLimits = wish !== "false";
    this.#sessions.set(id, { id, ip, connectedSince: now, returnsRateLimits, logon: undefined });
    this.#heartbeats.opened(id, now, monotonic);
  }

  /** A text frame came in; the answer goes out in any case. */
  onText(id: SessionId, text: string, clocks: ServerClocks): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const reading = readWsApiRequest(text);
    if (reading.outcome === "malformed") {
      const broken = this.#parts.face.charge(session.ip, UNKNOWN_CALL_WEIGHT, clocks);
      const { status, content } = broken ?? { status: 400, content: { error: errorVariant(-1000, 1) } };
      this.#send(id, writeWsApiResponse({ id: reading.id, status, content }));
      return;
    }
    const { request } = reading;
    const revoked = this.#logOffRevoked(session);
    if (revoked !== undefined) {
      this.#send(id, writeWsApiResponse({ id: "null", status: 401, content: { error: revoked } }));
    } else if (this.#parts.elsewhere?.takes(request.method) === true) {
      const { ip } = session;
      const returnsRateLimits = wantsRateLimits(session, request);
      const shown = shownBy(session, request);
      this.#parts.elsewhere.take({ session: id, ip, request, frame: text, shown, returnsRateLimits });
    } else this.#send(id, this.#answerText(session, request, clocks));
  }

  /** A ping frame came in; whoever holds the socket has answered it. */
  onPing(id: SessionId, monotonic: MonotonicMs): void {
    this.#heartbeats.heard(id, monotonic);
  }

  /** A pong frame came in, asked for or not. */
  onPong(id: SessionId, payload: string, monotonic: MonotonicMs): void {
    if (this.#heartbeats.heard(id, monotonic)) this.#heartbeats.ponged(id, payload, monotonic);
  }

  /** The socket is gone, whichever side closed it. */
  onClosed(id: SessionId): void {
    this.#sessions.delete(id);
    this.#heartbeats.forget(id);
  }

  /** Pings, and ends sessions, as far as due. Calling it early does nothing. */
  due(now: TransactMs, monotonic: MonotonicMs): void {
    this.#heartbeats.due(now, monotonic);
  }

  /** When {@link due} has something to do. */
  nextDeadline(): FaceDeadlines {
    return this.#heartbeats.nextDeadline();
  }

  /** All open sessions, in the order in which they opened. */
  ids(): SessionId[] {
    return [...this.#sessions.keys()];
  }

  /** Whose session it is; `undefined` when it is not open, or nobody is logged on. */
  accountOf(id: SessionId): AccountId | undefined {
    return this.#sessions.get(id)?.logon?.key.account;
  }

  /** Ends a session from this side, with a closing frame. */
  close(id: SessionId, why: SessionEnd): void {
    if (this.#sessions.has(id)) this.#close(id, why);
  }

  /** How many are open. */
  get count(): number {
    return this.#sessions.size;
  }

  #answerText(session: WsApiSession, request: WsApiRequest, clocks: ServerClocks): string {
    const answer = this.#answer(session, request, clocks);
    const rateLimits = wantsRateLimits(session, request) ? this.#usedLimits(session, answer, clocks.now) : undefined;
    return writeWsApiResponse({ id: request.id, status: answer.status, content: answer.content, rateLimits });
  }

  #logOffRevoked(session: WsApiSession): ErrorBody | undefined {
    const { logon } = session;
    if (logon === undefined || this.#parts.keys.find(logon.key.apiKey) !== undefined) return undefined;
    session.logon = undefined;
    return errorBody(-2015);
  }

  #answer(session: WsApiSession, request: WsApiRequest, clocks: ServerClocks): Answer {
    const { face } = this.#parts;
    if (request.method.startsWith("session.")) {
      return face.charge(session.ip, SESSION_CALL_WEIGHT, clocks) ?? this.#sessionCall(session, request, clocks);
    }
    const name = findWsMethod(request.method);
    if (name === undefined) {
      return face.charge(session.ip, UNKNOWN_CALL_WEIGHT, clocks) ?? refused(errorBody(-5000, request.method));
    }
    const endpoint = endpointNamed(name);
    const broken = face.charge(session.ip, weightOf(endpoint, request.parameters), clocks);
    if (broken !== undefined) return { ...broken, endpoint };
    const shown = shownBy(session, request);
    if (shown.apiKey === undefined && endpoint.security !== "NONE") return refused(errorBody(-1102, "apiKey"));
    return { ...face.perform(name, shown, "WS", clocks), endpoint };
  }

  #sessionCall(session: WsApiSession, request: WsApiRequest, clocks: ServerClocks): Answer {
    switch (request.method) {
      case "session.logon": {
        const { keys, verifier } = this.#parts;
        const apiKey = request.parameters.get("apiKey");
        if (apiKey === undefined) return refused(errorBody(-1102, "apiKey"));
        const shown = { apiKey, given: request.parameters, payloads: signable(request.parameters), isTrusted: false };
        const who = recognise("USER_DATA", shown, keys, verifier, clocks);
        if (who.outcome === "refused") return refused(who.error);
        if (who.outcome === "anonymous") return refused(errorBody(-2015));
        const { keyType } = who.key.credential;
        if (keyType !== "ED25519") return refused(errorBody(-4056, keyType === "HMAC" ? "HMAC_SHA256" : keyType));
        session.logon = { key: who.key, since: clocks.now };
        return sessionStatus(session, clocks.now);
      }
      case "session.logout":
        session.logon = undefined;
        return sessionStatus(session, clocks.now);
      case "session.status":
        return sessionStatus(session, clocks.now);
      default:
        return refused(errorBody(-5000, request.method));
    }
  }

  #usedLimits({ ip }: WsApiSession, { endpoint, account }: Answer, now: TransactMs): UsedLimit[] {
    const { limits } = this.#parts;
    const weight = limits.weightEntry(ip, now);
    if (endpoint?.orders === undefined) return [weight];
    const isHidden = endpoint.path === "/fapi/v1/order";
    return [isHidden ? { ...weight, limit: -1, count: -1 } : weight, ...this.#orderEntries(account, now)];
  }

  #orderEntries(account: AccountId | undefined, now: TransactMs): UsedLimit[] {
    return account === undefined ? [] : this.#parts.limits.orderEntries(account, now);
  }

  #send(session: SessionId, text: string): void {
    this.#parts.emit({ session, type: "send", text });
  }

  #close(id: SessionId, why: SessionEnd): void {
    this.onClosed(id);
    this.#parts.emit({ session: id, type: "close", ...why });
  }
}

function wantsRateLimits({ returnsRateLimits }: WsApiSession, { parameters }: WsApiRequest): boolean {
  const wish = parameters.get("returnRateLimits");
  return wish === undefined ? returnsRateLimits : wish === "true";
}

/** What a request shows: its own key and signature if it brings any, else the session's logon. */
function shownBy(session: WsApiSession, { parameters }: WsApiRequest): Credentials {
  const isTrusted = session.logon !== undefined && !parameters.has("apiKey") && !parameters.has("signature");
  const apiKey = parameters.get("apiKey") ?? session.logon?.key.apiKey;
  return { apiKey, given: parameters, payloads: signable(parameters), isTrusted };
}

function signable(parameters: GivenParameters): string[] {
  return [wsPayload(parameters), encodedWsPayload(parameters)];
}

function sessionStatus({ logon, connectedSince, returnsRateLimits }: WsApiSession, now: TransactMs): Answer {
  const result = SessionStatus.write({
    apiKey: logon?.key.apiKey ?? null,
    authorizedSince: logon?.since ?? null,
    connectedSince,
    returnRateLimits: returnsRateLimits,
    serverTime: now,
  });
  return { status: 200, content: { result }, account: logon?.key.account };
}

function refused(error: ErrorBody): Answer {
  return { status: statusOf(error.code), content: { error }, account: undefined };
}

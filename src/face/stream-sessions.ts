/**
 * Stream sessions: the sockets that user data events and market streams go out on. Protocol sheet 6. Pure: sockets and
 * timers belong to whoever carries the effects out.
 *
 * Rules kept here: an event is encoded once and framed once per framing, however many sessions it goes to; a filter is
 * real; a key nobody knows opens and stays silent; expiry is told on the socket and leaves it open. After `DELETE` of
 * its key a session is told nothing and stays open, silent (assumed: neither is documented).
 */
import { asEventMs, type ListenKey, type MonotonicMs, type TransactMs } from "../kernel/scalars.ts";
import {
  type ControlRefused,
  type ControlRequest,
  controlReply,
  readControlFrame,
  subscriptionRefused,
  tooManySubscriptions,
} from "../protocol/control-frames.ts";
import { STREAM_FRAMES_PER_SECOND_MAX, STREAMS_PER_SOCKET_MAX } from "../protocol/limits.ts";
import { routeOf } from "../protocol/market/stream-names.ts";
import type { StreamRoute, StreamTarget } from "../protocol/stream-url.ts";
import { encodeEvent } from "../protocol/user-data-event.ts";
import { type FaceDeadlines, Heartbeats } from "./heartbeats.ts";
import type { EffectSink, SessionEnd, SessionId } from "./session-effect.ts";

/** How a session ends that sends what is not JSON, after the error. That it ends is documented, the code is assumed. */
const NOT_JSON: SessionEnd = { code: 1008, reason: "Invalid request" };

/** How stream sessions behave. */
export interface StreamSessionsSettings {
  /** Is given everything to be done with the sockets, in order. */
  readonly emit: EffectSink;
  /**
   * What sockets on the unrouted forms `/ws` and `/stream` get: everything, as on the demo service (the default), or
   * what `/public` gets and nothing else, as in production since 2026-04-23.
   */
  readonly legacyUrls?: "deliver" | "silent";
  /** How many times an event of a name goes out on a session: 1, or what a fault makes of it. Once when absent. */
  readonly copies?: (session: SessionId, route: StreamRoute, name: string) => number;
  /** Is told when the first session listens to a name on a route that delivers it, and when the last one stops. */
  readonly onAudience?: (name: string, isHeard: boolean) => void;
  /**
   * Is told what a session listens to, on a route that delivers it: a name with the event types let through (`all`
   * of them), again when these change; and `none` when it stops.
   */
  readonly onListening?: (session: SessionId, name: string, events: ReadonlySet<string> | "all" | "none") => void;
  /** Why names cannot be subscribed to; `undefined` when they can. All can when absent. */
  readonly refusal?: (names: readonly string[]) => string | undefined;
}

interface StreamSession {
  readonly id: SessionId;
  readonly route: StreamRoute;
  isCombined: boolean;
  /** Names in the order of subscription, with the event types let through; `undefined`: all. */
  readonly filters: Map<string, ReadonlySet<string> | undefined>;
}

/** All open stream sessions of one server. */
export class StreamSessions {
  readonly #emit: EffectSink;
  readonly #legacyUrls: "deliver" | "silent";
  readonly #copies: StreamSessionsSettings["copies"];
  readonly #onAudience: StreamSessionsSettings["onAudience"];
  readonly #onListening: StreamSessionsSettings["onListening"];
  readonly #refusal: StreamSessionsSettings["refusal"];
  readonly #heartbeats: Heartbeats;
  readonly #sessions = new Map<SessionId, StreamSession>();
  /** Who listens to a name, in the order of subscription; only sessions whose route delivers it. */
  readonly #listeners = new Map<string, Set<StreamSession>>();

  constructor({ emit, legacyUrls = "deliver", copies, onAudience, onListening, refusal }: StreamSessionsSettings) {
    this.#emit = emit;
    this.#copies = copies;
    this.#onAudience = onAudience;
    this.#onListening = onListening;
    this.#refusal = refusal;
    this.#legacyUrls = legacyUrls;
    this.#heartbeats = new Heartbeats({
      emit,
      end: (session, why) => this.#close(session, why),
      framesPerSecondMax: STREAM_FRAMES_PER_SECOND_MAX,
    });
  }

  /** A socket opened on a URL that was accepted. */
  open(id: SessionId, target: StreamTarget, now: TransactMs, monotonic: MonotonicMs): void {
    const { route, framing, subscriptions } = target;
    const session: StreamSession = { id, route, isCombined: framing === "combined", filters: new Map() };
    this.#sessions.set(id, session);
    this.#heartbeats.opened(id, now, monotonic);
    for (const { name, events } of subscriptions) this.#subscribe(session, name, events);
  }

  /** A text frame came in. */
  onText(id: SessionId, text: string, monotonic: MonotonicMs): void {
    const session = this.#sessions.get(id);
    if (session === undefined || !this.#heartbeats.heard(id, monotonic)) return;
    const request = readControlFrame(text);
    const outcome = request.type === "refused" ? request : this.#carryOut(session, request);
    this.#emit({ session: id, type: "send", text: typeof outcome === "string" ? outcome : outcome.reply });
    if (typeof outcome !== "string" && outcome.isLast) this.#close(id, NOT_JSON);
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
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    for (const name of session.filters.keys()) this.#unsubscribe(session, name);
    this.#sessions.delete(id);
    this.#heartbeats.forget(id);
  }

  /**
   * Sends an event to every session that listens to the name, a listenKey or a market stream, and lets it through.
   * @param eventName the event's `e`
   * @param json the event, encoded
   */
  publish(name: string, eventName: string, json: string): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return;
    let combined: string | undefined;
    for (const { id, route, filters, isCombined } of listeners) {
      if (filters.get(name)?.has(eventName) === false) continue;
      if (isCombined) combined ??= `{"stream":${JSON.stringify(name)},"data":${json}}`;
      const text = isCombined && combined !== undefined ? combined : json;
      const copies = this.#copies?.(id, route, name) ?? 1;
      for (let copy = 0; copy < copies; copy++) this.#emit({ session: id, type: "send", text });
    }
  }

  /**
   * Sends an event that belongs to no key: raw, or in the envelope under the first name the session listens to.
   * Filters let it through, since it is about the connection (assumed).
   */
  announce(id: SessionId, json: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const [name = ""] = session.filters.keys();
    const text = session.isCombined ? `{"stream":${JSON.stringify(name)},"data":${json}}` : json;
    this.#emit({ session: id, type: "send", text });
  }

  /** Ends a session from this side, with a closing frame. */
  close(id: SessionId, why: SessionEnd): void {
    if (this.#sessions.has(id)) this.#close(id, why);
  }

  /** Ends every session that is told what happens to one of these names. */
  closeListeners(names: ReadonlySet<string>, why: SessionEnd): void {
    const sessions = new Set([...names].flatMap((name) => [...(this.#listeners.get(name) ?? [])]));
    for (const { id } of sessions) this.#close(id, why);
  }

  /** A key ran out: tells every session that listens to it and lets the event through. The sockets stay open. */
  expire(key: ListenKey, now: TransactMs): void {
    const event = { e: "listenKeyExpired", E: asEventMs(now), listenKey: key } as const;
    this.publish(key, event.e, encodeEvent(event));
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

  /** What a session listens to, in the order of subscription; `undefined` when it is no open stream session. */
  namesOf(id: SessionId): readonly string[] | undefined {
    const session = this.#sessions.get(id);
    return session === undefined ? undefined : [...session.filters.keys()];
  }

  /** Are its events wrapped in envelopes? `false` when it is no open stream session. */
  isCombined(id: SessionId): boolean {
    return this.#sessions.get(id)?.isCombined === true;
  }

  /** How many are open. */
  get count(): number {
    return this.#sessions.size;
  }

  #carryOut(session: StreamSession, request: ControlRequest): string | ControlRefused {
    const { id } = request;
    switch (request.type) {
      case "subscribe": {
        const names = new Set([...session.filters.keys(), ...request.streams]);
        if (names.size > STREAMS_PER_SOCKET_MAX) return tooManySubscriptions(id);
        const why = this.#refusal?.(request.streams);
        if (why !== undefined) return subscriptionRefused(id, why);
        // A name that was filtered is let through whole from here on (assumed).
        for (const name of request.streams) this.#subscribe(session, name, undefined);
        return controlReply(id, null);
      }
      case "unsubscribe":
        for (const name of request.streams) this.#unsubscribe(session, name);
        return controlReply(id, null);
      case "list-subscriptions":
        return controlReply(id, [...session.filters.keys()]);
      case "set-combined":
        session.isCombined = request.isCombined;
        return controlReply(id, null);
      case "get-combined":
        return controlReply(id, session.isCombined);
    }
  }

  #subscribe(session: StreamSession, name: string, events: ReadonlySet<string> | undefined): void {
    session.filters.set(name, events);
    if (!this.#delivers(session.route, name)) return;
    this.#onListening?.(session.id, name, events ?? "all");
    const listeners = this.#listeners.get(name);
    listeners?.add(session);
    if (listeners !== undefined) return;
    this.#listeners.set(name, new Set([session]));
    this.#onAudience?.(name, true);
  }

  #unsubscribe(session: StreamSession, name: string): void {
    session.filters.delete(name);
    const listeners = this.#listeners.get(name);
    if (listeners?.delete(session) === true) this.#onListening?.(session.id, name, "none");
    if (listeners?.size !== 0) return;
    this.#listeners.delete(name);
    this.#onAudience?.(name, false);
  }

  /** Do events of this name go out on this route? User events on no market route, and market streams on their own. */
  #delivers(route: StreamRoute, name: string): boolean {
    const home = routeOf(name);
    return route === "legacy" ? this.#legacyUrls === "deliver" || home === "public" : route === home;
  }

  #close(id: SessionId, why: SessionEnd): void {
    this.onClosed(id);
    this.#emit({ session: id, type: "close", ...why });
  }
}

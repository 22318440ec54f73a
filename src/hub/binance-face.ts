/**
 * The Binance face of the hub: what a bot meets that knows only Binance. Listen keys of its own with their whole life,
 * over REST and the WS API, and streams on every form of URL. Pure; `io/binance-server.ts` owns the sockets.
 *
 *     http ──▶ CallFace ──────┐                 feed ──▶ BotStreams ─┐
 *     text ──▶ WsApiSessions ─┴─▶ ListenKeys ─▶ StreamSessions ──────┴─▶ sockets
 *
 * Rules kept here
 * - Each bot has a listenKey of its own: what becomes of it touches no other bot, and not the hub's key.
 * - Keys and sockets live by a clock that no step of the wall clock moves.
 */
import type { ServerClocks } from "../face/authentication.ts";
import { CallFace } from "../face/call-face.ts";
import { type HttpAnswer, type HttpCall, JSON_CONTENT } from "../face/http-call.ts";
import { ListenKeys } from "../face/listen-keys.ts";
import { PRODUCTION_LIMITS, type RateLimitSettings, RateLimits } from "../face/rate-limits.ts";
import type { SessionEffect, SessionEnd, SessionId } from "../face/session-effect.ts";
import { StreamSessions } from "../face/stream-sessions.ts";
import { WsApiSessions } from "../face/ws-api-sessions.ts";
import type { Cancel, Clock, Dialer, Log, Random } from "../kernel/ports.ts";
import { after, type MonotonicMs, type TransactMs } from "../kernel/scalars.ts";
import { errorBody, errorVariant } from "../protocol/error-codes.ts";
import { WEIGHT_PER_MINUTE, WS_API_HANDSHAKE_WEIGHT } from "../protocol/limits.ts";
import { routeOf } from "../protocol/market/stream-names.ts";
import type { Verifier } from "../protocol/signing.ts";
import { readStreamUrl, type StreamUrlRead } from "../protocol/stream-url.ts";
import type { Attempts } from "./attempts.ts";
import { BotCalls } from "./bot-calls.ts";
import { keyCalls } from "./bot-key-calls.ts";
import { type LeaseStore, restoreLeases, saveLeases } from "./bot-leases.ts";
import { type BotLines, BotStreams, GOING_AWAY } from "./bot-streams.ts";
import type { Bots } from "./bots.ts";
import { type ExitRefusal, heed } from "./exit.ts";
import type { Hub } from "./hub.ts";
import { MarketRelay } from "./market-relay.ts";
import { NO_MARKETS, type Passage, type PassThrough } from "./pass-through.ts";

/** Where WS API sockets are opened; every other path of sockets is a stream. */
const WS_API_PATH = "/ws-fapi/v1";

/** Paths of Binance's, by their beginning. */
const OWN_PATH = /^\/(?:fapi|ws-fapi|ws|stream|private|public|market)(?:\/|$)/;

/** How a WS API session ends that tries one API key after the other. */
const TOO_MANY_ATTEMPTS: SessionEnd = { code: 1008, reason: "Too many requests" };

/** The sockets of bots. What is to be done with them is done at once, in the order in which it is said. */
export interface BotSockets extends BotLines {
  /** Sockets that are gone are passed over. */
  carryOut(effect: SessionEffect): void;
}

/** What the face is made of. */
export interface BinanceFaceDeps {
  readonly hub: Hub;
  readonly bots: Bots;
  readonly attempts: Attempts;
  readonly verifier: Verifier;
  /** Makes listenKeys: cryptographic, for they protect the account's events. */
  readonly random: Random;
  readonly clock: Clock;
  /** What keys and sockets grow old by; it never goes back. */
  readonly time: () => TransactMs;
  readonly sockets: BotSockets;
  /** Where listenKeys outlive the process; nowhere when absent. */
  readonly leases?: LeaseStore;
  /** What becomes of calls that the hub does not answer; they are refused when absent. */
  readonly passThrough?: { readonly calls: PassThrough; readonly dialer: Dialer; readonly log: Log };
  /** Those of production when absent. */
  readonly limits?: Partial<RateLimitSettings>;
}

/** An answer of an exchange to a call that was passed on, as far as limits go. */
export type BotAnswer = Parameters<typeof heed>[1];

/** The wall clock as it is at this moment, carried on: steps of it are not followed. */
export function steadyTime(clock: Pick<Clock, "now" | "wall">): () => TransactMs {
  const [wall, monotonic] = [clock.wall(), clock.now()];
  return () => Math.floor(wall + clock.now() - monotonic) as TransactMs;
}

/** Serves bots. Never throws on any bytes. */
export class BinanceFace {
  readonly #deps: BinanceFaceDeps;
  readonly #listenKeys: ListenKeys;
  readonly #face: CallFace;
  readonly #streams: StreamSessions;
  readonly #wsApi: WsApiSessions;
  readonly #events: BotStreams;
  readonly #calls: BotCalls | undefined;
  readonly #markets: MarketRelay | undefined;
  /** The address of each open session. */
  readonly #sessions = new Map<SessionId, string>();
  #alarm: { readonly at: number; readonly cancel: Cancel } | undefined;
  #sessionCount = 0;
  #isClosed = false;

  constructor(deps: BinanceFaceDeps) {
    this.#deps = deps;
    const { random, hub, bots, verifier, sockets } = deps;
    this.#listenKeys = new ListenKeys(random);
    if (deps.leases !== undefined) restoreLeases(deps.leases, this.#listenKeys, bots, this.#time());
    const limits = new RateLimits({ ...PRODUCTION_LIMITS, ...deps.limits });
    const handlers = keyCalls({
      keys: this.#listenKeys,
      exchangeTime: () => this.#exchangeTime(),
      isOpen: (bot) => this.#isOpen(bot),
      ended: (key) => this.#events.ended(key),
      keep: () => this.#keep(),
    });
    this.#face = new CallFace({ limits, keys: bots, verifier, handlers, sendsRetryAfter: true });
    const emit = (effect: SessionEffect) => this.#emit(effect);
    this.#markets = this.#marketsOf(deps);
    this.#streams = new StreamSessions({
      emit,
      onListening: (...listening) => this.#events.listen(...listening),
      onAudience: (...audience) => this.#markets?.heard(...audience),
      refusal: (names) => this.#refusalOf(names),
    });
    this.#calls = this.#callsOf(deps);
    const elsewhere = this.#calls === undefined ? {} : { elsewhere: this.#calls };
    this.#wsApi = new WsApiSessions({ face: this.#face, limits, keys: bots, verifier, emit, ...elsewhere });
    this.#events = new BotStreams({
      hub,
      bots,
      listenKeys: this.#listenKeys,
      lines: sockets,
      addressOf: (session) => this.#sessions.get(session) ?? "",
      isCombined: (session) => this.#streams.isCombined(session),
      close: (session, why) => this.#streams.close(session, why),
      time: () => this.#time(),
    });
  }

  /** Is this path one of Binance's? */
  owns(path: string): boolean {
    return OWN_PATH.test(path);
  }

  /** How many sockets are open. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Has the body of a request to be read before it can be answered? Otherwise it may be passed on as it comes. */
  readsBody(call: Omit<HttpCall, "body">): boolean {
    const calls = this.#deps.passThrough?.calls;
    return calls?.takes(call) !== true || calls.readsBody(call);
  }

  /** Answers one HTTP request, or says where it goes on to. @param body `undefined`: it was not read */
  http(call: Omit<HttpCall, "body">, body: string | undefined): HttpAnswer | Passage {
    return this.#turn(() => {
      const full = { ...call, body: body ?? "" };
      const guessed = this.#tooManyAttempts(full);
      if (guessed !== undefined) return guessed;
      const calls = this.#deps.passThrough?.calls;
      if (calls?.takes(call) !== true) return this.#face.http(full, this.#clocks());
      const judged = calls.judge(full, body, this.#clocks());
      return judged.outcome === "passed" ? judged : refusalAnswer(judged);
    });
  }

  /** What an exchange answered says of limits. */
  heed({ exit }: Passage, answered: BotAnswer): void {
    heed(exit, answered, { now: this.#deps.clock.now(), time: exit.time() });
  }

  /**
   * Why no socket can be opened on this URL; `undefined` when one can. The handshake of the WS API is paid for here.
   * @param url path and query
   */
  refusal(url: string, ip: string): HttpAnswer | undefined {
    if (!this.#deps.hub.hasRoom) return refusalAnswer({ status: 503, error: errorVariant(-1008, 1) });
    const target = targetOf(url);
    if (target?.outcome === "refused") {
      return refusalAnswer({ status: target.status, error: { code: -1000, msg: target.reason } });
    }
    const why = target === undefined ? undefined : this.#refusalOf(target.subscriptions.map(({ name }) => name));
    if (why !== undefined) return refusalAnswer({ status: 400, error: { code: -1020, msg: why } });
    if (target !== undefined) return undefined;
    const clocks = this.#clocks();
    const broken = this.#face.charge(ip, WS_API_HANDSHAKE_WEIGHT, clocks);
    return broken === undefined ? undefined : this.#face.print(broken, undefined, ip, clocks);
  }

  /**
   * A socket is open on a URL that was not refused.
   * @param register gives the socket its name, before anything is sent
   */
  open(url: string, ip: string, register: (session: SessionId) => void): SessionId {
    return this.#turn(() => {
      const session = `b${++this.#sessionCount}`;
      register(session);
      this.#sessions.set(session, ip);
      const { clock } = this.#deps;
      const target = targetOf(url);
      if (target?.outcome === "accepted") this.#streams.open(session, target, this.#time(), clock.now());
      else this.#wsApi.open(session, ip, url.split("?").slice(1).join("?"), this.#time(), clock.now());
      return session;
    });
  }

  /** A text frame came in. Sessions that are closed already ignore it. */
  onText(session: SessionId, text: string): void {
    this.#turn(() => {
      const { bots, attempts, clock } = this.#deps;
      const before = bots.strangerCount;
      this.#streams.onText(session, text, clock.now());
      this.#wsApi.onText(session, text, this.#clocks());
      if (bots.strangerCount === before) return;
      if (attempts.failed(this.#sessions.get(session) ?? "") !== undefined) {
        this.#wsApi.close(session, TOO_MANY_ATTEMPTS);
      }
    });
  }

  /** A pong frame came in, asked for or not. */
  onPong(session: SessionId, payload: string): void {
    this.#turn(() => {
      const now = this.#deps.clock.now();
      this.#streams.onPong(session, payload, now);
      this.#wsApi.onPong(session, payload, now);
    });
  }

  /** A ping frame came in; the socket layer has answered it. It counts against the limit of incoming messages. */
  onPing(session: SessionId): void {
    this.#turn(() => {
      const now = this.#deps.clock.now();
      this.#streams.onPing(session, now);
      this.#wsApi.onPing(session, now);
    });
  }

  /** The socket is gone, whichever side closed it. */
  onClosed(session: SessionId): void {
    this.#sessions.delete(session);
    this.#turn(() => {
      this.#streams.onClosed(session);
      this.#wsApi.onClosed(session);
    });
  }

  /** The network has taken what waited in a session's socket. */
  drained(session: SessionId): void {
    this.#events.drained(session);
  }

  /** Tokens or bots are others now: those that are good no more lose their keys and their streams. */
  recheck(): void {
    this.#turn(() => {
      for (const id of this.#listenKeys.accounts()) {
        if (this.#deps.bots.isGood(id)) continue;
        const key = this.#listenKeys.end(id, this.#time());
        if (key !== undefined) this.#events.dismiss(key);
      }
      this.#keep();
      this.#markets?.recheck();
    });
  }

  /** Says goodbye to every socket, and leaves no alarm behind. */
  close(): void {
    this.#isClosed = true;
    for (const session of [...this.#sessions.keys()]) {
      this.#streams.close(session, GOING_AWAY);
      this.#wsApi.close(session, GOING_AWAY);
    }
    this.#calls?.close();
    this.#markets?.close();
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  #callsOf({ passThrough, clock, random }: BinanceFaceDeps): BotCalls | undefined {
    if (passThrough === undefined) return undefined;
    const { calls, dialer } = passThrough;
    const send = (session: SessionId, text: string) => this.#emit({ session, type: "send", text });
    return new BotCalls({ passThrough: calls, dialer, clock, random, clocks: () => this.#clocks(), send });
  }

  #marketsOf({ passThrough, clock, random }: BinanceFaceDeps): MarketRelay | undefined {
    if (passThrough === undefined) return undefined;
    const { calls, dialer, log } = passThrough;
    return new MarketRelay({
      dialer,
      clock,
      random,
      log,
      source: () => calls.markets,
      // No URL of ours filters events of market streams.
      told: (name, data) => this.#streams.publish(name, "", data),
      lost: (names) => this.#turn(() => this.#streams.closeListeners(names, GOING_AWAY)),
    });
  }

  /** Why names cannot be listened to. What is no name of a market stream always can. */
  #refusalOf(names: readonly string[]): string | undefined {
    if (this.#markets !== undefined) return this.#markets.refusal(names);
    return names.some((name) => routeOf(name) !== "private") ? NO_MARKETS : undefined;
  }

  /** What was answered outlives the process. */
  #keep(): void {
    const { leases, bots } = this.#deps;
    if (leases !== undefined) saveLeases(leases, this.#listenKeys, bots, this.#time());
  }

  #isOpen(botId: string): boolean {
    // What is told before all is known happened long ago: a bot would take it for news.
    return this.#deps.hub.account(this.#deps.bots.named(botId)?.account ?? "")?.isOpen === true;
  }

  /** Whoever guesses API keys is told to wait; a right one is let in all the same. */
  #tooManyAttempts({ headers, ip }: HttpCall): HttpAnswer | undefined {
    const { bots, attempts } = this.#deps;
    const apiKey = headers["x-mbx-apikey"];
    if (apiKey === undefined || bots.bot(apiKey) !== undefined) return undefined;
    const waitMs = attempts.failed(ip);
    if (waitMs === undefined) return undefined;
    return refusalAnswer({ status: 429, error: errorBody(-1003, WEIGHT_PER_MINUTE), waitMs });
  }

  #emit(effect: SessionEffect): void {
    if (effect.type === "close" || effect.type === "cut") this.#sessions.delete(effect.session);
    this.#deps.sockets.carryOut(effect);
  }

  /** One input, after everything that was due before it. */
  #turn<T>(input: () => T): T {
    this.#due();
    const result = input();
    this.#arm();
    return result;
  }

  #due(): void {
    const time = this.#time();
    for (const key of this.#listenKeys.due(time)) {
      this.#streams.expire(key, time);
      this.#events.ended(key);
    }
    const now = this.#deps.clock.now();
    this.#streams.due(time, now);
    this.#wsApi.due(time, now);
  }

  /** Sets the alarm for the earliest deadline. One set for earlier is left: it will find nothing, and set anew. */
  #arm(): void {
    const { clock } = this.#deps;
    const at = this.#nextDeadline();
    if (this.#isClosed || at === undefined || (this.#alarm !== undefined && this.#alarm.at <= at)) return;
    this.#alarm?.cancel();
    const ring = () => {
      this.#alarm = undefined;
      this.#turn(() => {});
    };
    this.#alarm = { at, cancel: clock.wake(at, "keys and sockets of bots", ring) };
  }

  #nextDeadline(): MonotonicMs | undefined {
    const streams = this.#streams.nextDeadline();
    const wsApi = this.#wsApi.nextDeadline();
    const venue = [this.#listenKeys.nextDeadline(), streams.venue, wsApi.venue].filter(isSet);
    const own = venue.map((time) => after(this.#deps.clock.now(), time - this.#time()));
    const all = [...own, streams.monotonic, wsApi.monotonic].filter(isSet);
    return all.length === 0 ? undefined : (Math.min(...all) as MonotonicMs);
  }

  #time(): TransactMs {
    return this.#deps.time();
  }

  /** The exchange's clock, as far as an upstream knows it. */
  #exchangeTime(): TransactMs {
    const { hub, clock } = this.#deps;
    const offsetMs = hub.accounts.map(({ health }) => health.upstream?.clock?.offsetMs).find(isSet) ?? 0;
    return Math.floor(clock.wall() + offsetMs) as TransactMs;
  }

  #clocks(): ServerClocks {
    return { now: this.#time(), unjumped: this.#exchangeTime() };
  }
}

/** A refusal over REST. */
export function refusalAnswer({ status, error, waitMs }: ExitRefusal): HttpAnswer {
  const retry: Record<string, string> = waitMs === undefined ? {} : { "retry-after": String(Math.ceil(waitMs / 1000)) };
  return { status, headers: { "content-type": JSON_CONTENT, ...retry }, body: JSON.stringify(error) };
}

function isSet<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** What a stream's URL asks for; `undefined`: it is the WS API's. */
function targetOf(url: string): StreamUrlRead | undefined {
  return url.split("?")[0] === WS_API_PATH ? undefined : readStreamUrl(url);
}

/**
 * The paper venue, whole: the exchange behind Binance's wire. Pure: bytes and the time come in, bytes go out; sockets
 * and timers belong to `io/paper-server.ts` or to the simulation.
 *
 *     http ──▶ CallFace ─────────┐                    ┌─▶ StreamSessions ─┐
 *     text ──▶ WsApiSessions ────┼─▶ Exchange ─events─┤                   ├─▶ effects
 *     /v1/paper ─▶ native calls ─┘    ListenKeys ─────┘    WsApiSessions ─┘
 *
 * Rules kept here
 * - Before each input everything due is done, in the order of venue time. Venue time never goes back.
 * - Events go to the sockets in the order in which the exchange made them; an account's events go out on the key it
 *   holds at the time of the event. The reply to a call may be read before or after its events.
 * - One account may have several API keys; they share its listenKey (how Binance has it is not known).
 * - A signed request is in time by venue time or by the clock without jumps: callers' clocks do not jump along.
 */
import type { ServerClocks } from "../face/authentication.ts";
import { CallFace } from "../face/call-face.ts";
import type { FaceDeadlines } from "../face/heartbeats.ts";
import { type HttpAnswer, type HttpCall, JSON_CONTENT } from "../face/http-call.ts";
import type { ListenKeys } from "../face/listen-keys.ts";
import { PRODUCTION_LIMITS, RateLimits } from "../face/rate-limits.ts";
import { isRefused } from "../face/refusal.ts";
import type { SessionEffect, SessionId } from "../face/session-effect.ts";
import { StreamSessions, type StreamSessionsSettings } from "../face/stream-sessions.ts";
import { WsApiSessions } from "../face/ws-api-sessions.ts";
import type { MonotonicMs, TransactMs } from "../kernel/scalars.ts";
import { WS_API_HANDSHAKE_WEIGHT } from "../protocol/limits.ts";
import { readStreamUrl, type StreamUrlRefused } from "../protocol/stream-url.ts";
import { encodeEvent } from "../protocol/user-data-event.ts";
import type { TransferLedger } from "./accounts/transfer-ledger.ts";
import { callHandlers } from "./calls/call-handlers.ts";
import type { ClockJumps } from "./clock-jumps.ts";
import type { Exchange } from "./exchange/exchange.ts";
import { CATCH_UP_TICKS_MAX } from "./exchange/floor.ts";
import { answerFaults } from "./faults/fault-calls.ts";
import { VenueFaults } from "./faults/venue-faults.ts";
import type { VenueLog } from "./keeping/venue-log.ts";
import { MarketStreams } from "./market/market-streams.ts";
import type { Moment } from "./moment.ts";
import { AccountDesk } from "./native/account-desk.ts";
import { answerNatively, type NativeOperations } from "./native/native-calls.ts";
import { answerStrategies } from "./native/strategy-calls.ts";
import type { PaperVenueSettings } from "./paper-venue-settings.ts";
import { openParts } from "./venue-parts.ts";

/** One HTTP request as it came in. */
export type VenueRequest = HttpCall;

/** One HTTP answer. */
export type VenueResponse = HttpAnswer;

/** Something to do with an open socket, in the order in which it is to be done. */
export type SocketEffect = SessionEffect;

/** The answer to an upgrade: a session, or the HTTP answer that refuses it. */
export type Opened =
  | { readonly outcome: "opened"; readonly session: SessionId }
  | { readonly outcome: "refused"; readonly response: VenueResponse };

/** When something next happens by itself. */
export interface NextDeadline {
  /** Milliseconds from the moment it was asked at; never negative. */
  readonly inMs: number;
  /** For traces. */
  readonly why: string;
}

/** The account that is there from the start. */
export const DEMO_ACCOUNT = {
  id: "demo",
  apiKey: "paper-demo-key",
  apiSecret: "paper-demo-secret",
  balances: { USDT: "10000" },
} as const;

/** Where WS API sockets are opened; every other path is a stream. */
export const WS_API_PATH = "/ws-fapi/v1";

/** One paper exchange: REST, WS API, streams and the native `/v1/paper` calls. */
export class PaperVenue {
  readonly #exchange: Exchange;
  readonly #listenKeys: ListenKeys;
  readonly #transfers: TransferLedger;
  readonly #jumps: ClockJumps;
  readonly #accounts: AccountDesk;
  readonly #face: CallFace;
  readonly #streams: StreamSessions;
  readonly #market: MarketStreams;
  readonly #wsApi: WsApiSessions;
  readonly #faults: VenueFaults;
  readonly #log: VenueLog | undefined;
  readonly #onPush: PaperVenueSettings["onPush"];
  #effects: SessionEffect[] = [];
  #time: TransactMs;
  #sessionCount = 0;

  constructor(settings: PaperVenueSettings) {
    const { random, verifier, seed = 1, sendsRetryAfter = true, acknowledgements = "2026-06" } = settings;
    const emit = (effect: SessionEffect) => this.#faults.emit(effect);
    const limits = new RateLimits({ ...PRODUCTION_LIMITS, ...settings.limits });
    const { exchange, keys, listenKeys, transfers, jumps, isNew } = openParts(settings);
    this.#time = exchange.now;
    this.#onPush = settings.onPush;
    this.#log = settings.kept?.log;
    this.#exchange = exchange;
    this.#listenKeys = listenKeys;
    this.#transfers = transfers;
    this.#jumps = jumps;
    this.#accounts = new AccountDesk({ exchange, keys, transfers, random, verifier });
    this.#faults = new VenueFaults({
      seed,
      now: this.#time,
      emit: (effect) => void this.#effects.push(effect),
      exchange,
      listenKeys,
      weightPerMinute: limits.settings.weightPerMinute,
      streams: () => this.#streams,
      wsApi: () => this.#wsApi,
    });
    const handlers = callHandlers({ exchange, listenKeys, limits, transfers, acknowledgements });
    this.#face = new CallFace({ limits, keys, verifier, handlers, sendsRetryAfter, interference: this.#faults });
    const { legacyUrls = "deliver" } = settings;
    const copies: StreamSessionsSettings["copies"] = (...event) => this.#faults.copies(...event);
    const publish = (name: string, event: string, json: string) => this.#streams.publish(name, event, json);
    this.#market = new MarketStreams({ markets: exchange.shownMarkets, publish });
    const onAudience = (name: string, isHeard: boolean) =>
      isHeard ? this.#market.open(name, this.#time) : this.#market.close(name);
    this.#streams = new StreamSessions({ emit, legacyUrls, copies, onAudience });
    this.#wsApi = new WsApiSessions({ face: this.#face, limits, keys, verifier, emit });
    if (!isNew) return;
    const { id, balances, apiKey, apiSecret } = DEMO_ACCOUNT;
    this.#accounts.open(id, balances, this.#time);
    keys.add({ apiKey, account: id, credential: { keyType: "HMAC", secret: apiSecret } });
    this.#log?.commit();
  }

  /**
   * Answers one HTTP request: `/fapi/*` as Binance does, `/v1/paper/*` natively, anything else with 404. Socket effects
   * that follow from it wait in {@link takeEffects}. Never throws on any bytes.
   */
  http(request: VenueRequest, now: Moment): VenueResponse {
    this.due(now);
    const isNative = request.path.startsWith("/v1/");
    const answer = isNative
      ? (answerFaults(request, this.#faults) ??
        answerStrategies(request, this.#exchange, this.#time) ??
        answerNatively(request, this.#operations(now)))
      : this.#face.http(request, this.#clocks(now));
    this.#publish();
    return answer;
  }

  /**
   * Opens a websocket of either kind: `/ws-fapi/v1` is a WS API session, every other path a stream session.
   * @param url path and query: `/private/ws?listenKey=…`
   */
  open(url: string, ip: string, now: Moment): Opened {
    this.due(now);
    const session = `s${this.#sessionCount + 1}`;
    const [path = "", ...query] = url.split("?");
    const target = path === WS_API_PATH ? undefined : readStreamUrl(url);
    if (target?.outcome === "refused") return { outcome: "refused", response: notAStream(target) };
    const refusal = this.#faults.refusal(target?.subscriptions.map(({ name }) => name) ?? []);
    if (refusal !== undefined) return { outcome: "refused", response: refusal };
    if (target === undefined) {
      const clocks = this.#clocks(now);
      const broken = this.#face.charge(ip, WS_API_HANDSHAKE_WEIGHT, clocks);
      if (broken !== undefined) {
        return { outcome: "refused", response: this.#face.print(broken, undefined, ip, clocks) };
      }
      this.#wsApi.open(session, ip, query.join("?"), this.#time, now.monotonic);
    } else {
      this.#streams.open(session, target, this.#time, now.monotonic);
    }
    this.#sessionCount++;
    this.#faults.opened(session);
    return { outcome: "opened", session };
  }

  /** A text frame came in. Sessions that are closed already ignore it. */
  onText(session: SessionId, text: string, now: Moment): void {
    this.due(now);
    this.#streams.onText(session, text, now.monotonic);
    this.#wsApi.onText(session, text, this.#clocks(now));
    this.#publish();
  }

  /** A pong frame came in, asked for or not. */
  onPong(session: SessionId, payload: string, now: Moment): void {
    this.due(now);
    this.#streams.onPong(session, payload, now.monotonic);
    this.#wsApi.onPong(session, payload, now.monotonic);
  }

  /** A ping frame came in; the socket layer has answered it. It counts against the limit of incoming messages. */
  onPing(session: SessionId, now: Moment): void {
    this.due(now);
    this.#streams.onPing(session, now.monotonic);
    this.#wsApi.onPing(session, now.monotonic);
  }

  /** The socket is gone, whichever side closed it. */
  onClosed(session: SessionId, now: Moment): void {
    this.due(now);
    this.#streams.onClosed(session);
    this.#wsApi.onClosed(session);
    this.#faults.closed(session);
  }

  /** Hands out, once, what is to be done with the sockets, in order. */
  takeEffects(): SocketEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** When {@link due} is to be called next; `undefined`: nothing is pending. */
  nextDeadline(now: Moment): NextDeadline | undefined {
    const face = this.#faceDeadlines();
    const exchange = this.#exchange.nextDeadline();
    const time = this.time(now);
    let inMs = Number.POSITIVE_INFINITY;
    let why = "";
    if (exchange !== undefined) {
      inMs = exchange.at - time;
      why = exchange.why;
    }
    if (face.venue !== undefined && face.venue - time < inMs) {
      inMs = face.venue - time;
      why = "streams, keys, sessions or faults";
    }
    if (face.monotonic !== undefined && face.monotonic - now.monotonic < inMs) {
      inMs = face.monotonic - now.monotonic;
      why = "heartbeats";
    }
    return inMs === Number.POSITIVE_INFINITY ? undefined : { inMs: Math.max(0, inMs), why };
  }

  /** Does everything that is due, in order of time. Calling it early does nothing. */
  due(now: Moment): void {
    this.#runTo(this.time(now), now.monotonic);
  }

  /** Venue time: the wall clock plus all jumps. */
  time(now: Moment): TransactMs {
    return Math.max(this.#time, now.wall + this.#jumps.aheadMs) as TransactMs;
  }

  /** The exchange behind the wire, for checks. What it is told directly is pushed at the next input. */
  get exchange(): Exchange {
    return this.#exchange;
  }

  /** Runs the exchange from deadline to deadline of the face, so that what it does in between comes out in between. */
  #runTo(time: TransactMs, monotonic: MonotonicMs): void {
    const paceMs = Math.ceil((time - this.#time) / CATCH_UP_TICKS_MAX);
    for (;;) {
      const { venue } = this.#faceDeadlines();
      const next = venue === undefined || venue > time ? time : (Math.max(venue, this.#time) as TransactMs);
      this.#stepTo(next, monotonic, paceMs);
      if (venue === undefined || venue > time) return;
    }
  }

  #stepTo(time: TransactMs, monotonic: MonotonicMs, paceMs: number): void {
    this.#time = time;
    this.#faults.at(time);
    this.#exchange.due(time, paceMs);
    this.#publish(paceMs);
    for (const key of this.#listenKeys.due(time)) this.#streams.expire(key, time);
    this.#streams.due(time, monotonic);
    this.#wsApi.due(time, monotonic);
    this.#faults.due(time);
    this.#log?.commit();
  }

  #faceDeadlines(): FaceDeadlines {
    const streams = this.#streams.nextDeadline();
    const wsApi = this.#wsApi.nextDeadline();
    const sessions = earlier(streams.venue, wsApi.venue);
    const own = earlier(this.#listenKeys.nextDeadline(), this.#market.nextDeadline());
    const venue = earlier(earlier(sessions, own), this.#faults.nextDeadline());
    return { venue, monotonic: earlier(streams.monotonic, wsApi.monotonic) };
  }

  #publish(paceMs = 0): void {
    this.#log?.commit();
    for (const { account, event } of this.#exchange.takeEvents()) {
      const json = encodeEvent(this.#faults.happened(account, event));
      this.#onPush?.(account, json, this.#time);
      // By the time of the event: a key that runs out at the end of this step was good until then.
      const key = this.#listenKeys.keyOf(account, event.E as number as TransactMs);
      if (key !== undefined) this.#streams.publish(key, event.e, json);
    }
    this.#market.poll(this.#time, paceMs);
  }

  #clocks(now: Moment): ServerClocks {
    return { now: this.#time, unjumped: now.wall as number as TransactMs };
  }

  #operations(now: Moment): NativeOperations {
    const exchange = this.#exchange;
    return {
      createAccount: (wish) => this.#accounts.create(wish, this.#time),
      addKey: (account, publicKey) => this.#accounts.addKey(account, publicKey),
      transfer: (account, asset, amount) => {
        const result = exchange.transfer(account, asset, amount, this.#time);
        if (!isRefused(result)) this.#transfers.record(account, asset, result.amount, this.#time);
        return result;
      },
      moveMarket: (symbol, move) => exchange.moveMarket(symbol, move, this.#time),
      advance: (ms) => {
        const target = (this.#time + ms) as TransactMs;
        this.#jumps.set(target - now.wall);
        this.#runTo(target, now.monotonic);
        return target;
      },
      fund: (symbol, rate) => exchange.settleFunding(symbol, rate, this.#time),
      autoExchange: (account, asset, amount) => exchange.autoExchange(account, asset, amount, this.#time),
      delist: (symbol, settlementPrice, inMs) => exchange.delist(symbol, settlementPrice, inMs, this.#time),
      cause: (account, what, symbol) => exchange.cause(account, what, symbol, this.#time),
      hasAccount: (id) => exchange.hasAccount(id),
      hasSymbol: (symbol) => exchange.symbol(symbol) !== undefined,
    };
  }
}

function earlier<At extends number>(a: At | undefined, b: At | undefined): At | undefined {
  if (a === undefined) return b;
  return b === undefined || a <= b ? a : b;
}

function notAStream({ status, reason }: StreamUrlRefused): VenueResponse {
  return { status, headers: { "content-type": JSON_CONTENT }, body: JSON.stringify({ code: -1000, msg: reason }) };
}

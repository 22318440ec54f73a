/**
 * Misbehaviour on command: the faults of a paper venue, between its exchange and its wire. Pure; venue time, seeded
 * dice. The exchange knows nothing of them; they act in these places only:
 *
 *     calls ────▶ clocks · perform ────▶ CallFace, over REST and the WS API   events ─▶ happened ─▶ copies ─▶ sessions
 *     upgrades ─▶ refusal · opened ────▶ sessions                             effects ─▶ emit ─▶ sockets
 *     start · end · due ───────────────▶ listenKeys, sessions
 *
 * Rules kept here: a fault strikes one account or all; the newest of a kind counts; what it did to frames that are on
 * their way outlives it; a jump of venue time ends what is over by then.
 */
import type { AccountId } from "../../face/api-keys.ts";
import type { ServerClocks } from "../../face/authentication.ts";
import type { CallEnd } from "../../face/calls.ts";
import { type HttpAnswer, JSON_CONTENT } from "../../face/http-call.ts";
import type { AskedCall, Interference } from "../../face/interference.ts";
import type { ListenKeys } from "../../face/listen-keys.ts";
import type { EffectSink, SessionEffect, SessionEnd, SessionId } from "../../face/session-effect.ts";
import type { StreamSessions } from "../../face/stream-sessions.ts";
import type { WsApiSessions } from "../../face/ws-api-sessions.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/ports.ts";
import { pick, seededRandom, seedFor } from "../../kernel/random.ts";
import type { ListenKey, TransactMs } from "../../kernel/scalars.ts";
import type { StreamTarget } from "../../protocol/stream-url.ts";
import type { KnownEvent } from "../../protocol/user-data-event.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { Timers } from "../exchange/timers.ts";
import { ActiveFaults, type Fault, strikes } from "./active-faults.ts";
import { CallFaults } from "./call-faults.ts";
import { FAULT_KINDS, type FaultWish } from "./fault-kinds.ts";
import { HeldEffects } from "./held-effects.ts";

/** What the faults of a venue act on. */
export interface VenueFaultsParts {
  /** Decides every die. */
  readonly seed: number;
  readonly now: TransactMs;
  /** Is given the socket effects that are left. */
  readonly emit: EffectSink;
  readonly exchange: Exchange;
  readonly listenKeys: ListenKeys;
  /** The limit that a refusal with 429 names. */
  readonly weightPerMinute: number;
  /** The sessions, which are made after the faults. */
  readonly streams: () => StreamSessions;
  readonly wsApi: () => WsApiSessions;
}

/** A fault that was started, and how many sockets or keys it struck at once, if it strikes any. */
export interface Started {
  readonly fault: Fault;
  readonly struck: number | undefined;
}

/** How sockets are closed by a server that goes away, and when a listenKey is deleted. *Assumed*, code and reason. */
const GOING_AWAY: SessionEnd = { code: 1001, reason: "Server is shutting down" };
const KEY_DELETED: SessionEnd = { code: 1001, reason: "The listenKey was closed" };

/** The faults of one venue. */
export class VenueFaults implements Interference {
  readonly #parts: VenueFaultsParts;
  readonly #active = new ActiveFaults();
  readonly #timers = new Timers();
  readonly #held: HeldEffects;
  readonly #calls: CallFaults;
  readonly #dice: Random;
  /** Frozen sockets, and the fault that froze each. */
  readonly #frozen = new Map<SessionId, string>();
  /** What takes back the deadlines of a fault. */
  readonly #deadlines = new Map<string, (() => void)[]>();
  #now: TransactMs;

  constructor(parts: VenueFaultsParts) {
    this.#parts = parts;
    this.#now = parts.now;
    this.#dice = seededRandom(seedFor(parts.seed, "faults"));
    this.#held = new HeldEffects(this.#timers, (effect) => this.#deliver(effect));
    const { exchange, listenKeys, weightPerMinute } = parts;
    const active = this.#active;
    const timers = this.#timers;
    this.#calls = new CallFaults({ active, timers, exchange, listenKeys, weightPerMinute, dice: this.#dice });
  }

  // Starting and ending

  /** Starts a fault. @throws {UsageError} when the account does not exist, or too many are active */
  start(wish: FaultWish): Started {
    const { exchange } = this.#parts;
    if (wish.account !== undefined && !exchange.hasAccount(wish.account)) {
      throw new UsageError(
        "body.account",
        "an account that exists",
        wish.account,
        "POST /v1/paper/accounts makes one.",
      );
    }
    const { lasts } = FAULT_KINDS[wish.type];
    const fault: Fault = this.#active.make(wish, this.#now, lasts === "while" || wish.forMs !== undefined);
    if (fault.endsAt !== fault.startedAt) this.#add(fault);
    return { fault, struck: this.#strike(fault) };
  }

  /** Ends a fault before its time. Returns it, or `undefined` when it is not active. */
  end(id: string): Fault | undefined {
    const fault = this.#active.remove(id);
    if (fault === undefined) return undefined;
    for (const cancel of this.#deadlines.get(id) ?? []) cancel();
    this.#deadlines.delete(id);
    this.#calls.ended(fault);
    for (const [session, by] of this.#frozen) if (by === id) this.#cut(session);
    return fault;
  }

  /** One that is active. */
  get(id: string): Fault | undefined {
    return this.#active.get(id);
  }

  /** All that are active, in the order of starting. */
  list(): Fault[] {
    return this.#active.list();
  }

  // Time

  /** It is so late; what is due is done by {@link due}, after what the exchange does until then. */
  at(now: TransactMs): void {
    this.#now = now;
  }

  /** Lets out what was held back, ends what is over. */
  due(now: TransactMs): void {
    for (let timer = this.#timers.takeDue(now); timer !== undefined; timer = this.#timers.takeDue(now)) timer.fire();
  }

  /** When {@link due} has something to do; `undefined`: nothing is pending. */
  nextDeadline(): TransactMs | undefined {
    return this.#timers.next()?.at;
  }

  // Calls

  clocks(account: AccountId | undefined, clocks: ServerClocks): ServerClocks {
    return this.#calls.clocks(account, clocks);
  }

  perform(call: AskedCall, clocks: ServerClocks, carryOut: (now: TransactMs) => CallEnd): CallEnd {
    return this.#calls.perform(call, clocks, carryOut);
  }

  // Sockets

  /** Why no socket may open now; `undefined`: it may. @param names the listenKeys in its URL */
  refusal(names: readonly string[]): HttpAnswer | undefined {
    if (this.#active.find("shutdown", this.#owners(names)) === undefined) return undefined;
    const body = JSON.stringify({ code: -1016, msg: "Service is shutting down." });
    return { status: 503, headers: { "content-type": JSON_CONTENT }, body };
  }

  /** A socket opened. */
  opened(session: SessionId): void {
    const cuts = this.#active.count === 0 ? [] : this.#active.all("cut", this.#accountsOf(session));
    if (cuts.some(({ settings }) => this.#isMeant(session, settings.sockets))) this.#cut(session);
  }

  /** A socket is gone. */
  closed(session: SessionId): void {
    this.#frozen.delete(session);
  }

  /** How many times an event of a name goes out on a session. */
  copies(_session: SessionId, route: StreamTarget["route"], name: string): number {
    if (this.#active.count === 0) return 1;
    // Of a market stream nobody is the holder: only what is wrong for all concerns it.
    const accounts = this.#owners([name as ListenKey]);
    if (this.#active.find("silence", accounts) !== undefined) return 0;
    if (route === "legacy" && this.#active.find("legacy-url-silent", accounts) !== undefined) return 0;
    const duplicate = this.#active.find("duplicate", accounts);
    return duplicate !== undefined && this.#dice.next() * 100 < duplicate.settings.percent ? 2 : 1;
  }

  /** An account has something to be told: returns it as it is told, dated by the clock that the server believes. */
  happened(account: string, event: KnownEvent): KnownEvent {
    if (this.#active.count === 0) return event;
    this.#calls.changed(account, this.#now);
    return this.#calls.dated(account, event);
  }

  /** A socket effect on its way out: let through, held back, or lost. */
  emit(effect: SessionEffect): void {
    const { session } = effect;
    if (this.#active.count === 0 && !this.#held.holds(session)) return this.#deliver(effect);
    const until = (this.#now + this.#latenessOf(session)) as TransactMs;
    if (until === this.#now && !this.#held.holds(session)) return this.#deliver(effect);
    if (!this.#held.hold(effect, until)) this.#cut(session);
  }

  #latenessOf(session: SessionId): number {
    if (this.#parts.streams().namesOf(session) === undefined) return 0;
    const accounts = this.#accountsOf(session);
    const delay = this.#active.find("delay", accounts)?.settings.byMs ?? 0;
    const within = this.#active.find("reorder", accounts)?.settings.withinMs;
    return delay + (within === undefined ? 0 : pick(this.#dice, within + 1));
  }

  /** A frozen socket hears nothing; when the server gives it up, it is cut. */
  #deliver(effect: SessionEffect): void {
    const { session } = effect;
    if (!this.#frozen.has(session)) return this.#parts.emit(effect);
    if (effect.type === "close") this.#cut(session);
  }

  // What happens at once

  #add(fault: Fault): void {
    this.#active.add(fault);
    this.#calls.started(fault, this.#now);
    if (fault.endsAt === undefined) return;
    this.#deadline(fault, fault.endsAt, "a fault ends", () => this.end(fault.id));
  }

  #deadline(fault: Fault, at: TransactMs, why: string, fire: () => void): void {
    const cancels = this.#deadlines.get(fault.id) ?? [];
    this.#deadlines.set(fault.id, cancels);
    cancels.push(this.#timers.set(at, why, fire));
  }

  #strike(fault: Fault): number | undefined {
    switch (fault.type) {
      case "cut":
        return this.#each(this.#sessions(fault), (session) => this.#cut(session));
      case "half-open":
        return this.#each(this.#sessions(fault), (session) => this.#freeze(session, fault.id));
      case "shutdown":
        return this.#announceShutdown(fault);
      case "expire-key":
      case "forget-key":
      case "foreign-delete":
      case "change-key":
        return this.#each(
          this.#parts.listenKeys.accounts().filter((account) => strikes(fault, [account])),
          (account) => this.#loseKey(account, fault),
        );
      default:
        return undefined;
    }
  }

  #each<T>(struck: readonly T[], act: (one: T) => void): number {
    for (const one of struck) act(one);
    return struck.length;
  }

  #loseKey(account: string, fault: Fault<"expire-key" | "forget-key" | "foreign-delete" | "change-key">): void {
    const { listenKeys, streams } = this.#parts;
    const key = listenKeys.end(account, this.#now);
    if (key === undefined) return;
    if (fault.type === "change-key") listenKeys.grant(account, this.#now);
    if (fault.type === "expire-key") {
      const { told } = fault.settings;
      for (let times = TIMES_TOLD[told]; times > 0; times--) streams().expire(key, this.#now);
    }
    if (fault.type !== "foreign-delete" || !fault.settings.closesSockets) return;
    for (const id of streams().ids()) if (streams().namesOf(id)?.includes(key)) streams().close(id, KEY_DELETED);
  }

  #announceShutdown(fault: Fault<"shutdown">): number {
    const { streams, wsApi } = this.#parts;
    const sessions = () => this.#sessions({ ...fault, settings: { sockets: "all" } });
    const json = JSON.stringify({ e: "serverShutdown", E: this.#now });
    const noticed = this.#each(sessions(), (session) => streams().announce(session, json));
    const closesAt = Math.min(this.#now + fault.settings.noticeMs, fault.endsAt ?? Number.POSITIVE_INFINITY);
    this.#deadline(fault, closesAt as TransactMs, "the server shuts down", () => {
      for (const session of sessions()) {
        streams().close(session, GOING_AWAY);
        wsApi().close(session, GOING_AWAY);
      }
    });
    return noticed;
  }

  #cut(session: SessionId): void {
    const { emit, streams, wsApi } = this.#parts;
    this.#frozen.delete(session);
    streams().onClosed(session);
    wsApi().onClosed(session);
    emit({ session, type: "cut" });
  }

  #freeze(session: SessionId, by: string): void {
    this.#parts.emit({ session, type: "freeze" });
    this.#frozen.set(session, by);
  }

  // Whose is what

  #sessions({
    account,
    settings: { sockets },
  }: {
    readonly account: string | undefined;
    readonly settings: { readonly sockets: "streams" | "ws-api" | "all" };
  }): SessionId[] {
    const { streams, wsApi } = this.#parts;
    const all = [...streams().ids(), ...wsApi().ids()];
    return all.filter((id) => this.#isMeant(id, sockets) && strikes({ account }, this.#accountsOf(id)));
  }

  #isMeant(session: SessionId, sockets: "streams" | "ws-api" | "all"): boolean {
    const isStream = this.#parts.streams().namesOf(session) !== undefined;
    return sockets === "all" || isStream === (sockets === "streams");
  }

  /** Whose sockets it is: of whoever holds, or held, a listenKey it listens to, or is logged on. */
  #accountsOf(session: SessionId): string[] {
    const names = this.#parts.streams().namesOf(session);
    if (names !== undefined) return this.#owners(names);
    const account = this.#parts.wsApi().accountOf(session);
    return account === undefined ? [] : [account];
  }

  #owners(names: readonly string[]): string[] {
    return names.flatMap((name) => this.#parts.listenKeys.ownerOf(name) ?? []);
  }
}

const TIMES_TOLD = { once: 1, twice: 2, never: 0 } as const;

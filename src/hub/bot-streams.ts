/**
 * What the sockets of bots hear: each name of a listenKey that a socket listens to is a consumer of the feed, with the
 * queue and the patience of every other one. Pure.
 *
 *     session ──listens to a key──▶ consumer of the bot's account ──records──▶ events, as they came
 *
 * Rules kept here
 * - A bot is told events, and nothing else: what was pushed, byte for byte, and what a repair found, in the order of
 *   `seq`. Gaps and certificates have no word in its protocol.
 * - The upstream's `listenKeyExpired` is about the hub's key, not about the bot's.
 * - L7: a socket that is full is given nothing; what waits is in the ring.
 */
import type { ListenKeys } from "../face/listen-keys.ts";
import type { SessionEnd, SessionId } from "../face/session-effect.ts";
import type { ListenKey, TransactMs } from "../kernel/scalars.ts";
import type { Bots } from "./bots.ts";
import type { Consumer, ConsumerEnd, Outgoing } from "./consumer.ts";
import type { FeedEntry } from "./feed.ts";
import type { Hub } from "./hub.ts";
import { eventTextIn } from "./record-text.ts";

/** The sockets of bots, as far as events go out on them. */
export interface BotLines {
  /** Sends records' events, oldest first, in envelopes of this name, or bare. */
  sendEvents(session: SessionId, entries: readonly FeedEntry[], envelope: string | undefined): void;
  /** Bytes a socket was given that the network has not taken yet. */
  unsentBytes(session: SessionId): number;
}

/** What bots' streams need. */
export interface BotStreamsDeps {
  readonly hub: Hub;
  readonly bots: Bots;
  readonly listenKeys: ListenKeys;
  readonly lines: BotLines;
  readonly addressOf: (session: SessionId) => string;
  readonly isCombined: (session: SessionId) => boolean;
  /** Closes a session; it is not known any more afterwards. */
  readonly close: (session: SessionId, why: SessionEnd) => void;
  readonly time: () => TransactMs;
}

/** The code is *seen* where Binance sends a client away; that slow ones go so is assumed. */
const TOO_SLOW: SessionEnd = { code: 1008, reason: "Too slow" };

/** The server goes away, or a part of it (RFC 6455). */
export const GOING_AWAY: SessionEnd = { code: 1001, reason: "Going away" };

/** Everything that bots' sockets listen to. */
export class BotStreams {
  readonly #deps: BotStreamsDeps;
  readonly #listening = new Map<SessionId, Map<string, Consumer>>();
  readonly #sessionsOf = new Map<string, Set<SessionId>>();

  constructor(deps: BotStreamsDeps) {
    this.#deps = deps;
  }

  /** A session listens to a name, to other events of it, or not any more. What is no living key stays silent. */
  listen(session: SessionId, name: string, events: ReadonlySet<string> | "all" | "none"): void {
    const before = this.#consumers(session).get(name);
    this.#stop(session, name);
    if (events === "none") return;
    const { hub, bots, listenKeys, time } = this.#deps;
    const bot = bots.named(listenKeys.lookup(name, time()) ?? "");
    const account = bot === undefined ? undefined : hub.account(bot.account);
    if (bot === undefined) return;
    // A key that an earlier hub granted, before the account is open; or the hub stops: the bot comes again.
    if (account?.isOpen !== true || account.feed?.isEnded === true)
      return void Promise.resolve().then(() => this.#deps.close(session, GOING_AWAY));
    const { policy, queueEntries } = bot;
    const filter = events === "all" ? {} : { filter: { events: [...events] } };
    const wish = { since: before?.cursor, snapshots: "none", policy, queueEntries, ...filter } as const;
    const sink = this.#sink(session, name);
    const consumer = hub.connect(account, wish, sink, { over: "bot", address: this.#deps.addressOf(session) });
    this.#consumers(session, true).set(name, consumer);
    const sessions = this.#sessionsOf.get(name) ?? new Set();
    this.#sessionsOf.set(name, sessions.add(session));
    consumer.begin();
  }

  /** A key has ended: whoever listens to it is told nothing more. */
  ended(key: ListenKey): void {
    for (const session of [...(this.#sessionsOf.get(key) ?? [])]) this.#stop(session, key);
  }

  /** A key is good no more: whoever listens to it is sent away. */
  dismiss(key: ListenKey): void {
    for (const session of [...(this.#sessionsOf.get(key) ?? [])]) this.#deps.close(session, GOING_AWAY);
  }

  /** The network has taken what waited in a session's socket. */
  drained(session: SessionId): void {
    for (const consumer of [...this.#consumers(session).values()]) consumer.drained();
  }

  #stop(session: SessionId, name: string): void {
    const consumers = this.#consumers(session);
    const consumer = consumers.get(name);
    if (consumer === undefined) return;
    consumers.delete(name);
    if (consumers.size === 0) this.#listening.delete(session);
    const sessions = this.#sessionsOf.get(name);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessionsOf.delete(name);
    this.#deps.hub.disconnected(consumer);
  }

  #consumers(session: SessionId, isKept = false): Map<string, Consumer> {
    const consumers = this.#listening.get(session) ?? new Map<string, Consumer>();
    if (isKept) this.#listening.set(session, consumers);
    return consumers;
  }

  #sink(session: SessionId, name: string) {
    const { lines, isCombined, close } = this.#deps;
    return {
      send(outgoing: Outgoing): void {
        // What was dropped, and how far it got, a bot has no words for.
        if (outgoing.is === "records")
          lines.sendEvents(session, outgoing.entries, isCombined(session) ? name : undefined);
      },
      get unsentBytes() {
        return lines.unsentBytes(session);
      },
      beat() {},
      end: ({ code }: ConsumerEnd) => close(session, ENDS[code]),
    };
  }
}

const ENDS: Readonly<Record<ConsumerEnd["code"], SessionEnd>> = {
  SLOW_CONSUMER: TOO_SLOW,
  CURSOR_TOO_OLD: TOO_SLOW,
  CURSOR_FROM_THE_FUTURE: GOING_AWAY,
  JOURNAL_UNREADABLE: { code: 1011, reason: "Internal error" },
  ACCOUNT_REMOVED: GOING_AWAY,
  STOPPING: GOING_AWAY,
  // Frames of bots are counted by their sessions, as Binance counts them.
  TOO_MANY_FRAMES: TOO_SLOW,
};

/** The events of records as a bot is sent them, oldest first. */
export function eventTexts(entries: readonly FeedEntry[], envelope: string | undefined): string[] {
  const texts: string[] = [];
  for (const { event, text } of entries) {
    const raw = event === null || event === "listenKeyExpired" ? undefined : eventTextIn(text);
    if (raw === undefined) continue;
    texts.push(envelope === undefined ? raw : `{"stream":${JSON.stringify(envelope)},"data":${raw}}`);
  }
  return texts;
}

/** The Binance face of a hub in virtual time: sockets are lists of texts, and the upstream is the test's. */
import assert from "node:assert/strict";
import type { HttpAnswer } from "../src/face/http-call.ts";
import { nodeVerifier } from "../src/face/io/verifiers.ts";
import type { SessionEffect, SessionId } from "../src/face/session-effect.ts";
import { Access, type AccessToken } from "../src/hub/access.ts";
import { BinanceFace, type BinanceFaceDeps, type BotSockets, steadyTime } from "../src/hub/binance-face.ts";
import type { LeaseStore } from "../src/hub/bot-leases.ts";
import { eventTexts } from "../src/hub/bot-streams.ts";
import { BOT_QUEUE_ENTRIES, type BotSetting, Bots } from "../src/hub/bots.ts";
import type { FeedEntry } from "../src/hub/feed.ts";
import { Hub } from "../src/hub/hub.ts";
import { tokenDigest } from "../src/hub/io/token-digest.ts";
import { MemoryJournal } from "../src/hub/memory-journal.ts";
import type { Journal } from "../src/journal/journal.ts";
import { seededRandom } from "../src/kernel/random.ts";
import { FakeClock, KeptLog, settled } from "./fake-world.ts";
import { InventedUpstream } from "./invented-upstream.ts";

/** A bot that signs nothing, as the tests of its stream need it. */
export function botSetting(name: string, more: Partial<BotSetting> = {}): BotSetting {
  return {
    name,
    apiKey: apiKeyOf(name),
    account: "demo",
    may: "read",
    credential: undefined,
    policy: "disconnect",
    queueEntries: BOT_QUEUE_ENTRIES,
    ...more,
  };
}

/** The API key of {@link botSetting}. */
export function apiKeyOf(name: string): string {
  return `${name}-0123456789abcdef`;
}

/** An answer of the face itself, and no call that it passes on. */
function answeredBy(reply: ReturnType<BinanceFace["http"]>): HttpAnswer {
  assert.ok("status" in reply);
  return reply;
}

/** An answer of the face. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: Readonly<Record<string, unknown>>;
}

/** What a test may choose. */
export interface BotWorldSettings {
  readonly bots?: readonly BotSetting[];
  readonly tokens?: readonly AccessToken[];
  readonly accounts?: readonly string[];
  readonly journal?: Journal;
  readonly limits?: BinanceFaceDeps["limits"];
  readonly leases?: LeaseStore;
  /** One that has run for a while already. */
  readonly clock?: FakeClock;
}

/** A hub whose accounts the test makes up, and its Binance face. */
export class BotWorld implements BotSockets {
  readonly clock: FakeClock;
  readonly hub: Hub;
  readonly face: BinanceFace;
  readonly bots: Bots;
  readonly access: Access;
  readonly upstreams = new Map<string, InventedUpstream>();
  /** Sockets whose network takes nothing: what they were given counts as unsent. */
  readonly frozen = new Map<SessionId, number>();
  readonly #heard = new Map<SessionId, string[]>();

  private constructor(settings: BotWorldSettings) {
    const { bots = [botSetting("a"), botSetting("b")], tokens = [], journal = new MemoryJournal() } = settings;
    const { clock = new FakeClock() } = settings;
    this.clock = clock;
    const random = seededRandom(3);
    this.hub = new Hub({ journal, clock, log: new KeptLog() });
    const access = new Access(tokens, tokenDigest, clock);
    this.access = access;
    const accounts = () => settings.accounts ?? ["demo"];
    this.bots = new Bots(bots, { access, digest: tokenDigest, random, accounts });
    this.face = new BinanceFace({
      hub: this.hub,
      bots: this.bots,
      attempts: access.attempts,
      verifier: nodeVerifier(),
      random,
      clock,
      time: steadyTime(clock),
      sockets: this,
      ...(settings.leases === undefined ? {} : { leases: settings.leases }),
      ...(settings.limits === undefined ? {} : { limits: settings.limits }),
    });
  }

  /** Opens it; its accounts are followed. */
  static async open(settings: BotWorldSettings = {}): Promise<BotWorld> {
    const world = new BotWorld(settings);
    for (const account of settings.accounts ?? ["demo"]) {
      const upstream = new InventedUpstream(account);
      world.upstreams.set(account, upstream);
      await world.hub.add(account, upstream.make);
    }
    return world;
  }

  /** The upstream of an account. */
  upstream(account = "demo"): InventedUpstream {
    const upstream = this.upstreams.get(account);
    assert.ok(upstream !== undefined);
    return upstream;
  }

  /** Calls by REST. */
  call(method: string, path: string, apiKey?: string, ip = "10.0.0.1"): Answered {
    const headers = apiKey === undefined ? {} : { "x-mbx-apikey": apiKey };
    const {
      status,
      headers: answered,
      body,
    } = answeredBy(this.face.http({ method, path, query: "", headers, ip }, ""));
    return { status, headers: answered, json: JSON.parse(body) as Answered["json"] };
  }

  /** `POST`, `PUT` or `DELETE` of the listenKey: the key, the code of a refusal, or `{}`. */
  key(method: "POST" | "PUT" | "DELETE", bot: string): unknown {
    const { json } = this.call(method, "/fapi/v1/listenKey", apiKeyOf(bot));
    return json.listenKey ?? json.code ?? json;
  }

  /** Opens a socket. */
  socket(url: string, ip = "10.0.0.1"): SessionId {
    assert.equal(this.face.refusal(url, ip), undefined);
    return this.face.open(url, ip, (session) => void this.#heard.set(session, []));
  }

  /** What a socket has got since it was last asked: texts, `<ping>`, `<close 1008 why>`. */
  async heard(session: SessionId): Promise<string[]> {
    await settled();
    return this.#heard.get(session)?.splice(0) ?? [];
  }

  sendEvents(session: SessionId, entries: readonly FeedEntry[], envelope: string | undefined): void {
    const texts = eventTexts(entries, envelope);
    this.#heard.get(session)?.push(...texts);
    const unsent = this.frozen.get(session);
    if (unsent !== undefined) this.frozen.set(session, unsent + texts.join("").length);
  }

  unsentBytes(session: SessionId): number {
    return this.frozen.get(session) ?? 0;
  }

  carryOut(effect: SessionEffect): void {
    const heard = this.#heard.get(effect.session);
    if (effect.type === "send") heard?.push(effect.text);
    else if (effect.type === "close") heard?.push(`<close ${effect.code} ${effect.reason}>`);
    else heard?.push(`<${effect.type}>`);
  }
}

/**
 * A whole world from one seed: the venue's real core, a network, a trading program, and the production driver of the
 * stream, all in virtual time. Pure; cryptography is handed in.
 *
 * L11: a run is a function of its seed. The laws are checked with every record and every request; at the end the faults
 * stop, and the stream must be live again with everything told or announced as missed.
 */

import { FOLLOW_TIMING } from "../src/account/follow-timing.ts";
import { AccountFollower } from "../src/account/follower.ts";
import type { AccountRecord } from "../src/account/record.ts";
import { assert, ListenkeyError } from "../src/kernel/errors.ts";
import type { Http, Log, LogFields, Random } from "../src/kernel/ports.ts";
import { pick, seededRandom, seedFor } from "../src/kernel/random.ts";
import { after, type MonotonicMs } from "../src/kernel/scalars.ts";
import { parseJson } from "../src/protocol/json.ts";
import type { Signer } from "../src/protocol/signing.ts";
import { RestAccountReads } from "../src/rest/account-reads.ts";
import { restListenKeys } from "../src/rest/listen-keys.ts";
import { RestClient } from "../src/rest/rest-client.ts";
import { WeightBudget } from "../src/rest/weight-budget.ts";
import { StreamClient } from "../src/stream/stream-client.ts";
import { TIMING } from "../src/stream/timing.ts";
import type { PaperVenue } from "../src/venue/paper-venue.ts";
import type { PaperVenueSettings } from "../src/venue/paper-venue-settings.ts";
import { drawFaults, type Fault, type FaultName, type VenueWish } from "./faults.ts";
import { Laws } from "./laws.ts";
import { SimClock } from "./sim-clock.ts";
import { type Outage, SimNetwork } from "./sim-network.ts";
import { Trace } from "./trace.ts";
import { Trader } from "./trader.ts";

/** What a world is made with. */
export interface WorldSettings {
  readonly seed: number;
  /** How long it lasts, in virtual time; the last hours are without faults. */
  readonly hours: number;
  /** Does anything go wrong? What, and when, is drawn from the seed. */
  readonly faults: "drawn" | "none";
  /** The mean time between two orders; `drawn`: from {@link BUSIEST_MS} up to half an hour, by the seed. */
  readonly tradeEveryMs: number | "drawn";
  /** Makes the paper venue. Its signatures need cryptography, which is not pure. */
  readonly makeVenue: (settings: Pick<PaperVenueSettings, "openedAt" | "seed" | "random" | "onPush">) => PaperVenue;
  /** Signs as the account `demo`. */
  readonly signer: Signer;
}

/** How a run ended. */
export interface RunReport {
  readonly seed: number;
  /** Equal for equal seeds. */
  readonly digest: string;
  /** What was broken; absent when nothing was. */
  readonly failure?: string;
  /** The last lines of the trace. */
  readonly story: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  /** Every kind of fault that struck, and what came of it, by name: how often. What is absent was not reached. */
  readonly reached: Readonly<Record<string, number>>;
}

/** Monday, 2026-01-05, 00:00 UTC: when every world begins. */
const BEGINS_AT = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;
/** The mean time between two actions of the busiest trader. */
const BUSIEST_MS = 45_000;
const API_KEY = "paper-demo-key";
/** Where the stream may listen, up to the key: the routed forms, and those that were retired. */
const URL_FORMS = [
  "/private/ws/",
  "/private/ws?listenKey=",
  "/private/stream?listenKey=",
  "/private/stream?streams=",
  "/ws/",
  "/stream?streams=",
] as const;
/** No frame is on its way for so long, once the faults have stopped. */
const SLOWEST_WAY_MS = 30_000;
/** So long after the last fault and the last order the mirror must be certain. */
const CONVERGE_MAX_MS = 10 * 60_000;
/** Promise callbacks that may follow from one another within one moment. */
const TURNS = 40;
/** Alarms from which no promise is settled. Should one be all the same, its callbacks take a few moments more. */
const QUIET: ReadonlySet<string> = new Set(["ping", "pong", "probe", "frame", "heartbeats"]);
const MARKET = "market maker";
const QUIET_TURNS = 4;

/** Runs one world to its end. Never throws for what the world does; a failure is in the report. */
export async function runWorld(settings: WorldSettings): Promise<RunReport> {
  const world = new World(settings);
  try {
    await world.run();
    return world.report();
  } catch (error) {
    if (!(error instanceof ListenkeyError) || error.origin !== "bug") throw error;
    return { ...world.report(), failure: error.message };
  }
}

class World {
  readonly #seed: number;
  readonly #endsAt: number;
  readonly #clock = new SimClock(BEGINS_AT);
  readonly #trace = new Trace(this.#clock);
  readonly #laws: Laws;
  readonly #network: SimNetwork;
  readonly #stream: StreamClient;
  readonly #follower: AccountFollower;
  readonly #trader: Trader;
  readonly #urlForm: string;
  #faultCount = 0;

  constructor({ seed, hours, faults, tradeEveryMs, makeVenue, signer }: WorldSettings) {
    this.#seed = seed;
    this.#endsAt = hours * HOUR;
    const clock = this.#clock;
    this.#urlForm = URL_FORMS[pick(this.#dice("url"), URL_FORMS.length)] ?? URL_FORMS[0];
    this.#laws = new Laws({
      clock,
      venue: () => venue,
      isLegacyUrl: !this.#urlForm.startsWith("/private/"),
      isRestWell: () => this.#network.rest === "well",
    });
    const venue = makeVenue({
      openedAt: { wall: clock.wall(), monotonic: clock.now() },
      seed,
      random: this.#dice("venue secrets"),
      onPush: (_account, json, at) => {
        this.#trace.say(`venue pushes ${json}`);
        this.#laws.pushed(json, at);
      },
    });
    const served = () => this.#laws.served();
    this.#network = new SimNetwork({ clock, random: this.#dice("network"), trace: this.#trace, venue, served });
    const rest = (http: Http) =>
      new RestClient({ http, clock, budget: new WeightBudget(), baseUrl: "https://venue", apiKey: API_KEY, signer });
    this.#trader = new Trader({
      rest: rest(this.#network.http),
      clock,
      random: this.#dice("trader"),
      everyMs: tradeEveryMs === "drawn" ? drawnPace(this.#dice("pace")) : tradeEveryMs,
      reading: () => this.#laws.reading(),
    });
    for (const secret of [API_KEY, "paper-demo-secret"]) this.#laws.keepSecret(secret);
    const client = rest(this.#watched(this.#network.http));
    this.#follower = this.#makeFollower(client);
    this.#stream = this.#makeStream(client);
    for (const { atMs, name, fault } of faults === "none" ? [] : drawFaults(this.#dice("faults"), hours)) {
      clock.wake(atMs as MonotonicMs, name, () => this.#strike(name, fault));
    }
  }

  #dice(name: string): Random {
    return seededRandom(seedFor(this.#seed, name));
  }

  #makeFollower(rest: RestClient): AccountFollower {
    return new AccountFollower({
      clock: this.#clock,
      random: this.#dice("follower"),
      log: this.#log,
      timing: FOLLOW_TIMING,
      account: "demo",
      reads: new RestAccountReads(rest),
      tell: (record) => this.#told(record),
      changed: () => {},
      failed: (error) => this.#laws.break(error),
      doubtKey: () => this.#stream.doubtKey(),
      declareDeaf: (why) => this.#stream.declareDeaf(why),
    });
  }

  #makeStream(rest: RestClient): StreamClient {
    return new StreamClient({
      clock: this.#clock,
      random: this.#dice("stream"),
      dialer: this.#network.dialer,
      keys: restListenKeys(rest),
      log: this.#log,
      timing: TIMING,
      redundancy: 1,
      account: "demo",
      urlOf: (key) => {
        this.#laws.keepSecret(key);
        return `wss://venue${this.#urlForm}${key}`;
      },
      tell: (told) => this.#follower.take(told),
      changed: () => {},
      failed: (error) => this.#laws.break(error),
    });
  }

  get #log(): Log {
    const say = (line: string, fields?: LogFields) => this.#say(`log ${line} ${JSON.stringify(fields ?? {})}`);
    const error = (line: string) => this.#laws.break(new Error(`an error was logged: ${line}`));
    return { debug: say, info: say, warn: say, error };
  }

  #told(record: AccountRecord): void {
    const what = record.kind === "event" ? `${record.origin} ${record.event.e}` : JSON.stringify(record);
    this.#say(`told ${record.seq} ${what}`);
    this.#laws.told(record);
  }

  /** Writes a line of ours, which L9 holds for. */
  #say(line: string): void {
    this.#laws.said(line);
    this.#trace.say(line);
  }

  #watched(http: Http): Http {
    return {
      request: async (request) => {
        const answered = request.url.includes("/listenKey") ? this.#laws.sent(request) : () => {};
        try {
          const answer = await http.request(request);
          answered(answer);
          return answer;
        } catch (error) {
          answered();
          throw error;
        }
      },
    };
  }

  async run(): Promise<void> {
    this.#network.pump();
    this.#stream.start();
    this.#trader.start();
    while (this.#clock.now() < this.#endsAt) await this.#turn();
    this.#trader.stop();
    // What is on its way arrives, before the market moves again; nothing new is sent.
    const quietAt = after(this.#clock.now(), SLOWEST_WAY_MS);
    while (this.#clock.now() < quietAt) await this.#turn();
    const { live, key } = this.#stream.health;
    assert(live && (key?.validForMs ?? 0) > 0, "the stream is live again after the faults have stopped");
    await this.#converge();
    this.#throwBroken();
    await this.#end();
  }

  /** Nothing happens any more: soon the mirror is certain, and shows what the venue knows. */
  async #converge(): Promise<void> {
    const until = after(this.#clock.now(), CONVERGE_MAX_MS);
    while (this.#follower.health.sync !== "certain" && this.#clock.now() < until) await this.#turn();
    const { sync, askingTrouble } = this.#follower.health;
    assert(sync === "certain", `the mirror is certain again after the faults have stopped: ${sync}, ${askingTrouble}`);
    this.#laws.quiet();
    this.#laws.agree(this.#follower.account);
  }

  async #end(): Promise<void> {
    let isEnded = false;
    void this.#stream.stop(false).then(() => {
      isEnded = true;
    });
    for (let turn = 0; turn < 10_000 && !isEnded; turn++) await this.#turn();
    assert(isEnded, "a stopped stream closes its sockets");
    assert(this.#network.wireCount === 0, `${this.#network.wireCount} sockets are left`);
  }

  /** One alarm, and everything that follows from it within its moment. */
  async #turn(): Promise<void> {
    const why = this.#clock.ring();
    assert(why !== undefined, "the world goes on");
    const turns = QUIET.has(why) || why.startsWith(MARKET) ? QUIET_TURNS : TURNS;
    for (let turn = 0; turn < turns; turn++) await undefined;
    this.#throwBroken();
  }

  #throwBroken(): void {
    const { broken } = this.#laws;
    if (broken !== undefined) throw broken instanceof ListenkeyError ? broken : bug(broken);
  }

  #strike(name: FaultName, fault: Fault): void {
    this.#faultCount++;
    this.#laws.reach(name);
    this.#trace.say(`fault ${JSON.stringify(fault)}`);
    const network = this.#network;
    switch (fault.type) {
      case "cut":
        return network.cut(fault.which);
      case "half-open":
        return network.halfOpen(fault.which);
      case "jump":
        network.command("POST", "/v1/paper/clock/advance", JSON.stringify({ ms: HOUR + 1000 }), {});
        // What the venue was to do until some time may be over.
        return this.#laws.lookAtRest();
      case "venue":
        return this.#misbehave(fault.wish);
      case "delete":
        return void network.command("DELETE", "/fapi/v1/listenKey", "", { "x-mbx-apikey": API_KEY });
      default:
        return this.#suffer(fault.type, fault.forMs);
    }
  }

  /** Outages may overlap: REST is well again when the last of them is over. */
  #suffer(outage: Outage, forMs: number): void {
    const end = this.#network.begin(outage);
    this.#laws.lookAtRest();
    this.#clock.wake(after(this.#clock.now(), forMs), "mended", () => {
      end();
      this.#laws.lookAtRest();
    });
  }

  #misbehave(wish: VenueWish): void {
    const answer = this.#network.command("POST", "/v1/paper/faults", JSON.stringify(wish), {});
    assert(answer.status === 200, `the venue misbehaves as it is told: ${answer.body}`);
    const { startedAt, endsAt } = parseJson(answer.body) as { readonly startedAt: number; readonly endsAt: number };
    this.#laws.misbehaves(wish, startedAt, endsAt);
    if (endsAt === startedAt) return;
    this.#clock.wake(after(this.#clock.now(), endsAt - startedAt), "behaved", () => this.#laws.lookAtRest());
  }

  report(): RunReport {
    const { counts } = this.#stream.health;
    return {
      seed: this.#seed,
      digest: this.#trace.digest,
      story: this.#trace.story,
      counts: {
        ...counts,
        orders: this.#trader.orderCount,
        faults: this.#faultCount,
        ...this.#laws.counts,
      },
      reached: this.#laws.reached,
    };
  }
}

/** Busy accounts and quiet ones, all paces in between as likely: on a quiet one only a probe tells life from death. */
function drawnPace(random: Random): number {
  return BUSIEST_MS * 2 ** (5 * random.next());
}

function bug(error: unknown): ListenkeyError {
  assert(false, error instanceof Error ? error.message : String(error));
}

/**
 * A whole world from one seed: the venue's real core, a network, a trading program, and the production driver of the
 * stream, all in virtual time. Pure; cryptography is handed in.
 *
 * L11: a run is a function of its seed. The laws are checked with every record and every request; at the end the faults
 * stop, and the stream must be live again with everything told or announced as missed.
 */

import { assert, InvariantViolation, ListenkeyError } from "../src/kernel/errors.ts";
import type { Http, Random } from "../src/kernel/ports.ts";
import { seededRandom, seedFor } from "../src/kernel/random.ts";
import { after, type MonotonicMs, type TransactMs } from "../src/kernel/scalars.ts";
import { parseJson } from "../src/protocol/json.ts";
import type { Signer } from "../src/protocol/signing.ts";
import { RestClient } from "../src/rest/rest-client.ts";
import { WeightBudget } from "../src/rest/weight-budget.ts";
import type { PaperVenue } from "../src/venue/paper-venue.ts";
import type { PaperVenueSettings } from "../src/venue/paper-venue-settings.ts";
import { type Circumstances, drawCircumstances, type WorldKind } from "./circumstances.ts";
import {
  CALM_MS,
  drawEarlyCrash,
  drawFaults,
  type Fault,
  type FaultName,
  type PlannedFault,
  type VenueWish,
} from "./faults.ts";
import { Laws } from "./laws.ts";
import { Lives } from "./lives.ts";
import { type Burst, OtherPrograms } from "./other-programs.ts";
import { SimClock } from "./sim-clock.ts";
import { type Outage, SimNetwork } from "./sim-network.ts";
import { drawStorm } from "./storm.ts";
import { Trace } from "./trace.ts";
import { Trader } from "./trader.ts";

/** What a world is made with. */
export interface WorldSettings {
  readonly seed: number;
  /** How long it lasts, in virtual time; the last hours are without faults. */
  readonly hours: number;
  readonly kind: WorldKind;
  /** Does anything go wrong? What, and when, is drawn from the seed. */
  readonly faults: "drawn" | "storm" | "none";
  /** The mean time between two actions of the trader; `drawn`: by the seed. */
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
const ACCOUNT = "demo";
const API_KEY = "paper-demo-key";
/** A burst comes within so much of the world; nobody hears it for so long. */
const BURST_WITHIN = 0.7;
const BURST_UNHEARD_MS = 90_000;
/** More orders than a page of REST shows. */
const BURST: Burst = { orders: 1050, step: 50, everyMs: 100 };
/** Shorter than events are held back. */
const UNANSWERED_MS = 6_000;
/** A squall lasts longer than the lines are gone: something happens in each part of the repair. */
const SQUALL: Burst = { orders: 60, step: 1, everyMs: 2_000 };
/** On the way that turns out to be slow nobody is heard for so long at first. */
const SLOW_WAY_UNHEARD_MS = 2_000;
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
  readonly #signer: Signer;
  readonly #circumstances: Circumstances;
  readonly #clock = new SimClock(BEGINS_AT);
  readonly #trace = new Trace(this.#clock);
  readonly #laws: Laws;
  readonly #network: SimNetwork;
  readonly #venue: PaperVenue;
  readonly #trader: Trader;
  readonly #others: OtherPrograms;
  readonly #lives: Lives;
  #faultCount = 0;
  /** REST is to be out of reach when the next line is live. */
  #isSquall = false;

  constructor({ seed, hours, kind, faults, tradeEveryMs, makeVenue, signer }: WorldSettings) {
    this.#seed = seed;
    this.#endsAt = hours * HOUR;
    this.#signer = signer;
    const clock = this.#clock;
    this.#circumstances = drawCircumstances((name) => this.#dice(name), kind);
    const { urlForm, paceMs, workload, isTraderNear } = this.#circumstances;
    this.#laws = new Laws({
      clock,
      venue: () => venue,
      isLegacyUrl: !urlForm.startsWith("/private/"),
      isRestWell: () => this.#network.rest === "well",
      follower: () => this.#lives.program?.follower,
      timing: this.#circumstances.timing,
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
    this.#venue = venue;
    this.#laws.opened();
    const served = () => this.#laws.served();
    this.#network = new SimNetwork({ clock, random: this.#dice("network"), trace: this.#trace, venue, served });
    this.#trader = new Trader({
      rest: this.#restOf(isTraderNear ? this.#network.http : this.#network.httpElsewhere),
      clock,
      random: this.#dice("trader"),
      everyMs: tradeEveryMs === "drawn" ? paceMs : tradeEveryMs,
      workload,
      did: (name) => this.#laws.reach(name),
      reading: () => this.#laws.reading(),
    });
    this.#others = this.#makeOthers();
    for (const secret of [API_KEY, "paper-demo-secret"]) this.#laws.keepSecret(secret);
    this.#lives = new Lives({
      clock,
      dice: (name) => this.#dice(name),
      trace: this.#trace,
      laws: this.#laws,
      network: this.#network,
      circumstances: this.#circumstances,
      apiKey: API_KEY,
      signer,
      live: () => this.#live(),
      earlyCrash: (random) => (kind === "mixed" && faults === "drawn" ? drawEarlyCrash(random) : undefined),
      calmFromMs: this.#endsAt - CALM_MS,
    });
    for (const { atMs, name, fault } of this.#plan(faults, hours, kind)) {
      clock.wake(atMs as MonotonicMs, name, () => this.#strike(name, fault));
    }
  }

  #plan(faults: WorldSettings["faults"], hours: number, kind: WorldKind): readonly PlannedFault[] {
    if (faults === "none") return [];
    return faults === "drawn" ? drawFaults(this.#dice("faults"), hours, kind) : drawStorm(this.#dice("storm"), hours);
  }

  #dice(name: string): Random {
    return seededRandom(seedFor(this.#seed, name));
  }

  #restOf(http: Http): RestClient {
    const budget = new WeightBudget();
    return new RestClient({
      http,
      clock: this.#clock,
      budget,
      baseUrl: "https://venue",
      apiKey: API_KEY,
      signer: this.#signer,
    });
  }

  #makeOthers(): OtherPrograms {
    const { workload } = this.#circumstances;
    return new OtherPrograms({
      rest: this.#restOf(this.#network.httpElsewhere),
      network: this.#network,
      clock: this.#clock,
      random: this.#dice("others"),
      isHedge: workload.isHedge,
      place: (order) => {
        this.#venue.exchange.placeOrder(ACCOUNT, order, this.#venueTime());
        this.#venue.due({ wall: this.#clock.wall(), monotonic: this.#clock.now() });
        this.#network.pump();
      },
      everyMs: workload.othersEveryMs,
      did: (name) => this.#laws.reach(name),
    });
  }

  #venueTime(): TransactMs {
    return this.#venue.time({ wall: this.#clock.wall(), monotonic: this.#clock.now() });
  }

  async run(): Promise<void> {
    this.#prepare();
    this.#network.pump();
    this.#lives.begin();
    this.#trader.start();
    this.#others.start();
    while (this.#clock.now() < this.#endsAt) await this.#turn();
    this.#trader.stop();
    this.#others.stop();
    // What is on its way arrives, before the market moves again; nothing new is sent.
    const quietAt = after(this.#clock.now(), SLOWEST_WAY_MS);
    while (this.#clock.now() < quietAt) await this.#turn();
    const { live, key } = this.#lives.living.stream.health;
    assert(live && (key?.validForMs ?? 0) > 0, "the stream is live again after the faults have stopped");
    await this.#converge();
    this.#throwBroken();
    await this.#end();
  }

  /** Sets the account up, before anybody looks. */
  #prepare(): void {
    const { isHedge, isMultiAssets, hasBurst } = this.#circumstances.workload;
    const { exchange } = this.#venue;
    const now = this.#venueTime();
    if (isHedge) exchange.changePositionMode(ACCOUNT, true, now);
    if (isMultiAssets) {
      exchange.transfer(ACCOUNT, "BTC", "0.05", now);
      exchange.changeMultiAssetsMode(ACCOUNT, true, now);
    }
    exchange.takeEvents();
    if (!hasBurst) return;
    const atMs = this.#dice("burst").next() * BURST_WITHIN * this.#endsAt;
    this.#clock.wake(atMs as MonotonicMs, "burst", () => this.#deafen(BURST_UNHEARD_MS, BURST));
  }

  /** The end of a squall: what comes by the line is older than the answers should be when there are any. */
  #live(): void {
    if (!this.#isSquall) return;
    this.#isSquall = false;
    this.#suffer("rest-unavailable", UNANSWERED_MS);
  }

  /** All lines are cut, for so long, while much is traded. */
  #deafen(forMs: number, burst: Burst): void {
    this.#suffer("no-connections", forMs);
    for (let left = this.#network.wireCount; left > 0; left--) this.#network.cut(0);
    this.#others.burst(burst);
  }

  /** Nothing happens any more: soon the mirror is certain, and shows what the venue knows. */
  async #converge(): Promise<void> {
    const until = after(this.#clock.now(), CONVERGE_MAX_MS);
    const { follower } = this.#lives.living;
    while (follower.health.sync !== "certain" && this.#clock.now() < until) await this.#turn();
    const { sync, askingTrouble } = follower.health;
    assert(sync === "certain", `the mirror is certain again after the faults have stopped: ${sync}, ${askingTrouble}`);
    this.#laws.proven(follower.health.completeUpTo);
    this.#laws.quiet();
    this.#laws.agree(follower.account);
    this.#laws.remembers(follower.account);
  }

  async #end(): Promise<void> {
    let isEnded = false;
    void this.#lives.living.stop().then(() => {
      isEnded = true;
    });
    for (let turn = 0; turn < 10_000 && !isEnded; turn++) await this.#turn();
    assert(isEnded, "a stopped stream closes its sockets");
    assert(this.#network.wireCount === 0, `${this.#network.wireCount} sockets are left`);
    this.#lives.stopped();
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
    if (broken !== undefined) throw broken instanceof InvariantViolation ? broken : bug(broken);
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
      case "part-refused":
        return this.#misbehave(fault.wish);
      case "squall":
        this.#misbehave(fault.wish);
        this.#isSquall = true;
        return this.#deafen(fault.forMs, SQUALL);
      case "slow-way":
        this.#slowDown(fault.byMs, fault.forMs);
        return this.#deafen(SLOW_WAY_UNHEARD_MS, SQUALL);
      case "clock-step":
        return this.#lives.stepClock(fault.byMs);
      case "crash":
      case "crash-in-repair":
        return this.#lives.crash(fault);
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

  #slowDown(byMs: number, forMs: number): void {
    const end = this.#network.slowDown(byMs);
    this.#clock.wake(after(this.#clock.now(), forMs), "mended", end);
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
    const { counts } = this.#lives;
    if ((counts.steps ?? 0) > 0) this.#laws.reach("clock step noticed");
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

function bug(error: unknown): ListenkeyError {
  assert(false, error instanceof Error ? error.message : String(error));
}

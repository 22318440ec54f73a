/**
 * A whole world from one seed: the venue's real core, a network, a trading program, and the production driver of the
 * stream, all in virtual time. Pure; cryptography is handed in.
 *
 * L11: a run is a function of its seed. The laws are checked with every record and every request; at the end the faults
 * stop, and the stream must be live again with everything told or announced as missed.
 */
import { assert, ListenkeyError } from "../src/kernel/errors.ts";
import type { Http, Log, LogFields, Random } from "../src/kernel/ports.ts";
import { seededRandom, seedFor } from "../src/kernel/random.ts";
import { after, type MonotonicMs } from "../src/kernel/scalars.ts";
import type { Signer } from "../src/protocol/signing.ts";
import { restListenKeys } from "../src/rest/listen-keys.ts";
import { RestClient } from "../src/rest/rest-client.ts";
import { WeightBudget } from "../src/rest/weight-budget.ts";
import { StreamClient } from "../src/stream/stream-client.ts";
import { TIMING } from "../src/stream/timing.ts";
import type { PaperVenue } from "../src/venue/paper-venue.ts";
import type { PaperVenueSettings } from "../src/venue/paper-venue-settings.ts";
import { assertNoSecret, Completeness, Reach, Requests } from "./checks.ts";
import { drawFaults, type Fault } from "./faults.ts";
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
  /** The mean time between two orders. */
  readonly tradeEveryMs: number;
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
}

/** Monday, 2026-01-05, 00:00 UTC: when every world begins. */
const BEGINS_AT = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;
const API_KEY = "paper-demo-key";
/** Promise callbacks that may follow from one another within one moment. */
const TURNS = 40;

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
  readonly #completeness = new Completeness();
  readonly #requests = new Requests();
  readonly #reach = new Reach();
  readonly #network: SimNetwork;
  readonly #stream: StreamClient;
  readonly #trader: Trader;
  readonly #others: RestClient;
  readonly #secrets = new Set<string>([API_KEY, "paper-demo-secret"]);
  #faultCount = 0;
  /** A law that was broken inside of a callback whose caller would have swallowed it. */
  #broken: unknown;

  constructor({ seed, hours, faults, tradeEveryMs, makeVenue, signer }: WorldSettings) {
    this.#seed = seed;
    this.#endsAt = hours * HOUR;
    const clock = this.#clock;
    const venue = makeVenue({
      openedAt: { wall: clock.wall(), monotonic: clock.now() },
      seed,
      random: this.#dice("venue secrets"),
      onPush: (_account, json) => {
        this.#trace.say(`venue pushes ${json}`);
        this.#completeness.log(json);
      },
    });
    this.#network = new SimNetwork({ clock, random: this.#dice("network"), trace: this.#trace, venue });
    const rest = (http: Http) =>
      new RestClient({ http, clock, budget: new WeightBudget(), baseUrl: "https://venue", apiKey: API_KEY, signer });
    this.#others = rest(this.#network.http);
    this.#trader = new Trader({ rest: this.#others, clock, random: this.#dice("trader"), everyMs: tradeEveryMs });
    this.#stream = this.#makeStream(rest(this.#watched(this.#network.http)));
    for (const { atMs, fault } of faults === "none" ? [] : drawFaults(this.#dice("faults"), hours)) {
      clock.wake(atMs as MonotonicMs, fault.type, () => this.#strike(fault));
    }
  }

  #dice(name: string): Random {
    return seededRandom(seedFor(this.#seed, name));
  }

  #makeStream(rest: RestClient): StreamClient {
    const log = (line: string, fields?: LogFields) => this.#say(`log ${line} ${JSON.stringify(fields ?? {})}`);
    return new StreamClient({
      clock: this.#clock,
      random: this.#dice("stream"),
      dialer: this.#network.dialer,
      keys: restListenKeys(rest),
      log: {
        debug: log,
        info: log,
        warn: log,
        error: (line) => this.#break(new Error(`an error was logged: ${line}`)),
      } satisfies Log,
      timing: TIMING,
      redundancy: 1,
      account: "demo",
      urlOf: (key) => {
        this.#secrets.add(key);
        return `wss://venue/private/ws/${key}`;
      },
      tell: (record) => {
        const what = record.kind === "event" ? record.event.e : JSON.stringify({ ...record, raw: undefined });
        this.#say(`told ${record.seq} ${what}`);
        this.#lawful(() => {
          this.#completeness.told(record);
          this.#reach.told(record, this.#clock.now());
        });
      },
      changed: () => {},
      failed: (error) => this.#break(error),
    });
  }

  /** L9 holds for every line that is ours. */
  #say(line: string): void {
    this.#lawful(() => assertNoSecret(line, this.#secrets));
    this.#trace.say(line);
  }

  #lawful(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#break(error);
    }
  }

  #break(error: unknown): void {
    this.#broken ??= error;
  }

  #watched(http: Http): Http {
    return {
      request: async (request) => {
        let answered = () => {};
        this.#lawful(() => {
          answered = this.#requests.sent(request, this.#clock.now());
        });
        try {
          return await http.request(request);
        } finally {
          answered();
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
    // What is on its way arrives; nothing new is sent.
    const quietAt = after(this.#clock.now(), 60_000);
    while (this.#clock.now() < quietAt) await this.#turn();
    const { live, key } = this.#stream.health;
    assert(live && (key?.validForMs ?? 0) > 0, "the stream is live again after the faults have stopped");
    this.#completeness.quiet();
    await this.#end();
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
    for (let turn = 0; turn < TURNS; turn++) await undefined;
    if (this.#broken !== undefined) throw this.#broken instanceof ListenkeyError ? this.#broken : bug(this.#broken);
  }

  #strike(fault: Fault): void {
    this.#faultCount++;
    this.#trace.say(`fault ${JSON.stringify(fault)}`);
    const network = this.#network;
    switch (fault.type) {
      case "cut":
        return network.cut(fault.which);
      case "half-open":
        return network.halfOpen(fault.which);
      case "expire-keys":
        return this.#ask("POST", "/v1/paper/clock/advance", JSON.stringify({ ms: HOUR + 1000 }));
      case "foreign-delete":
        return this.#ask("DELETE", "/fapi/v1/listenKey");
      default:
        return this.#suffer(fault.type, fault.forMs);
    }
  }

  /** Outages may overlap: REST is well again when the last of them is over. */
  #suffer(outage: Outage, forMs: number): void {
    const end = this.#network.begin(outage);
    const look = () => this.#reach.turned(this.#network.rest === "well", this.#clock.now());
    look();
    this.#clock.wake(after(this.#clock.now(), forMs), "mended", () => {
      end();
      look();
    });
  }

  /** Another program asks the venue for something; what it is answered is of no interest. */
  #ask(method: "POST" | "DELETE", path: string, body?: string): void {
    const headers = { "X-MBX-APIKEY": API_KEY, "Content-Type": "application/json" };
    const request = { method, url: `https://venue${path}`, headers, ...(body === undefined ? {} : { body }) };
    this.#network.http.request(request).catch(() => {});
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
        pushed: this.#completeness.loggedCount,
        missed: this.#completeness.missedCount,
      },
    };
  }
}

function bug(error: unknown): ListenkeyError {
  assert(false, error instanceof Error ? error.message : String(error));
}

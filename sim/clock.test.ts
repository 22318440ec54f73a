import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeVerifier } from "../src/face/io/verifiers.ts";
import { ListenkeyError } from "../src/kernel/errors.ts";
import type { Clock, Http } from "../src/kernel/ports.ts";
import { seededRandom, seedFor } from "../src/kernel/random.ts";
import { after, type EventMs, type MonotonicMs, type WallMs } from "../src/kernel/scalars.ts";
import { endpointNamed } from "../src/protocol/endpoints.ts";
import { hmacSigner } from "../src/rest/io/signers.ts";
import { RestClient } from "../src/rest/rest-client.ts";
import { WeightBudget } from "../src/rest/weight-budget.ts";
import { PaperVenue } from "../src/venue/paper-venue.ts";
import { SimClock } from "./sim-clock.ts";
import { SimNetwork } from "./sim-network.ts";
import { Trace } from "./trace.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Promise callbacks that may follow from one another within one moment. */
const TURNS = 40;
const BALANCES = endpointNamed("balance");

test("signed calls are never refused for their time, while our clock steps and the exchange's is skewed", async () => {
  let skews = 0;
  for (const seed of [1, 2]) {
    const world = new SkewedWorld(seed);
    world.rest.venueClock.keep();
    world.read();
    world.step();
    world.skew();
    await world.until(4 * HOUR);
    const { uncertaintyMs = Number.NaN, steps } = world.rest.venueClock.health;
    assert.deepEqual(world.failures, []);
    assert(world.answers > 1000 && world.steps > 3, `${world.answers} answers, ${world.steps} steps`);
    assert.equal(steps, world.steps);
    assert(uncertaintyMs < 250);
    // Each skew may hit the one call that is in flight, or comes before anybody could know; our own steps hit none.
    assert(world.refusals <= world.skews, `${world.refusals} refusals for ${world.skews} skews`);
    skews += world.skews;
  }
  assert(skews > 4);
});

test("our own clock's steps alone are never even noticed by the exchange", async () => {
  const world = new SkewedWorld(4);
  world.rest.venueClock.keep();
  world.read();
  world.step();
  await world.until(4 * HOUR);
  assert(world.answers > 1000 && world.steps > 3);
  assert.deepEqual([world.failures, world.refusals], [[], 0]);
});

/** A program that reads with signed calls, on a machine whose wall clock is set to and fro. */
class SkewedWorld {
  readonly rest: RestClient;
  readonly failures: string[] = [];
  answers = 0;
  steps = 0;
  skews = 0;
  /** How often the exchange answered -1021. */
  refusals = 0;
  readonly #clock = new SimClock(Date.UTC(2026, 0, 5));
  readonly #dice: ReturnType<typeof seededRandom>;
  readonly #network: SimNetwork;
  #steppedMs = 0;

  constructor(seed: number) {
    const clock = this.#clock;
    const dice = (name: string) => seededRandom(seedFor(seed, name));
    this.#dice = dice("world");
    const venue = new PaperVenue({
      openedAt: { wall: clock.wall(), monotonic: clock.now() },
      seed,
      random: dice("venue secrets"),
      verifier: nodeVerifier(),
      marketMaker: { tickMs: MINUTE, levels: 2 },
    });
    this.#network = new SimNetwork({
      clock,
      random: dice("network"),
      trace: new Trace(clock),
      venue,
      served: () => {},
    });
    const ours: Clock = {
      now: () => clock.now(),
      wall: () => after<WallMs>(clock.wall(), this.#steppedMs),
      wake: (at, why, fire) => clock.wake(at, why, fire),
    };
    const http: Http = {
      request: async (request) => {
        const response = await this.#network.http.request(request);
        if (response.body.includes("-1021")) this.refusals++;
        return response;
      },
    };
    this.rest = new RestClient({
      http,
      clock: ours,
      budget: new WeightBudget(),
      baseUrl: "https://venue",
      apiKey: "paper-demo-key",
      signer: hmacSigner("paper-demo-secret"),
    });
  }

  /** Reads the balances every ten seconds or so. */
  read(): void {
    this.#later(10 * SECOND, () => {
      this.read();
      this.rest.call({ endpoint: BALANCES, priority: "read" }).then(
        () => this.answers++,
        (error) => {
          if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
          this.failures.push(error.message);
        },
      );
    });
  }

  /** Sets our wall clock, by up to an hour, to and fro. */
  step(): void {
    this.#later(40 * MINUTE, () => {
      this.steps++;
      const sizeMs = SECOND + this.#dice.next() * HOUR;
      this.#steppedMs += Math.round(this.#dice.next() < 0.5 ? sizeMs : -sizeMs);
      this.step();
    });
  }

  /** Makes the exchange's clock wrong for a while, and right again. An event tells of it, now and then. */
  skew(): void {
    this.#later(50 * MINUTE, () => {
      const forMs = Math.round(MINUTE + this.#dice.next() * 20 * MINUTE);
      const byMs = Math.round((this.#dice.next() - 0.5) * HOUR);
      this.skews += 2;
      this.#post("/v1/paper/faults", { type: "clock-skew", byMs, forMs });
      if (this.#dice.next() < 0.5) {
        const dated = (this.#clock.wall() + byMs) as number as EventMs;
        this.rest.venueClock.observe(dated, this.#clock.now());
      }
      this.#clock.wake(after(this.#clock.now(), forMs), "skew is over", () => this.skew());
    });
  }

  async until(ms: number): Promise<void> {
    this.#network.pump();
    this.#clock.wake(ms as MonotonicMs, "end", () => {});
    while (this.#clock.now() < ms) {
      this.#clock.ring();
      for (let turn = 0; turn < TURNS; turn++) await undefined;
    }
  }

  #later(meanMs: number, act: () => void): void {
    this.#clock.wake(after(this.#clock.now(), this.#dice.next() * 2 * meanMs), "world", act);
  }

  #post(path: string, body: object): void {
    const headers = { "Content-Type": "application/json" };
    void this.#network.http.request({
      method: "POST",
      url: `https://venue${path}`,
      headers,
      body: JSON.stringify(body),
    });
  }
}

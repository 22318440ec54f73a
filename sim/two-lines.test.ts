import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeVerifier } from "../src/face/io/verifiers.ts";
import { pick, seededRandom, seedFor } from "../src/kernel/random.ts";
import { after, type MonotonicMs } from "../src/kernel/scalars.ts";
import { hmacSigner } from "../src/rest/io/signers.ts";
import { restListenKeys } from "../src/rest/listen-keys.ts";
import { RestClient } from "../src/rest/rest-client.ts";
import { WeightBudget } from "../src/rest/weight-budget.ts";
import { StreamClient } from "../src/stream/stream-client.ts";
import { TIMING } from "../src/stream/timing.ts";
import type { StreamTold } from "../src/stream/told.ts";
import { PaperVenue } from "../src/venue/paper-venue.ts";
import { SimClock } from "./sim-clock.ts";
import { SimNetwork } from "./sim-network.ts";
import { Trace } from "./trace.ts";
import { Trader } from "./trader.ts";
import { PLAIN_WORKLOAD } from "./workload.ts";

const BEGINS_AT = Date.UTC(2026, 0, 5);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Promise callbacks that may follow from one another within one moment. */
const TURNS = 40;

test("two lines, one cut at a time for hours: no gap, everything once and in order, first copy first", async () => {
  for (const seed of [1]) {
    const world = new TwoLines(seed);
    world.each(2.5 * MINUTE, () => world.network.cut(pick(world.dice, 2)));
    await world.until(HOUR);
    const { counts, lines } = world.client.health;
    assert.deepEqual(
      world.told.map(({ raw }) => raw),
      world.pushed,
    );
    assert.equal(counts.gaps, 0);
    assert.equal(counts.grants, 1);
    assert(counts.dials > 15 && counts.copies > 1000, JSON.stringify(counts));
    assert.equal(lines.length, 2);
  }
});

test("L1 L2 two lines that die at any time, silently too: once, in order, and every hole lies in a gap", async () => {
  let holes = 0;
  for (const seed of [3, 4]) {
    const world = new TwoLines(seed);
    world.each(3 * MINUTE, () => world.network.cut(pick(world.dice, 3)));
    // Often enough that now and then both are deaf at a time: what comes then is missed.
    world.each(MINUTE, () => world.network.halfOpen(pick(world.dice, 3)));
    await world.until(HOUR);
    assert(world.client.health.live);
    holes += world.holes();
  }
  assert(holes > 0, "nothing was ever missed: that proves little");
});

/** A stream with two lines on a paper venue, in virtual time. */
class TwoLines {
  readonly clock = new SimClock(BEGINS_AT);
  readonly dice: ReturnType<typeof seededRandom>;
  readonly network: SimNetwork;
  readonly client: StreamClient;
  readonly pushed: string[] = [];
  readonly told: { raw: string; E: number; now: number }[] = [];
  readonly gaps: { from: number; now: number }[] = [];
  readonly #trader: Trader;
  #isFaulty = true;

  constructor(seed: number) {
    const { clock } = this;
    const dice = (name: string) => seededRandom(seedFor(seed, name));
    this.dice = dice("faults");
    const venue = new PaperVenue({
      openedAt: { wall: clock.wall(), monotonic: clock.now() },
      seed,
      random: dice("venue secrets"),
      verifier: nodeVerifier(),
      marketMaker: { tickMs: MINUTE, levels: 4 },
      onPush: (_account, json) => this.pushed.push(json),
    });
    this.network = new SimNetwork({ clock, random: dice("network"), trace: new Trace(clock), venue, served: () => {} });
    const signer = hmacSigner("paper-demo-secret");
    const { http } = this.network;
    const budget = new WeightBudget();
    const rest = new RestClient({ http, clock, budget, baseUrl: "https://venue", apiKey: "paper-demo-key", signer });
    this.#trader = new Trader({
      rest,
      clock,
      random: dice("trader"),
      everyMs: 5 * SECOND,
      workload: PLAIN_WORKLOAD,
      did: () => {},
      reading: () => () => {},
    });
    const silent = () => {};
    this.client = new StreamClient({
      clock,
      random: dice("stream"),
      dialer: this.network.dialer,
      keys: restListenKeys(rest),
      log: { debug: silent, info: silent, warn: silent, error: silent },
      timing: TIMING,
      redundancy: 2,
      account: "demo",
      urlOf: (key) => `wss://venue/private/ws/${key}`,
      tell: (record) => this.#tell(record),
      changed: silent,
      failed: (error) => assert.fail(error.message),
    });
  }

  /** Does something again and again while the world is faulty, at random times. */
  each(meanMs: number, act: () => void): void {
    this.clock.wake(after(this.clock.now(), -Math.log(1 - this.dice.next()) * meanMs), "fault", () => {
      if (!this.#isFaulty) return;
      act();
      this.each(meanMs, act);
    });
  }

  /** Two lines are up before trading begins; it ends, and so do the faults, some minutes before the end. */
  async until(ms: number): Promise<void> {
    this.network.pump();
    this.client.start();
    await this.#pass(MINUTE);
    this.#trader.start();
    await this.#pass(ms);
    this.#isFaulty = false;
    await this.#pass(5 * MINUTE);
    this.#trader.stop();
    await this.#pass(MINUTE);
  }

  /** Checks order and holes. Returns how many events were missed, all of them under a gap. */
  holes(): number {
    const told = this.told.map(({ raw }) => raw);
    const places = new Map(this.pushed.map((json, place) => [json, place]));
    let missed = 0;
    let last = -1;
    for (const [i, { raw, E, now }] of this.told.entries()) {
      const place = places.get(raw) ?? -1;
      assert(place > last, `L1 twice, or out of order: ${raw}`);
      const count = place - last - 1;
      last = place;
      if (count === 0) continue;
      missed += count;
      const lastE = this.told[i - 1]?.E ?? 0;
      const isAnnounced = this.gaps.some(
        (gap) => gap.from <= lastE && gap.now > now - MINUTE && gap.now < now + MINUTE,
      );
      assert(isAnnounced, `L2 ${count} events missed before ${E} without a gap`);
    }
    assert.equal(new Set(told).size, told.length);
    assert.equal(last, this.pushed.length - 1);
    return missed;
  }

  async #pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    this.clock.wake(until as MonotonicMs, "pass", () => {});
    while (this.clock.now() < until) {
      this.clock.ring();
      for (let turn = 0; turn < TURNS; turn++) await undefined;
    }
  }

  #tell(record: StreamTold): void {
    const now = this.clock.now();
    if (record.kind === "gap") this.gaps.push({ from: record.from ?? 0, now });
    if (record.kind === "event") this.told.push({ raw: record.raw, E: Number(record.event.E), now });
  }
}

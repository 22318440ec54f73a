import assert from "node:assert/strict";
import { test } from "node:test";
import { EPOCH_MS, FakeClock, settled } from "../../test/fake-world.ts";
import { NetworkError } from "../kernel/errors.ts";
import { after, type MonotonicMs, type WallMs } from "../kernel/scalars.ts";
import { STEP_MIN_MS, SYNC_EVERY_MS, SYNC_REST_MS, VenueClock } from "./venue-clock.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

test("until the exchange was asked, its clock is taken to be ours, and nothing is known of it", () => {
  const world = new World();
  assert.equal(world.venue.now(), EPOCH_MS);
  assert.deepEqual(world.venue.health, {
    offsetMs: 0,
    uncertaintyMs: undefined,
    lastSyncedAgoMs: undefined,
    steps: 0,
  });
});

test("a clock that nobody keeps asks only when told to, and sets no alarm", async () => {
  const world = new World();
  await world.venue.ready();
  world.step(MINUTE);
  await world.venue.ready();
  assert.equal(world.asked, 0);
  await world.venue.sync();
  assert.equal(world.venue.now(), EPOCH_MS + 7000);
  assert.deepEqual(world.clock.alarms, []);
});

test("a clock that is kept asks at once, and every half an hour; rest() ends that", async () => {
  const world = new World();
  world.venue.keep();
  world.venue.keep();
  await world.venue.ready();
  assert.equal(world.asked, 1);
  assert.equal(world.venue.health.offsetMs, 7000);
  await world.clock.advance(SYNC_EVERY_MS - 1);
  assert.equal(world.asked, 1);
  assert.equal(world.venue.health.lastSyncedAgoMs, SYNC_EVERY_MS - 1);
  await world.clock.advance(1);
  assert.equal(world.asked, 2);
  world.venue.rest();
  await world.clock.advance(24 * 60 * MINUTE);
  assert.deepEqual([world.asked, world.clock.alarms], [2, []]);
});

test("a step of our wall clock moves nothing that is signed; it is counted, and the time asked again", async () => {
  for (const stepMs of [3_600_000, -3_600_000, STEP_MIN_MS, -STEP_MIN_MS]) {
    const world = await World.kept();
    const before = world.venue.now();
    world.step(stepMs);
    assert.equal(world.venue.now(), before);
    await world.clock.advance(SYNC_REST_MS);
    assert.equal(world.asked, 2);
    const { offsetMs, steps } = world.venue.health;
    assert.deepEqual([offsetMs, steps], [7000 - stepMs, 1]);
  }
});

test("what NTP slews is no step", async () => {
  const world = await World.kept();
  for (let n = 0; n < 100; n++) {
    world.step(STEP_MIN_MS - 1);
    world.venue.now();
  }
  assert.deepEqual([world.asked, world.venue.health.steps], [1, 0]);
});

test("an event from the future shows that the exchange's clock moved; one from the past shows nothing", async () => {
  const world = await World.kept();
  await world.clock.advance(MINUTE);
  const hear = (aheadMs: number) => world.venue.observe(world.venue.now() + aheadMs, world.clock.now());
  for (const aheadMs of [-3_600_000, -1, 0, 50]) hear(aheadMs);
  assert.equal(world.asked, 1);
  world.aheadMs = 3_607_000;
  hear(3_600_000);
  hear(3_600_000);
  await world.venue.ready();
  assert.equal(world.asked, 2);
  assert.equal(world.venue.health.offsetMs, 3_607_000);
});

test("L6 a swarm of doubts asks once every some seconds, and failures ever more seldom", async () => {
  const world = await World.kept();
  for (let n = 0; n < 100; n++) {
    world.venue.observe(world.venue.now() + MINUTE, world.clock.now());
    await world.clock.advance(100);
  }
  assert.equal(world.asked, 3);
  world.trouble = new NetworkError("GET /fapi/v1/time", "no route", "not-sent");
  world.venue.observe(world.venue.now() + MINUTE, world.clock.now());
  await world.clock.advance(60 * MINUTE);
  assert(world.asked < 70, `${world.asked} questions`);
  world.trouble = undefined;
  await world.clock.advance(5 * MINUTE);
  assert.equal(world.venue.health.offsetMs, 7000);
});

test("ready() waits for a question that is under way, and does not fail with it", async () => {
  const world = new World();
  let fail: (error: Error) => void = () => {};
  world.answer = () => new Promise((_, reject) => (fail = reject));
  world.venue.keep();
  let isReady = false;
  const ready = world.venue.ready().then(() => (isReady = true));
  await settled();
  assert.equal(isReady, false);
  fail(new NetworkError("GET /fapi/v1/time", "no answer in 10 s", "unknown"));
  await ready;
  assert.equal(world.venue.now(), EPOCH_MS);
  world.answer = undefined;
  // Just asked in vain: a signed call does not wait for the next attempt.
  await world.venue.ready();
  assert.equal(world.asked, 1);
  await world.clock.advance(SYNC_REST_MS);
  assert.equal(world.asked, 2);
});

test("a first answer that came slowly is improved within a minute", async () => {
  const world = new World();
  world.answer = async () => {
    await world.clock.advance(2 * SECOND);
    return world.exchangeTime();
  };
  world.venue.keep();
  await world.clock.advance(SECOND);
  await settled();
  assert((world.venue.health.uncertaintyMs ?? 0) > 900);
  world.answer = undefined;
  await world.clock.advance(MINUTE);
  assert((world.venue.health.uncertaintyMs ?? 1000) < 1);
});

test("a bug of ours is not swallowed", async () => {
  const world = new World();
  world.answer = () => Promise.reject(new TypeError("a bug"));
  await assert.rejects(world.venue.sync(), TypeError);
});

/** An exchange whose clock is ahead of ours, and a wall clock that steps. */
class World {
  readonly clock = new FakeClock();
  readonly venue: VenueClock;
  aheadMs = 7000;
  asked = 0;
  trouble: Error | undefined;
  answer: (() => Promise<number>) | undefined;
  #steppedMs = 0;

  constructor() {
    const { clock } = this;
    this.venue = new VenueClock({
      clock: {
        now: () => clock.now(),
        wall: () => after<WallMs>(clock.wall(), this.#steppedMs),
        wake: (at: MonotonicMs, why, fire) => clock.wake(at, why, fire),
      },
      askTime: async () => {
        this.asked++;
        if (this.trouble !== undefined) throw this.trouble;
        return this.answer === undefined ? this.exchangeTime() : this.answer();
      },
    });
  }

  /** A kept clock that was asked for just now. */
  static async kept(): Promise<World> {
    const world = new World();
    world.venue.keep();
    await settled();
    return world;
  }

  exchangeTime(): number {
    return this.clock.wall() + this.aheadMs;
  }

  step(ms: number): void {
    this.#steppedMs += ms;
  }
}

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Command, durationMs, testTranscripts } from "../../test/transcript.ts";
import { seededRandom } from "../kernel/random.ts";
import type { ListenKey, MonotonicMs } from "../kernel/scalars.ts";
import { nextDeadline, step } from "./lifecycle.ts";
import { isOpen } from "./line.ts";
import { type Effect, INITIAL, type Input, type Lifecycle, type Redundancy } from "./phases.ts";
import { TIMING } from "./timing.ts";

testTranscripts("src/stream/transcripts", () => {
  const world = new World({ next: () => 0.5 });
  return (command) => world.answer(command);
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const SOME_INPUT: fc.Arbitrary<Input> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Input>({ type: "deadline-passed" }) },
  fc.constantFrom<Input>(
    ...(["k1", "k2"] as ListenKey[]).flatMap((key): Input[] => [
      { type: "key-granted", key },
      { type: "key-renewed", key },
      { type: "key-renewed", key, named: "k2" as ListenKey },
      { type: "renewal-refused", key },
      { type: "renewal-refused", key, waitMs: 7_200_000 },
      { type: "key-lost", key, why: "key expired" },
    ]),
    { type: "started" },
    { type: "key-doubted" },
    { type: "deafened", why: "REST knows of a newer fill" },
    { type: "key-refused", why: "HTTP 503" },
    { type: "key-refused", why: "banned", waitMs: 120_000 },
  ),
  fc
    .tuple(
      fc.constantFrom("line-opened", "line-heard", "line-closed", "line-retired", "line-waits"),
      fc.integer({ min: 0, max: 3 }),
    )
    .map(([type, back]) => ({ type, back, why: "closed 1006" }) as unknown as Input),
  fc.integer({ min: 0, max: 2 }).map((back) => ({ type: "line-abreast", back }) as unknown as Input),
);

const REDUNDANCY = fc.constantFrom<Redundancy>(1, 2);

test("L6 whatever happens, one grant and one renewal are in flight at the most, and lines never pile up", () => {
  fc.assert(
    fc.property(fc.array(SOME_INPUT, { maxLength: 120 }), fc.integer(), REDUNDANCY, (inputs, seed, redundancy) => {
      const world = new World(seededRandom(seed), redundancy);
      for (const input of [{ type: "started" } as Input, ...inputs]) {
        world.feed(recent(input, world.state.epoch));
        const { state } = world;
        if (state.phase !== "following") continue;
        assert(state.lines.length >= 1 && state.lines.length <= redundancy + 1, `${state.lines.length} lines`);
        assert(state.lines.filter((line) => line.stage === "dialing").length <= 1);
      }
    }),
    { numRuns: 2000 },
  );
});

test("L2 each time the stream was live and is not any more, that is said exactly once", () => {
  fc.assert(
    fc.property(fc.array(SOME_INPUT, { maxLength: 120 }), fc.integer(), REDUNDANCY, (inputs, seed, redundancy) => {
      const world = new World(seededRandom(seed), redundancy);
      let isLive = false;
      for (const input of [{ type: "started" } as Input, ...inputs]) {
        for (const effect of world.feed(recent(input, world.state.epoch))) {
          if (effect.type !== "lost" && effect.type !== "live") continue;
          assert.notEqual(isLive, effect.type === "live", `${effect.type} said twice`);
          isLive = effect.type === "live";
        }
        assert.equal(isLive, world.state.phase === "following" && world.state.lines.some(isOpen));
      }
    }),
    { numRuns: 2000 },
  );
});

test("from wherever it is, the stream is live again once the world behaves", () => {
  fc.assert(
    fc.property(fc.array(SOME_INPUT, { maxLength: 60 }), fc.integer(), REDUNDANCY, (inputs, seed, redundancy) => {
      const world = new World(seededRandom(seed), redundancy);
      for (const input of [{ type: "started" } as Input, ...inputs]) world.feed(recent(input, world.state.epoch));
      for (let turn = 0; turn < 200; turn++) world.behave();
      assert(world.state.phase === "following" && world.state.lines.every(isOpen), JSON.stringify(world.state));
      for (let turn = 0; turn < 50; turn++) {
        world.feed({ type: "deadline-passed" });
        world.behave();
      }
      assert(world.state.phase === "following" && world.state.lines.length >= redundancy, JSON.stringify(world.state));
    }),
    { numRuns: 500 },
  );
});

test("L5 a key is never let lapse while renewals are answered within half of its validity", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 5, maxLength: 30 }),
      fc.integer(),
      (failing, seed) => {
        const world = new World(seededRandom(seed));
        for (const input of [{ type: "started" }, granted("k1"), { type: "line-opened", epoch: 1 }] as Input[])
          world.feed(input);
        for (const failures of failing) {
          for (let i = 0; i <= failures; i++) {
            world.untilRenewal();
            world.feed(i < failures ? { type: "renewal-refused", key: "k1" as ListenKey } : renewed("k1"));
          }
        }
        assert.equal(world.state.phase, "following");
        assert.deepEqual(world.said, ["live"]);
      },
    ),
    { numRuns: 300 },
  );
});

test("two lines are never replaced within one hour, whatever the dice, and neither lives for a day", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const world = new World(seededRandom(seed), 2);
      world.feed({ type: "started" });
      world.feed(granted("k1"));
      const openedAt = new Map<number, number>();
      const replacedAt: number[] = [];
      while (replacedAt.length < 6) {
        for (const { epoch, stage } of world.state.phase === "following" ? world.state.lines : []) {
          if (stage === "dialing") openedAt.set(epoch, world.now);
          world.feed(stage === "dialing" ? { type: "line-opened", epoch } : { type: "line-heard", epoch });
        }
        world.behave();
        for (const effect of world.feed({ type: "deadline-passed" })) {
          if (effect.type !== "hang-up") continue;
          replacedAt.push(world.now);
          assert.equal(effect.why, "rotated");
          assert(world.now - (openedAt.get(effect.epoch) ?? 0) < 24 * HOUR);
        }
      }
      for (const [i, at] of replacedAt.entries())
        assert(i === 0 || at - (replacedAt[i - 1] ?? 0) > HOUR - MINUTE, `${replacedAt}`);
      assert.deepEqual(world.said, ["live"]);
    }),
    { numRuns: 10 },
  );
});

test("a stopped stream stays stopped, and releases the key only when asked to", () => {
  for (const release of [true, false]) {
    const world = new World({ next: () => 0.5 });
    for (const input of [{ type: "started" }, granted("k1"), { type: "line-opened", epoch: 1 }] as Input[])
      world.feed(input);
    const effects = world.feed({ type: "stopped", release });
    assert.equal(
      effects.some(({ type }) => type === "release-key"),
      release,
    );
    for (const input of [{ type: "started" }, granted("k1"), { type: "deadline-passed" }] as Input[]) {
      assert.deepEqual(world.feed(input), []);
    }
    assert.equal(nextDeadline(world.state, TIMING), undefined);
  }
});

function granted(key: string): Input {
  return { type: "key-granted", key: key as ListenKey };
}

function renewed(key: string): Input {
  return { type: "key-renewed", key: key as ListenKey };
}

/** Line inputs are drawn as "so many lines back": most of them then concern a line that exists. */
function recent(input: Input, epoch: number): Input {
  return "back" in input ? ({ ...input, epoch: epoch - (input.back as number), of: epoch } as Input) : input;
}

/** A state machine, a clock that jumps, and the checks that hold after every step. */
class World {
  state: Lifecycle = INITIAL;
  readonly said: string[] = [];
  #now = 0 as MonotonicMs;
  readonly #random: { next(): number };
  #grants = 0;
  #renewals = 0;
  /** What lines were asked and have not answered. */
  #asked: Extract<Effect, { type: "ask" }>[] = [];

  #redundancy: Redundancy;

  constructor(random: { next(): number }, redundancy: Redundancy = 1) {
    this.#random = random;
    this.#redundancy = redundancy;
  }

  get now(): MonotonicMs {
    return this.#now;
  }

  feed(input: Input): readonly Effect[] {
    if (input.type === "deadline-passed") this.#jump();
    if (input.type === "key-granted" || input.type === "key-refused") {
      // An answer that nobody asked for does not exist.
      if (this.#grants === 0) return [];
      this.#grants--;
    }
    if (input.type === "key-renewed" || input.type === "renewal-refused") {
      if (this.#renewals === 0) return [];
      this.#renewals--;
    }
    const [state, effects] = step(this.state, input, {
      now: this.#now,
      random: this.#random,
      timing: TIMING,
      redundancy: this.#redundancy,
    });
    this.state = state;
    for (const effect of effects) {
      if (effect.type === "ask") this.#asked.push(effect);
      if (effect.type === "acquire-key") assert(++this.#grants <= 1, "two grants in flight");
      if (effect.type === "renew-key") assert(++this.#renewals <= 2, "renewals pile up");
      if (effect.type === "lost" || effect.type === "live") this.said.push(effect.type);
    }
    return effects;
  }

  #jump(): void {
    const due = nextDeadline(this.state, TIMING);
    if (due !== undefined) this.#now = Math.max(this.#now, due.at) as MonotonicMs;
  }

  /** Does the next thing that a world without faults would do. */
  behave(): void {
    const { state } = this;
    if (this.#renewals > 0 && state.phase === "following") this.feed(renewed(state.lease.key));
    if (state.phase === "acquiring") this.feed(granted("k9"));
    else if (state.phase !== "following") this.feed({ type: "deadline-passed" });
    for (const { epoch, stage } of state.phase === "following" ? state.lines : []) {
      this.feed(stage === "dialing" ? { type: "line-opened", epoch } : { type: "line-heard", epoch });
    }
    this.#answerAll();
  }

  #answerAll(): void {
    for (const { epoch, of } of this.#asked.splice(0)) this.feed({ type: "line-abreast", epoch, of });
  }

  /** All but the one of this number, if any. */
  #hearAll(mute?: number): void {
    for (const { epoch } of this.state.phase === "following" ? this.state.lines : []) {
      if (epoch !== mute) this.feed({ type: "line-heard", epoch });
    }
    if (mute === undefined) this.#answerAll();
  }

  /** Lets time pass on a healthy line until a renewal is asked for; successors open at once. */
  untilRenewal(): void {
    for (let turn = 0; turn < 10_000 && this.#renewals === 0; turn++) {
      this.feed({ type: "deadline-passed" });
      for (const { epoch, stage } of this.state.phase === "following" ? this.state.lines : []) {
        this.feed(stage === "dialing" ? { type: "line-opened", epoch } : { type: "line-heard", epoch });
      }
    }
    assert.equal(this.#renewals, 1);
  }

  answer(command: Command): string[] {
    const shown = this.#command(command).map((effect) => this.#show(effect));
    const counts = new Map<string, number>();
    for (const line of shown) counts.set(line, (counts.get(line) ?? 0) + 1);
    return [...[...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`)), this.#where()];
  }

  #command({ name, words, named }: Command): readonly Effect[] {
    const key = words[0] as ListenKey;
    const epoch = Number(words[0]);
    const wait = named.wait === undefined ? {} : { waitMs: durationMs(named.wait) };
    switch (name) {
      case "start":
        this.#redundancy = named.redundancy === "2" ? 2 : 1;
        return this.feed({ type: "started" });
      case "stop":
        return this.feed({ type: "stopped", release: words[0] === "release" });
      case "granted":
        return this.feed({ type: "key-granted", key });
      case "refused":
        return this.feed({ type: "key-refused", why: words.join(" "), ...wait });
      case "renewed":
        return this.feed({ type: "key-renewed", key, ...(named.named ? { named: named.named as ListenKey } : {}) });
      case "renewal-refused":
        return this.feed({ type: "renewal-refused", key, ...wait });
      case "lost":
        return this.feed({ type: "key-lost", key, why: words.slice(1).join(" ") });
      case "opened":
      case "heard":
      case "retired":
      case "waits":
        return this.feed({ type: `line-${name}`, epoch });
      case "abreast":
        return this.feed({ type: "line-abreast", epoch, of: Number(words[1]) });
      case "closed":
        return this.feed({ type: "line-closed", epoch, why: words.slice(1).join(" ") });
      case "doubted":
        return this.feed({ type: "key-doubted" });
      case "deafened":
        return this.feed({ type: "deafened", why: words.join(" ") });
      case "due":
        return this.feed({ type: "deadline-passed" });
      case "quietly":
        return this.#quietly(durationMs(words[0] ?? ""));
      case "quietly-but":
        this.#now = (this.#now + durationMs(words[1] ?? "")) as MonotonicMs;
        this.#hearAll(epoch);
        return [];
      default:
        assert.fail(`unknown command ${name}`);
    }
  }

  /** So much time passes on healthy lines: they are heard, what was asked is answered, what is due is done. */
  #quietly(ms: number): readonly Effect[] {
    const until = (this.#now + ms) as MonotonicMs;
    const effects: Effect[] = [];
    this.#hearAll();
    for (let due = nextDeadline(this.state, TIMING); due !== undefined && due.at < until; ) {
      // A line that is heard all the time is not probed: only what else is due counts.
      this.#now = due.at;
      this.#hearAll();
      if (nextDeadline(this.state, TIMING)?.at === this.#now) effects.push(...this.feed({ type: "deadline-passed" }));
      if (this.#renewals > 0 && this.state.phase === "following") this.feed(renewed(this.state.lease.key));
      due = nextDeadline(this.state, TIMING);
    }
    this.#now = until;
    this.#hearAll();
    return effects;
  }

  #show(effect: Effect): string {
    const { type, ...rest } = effect;
    return [type, ...Object.entries(rest).map(([key, value]) => `${key}=${value}`)].join(" ");
  }

  #where(): string {
    const { state } = this;
    const due = nextDeadline(state, TIMING);
    const lines = state.phase === "following" ? ` on ${state.lines.map((l) => `${l.epoch}:${l.stage}`).join(" ")}` : "";
    return `→ ${state.phase}${lines}${due === undefined ? "" : `, in ${due.at - this.#now} ms ${due.why}`}`;
  }
}

/**
 * Whatever rounds of questions, answers that lag, deaf lines and new gaps come between: what happened to an account is
 * told, and once. It is all that REST ever names, since in the end it names everything.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FollowerWorld } from "../../test/follower-world.ts";

/** No answer is older than that: `restLagMaxMs`, and a little less. */
const LAG_MAX_S = 55;

const ACT = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constantFrom("place", "fill", "end", "wait-for", "end-waiting") }) },
  { weight: 6, arbitrary: fc.record({ what: fc.constant("wait"), s: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constantFrom("gap", "live", "live") }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom("deaf", "hears", "stalls", "lags", "catches up") }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom("refuses", "answers") }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("transfers"), s: fc.integer({ min: 1, max: 20 }) }) },
);

const ACT_ARM = { weight: 20, arbitrary: ACT };

type Act = { readonly what: string; readonly s?: number };

/** The world, what happened in it, and what was told of that. */
class Story {
  readonly #world = new FollowerWorld();
  readonly #happened: string[] = [];
  readonly #told = new Map<string, number>();
  readonly lines: string[] = [];
  readonly #open: string[] = [];
  readonly #waiting: string[] = [];
  #isLive = true;
  #isDeaf = false;
  /** How old the oldest answer is, or may be once the server that has stalled is asked; `undefined`: none lags. */
  #laggedS: number | undefined;
  #count = 10;
  /** Equal transfers: how many there were, and how many were told. */
  #transferred = 0;
  #toldTransfers = 0;

  async tell(command: string): Promise<void> {
    const [name = "", ...rest] = command.split(" ");
    const words = rest.filter((word) => !word.includes("="));
    const named = Object.fromEntries(rest.filter((word) => word.includes("=")).map((word) => word.split("=")));
    const lines = await this.#world.answer({ name, words, named });
    this.lines.push(command, ...lines.map((line) => `  ${line}`));
    for (const line of lines) {
      if (line.includes("ACCOUNT_UPDATE DEPOSIT")) this.#toldTransfers++;
      const [, order, x, trade] = /^\d+ (?:\w+ )?order (\d+) \S+ (\w+) \w+(?: fill (\d+))?/.exec(line) ?? [];
      const [, conditional, status] = /^\d+ (?:\w+ )?conditional (\d+) (\w+)/.exec(line) ?? [];
      const step = order === undefined ? `conditional ${conditional} ${status}` : `order ${order} ${trade ?? x}`;
      this.#told.set(step, (this.#told.get(step) ?? 0) + 1);
    }
  }

  async act({ what, s = 0 }: Act): Promise<void> {
    const how = this.#isLive && !this.#isDeaf ? "told" : "missed";
    switch (what) {
      case "place":
        this.#open.push(String(++this.#count));
        return this.#happen(how, `order ${this.#count}`, "NEW");
      case "fill":
        if (this.#open[0] !== undefined) await this.#happen(how, `order ${this.#open[0]}`, String(++this.#count));
        return;
      case "end":
        if (this.#open[0] !== undefined) await this.#happen(how, `order ${this.#open.shift()}`, "CANCELED");
        return;
      case "wait-for":
        this.#waiting.push(String(++this.#count));
        return this.#happen(how, `conditional ${this.#count}`, "NEW");
      case "end-waiting":
        if (this.#waiting[0] !== undefined) await this.#happen(how, `conditional ${this.#waiting.shift()}`, "CANCELED");
        return;
      case "transfers":
        for (let i = 0; i < s; i++) {
          this.#transferred++;
          await this.tell(`${how} booked TRANSFER 5`);
          await this.tell("wait 20ms");
        }
        return;
      case "wait":
        return this.#wait(s);
      default:
        return this.#trouble(what);
    }
  }

  async #happen(how: string, thing: string, step: string): Promise<void> {
    this.#happened.push(`${thing} ${step}`);
    if (thing.startsWith("conditional")) return this.tell(`${how} algo ${thing.slice(12)} ${step}`);
    const isFill = /^\d+$/.test(step);
    await this.tell(isFill ? `${how} fill ${thing.slice(6)} ${step} qty=0.01` : `${how} ${thing} ${step}`);
    await this.tell("wait 1ms");
  }

  async #wait(s: number): Promise<void> {
    if (this.#laggedS !== undefined && this.#laggedS + s > LAG_MAX_S) await this.#trouble("catches up");
    if (this.#laggedS !== undefined) this.#laggedS += s;
    await this.tell(`wait ${s}s`);
  }

  async #trouble(what: string): Promise<void> {
    if (what === "deaf" || what === "hears") this.#isDeaf = what === "deaf";
    else if (what === "killed") {
      this.#isLive = false;
      await this.tell("killed");
    } else if (what === "gap" && this.#isLive) {
      this.#isLive = false;
      await this.tell("gap closed");
    } else if (what === "live" && !this.#isLive) {
      this.#isLive = true;
      await this.tell("live");
    } else if (what === "stalls" && this.#laggedS === undefined) {
      this.#laggedS = 0;
      await this.tell("stalls");
    } else if (what === "lags") {
      this.#laggedS ??= 0;
      await this.tell("lags yes");
    } else if (what === "catches up") {
      this.#laggedS = undefined;
      await this.tell("lags no");
    } else if (what === "refuses" || what === "answers") await this.tell(`${what} exchangeTime`);
  }

  /** All is well again, and REST is asked. */
  async end(): Promise<void> {
    for (const what of ["catches up", "answers", "gap", "hears", "live"]) await this.#trouble(what);
    await this.tell("wait 5m");
  }

  /** What happened and was not told once; of conditional orders only a later step has to be. */
  get wrong(): string[] {
    const isOutdone = (step: string) => / NEW$/.test(step) && this.#told.has(step.replace("NEW", "CANCELED"));
    const transfers =
      this.#toldTransfers === this.#transferred ? [] : [`${this.#toldTransfers} of ${this.#transferred} transfers`];
    const steps = this.#happened.filter((step) => {
      const times = this.#told.get(step) ?? 0;
      return times !== 1 && !(times === 0 && step.startsWith("conditional") && isOutdone(step));
    });
    return [...steps, ...transfers];
  }
}

test("what happened is told once, whatever rounds, lagging answers, deaf lines and gaps come between", async () => {
  const acts = fc.array(ACT, { minLength: 5, maxLength: 60 });
  const property = fc.asyncProperty(acts, async (all) => {
    const story = new Story();
    for (const command of ["live", "wait 62s"]) await story.tell(command);
    for (const what of ["wait-for", "place"]) await story.act({ what });
    for (const act of all) await story.act(act);
    await story.end();
    assert.deepEqual(story.wrong, [], `${story.lines.join("\n")}\n`);
  });
  await fc.assert(property, { numRuns: 150 });
});

const KILLS = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant("transfers"), s: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant("wait"), s: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(62)) }),
  },
  { weight: 4, arbitrary: fc.record({ what: fc.constantFrom("killed", "gap", "live", "live") }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom("stalls", "lags", "catches up") }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom("deaf", "hears") }) },
);

test("equal transfers, quick after one another, are told once each, whenever the program is killed", async () => {
  const property = fc.asyncProperty(fc.array(KILLS, { minLength: 3, maxLength: 30 }), async (all) => {
    const story = new Story();
    await story.tell("live");
    await story.tell("wait 3s");
    for (const act of all) await story.act(act);
    await story.end();
    assert.deepEqual(story.wrong, [], `${story.lines.join("\n")}\n`);
  });
  await fc.assert(property, { numRuns: 150 });
});

test("orders and what waits are told once each, whenever the program is killed", async () => {
  const killed = { weight: 3, arbitrary: fc.record({ what: fc.constantFrom("killed", "live") }) };
  const property = fc.asyncProperty(
    fc.array(fc.oneof(killed, ACT_ARM), { minLength: 3, maxLength: 40 }),
    async (all) => {
      const story = new Story();
      await story.tell("live");
      await story.tell("wait 3s");
      for (const what of ["wait-for", "place"]) await story.act({ what });
      for (const act of all) await story.act(act);
      await story.end();
      assert.deepEqual(story.wrong, [], `${story.lines.join("\n")}\n`);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

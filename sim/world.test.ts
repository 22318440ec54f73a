import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { FAULT_NAMES } from "./faults.ts";
import { runPaperWorld } from "./io/paper-world.ts";
import { runSeeds } from "./io/seed-workers.ts";

/** Enough for every kind of fault. */
const WORLDS = [2, 3, 4, 5, 6, 7, 8, 9];

/** What faults must have led to, or they were none. */
const CONSEQUENCES = [
  "event swallowed",
  "stale read",
  "no answer",
  "gap: silent",
  "gap: key unknown (-1125): another program has probably ended it with DELETE",
];

/** Long enough for one 24 h cut and for each fault to come. */
const HOURS = 26;

test("L11 the same seed gives the same bytes, a seed that nobody has seen included", async () => {
  const seed = Number(process.env.SIM_SEED ?? randomInt(2 ** 31));
  const hint = `replay: npm run sim -- --seed ${seed} --hours ${HOURS}`;
  const first = await runPaperWorld(seed, HOURS);
  const second = await runPaperWorld(seed, HOURS);
  assert.equal(first.failure, undefined, `${first.failure}; ${hint}\n${first.story.slice(-60).join("\n")}`);
  assert.equal(first.digest, second.digest, hint);
});

test(`the laws hold in ${WORLDS.length} worlds for ${HOURS} hours, and all faults strike`, async () => {
  const reached = new Set<string>();
  for (const seed of WORLDS) {
    const { failure, story, reached: names } = await runPaperWorld(seed, HOURS);
    const hint = `replay: npm run sim -- --seed ${seed} --hours ${HOURS}`;
    assert.equal(failure, undefined, `${failure}; ${hint}\n${story.slice(-60).join("\n")}`);
    for (const name of Object.keys(names)) reached.add(name);
  }
  const missing = [...FAULT_NAMES, ...CONSEQUENCES].filter((name) => !reached.has(name));
  assert.deepEqual(missing, []);
});

test("L11 worlds are the same in other processes, and are told in order", async () => {
  const run = async (jobs: number) => {
    const told: (string | number | undefined)[][] = [];
    const seeds = [21, 22, 23];
    await runSeeds({ seeds, hours: 4, jobs }, (result) =>
      told.push([result.seed, result.digest, result.failure, ...Object.values(result.reached)]),
    );
    return told;
  };
  assert.deepEqual(await run(2), await run(1));
});

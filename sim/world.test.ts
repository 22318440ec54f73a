import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { runPaperWorld } from "./io/paper-world.ts";
import { runSeeds } from "./io/seed-workers.ts";

/** Long enough for one 24 h cut and for each fault to come. */
const HOURS = 26;

/** A seed that nobody has seen. */
const FRESH = Number(process.env.SIM_SEED ?? randomInt(2 ** 31));

test(`L11 the same seed gives the same bytes: the fresh seed ${FRESH}`, async () => {
  const hint = `replay: npm run sim -- --seed ${FRESH} --hours ${HOURS}`;
  const first = await runPaperWorld(FRESH, HOURS);
  const second = await runPaperWorld(FRESH, HOURS);
  assert.equal(first.failure, undefined, `${first.failure}; ${hint}\n${first.story.slice(-60).join("\n")}`);
  assert.equal(first.digest, second.digest, hint);
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

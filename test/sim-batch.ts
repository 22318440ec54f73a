/** A part of the batch of simulated worlds that every run of the tests plays. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runSeeds } from "../sim/io/seed-workers.ts";

/** Worlds of one part: what takes a quarter of a minute of an idle core, and is in time on a busy one. */
const WORLDS = 25;
/** The calm at the end takes three of them. */
const HOURS = 4;

/** What comes in each world. */
const DEMANDED = ["fills asked by id", "key renewed after doubt"];

/** Makes the test of the worlds from seed `first` on. */
export function testBatch(first: number): void {
  const seeds = Array.from({ length: WORLDS }, (_, index) => first + index);
  test(`the laws hold in the worlds ${first} to ${first + WORLDS - 1}`, async () => {
    const reached = new Set<string>();
    const failures: string[] = [];
    await runSeeds({ seeds, hours: HOURS, jobs: 1 }, ({ seed, failure, reached: names, story = [] }) => {
      for (const name of Object.keys(names)) reached.add(name);
      const replay = `npm run sim -- --seed ${seed} --hours ${HOURS}`;
      if (failure !== undefined) failures.push(`${failure}\n${replay}\n${story.slice(-40).join("\n")}`);
    });
    assert.deepEqual(failures, []);
    const missing = DEMANDED.filter((name) => !reached.has(name));
    assert.deepEqual(missing, [], "never reached");
  });
}

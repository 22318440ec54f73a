/** The simulation: how much virtual time it runs through in a second of real time, faults and laws included. */
import { runPaperWorld } from "../sim/io/paper-world.ts";
import type { Entry, Result } from "./harness.ts";

/** Virtual time ÷ real time. */
const AT_LEAST = 1_000;

const HOURS = 30;
const SEEDS = [1, 2, 3, 4, 5, 6, 7];

/** By processor time: a simulation waits for nothing. */
async function run(): Promise<Result> {
  await runPaperWorld(SEEDS.length + 1, HOURS);
  const speeds: number[] = [];
  for (const seed of SEEDS) {
    const before = process.cpuUsage();
    const { failure } = await runPaperWorld(seed, HOURS);
    if (failure !== undefined) throw new Error(`the world of seed ${seed} failed: ${failure}`);
    const { user, system } = process.cpuUsage(before);
    speeds.push((HOURS * 3600) / ((user + system) / 1e6));
  }
  const ratio = speeds.sort((a, b) => a - b)[speeds.length >> 1] ?? Number.NaN;
  return { value: ratio / 3600, unit: "virtual hours/CPU s", versus: { what: "real time", ratio, atLeast: AT_LEAST } };
}

/** The entries of this file. */
export const SIMULATION_ENTRIES: readonly Entry[] = [{ name: "simulation, 30 h with faults", run }];

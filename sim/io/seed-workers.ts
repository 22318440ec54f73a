/**
 * Runs the worlds of many seeds, in this process or in worker processes. Worlds share nothing, so the result of a seed
 * is the same wherever it runs; results are told in the order of the seeds.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { WorldKind } from "../circumstances.ts";
import type { RunReport } from "../world.ts";
import { runPaperWorld } from "./paper-world.ts";

/** How one seed ended. */
export interface SeedResult extends Omit<RunReport, "story"> {
  /** Only of those that failed. */
  readonly story?: readonly string[];
  /** What it took, by the clock on the wall. */
  readonly seconds: number;
}

/** Which worlds, and how many at a time. */
export interface SeedsWish {
  readonly seeds: readonly number[];
  readonly hours: number;
  /** `mixed` when absent. */
  readonly kind?: WorldKind;
  readonly jobs: number;
}

/** What a worker is asked. */
interface Task {
  readonly seed: number;
  readonly hours: number;
  readonly kind: WorldKind;
}

/** Runs all seeds. @param tell is given each result, in the order of the seeds */
export async function runSeeds(wish: SeedsWish, tell: (result: SeedResult) => void): Promise<void> {
  const { seeds, hours, kind = "mixed", jobs } = wish;
  if (jobs <= 1) {
    for (const seed of seeds) tell(await runSeed({ seed, hours, kind }));
    return;
  }
  const results = new Map<number, SeedResult>();
  let asked = 0;
  let told = 0;
  const nextTask = (): Task | undefined => {
    const seed = seeds[asked++];
    return seed === undefined ? undefined : { seed, hours, kind };
  };
  const take = (result: SeedResult) => {
    results.set(result.seed, result);
    for (;;) {
      const next = results.get(seeds[told] ?? -1);
      if (next === undefined) return;
      results.delete(next.seed);
      told++;
      tell(next);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, seeds.length) }, () => runWorker(nextTask, take)));
}

/** Runs one seed here. */
async function runSeed({ seed, hours, kind }: Task): Promise<SeedResult> {
  const began = performance.now();
  const { story, ...report } = await runPaperWorld(seed, hours, { kind });
  const seconds = (performance.now() - began) / 1000;
  return { ...report, seconds, ...(report.failure === undefined ? {} : { story }) };
}

function runWorker(nextTask: () => Task | undefined, take: (result: SeedResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker: ChildProcess = fork(fileURLToPath(import.meta.url), [WORKER]);
    let task: Task | undefined;
    const ask = () => {
      task = nextTask();
      if (task === undefined) worker.disconnect();
      else worker.send(task);
    };
    worker.on("message", (result) => {
      take(result as SeedResult);
      ask();
    });
    worker.on("error", reject);
    worker.on("exit", (code) => {
      if (task === undefined && code === 0) resolve();
      else reject(new Error(`the worker of seed ${task?.seed} ended with ${code}`));
    });
    ask();
  });
}

/** The argument that makes this file a worker. */
const WORKER = "--sim-worker";

if (process.argv[2] === WORKER) {
  process.on("message", (task) => {
    runSeed(task as Task).then(
      (result) => process.send?.(result),
      (error) => {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
        process.exit(1);
      },
    );
  });
}

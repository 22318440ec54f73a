/** Runs stormy worlds for the process that has started it: a program with a bug in it has one of its own. */
import { runPaperWorld } from "./paper-world.ts";

/** What is asked. */
export interface PlantedTask {
  readonly seed: number;
  readonly hours: number;
}

/** What is answered. */
export interface PlantedEnd {
  /** What was broken; absent when nothing was. */
  readonly failure?: string;
}

/** The argument that makes this file a program. */
export const PLANTED_WORKER = "--planted-worker";

/** A busy trader: what goes wrong goes wrong with something. In milliseconds, on average. */
const PACE_MS = 20_000;

if (process.argv[2] === PLANTED_WORKER) {
  process.on("message", ({ seed, hours }: PlantedTask) => {
    void runPaperWorld(seed, hours, { kind: "plain", faults: "storm", tradeEveryMs: PACE_MS }).then(({ failure }) => {
      const end: PlantedEnd = failure === undefined ? {} : { failure };
      process.send?.(end);
    });
  });
}

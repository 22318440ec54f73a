/** What goes wrong in a run, and when: drawn from the seed before the run begins. Pure. */
import type { Random } from "../src/kernel/ports.ts";
import { pick } from "../src/kernel/random.ts";
import type { Outage } from "./sim-network.ts";

/** One thing that goes wrong. `forMs`: until it is over. `which` chooses among the sockets that are open then. */
export type Fault =
  | { readonly type: "cut" | "half-open"; readonly which: number }
  | { readonly type: Outage; readonly forMs: number }
  /** Venue time jumps an hour ahead, and every key with it. */
  | { readonly type: "expire-keys" }
  /** Another program of the account deletes the key. */
  | { readonly type: "foreign-delete" };

/** A fault and its time, in milliseconds from the beginning. */
export interface PlannedFault {
  readonly atMs: number;
  readonly fault: Fault;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The mean time between two faults of a kind, in a run that has the kind at all. */
const EVERY_MS: Readonly<Record<Fault["type"], number>> = {
  cut: 3 * HOUR,
  "half-open": 8 * HOUR,
  "no-connections": 10 * HOUR,
  "rest-unreachable": 6 * HOUR,
  "rest-silent": 8 * HOUR,
  "rest-unavailable": 6 * HOUR,
  "expire-keys": 9 * HOUR,
  "foreign-delete": 12 * HOUR,
};

/** Some faults last for a time of their own; the longest outlives a key. */
const LASTS_MAX_MS = 75 * MINUTE;

/** The faults of a run of `hours`, in order of time. Each kind has its own coin; the last three hours are without. */
export function drawFaults(random: Random, hours: number): PlannedFault[] {
  const plan: PlannedFault[] = [];
  for (const [type, everyMs] of Object.entries(EVERY_MS) as [Fault["type"], number][]) {
    if (random.next() < 0.25) continue;
    for (let atMs = wait(random, everyMs); atMs < (hours - 3) * HOUR; atMs += wait(random, everyMs)) {
      plan.push({ atMs, fault: drawFault(type, random) });
    }
  }
  return plan.sort((a, b) => a.atMs - b.atMs);
}

/** Exponentially distributed, as waits for independent trouble are. */
function wait(random: Random, meanMs: number): number {
  return -Math.log(1 - random.next()) * meanMs;
}

function drawFault(type: Fault["type"], random: Random): Fault {
  switch (type) {
    case "cut":
    case "half-open":
      return { type, which: pick(random, 2) };
    case "expire-keys":
    case "foreign-delete":
      return { type };
    default:
      // Mostly short, sometimes longer than a key lives.
      return { type, forMs: random.next() ** 3 * LASTS_MAX_MS };
  }
}

/** A storm: the faults that gap repair is made for, one upon the other, within an hour or two. Pure. */
import type { Random } from "../src/kernel/ports.ts";
import { drawFault, type Fault, type FaultName, type PlannedFault, wait } from "./faults.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** In a storm nothing lasts longer. */
const LASTS_MAX_MS = 10 * MINUTE;

/** A program that has died lives again within so much, and goes on where its reader stands. */
const DOWN_MAX_MS = 2 * MINUTE;

/** So long before its end nothing new goes wrong: longer than the last fault, and until what it hid is noticed. */
const CALM_MS = 50 * MINUTE;

/** The mean time between two faults of a kind. Each kind comes in every world. */
const EVERY_MS: Partial<Readonly<Record<FaultName, number>>> = {
  cut: 5 * MINUTE,
  squall: 12 * MINUTE,
  crash: 20 * MINUTE,
  "rest-unavailable": 20 * MINUTE,
  "venue silence": 20 * MINUTE,
  "venue delay": 15 * MINUTE,
  "venue expire-key": 20 * MINUTE,
  "venue change-key": 20 * MINUTE,
  "venue rest-lag": 15 * MINUTE,
  "venue ban": 15 * MINUTE,
  "slow-way": 15 * MINUTE,
};

/** The faults of a run of `hours`, in order of time. */
export function drawStorm(random: Random, hours: number): PlannedFault[] {
  const plan: PlannedFault[] = [];
  for (const [name, everyMs] of Object.entries(EVERY_MS) as [FaultName, number][]) {
    for (let atMs = wait(random, everyMs); atMs < hours * HOUR - CALM_MS; atMs += wait(random, everyMs)) {
      plan.push({ atMs, name, fault: shortened(drawFault(name, random)) });
    }
  }
  return plan.sort((a, b) => a.atMs - b.atMs);
}

function shortened(fault: Fault): Fault {
  if ("downMs" in fault) return { ...fault, downMs: Math.min(fault.downMs, DOWN_MAX_MS), isForgetful: false };
  if ("forMs" in fault) return { ...fault, forMs: Math.min(fault.forMs, LASTS_MAX_MS) };
  if (fault.type !== "venue" || fault.wish.forMs === undefined) return fault;
  const { wish } = fault;
  return { ...fault, wish: { ...wish, forMs: Math.min(wish.forMs ?? 0, LASTS_MAX_MS) } };
}

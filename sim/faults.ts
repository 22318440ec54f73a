/** What goes wrong in a run, and when: drawn from the seed before the run begins. Pure. */
import type { Random } from "../src/kernel/ports.ts";
import { pick } from "../src/kernel/random.ts";
import type { FaultType } from "../src/venue/faults/fault-kinds.ts";
import type { WorldKind } from "./circumstances.ts";
import type { Outage } from "./sim-network.ts";

/** What the network and other programs do. */
type OutsideFault =
  /** `which` chooses among the sockets that are open then. */
  | { readonly type: "cut" | "half-open"; readonly which: number }
  /** `forMs`: until it is over. */
  | { readonly type: Outage; readonly forMs: number }
  /** Venue time jumps an hour ahead, and every key with it. */
  | { readonly type: "jump" }
  /** Another program of the account deletes the key, by the very call. */
  | { readonly type: "delete" }
  /** Our wall clock is set, by so much. */
  | { readonly type: "clock-step"; readonly byMs: number }
  /** Calls of one path are refused for good, as long as it lasts. */
  | { readonly type: "part-refused"; readonly wish: VenueWish }
  /** The lines are cut while much is traded, and all that come after them are slow, the handshake as well. */
  | { readonly type: "slow-way"; readonly byMs: number; readonly forMs: number }
  /** Much is traded while all lines are cut, and the venue misbehaves for longer than that. */
  | { readonly type: "squall"; readonly wish: VenueWish; readonly forMs: number }
  | Crash;

/** The program dies, and is started again after `downMs`: with what its reader kept, or with nothing. */
export interface Crash {
  readonly type: "crash" | "crash-in-repair";
  readonly downMs: number;
  readonly isForgetful: boolean;
  /** From the next line that is live to its death; only `in-repair`. */
  readonly afterMs: number;
}

/** The body of `POST /v1/paper/faults`. */
export interface VenueWish {
  readonly type: FaultType;
  readonly forMs?: number;
  readonly [setting: string]: string | number | boolean | undefined;
}

/** One thing that goes wrong: outside of the venue, or inside, where it is told to misbehave. */
export type Fault = OutsideFault | { readonly type: "venue"; readonly wish: VenueWish };

/** A fault by name: what the venue does itself is told from what the network does to it. */
export type FaultName = OutsideFault["type"] | `venue ${FaultType}`;

/** A fault and its time, in milliseconds from the beginning. */
export interface PlannedFault {
  readonly atMs: number;
  readonly name: FaultName;
  readonly fault: Fault;
}

/** How a kind of fault comes. */
interface Row {
  /** The share of worlds that have the kind at all: each world is a mix of its own. */
  readonly share: number;
  /** In those, the mean time between two of them. */
  readonly everyMs: number;
  readonly draw: (random: Random) => Fault;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * A replica that is behind by more than the SDK allows for (`restLagMaxMs`) can fool anybody: nothing in its answers
 * shows it. It is behind by what is asked and a sixteenth of it.
 */
const LAG_MAX_MS = 55_000;

/** Below the time after which a handshake is given up: a line that is slower than that never opens. */
const SLOW_MAX_MS = 9_000;

/** So long before its end nothing new goes wrong in a world. */
export const CALM_MS = 3 * HOUR;

/** Some faults last for a time of their own; the longest outlives a key. */
const LASTS_MAX_MS = 75 * MINUTE;

/** The mix. A kind that stands here is demanded: see {@link FAULT_NAMES}. */
const MIX: Readonly<Record<FaultName, Row>> = {
  cut: row(0.75, 3 * HOUR, (random) => ({ type: "cut", which: pick(random, 2) })),
  "half-open": row(0.75, 8 * HOUR, (random) => ({ type: "half-open", which: pick(random, 2) })),
  "no-connections": row(0.75, 10 * HOUR, (random) => ({ type: "no-connections", forMs: lastsMs(random) })),
  "rest-unreachable": row(0.75, 6 * HOUR, (random) => ({ type: "rest-unreachable", forMs: lastsMs(random) })),
  "rest-silent": row(0.75, 8 * HOUR, (random) => ({ type: "rest-silent", forMs: lastsMs(random) })),
  "rest-unavailable": row(0.75, 6 * HOUR, (random) => ({ type: "rest-unavailable", forMs: lastsMs(random) })),
  jump: row(0.75, 9 * HOUR, () => ({ type: "jump" })),
  delete: row(0.75, 12 * HOUR, () => ({ type: "delete" })),
  "venue cut": wish(0.5, 8 * HOUR, (random) => ({ type: "cut", ...sometimes(random, 0.3) })),
  "venue half-open": wish(0.5, 12 * HOUR, (random) => ({ type: "half-open", forMs: lastsMs(random) })),
  "venue silence": wish(0.5, 10 * HOUR, (random) => ({ type: "silence", forMs: lastsMs(random) })),
  "venue delay": wish(0.5, 8 * HOUR, (random) => ({
    type: "delay",
    byMs: 1 + pick(random, 20_000),
    forMs: lastsMs(random),
  })),
  "venue duplicate": wish(0.5, 6 * HOUR, (random) => ({
    type: "duplicate",
    percent: 1 + pick(random, 100),
    forMs: lastsMs(random),
  })),
  "venue reorder": wish(0.5, 6 * HOUR, (random) => ({
    type: "reorder",
    withinMs: 1 + pick(random, 5_000),
    forMs: lastsMs(random),
  })),
  "venue expire-key": wish(0.5, 10 * HOUR, (random) => ({ type: "expire-key", told: oneOf(TOLD, random) })),
  "venue forget-key": wish(0.5, 14 * HOUR, (random) => ({ type: "forget-key", ...sometimes(random, 0.5) })),
  "venue foreign-delete": wish(0.5, 14 * HOUR, (random) => ({
    type: "foreign-delete",
    closesSockets: random.next() < 0.5,
  })),
  "venue change-key": wish(0.5, 12 * HOUR, () => ({ type: "change-key" })),
  "venue rest-lag": wish(0.5, 10 * HOUR, (random) => ({ type: "rest-lag", ...lag(random) })),
  "venue rest-disagree": wish(0.5, 10 * HOUR, (random) => ({ type: "rest-disagree", ...lag(random) })),
  "venue rest-error": wish(0.5, 8 * HOUR, (random) => ({
    type: "rest-error",
    ...oneOf(ERRORS, random),
    forMs: lastsMs(random),
  })),
  "venue ban": wish(0.5, 12 * HOUR, (random) => ({
    type: "ban",
    status: oneOf([418, 429], random),
    forMs: lastsMs(random),
  })),
  "venue clock-skew": wish(0.5, 12 * HOUR, (random) => ({
    type: "clock-skew",
    byMs: pick(random, 20_000) - 10_000,
    forMs: lastsMs(random),
  })),
  "venue legacy-url-silent": wish(0.5, 10 * HOUR, (random) => ({ type: "legacy-url-silent", forMs: lastsMs(random) })),
  "venue shutdown": wish(0.5, 12 * HOUR, (random) => ({
    type: "shutdown",
    noticeMs: pick(random, 60_000),
    forMs: lastsMs(random),
  })),
  "clock-step": row(0.4, 14 * HOUR, (random) => ({
    type: "clock-step",
    byMs: Math.round((random.next() < 0.5 ? 1 : -1) * (2_000 + random.next() * HOUR)),
  })),
  "part-refused": row(0.4, 12 * HOUR, (random) => ({
    type: "part-refused",
    wish: { type: "rest-error", status: 400, ...oneOf(PARTS, random), forMs: lastsMs(random) },
  })),
  squall: row(0.4, 12 * HOUR, (random) => ({
    type: "squall",
    wish: { ...oneOf(SQUALLS, random), forMs: 3 * MINUTE },
    forMs: 1_000 + random.next() * 30_000,
  })),
  crash: row(0.5, 9 * HOUR, (random) => crash("crash", random)),
  "crash-in-repair": row(0.5, 12 * HOUR, (random) => crash("crash-in-repair", random)),
  "slow-way": row(0.4, 12 * HOUR, (random) => ({
    type: "slow-way",
    byMs: 1_000 + pick(random, SLOW_MAX_MS - 1_000),
    forMs: lastsMs(random),
  })),
};

/** Every kind of fault. Over enough worlds each must have struck. */
export const FAULT_NAMES = Object.keys(MIX) as readonly FaultName[];

const TOLD = ["once", "twice", "never"] as const;

/** Refused; answered with an error but carried out; and an error now and then. */
const ERRORS = [
  { status: 503, code: -1000 },
  { status: 408, code: -1007, carriedOut: true },
  { status: 400, code: -1001, percent: 50 },
] as const;

/**
 * What can be refused alone. -1102: orders of all symbols at once, as it was before August 2026. Without balances there
 * is no picture of the account; without the others it has holes.
 */
const PARTS = [
  { path: "/fapi/v1/allOrders", code: -1102 },
  { path: "/fapi/v1/income", code: -1100 },
  { path: "/fapi/v1/userTrades", code: -1100 },
  { path: "/fapi/v1/allAlgoOrders", code: -1100 },
  { path: "/fapi/v3/balance", code: -1100 },
] as const;

/** What the venue does in a squall: answers contradict each other, or events come later than what REST knows. */
const SQUALLS = [
  { type: "rest-disagree", byMs: 50_000 },
  { type: "rest-disagree", byMs: 20_000 },
  { type: "rest-lag", byMs: 30_000 },
  { type: "delay", byMs: 20_000 },
] as const;

/** Those that a plain world is without. They stand last: the others are the same with and without them. */
const ONLY_MIXED: ReadonlySet<FaultName> = new Set([
  "clock-step",
  "part-refused",
  "squall",
  "crash",
  "crash-in-repair",
  "slow-way",
]);

/** One fault of the kind, as hard and as long as the dice say. */
export function drawFault(name: FaultName, random: Random): Fault {
  return MIX[name].draw(random);
}

/** The faults of a run of `hours`, in order of time. Each kind has its own coin; the calm at the end is without. */
export function drawFaults(random: Random, hours: number, kind: WorldKind = "mixed"): PlannedFault[] {
  const plan: PlannedFault[] = [];
  for (const name of FAULT_NAMES) {
    if (kind === "plain" && ONLY_MIXED.has(name)) continue;
    const { share, everyMs, draw } = MIX[name];
    if (random.next() >= share) continue;
    for (let atMs = wait(random, everyMs); atMs < hours * HOUR - CALM_MS; atMs += wait(random, everyMs)) {
      plan.push({ atMs, name, fault: draw(random) });
    }
  }
  return plan.sort((a, b) => a.atMs - b.atMs);
}

function row(share: number, everyMs: number, draw: (random: Random) => OutsideFault): Row {
  return { share, everyMs, draw };
}

function wish(share: number, everyMs: number, draw: (random: Random) => VenueWish): Row {
  return { share, everyMs, draw: (random) => ({ type: "venue", wish: draw(random) }) };
}

/** How likely it is that a kind strikes at all in a mixed world of so many hours. */
export function chanceOf(name: FaultName, hours: number): number {
  const { share, everyMs } = MIX[name];
  return share * (1 - Math.exp(-Math.max(0, hours * HOUR - CALM_MS) / everyMs));
}

/** Exponentially distributed, as waits for independent trouble are. */
export function wait(random: Random, meanMs: number): number {
  return -Math.log(1 - random.next()) * meanMs;
}

/** Mostly short, sometimes longer than a key lives. */
function lastsMs(random: Random): number {
  return 1 + Math.floor(random.next() ** 3 * LASTS_MAX_MS);
}

/** With this chance it lasts; otherwise it happens once. */
function sometimes(random: Random, chance: number): { readonly forMs?: number } {
  return random.next() < chance ? { forMs: lastsMs(random) } : {};
}

/** A fifth of those that died begin afresh. */
function crash(type: Crash["type"], random: Random): Crash {
  const isForgetful = random.next() < 0.2;
  return { type, downMs: 1_000 + lastsMs(random), isForgetful, afterMs: random.next() * REPAIR_MS };
}

/** Most of those that begin afresh die within their first repair. */
export function drawEarlyCrash(random: Random): Crash | undefined {
  return random.next() < 0.6 ? crash("crash-in-repair", random) : undefined;
}

/** A little longer than the two rounds of a repair. */
const REPAIR_MS = 66_000;

/** How far a replica lags, and for how long. */
function lag(random: Random): { readonly byMs: number; readonly forMs: number } {
  return { byMs: 1 + Math.floor(random.next() ** 2 * LAG_MAX_MS), forMs: lastsMs(random) };
}

function oneOf<const T>(choices: readonly T[], random: Random): T {
  return choices[pick(random, choices.length)] as T;
}

/** What a world is like before anything goes wrong in it: drawn from its seed. Pure. */
import { FOLLOW_TIMING, type FollowTiming } from "../src/account/follow-timing.ts";
import type { Random } from "../src/kernel/ports.ts";
import { pick } from "../src/kernel/random.ts";
import type { Redundancy } from "../src/stream/phases.ts";
import { TIMING, type Timing } from "../src/stream/timing.ts";
import { drawWorkload, PLAIN_WORKLOAD, type Workload } from "./workload.ts";

/**
 * `plain`: one line, the default waits, one trader, a program that never dies. `mixed`: all of that is drawn, and the
 * program dies now and then. A seed makes one world of each kind.
 */
export type WorldKind = "plain" | "mixed";

/** One world's circumstances. */
export interface Circumstances {
  /** Where the stream listens, up to the key. */
  readonly urlForm: string;
  /** The mean time between two actions of the trader. */
  readonly paceMs: number;
  readonly redundancy: Redundancy;
  readonly timing: FollowTiming;
  readonly streamTiming: Timing;
  /** Does the program keep the exchange's clock in mind and wait for weight in a queue, as the SDK does? */
  readonly isWhole: boolean;
  /** Does the trader sit beside the program, and suffer what its network suffers? */
  readonly isTraderNear: boolean;
  readonly workload: Workload;
}

/** The routed forms, and those that were retired. */
const URL_FORMS = [
  "/private/ws/",
  "/private/ws?listenKey=",
  "/private/stream?listenKey=",
  "/private/stream?streams=",
  "/ws/",
  "/stream?streams=",
] as const;

/** The mean time between two actions of the busiest trader. */
const BUSIEST_MS = 45_000;
/** The quietest is so many times twice as quiet. */
const PACE_OCTAVES = 5;

/** Draws them; each from dice of its own. */
export function drawCircumstances(dice: (name: string) => Random, kind: WorldKind): Circumstances {
  const urlForm = URL_FORMS[pick(dice("url"), URL_FORMS.length)] ?? URL_FORMS[0];
  // Busy accounts and quiet ones, all paces in between as likely: on a quiet one only a probe tells life from death.
  const paceMs = BUSIEST_MS * 2 ** (PACE_OCTAVES * dice("pace").next());
  const plain: Circumstances = {
    urlForm,
    paceMs,
    redundancy: 1,
    timing: FOLLOW_TIMING,
    streamTiming: TIMING,
    isWhole: false,
    isTraderNear: true,
    workload: PLAIN_WORKLOAD,
  };
  if (kind === "plain") return plain;
  return {
    ...plain,
    redundancy: dice("redundancy").next() < 0.4 ? 2 : 1,
    ...drawTiming(dice("timing")),
    isWhole: true,
    isTraderNear: dice("whereabouts").next() < 0.4,
    workload: drawWorkload(dice("workload")),
  };
}

/** The defaults in a part of the worlds; in the others less is asked, as who saves weight would have it. */
function drawTiming(random: Random): Pick<Circumstances, "timing" | "streamTiming"> {
  if (random.next() < 0.25) return { timing: FOLLOW_TIMING, streamTiming: TIMING };
  const { quietMaxMs, auditEveryMs } = FOLLOW_TIMING;
  const timing = {
    ...FOLLOW_TIMING,
    quietMaxMs: quietMaxMs * (2 + 6 * random.next()),
    auditEveryMs: auditEveryMs * (1 + random.next()),
  };
  const slowness = 2 + 3 * random.next();
  const { probeAfterMs, silenceMaxMs } = TIMING;
  return {
    timing,
    streamTiming: { ...TIMING, probeAfterMs: probeAfterMs * slowness, silenceMaxMs: silenceMaxMs * slowness },
  };
}

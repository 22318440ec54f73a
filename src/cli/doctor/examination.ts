/** The examination: the checks one after another, each finding told as it is made. Pure. */
import { ListenkeyError } from "../../kernel/errors.ts";
import { checkClock, checkClockSteps, checkLimits, checkReach } from "./address-checks.ts";
import { explained } from "./explanation.ts";
import { CHECKS, type CheckName, type Finding } from "./finding.ts";
import { checkKey, checkListenKey, checkPermissions, checkWsApi } from "./key-checks.ts";
import { checkMirror } from "./mirror-checks.ts";
import type { Learned, Patient } from "./patient.ts";
import { checkStreams } from "./stream-checks.ts";
import { VisitOver } from "./visit.ts";

interface Step {
  /** The checks it makes. What is not told of them is skipped. */
  readonly checks: readonly [CheckName, ...CheckName[]];
  /** Why it cannot be made; `undefined` when it can. */
  readonly barredBy?: (found: ReadonlyMap<CheckName, Finding>, learned: Learned) => string | undefined;
  readonly make: (patient: Patient, learned: Learned, tell: (finding: Finding) => void) => Promise<void>;
}

type Found = ReadonlyMap<CheckName, Finding>;

const unreached = (found: Found) => (found.get("reach")?.verdict === "wrong" ? "REST does not serve us" : undefined);
const keyless = (found: Found, { key }: Learned) =>
  unreached(found) ?? (key === undefined ? "there is no listenKey" : undefined);
const unread = (found: Found, { mayRead }: Learned) =>
  unreached(found) ?? (mayRead === true ? undefined : "signed calls are not accepted, or there is no secret");

/** A step of one check. */
function one(check: (patient: Patient, learned: Learned) => Promise<Finding>): Step["make"] {
  return async (patient, learned, tell) => tell(await check(patient, learned));
}

const STEPS: readonly Step[] = [
  { checks: ["reach"], make: one(checkReach) },
  { checks: ["clock"], barredBy: unreached, make: one(checkClock) },
  { checks: ["limits"], barredBy: unreached, make: one(checkLimits) },
  { checks: ["key"], barredBy: unreached, make: one(checkKey) },
  { checks: ["permissions"], barredBy: unread, make: one(checkPermissions) },
  { checks: ["listenKey"], barredBy: unreached, make: one(checkListenKey) },
  { checks: ["ws-api"], barredBy: keyless, make: one(checkWsApi) },
  { checks: ["urls", "delivery", "retired-urls"], barredBy: keyless, make: checkStreams },
  {
    checks: ["mirror", "sockets"],
    barredBy: (found, learned) =>
      found.get("key")?.verdict === "wrong" ? "the key is not accepted" : keyless(found, learned),
    make: (patient, _, tell) => checkMirror(patient, tell),
  },
  { checks: ["clock-steps"], barredBy: unreached, make: one(checkClockSteps) },
];

/** Makes every check that can be made, and tells one finding of each, in the order of {@link CHECKS}. */
export async function examine(patient: Patient, tell: (finding: Finding) => void): Promise<readonly Finding[]> {
  const found = new Map<CheckName, Finding>();
  const learned: Learned = {};
  const note = (finding: Finding) => {
    if (found.has(finding.check)) return;
    found.set(finding.check, finding);
    tell(finding);
  };
  for (const step of STEPS) {
    patient.lookingAt(step.checks);
    const skipped =
      patient.visit.overBecause ?? step.barredBy?.(found, learned) ?? (await made(step, patient, learned, note));
    for (const check of step.checks) note({ check, verdict: "skipped", says: `not looked at: ${skipped}` });
  }
  return CHECKS.flatMap((check) => found.get(check) ?? []);
}

/** Makes it. Returns why checks of it were left out, should any have been. */
async function made(
  { checks: [first], make }: Step,
  patient: Patient,
  learned: Learned,
  note: (finding: Finding) => void,
): Promise<string> {
  try {
    await make(patient, learned, note);
    return "see above";
  } catch (error) {
    if (error instanceof VisitOver) return error.message;
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    note({ check: first, verdict: "wrong", ...explained(error) });
    return `${first} failed`;
  }
}

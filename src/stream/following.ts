/** The phase in which the account is followed: what each input does to the key and to the lines. Pure. */
import { unreachable } from "../kernel/errors.ts";
import { after, type ListenKey, type MonotonicMs } from "../kernel/scalars.ts";
import { doubted, leaseOf, renewing, renewLater } from "./lease.ts";
import { isOpen, type Line, lineDeadline } from "./line.ts";
import {
  dialHeir,
  dialSpare,
  giveUpLate,
  handOver,
  handOverAt,
  isChanging,
  lineAbreast,
  lineClosed,
  lineOpened,
  probe,
  replacedBy,
  unreadable,
  withLine,
} from "./lines.ts";
import type { Env, Following, In, Input, Step } from "./phases.ts";
import { isChanged, KEY_CHANGED, recover, recoverHearing } from "./recovery.ts";
import type { Timing } from "./timing.ts";

interface Deadline {
  readonly at: MonotonicMs;
  readonly why: ReturnType<typeof lineDeadline>["why"] | "renew" | "key lapsed" | "handover" | "steady" | "spare";
  readonly line?: Line;
}

/** When the phase next wants `deadline-passed`, and why. */
export function nextFollowingDeadline(state: Following, timing: Timing): Deadline {
  return soonest(deadlines(state, timing));
}

/** Of two that are due at one moment, the one that stands first. */
function soonest(due: readonly Deadline[]): Deadline {
  return due.reduce((first, one) => (one.at < first.at ? one : first));
}

function deadlines({ lease, lines, failures, spareAt }: Following, timing: Timing): Deadline[] {
  const due: Deadline[] = [{ at: lease.validUntil, why: "key lapsed" }];
  if (lease.renewal.stage === "due" && lease.renewal.at < lease.validUntil) {
    due.unshift({ at: lease.renewal.at, why: "renew" });
  }
  const isBusy = isChanging(lines);
  for (const line of lines) {
    due.push({ ...lineDeadline(line, isBusy, timing), line });
    const old = replacedBy(line, lines);
    if (isOpen(line) && old !== undefined) {
      due.push({ at: handOverAt(line, old, lines, timing), why: "handover", line });
    }
  }
  if (spareAt !== undefined && !isBusy) due.push({ at: spareAt, why: "spare" });
  const [standing] = lines;
  if (failures > 0 && standing !== undefined && isOpen(standing)) {
    due.push({ at: after(standing.openedAt, timing.steadyAfterMs), why: "steady" });
  }
  return due;
}

/** One input, one step, while the account is followed. */
export function stepFollowing(state: In<"following">, input: Input, env: Env): Step {
  switch (input.type) {
    case "line-opened":
      return lineOpened(state, input.epoch, env);
    case "line-heard":
      return [withLine(state, input.epoch, { stage: "open", heardAt: env.now }), []];
    case "line-abreast":
      return lineAbreast(state, input.epoch, input.of);
    case "line-waits":
      return giveUpLate(state, input.epoch, env);
    case "line-closed":
      return lineClosed(state, input.epoch, input.why, env);
    case "line-retired":
      return [withLine(state, input.epoch, { retireAt: env.now }), []];
    case "frame-unreadable":
      return unreadable(state, input.epoch, input.why);
    case "key-renewed":
      return keyRenewed(state, input, env);
    case "renewal-refused":
      if (input.key !== state.lease.key) return [state, []];
      return [{ ...state, lease: renewLater(state.lease, input.waitMs, env) }, []];
    case "key-lost":
      return input.key === state.lease.key ? recover(state, input.why, env) : [state, []];
    case "key-doubted":
      return keyDoubted(state, env);
    case "deafened":
      return recoverHearing(state, input.why, env);
    case "deadline-passed":
      return deadlinePassed(state, env);
    default:
      return [state, []];
  }
}

function keyRenewed(
  state: In<"following">,
  answer: { readonly key: ListenKey; readonly named?: ListenKey },
  env: Env,
): Step {
  const { lease } = state;
  if (answer.key !== lease.key || lease.renewal.stage !== "asked") return [state, []];
  if (isChanged(answer)) return recover(state, KEY_CHANGED, env);
  return [{ ...state, lease: leaseOf(lease.key, lease.renewal.askedAt, env.timing, lease) }, []];
}

function renew(state: In<"following">, { now }: Env): Step {
  return [{ ...state, lease: renewing(state.lease, now) }, [{ type: "renew-key", key: state.lease.key }]];
}

/** Whether the key is alive, a renewal tells: it comes at once, unless one was asked for just now or is under way. */
function keyDoubted(state: In<"following">, env: Env): Step {
  const lease = doubted(state.lease, env);
  const next = lease === state.lease ? state : { ...state, lease };
  return lease.renewal.stage === "due" && next !== state && lease.renewal.at <= env.now ? renew(next, env) : [next, []];
}

function deadlinePassed(state: In<"following">, env: Env): Step {
  const due = soonest(deadlines(state, env.timing));
  if (env.now < due.at) return [state, []];
  switch (due.why) {
    case "renew":
      return renew(state, env);
    case "key lapsed":
      return recover(state, "key lapsed", env);
    case "steady":
      return [{ ...state, failures: 0 }, []];
    case "handover":
      return handOver(state, due.line);
    case "too old":
      return dialHeir(state, due.line, env);
    case "spare":
      return dialSpare(state, env);
    case "probe":
      return probe(state, due.line);
    case "handshake overdue":
    case "silent": {
      if (due.line === undefined) return [state, []];
      const { epoch } = due.line;
      const [next, effects] = lineClosed(state, epoch, due.why, env);
      return [next, [{ type: "hang-up", epoch, why: due.why }, ...effects]];
    }
    default:
      return unreachable(due.why);
  }
}

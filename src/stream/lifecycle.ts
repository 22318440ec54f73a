/**
 * The life of one account's stream: its listenKey and the websockets bound to it. Pure: no clock, socket or HTTP.
 *
 *     idle ──start──▶ acquiring ──granted──▶ following ◀─┐ too old: an heir is dialled, both deliver for a while, the
 *                      ▲   │ refused          │   └──────┘ old line is hung up; alone: a spare, if wanted
 *                      │   ▼                  │ key lost · last line lost · key lapsed
 *                      └─ pausing ◀───────────┘                          stop, from anywhere ──▶ stopped
 *
 * Rules kept here:
 *   L5  A key is renewed by deadline, with retries inside its validity. A lost, lapsed or changed key and a lost last
 *       line lead into one recovery: pause a little, ask for the key (POST gives the same one while it lives), dial it.
 *       Asking twice for the same recovery is impossible: there is no phase from which it could be asked.
 *   L6  Pauses are fully jittered and doubled; the exchange's own "not before" is obeyed. One grant and one renewal are
 *       in flight at the most: each has a phase or stage of its own.
 *   L2  When the last line that delivered is lost or doubted, that is said once, as `lost`, with the reason. Letting go
 *       of a line while another one stands is a loss as well, unless it is proven that the other covers it.
 *   A key is never released unless `stop` asks for it: every program of the account has the same one.
 */
import { unreachable } from "../kernel/errors.ts";
import type { ListenKey, MonotonicMs } from "../kernel/scalars.ts";
import { nextFollowingDeadline, stepFollowing } from "./following.ts";
import { type Lease, leaseOf, renewLater } from "./lease.ts";
import type { Line } from "./line.ts";
import type { Effect, Env, In, Input, Lifecycle, Step } from "./phases.ts";
import { findingOf, isChanged, KEY_CHANGED, type Memory, pause } from "./recovery.ts";
import type { Timing } from "./timing.ts";

/** When {@link step} next wants `deadline-passed`, and why. The driver arms one timer for it and no other. */
export function nextDeadline(
  state: Lifecycle,
  timing: Timing,
): { readonly at: MonotonicMs; readonly why: string } | undefined {
  if (state.phase === "pausing") return { at: state.until, why: "pause over" };
  if (state.phase !== "following") return undefined;
  return nextFollowingDeadline(state, timing);
}

/** One input, one step. An input the phase has no use for, like a late answer, changes nothing. */
export function step(state: Lifecycle, input: Input, env: Env): Step {
  if (input.type === "stopped") return stop(state, input.release);
  switch (state.phase) {
    case "idle":
      return input.type === "started" ? acquire(state, { failures: 0 }, env) : [state, []];
    case "acquiring":
      if (input.type === "key-granted") return granted(state, input.key, env);
      if (input.type === "key-refused") return acquireLater(state, input, env);
      return rememberAnswer(state, input, env);
    case "pausing":
      if (input.type === "deadline-passed" && env.now >= state.until) return acquire(state, state, env);
      return rememberAnswer(state, input, env);
    case "following":
      return stepFollowing(state, input, env);
    case "stopped":
      return [state, []];
    default:
      return unreachable(state);
  }
}

function acquire({ epoch }: Lifecycle, { failures, lease, isDeaf }: Memory, { now }: Env): Step {
  const memory = { ...(lease === undefined ? {} : { lease }), ...(isDeaf ? { isDeaf } : {}) };
  return [{ phase: "acquiring", epoch, failures, askedAt: now, ...memory }, [{ type: "acquire-key" }]];
}

function granted(state: In<"acquiring">, key: ListenKey, env: Env): Step {
  const finding = findingOf(key, state.lease, state.isDeaf === true, env);
  const said: Effect[] = finding === undefined ? [] : [{ type: "diagnosed", why: finding }];
  const [next, effects] = follow(state, leaseOf(key, state.askedAt, env.timing, state.lease), env);
  return [next, [...said, ...effects]];
}

/** The answer to a renewal that was asked for before the last line was lost. */
function rememberAnswer(state: In<"acquiring" | "pausing">, input: Input, env: Env): Step {
  const { lease, ...forgetful } = state;
  if (lease === undefined || !("key" in input) || input.key !== lease.key) return [state, []];
  if (input.type === "key-lost") return [forgetful, [{ type: "diagnosed", why: input.why }]];
  if (input.type === "renewal-refused") return [{ ...state, lease: renewLater(lease, input.waitMs, env) }, []];
  if (input.type !== "key-renewed" || lease.renewal.stage !== "asked") return [state, []];
  if (isChanged(input)) return [forgetful, [{ type: "diagnosed", why: KEY_CHANGED }]];
  return [{ ...state, lease: leaseOf(lease.key, lease.renewal.askedAt, env.timing, lease) }, []];
}

/** No grant. A key from before that should still be good is dialled: the stream may work where REST does not. */
function acquireLater(
  state: In<"acquiring">,
  { why, waitMs }: { readonly why: string; readonly waitMs?: number },
  env: Env,
): Step {
  const { lease } = state;
  if (lease !== undefined && lease.validUntil > env.now) {
    return follow(state, lease.renewal.stage === "asked" ? lease : renewLater(lease, waitMs, env), env);
  }
  return pause(state, { failures: state.failures }, { why, waitMs: waitMs ?? 0 }, env);
}

function follow(state: In<"acquiring">, lease: Lease, { now }: Env): Step {
  const epoch = state.epoch + 1;
  const lines: Line[] = [{ stage: "dialing", epoch, dialedAt: now }];
  return [
    { phase: "following", epoch, failures: state.failures, lease, lines, spareFailures: 0 },
    [{ type: "dial", key: lease.key, epoch }],
  ];
}

function stop(state: Lifecycle, release: boolean): Step {
  const next: Lifecycle = { phase: "stopped", epoch: state.epoch };
  const lines = state.phase === "following" ? state.lines : [];
  const hangUps = lines.map(({ epoch }) => ({ type: "hang-up", epoch, why: "stopped" }) as const);
  const lease = "lease" in state ? state.lease : undefined;
  return [next, release && lease !== undefined ? [...hangUps, { type: "release-key", key: lease.key }] : hangUps];
}

/**
 * The life of one account's stream: its listenKey and the websockets bound to it. Pure: no clock, socket or HTTP.
 *
 *     idle ──start──▶ acquiring ──granted──▶ following ◀─┐ too old: a successor is dialled, both deliver for a while,
 *                      ▲   │ refused          │   └──────┘ the old line is hung up
 *                      │   ▼                  │ key lost · last line lost · key lapsed
 *                      └─ pausing ◀───────────┘                          stop, from anywhere ──▶ stopped
 *
 * Rules kept here:
 *   L5  A key is renewed by deadline, with retries inside its validity. A lost, lapsed or changed key and a lost last
 *       line lead into one recovery: pause a little, ask for the key (POST gives the same one while it lives), dial it.
 *       Asking twice for the same recovery is impossible: there is no phase from which it could be asked.
 *   L6  Pauses are fully jittered and doubled; the exchange's own "not before" is obeyed. One grant and one renewal are
 *       in flight at the most: each has a phase or stage of its own.
 *   L2  When the last line that delivered is lost or doubted, that is said once, as `lost`, with the reason. A line not
 *       heard since its successor opened may have died before that: letting go of it is a loss as well.
 *   A key is never released unless `stop` asks for it: every program of the account has the same one.
 */
import { unreachable } from "../kernel/errors.ts";
import type { Random } from "../kernel/ports.ts";
import { after, type ListenKey, type MonotonicMs } from "../kernel/scalars.ts";
import { type Lease, leaseOf, renewing, renewLater } from "./lease.ts";
import { type Epoch, isOpen, type Line, lineDeadline, type OpenLine, opened } from "./line.ts";
import type { Timing } from "./timing.ts";

/** Where the stream stands. `epoch` counts the lines dialled so far. */
export type Lifecycle = { readonly epoch: Epoch } & (
  | { readonly phase: "idle" | "stopped" }
  | Acquiring
  | Pausing
  | Following
);

/** A grant is asked for. `lease` is a key held from before, which may still be good. */
export interface Acquiring {
  readonly phase: "acquiring";
  readonly failures: number;
  readonly askedAt: MonotonicMs;
  readonly lease?: Lease;
}

/** Nothing is asked for until `until`. */
export interface Pausing {
  readonly phase: "pausing";
  readonly failures: number;
  readonly until: MonotonicMs;
  readonly why: string;
  readonly lease?: Lease;
}

/** The key is held. The oldest line is first; there is always at least one. */
export interface Following {
  readonly phase: "following";
  readonly failures: number;
  readonly lease: Lease;
  readonly lines: readonly Line[];
}

/** What happened. */
export type Input =
  | { readonly type: "started" }
  | { readonly type: "stopped"; readonly release: boolean }
  | { readonly type: "deadline-passed" }
  | { readonly type: "key-granted"; readonly key: ListenKey }
  /** `waitMs`: the exchange wants silence for so long. */
  | { readonly type: "key-refused"; readonly why: string; readonly waitMs?: number }
  /** `named`: the key that the answer names, when it names one. */
  | { readonly type: "key-renewed"; readonly key: ListenKey; readonly named?: ListenKey }
  | { readonly type: "renewal-refused"; readonly key: ListenKey; readonly waitMs?: number }
  /** `-1125`, or `listenKeyExpired`. */
  | { readonly type: "key-lost"; readonly key: ListenKey; readonly why: string }
  | { readonly type: "line-opened" | "line-heard"; readonly epoch: Epoch }
  | { readonly type: "line-closed"; readonly epoch: Epoch; readonly why: string }
  /** The exchange says that it will close this line soon. */
  | { readonly type: "line-retired"; readonly epoch: Epoch }
  /** A frame could not be read: what it told is lost, and the line goes on. */
  | { readonly type: "frame-unreadable"; readonly epoch: Epoch; readonly why: string };

/** What is to be done, in this order. */
export type Effect =
  | { readonly type: "acquire-key" }
  | { readonly type: "renew-key" | "release-key"; readonly key: ListenKey }
  | { readonly type: "dial"; readonly key: ListenKey; readonly epoch: Epoch }
  | { readonly type: "probe"; readonly epoch: Epoch }
  | { readonly type: "hang-up"; readonly epoch: Epoch; readonly why: string }
  /** From here on events may be missed. Said once for each time that `live` was said. */
  | { readonly type: "lost"; readonly why: string }
  /** A line delivers (again). */
  | { readonly type: "live"; readonly epoch: Epoch };

/** What a step may know of the world. */
export interface Env {
  readonly now: MonotonicMs;
  readonly random: Random;
  readonly timing: Timing;
}

/** The next state, and what is to be done to get there. */
export type Step = readonly [next: Lifecycle, effects: readonly Effect[]];

/** Before `started`. */
export const INITIAL: Lifecycle = { phase: "idle", epoch: 0 };

/** When {@link step} next wants `deadline-passed`, and why. The driver arms one timer for it and no other. */
export function nextDeadline(
  state: Lifecycle,
  timing: Timing,
): { readonly at: MonotonicMs; readonly why: string } | undefined {
  if (state.phase === "pausing") return { at: state.until, why: "pause over" };
  if (state.phase !== "following") return undefined;
  return soonest(deadlines(state, timing));
}

/** Of two that are due at one moment, the one that stands first. */
function soonest(due: readonly Deadline[]): Deadline {
  return due.reduce((first, one) => (one.at < first.at ? one : first));
}

interface Deadline {
  readonly at: MonotonicMs;
  readonly why: ReturnType<typeof lineDeadline>["why"] | "renew" | "key lapsed" | "handover" | "steady";
  readonly line?: Line;
}

function deadlines({ lease, lines, failures }: Following, timing: Timing): Deadline[] {
  const due: Deadline[] = [{ at: lease.validUntil, why: "key lapsed" }];
  if (lease.renewal.stage === "due" && lease.renewal.at < lease.validUntil) {
    due.unshift({ at: lease.renewal.at, why: "renew" });
  }
  for (const line of lines) due.push({ ...lineDeadline(line, lines.length > 1, timing), line });
  const newest = lines.at(-1);
  if (newest === undefined || !isOpen(newest)) return due;
  if (lines.length > 1) due.push({ at: after(newest.openedAt, timing.overlapMs), why: "handover", line: newest });
  if (failures > 0) due.push({ at: after(newest.openedAt, timing.steadyAfterMs), why: "steady" });
  return due;
}

/** One input, one step. An input the phase has no use for, like a late answer, changes nothing. */
export function step(state: Lifecycle, input: Input, env: Env): Step {
  if (input.type === "stopped") return stop(state, input.release);
  switch (state.phase) {
    case "idle":
      return input.type === "started" ? acquire(state, { failures: 0 }, env) : [state, []];
    case "acquiring":
      if (input.type === "key-granted") return follow(state, leaseOf(input.key, state.askedAt, env.timing), env);
      if (input.type === "key-refused") return acquireLater(state, input, env);
      return [rememberAnswer(state, input, env), []];
    case "pausing":
      if (input.type === "deadline-passed" && env.now >= state.until) return acquire(state, state, env);
      return [rememberAnswer(state, input, env), []];
    case "following":
      return stepFollowing(state, input, env);
    case "stopped":
      return [state, []];
    default:
      return unreachable(state);
  }
}

type In<P extends Lifecycle["phase"]> = Extract<Lifecycle, { phase: P }>;
type Memory = { readonly failures: number; readonly lease?: Lease };

function acquire({ epoch }: Lifecycle, { failures, lease }: Memory, { now }: Env): Step {
  const next = { phase: "acquiring" as const, epoch, failures, askedAt: now };
  return [lease === undefined ? next : { ...next, lease }, [{ type: "acquire-key" }]];
}

/** The answer to a renewal that was asked for before the last line was lost. */
function rememberAnswer<S extends In<"acquiring" | "pausing">>(state: S, input: Input, env: Env): S {
  const { lease, ...forgetful } = state;
  if (lease === undefined || !("key" in input) || input.key !== lease.key) return state;
  if (input.type === "key-lost") return forgetful as S;
  if (input.type === "renewal-refused") return { ...state, lease: renewLater(lease, input.waitMs, env) };
  if (input.type !== "key-renewed" || lease.renewal.stage !== "asked") return state;
  if (isChanged(input)) return forgetful as S;
  return { ...state, lease: leaseOf(lease.key, lease.renewal.askedAt, env.timing) };
}

/** The answer names another key: somebody ended ours, and a socket on it would hear nothing. */
function isChanged({ key, named }: { readonly key: ListenKey; readonly named?: ListenKey }): boolean {
  return named !== undefined && named !== key;
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
    { phase: "following", epoch, failures: state.failures, lease, lines },
    [{ type: "dial", key: lease.key, epoch }],
  ];
}

function stepFollowing(state: In<"following">, input: Input, env: Env): Step {
  switch (input.type) {
    case "line-opened":
      return lineOpened(state, input.epoch, env);
    case "line-heard":
      return [withLine(state, input.epoch, { stage: "open", heardAt: env.now }), []];
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
    case "deadline-passed":
      return deadlinePassed(state, env);
    default:
      return [state, []];
  }
}

/** Changes an open line; a line that is not open, or not ours any more, is left alone. */
function withLine(
  state: In<"following">,
  epoch: Epoch,
  change: Partial<Extract<Line, { stage: "open" | "probed" }>>,
): In<"following"> {
  const lines = state.lines.map((line) => (line.epoch === epoch && isOpen(line) ? { ...line, ...change } : line));
  return { ...state, lines };
}

function lineOpened(state: In<"following">, epoch: Epoch, { now, random, timing }: Env): Step {
  const before = state.lines.filter(isOpen);
  const lines = state.lines.map((line) =>
    line.epoch === epoch && line.stage === "dialing" ? opened(epoch, now, random, timing) : line,
  );
  const isNew = lines.some((line, i) => line !== state.lines[i]);
  if (!isNew) return [state, []];
  if (before.length === 0) return [{ ...state, lines }, [{ type: "live", epoch }]];
  // Its answer shows that the line before has delivered what was sent before this one was listening.
  return [{ ...state, lines }, before.map((line) => ({ type: "probe", epoch: line.epoch }))];
}

function lineClosed(state: In<"following">, epoch: Epoch, why: string, env: Env): Step {
  const gone = state.lines.find((line) => line.epoch === epoch);
  if (gone === undefined) return [state, []];
  const lines = state.lines.filter((line) => line !== gone);
  const [heir] = lines;
  if (heir === undefined) return recoverWith(state, isOpen(gone) ? [{ type: "lost", why }] : [], why, state.lease, env);
  const next = { ...state, lines };
  if (heir.epoch < epoch) return [withLine(next, heir.epoch, laterSuccessor(heir, env)), []];
  if (!isOpen(heir)) return [next, isOpen(gone) ? [{ type: "lost", why }] : []];
  // What the old line had in flight was sent before the new one was listening, if that was just now.
  if (env.now - heir.openedAt < env.timing.settleMs || !isHeardSince(gone, heir)) {
    return [next, doubt(why, heir.epoch)];
  }
  return [next, []];
}

function isHeardSince(line: Line, { openedAt }: OpenLine): boolean {
  return isOpen(line) && line.heardAt >= openedAt;
}

/** The successor failed: the old line goes on, and another successor is tried later. */
function laterSuccessor(line: Line, env: Env) {
  if (!isOpen(line)) return {};
  return { retireAt: after(env.now, jittered(line.failures, env)), failures: line.failures + 1 };
}

function unreadable(state: In<"following">, epoch: Epoch, why: string): Step {
  if (!state.lines.some((line) => line.epoch === epoch && isOpen(line))) return [state, []];
  return [state, doubt(why, epoch)];
}

/** Something was lost, and the line `epoch` delivers what follows. */
function doubt(why: string, epoch: Epoch): Effect[] {
  return [
    { type: "lost", why },
    { type: "live", epoch },
  ];
}

function keyRenewed(
  state: In<"following">,
  answer: { readonly key: ListenKey; readonly named?: ListenKey },
  env: Env,
): Step {
  const { lease } = state;
  if (answer.key !== lease.key || lease.renewal.stage !== "asked") return [state, []];
  if (isChanged(answer)) return recover(state, "key changed", env);
  return [{ ...state, lease: leaseOf(lease.key, lease.renewal.askedAt, env.timing) }, []];
}

function deadlinePassed(state: In<"following">, env: Env): Step {
  const due = soonest(deadlines(state, env.timing));
  if (env.now < due.at) return [state, []];
  switch (due.why) {
    case "renew":
      return [{ ...state, lease: renewing(state.lease, env.now) }, [{ type: "renew-key", key: state.lease.key }]];
    case "key lapsed":
      return recover(state, "key lapsed", env);
    case "steady":
      return [{ ...state, failures: 0 }, []];
    case "handover":
      return handOver(state, due.line);
    case "too old":
      return dialSuccessor(state, env);
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

function probe(state: In<"following">, line: Line | undefined): Step {
  if (line === undefined) return [state, []];
  return [withLine(state, line.epoch, { stage: "probed" }), [{ type: "probe", epoch: line.epoch }]];
}

function dialSuccessor(state: In<"following">, { now }: Env): Step {
  const epoch = state.epoch + 1;
  const lines: Line[] = [...state.lines, { stage: "dialing", epoch, dialedAt: now }];
  return [{ ...state, epoch, lines }, [{ type: "dial", key: state.lease.key, epoch }]];
}

/** Both have delivered for a while: the newest stays. */
function handOver(state: In<"following">, heir: Line | undefined): Step {
  if (heir === undefined || !isOpen(heir)) return [state, []];
  const old = state.lines.filter((line) => line !== heir);
  const hangUps = old.map(({ epoch }) => ({ type: "hang-up", epoch, why: "rotated" }) as const);
  const isWhole = old.some((line) => isHeardSince(line, heir));
  return [{ ...state, lines: [heir] }, isWhole ? hangUps : [...hangUps, ...doubt("silent until rotated", heir.epoch)]];
}

/** The key is no good any more: everything bound to it ends, and a new one is asked for. */
function recover(state: In<"following">, why: string, env: Env): Step {
  const hangUps = state.lines.map(({ epoch }) => ({ type: "hang-up", epoch, why }) as const);
  const lost = state.lines.some(isOpen) ? [{ type: "lost", why } as const] : [];
  return recoverWith(state, [...hangUps, ...lost], why, undefined, env);
}

function recoverWith(
  state: In<"following">,
  effects: readonly Effect[],
  why: string,
  lease: Lease | undefined,
  env: Env,
): Step {
  const memory = lease === undefined ? { failures: state.failures } : { failures: state.failures, lease };
  const [next, more] = pause(state, memory, { why, waitMs: 0 }, env);
  return [next, [...effects, ...more]];
}

function pause(
  { epoch }: Lifecycle,
  memory: Memory,
  { why, waitMs }: { readonly why: string; readonly waitMs: number },
  env: Env,
): Step {
  const until = after(env.now, waitMs + jittered(memory.failures, env));
  return [{ phase: "pausing", epoch, ...memory, failures: memory.failures + 1, until, why }, []];
}

/** Full jitter: many clients that were cut off together do not return together. */
function jittered(failures: number, { random, timing }: Env): number {
  return random.next() * Math.min(timing.backoffMaxMs, timing.backoffMs * 2 ** Math.min(failures, 20));
}

function stop(state: Lifecycle, release: boolean): Step {
  const next: Lifecycle = { phase: "stopped", epoch: state.epoch };
  const lines = state.phase === "following" ? state.lines : [];
  const hangUps = lines.map(({ epoch }) => ({ type: "hang-up", epoch, why: "stopped" }) as const);
  const lease = "lease" in state ? state.lease : undefined;
  return [next, release && lease !== undefined ? [...hangUps, { type: "release-key", key: lease.key }] : hangUps];
}

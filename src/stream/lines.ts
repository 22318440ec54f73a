/**
 * The lines of a stream that follows: opened, lost, replaced, doubled. Pure.
 *
 * A line that grows too old gets an *heir*; both deliver for a while, then the old one is hung up. With redundancy 2 a
 * *spare* is dialled some seconds after a line that stands alone, and again, with growing waits, whenever one is lost.
 * One line is dialled at a time, and one is replaced at a time.
 */
import { after } from "../kernel/scalars.ts";
import { type Epoch, isOpen, type Line, type OpenLine, opened } from "./line.ts";
import type { Effect, Env, Following, In, Step } from "./phases.ts";
import { jittered, recoverWith } from "./recovery.ts";

/** Changes an open line; a line that is not open, or not ours any more, is left alone. */
export function withLine<S extends Following>(state: S, epoch: Epoch, change: Partial<OpenLine>): S {
  const lines = state.lines.map((line) => (line.epoch === epoch && isOpen(line) ? { ...line, ...change } : line));
  return { ...state, lines };
}

/** The line that this one is to replace, while it is still there. */
export function replacedBy({ heirOf }: Line, lines: readonly Line[]): Line | undefined {
  return heirOf === undefined ? undefined : lines.find(({ epoch }) => epoch === heirOf);
}

/** Is a line being dialled or replaced? Then no other one is. */
export function isChanging(lines: readonly Line[]): boolean {
  return lines.some((line) => !isOpen(line) || replacedBy(line, lines) !== undefined);
}

/** A handshake is done. */
export function lineOpened(state: In<"following">, epoch: Epoch, env: Env): Step {
  const dialled = state.lines.find((line) => line.epoch === epoch && !isOpen(line));
  if (dialled === undefined) return [state, []];
  const before = state.lines.filter(isOpen);
  const others = before.filter((line) => line !== replacedBy(dialled, state.lines));
  const line = opened(dialled, others, env);
  const lines = state.lines.map((one) => (one === dialled ? line : one));
  const next = withSpare({ ...state, lines }, env.timing.apartMs, env);
  if (before.length === 0) return [next, [{ type: "live", epoch }]];
  // Its answer shows that the line before has delivered what was sent before this one was listening.
  return [next, before.map((old) => ({ type: "probe", epoch: old.epoch }))];
}

/** When a spare is wanted and none is on its way: it is dialled after so long. */
function withSpare(state: In<"following">, waitMs: number, { now, redundancy }: Env): In<"following"> {
  const standing = state.lines.filter((line) => replacedBy(line, state.lines) === undefined);
  if (standing.length >= redundancy || state.spareAt !== undefined) return state;
  return { ...state, spareAt: after(now, waitMs) };
}

/** A line is no more. */
export function lineClosed(state: In<"following">, epoch: Epoch, why: string, env: Env): Step {
  const gone = state.lines.find((line) => line.epoch === epoch);
  if (gone === undefined) return [state, []];
  const lines = state.lines.filter((line) => line !== gone);
  if (lines.length === 0) {
    const { failures, lease } = state;
    return recoverWith(state, isOpen(gone) ? [{ type: "lost", why }] : [], { failures, lease }, why, env);
  }
  const next = withSuccessor({ ...state, lines }, gone, env);
  if (!isOpen(gone)) return [next, []];
  const [heir] = lines.filter(isOpen).reverse();
  if (heir === undefined) return [next, [{ type: "lost", why }]];
  // What it had in flight was sent before the others were listening, if that was just now.
  if (!lines.some((line) => isOpen(line) && covers(line, gone, env.timing.settleMs, env))) {
    return [next, doubt(why, heir.epoch)];
  }
  return env.redundancy > 1 ? probeAll(next) : [next, []];
}

/** Has `line` delivered whatever `gone` may have failed to deliver? */
function covers(line: OpenLine, gone: OpenLine, settleMs: number, { now }: Env): boolean {
  return line.epoch < gone.epoch || (now - line.openedAt >= settleMs && gone.heardAt >= line.openedAt);
}

/** Whoever is left must show soon that it is alive: what it covers hangs on that. */
function probeAll(state: In<"following">): Step {
  const open = state.lines.filter(isOpen);
  const next = open.reduce((one, { epoch }) => withLine(one, epoch, { stage: "probed" }), state);
  return [next, open.map(({ epoch }) => ({ type: "probe", epoch }))];
}

/** An heir that failed is tried again later; so is a spare. */
function withSuccessor(state: In<"following">, gone: Line, env: Env): In<"following"> {
  const old = replacedBy(gone, state.lines);
  if (old !== undefined) return isOpen(old) ? withLine(state, old.epoch, laterSuccessor(old, env)) : state;
  const wasSteady = isOpen(gone) && env.now - gone.openedAt >= env.timing.steadyAfterMs;
  const failures = wasSteady ? 0 : state.spareFailures;
  const next = withSpare(state, env.redundancy > 1 ? jittered(failures, env) : 0, env);
  return next === state ? state : { ...next, spareFailures: failures + 1 };
}

function laterSuccessor(line: OpenLine, env: Env): Partial<OpenLine> {
  return { retireAt: after(env.now, jittered(line.failures, env)), failures: line.failures + 1 };
}

/** A frame could not be read: what it told is lost. */
export function unreadable(state: In<"following">, epoch: Epoch, why: string): Step {
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

/** Asks a silent line for a sign of life. */
export function probe(state: In<"following">, line: Line | undefined): Step {
  if (line === undefined) return [state, []];
  return [withLine(state, line.epoch, { stage: "probed" }), [{ type: "probe", epoch: line.epoch }]];
}

/** A line is too old: its heir is dialled beside it. */
export function dialHeir(state: In<"following">, old: Line | undefined, env: Env): Step {
  return old === undefined ? [state, []] : dialBeside(state, { heirOf: old.epoch }, env);
}

/** A line stands alone where there should be two. */
export function dialSpare({ spareAt: _, ...state }: In<"following">, env: Env): Step {
  return dialBeside(state, {}, env);
}

function dialBeside(state: In<"following">, kin: Pick<Line, "heirOf">, { now }: Env): Step {
  const epoch = state.epoch + 1;
  const lines: Line[] = [...state.lines, { stage: "dialing", epoch, dialedAt: now, ...kin }];
  return [{ ...state, epoch, lines }, [{ type: "dial", key: state.lease.key, epoch }]];
}

/** Both have delivered for a while: the heir stays. */
export function handOver(state: In<"following">, heir: Line | undefined, env: Env): Step {
  const old = heir && replacedBy(heir, state.lines);
  if (heir === undefined || old === undefined) return [state, []];
  const lines = state.lines.filter((line) => line !== old);
  const hangUp: Effect = { type: "hang-up", epoch: old.epoch, why: "rotated" };
  const isWhole = lines.some((line) => isOpen(line) && isOpen(old) && covers(line, old, 0, env));
  return [{ ...state, lines }, isWhole ? [hangUp] : [hangUp, ...doubt("silent until rotated", heir.epoch)]];
}

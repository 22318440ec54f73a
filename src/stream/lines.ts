/**
 * The lines of a stream that follows: opened, lost, replaced, doubled. Pure.
 *
 * A line covers what another one fails to deliver when it was listening before the other could miss anything, and only
 * when that is proven: by an event that both have delivered, or by the other's answer to what it was asked once this
 * one was open, since the exchange answers in turn with the events. That a line was heard proves nothing: what comes
 * may have been on its way for long, and a pong may overtake it.
 *
 * A line that grows too old gets an *heir*; both deliver for a while, then the old one is hung up. With redundancy 2 a
 * *spare* is dialled some seconds after a line that stands alone, and again, with growing waits, whenever one is lost.
 * One line is dialled at a time, and one is replaced at a time.
 */
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import { type Epoch, isOpen, type Line, type OpenLine, opened } from "./line.ts";
import type { Effect, Env, Following, In, Step } from "./phases.ts";
import { jittered, recoverWith } from "./recovery.ts";
import type { Timing } from "./timing.ts";

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
  // One that does not even answer the probe is not worth waiting for.
  const asked = before.flatMap((old): Effect[] => [
    { type: "probe", epoch: old.epoch },
    { type: "ask", epoch: old.epoch, of: epoch },
  ]);
  return [next, asked];
}

/** The line `epoch` is proven to have delivered whatever was sent before `of` was listening. */
export function lineAbreast(state: In<"following">, epoch: Epoch, of: Epoch): Step {
  const line = state.lines.find((one) => one.epoch === epoch);
  if (line === undefined || !isOpen(line) || line.abreastOf >= of) return [state, []];
  return [withLine(state, epoch, { abreastOf: of }), []];
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
  if (!isCovered(gone, lines)) return [next, doubt(why, heir.epoch)];
  return env.redundancy > 1 ? probeAll(next) : [next, []];
}

/**
 * What the line `epoch` brings can wait no longer for what older ones may still bring before it: those are given up.
 * One that is proven to be abreast of it has brought that.
 */
export function giveUpLate(state: In<"following">, epoch: Epoch, env: Env): Step {
  const waiting = state.lines.find((line) => line.epoch === epoch);
  const late = state.lines.filter(isOpen).filter((old) => old.epoch < epoch && old.abreastOf < epoch);
  if (waiting === undefined || !isOpen(waiting) || late.length === 0) return [state, []];
  const lines = state.lines.filter((line) => !late.some((old) => old === line));
  const next = late.reduce<In<"following">>((one, old) => withSuccessor(one, old, env), { ...state, lines });
  const why = late.every((old) => old.heardAt > waiting.openedAt) ? "late" : "silent";
  const hangUps = late.map(({ epoch: old }): Effect => ({ type: "hang-up", epoch: old, why }));
  return [next, [...hangUps, ...doubt(why, epoch)]];
}

/** Does one of `lines` deliver whatever `gone` may have failed to deliver? */
function isCovered(gone: OpenLine, lines: readonly Line[]): boolean {
  return lines.some((line) => line !== gone && isOpen(line) && line.epoch <= gone.abreastOf);
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

/**
 * When the heir has delivered beside `old` for long enough. It takes longer when `old` is alive and may still bring
 * what the heir was not listening for: nobody else would.
 */
export function handOverAt(heir: OpenLine, old: Line, lines: readonly Line[], timing: Timing): MonotonicMs {
  const isWorthwhile = isOpen(old) && old.heardAt > heir.openedAt && !isCovered(old, lines);
  return after(heir.openedAt, isWorthwhile ? timing.overlapMaxMs : timing.overlapMs);
}

/** Both have delivered for a while: the heir stays. */
export function handOver(state: In<"following">, heir: Line | undefined): Step {
  const old = heir && replacedBy(heir, state.lines);
  if (heir === undefined || !isOpen(heir) || old === undefined) return [state, []];
  const lines = state.lines.filter((line) => line !== old);
  const hangUp: Effect = { type: "hang-up", epoch: old.epoch, why: "rotated" };
  const isWhole = isOpen(old) && isCovered(old, lines);
  const why = isOpen(old) && old.heardAt > heir.openedAt ? "late until rotated" : "silent until rotated";
  return [{ ...state, lines }, isWhole ? [hangUp] : [hangUp, ...doubt(why, heir.epoch)]];
}

/** The lines of a stream that follows: opened, lost, replaced. Pure. */
import { after } from "../kernel/scalars.ts";
import { type Epoch, isOpen, type Line, type OpenLine, opened } from "./line.ts";
import type { Effect, Env, In, Step } from "./phases.ts";
import { jittered, recoverWith } from "./recovery.ts";

/** Changes an open line; a line that is not open, or not ours any more, is left alone. */
export function withLine(
  state: In<"following">,
  epoch: Epoch,
  change: Partial<Extract<Line, { stage: "open" | "probed" }>>,
): In<"following"> {
  const lines = state.lines.map((line) => (line.epoch === epoch && isOpen(line) ? { ...line, ...change } : line));
  return { ...state, lines };
}

/** A handshake is done. */
export function lineOpened(state: In<"following">, epoch: Epoch, { now, random, timing }: Env): Step {
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

/** A line is no more. */
export function lineClosed(state: In<"following">, epoch: Epoch, why: string, env: Env): Step {
  const gone = state.lines.find((line) => line.epoch === epoch);
  if (gone === undefined) return [state, []];
  const lines = state.lines.filter((line) => line !== gone);
  const [heir] = lines;
  if (heir === undefined) {
    const { failures, lease } = state;
    return recoverWith(state, isOpen(gone) ? [{ type: "lost", why }] : [], { failures, lease }, why, env);
  }
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

/** A line is too old: another one is dialled beside it. */
export function dialSuccessor(state: In<"following">, { now }: Env): Step {
  const epoch = state.epoch + 1;
  const lines: Line[] = [...state.lines, { stage: "dialing", epoch, dialedAt: now }];
  return [{ ...state, epoch, lines }, [{ type: "dial", key: state.lease.key, epoch }]];
}

/** Both have delivered for a while: the newest stays. */
export function handOver(state: In<"following">, heir: Line | undefined): Step {
  if (heir === undefined || !isOpen(heir)) return [state, []];
  const old = state.lines.filter((line) => line !== heir);
  const hangUps = old.map(({ epoch }) => ({ type: "hang-up", epoch, why: "rotated" }) as const);
  const isWhole = old.some((line) => isHeardSince(line, heir));
  return [{ ...state, lines: [heir] }, isWhole ? hangUps : [...hangUps, ...doubt("silent until rotated", heir.epoch)]];
}

/** One websocket of the stream, and what is due on it. Pure. */
import type { Random } from "../kernel/ports.ts";
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import type { Timing } from "./timing.ts";

/** A line's number: lines are counted from 1, so that the last words of an old one can be told apart. */
export type Epoch = number;

/** A line that has opened. */
export interface OpenLine {
  readonly stage: "open" | "probed";
  readonly epoch: Epoch;
  readonly openedAt: MonotonicMs;
  /** The last sign of life. */
  readonly heardAt: MonotonicMs;
  /** When its successor is to be dialled. */
  readonly retireAt: MonotonicMs;
  /** Successors that could not be dialled so far. */
  readonly failures: number;
}

/** One websocket. `probed` is open, but silent for so long that a sign of life was asked for. */
export type Line = { readonly stage: "dialing"; readonly epoch: Epoch; readonly dialedAt: MonotonicMs } | OpenLine;

/** What a line waits for. The name says it in traces. */
export type LineDeadline = {
  readonly at: MonotonicMs;
  readonly why: "handshake overdue" | "probe" | "silent" | "too old";
};

/** The line when its handshake is done. */
export function opened(epoch: Epoch, now: MonotonicMs, random: Random, timing: Timing): OpenLine {
  const retireAt = after(now, timing.rotateAfterMs - random.next() * timing.rotateSpreadMs);
  return { stage: "open", epoch, openedAt: now, heardAt: now, retireAt, failures: 0 };
}

/** What is due on it next. No line grows too old during a rotation: one successor at a time is enough. */
export function lineDeadline(line: Line, isRotating: boolean, timing: Timing): LineDeadline {
  if (line.stage === "dialing") return { at: after(line.dialedAt, timing.dialMaxMs), why: "handshake overdue" };
  const alive: LineDeadline =
    line.stage === "probed"
      ? { at: after(line.heardAt, timing.silenceMaxMs), why: "silent" }
      : { at: after(line.heardAt, timing.probeAfterMs), why: "probe" };
  return isRotating || alive.at <= line.retireAt ? alive : { at: line.retireAt, why: "too old" };
}

/** Is it one that delivers? */
export function isOpen(line: Line): line is OpenLine {
  return line.stage !== "dialing";
}

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
  /**
   * It has delivered whatever was sent before this line, and any before it, was listening: that is proven. What it
   * fails to deliver these have. At first its own number.
   */
  readonly abreastOf: Epoch;
  /** When its successor is to be dialled. */
  readonly retireAt: MonotonicMs;
  /** Successors that could not be dialled so far. */
  readonly failures: number;
  /** The older line that it was dialled to replace, which may be gone by now. */
  readonly heirOf?: Epoch;
}

/** A line whose handshake is under way. */
export interface DialledLine {
  readonly stage: "dialing";
  readonly epoch: Epoch;
  readonly dialedAt: MonotonicMs;
  readonly heirOf?: Epoch;
}

/** One websocket. `probed` is open, but silent for so long that a sign of life was asked for. */
export type Line = DialledLine | OpenLine;

/** What a line waits for. The name says it in traces. */
export type LineDeadline = {
  readonly at: MonotonicMs;
  readonly why: "handshake overdue" | "probe" | "silent" | "too old";
};

/** The line when its handshake is done. It will be replaced well before or after each of the `others`. */
export function opened(
  { epoch, heirOf }: Line,
  others: readonly OpenLine[],
  { now, random, timing }: { readonly now: MonotonicMs; readonly random: Random; readonly timing: Timing },
): OpenLine {
  let retireAt = after(now, timing.rotateAfterMs - random.next() * timing.rotateSpreadMs);
  for (const other of others) {
    const apart = after(other.retireAt, -timing.rotateApartMs);
    if (Math.abs(retireAt - other.retireAt) < timing.rotateApartMs && apart > now) retireAt = apart;
  }
  const abreastOf = epoch;
  const line: OpenLine = { stage: "open", epoch, openedAt: now, heardAt: now, abreastOf, retireAt, failures: 0 };
  return heirOf === undefined ? line : { ...line, heirOf };
}

/** What is due on it next. No line grows too old while another one is dialled or replaced: one at a time is enough. */
export function lineDeadline(line: Line, isChanging: boolean, timing: Timing): LineDeadline {
  if (line.stage === "dialing") return { at: after(line.dialedAt, timing.dialMaxMs), why: "handshake overdue" };
  const alive: LineDeadline =
    line.stage === "probed"
      ? { at: after(line.heardAt, timing.silenceMaxMs), why: "silent" }
      : { at: after(line.heardAt, timing.probeAfterMs), why: "probe" };
  return isChanging || alive.at <= line.retireAt ? alive : { at: line.retireAt, why: "too old" };
}

/** Is it one that delivers? */
export function isOpen(line: Line): line is OpenLine {
  return line.stage !== "dialing";
}

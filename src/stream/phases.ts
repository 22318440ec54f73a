/** The phases of one account's stream, what can happen to it, and what is then to be done. Words only. Pure. */
import type { Random } from "../kernel/ports.ts";
import type { ListenKey, MonotonicMs } from "../kernel/scalars.ts";
import type { Lease } from "./lease.ts";
import type { Epoch, Line } from "./line.ts";
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
  /** The lines on `lease` were deaf: the grant will show whether that was the key's fault. */
  readonly isDeaf?: true;
}

/** Nothing is asked for until `until`. */
export interface Pausing {
  readonly phase: "pausing";
  readonly failures: number;
  readonly until: MonotonicMs;
  readonly why: string;
  readonly lease?: Lease;
  readonly isDeaf?: true;
}

/** The key is held. The oldest line is first; there is always at least one. */
export interface Following {
  readonly phase: "following";
  readonly failures: number;
  readonly lease: Lease;
  readonly lines: readonly Line[];
  /** When a second line is to be dialled; absent when none is missing. */
  readonly spareAt?: MonotonicMs;
  /** Lines in a row that were lost before they were steady, while another one stood. */
  readonly spareFailures: number;
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
  /** Somebody has a reason to doubt that the key is alive. */
  | { readonly type: "key-doubted" }
  /** The lines deliver nothing although there is something to tell, as somebody has found out. */
  | { readonly type: "deafened"; readonly why: string }
  | { readonly type: "line-opened" | "line-heard"; readonly epoch: Epoch }
  /** The line has delivered whatever was sent before the line `of` was listening: that is proven. */
  | { readonly type: "line-abreast"; readonly epoch: Epoch; readonly of: Epoch }
  /** What the line brings has waited long enough for what older ones may still bring. */
  | { readonly type: "line-waits"; readonly epoch: Epoch }
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
  /** Asks the line what the exchange answers in turn with the events: the answer proves that it is abreast of `of`. */
  | { readonly type: "ask"; readonly epoch: Epoch; readonly of: Epoch }
  | { readonly type: "hang-up"; readonly epoch: Epoch; readonly why: string }
  /** From here on events may be missed. Said once for each time that `live` was said. */
  | { readonly type: "lost"; readonly why: string }
  /** What is known of the cause of a trouble that was told before, or of one that nothing was lost by. */
  | { readonly type: "diagnosed"; readonly why: string }
  /** A line delivers (again). */
  | { readonly type: "live"; readonly epoch: Epoch };

/** What a step may know of the world. */
export interface Env {
  readonly now: MonotonicMs;
  readonly random: Random;
  readonly timing: Timing;
  /** How many lines deliver at any time, rotations apart. */
  readonly redundancy: Redundancy;
}

/** One line, or two of which one may die without a gap. */
export type Redundancy = 1 | 2;

/** The next state, and what is to be done to get there. */
export type Step = readonly [next: Lifecycle, effects: readonly Effect[]];

/** Before `started`. */
export const INITIAL: Lifecycle = { phase: "idle", epoch: 0 };

/** One of the phases. */
export type In<P extends Lifecycle["phase"]> = Extract<Lifecycle, { phase: P }>;

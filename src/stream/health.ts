/** How the stream is doing, for people and alarms. Pure. */
import { type EventMs, type MonotonicMs, redact } from "../kernel/scalars.ts";
import type { Novelty } from "../protocol/codec.ts";
import { isOpen } from "./line.ts";
import type { Lifecycle } from "./phases.ts";

/** One moment of a stream. Durations are in milliseconds of our monotonic clock. */
export interface StreamHealth {
  /** `idle`, `acquiring` a key, `pausing` before the next attempt, `following` the account, or `stopped`. */
  readonly phase: Lifecycle["phase"];
  /** Does a line deliver at this moment? */
  readonly live: boolean;
  /** The key, when one is held. */
  readonly key: KeyHealth | undefined;
  /** The websockets, oldest first; two while one takes over from the other. */
  readonly lines: readonly LineHealth[];
  /** Why no attempt is made at the moment, and for how long still; `undefined` when one is, or none is needed. */
  readonly pause: Pause | undefined;
  /** The cause of the last trouble, as far as it is known; `undefined` while there was none. It may be long over. */
  readonly diagnosis: Diagnosis | undefined;
  /** `E` of the last event told, by the exchange's clock. */
  readonly lastEventE: EventMs | undefined;
  /** What happened so far. */
  readonly counts: StreamCounts;
  /** What the exchange said that this version does not know, each once, at most 100. */
  readonly novelties: readonly Novelty[];
}

/** What went wrong last. */
export interface Diagnosis {
  /** The cause in plain words: `key unknown (-1125): …`, `key changed elsewhere: …`, `silent`, `closed 1006`. */
  readonly why: string;
  /** Since it was found. */
  readonly agoMs: number;
}

/** A wait before the next attempt. */
export interface Pause {
  /** What went wrong. */
  readonly why: string;
  /** Until the next attempt. */
  readonly forMs: number;
}

/** The listenKey in hand. */
export interface KeyHealth {
  /** `abcd…`: enough to tell it from another. */
  readonly shown: string;
  /** Since this program first asked for it. */
  readonly heldForMs: number;
  /** Until it would end if it were not renewed; negative when that is past. */
  readonly validForMs: number;
  /** Renewals that failed since the last one that did not. */
  readonly failures: number;
}

/** One websocket. */
export interface LineHealth {
  /** Its number, counted from 1. */
  readonly epoch: number;
  /** `probed`: open, but silent, and asked for a sign of life. */
  readonly stage: "dialing" | "open" | "probed";
  /** Since it opened; 0 while dialing. */
  readonly openForMs: number;
  /** Since the last sign of life; 0 while dialing. */
  readonly quietForMs: number;
}

/** Counts since the stream was started. */
export interface StreamCounts {
  /** Events told. */
  readonly events: number;
  /** Copies that were dropped, of events that were told. */
  readonly copies: number;
  /** Gaps told. */
  readonly gaps: number;
  /** Keys asked for. */
  readonly grants: number;
  /** Renewals asked for. */
  readonly renewals: number;
  /** Lines dialled. */
  readonly dials: number;
  /** Frames that could not be read. */
  readonly unreadable: number;
}

/** The parts of {@link StreamHealth} that are in the state machine. */
export function lifecycleHealth(
  state: Lifecycle,
  now: MonotonicMs,
): Pick<StreamHealth, "phase" | "live" | "key" | "lines" | "pause"> {
  const lines = state.phase === "following" ? state.lines : [];
  const lease = "lease" in state ? state.lease : undefined;
  return {
    phase: state.phase,
    live: lines.some(isOpen),
    key: lease && {
      shown: redact(lease.key),
      heldForMs: now - lease.heldSince,
      validForMs: lease.validUntil - now,
      failures: lease.renewal.failures,
    },
    lines: lines.map((line) => ({
      epoch: line.epoch,
      stage: line.stage,
      openForMs: isOpen(line) ? now - line.openedAt : 0,
      quietForMs: isOpen(line) ? now - line.heardAt : 0,
    })),
    pause: state.phase === "pausing" ? { why: state.why, forMs: Math.max(0, state.until - now) } : undefined,
  };
}

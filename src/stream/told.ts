/** What a stream tells whoever follows the account by it. Pure. */
import type { EventMs } from "../kernel/scalars.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";

/** An event, each once, in order. */
export interface ToldEvent {
  readonly kind: "event";
  /** The payload, in the wire's own letters; ids are strings. */
  readonly event: UserDataEvent;
  /** The frame it came in, unchanged. */
  readonly raw: string;
  /** Its line has delivered a later `E` before: the exchange's clock was put back. It comes in order all the same. */
  readonly putBack?: true;
}

/** Certainty was lost: events may have been missed from `from` on, until the next `live` status, maybe at once. */
export interface ToldGap {
  readonly kind: "gap";
  /**
   * `E` of the last event known complete, by the exchange's clock: with two lines it may be older than the last one
   * that was told. `undefined` when there was none yet.
   */
  readonly from: EventMs | undefined;
  /** The cause, in words: `key expired`, `silent`, `closed 1006`, `unreadable frame: …` */
  readonly why: string;
}

/** The stream's own state changed. */
export interface ToldStatus {
  readonly kind: "status";
  /** `live`: events arrive (again). `stopped`: none will. */
  readonly status: "live" | "stopped";
}

/** What a stream tells, in order. */
export type StreamTold = ToldEvent | ToldGap | ToldStatus;

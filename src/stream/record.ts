/** What the stream tells its reader. Pure. */
import type { EventMs, WallMs } from "../kernel/scalars.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";

/** What every record says. */
interface RecordBase {
  /** 1, 2, 3 …: contiguous, per stream. */
  readonly seq: number;
  /** The account, as its owner calls it. */
  readonly account: string;
  /** When it was recorded, by our wall clock. */
  readonly at: WallMs;
}

/** One event of the account. Each is told once. */
export interface EventRecord extends RecordBase {
  readonly kind: "event";
  /** How it came. */
  readonly origin: "stream";
  /** The payload, in the wire's own letters; ids are strings. */
  readonly event: UserDataEvent;
  /** The frame it came in, unchanged. */
  readonly raw: string;
}

/** Certainty was lost: events may have been missed from `from` on, until the next `live` status, maybe at once. */
export interface GapRecord extends RecordBase {
  readonly kind: "gap";
  /**
   * `E` of the last event up to which all is complete, by the exchange's clock; `undefined` when there was none yet.
   * Later events may have been told before this record: that a line was dead is found out some time after it died.
   */
  readonly from: EventMs | undefined;
  /** The cause, in words: `key expired`, `silent`, `closed 1006`, `unreadable frame: …` */
  readonly why: string;
}

/** The stream's own state changed. */
export interface StatusRecord extends RecordBase {
  readonly kind: "status";
  /** `live`: events arrive (again). `stopped`: none will. */
  readonly status: "live" | "stopped";
}

/** What the stream tells its reader, in the order of `seq`. */
export type StreamRecord = EventRecord | GapRecord | StatusRecord;

/** A record without what the teller adds to it. */
export type Untold = StreamRecord extends infer R ? (R extends unknown ? Omit<R, keyof RecordBase> : never) : never;

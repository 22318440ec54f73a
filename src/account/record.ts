/** What an account's follower tells its reader. Pure. */
import type { EventMs, TransactMs, WallMs } from "../kernel/scalars.ts";
import type { EventName, UserDataEvent, UserDataEvents } from "../protocol/user-data-event.ts";
import type { RepairedEvents, RepairedName } from "./repaired-events.ts";

/** What every record says. */
interface RecordBase {
  /** 1, 2, 3 …: contiguous, per account. */
  readonly seq: number;
  /** The account, as its owner calls it. */
  readonly account: string;
  /** When it was recorded, by our wall clock. */
  readonly at: WallMs;
}

/** One event of the account, as the exchange pushed it. Each is told once. */
export interface StreamedRecord<E extends UserDataEvent = UserDataEvent> extends RecordBase {
  readonly kind: "event";
  readonly origin: "stream";
  /** The payload, in the wire's own letters; ids are strings. */
  readonly event: E;
  /** The frame it came in, unchanged. */
  readonly raw: string;
  /** It came while an earlier gap was not yet repaired, and could not be held back any longer. */
  readonly early?: true;
  /** A later `E` was pushed before it: the exchange's clock was put back. It comes in order all the same. */
  readonly putBack?: true;
}

/** One event that was missed and is told from REST answers: without the fields that REST does not know. */
export interface RepairedRecord<N extends RepairedName = RepairedName> extends RecordBase {
  readonly kind: "event";
  readonly origin: "repair";
  /** In the wire's own letters. */
  readonly event: RepairedEvents[N];
}

/**
 * One event of this name: of events that REST cannot tell there is always the frame. `origin` says which of the two
 * `event` is.
 */
export type RecordOf<N extends EventName> =
  | StreamedRecord<UserDataEvents[N]>
  | (N extends RepairedName ? RepairedRecord<N> : never);

/** One event. */
export type EventRecord = StreamedRecord | RepairedRecord;

/** Certainty was lost: events may have been missed from `from` on. A `repair` record ends it. */
export interface GapRecord extends RecordBase {
  readonly kind: "gap";
  /** `E` of the last event before it, by the exchange's clock; `undefined` when there was none yet. */
  readonly from: EventMs | undefined;
  /** The cause, in words: `key expired`, `silent`, `closed 1006`, `unreadable frame: …` */
  readonly why: string;
}

/**
 * The certificate that ends gaps: what was missed up to `completeUpTo` has been told, but for the `holes`. The first
 * one ends no gap: it confirms the snapshot the stream began with.
 */
export interface RepairRecord extends RecordBase {
  readonly kind: "repair";
  /** `seq` of the gap records it ends, oldest first. */
  readonly gaps: readonly number[];
  /** Up to when all was known before them: by the last proof, else `E` of the last event. By the exchange's clock. */
  readonly from: EventMs | undefined;
  /**
   * Nothing dated up to here is missing, but for the holes; from here on the stream was heard. When REST refused to
   * answer it is {@link from}: nothing is proven. By the exchange's clock.
   */
  readonly completeUpTo: TransactMs;
  /** How many events were told from REST, by name. */
  readonly recovered: Readonly<Record<string, number>>;
  /** What could not be recovered, in words; empty when everything was. */
  readonly holes: readonly string[];
  /** Weight of the requests that were sent for it. What our own budget held back cost nothing. */
  readonly weightUsed: number;
  /** Requests that were sent for it. */
  readonly requests: number;
  /** From the first of the gaps to here, in milliseconds of our monotonic clock. */
  readonly tookMs: number;
}

/** Where the stream stands. */
export interface StatusRecord extends RecordBase {
  readonly kind: "status";
  /** `live`: events arrive (again). `synced`: the mirror shows the account as it is. `stopped`: nothing follows. */
  readonly status: "live" | "synced" | "stopped";
  /** With `synced`: what is dated since is told; what is earlier was promised to nobody. By the exchange's clock. */
  readonly since?: TransactMs;
}

/** What the follower tells its reader, in the order of `seq`. */
export type AccountRecord = EventRecord | GapRecord | RepairRecord | StatusRecord;

/**
 * Is it an event of this name? For readers of {@link AccountRecord}s; listeners get theirs by name.
 *
 * @example
 * ```ts
 * for await (const record of stream.records()) {
 *   if (isEvent(record, "ORDER_TRADE_UPDATE")) console.log(record.event.o.s, record.event.o.X);
 * }
 * ```
 */
export function isEvent<N extends EventName>(record: AccountRecord, name: N): record is AccountRecord & RecordOf<N> {
  return record.kind === "event" && record.event.e === name;
}

/** A record without what the teller adds to it. */
export type RecordBody = AccountRecord extends infer R
  ? R extends unknown
    ? Omit<R, keyof RecordBase>
    : never
  : never;

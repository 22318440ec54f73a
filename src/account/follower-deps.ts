/** What a follower of an account needs of the world, and what it says of itself. Pure. */
import type { ListenkeyError } from "../kernel/errors.ts";
import type { Clock, Log, Random } from "../kernel/ports.ts";
import type { EventMs, TransactMs } from "../kernel/scalars.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import type { AccountChange } from "./account-change.ts";
import type { AccountReads } from "./account-reads.ts";
import type { FollowTiming } from "./follow-timing.ts";
import type { Mirror } from "./mirror.ts";
import type { AccountRecord } from "./record.ts";
import type { RepairedEvent } from "./repaired-events.ts";
import type { UntoldFacts } from "./untold-facts.ts";

/** One event of the stream, as its `ToldEvent` has it. */
export interface HeardEvent {
  readonly kind: "event";
  readonly event: UserDataEvent;
  readonly raw: string;
  readonly putBack?: true;
}

/** What the stream of the account tells, as it comes: the same as `StreamTold` of the room `stream`. */
export type HeardFromStream =
  | HeardEvent
  | { readonly kind: "gap"; readonly from: EventMs | undefined; readonly why: string }
  | { readonly kind: "status"; readonly status: "live" | "stopped" };

/** What a follower needs of the world. */
export interface FollowerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly timing: FollowTiming;
  /** How the records call the account. */
  readonly account: string;
  /** `undefined` without a secret to sign with: then nothing can be asked, and every gap stays a hole. */
  readonly reads: AccountReads | undefined;
  /** Where an earlier follower of the account ended. */
  readonly resume?: Resume | undefined;
  /** Takes each record, in order. It must not throw. */
  readonly tell: (record: AccountRecord) => void;
  /**
   * Takes what an event or an answer changed in the mirror, which shows it by then. What an event
   * changed comes before its record; what answers teach beside events (the first snapshot) has none. It must not throw.
   */
  readonly mirrored?: (changes: readonly AccountChange[]) => void;
  /** The health is worth looking at again. */
  readonly changed: () => void;
  /** Takes the error because of which the account cannot be read at all (no permission), before the first `synced`. */
  readonly failed: (error: ListenkeyError) => void;
  /** The key may be no good any more: it is to be renewed, and so checked. */
  readonly doubtKey: () => void;
  /** REST proves that the stream does not deliver. */
  readonly declareDeaf: (why: string) => void;
}

/**
 * What is left of an earlier follower of the account: what its reader kept. It is records and a mirror, and what
 * follows from them.
 */
export interface Resume {
  /** What was told up to the last record, and no more; but for what is {@link untold}. */
  readonly mirror: Mirror;
  /** Of the last record. */
  readonly seq: number;
  /**
   * `completeUpTo` of the last certificate; without one, `since` of the first `synced`. `undefined`: nothing was
   * promised yet, and the next follower begins with a snapshot.
   */
  readonly from: EventMs | undefined;
  /** The events that are dated since a little before `from`. Without them what happened then may be told again. */
  readonly told?: Iterable<UserDataEvent | RepairedEvent>;
  /** What the mirror knows more of than was told: {@link AccountFollower.untold} when it was copied. */
  readonly untold?: UntoldFacts;
  /** Symbol → newest trade id told that is dated before `from`, or earlier. Absent: fills are asked for by time. */
  readonly lastTradeIds?: ReadonlyMap<string, string>;
  /** `seq` of the gap records that no certificate has ended: the next one does. */
  readonly gaps?: readonly number[];
  /** `since` of the first `synced`: what is dated earlier was promised to nobody, and is not told now. */
  readonly promisedSince?: TransactMs;
}

/** How certain the mirror is. */
export interface SyncHealth {
  /**
   * `waiting` for a line; `asking` what was missed; `confirming`: synced, and to be asked once more when REST cannot
   * lag any more; `certain`; `doubtful`: REST refused to answer, and is asked again now and then; `unasked`: there is
   * no secret to sign with.
   */
  readonly sync: "waiting" | "asking" | "confirming" | "certain" | "doubtful" | "unasked";
  /**
   * Proven complete up to then, by a certificate or an audit; by the exchange's clock. `undefined` before the first.
   * From there on the stream was heard.
   */
  readonly completeUpTo: TransactMs | undefined;
  /** Why an answer is waited for; `undefined` when none is. */
  readonly askingTrouble: string | undefined;
  /** Copies that were dropped of events that repair had told. */
  readonly lateCopies: number;
}

/** What a follower of an account needs of the world, and what it says of itself. Pure. */
import type { ListenkeyError } from "../kernel/errors.ts";
import type { Clock, Log, Random } from "../kernel/ports.ts";
import type { EventMs, TransactMs } from "../kernel/scalars.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import type { AccountReads } from "./account-reads.ts";
import type { FollowTiming } from "./follow-timing.ts";
import type { Mirror } from "./mirror.ts";
import type { AccountRecord } from "./record.ts";
import type { Told } from "./told-steps.ts";

/** What the stream of the account tells, as it comes: the same as `StreamTold` of the room `stream`. */
export type HeardFromStream =
  | { readonly kind: "event"; readonly event: UserDataEvent; readonly raw: string }
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
  /** The health is worth looking at again. */
  readonly changed: () => void;
  /** Takes the error because of which the account cannot be read at all (no permission), before the first `synced`. */
  readonly failed: (error: ListenkeyError) => void;
  /** The key may be no good any more: it is to be renewed, and so checked. */
  readonly doubtKey: () => void;
  /** REST proves that the stream does not deliver. */
  readonly declareDeaf: (why: string) => void;
}

/** What a follower takes over from an earlier one. */
export interface Resume {
  /** What the account held, as far as was told. */
  readonly mirror: Mirror;
  /** What was told of late. Without it, what happened just before `from` may be told again. */
  readonly told?: Told;
  /** The last one that was told. */
  readonly seq: number;
  /** Up to when all was known: `E` of the last event, or a certificate's `completeUpTo` when the stream was deaf. */
  readonly from: EventMs;
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

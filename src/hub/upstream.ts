/** Where the records of an account come from: a stream of the exchange, or another hub. Pure. */
import type { AccountView } from "../account/account-view.ts";
import type { Resume } from "../account/follower-deps.ts";
import type { AccountRecord } from "../account/record.ts";
import type { TransactMs } from "../kernel/scalars.ts";

/** Follows one account for the hub. */
export interface Upstream {
  /** Begins to follow. Rejects when the account can never be followed so: its key was refused. */
  start(): Promise<void>;
  /** Ends it for good; what it told until then stands. */
  stop(): Promise<void>;
  /** What the account holds, all records included that were told. */
  readonly account: AccountView;
  /** How it is doing: plain data, without secrets. */
  readonly health: UpstreamHealth;
}

/** What the hub itself reads of an upstream's health; the rest is passed on. */
export interface UpstreamHealth {
  /** `certain` and `confirming` are in sync. */
  readonly sync?: string;
  /** Proven complete up to then, by the exchange's clock. */
  readonly completeUpTo?: TransactMs | undefined;
}

/**
 * Makes an upstream, which tells its records in order: from 1 on when there is nothing to go on from, else from
 * `resume.seq` + 1 on.
 */
export type MakeUpstream = (resume: Resume | undefined, tell: (record: AccountRecord) => void) => Upstream;

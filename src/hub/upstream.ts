/** Where the records of an account come from: a stream of the exchange, or another hub. Pure. */
import type { AccountView } from "../account/account-view.ts";
import type { Resume } from "../account/follower-deps.ts";
import type { Margin } from "../account/margin.ts";
import type { AccountRecord } from "../account/record.ts";
import type { UntoldFacts } from "../account/untold-facts.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { Known } from "./known.ts";

/** Follows one account for the hub. */
export interface Upstream {
  /** Begins to follow. Rejects, then or later, when the account cannot be followed so: its key was refused. */
  start(): Promise<void>;
  /** Ends it for good; what it told until then stands. */
  stop(): Promise<void>;
  /**
   * Asks after which record it could begin with an account that has none: the ones before are not to be had any more.
   * Absent: it can begin with record 1 at any time.
   * @throws {ListenkeyError} when that cannot be told now
   */
  beginning?(): Promise<number>;
  /** What the account holds, all records included that were told. */
  readonly account: AccountView;
  /**
   * How much of what the account holds {@link account} shows: `part` while it has yet to be told what no record says.
   * That matters when there was no snapshot to go on from. Absent: what follows from the records.
   */
  readonly known?: Known | undefined;
  /** What {@link account} knows more of than was told, at this moment: a copy. Absent: of nothing, ever. */
  readonly untold?: UntoldFacts;
  /** What the paper venue on the hub's own port calls the account; absent: it is not there. */
  readonly paper?: string;
  /** How it is doing: plain data, without secrets. */
  readonly health: UpstreamHealth;
  /**
   * Asks for what moves with the market. Absent when it cannot tell.
   * @throws {ListenkeyError} when it cannot be had now
   */
  margin?(): Promise<Margin>;
}

/** What the hub itself reads of an upstream's health, as far as it is told; the rest is passed on. */
export interface UpstreamHealth {
  /** `certain` and `confirming` are in sync. */
  readonly sync?: string;
  /** Proven complete up to then, by the exchange's clock. */
  readonly completeUpTo?: TransactMs | undefined;
  /** The listenKey in hand. */
  readonly key?: { readonly heldForMs: number; readonly validForMs: number; readonly failures: number } | undefined;
  /** Its websockets. */
  readonly lines?: readonly { readonly openForMs: number; readonly quietForMs: number }[];
  /** What it has done so far. */
  readonly counts?: UpstreamCounts;
  /** The weight that may still be asked for. */
  readonly budget?: { readonly used: number; readonly limit: number; readonly blockedForMs: number };
  /** Requests that wait for it. */
  readonly waiting?: number;
  /** How well it knows the exchange's clock. */
  readonly clock?: { readonly offsetMs: number; readonly uncertaintyMs: number | undefined };
}

/** Counts since it was started. */
export interface UpstreamCounts {
  /** Keys asked for. */
  readonly grants: number;
  /** Renewals asked for. */
  readonly renewals: number;
  /** Websockets dialled. */
  readonly dials: number;
  /** Copies of events that were dropped. */
  readonly copies: number;
  /** Frames that could not be read. */
  readonly unreadable: number;
}

/**
 * Makes an upstream, which tells its records in order, of its own none after `stopped`: from 1 on when there is nothing
 * to go on from, else from `resume.seq` + 1 on. `renewed` is called when more of the account may be known than before,
 * and no record says so.
 */
export type MakeUpstream = (
  resume: Resume | undefined,
  tell: (record: AccountRecord) => void,
  renewed: () => void,
) => Upstream;

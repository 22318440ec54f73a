/**
 * Takes what the upstream of one account tells, has it journalled, and hands it on when it is safe. Pure.
 *
 *     record ──▶ text ──▶ waiting ──▶ appended ──committed──▶ feed
 *                            ▲            │ refused
 *                            └── held ◀───┘ until the journal takes it; over the bound the upstream is given up
 *
 * Rules kept here
 * - L8: nobody is given a record that is not committed, unless the hub was told to acknowledge what it received.
 * - What is appended while a commit is under way goes into the next one; so each turn of the program is one append.
 * - A record that was refused is appended again, and everything behind it, in order.
 */
import type { AccountRecord } from "../account/record.ts";
import type { UntoldFacts } from "../account/untold-facts.ts";
import type { JournalEntry } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import { ListenkeyError } from "../kernel/errors.ts";
import type { Cancel, Clock, Log } from "../kernel/ports.ts";
import { after } from "../kernel/scalars.ts";
import { type Feed, feedEntryOf } from "./feed.ts";
import type { HubWatch } from "./hub-watch.ts";
import { type AccountSnapshot, knownIn } from "./mirror-text.ts";
import { labelsOf, recordText } from "./record-text.ts";
import { type Standing, standingAfter } from "./standing.ts";

/** Records that may wait for a journal that refuses them. */
const HELD_RECORDS_MAX = 100_000;

/** Characters of them. */
export const HELD_CHARS_MAX = 64_000_000;

/** From a refusal to the next attempt. */
export const RETRY_AFTER_MS = 1_000;

/** When a consumer is given a record: when it is safe, or when it has come, which is sooner and can be lost. */
export type Acknowledge = "committed" | "received";

/** What a desk needs. */
export interface DeskDeps {
  readonly feed: Feed;
  readonly journal: Pick<Journal, "append">;
  readonly clock: Clock;
  readonly log: Log;
  readonly acknowledge: Acknowledge;
  readonly watch: HubWatch;
  /** What the upstream knows at this moment: every record included that it has told. */
  readonly present: () => Pick<AccountSnapshot, "view" | "known"> & Pick<Standing, "completeUpTo">;
  /** What the view shows more of than those records told, at this moment. */
  readonly untold: () => UntoldFacts;
  /** How the account stood before. */
  readonly standing: Standing;
  /** Is a snapshot wanted as of this record? `renews`: a proof came with it, or where the upstream stands. */
  readonly wantsSnapshot: (asOfSeq: number, renews: boolean) => boolean;
  /** Takes each snapshot that was wanted, once its records are committed. */
  readonly snapshotTaken: (snapshot: AccountSnapshot) => void;
  /** More is held than may be: nothing more is taken, and the upstream is of no use. Called once. */
  readonly overflowed: () => void;
  /** After {@link overflowed}: everything that was held is committed. */
  readonly emptied: () => void;
  /** Somebody else writes for this account: it is not ours any more. */
  readonly fenced: (error: ListenkeyError) => void;
  /** Records that may wait, when it is another bound. */
  readonly heldMax?: number;
}

/** How the desk is doing. */
export interface DeskHealth {
  /** `saving`; `failing`: the journal refuses; `overflowed`: and more was told than can be held. */
  readonly phase: "saving" | "failing" | "overflowed" | "fenced" | "closed";
  /** Records that are not committed. */
  readonly heldRecords: number;
  /** Why the journal refuses them; `undefined` when it does not. */
  readonly trouble: string | undefined;
}

/** The desk of one account. */
export class AccountDesk {
  readonly #deps: DeskDeps;
  /** Not committed, oldest first: the first {@link #sentCount} were appended. */
  #held: JournalEntry[] = [];
  #sentCount = 0;
  #heldChars = 0;
  /** Appends without an answer. */
  #underWay = 0;
  #isScheduled = false;
  /** The upstream shows more than the feed, and the next commit may not say so. */
  #isRenewalDue = false;
  #phase: DeskHealth["phase"] = "saving";
  #trouble: string | undefined;
  #cancelRetry: Cancel = () => {};
  #standing: Standing;
  /** Settles when nothing is held, or nothing can be saved any more. */
  #whenEmpty: (() => void)[] = [];

  constructor(deps: DeskDeps) {
    this.#deps = deps;
    this.#standing = deps.standing;
  }

  /** This moment. */
  get health(): DeskHealth {
    return { phase: this.#phase, heldRecords: this.#held.length, trouble: this.#trouble };
  }

  /** Takes one record. Those that come after the bound was reached, or after the end, are not taken. */
  take(record: AccountRecord): void {
    if (this.#phase !== "saving" && this.#phase !== "failing") return;
    const { seq, account, kind, at } = record;
    const origin = kind === "event" ? record.origin : null;
    const text = recordText(record);
    this.#held.push({ account, seq, kind, origin, at, ...labelsOf(record), record: text });
    this.#heldChars += text.length;
    this.#standing = standingAfter(this.#standing, record);
    const { heldMax = HELD_RECORDS_MAX } = this.#deps;
    if (this.#held.length >= heldMax || this.#heldChars >= HELD_CHARS_MAX) this.#overflow();
    if (this.#isScheduled || this.#phase === "failing") return;
    this.#isScheduled = true;
    void Promise.resolve().then(() => this.#append());
  }

  /** The upstream may show more than it did, and no record said so. What is held comes before. */
  renew(): void {
    const { feed, snapshotTaken, untold } = this.#deps;
    this.#isRenewalDue = this.#held.length > 0;
    if (this.#isRenewalDue) return;
    const before = feed.snapshot;
    const snapshot = this.#snapshotOf(feed.lastSeq);
    if (snapshot.view === before.view && knownIn(snapshot) === knownIn(before)) return;
    feed.renew(snapshot);
    if (knownIn(snapshot) !== "part") snapshotTaken({ ...snapshot, untold: untold() });
  }

  /** Takes nothing more. Settles when what was taken is committed, or after `waitMaxMs`. */
  async close(waitMaxMs: number): Promise<void> {
    const { clock } = this.#deps;
    if (this.#phase === "saving" && this.#held.length > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.wake(after(clock.now(), waitMaxMs), "last commit", resolve);
        this.#whenEmpty.push(() => {
          cancel();
          resolve();
        });
      });
    }
    this.#phase = "closed";
    this.#cancelRetry();
  }

  #overflow(): void {
    const isFailing = this.#phase === "failing";
    this.#phase = "overflowed";
    this.#deps.log.error("the journal takes nothing: the account is not followed until it does", {
      account: this.#deps.feed.account,
      heldRecords: this.#held.length,
      trouble: this.#trouble,
    });
    this.#deps.overflowed();
    if (isFailing) return;
    this.#isScheduled = true;
    void Promise.resolve().then(() => this.#append());
  }

  #append(): void {
    this.#isScheduled = false;
    if (this.#phase === "closed" || this.#phase === "fenced") return;
    const entries = this.#held.slice(this.#sentCount);
    const last = entries.at(-1);
    if (last === undefined) return;
    const snapshot = this.#snapshotOf(last.seq);
    this.#isRenewalDue = false;
    const kept = this.#keptSnapshot(snapshot, entries);
    this.#sentCount = this.#held.length;
    this.#underWay++;
    const { clock, watch, feed, acknowledge } = this.#deps;
    // What was refused was told when it came.
    const untold = acknowledge === "received" ? entries.filter(({ seq }) => seq > feed.lastSeq) : [];
    if (untold.length > 0) this.#publish(untold, snapshot);
    const handedAt = clock.now();
    this.#deps.journal.append(entries).then(
      () => {
        watch.committed(feed.account, entries.length, clock.now() - handedAt);
        this.#committed(entries, snapshot);
        if (kept !== undefined) this.#deps.snapshotTaken(kept);
      },
      (error: unknown) => this.#refused(error),
    );
  }

  #snapshotOf(asOfSeq: number): AccountSnapshot {
    const { feed, present } = this.#deps;
    const { view, known, completeUpTo = this.#standing.completeUpTo } = present();
    return { account: feed.account, asOfSeq, view, known, standing: { ...this.#standing, completeUpTo } };
  }

  /** What the mirror knows more of than was told belongs to it: who goes on with it has yet to tell that. */
  #keptSnapshot(snapshot: AccountSnapshot, entries: readonly JournalEntry[]): AccountSnapshot | undefined {
    if (knownIn(snapshot) === "part") return undefined;
    const { feed, wantsSnapshot } = this.#deps;
    const renews = entries.some(({ kind }) => kind === "repair" || kind === "status");
    // The first that is more than a part is what a successor goes on from that is told nothing else.
    if (knownIn(feed.snapshot) !== "part" && !wantsSnapshot(snapshot.asOfSeq, renews)) return undefined;
    return { ...snapshot, untold: this.#deps.untold() };
  }

  #committed(entries: readonly JournalEntry[], snapshot: AccountSnapshot): void {
    this.#underWay--;
    this.#held.splice(0, entries.length);
    this.#sentCount -= entries.length;
    for (const { record } of entries) this.#heldChars -= record.length;
    if (this.#trouble !== undefined) {
      this.#trouble = undefined;
      this.#deps.log.info("the journal takes records again", { account: snapshot.account });
    }
    if (this.#phase === "failing") this.#phase = "saving";
    if (this.#deps.acknowledge === "committed") this.#publish(entries, snapshot);
    if (this.#held.length > this.#sentCount && !this.#isScheduled) this.#append();
    if (this.#held.length > 0) return;
    if (this.#isRenewalDue) this.renew();
    for (const settle of this.#whenEmpty.splice(0)) settle();
    if (this.#phase === "overflowed") this.#deps.emptied();
  }

  #publish(entries: readonly JournalEntry[], snapshot: AccountSnapshot): void {
    this.#deps.feed.publish(entries.map(feedEntryOf), snapshot);
  }

  #refused(error: unknown): void {
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    this.#underWay--;
    if (error.code === "FENCED") return this.#fenced(error);
    if (error.origin === "caller" && this.#phase !== "closed") throw error;
    if (this.#phase === "closed" || this.#phase === "fenced") return;
    if (this.#trouble === undefined) {
      const { account } = this.#deps.feed;
      this.#deps.log.error("the journal refuses records", { account, trouble: error.message });
    }
    this.#trouble = error.message;
    if (this.#phase === "saving") this.#phase = "failing";
    // All that were appended behind it are refused as well: they go again together, when the last answer is in.
    if (this.#underWay > 0) return;
    this.#sentCount = 0;
    const { clock } = this.#deps;
    this.#cancelRetry = clock.wake(after(clock.now(), RETRY_AFTER_MS), "append again", () => this.#append());
  }

  #fenced(error: ListenkeyError): void {
    if (this.#phase === "fenced") return;
    this.#phase = "fenced";
    this.#trouble = error.message;
    this.#cancelRetry();
    this.#deps.log.error("another program writes for this account", { account: this.#deps.feed.account });
    this.#deps.fenced(error);
  }
}

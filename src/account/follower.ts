/**
 * Follows one account: what the stream tells goes to the mirror and to the reader, in order, under contiguous `seq`;
 * what it may have missed is asked of REST, told, and certified. Pure as long as its ports are.
 *
 *     live ──▶ first round: ask, hold back what comes ──▶ tell what was missed, then what was held ──▶ synced
 *      ▲                                                                     │ for as long as REST may lag
 *      │ a gap, at any time                                                  ▼
 *      └──────────────────────────────── second round: ask again ──▶ tell what the first did not see ──▶ certificate
 *
 * Rules kept here
 * - L1, L2: one order and one `seq` for everything; each gap is said, and ends in a certificate, whatever fails
 *   meanwhile.
 * - Nothing is certified on the word of one answer, since answers lag.
 * - What repair told and the stream brings late is dropped as a copy.
 */
import { ListenkeyError, unreachable } from "../kernel/errors.ts";
import type { Cancel } from "../kernel/ports.ts";
import { after, type EventMs, type MonotonicMs, type TransactMs } from "../kernel/scalars.ts";
import type { KnownEvent, UserDataEvent } from "../protocol/user-data-event.ts";
import type { AccountReads } from "./account-reads.ts";
import type { AccountView } from "./account-view.ts";
import { Asking, Overtaken } from "./asking.ts";
import { Audit } from "./audit.ts";
import { bookingsOf } from "./bookings.ts";
import { HELD_EVENTS_MAX } from "./follow-timing.ts";
import type { FollowerDeps, HeardEvent, HeardFromStream, Resume, SyncHealth } from "./follower-deps.ts";
import { justAfter, type Matter, NEVER, provenBy } from "./matter.ts";
import { Mirror } from "./mirror.ts";
import type { Missed } from "./missed.ts";
import { PromisedDates, type ProofTime } from "./proof-time.ts";
import type { RecordBody } from "./record.ts";
import { Repair } from "./repair.ts";
import { isSetByRepair, type SettingEvent } from "./settings.ts";
import { stepOf, Told } from "./told-steps.ts";
import { copyUntold, keepBefore, noteHoldings, type UntoldFacts } from "./untold-facts.ts";

/** How long after a certificate the stream may still bring copies of what repair told. */
const COPIES_AFTER_MS = 10 * 60_000;

/** Follows one account. */
export class AccountFollower {
  readonly #deps: FollowerDeps;
  readonly #mirror: Mirror;
  readonly #audit: Audit;
  /** What was told of late. */
  readonly #told = new Told();
  /** Of it, what repair told. */
  #repaired = new Told();
  /** Until when copies are looked for; `undefined`: not at all. */
  #copiesUntil: MonotonicMs | undefined;
  readonly #untold: UntoldFacts;
  #lateCopies = 0;
  #seq: number;
  /** Until the first line is live. */
  #resume: Resume | undefined;
  #sync: SyncHealth["sync"] = "waiting";
  #complete: ProofTime | undefined;
  #isSynced = false;
  #isStopped = false;
  readonly #dates: PromisedDates;
  #matter: Matter | undefined;
  #asking: Asking | undefined;
  #trouble: string | undefined;
  /** Events that came while the first round asks. */
  #held: HeardEvent[] | undefined;
  #cancelHold: Cancel = () => {};

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
    const { resume } = deps;
    this.#resume = resume;
    this.#mirror = resume?.mirror ?? new Mirror();
    this.#seq = resume?.seq ?? 0;
    this.#dates = new PromisedDates(resume?.promisedSince ?? NEVER);
    for (const event of resume?.told ?? []) this.#told.note(event, { askedAt: deps.clock.now() });
    this.#untold = copyUntold(resume?.untold);
    if (deps.mirrored !== undefined) this.#mirror.watch(deps.mirrored);
    const { clock, timing, doubtKey } = deps;
    this.#audit = new Audit({
      clock,
      timing,
      mirror: this.#mirror,
      told: this.#told,
      untold: this.#untold,
      dates: this.#dates,
      makeAsking: () => this.#newAsking(),
      doubtKey,
      deaf: deps.declareDeaf,
      passed: () => this.#turnTo("certain"),
    });
  }

  /** What the account holds, as far as is known. */
  get account(): AccountView {
    return this.#mirror.view;
  }

  /** This moment. */
  get health(): SyncHealth {
    return {
      sync: this.#sync,
      completeUpTo: (this.#audit.proven ?? this.#complete)?.upTo,
      askingTrouble: this.#trouble,
      lateCopies: this.#lateCopies,
    };
  }

  /** A mirror of the reader's own: it shows what {@link account} shows, and goes its own way from then on. */
  copyMirror(): Mirror {
    return this.#mirror.copy();
  }

  /** What the mirror knows more of than was told, at this moment: a copy. */
  get untold(): UntoldFacts {
    return copyUntold(this.#untold);
  }

  /** Takes what the stream tells, in its order. */
  take(told: HeardFromStream): void {
    switch (told.kind) {
      case "event":
        return this.#takeEvent(told);
      case "gap":
        return this.#gap(told.from, told.why);
      case "status":
        return told.status === "live" ? this.#live() : this.#stopped();
      default:
        return unreachable(told);
    }
  }

  #takeEvent(heard: HeardEvent): void {
    this.#audit.heard();
    const isUnrepaired = this.#matter !== undefined && this.#sync !== "confirming";
    if (this.#held === undefined) return this.#tellEvent(heard, isUnrepaired);
    this.#held.push(heard);
    if (this.#held.length > HELD_EVENTS_MAX) this.#release(true);
  }

  #tellEvent({ event, raw, putBack }: HeardEvent, isEarly: boolean): void {
    if (this.#isStopped) return;
    if (this.#copiesUntil !== undefined && this.#isCopy(event)) {
      this.#lateCopies++;
      return;
    }
    if (isEarly && this.#matter !== undefined) keepBefore(this.#untold, event as KnownEvent, this.#mirror.view);
    this.#told.note(event, putBack === undefined ? undefined : { isPutBack: true });
    this.#mirror.apply(event, "stream", putBack);
    noteHoldings(this.#untold, event, this.#mirror, "stream");
    const { account, clock, tell } = this.#deps;
    const [seq, at] = [++this.#seq, clock.wall()];
    const record = { seq, account, at, kind: "event", origin: "stream", event, raw } as const;
    if (!isEarly && putBack === undefined) tell(record);
    else tell({ ...record, ...(isEarly && { early: true as const }), ...(putBack && { putBack }) });
  }

  #isCopy(event: UserDataEvent): boolean {
    if (this.#matter === undefined && this.#deps.clock.now() > (this.#copiesUntil ?? 0)) {
      this.#copiesUntil = undefined;
      this.#repaired = new Told();
      return false;
    }
    const step = stepOf(event);
    if (step === undefined) return this.#repaired.bookings.take(bookingsOf(event));
    if (event.e !== "ACCOUNT_CONFIG_UPDATE" && event.e !== "ACCOUNT_UPDATE") return this.#repaired.hasTold(event);
    // REST has no date for a setting: it is what repair told when it changes nothing.
    return this.#repaired.hasStep(step) && isSetByRepair(this.#mirror.view, event as SettingEvent);
  }

  #tellRepaired({ event, wallet }: Missed, askedAt: MonotonicMs): void {
    if (this.#isStopped) return;
    this.#told.note(event, { askedAt });
    this.#repaired.note(event, { wallet });
    this.#copiesUntil ??= this.#deps.clock.now();
    this.#mirror.apply(event as UserDataEvent, "repair");
    noteHoldings(this.#untold, event, this.#mirror, "repair");
    this.#tell({ kind: "event", origin: "repair", event });
  }

  #gap(from: EventMs | undefined, why: string): void {
    const { proven } = this.#audit;
    this.#complete = proven ?? this.#complete;
    this.#interrupt();
    this.#tell({ kind: "gap", from, why });
    // What is looked for begins with the last proof. The last event may be younger, and the stream deaf before it; or
    // older, and what was told then is no longer remembered as told.
    const matter = this.#matter ?? this.#newMatter(from, this.#complete);
    if (this.#matter === undefined && proven !== undefined) matter.lastTradeIds = proven.lastTradeIds;
    matter.gaps.push(this.#seq);
    matter.gapAt ??= this.#deps.clock.now();
    this.#matter = matter;
    this.#turnTo("waiting");
  }

  /**
   * The first snapshot is known and not confirmed yet: from where its line was heard nothing may be missing. The line
   * may be deaf since, whatever comes: the second round tells what it has swallowed, as after a gap.
   */
  #promise(matter: Matter): void {
    matter.from = matter.heardAt as number as EventMs;
    matter.fromAt = matter.heardSince;
    matter.since = this.#sinceOf(matter.from);
  }

  /**
   * A little before the last event: what else happened in its millisecond may have been told after it, or not at all.
   * What was promised may begin later, when the exchange's clock was put back since.
   */
  #sinceOf(from: EventMs | undefined): TransactMs {
    const time = (from ?? 0) as number;
    return Math.max(time - this.#deps.timing.seamMs, this.#dates.lowest) as TransactMs;
  }

  #newMatter(lastEventAt: EventMs | undefined, complete?: ProofTime): Matter {
    const { clock, reads } = this.#deps;
    const from = (complete?.upTo as number | undefined as EventMs | undefined) ?? lastEventAt;
    return {
      gaps: [],
      from,
      fromAt: complete?.at ?? clock.now(),
      begunAt: clock.now(),
      gapAt: undefined,
      since: this.#sinceOf(from),
      untold: this.#untold,
      lastTradeIds: this.#mirror.lastTradeIds(),
      settledFills: new Map(),
      spentBefore: { weight: reads?.weightUsed ?? 0, requests: reads?.requestCount ?? 0 },
      recovered: {},
      holes: [],
      heardSince: undefined,
      heardAt: undefined,
    };
  }

  #live(): void {
    const { clock, reads, timing } = this.#deps;
    this.#takeOver();
    this.#tell({ kind: "status", status: "live" });
    if (reads === undefined) return this.#liveUnasked();
    this.#interrupt();
    this.#matter ??= this.#newMatter(undefined);
    this.#matter.heardSince = clock.now();
    this.#held = [];
    this.#cancelHold = clock.wake(after(clock.now(), timing.holdMaxMs), "held too long", () => this.#release(true));
    this.#turnTo("asking");
    this.#repair(this.#matter).catch((error: unknown) => this.#giveUp(error));
  }

  /** What an earlier follower left is a gap from its last certificate on. */
  #takeOver(): void {
    if (this.#resume === undefined) return;
    const { from, gaps = [], lastTradeIds } = this.#resume;
    this.#resume = undefined;
    this.#gap(from, "the program was not running");
    if (this.#matter === undefined) return;
    this.#matter.gaps.unshift(...gaps);
    this.#matter.fromAt = undefined;
    // The mirror's own may be those of fills that were told after one that was missed.
    this.#matter.lastTradeIds = lastTradeIds ?? new Map();
  }

  async #repair(matter: Matter): Promise<void> {
    const { clock, timing, log } = this.#deps;
    const asking = this.#newAsking();
    this.#asking = asking;
    const tell = (missed: Missed, askedAt: MonotonicMs) => this.#tellRepaired(missed, askedAt);
    const deps = { clock, asking, timing, log, mirror: this.#mirror, told: this.#told, dates: this.#dates, tell };
    const repair = new Repair(deps, matter);
    const waitedSince = await repair.firstRound(() => (this.#held ?? []).map(({ event }) => event));
    // Whoever is told of what was missed may stop it at that.
    asking.mustGoOn();
    if (this.#complete !== undefined) this.#complete = provenBy(matter);
    this.#release(false);
    if (!this.#isSynced && this.#deps.resume?.from === undefined) this.#dates.promise(justAfter(matter.heardAt));
    if (matter.from === undefined) this.#promise(matter);
    this.#isSynced = true;
    this.#tell({ kind: "status", status: "synced", since: this.#dates.since });
    this.#turnTo("confirming");
    asking.mustGoOn();
    const waitedMs = clock.now() - waitedSince;
    await asking.sleep(Math.max(0, timing.restLagMaxMs + timing.seamMs - waitedMs));
    const { holes, owed } = await repair.secondRound();
    asking.mustGoOn();
    const proof = { upTo: matter.heardAt ?? NEVER, at: matter.heardSince ?? clock.now() };
    this.#certify(matter, proof, holes);
    this.#turnTo("certain");
    if (this.#isStopped) return;
    this.#audit.start({ ...proof, lastTradeIds: matter.lastTradeIds, holes });
    if (owed > 0) this.#deps.declareDeaf(`REST knew of ${owed} things, and no event came`);
  }

  #certify(matter: Matter, proof: ProofTime, holes: readonly string[]): void {
    const { clock, reads } = this.#deps;
    const { upTo: completeUpTo } = proof;
    const { gaps, from, recovered, begunAt, gapAt = begunAt, spentBefore } = matter;
    this.#matter = undefined;
    this.#asking?.end();
    this.#asking = undefined;
    this.#complete = proof;
    if (this.#copiesUntil !== undefined) this.#copiesUntil = after(clock.now(), COPIES_AFTER_MS);
    this.#tell({
      kind: "repair",
      gaps,
      from: gaps.length === 0 ? undefined : from,
      completeUpTo,
      recovered,
      holes,
      weightUsed: (reads?.weightUsed ?? 0) - spentBefore.weight,
      requests: (reads?.requestCount ?? 0) - spentBefore.requests,
      tookMs: clock.now() - gapAt,
    });
  }

  /** Without a secret nothing can be asked: the stream is all there is, and a gap stays one. */
  #liveUnasked(): void {
    const matter = this.#matter;
    if (matter !== undefined) {
      this.#certify(matter, provenBy(matter), ["everything: nothing was asked, there is no secret to sign with"]);
    }
    this.#turnTo("unasked");
  }

  /**
   * What cannot be asked is a hole. Nothing is proven by it, so that the next audit looks for what this repair could
   * not. A first snapshot that cannot be had is the end.
   */
  #giveUp(error: unknown): void {
    if (error instanceof Overtaken) return;
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    this.#release(true);
    this.#deps.log.warn("the account cannot be asked", { account: this.#deps.account, why: error.message });
    const matter = this.#matter;
    if (matter === undefined || this.#isStopped) return;
    const proof = provenBy(matter);
    this.#certify(matter, proof, [`everything: ${error.message}`]);
    this.#turnTo("doubtful");
    if (this.#isStopped) return;
    if (!this.#isSynced) return this.#deps.failed(error);
    this.#audit.start({ ...proof, lastTradeIds: matter.lastTradeIds, holes: [] });
  }

  /** Tells what was held back, in order. */
  #release(isEarly: boolean): void {
    this.#cancelHold();
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const heard of held) this.#tellEvent(heard, isEarly);
  }

  /** Ends all questions under way; what was held back is told. */
  #interrupt(): void {
    this.#release(true);
    this.#asking?.end();
    this.#asking = undefined;
    this.#trouble = undefined;
    this.#audit.stop();
  }

  #stopped(): void {
    this.#interrupt();
    this.#tell({ kind: "status", status: "stopped" });
    this.#isStopped = true;
  }

  #newAsking(): Asking {
    const { reads, clock, random, timing } = this.#deps;
    const waits = (why: string) => {
      this.#trouble = why;
      this.#deps.changed();
    };
    const { askAgainMs: backoffMs, askAgainMaxMs: backoffMaxMs } = timing;
    return new Asking({ reads: reads as AccountReads, clock, random, backoffMs, backoffMaxMs, waits });
  }

  #turnTo(sync: SyncHealth["sync"]): void {
    this.#sync = sync;
    this.#trouble = undefined;
    this.#deps.changed();
  }

  #tell(body: RecordBody): void {
    if (this.#isStopped) return;
    const { account, clock, tell } = this.#deps;
    tell({ seq: ++this.#seq, account, at: clock.wall(), ...body });
  }
}

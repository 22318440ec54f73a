/**
 * What is done about one {@link Matter}: two rounds of questions, and what they teach. Pure as long as its ports are.
 *
 * The first round asks at once, and again while its answers are proven to be stale. The second asks when REST cannot
 * lag any more: only then can a certificate say that nothing is missing. Of fills it asks only for what the first
 * may have been too early for.
 */
import type { Clock, Log } from "../kernel/ports.ts";
import type { EventMs, MonotonicMs, TransactMs } from "../kernel/scalars.ts";
import type { UserTrade } from "../protocol/rest/orders.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import type { Asking } from "./asking.ts";
import type { Fact } from "./facts.ts";
import type { FollowTiming } from "./follow-timing.ts";
import { learnFrom } from "./learning.ts";
import { ledgerOf } from "./ledger.ts";
import type { Matter } from "./matter.ts";
import type { Mirror } from "./mirror.ts";
import { doubtsIn, type Ledger, type Missed, missedIn } from "./missed.ts";
import { type PromisedDates, provenNow } from "./proof-time.ts";
import type { RepairedEvent } from "./repaired-events.ts";
import { contradicted, contradiction, forgotten, staleAnswer } from "./stale.ts";
import { unheardStrategies } from "./strategies.ts";
import { type Survey, takeSurvey } from "./survey.ts";
import type { Told } from "./told-steps.ts";
import { keepHoldings } from "./untold-facts.ts";
import { withoutYoungSettings, youngSince } from "./young-facts.ts";

/** What a repair works with. */
export interface RepairDeps {
  readonly clock: Clock;
  readonly asking: Asking;
  readonly timing: FollowTiming;
  readonly log: Log;
  readonly mirror: Mirror;
  readonly told: Told;
  readonly dates: PromisedDates;
  /** Takes each event that was missed, in order, with when REST was asked that knew of it. */
  readonly tell: (missed: Missed, askedAt: MonotonicMs) => void;
}

/** A survey, and when it was begun. */
interface Asked {
  readonly survey: Survey;
  readonly askedAt: MonotonicMs;
}

/** Asks, and tells what is not certain. */
export class Repair {
  readonly #deps: RepairDeps;
  readonly #matter: Matter;

  constructor(deps: RepairDeps, matter: Matter) {
    this.#deps = deps;
    this.#matter = matter;
  }

  /**
   * Asks until no answer is proven to be stale, or often enough; tells what was missed before the line was heard, and
   * teaches the mirror the rest.
   * @param held what the line has brought meanwhile, and was not told yet
   * @returns since when one has to wait until REST cannot lag any more
   * @throws {Overtaken} when it is not wanted any more, and what {@link Asking.ask} throws
   */
  async firstRound(held: () => readonly UserDataEvent[]): Promise<MonotonicMs> {
    const { timing } = this.#deps;
    const { survey, askedAt, flaw } = await this.#askUntilSound(held, false);
    if (flaw === undefined) this.#settleFills(survey);
    const heardSince = this.#matter.heardSince ?? askedAt;
    // Whole milliseconds: REST takes no parts of them when it is asked what happened since.
    const heardAt = Math.floor(survey.askedAt - (askedAt - heardSince)) as TransactMs;
    this.#matter.heardAt = heardAt;
    const told = this.#settle({ survey, askedAt }, held(), (heardAt - timing.seamMs) as TransactMs, false);
    // What REST does not date was told as of this answer: what comes after it only later answers show.
    return told.some(({ event }) => isUndated(event)) ? askedAt : heardSince;
  }

  /**
   * Asks when REST cannot lag any more, and tells what the first round did not see.
   * @returns what could not be had, and how much there was that the line should have brought itself
   * @throws as {@link firstRound}
   */
  async secondRound(): Promise<{ readonly holes: readonly string[]; readonly owed: number }> {
    const { survey, askedAt } = await this.#askUntilSound(() => [], true);
    // What is younger the line may still bring; but what is certified is told, however soon this round comes.
    const until = Math.max(survey.askedAt - this.#deps.timing.deafAfterMs, this.#matter.heardAt ?? 0) as TransactMs;
    const { restLagMaxMs, seamMs } = this.#deps.timing;
    const heardAt = this.#matter.heardAt ?? until;
    const undatedBefore = (survey.askedAt - restLagMaxMs) as TransactMs;
    // Asked before anything is told. What is dated later, the next audit asks about.
    const terms = { since: this.#since, until: heardAt, undatedBefore };
    const known = this.#ledger([]);
    const doubts = this.#matter.from === undefined ? [] : doubtsIn(survey, known, terms);
    // What may lag is younger than the certificate: it is asked again, and not named.
    const flaw = contradiction(survey, known, { since: this.#since, seamMs: restLagMaxMs });
    const told = this.#settle({ survey, askedAt }, [], until, true);
    const owed = told.filter(({ event: { T } }) => T !== undefined && T > heardAt + seamMs && T <= until).length;
    const unknown = this.#matter.gaps.length === 0 ? [] : unheardStrategies(this.#deps.mirror.view, heardAt);
    const holes = [...this.#matter.holes, ...survey.holes, ...doubts, ...unknown];
    if (flaw !== undefined) holes.push(`REST contradicts itself: ${flaw}`);
    if (this.#since > this.#matter.since) {
      holes.push(`what was missed before ${this.#since}: more was told meanwhile than can be compared`);
    }
    return { holes, owed };
  }

  /** Asks until no answer is proven to be stale, or often enough. */
  async #askUntilSound(held: () => readonly UserDataEvent[], isLast: boolean) {
    const { timing, asking, log } = this.#deps;
    for (let asked = 1; ; asked++) {
      const { survey, askedAt } = await this.#ask();
      const { seamMs } = timing;
      const terms = { since: this.#since, seamMs };
      const flaw =
        staleAnswer(survey, held(), seamMs) ??
        contradiction(survey, this.#ledger(held()), terms) ??
        (isLast ? forgotten(survey) : undefined);
      if (flaw === undefined || asked > timing.staleAsksMax) return { survey, askedAt, flaw };
      log.info("an answer is stale: asked again", { why: flaw });
      await asking.sleep(timing.askAgainMs * 2 ** (asked - 1));
    }
  }

  async #ask(): Promise<Asked> {
    const { asking, clock, timing } = this.#deps;
    const { lastTradeIds, settledFills } = this.#matter;
    const askedAt = await asking.ask((reads) => reads.exchangeTime());
    // Measured now: the answer may have been waited for as long as REST was out of reach.
    const askedNow = clock.now();
    this.#readClock(askedAt);
    const { from, since } = this.#matter;
    const known = this.#ledger([]);
    const pastSince = from === undefined ? undefined : since;
    const shownUntil = (askedAt - timing.restLagMaxMs) as TransactMs;
    const scope = { askedAt, since: pastSince, shownUntil, known, lastTradeIds, settledFills };
    const survey = await takeSurvey(asking.ask, scope);
    return { survey, askedAt: askedNow };
  }

  /** The exchange's clock may have been put back since the last look at it: then it gives some dates again. */
  #readClock(askedAt: TransactMs): void {
    const { clock, timing, dates } = this.#deps;
    const matter = this.#matter;
    const { from, fromAt, begunAt, heardAt, heardSince } = matter;
    const look = { askedAt, now: clock.now() };
    dates.look(look, timing.seamMs);
    if (heardAt !== undefined && heardSince !== undefined) {
      matter.heardAt = provenNow({ upTo: heardAt, at: heardSince }, look, timing.seamMs);
    }
    if (from === undefined) return;
    const proven = provenNow({ upTo: from as number as TransactMs, at: fromAt ?? begunAt }, look, timing.seamMs);
    if (proven === (from as number)) return;
    if (fromAt === undefined) {
      matter.holes.push(`everything since the exchange's clock was put back: it had shown ${from}, and then ${proven}`);
    }
    matter.from = proven as number as EventMs;
    matter.fromAt ??= begunAt;
    matter.since = Math.min(matter.since, Math.max(proven - timing.seamMs, dates.lowest)) as TransactMs;
  }

  /**
   * Fills never change, and their ids grow with time. What was filled so long before the questions that no answer may
   * lack it need not be asked for again.
   */
  #settleFills({ askedAt, trades }: Survey): void {
    const { restLagMaxMs, seamMs } = this.#deps.timing;
    const settledAt = askedAt - restLagMaxMs - seamMs;
    const settled = new Map(this.#matter.settledFills);
    for (const [symbol, fills] of trades) settled.set(symbol, fillsUntil(fills, settledAt));
    this.#matter.settledFills = settled;
  }

  /** What is dated earlier was told, or is not remembered: then it is a hole. */
  get #since(): TransactMs {
    return Math.max(this.#matter.since, this.#deps.told.coversSince) as TransactMs;
  }

  #ledger(held: readonly UserDataEvent[]): Ledger {
    const { mirror, told } = this.#deps;
    return ledgerOf(mirror, told, held, this.#matter.untold);
  }

  /** Tells what was missed, then learns everything else the answers say. */
  #settle(asked: Asked, held: readonly UserDataEvent[], until: TransactMs, isLast: boolean): Missed[] {
    const { mirror, timing, tell, told, dates } = this.#deps;
    const { from, recovered } = this.#matter;
    const since = this.#since;
    // It may be later by the exchange's clock of then, which was put back since.
    const promisedSince = Math.min(dates.since, since) as TransactMs;
    const undatedBefore = (asked.survey.askedAt - timing.restLagMaxMs) as TransactMs;
    const ledger = this.#ledger(held);
    const isYoung = youngSince(told, asked.askedAt - timing.restLagMaxMs);
    const survey = withoutYoungSettings(asked.survey, ledger, isYoung);
    const undatedAt = Math.min(until, this.#matter.heardAt ?? until) as TransactMs;
    const terms = { since, until, undatedBefore, undatedAt, promisedSince, isYoung, isFirst: !isLast, isLast };
    const missed = from === undefined ? [] : missedIn(survey, ledger, terms);
    this.#keepUntold(survey, ledger, until, isLast);
    for (const one of missed) {
      const { e: name } = one.event;
      recovered[name] = (recovered[name] ?? 0) + 1;
      tell(one, asked.askedAt);
    }
    if (from !== undefined && !isLast) this.#keepContradicted(survey);
    const source = from === undefined ? "snapshot" : "repair";
    const before = mirror.view;
    learnFrom(mirror, survey, { source, undatedBefore, isYoung, isLast, until: isLast ? until : undefined });
    if (from !== undefined) keepHoldings(this.#matter.untold, before, mirror.view);
    return missed;
  }

  /**
   * Of what changed lately the stream tells, or the second round: until then it is known and not told. After the last
   * round everything else was, but for what its answer, which may lag, does not show as it is known to be.
   */
  #keepUntold(survey: Survey, ledger: Ledger, until: TransactMs, isLast: boolean): void {
    const { untold } = this.#matter;
    const { orders, conditionals } = survey;
    const isLate = ({ updateTime }: { readonly updateTime: TransactMs }) => updateTime > until;
    const lateOrders = [...orders].filter(([, row]) => isLate(row));
    const lateConditionals = [...conditionals].filter(([, row]) => isLate(row));
    const before = lateOrders.map(([key, row]) => [key, ledger.order(row.symbol, row.orderId)] as const);
    const stood = lateConditionals.map(([id, row]) => [id, ledger.conditional(row.algoId)] as const);
    if (isLast) this.#forgetShown(survey);
    for (const [key, order] of before) untold.orders.set(key, order);
    for (const [id, conditional] of stood) untold.conditionals.set(id, conditional);
  }

  /** Fills of which no answer tells are missed for as long as none does: what was told of their orders is kept. */
  #keepContradicted(survey: Survey): void {
    const { mirror, timing } = this.#deps;
    const { untold } = this.#matter;
    const terms = { since: this.#since, seamMs: timing.seamMs };
    for (const key of contradicted(survey, this.#ledger([]), terms)) {
      const known = mirror.view.openOrders.get(key) ?? mirror.view.finishedOrders.get(key);
      if (known !== undefined && !untold.orders.has(key)) untold.orders.set(key, known);
    }
  }

  #forgetShown({ orders, conditionals, askedAt }: Survey): void {
    const { mirror, timing } = this.#deps;
    const { untold } = this.#matter;
    const { view } = mirror;
    const isShown = (row: { readonly updateTime: TransactMs } | undefined, known: Fact | undefined) =>
      known === undefined || known.at <= askedAt - timing.restLagMaxMs || (row?.updateTime ?? 0) >= known.at;
    for (const key of untold.orders.keys()) {
      const known = view.openOrders.get(key) ?? view.finishedOrders.get(key);
      if (isShown(orders.get(key), known)) untold.orders.delete(key);
    }
    for (const id of untold.conditionals.keys()) {
      const known = view.conditionalOrders.get(id) ?? view.finishedConditionalOrders.get(id);
      if (isShown(conditionals.get(id), known)) untold.conditionals.delete(id);
    }
  }
}

/** Those before the first that is dated later. */
function fillsUntil(fills: readonly UserTrade[], at: number): readonly UserTrade[] {
  const later = fills.findIndex(({ time }) => time > at);
  return later === -1 ? fills : fills.slice(0, later);
}

function isUndated(event: RepairedEvent): boolean {
  return event.T === undefined || (event.e === "ACCOUNT_UPDATE" && event.a.m === undefined);
}

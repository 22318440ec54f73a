/**
 * Is the stream as whole as it looks? While nothing else is in doubt, REST is asked now and then whether there was
 * anything that the stream did not tell. Pure as long as its ports are.
 *
 * A stream can be deaf though its socket lives: no event comes, or some do not. So REST is asked when it has been
 * quiet for a while, and in any case before long. What REST knows for longer than an event is on its way, and was not
 * told, is proof; it is asked twice. What an audit finds nothing against is proven complete.
 *
 * A key that another program has ended is found at the same time, by renewing it.
 */
import { ListenkeyError } from "../kernel/errors.ts";
import type { Cancel, Clock } from "../kernel/ports.ts";
import { after, type MonotonicMs, type TransactMs } from "../kernel/scalars.ts";
import { type Asking, Overtaken } from "./asking.ts";
import type { FollowTiming } from "./follow-timing.ts";
import { ledgerOf } from "./ledger.ts";
import type { Mirror } from "./mirror.ts";
import { doubtsIn, missedIn } from "./missed.ts";
import { type PromisedDates, type ProofTime, provenNow } from "./proof-time.ts";
import type { RepairedEvent } from "./repaired-events.ts";
import { takeSurvey } from "./survey.ts";
import { STEPS_MAX, type Told } from "./told-steps.ts";
import { forgetUntold, type UntoldFacts } from "./untold-facts.ts";
import { withoutYoungSettings, youngSince } from "./young-facts.ts";

/** Up to when all is known, and what was known then. */
export interface Proven extends ProofTime {
  /** Symbol → newest trade id told by then, or earlier. */
  readonly lastTradeIds: ReadonlyMap<string, string>;
  /** What the exchange does not tell anybody, in words: an audit that lacks no more than this is one. */
  readonly holes: readonly string[];
}

/** What an audit needs of the world. */
export interface AuditDeps {
  readonly clock: Clock;
  readonly timing: FollowTiming;
  readonly mirror: Mirror;
  readonly told: Told;
  readonly untold: UntoldFacts;
  readonly dates: PromisedDates;
  readonly makeAsking: () => Asking;
  readonly doubtKey: () => void;
  /** Takes the proof that the stream is deaf, in words. It was not up to what is {@link Audit.proven}. */
  readonly deaf: (why: string) => void;
  /** Nothing was missed: more is {@link Audit.proven} than before. */
  readonly passed: () => void;
}

/** So many events since the last audit are as many as can be compared. */
const EVENTS_MAX = STEPS_MAX / 2;

/** Watches one account while it is certain. */
export class Audit {
  readonly #deps: AuditDeps;
  #cancel: Cancel = () => {};
  #asking: Asking | undefined;
  #lastEventAt: MonotonicMs;
  #lastAuditAt: MonotonicMs;
  #eventCount = 0;
  #proven: Proven | undefined;
  /** Newest trade ids when the generation of {@link Told} began that is the present one. */
  #nextIds: ReadonlyMap<string, string> = new Map();

  constructor(deps: AuditDeps) {
    this.#deps = deps;
    this.#lastEventAt = deps.clock.now();
    this.#lastAuditAt = this.#lastEventAt;
  }

  /** Up to when all is known; `undefined` before the first certificate and while there is doubt. */
  get proven(): Proven | undefined {
    return this.#proven;
  }

  /** An event came. Cheap: the alarm is looked after when it rings. */
  heard(): void {
    this.#lastEventAt = this.#deps.clock.now();
    // Not at the next look: until then more may come than is remembered.
    if (++this.#eventCount === EVENTS_MAX && this.#asking === undefined && this.#proven !== undefined) this.#arm();
  }

  /** Begins, with what a certificate has proven. */
  start(proven: Proven): void {
    this.stop();
    const { clock, mirror } = this.#deps;
    this.#proven = proven;
    this.#nextIds = mirror.lastTradeIds();
    this.#lastAuditAt = clock.now();
    this.#lastEventAt = clock.now();
    this.#eventCount = 0;
    this.#arm();
  }

  /** Ends; no alarm and no question is left. */
  stop(): void {
    this.#proven = undefined;
    this.#cancel();
    this.#asking?.end();
    this.#asking = undefined;
  }

  #arm(): void {
    const { clock } = this.#deps;
    this.#cancel();
    const ring = () => {
      if (clock.now() >= this.#dueAt()) return void this.#audit().catch((error: unknown) => this.#failed(error));
      this.#cancel = clock.wake(this.#dueAt(), "audit", ring);
    };
    this.#cancel = clock.wake(this.#dueAt(), "audit", ring);
  }

  #dueAt(): MonotonicMs {
    const { timing, clock } = this.#deps;
    if (this.#eventCount >= EVENTS_MAX) return clock.now();
    const quiet = after(this.#lastEventAt, timing.quietMaxMs);
    const latest = after(this.#lastAuditAt, timing.auditEveryMs);
    return quiet < latest ? quiet : latest;
  }

  async #audit(): Promise<void> {
    const { timing, doubtKey, deaf, makeAsking, mirror, told, untold, clock } = this.#deps;
    doubtKey();
    const asking = makeAsking();
    this.#asking = asking;
    const ids = mirror.lastTradeIds();
    this.#eventCount = 0;
    const first = await this.#missed(asking);
    const proven = this.#proven as Proven;
    if (first.events.length > 0) {
      await asking.sleep(timing.deafAfterMs);
      const names = new Set(first.events.map(nameOf));
      const proof = (await this.#missed(asking)).events.map(nameOf).find((name) => names.has(name));
      if (proof !== undefined) return deaf(`REST knows of ${proof}, and no event came`);
    } else if (first.holes.every((hole) => proven.holes.includes(hole))) {
      const { askedAt, askedNow } = first;
      const more = { upTo: askedAt - timing.restLagMaxMs, at: askedNow - timing.restLagMaxMs } as ProofTime;
      const { upTo, at } = more.upTo > proven.upTo ? more : proven;
      this.#proven = { ...proven, upTo, at, lastTradeIds: this.#nextIds };
      this.#nextIds = ids;
      told.turn((upTo - timing.seamMs) as TransactMs);
      forgetUntold(untold);
      this.#deps.passed();
    }
    this.#lastAuditAt = clock.now();
    this.#again();
  }

  /** What REST knows for longer than an event is on its way. */
  async #missed(asking: Asking) {
    const { timing, mirror, told, untold, clock, dates } = this.#deps;
    const ledger = () => ledgerOf(mirror, told, [], untold);
    const askedAt = await asking.ask((reads) => reads.exchangeTime());
    const askedNow = clock.now();
    const { upTo, lastTradeIds } = this.#readClock(askedAt);
    const knownUpTo = Math.min(upTo, askedAt - timing.restLagMaxMs);
    // Just before the first line was heard a wallet may have changed: it is in the snapshot, and no event of ours.
    const since = Math.max(knownUpTo - timing.seamMs, dates.lowest) as TransactMs;
    const undatedBefore = (askedAt - timing.restLagMaxMs) as TransactMs;
    const scope = { askedAt, since, shownUntil: undatedBefore, known: ledger(), lastTradeIds };
    const survey = await takeSurvey(asking.ask, scope);
    // No event tells of it, so that nothing was missed.
    mirror.mergePositionMode(survey.config, { source: "repair", undatedBefore });
    const until = (askedAt - timing.deafAfterMs) as TransactMs;
    const remembered = Math.max(knownUpTo, dates.lowest, told.coversSince) as TransactMs;
    const isYoung = youngSince(told, askedNow - timing.restLagMaxMs);
    const terms = { since: remembered, until, undatedBefore, isYoung };
    const settled = withoutYoungSettings(survey, ledger(), isYoung);
    const missed = missedIn(settled, ledger(), terms).map(({ event }) => event);
    const doubts = doubtsIn(survey, ledger(), { ...terms, until: undatedBefore });
    return {
      askedAt,
      askedNow,
      events: missed,
      holes: [...survey.holes, ...doubts],
    };
  }

  /** What is proven, by the exchange's clock as it goes now. */
  #readClock(askedAt: TransactMs): Proven {
    const { clock, timing, dates } = this.#deps;
    const proven = this.#proven as Proven;
    const look = { askedAt, now: clock.now() };
    dates.look(look, timing.seamMs);
    const upTo = provenNow(proven, look, timing.seamMs);
    this.#proven = { ...proven, upTo };
    return this.#proven;
  }

  #again(): void {
    this.#asking?.end();
    this.#asking = undefined;
    if (this.#proven === undefined) return;
    this.#lastEventAt = this.#deps.clock.now();
    this.#arm();
  }

  /** An audit that could not be made proves nothing. */
  #failed(error: unknown): void {
    if (error instanceof Overtaken) return;
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    this.#lastAuditAt = this.#deps.clock.now();
    this.#again();
  }
}

function nameOf(event: RepairedEvent): string {
  switch (event.e) {
    case "ORDER_TRADE_UPDATE":
      return `order ${event.o.i} of ${event.o.s} (${event.o.X ?? event.o.x})`;
    case "ALGO_UPDATE":
      return `conditional order ${event.o.aid} (${event.o.X})`;
    case "ACCOUNT_UPDATE": {
      const balances = event.a.B.map(({ a }) => `a balance of ${a}`);
      const what = event.T === undefined ? "margin type of" : "position in";
      return [...balances, ...event.a.P.map(({ s }) => `a ${what} ${s}`)].join(", ");
    }
    default:
      return event.ac === undefined ? "the Multi-Assets mode" : `a leverage of ${event.ac.s}`;
  }
}

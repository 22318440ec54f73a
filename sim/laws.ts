/**
 * All laws over one world, and what excuses from them. A law that is broken inside of a callback, whose caller would
 * swallow what is thrown, is kept and thrown at the end of the turn. Pure.
 */

import type { AccountView } from "../src/account/account-view.ts";
import type { FollowTiming } from "../src/account/follow-timing.ts";
import type { AccountFollower } from "../src/account/follower.ts";
import type { AccountRecord, RepairRecord } from "../src/account/record.ts";
import { trimmed } from "../src/kernel/decimal.ts";
import { assert } from "../src/kernel/errors.ts";
import type { HttpRequest, HttpResponse } from "../src/kernel/ports.ts";
import { after, type TransactMs } from "../src/kernel/scalars.ts";
import type { PaperVenue } from "../src/venue/paper-venue.ts";
import { assertNoSecret, Limits, Reach, Requests } from "./checks.ts";
import { Completeness } from "./completeness.ts";
import type { VenueWish } from "./faults.ts";
import { differences, endedDifferences } from "./mirror-truth.ts";
import { Misbehaviour } from "./misbehaviour.ts";
import { isOfStrategy } from "./named-holes.ts";
import { OrderLives } from "./order-lives.ts";
import type { SimClock } from "./sim-clock.ts";

/** What the laws look at. */
export interface LawsDeps {
  readonly clock: SimClock;
  readonly venue: () => PaperVenue;
  /** Does the stream use a URL form that the venue may silence? */
  readonly isLegacyUrl: boolean;
  /** Does the network let REST through? */
  readonly isRestWell: () => boolean;
  /** Of the program that lives; `undefined` while it is dead. */
  readonly follower: () => Pick<AccountFollower, "account" | "health"> | undefined;
  readonly timing: FollowTiming;
}

/** The account whose stream is followed. */
const ACCOUNT = "demo";

/**
 * What a silent stream has swallowed, REST is asked for so soon after an audit is due, if it can be reached: once more
 * when it lags, and twice for a proof.
 */
const NOTICED_MS = 15 * 60_000;

/** What makes REST refuse an answer, or give a wrong one. */
const HINDRANCES = ["rest-lag", "rest-disagree", "rest-error", "ban"] as const;

/** The laws of one world. */
export class Laws {
  readonly #deps: LawsDeps;
  readonly #completeness = new Completeness();
  #requests = new Requests();
  #limits = new Limits();
  readonly #reach = new Reach();
  readonly #orders = new OrderLives();
  readonly #misbehaviour = new Misbehaviour();
  readonly #secrets = new Set<string>();
  readonly #reached = new Map<string, number>();
  /** Until when the program last said that it may have missed something, or was dead; endless while that lasts. */
  #doubtedUntil = Number.NEGATIVE_INFINITY;
  #broken: unknown;

  constructor(deps: LawsDeps) {
    this.#deps = deps;
  }

  /** What was broken first; `undefined`: nothing. */
  get broken(): unknown {
    return this.#broken;
  }

  /** What struck and what came of it: how often. */
  get reached(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#reached].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Figures for the report. */
  get counts(): Readonly<Record<string, number>> {
    return { ...this.#completeness.counts, ended: this.#orders.endedCount };
  }

  /** It happened once more. */
  reach(name: string): void {
    this.#reached.set(name, (this.#reached.get(name) ?? 0) + 1);
  }

  /** Something is wrong. The first is what counts. */
  break(error: unknown): void {
    this.#broken ??= error;
  }

  /** The program died. Nobody renews the key for so long, and what the next one may send it has yet to learn. */
  died(downMs: number): void {
    this.#requests = new Requests();
    this.#limits = new Limits();
    this.#reach.silenced(downMs, this.#deps.clock.now());
    this.#doubtedUntil = Number.POSITIVE_INFINITY;
  }

  /** The next program knows nothing of what was told. */
  forgotten(): void {
    this.#completeness.forget();
  }

  /** No line may hold it from now on. */
  keepSecret(secret: string): void {
    this.#secrets.add(secret);
  }

  /** L9: a line of ours. */
  said(line: string): void {
    this.#hold(() => assertNoSecret(line, this.#secrets));
  }

  /** The venue has opened the account. */
  opened(): void {
    for (const { asset, walletBalance } of this.#deps.venue().exchange.accountState(ACCOUNT).assets) {
      this.#completeness.opened(asset, trimmed(walletBalance), this.venueTime);
    }
  }

  /** The venue pushed an event to the account. */
  pushed(json: string, at: TransactMs): void {
    const misbehaviour = this.#misbehaviour;
    const isExcused =
      misbehaviour.isOn("silence", at) || (this.#deps.isLegacyUrl && misbehaviour.isOn("legacy-url-silent", at));
    if (isExcused) this.reach("event swallowed");
    const isUntold = this.#completeness.log(json, at, isExcused);
    if (isExcused) this.#mustBeNoticed(json, isUntold);
    this.#hold(() => this.#orders.log(json));
  }

  /** Nothing is given up but what REST refuses, or what it says in two ways. */
  #certified({ gaps, completeUpTo, holes: named, tookMs }: RepairRecord): void {
    const holes = named.filter((hole) => !isOfStrategy(hole));
    if (gaps.length > 0) this.#strategiesNamed(completeUpTo, named);
    const { clock } = this.#deps;
    const until = this.venueTime;
    const since = (until - tookMs) as TransactMs;
    const isExcused =
      !this.#reach.isWellSince(clock.now() - tookMs) ||
      HINDRANCES.some((type) => this.#misbehaviour.wasOn(type, since, until));
    assert(holes.length === 0 || isExcused, `L2 a hole is named that REST could have filled: ${holes[0]}`);
  }

  /** No call lists strategies: of one that has ended and seems to be at work, the certificate must say so. */
  #strategiesNamed(completeUpTo: TransactMs, holes: readonly string[]): void {
    const { follower, venue } = this.#deps;
    const grids = new Map(
      venue()
        .exchange.grids(ACCOUNT)
        .map((grid) => [String(grid.strategyId), grid]),
    );
    for (const { strategyId } of follower()?.account.strategies.values() ?? []) {
      const endTime = grids.get(strategyId)?.endTime ?? 0;
      const isOver = endTime > 0 && endTime < completeUpTo;
      const isNamed = holes.some((hole) => isOfStrategy(hole) && hole.includes(` ${strategyId} `));
      assert(!isOver || isNamed, `L2 strategy ${strategyId} has ended, and the certificate does not name it`);
    }
  }

  #mustBeNoticed(json: string, isUntold: () => boolean): void {
    const { clock, timing } = this.#deps;
    const since = clock.now();
    const pushedAt = this.venueTime;
    const noticedMs = timing.auditEveryMs + NOTICED_MS;
    clock.wake(after(since, noticedMs), "law", () => {
      if (!isUntold() || this.#doubtedUntil >= since || !this.#reach.isWellSince(since)) return;
      // An audit is made of all answers, or not at all.
      if (this.#misbehaviour.refusedPart(pushedAt, this.venueTime)) return;
      this.#hold(() => assert(false, `L2 the stream was deaf to it for ${noticedMs / 60_000} minutes: ${json}`));
    });
  }

  /** The stream told a record. */
  told(record: AccountRecord): void {
    this.#hold(() => {
      this.#completeness.told(record);
      this.#reach.told(record, this.#deps.clock.now());
      if (record.kind === "repair") this.#certified(record);
    });
    const { clock, follower } = this.#deps;
    if (record.kind === "gap") this.#doubtedUntil = Number.POSITIVE_INFINITY;
    if (record.kind === "repair") this.#doubtedUntil = Math.min(this.#doubtedUntil, clock.now());
    const isCertain =
      record.kind === "repair" ? record.holes.every(isOfStrategy) : follower()?.health.sync === "certain";
    const view = follower()?.account;
    if (isCertain && view !== undefined && this.#completeness.isCaughtUp) this.agree(view);
  }

  /** The program asks. Call the result with the answer; with nothing when none came. */
  sent(request: HttpRequest): (answer?: HttpResponse) => void {
    const { clock } = this.#deps;
    const limits = this.#limits;
    const isOfKey = request.url.includes("/listenKey");
    const sentAt = this.venueTime;
    let answered = () => {};
    this.#hold(() => {
      const silence = limits.sent(request, clock.now());
      if (silence !== undefined) this.reach(`${silence} obeyed`);
      if (isOfKey) answered = this.#requests.sent(request, clock.now());
    });
    return (answer) => {
      answered();
      if (isOfKey) this.#ofKey(answer);
      const isBanned = () => this.#misbehaviour.wasOn("ban", sentAt, this.venueTime);
      if (answer !== undefined) this.#hold(() => limits.answered(answer, isBanned(), clock.now()));
    };
  }

  #ofKey(answer: HttpResponse | undefined): void {
    if (answer === undefined) return this.reach("no answer");
    if (answer.status >= 400) this.reach(`answer ${answer.status}`);
    const waitS = Number(answer.headers["retry-after"] ?? 0);
    if (answer.status !== 429 && answer.status !== 418) return;
    this.#reach.silenced(waitS * 1000, this.#deps.clock.now());
  }

  /** The venue has carried out a request: money is conserved. */
  served(): void {
    this.#hold(() => {
      const { discrepancy } = this.#deps.venue().exchange.auditMoney();
      assert(discrepancy === 0n, `money is conserved: ${discrepancy} too much or too little`);
    });
  }

  /** The trader reads an order that it has placed. Call the result when REST does not know the order. */
  reading(): () => void {
    const sentAt = this.venueTime;
    return () => {
      this.reach("stale read");
      const lags = (["rest-lag", "rest-disagree"] as const).some((type) =>
        this.#misbehaviour.wasOn(type, sentAt, this.venueTime),
      );
      this.#hold(() => assert(lags, "REST knows an order that was placed, unless replicas lag"));
    };
  }

  /** The venue has started a fault of its own. Both times are the venue's. */
  misbehaves(wish: VenueWish, from: number, to: number): void {
    this.#misbehaviour.started(wish, from, to);
    this.lookAtRest();
  }

  /** Is a part of REST refused for good, so that the account cannot be read at all? */
  get refusesPart(): boolean {
    return this.#misbehaviour.refusedPart(this.venueTime, this.venueTime);
  }

  /** Something has changed that decides whether REST is within reach. */
  lookAtRest(): void {
    const isWell = this.#deps.isRestWell() && !this.#misbehaviour.refusesCalls(this.venueTime);
    this.#reach.turned(isWell, this.#deps.clock.now());
  }

  /** The world has been quiet for a while. What is proven of it is not older than an audit allows. */
  proven(upTo: number | undefined): void {
    const { clock, timing } = this.#deps;
    const maxMs = timing.auditEveryMs + NOTICED_MS;
    const isOld = this.venueTime - (upTo ?? 0) > maxMs;
    const isExcused = !this.#reach.isWellSince(clock.now() - maxMs) || this.#doubtedUntil > clock.now() - maxMs;
    this.#hold(() =>
      assert(!isOld || isExcused, `L2 nothing was proven for ${maxMs / 60_000} minutes: the audit sleeps`),
    );
  }

  /** The world has been quiet for a while. */
  quiet(): void {
    this.#hold(() => {
      this.#completeness.quiet();
      const open = this.#deps.venue().exchange.openOrders(ACCOUNT);
      assert(!("outcome" in open), "open orders of all symbols are never refused");
      const told = [...this.#orders.open].sort();
      const known = open.map(({ symbol, orderId }) => `${symbol} ${orderId}`).sort();
      assert(told.join() === known.join(), `open by what was told: ${told}; by what is known: ${known}`);
    });
  }

  /** The mirror shows what the venue knows. */
  agree(view: AccountView): void {
    const found = differences(view, this.#deps.venue().exchange, ACCOUNT);
    this.#hold(() => assert(found.length === 0, `L3 the mirror differs: ${found.join("; ")}`));
  }

  /** … and remembers how orders ended, as the venue does. */
  remembers(view: AccountView): void {
    const found = endedDifferences(view, this.#deps.venue().exchange, ACCOUNT, this.venueTime);
    this.#hold(() => assert(found.length === 0, `L3 the mirror remembers otherwise: ${found.join("; ")}`));
  }

  /** The exchange's time. */
  get venueTime(): TransactMs {
    const { clock, venue } = this.#deps;
    return venue().time({ wall: clock.wall(), monotonic: clock.now() });
  }

  #hold(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.break(error);
    }
  }
}

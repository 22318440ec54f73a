/**
 * One account of the hub: what follows it, the desk that has it journalled, and the feed its consumers read. Pure.
 *
 *     opening ──▶ following ──▶ closed
 *        ▲            │  the journal took nothing for too long, the key was refused
 *        └── waiting ◀┘
 *
 * Consumers stay whatever happens to the upstream: the feed goes on where it was.
 */
import type { AccountRecord } from "../account/record.ts";
import { copyUntold } from "../account/untold-facts.ts";
import type { Extent } from "../journal/cursor.ts";
import type { Journal, JournalState } from "../journal/journal.ts";
import { ListenkeyError } from "../kernel/errors.ts";
import type { Cancel, Clock, Log } from "../kernel/ports.ts";
import { after } from "../kernel/scalars.ts";
import { AccountDesk, type Acknowledge, type DeskHealth } from "./account-desk.ts";
import { Feed } from "./feed.ts";
import { CursorLost } from "./hub-errors.ts";
import type { HubWatch } from "./hub-watch.ts";
import type { Known } from "./known.ts";
import { MarginDesk } from "./margin-desk.ts";
import { type AccountSnapshot, snapshotText } from "./mirror-text.ts";
import { reopen } from "./reopening.ts";
import type { MakeUpstream, Upstream, UpstreamHealth } from "./upstream.ts";

/** After an upstream or a journal that refused, the next attempt. */
export const REOPEN_AFTER_MS = 30_000;

/** When the hub stops, what was told has so long to be committed. */
const LAST_COMMIT_MAX_MS = 5_000;

/** Records from one snapshot in the journal to the next. */
export const SNAPSHOT_EVERY_RECORDS = 1_000;

/** What an account of the hub needs. */
export interface HubAccountDeps {
  readonly id: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly acknowledge: Acknowledge;
  readonly watch: HubWatch;
  readonly makeUpstream: MakeUpstream;
}

/** How an account of the hub is doing. Plain data, without secrets. */
export interface HubAccountHealth {
  readonly account: string;
  /** `waiting`: for the next attempt to open it. */
  readonly phase: "opening" | "following" | "waiting" | "closed";
  /** Why it is not followed; `undefined` when it is. */
  readonly trouble: string | undefined;
  /** How much of what it holds is known here; `nothing` until the journal was read. */
  readonly known: Known;
  /** The newest record that was handed on; 0: none. */
  readonly lastSeq: number;
  readonly consumers: number;
  readonly desk: DeskHealth | undefined;
  readonly journal: { readonly phase: JournalState["phase"]; readonly trouble: string | undefined };
  /** What the upstream says of itself; `undefined` while there is none. */
  readonly upstream: UpstreamHealth | undefined;
}

/** One account. */
export class HubAccount {
  readonly id: string;
  /** What moves with the market. */
  readonly margins: MarginDesk;
  readonly #deps: HubAccountDeps;
  #makeUpstream: MakeUpstream;
  #phase: HubAccountHealth["phase"] = "opening";
  #trouble: string | undefined;
  #feed: Feed | undefined;
  #desk: AccountDesk | undefined;
  #upstream: Upstream | undefined;
  /** It is being ended: what its start says now is no trouble. */
  #leaving: Upstream | undefined;
  /** Is the last record one that says `stopped`? */
  #isStopped = false;
  #cancelReopen: Cancel = () => {};
  /** The snapshot in the journal is as of this record. */
  #snapshotSeq = 0;
  /** A snapshot that is being kept, and what comes of the same record meanwhile. */
  #keeping: Keeping | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(deps: HubAccountDeps) {
    this.#deps = deps;
    this.id = deps.id;
    this.#makeUpstream = deps.makeUpstream;
    const upstream = () => (this.#phase === "following" ? this.#upstream : undefined);
    this.margins = new MarginDesk({ clock: deps.clock, upstream });
    this.margins.begin();
  }

  /** What consumers read; `undefined` until the journal was read. */
  get feed(): Feed | undefined {
    return this.#feed;
  }

  /** May consumers come? Not before the journal was read, nor while but a part of the account is known. */
  get isOpen(): boolean {
    return this.#feed !== undefined && this.#feed.known !== "part";
  }

  /** What of it is kept. @throws {StorageError} when that cannot be read */
  extent(): Promise<Extent> {
    return this.#deps.journal.extent(this.id);
  }

  /** What the paper venue on the hub's own port calls it; `undefined`: it is not there. */
  get paper(): string | undefined {
    return this.#upstream?.paper;
  }

  /** This moment. */
  get health(): HubAccountHealth {
    const { state } = this.#deps.journal;
    return {
      account: this.id,
      phase: this.#phase,
      trouble: this.#trouble,
      known: this.#feed?.known ?? "nothing",
      lastSeq: this.#feed?.lastSeq ?? 0,
      consumers: this.#feed?.memberCount ?? 0,
      desk: this.#desk?.health,
      journal: { phase: state.phase, trouble: state.phase === "failing" ? state.error.message : undefined },
      upstream: this.#upstream?.health,
    };
  }

  /** Is it followed, here and where its records come from, and in sync? */
  get isReady(): boolean {
    const { phase, desk, upstream } = this.health;
    const isSynced = upstream?.sync === undefined || IN_SYNC.has(upstream.sync);
    return phase === "following" && desk?.phase === "saving" && isSynced && !this.#isStopped;
  }

  /** Reads the journal and begins to follow. Resolves when consumers may come, or the first attempt failed. */
  open(): Promise<void> {
    return this.#next(() => this.#open());
  }

  /** Follows it another way from now on. Resolves when it was opened so, or the first attempt failed. */
  change(makeUpstream: MakeUpstream): Promise<void> {
    this.#makeUpstream = makeUpstream;
    this.#cancelReopen();
    return this.#reopen();
  }

  /** Ends it: what was told is committed, if that is possible within some seconds. Consumers are sent away. */
  async close(why: "ACCOUNT_REMOVED" | "STOPPING"): Promise<void> {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#cancelReopen();
    this.margins.end();
    await this.#next(async () => {
      await this.#endUpstream();
      this.#feed?.end(why);
    });
  }

  async #endUpstream(): Promise<void> {
    const [upstream, desk] = [this.#upstream, this.#desk];
    this.#leaving = upstream;
    await upstream?.stop();
    await desk?.close(LAST_COMMIT_MAX_MS);
    this.#upstream = undefined;
  }

  /** One thing after the other. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work);
    return this.#work;
  }

  async #open(): Promise<void> {
    if (this.#phase === "closed") return;
    const { journal, log } = this.#deps;
    try {
      const { mirror, standing, lastSeq, isStopped, resume, known: knownBefore } = await reopen(journal, this.id, log);
      this.#isStopped = isStopped;
      const snapshot = { account: this.id, asOfSeq: lastSeq, view: mirror.view, standing, known: knownBefore };
      this.#feed = this.#feedFrom(snapshot);
      const upstream: Upstream = this.#makeUpstream(
        resume,
        (record) => this.#take(upstream, record),
        () => this.#upstream === upstream && this.#desk?.renew(),
      );
      const known = () => (knownBefore === "whole" ? knownBefore : upstream.known);
      this.#feed.show({ ...snapshot, known: known() });
      this.#desk = this.#makeDesk(this.#feed, upstream, standing, known);
      this.#upstream = upstream;
      this.#phase = "following";
      this.#trouble = undefined;
      this.#start(upstream);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The feed there was goes on, unless somebody else has written meanwhile: then its consumers have to come again. */
  #feedFrom(snapshot: AccountSnapshot): Feed {
    const feed = this.#feed;
    if (feed !== undefined && feed.lastSeq === snapshot.asOfSeq) {
      feed.show(snapshot);
      return feed;
    }
    feed?.end("STOPPING");
    return new Feed(snapshot);
  }

  #start(upstream: Upstream): void {
    upstream.start().catch((error: unknown) => {
      if (this.#upstream !== upstream || this.#leaving === upstream) return;
      if (error instanceof CursorLost && upstream.beginning !== undefined) return this.#begin(upstream, error);
      this.#failed(error);
    });
  }

  /** Records are gone, but nobody here had one: nothing is missed when the account begins with those that are left. */
  async #begin(upstream: Upstream, lost: CursorLost): Promise<void> {
    const { journal, log } = this.#deps;
    const makeUpstream = this.#makeUpstream;
    // What takes its place meanwhile begins by itself, and has not failed.
    const isMine = () => this.#upstream === upstream && this.#makeUpstream === makeUpstream;
    const attempt = async (work: () => Promise<void>) => {
      if (!isMine()) return;
      try {
        await work();
      } catch (error) {
        if (isMine()) this.#failed(error);
      }
    };
    await attempt(async () => {
      const { firstSeq, lastSeq } = await journal.extent(this.id);
      const hasRecords = lastSeq >= firstSeq || this.#desk?.health.heldRecords !== 0;
      if (hasRecords || upstream.beginning === undefined) throw lost;
      const afterSeq = await upstream.beginning();
      // It has been tried from there.
      if (afterSeq === lastSeq) throw lost;
      const begin = async () => {
        await journal.begin(this.id, afterSeq);
        log.warn("the account begins with what the other hub still has", { account: this.id, afterSeq });
        await this.#openAgain();
      };
      await this.#next(() => attempt(begin));
    });
  }

  /** What an upstream tells that was given up is told again by its successor. */
  #take(upstream: Upstream, record: AccountRecord): void {
    if (this.#upstream !== upstream) return;
    const isStopped = record.kind === "status" && record.status === "stopped";
    // Attempt after attempt ends so, while a key is refused. What has its number from another hub is taken as it is.
    if (isStopped && this.#isStopped && upstream.beginning === undefined) return;
    this.#isStopped = isStopped;
    this.#deps.watch.taken(record);
    this.#desk?.take(record);
    this.#say(record);
  }

  /** What operators want to read afterwards. Gaps are said by the stream. */
  #say(record: AccountRecord): void {
    const { log } = this.#deps;
    if (record.kind === "status") log.info(SAID[record.status], { account: this.id, seq: record.seq });
    if (record.kind !== "repair") return;
    const { seq, completeUpTo, recovered, holes, requests, weightUsed, tookMs } = record;
    const found = Object.entries(recovered).map(([name, count]) => `${count} ${name}`);
    const fields = { account: this.id, seq, completeUpTo, recovered: found.join(", "), requests, weightUsed, tookMs };
    if (holes.length === 0) log.info("all is known again", fields);
    else log.warn("something could not be recovered", { ...fields, holes: holes.join("; ") });
  }

  #makeDesk(
    feed: Feed,
    upstream: Upstream,
    standing: AccountSnapshot["standing"],
    known: () => Known | undefined,
  ): AccountDesk {
    const { journal, clock, log, acknowledge, watch } = this.#deps;
    return new AccountDesk({
      feed,
      journal,
      clock,
      log,
      acknowledge,
      watch,
      standing,
      present: () => ({
        view: upstream.account,
        known: known(),
        completeUpTo: upstream.health.completeUpTo,
      }),
      untold: () => upstream.untold ?? copyUntold(),
      wantsSnapshot: (asOfSeq, renews) => renews || asOfSeq - this.#snapshotSeq >= SNAPSHOT_EVERY_RECORDS,
      snapshotTaken: (snapshot) => this.#keep(snapshot),
      overflowed: () => void upstream.stop(),
      emptied: () => void this.#reopen(),
      fenced: (error) => this.#failed(error),
    });
  }

  /** What is told after a snapshot is read at the start. */
  #keep(snapshot: AccountSnapshot): void {
    const { asOfSeq } = snapshot;
    if (this.#keeping?.asOfSeq === asOfSeq) this.#keeping.next = snapshot;
    if (this.#keeping !== undefined) return;
    const keeping: Keeping = { asOfSeq };
    this.#keeping = keeping;
    const { journal, clock, log } = this.#deps;
    journal
      .keepSnapshot({ account: this.id, asOfSeq, at: clock.wall(), text: snapshotText(snapshot) })
      .then(
        () => {
          this.#snapshotSeq = asOfSeq;
        },
        (error: unknown) => {
          if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
          log.warn("a snapshot could not be kept", { account: this.id, why: error.message });
        },
      )
      .finally(() => {
        this.#keeping = undefined;
        if (keeping.next !== undefined && this.#phase !== "closed") this.#keep(keeping.next);
      });
  }

  /** What could not be followed is tried again by and by, for keys are mended, and disks are. */
  #failed(error: unknown): void {
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    if (this.#phase === "closed") return;
    const { log, clock } = this.#deps;
    log.error("the account cannot be followed", { account: this.id, why: error.message });
    this.#phase = "waiting";
    this.#trouble = error.message;
    this.#cancelReopen();
    this.#cancelReopen = clock.wake(after(clock.now(), REOPEN_AFTER_MS), "open again", () => void this.#reopen());
  }

  #reopen(): Promise<void> {
    return this.#next(() => this.#openAgain());
  }

  async #openAgain(): Promise<void> {
    if (this.#phase === "closed") return;
    this.#cancelReopen();
    await this.#endUpstream();
    this.#phase = "opening";
    await this.#open();
  }
}

interface Keeping {
  readonly asOfSeq: number;
  next?: AccountSnapshot;
}

const SAID = { live: "events arrive", synced: "the account is in sync", stopped: "no more events" } as const;

const IN_SYNC: ReadonlySet<string> = new Set(["confirming", "certain", "unasked"]);

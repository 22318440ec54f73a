/**
 * One account as the page follows it: records and mirror by the SDK's own link, and what no record tells by asking now
 * and then. Everything that views show is a signal, written once a frame however much has come.
 */
import { type Signal, signal } from "@preact/signals";
import type { AccountView } from "../../src/account/account-view.ts";
import type { Margin } from "../../src/account/margin.ts";
import type { AccountRecord } from "../../src/account/record.ts";
import type { CursorLost, HubRefused } from "../../src/hub/hub-errors.ts";
import { HubLink, type HubLinkHealth } from "../../src/hub/hub-link.ts";
import { readRecordText } from "../../src/hub/record-text.ts";
import { pageClock, pageLog, pageRandom } from "./browser-ports.ts";
import { Episodes } from "./episodes.ts";
import { EquityCurve } from "./equity-curve.ts";
import { shownInFrames } from "./frames.ts";
import type { AccountHealth, ConsumerRow } from "./hub-answers.ts";
import { type HubApi, Refusal } from "./hub-api.ts";
import { LagMeter } from "./lag-meter.ts";
import { type PageDialer, pageDialer } from "./page-dialer.ts";
import { Polling } from "./polling.ts";
import { RecordBook } from "./record-book.ts";

/** Records before the first that came live, read at once. */
const FIRST_PAGE = 200;

/** Records of an older page. */
const OLDER_PAGE = 500;

/** Gaps and repairs are looked for among so many of the newest records. */
const EPISODE_RECORDS = 50_000;

/** What the account holds is shown anew at most so often: many rows may stand there, and nobody reads them faster. */
const HOLDINGS_EVERY_MS = 250;

/** A fill is told by several events, one right after the other: the tables show what all of them have changed. */
const HOLDINGS_GATHER_MS = 40;

const HEALTH_EVERY_MS = 1_500;
const MARGIN_EVERY_MS = 3_000;

/** So soon it is looked again whether the hub has said how the account is doing. */
const HEALTH_FIRST_MS = 100;

const CONSUMERS_EVERY_MS = 3_000;

/** What the exchange says of margin, or why it does not. */
export type MarginTold =
  | { readonly is: "told"; readonly margin: Margin }
  | { readonly is: "refused"; readonly why: string };

/** Something that was asked for, and when the answer came by the page's monotonic clock. */
export interface Heard<T> {
  readonly value: T;
  readonly at: number;
}

/** Follows one account. */
export class AccountSession {
  /** As the hub calls it. */
  readonly id: string;
  /** What it holds; `undefined` while that is not known. */
  readonly view: Signal<AccountView | undefined> = signal(undefined);
  /** How the page is connected. */
  readonly link: Signal<HubLinkHealth | undefined> = signal(undefined);
  /** Counts up when `book` or `lag` have news. */
  readonly news: Signal<number> = signal(0);
  /** Counts up when `episodes` have news. */
  readonly episodeNews: Signal<number> = signal(0);
  /** How the hub follows it. */
  readonly health: Signal<Heard<AccountHealth> | undefined> = signal(undefined);
  /** What moves with the market. */
  readonly margin: Signal<MarginTold | undefined> = signal(undefined);
  /** Who else listens. */
  readonly consumers: Signal<readonly ConsumerRow[]> = signal([]);
  /** Why the hub does not let the page follow it; the page then tries no more. */
  readonly failure: Signal<HubRefused | Refusal | undefined> = signal(undefined);
  /** The hub's journal did not reach back to what the page had: all is shown anew since then. */
  readonly renewedAt: Signal<number | undefined> = signal(undefined);
  /** Is an older page being read, or is there none? */
  readonly older: Signal<"more" | "reading" | "none"> = signal("more");
  /** Records at hand. */
  book = new RecordBook();
  /** Gaps and repairs. */
  episodes = new Episodes();
  /** How late events come. */
  readonly lag = new LagMeter();
  /** The curve. */
  readonly equity = new EquityCurve();
  readonly #api: HubApi;
  readonly #dialer: PageDialer;
  #link: HubLink | undefined;
  #clockOffsetMs = 0;
  #hasEpisodeNews = false;
  #isEnded = false;
  readonly #polls: Polling[];
  readonly #show = shownInFrames(() => this.#write());
  readonly #showHoldings = shownInFrames(() => this.#writeHoldings(), HOLDINGS_EVERY_MS, HOLDINGS_GATHER_MS);

  constructor(api: HubApi, id: string) {
    this.#api = api;
    this.id = id;
    this.#dialer = pageDialer(api, (url) => {
      const since = new URL(url).searchParams.get("since");
      return since === null ? this.#path("") : this.#path(`/records?limit=1&since=${since}`);
    });
    this.#polls = [
      new Polling(HEALTH_EVERY_MS, () => this.#askHealth()),
      new Polling(MARGIN_EVERY_MS, () => this.#askMargin()),
      new Polling(CONSUMERS_EVERY_MS, () => this.#askConsumers()),
    ];
  }

  /** Begins. */
  start(): void {
    this.#begin();
    for (const poll of this.#polls) poll.start();
    this.#readCurve().catch(ignored);
  }

  /** Ends it for good. */
  stop(): void {
    this.#isEnded = true;
    this.#link?.stop();
    for (const poll of this.#polls) poll.stop();
  }

  /** Reads a page of older records. */
  async readOlder(limit = OLDER_PAGE): Promise<void> {
    const { book } = this;
    const first = book.oldestSeq ?? (this.#link?.health.asOfSeq ?? 0) + 1;
    if (this.older.value !== "more" || this.#isEnded) return;
    this.older.value = "reading";
    try {
      const since = Math.max(0, first - 1 - limit);
      const page = since === first - 1 ? [] : await this.#page(`since=${since}&limit=${first - 1 - since}`);
      book.addOlder(page);
      this.older.value = since === 0 || page.length === 0 ? "none" : "more";
    } catch (error) {
      ignored(error);
      // Retention has removed them, or the hub is away: what is shown is what there is.
      this.older.value = error instanceof Refusal && error.status === undefined ? "more" : "none";
    }
    this.#show();
  }

  #begin(): void {
    this.#link?.stop();
    this.book = new RecordBook();
    this.episodes = new Episodes();
    this.#hasEpisodeNews = true;
    this.older.value = "more";
    this.#link = new HubLink({
      clock: pageClock,
      random: pageRandom,
      log: pageLog,
      dialer: this.#dialer,
      since: undefined,
      isFiltered: false,
      urlOf: (since) => {
        const query = new URLSearchParams({ snapshots: "follow" });
        if (since !== undefined) query.set("since", String(since));
        return this.#api.url(`${this.#path("/stream")}?${query}`).replace(/^http/, "ws");
      },
      tell: (record) => this.#tell(record),
      mirrored: () => this.#showHoldings(),
      changed: () => {
        this.#show();
        this.#showHoldings();
      },
      ready: () => void this.#readPast(),
      failed: (error) => this.#failed(error),
    });
    this.#link.start();
  }

  /** The past is read once the present is known: what comes meanwhile follows it. */
  async #readPast(): Promise<void> {
    const link = this.#link;
    const upTo = link?.health.asOfSeq ?? 0;
    const past: AccountRecord[] = [];
    try {
      await this.readOlder(FIRST_PAGE);
      for (let since = Math.max(0, upTo - EPISODE_RECORDS); since < upTo && link === this.#link; ) {
        const { records, cursor } = await this.#filtered(since);
        if (cursor <= since) break;
        since = cursor;
        past.push(...records.filter(({ seq }) => seq <= upTo));
      }
    } catch (error) {
      ignored(error);
    }
    if (link !== this.#link) return;
    const episodes = new Episodes();
    for (const record of [...past, ...this.book.records]) episodes.take(record);
    this.episodes = episodes;
    this.#hasEpisodeNews = true;
    this.#show();
  }

  /** No event is called so: only gaps, repairs and statuses come. */
  async #filtered(since: number): Promise<{ readonly records: AccountRecord[]; readonly cursor: number }> {
    const path = this.#path(`/records?since=${since}&limit=1000&events=none`);
    const response = await this.#api.text(path, { headers: { accept: "application/x-ndjson" } });
    const cursor = Number(response.headers.get("listenkey-cursor"));
    return { records: recordsIn(await response.text()), cursor };
  }

  async #page(query: string): Promise<AccountRecord[]> {
    const headers = { accept: "application/x-ndjson" };
    const response = await this.#api.text(this.#path(`/records?${query}`), { headers });
    return recordsIn(await response.text());
  }

  #tell(record: AccountRecord): void {
    this.book.add(record);
    if (this.episodes.take(record)) this.#hasEpisodeNews = true;
    if (record.kind === "event" && record.origin === "stream") {
      const { E } = record.event as { readonly E?: unknown };
      if (typeof E === "number") this.lag.note(record.at, record.at + this.#clockOffsetMs - E);
    }
    this.#show();
  }

  #failed(error: HubRefused | CursorLost): void {
    if (error.code === "CURSOR_LOST") {
      this.renewedAt.value = Date.now();
      // Not within the link's own call: it is stopping.
      queueMicrotask(() => !this.#isEnded && this.#begin());
      return;
    }
    this.failure.value = error as HubRefused;
  }

  #write(): void {
    if (this.#link === undefined || this.#isEnded) return;
    this.link.value = this.#link.health;
    this.news.value++;
    if (this.#hasEpisodeNews) this.episodeNews.value++;
    this.#hasEpisodeNews = false;
  }

  #writeHoldings(): void {
    if (this.#link === undefined || this.#isEnded) return;
    const { account, health } = this.#link;
    if (health.known === "whole") this.view.value = account;
  }

  async #askHealth(): Promise<undefined> {
    const value = await this.#api.get<AccountHealth>(this.#path("/health"));
    this.#clockOffsetMs = value.upstream?.clock?.offsetMs ?? this.#clockOffsetMs;
    if (value.lastSeq <= (this.#link?.health.lastSeq ?? 0)) this.#dialer.alive();
    this.health.value = { value, at: performance.now() };
  }

  /** Not asked for while the hub says that it cannot be had. */
  async #askMargin(): Promise<number> {
    const health = this.health.value?.value;
    if (health === undefined) return HEALTH_FIRST_MS;
    const trouble = health.margin?.trouble;
    if (trouble !== undefined) {
      this.margin.value = { is: "refused", why: trouble };
      return MARGIN_EVERY_MS;
    }
    try {
      const margin = await this.#api.get<Margin>(this.#path("/margin"));
      this.margin.value = { is: "told", margin };
      this.equity.add({ at: Date.now(), equity: margin.equity });
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 503) throw error;
      this.margin.value = { is: "refused", why: error.message };
    }
    return MARGIN_EVERY_MS;
  }

  async #askConsumers(): Promise<undefined> {
    const { consumers } = await this.#api.get<{ consumers: ConsumerRow[] }>(this.#path("/consumers"));
    this.consumers.value = consumers;
  }

  async #readCurve(): Promise<void> {
    const { samples } = await this.#api.get<{ samples: { at: number; equity: string }[] }>(this.#path("/equity"));
    this.equity.addOlder(samples);
  }

  #path(rest: string): string {
    return `v1/accounts/${encodeURIComponent(this.id)}${rest}`;
  }
}

function recordsIn(lines: string): AccountRecord[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => readRecordText(line));
}

/** What a poll could not have is asked again; what the hub is like meanwhile, the link says. */
function ignored(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}

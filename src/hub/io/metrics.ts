/**
 * The hub in numbers, for Prometheus: `GET /metrics`. What can be read off the hub is read when it is asked for; what
 * passes by is counted as it does. Seconds, bytes and counts, as Prometheus wants its units.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { AccountRecord } from "../../account/record.ts";
import { EVENT_NAMES } from "../../protocol/user-data-event.ts";
import type { Hub } from "../hub.ts";
import type { HubAccount, HubAccountHealth } from "../hub-account.ts";
import type { HubWatch } from "../hub-watch.ts";

/** Seconds from the exchange's date of an event to its arrival. */
const LAG_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Seconds of one commit. */
const COMMIT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

const KNOWN: ReadonlySet<string> = new Set(EVENT_NAMES);

/** How far the clocks are apart is looked up again after so long. */
const OFFSET_FRESH_MS = 5_000;

/** Numbers that are read off an account when they are asked for: name, what it is, how it is read. */
const READINGS: readonly (readonly [name: string, help: string, read: (health: HubAccountHealth) => Reading])[] = [
  ["listenkey_last_seq", "The newest record that was handed on.", ({ lastSeq }) => lastSeq],
  ["listenkey_consumers", "Consumers that are connected.", ({ consumers }) => consumers],
  ["listenkey_held_records", "Records that are not committed yet.", ({ desk }) => desk?.heldRecords],
  [
    "listenkey_complete_up_to_timestamp_seconds",
    "Nothing is missing up to here, by the exchange's clock.",
    (health) => inSeconds(health.upstream?.completeUpTo),
  ],
  [
    "listenkey_key_age_seconds",
    "Since the listenKey was first asked for.",
    ({ upstream }) => inSeconds(upstream?.key?.heldForMs),
  ],
  [
    "listenkey_key_validity_seconds",
    "Until the listenKey ends, unless it is renewed.",
    ({ upstream }) => inSeconds(upstream?.key?.validForMs),
  ],
  [
    "listenkey_key_renewal_failures",
    "Renewals that failed since the last good one.",
    ({ upstream }) => upstream?.key?.failures,
  ],
  ["listenkey_sockets", "Websockets that are open or being opened.", ({ upstream }) => upstream?.lines?.length],
  [
    "listenkey_socket_age_seconds",
    "Since the oldest websocket opened; it is cut at 24 hours.",
    ({ upstream }) => inSeconds(greatest(upstream?.lines, ({ openForMs }) => openForMs)),
  ],
  [
    "listenkey_socket_quiet_seconds",
    "Since the last sign of life of the quietest websocket.",
    ({ upstream }) => inSeconds(greatest(upstream?.lines, ({ quietForMs }) => quietForMs)),
  ],
  [
    "listenkey_clock_offset_seconds",
    "The exchange's clock less ours.",
    ({ upstream }) => inSeconds(upstream?.clock?.offsetMs),
  ],
  [
    "listenkey_clock_uncertainty_seconds",
    "The offset is wrong by so much at the most.",
    ({ upstream }) => inSeconds(upstream?.clock?.uncertaintyMs),
  ],
  [
    "listenkey_budget_used_weight",
    "Request weight used in this minute, by all behind this address.",
    ({ upstream }) => upstream?.budget?.used,
  ],
  [
    "listenkey_budget_limit_weight",
    "Request weight a minute that the exchange allows.",
    ({ upstream }) => upstream?.budget?.limit,
  ],
  [
    "listenkey_budget_blocked_seconds",
    "How long nothing may be sent: after a 429 or a ban.",
    ({ upstream }) => inSeconds(upstream?.budget?.blockedForMs),
  ],
  ["listenkey_requests_waiting", "Requests that wait for the budget.", ({ upstream }) => upstream?.waiting],
  ["listenkey_key_grants", "Keys asked for since the stream was started.", ({ upstream }) => upstream?.counts?.grants],
  ["listenkey_key_renewals", "Renewals since the stream was started.", ({ upstream }) => upstream?.counts?.renewals],
  ["listenkey_dials", "Websockets dialled since the stream was started.", ({ upstream }) => upstream?.counts?.dials],
  [
    "listenkey_copies_dropped",
    "Copies of events dropped since the stream was started.",
    ({ upstream }) => upstream?.counts?.copies,
  ],
  [
    "listenkey_frames_unreadable",
    "Frames that could not be read since the stream was started.",
    ({ upstream }) => upstream?.counts?.unreadable,
  ],
];

/** `undefined`: not known at this moment, and not shown. */
type Reading = number | undefined;

/** Counts for one hub. Given to the hub before the hub is given to it: see {@link HubMetrics.watchOver}. */
export class HubMetrics implements HubWatch {
  readonly #registry = new Registry();
  readonly #lag: Histogram<"account">;
  readonly #events: Counter<"account" | "event" | "origin">;
  readonly #gaps: Counter<"account">;
  readonly #repairs: Counter<"account" | "result">;
  readonly #recovered: Counter<"account" | "event">;
  readonly #holes: Counter<"account">;
  readonly #repairSeconds: Histogram<"account">;
  readonly #weight: Counter<"account">;
  readonly #commits: Histogram<"account">;
  readonly #committed: Counter<"account">;
  readonly #skipped: Counter<"account">;
  readonly #ended: Counter<"account" | "code">;
  readonly #offsets = new Map<string, { readonly at: number; readonly ms: number }>();
  #hub: Hub | undefined;

  constructor() {
    const of = <L extends string>(name: string, help: string, ...labelNames: L[]) => {
      return { name, help, labelNames, registers: [this.#registry] };
    };
    const lag = of("listenkey_event_lag_seconds", "From the exchange's date of an event to its arrival.", "account");
    this.#lag = new Histogram({ ...lag, buckets: LAG_BUCKETS });
    this.#events = new Counter(of("listenkey_events_total", "Events told.", "account", "event", "origin"));
    this.#gaps = new Counter(of("listenkey_gaps_total", "Gaps told.", "account"));
    this.#repairs = new Counter(of("listenkey_repairs_total", "Certificates told.", "account", "result"));
    this.#recovered = new Counter(of("listenkey_recovered_total", "Missed events told from REST.", "account", "event"));
    this.#holes = new Counter(of("listenkey_holes_total", "What could not be recovered.", "account"));
    const repair = of("listenkey_repair_seconds", "From a gap to the certificate that ends it.", "account");
    this.#repairSeconds = new Histogram({ ...repair, buckets: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800] });
    this.#weight = new Counter(of("listenkey_repair_weight_total", "Request weight of repairs.", "account"));
    const commit = of("listenkey_journal_commit_seconds", "From a record handed over to its commit.", "account");
    this.#commits = new Histogram({ ...commit, buckets: COMMIT_BUCKETS });
    this.#committed = new Counter(of("listenkey_journal_records_total", "Records committed.", "account"));
    const skipped = "Records that slow consumers do not get, by their own policy.";
    this.#skipped = new Counter(of("listenkey_records_skipped_total", skipped, "account"));
    this.#ended = new Counter(of("listenkey_consumers_ended_total", "Consumers sent away.", "account", "code"));
    this.#read(of("listenkey_account_ready", "1: followed and in sync.", "account"), (account) =>
      Number(account.isReady),
    );
    for (const [name, help, read] of READINGS) this.#read(of(name, help, "account"), ({ health }) => read(health));
    this.#read(
      of("listenkey_queue_records", "Records that wait for the slowest consumer.", "account"),
      ({ feed }) => feed && (greatest([...feed.members], ({ lag }) => lag) ?? 0),
    );
    collectDefaultMetrics({ register: this.#registry });
  }

  /** The hub whose numbers are read. */
  watchOver(hub: Hub): void {
    this.#hub = hub;
    new Gauge({
      name: "listenkey_journal_accepting",
      help: "1: records are committed as they come.",
      registers: [this.#registry],
      collect() {
        this.set(Number(hub.journal.state.phase === "accepting"));
      },
    });
  }

  /** All numbers, as Prometheus reads them. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** What {@link text} is. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  taken(record: AccountRecord): void {
    const { account, kind } = record;
    switch (kind) {
      case "event": {
        const { origin, event, at } = record;
        // A name that nobody knows is the exchange's: there is no saying how many there will be.
        this.#events.inc({ account, event: KNOWN.has(event.e) ? event.e : "other", origin });
        const { E } = event as { readonly E?: unknown };
        if (origin === "stream" && typeof E === "number") {
          this.#lag.observe({ account }, Math.max(0, at + this.#offsetOf(account, at) - E) / 1000);
        }
        return;
      }
      case "gap":
        return this.#gaps.inc({ account });
      case "repair": {
        const { holes, recovered, tookMs, weightUsed } = record;
        this.#repairs.inc({ account, result: holes.length === 0 ? "complete" : "holes" });
        this.#holes.inc({ account }, holes.length);
        for (const [event, count] of Object.entries(recovered)) this.#recovered.inc({ account, event }, count);
        this.#repairSeconds.observe({ account }, tookMs / 1000);
        return this.#weight.inc({ account }, weightUsed);
      }
      case "status":
        return;
    }
  }

  committed(account: string, records: number, tookMs: number): void {
    this.#commits.observe({ account }, tookMs / 1000);
    this.#committed.inc({ account }, records);
  }

  skipped(account: string, records: number): void {
    this.#skipped.inc({ account }, records);
  }

  ended(account: string, code: string): void {
    this.#ended.inc({ account, code });
  }

  #read(
    gauge: Omit<ConstructorParameters<typeof Gauge<"account">>[0], "collect">,
    read: (one: HubAccount) => Reading,
  ): void {
    const accounts = () => this.#hub?.accounts ?? [];
    new Gauge({
      ...gauge,
      collect() {
        this.reset();
        for (const account of accounts()) {
          const value = read(account);
          if (value !== undefined) this.set({ account: account.id }, value);
        }
      },
    });
  }

  #offsetOf(account: string, at: number): number {
    const known = this.#offsets.get(account);
    if (known !== undefined && Math.abs(at - known.at) < OFFSET_FRESH_MS) return known.ms;
    const ms = this.#hub?.account(account)?.health.upstream?.clock?.offsetMs ?? 0;
    this.#offsets.set(account, { at, ms });
    return ms;
  }
}

function inSeconds(ms: number | undefined): Reading {
  return ms === undefined ? undefined : ms / 1000;
}

function greatest<T>(all: readonly T[] | undefined, read: (one: T) => number): Reading {
  return all === undefined || all.length === 0 ? undefined : Math.max(...all.map(read));
}

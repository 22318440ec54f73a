/** The SDK: one account's user data stream, kept alive. This file plugs the real network into the pure rooms. */
import { UsageError } from "./kernel/errors.ts";
import { systemClock, systemRandom } from "./kernel/io/system-clock.ts";
import type { StopSignal } from "./kernel/ports.ts";
import { streamUrl } from "./protocol/stream-url.ts";
import { EVENT_NAMES, type EventName, type UnknownEvent, type UserDataEvents } from "./protocol/user-data-event.ts";
import { budgetFor, queueFor } from "./rest/io/budgets.ts";
import { undiciHttp } from "./rest/io/undici-http.ts";
import { eitherListenKeys, restListenKeys, wsApiListenKeys } from "./rest/listen-keys.ts";
import { RestClient } from "./rest/rest-client.ts";
import type { ClockHealth, VenueClock } from "./rest/venue-clock.ts";
import type { BudgetState, WeightBudget } from "./rest/weight-budget.ts";
import type { WeightQueue } from "./rest/weight-queue.ts";
import type { StreamHealth } from "./stream/health.ts";
import { wsDialer } from "./stream/io/ws-dialer.ts";
import type { EventRecord, GapRecord, StatusRecord, StreamRecord } from "./stream/record.ts";
import { RecordQueue, WAITING_MAX } from "./stream/record-queue.ts";
import { StreamClient } from "./stream/stream-client.ts";
import { type AccountStreamOptions, readOptions, type StreamSettings } from "./stream-options.ts";

/** What listeners get, by name. */
export type StreamListeners = {
  [N in EventName]: (event: UserDataEvents[N], record: EventRecord) => void;
} & {
  /** Every record, in order. */
  record: (record: StreamRecord) => void;
  /** Certainty was lost. */
  gap: (gap: GapRecord) => void;
  /** The stream became live, or stopped. */
  status: (status: StatusRecord) => void;
  /** An event of a type this version does not know. */
  unknown: (event: UnknownEvent, record: EventRecord) => void;
  /** The health is worth looking at again. */
  health: (health: StreamHealth & AddressHealth) => void;
};

/** What this process may still ask of the exchange, and how well it knows its time. */
export interface AddressHealth {
  /** Shared by every stream of this process that asks the same host. */
  readonly budget: BudgetState;
  /** Requests of this process that wait until the budget of that host allows them. */
  readonly waiting: number;
  /** The exchange's clock. */
  readonly clock: ClockHealth;
}

/**
 * Follows one account: gets the listenKey, keeps it and the socket alive, moves to a new socket before the exchange
 * cuts the old one, and tells every event once, in order. When events may have been missed, a `gap` record says so.
 *
 * @example
 * ```ts
 * const stream = new AccountStream({ apiKey });
 * stream.on("ORDER_TRADE_UPDATE", ({ o }) => console.log(o.s, o.S, o.X, o.z, "of", o.q));
 * stream.on("gap", ({ why }) => console.warn("events may be missing:", why));
 * await stream.start();
 * ```
 */
export class AccountStream {
  readonly #client: StreamClient;
  readonly #budget: WeightBudget;
  readonly #queue: WeightQueue;
  readonly #venueClock: VenueClock;
  readonly #releaseKeyOnStop: boolean;
  readonly #signal: StopSignal | undefined;
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>();
  readonly #queues = new Set<RecordQueue>();
  #starting: Promise<void> | undefined;
  #settleStart: { resolve(): void; reject(error: unknown): void } = { resolve() {}, reject() {} };

  /** @throws {UsageError} when an option is not what it should be */
  constructor(options: AccountStreamOptions) {
    const settings = readOptions(options);
    const { urls, timing, redundancy, account } = settings;
    this.#budget = budgetFor(urls.rest);
    this.#queue = queueFor(urls.rest, systemClock, systemRandom);
    const { apiKey } = settings;
    const rest = new RestClient({
      http: undiciHttp,
      clock: systemClock,
      budget: this.#budget,
      queue: this.#queue,
      baseUrl: urls.rest,
      apiKey,
    });
    this.#venueClock = rest.venueClock;
    this.#releaseKeyOnStop = settings.releaseKeyOnStop;
    this.#signal = settings.signal;
    this.#client = new StreamClient({
      clock: systemClock,
      random: systemRandom,
      dialer: wsDialer,
      keys: keyServiceOf(settings, rest, this.#budget),
      log: settings.log,
      timing,
      redundancy,
      account,
      urlOf: (key) =>
        `${urls.stream}${streamUrl({ route: "private", framing: "raw", subscriptions: [{ name: key }] })}`,
      tell: (record) => this.#tell(record),
      dated: (eventTime, at) => this.#venueClock.observe(eventTime, at),
      changed: () => this.#emit("health", this.health),
      failed: (error) => this.#settleStart.reject(error),
    });
  }

  /**
   * Begins to follow the account. Resolves when events arrive.
   * @throws {VenueRejected} when the API key is refused; all other trouble is retried until it is over
   * @throws {UsageError} when the stream was stopped before it was live
   */
  start(): Promise<void> {
    this.#starting ??= new Promise((resolve, reject) => {
      this.#settleStart = { resolve, reject };
      if (this.#isStopped()) return this.#refuseStart();
      if (this.#signal?.aborted) return void this.stop();
      this.#signal?.addEventListener("abort", this.#abort);
      this.#client.start();
    });
    return this.#starting;
  }

  /** Ends it for good, and closes the sockets. The shared key stays alive unless `releaseKeyOnStop`. */
  async stop(): Promise<void> {
    await this.#client.stop(this.#releaseKeyOnStop);
  }

  /** How the stream is doing at this moment. */
  get health(): StreamHealth & AddressHealth {
    const budget = this.#budget.state(systemClock.now());
    return { ...this.#client.health, budget, waiting: this.#queue.waitingCount, clock: this.#venueClock.health };
  }

  /**
   * Calls `listener` for each event of this name, as it comes. A listener that throws disturbs neither the stream nor
   * other listeners; its error surfaces as an uncaught exception of the process.
   */
  on<N extends keyof StreamListeners>(name: N, listener: StreamListeners[N]): this {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return this;
  }

  /** Takes a listener back. */
  off<N extends keyof StreamListeners>(name: N, listener: StreamListeners[N]): this {
    this.#listeners.get(name)?.delete(listener);
    return this;
  }

  /**
   * The records from now on, to be pulled. The loop ends when the stream stops.
   * @throws {UsageError} when `waitingMax` is no whole number above 0
   * @throws {ReaderTooSlow} from the loop, when more than `waitingMax` records were waiting for it
   */
  records({ waitingMax = WAITING_MAX }: { readonly waitingMax?: number } = {}): AsyncIterableIterator<StreamRecord> {
    if (!(Number.isSafeInteger(waitingMax) && waitingMax > 0)) {
      throw new UsageError("records({ waitingMax })", "a whole number above 0", waitingMax);
    }
    const queue: RecordQueue = new RecordQueue(waitingMax, () => this.#queues.delete(queue));
    if (this.#isStopped()) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  readonly #abort = (): void => void this.stop();

  #tell(record: StreamRecord): void {
    for (const queue of this.#queues) queue.push(record);
    this.#emit("record", record);
    if (record.kind === "event") {
      const { event } = record;
      this.#emit(this.#isToldByName(event.e) ? event.e : "unknown", event, record);
    } else {
      this.#emit(record.kind, record);
      if (record.kind === "status") this.#settle(record.status);
    }
  }

  #settle(status: StatusRecord["status"]): void {
    if (status === "live") return this.#settleStart.resolve();
    this.#signal?.removeEventListener("abort", this.#abort);
    for (const queue of this.#queues) queue.end();
    this.#queues.clear();
    this.#refuseStart();
  }

  #refuseStart(): void {
    this.#settleStart.reject(new UsageError("start()", "the stream to be live before it is stopped", "stopped"));
  }

  #isStopped(): boolean {
    return this.#client.health.phase === "stopped";
  }

  /** Documented events are never `unknown`, and others may not pass for what only we tell. */
  #isToldByName(event: string): boolean {
    if (DOCUMENTED.has(event)) return true;
    return !OURS.has(event) && (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  #emit(name: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as (...args: unknown[]) => void)(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

const DOCUMENTED: ReadonlySet<string> = new Set(EVENT_NAMES);
const OURS: ReadonlySet<string> = new Set(["record", "gap", "status", "unknown", "health"]);

function keyServiceOf({ urls, apiKey, keyService }: StreamSettings, rest: RestClient, budget: WeightBudget) {
  const { wsApi } = urls;
  const overRest = restListenKeys(rest);
  if (wsApi === undefined) return overRest;
  const overWs = wsApiListenKeys({ dialer: wsDialer, clock: systemClock, budget, url: wsApi, apiKey });
  return keyService === "rest" ? eitherListenKeys(overRest, overWs) : eitherListenKeys(overWs, overRest);
}

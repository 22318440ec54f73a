/** The SDK: one account's user data stream, kept alive. This file plugs the real network into the pure rooms. */
import { UsageError } from "./kernel/errors.ts";
import { systemClock, systemRandom } from "./kernel/io/system-clock.ts";
import type { Log } from "./kernel/ports.ts";
import { EVENT_NAMES, type EventName, type UnknownEvent, type UserDataEvents } from "./protocol/user-data-event.ts";
import { undiciHttp } from "./rest/io/undici-http.ts";
import { eitherListenKeys, restListenKeys, wsApiListenKeys } from "./rest/listen-keys.ts";
import { RestClient } from "./rest/rest-client.ts";
import { type BudgetState, WeightBudget } from "./rest/weight-budget.ts";
import type { StreamHealth } from "./stream/health.ts";
import { wsDialer } from "./stream/io/ws-dialer.ts";
import type { EventRecord, GapRecord, StatusRecord, StreamRecord } from "./stream/record.ts";
import { RecordQueue, WAITING_MAX } from "./stream/record-queue.ts";
import { StreamClient } from "./stream/stream-client.ts";
import { TIMING, type Timing } from "./stream/timing.ts";

/** Where an exchange is. All without a trailing slash. */
export interface Endpoints {
  /** REST: `https://fapi.binance.com`. */
  readonly rest: string;
  /** Streams, without `/private`: `wss://fstream.binance.com`. */
  readonly stream: string;
  /** WS API, whole: `wss://ws-fapi.binance.com/ws-fapi/v1`. Absent: the key is asked for over REST only. */
  readonly wsApi?: string;
}

/** The exchanges that are known by name. Documented; the demo hosts as of September 2026. */
export const ENVIRONMENTS: Readonly<Record<"production" | "demo", Endpoints>> = {
  production: {
    rest: "https://fapi.binance.com",
    stream: "wss://fstream.binance.com",
    wsApi: "wss://ws-fapi.binance.com/ws-fapi/v1",
  },
  demo: {
    rest: "https://demo-fapi.binance.com",
    stream: "wss://demo-fstream.binance.com",
    wsApi: "wss://testnet.binancefuture.com/ws-fapi/v1",
  },
};

/** How an {@link AccountStream} is set up. Only `apiKey` is needed. */
export interface AccountStreamOptions {
  /** The account's API key. It goes into one header, and into nothing else. */
  readonly apiKey: string;
  /** Where: a known name or URLs of your own, a paper venue's for instance. @default "production" */
  readonly environment?: keyof typeof ENVIRONMENTS | Endpoints;
  /** What records call this account. @default "account" */
  readonly account?: string;
  /** How the key is asked for; the other way is tried when this one cannot be reached. @default "rest" */
  readonly keyService?: "rest" | "ws-api";
  /** `DELETE` the key on stop? It deafens **every** program of the account. @default false */
  readonly releaseKeyOnStop?: boolean;
  /** Stops the stream when it is aborted. */
  readonly signal?: AbortSignal;
  /** Where notable things are said; never secrets. Silent by default. */
  readonly log?: Log;
  /** Waits that differ from {@link TIMING}. For tests and special networks. */
  readonly timing?: Partial<Timing>;
}

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
  health: (health: StreamHealth & BudgetHealth) => void;
};

/** What this process may still ask of the exchange from this address. */
export interface BudgetHealth {
  /** Shared by every stream of this process that asks the same host. */
  readonly budget: BudgetState;
}

/** Every stream of this process that asks one host shares one budget: the exchange counts per address. */
const BUDGETS = new Map<string, WeightBudget>();

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

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
  readonly #releaseKeyOnStop: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>();
  readonly #queues = new Set<RecordQueue>();
  #starting: Promise<void> | undefined;
  #isStopped = false;
  #settleStart: { resolve(): void; reject(error: unknown): void } = { resolve() {}, reject() {} };

  /** @throws {UsageError} when an option is not what it should be */
  constructor(options: AccountStreamOptions) {
    const endpoints = endpointsOf(options.environment ?? "production");
    const clock = systemClock;
    this.#budget = budgetOf(endpoints.rest);
    this.#releaseKeyOnStop = options.releaseKeyOnStop ?? false;
    this.#signal = options.signal;
    this.#client = new StreamClient({
      clock,
      random: systemRandom,
      dialer: wsDialer,
      keys: keyServiceOf(options, endpoints, this.#budget),
      log: options.log ?? SILENT,
      timing: { ...TIMING, ...options.timing },
      account: options.account ?? "account",
      urlOf: (key) => `${endpoints.stream}/private/ws/${key}`,
      tell: (record) => this.#tell(record),
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
      if (this.#isStopped) return this.#refuseStart();
      if (this.#signal?.aborted) return void this.stop();
      this.#signal?.addEventListener("abort", this.#abort, { once: true });
      this.#client.start();
    });
    return this.#starting;
  }

  /** Ends it for good, and closes the sockets. The shared key stays alive unless `releaseKeyOnStop`. */
  async stop(): Promise<void> {
    await this.#client.stop(this.#releaseKeyOnStop);
  }

  /** How the stream is doing at this moment. */
  get health(): StreamHealth & BudgetHealth {
    return { ...this.#client.health, budget: this.#budget.state(systemClock.now()) };
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
   * @throws {ReaderTooSlow} from the loop, when more than `waitingMax` records were waiting for it
   */
  records({ waitingMax = WAITING_MAX }: { readonly waitingMax?: number } = {}): AsyncIterableIterator<StreamRecord> {
    const queue: RecordQueue = new RecordQueue(waitingMax, () => this.#queues.delete(queue));
    if (this.#isStopped) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  readonly #abort = (): void => void this.stop();

  #tell(record: StreamRecord): void {
    for (const queue of this.#queues) queue.push(record);
    this.#emit("record", record);
    if (record.kind === "event") {
      const { event } = record;
      this.#emit(this.#hasListener(event.e) ? event.e : "unknown", event, record);
    } else {
      this.#emit(record.kind, record);
      if (record.kind === "status") this.#settle(record.status);
    }
  }

  #settle(status: StatusRecord["status"]): void {
    if (status === "live") return this.#settleStart.resolve();
    this.#isStopped = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    for (const queue of this.#queues) queue.end();
    this.#queues.clear();
    this.#refuseStart();
  }

  #refuseStart(): void {
    this.#settleStart.reject(new UsageError("start()", "the stream to be live before it is stopped", "stopped"));
  }

  /** Documented events are never `unknown`, and others may not pass for what only we tell. */
  #hasListener(event: string): boolean {
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

function endpointsOf(environment: keyof typeof ENVIRONMENTS | Endpoints): Endpoints {
  const found = typeof environment === "string" ? ENVIRONMENTS[environment] : environment;
  if (found === undefined) {
    throw new UsageError("environment", `${Object.keys(ENVIRONMENTS).join(", ")} or { rest, stream }`, environment);
  }
  for (const [name, schemes] of [
    ["rest", /^https?:\/\//],
    ["stream", /^wss?:\/\//],
    ["wsApi", /^wss?:\/\//],
  ] as const) {
    const url = found[name];
    if (url === undefined && name === "wsApi") continue;
    if (typeof url !== "string" || !schemes.test(url) || !URL.canParse(url) || url.endsWith("/")) {
      throw new UsageError(`environment.${name}`, "a URL without a trailing slash", url);
    }
  }
  return found;
}

function budgetOf(rest: string): WeightBudget {
  const budget = BUDGETS.get(rest) ?? new WeightBudget();
  BUDGETS.set(rest, budget);
  return budget;
}

function keyServiceOf(
  { apiKey, keyService = "rest" }: AccountStreamOptions,
  endpoints: Endpoints,
  budget: WeightBudget,
) {
  if (typeof apiKey !== "string" || apiKey === "") throw new UsageError("apiKey", "an API key", apiKey);
  // A line break from the end of a file would be refused for ever, as trouble of the network.
  if (!/^[!-~]+$/.test(apiKey)) throw new UsageError("apiKey", "an API key", "blanks or characters beyond ASCII");
  if (keyService !== "rest" && keyService !== "ws-api") {
    throw new UsageError("keyService", '"rest" or "ws-api"', keyService);
  }
  const overRest = restListenKeys(
    new RestClient({ http: undiciHttp, clock: systemClock, budget, baseUrl: endpoints.rest, apiKey }),
  );
  if (endpoints.wsApi === undefined) return overRest;
  const overWs = wsApiListenKeys({ dialer: wsDialer, clock: systemClock, budget, url: endpoints.wsApi, apiKey });
  return keyService === "rest" ? eitherListenKeys(overRest, overWs) : eitherListenKeys(overWs, overRest);
}

/** The SDK: one account, followed and mirrored. This file plugs the real network into the pure rooms. */
import type { AccountChange } from "./account/account-change.ts";
import type { AccountView } from "./account/account-view.ts";
import { AccountFollower } from "./account/follower.ts";
import type { Resume, SyncHealth } from "./account/follower-deps.ts";
import { type Margin, marginOf } from "./account/margin.ts";
import type { AccountRecord, StatusRecord } from "./account/record.ts";
import type { UntoldFacts } from "./account/untold-facts.ts";
import { type ListenkeyError, UsageError } from "./kernel/errors.ts";
import { systemClock, systemRandom } from "./kernel/io/system-clock.ts";
import type { Log, LogFields, StopSignal } from "./kernel/ports.ts";
import type { TransactMs } from "./kernel/scalars.ts";
import { ENDPOINTS } from "./protocol/endpoints.ts";
import { streamUrl } from "./protocol/stream-url.ts";
import { type RecordListeners, RecordTeller } from "./record-listeners.ts";
import { RestAccountReads } from "./rest/account-reads.ts";
import { budgetFor, queueFor } from "./rest/io/budgets.ts";
import { hmacSigner, privateKeySigner } from "./rest/io/signers.ts";
import { undiciHttp } from "./rest/io/undici-http.ts";
import { eitherListenKeys, restListenKeys, wsApiListenKeys } from "./rest/listen-keys.ts";
import { RestClient } from "./rest/rest-client.ts";
import type { ClockHealth } from "./rest/venue-clock.ts";
import type { BudgetState, WeightBudget } from "./rest/weight-budget.ts";
import type { WeightQueue } from "./rest/weight-queue.ts";
import type { StreamHealth } from "./stream/health.ts";
import { wsDialer } from "./stream/io/ws-dialer.ts";
import { StreamClient } from "./stream/stream-client.ts";
import {
  type AccountStreamOptions,
  readOptions,
  type SigningCredential,
  type StreamSettings,
} from "./stream-options.ts";

/** What listeners get, by name. */
export type StreamListeners = RecordListeners & {
  /**
   * Facts of {@link AccountStream.account} are others now, or known for the first time: what one event or one answer
   * changed, in its order. `account` shows it already; the record of the event comes after it.
   */
  change: (changes: readonly AccountChange[]) => void;
  /** The health is worth looking at again. */
  health: (health: AccountHealth) => void;
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

/** How an account's stream, its mirror and its address are doing. */
export type AccountHealth = StreamHealth & SyncHealth & AddressHealth;

/**
 * Follows one account and never lies about it: gets the listenKey, keeps it and the socket alive, moves to a new socket
 * before the exchange cuts the old one, tells every event once, in order, and mirrors what the account holds. When
 * events may have been missed, a `gap` record says so; what was missed is asked of REST and told, and a `repair`
 * record says up to when all is known.
 *
 * @example
 * ```ts
 * const stream = new AccountStream({ apiKey, apiSecret });
 * stream.on("ORDER_TRADE_UPDATE", ({ o }) => console.log(o.s, o.S, o.X, o.z, "of", o.q));
 * stream.on("gap", ({ why }) => console.warn("events may be missing:", why));
 * stream.on("repair", ({ completeUpTo, recovered }) => console.info("complete up to", completeUpTo, recovered));
 * await stream.start();
 * console.log(stream.account.balance("USDT")?.wallet, stream.account.held());
 * ```
 */
export class AccountStream {
  readonly #client: StreamClient;
  readonly #follower: AccountFollower;
  readonly #rest: RestClient;
  readonly #budget: WeightBudget;
  readonly #queue: WeightQueue;
  readonly #settings: StreamSettings;
  readonly #teller = new RecordTeller(surface);
  #starting: Promise<void> | undefined;
  #isStarted = false;
  #settleStart: { resolve(): void; reject(error: unknown): void } = { resolve() {}, reject() {} };

  /**
   * @param resume for owners that keep records, as the hub does: what they kept of an earlier stream of this account.
   *   `seq` goes on, the mirror is what it was, and the time between is a gap that ends in a certificate. Programs of
   *   users leave it out: a stream of theirs begins with a snapshot.
   * @throws {UsageError} when an option is not what it should be
   */
  constructor(options: AccountStreamOptions, resume?: Resume) {
    const settings = readOptions(options);
    const { urls, timing, redundancy, account } = settings;
    const log = surfacing(settings.log);
    this.#settings = settings;
    this.#budget = budgetFor(urls.rest);
    this.#queue = queueFor(urls.rest, systemClock, systemRandom);
    this.#rest = restClientOf(settings, this.#budget, this.#queue);
    const world = { clock: systemClock, random: systemRandom, log, timing, account };
    const changed = () => this.#teller.emit("health", this.health);
    const failed = (error: ListenkeyError) => this.#settleStart.reject(error);
    this.#follower = new AccountFollower({
      ...world,
      resume,
      reads: settings.credential === undefined ? undefined : new RestAccountReads(this.#rest),
      tell: (record) => this.#tell(record),
      mirrored: (changes) => this.#teller.emit("change", changes),
      changed,
      failed: (error) => {
        failed(error);
        void this.stop();
      },
      doubtKey: () => this.#client.doubtKey(),
      declareDeaf: (why) => this.#client.declareDeaf(why),
    });
    this.#client = new StreamClient({
      ...world,
      dialer: wsDialer,
      keys: keyServiceOf(settings, this.#rest, this.#budget),
      redundancy,
      urlOf: (key) =>
        `${urls.stream}${streamUrl({ route: "private", framing: "raw", subscriptions: [{ name: key }] })}`,
      tell: (told) => this.#follower.take(told),
      dated: (eventTime, at) => this.#rest.venueClock.observe(eventTime, at),
      changed,
      failed,
    });
  }

  /**
   * Begins to follow the account. Resolves when {@link account} shows it as it is; without a secret, when events
   * arrive.
   * @throws {VenueRejected} when the API key or its signature is refused, or for good what {@link account} begins with;
   *   all other trouble of the network and the exchange is retried until it is over
   * @throws {WireFormatError} when what {@link account} begins with cannot be read
   * @throws {UsageError} when the stream was stopped before that, or is stopped now: begin another one
   */
  start(): Promise<void> {
    if (this.#isStarted && this.#isStopped()) return Promise.reject(endedBefore());
    this.#starting ??= new Promise((resolve, reject) => {
      const { signal, credential } = this.#settings;
      this.#settleStart = { resolve, reject };
      if (this.#isStopped()) return this.#refuseStart();
      if (signal?.aborted) return void this.stop();
      signal?.addEventListener("abort", this.#abort);
      if (credential !== undefined) this.#rest.venueClock.keep();
      this.#client.start();
    });
    return this.#starting;
  }

  /** Ends it for good, and closes the sockets. The shared key stays alive unless `releaseKeyOnStop`. */
  async stop(): Promise<void> {
    await this.#client.stop(this.#settings.releaseKeyOnStop);
  }

  /** What the account holds at this moment, as far as is known: a picture that does not change any more. */
  get account(): AccountView {
    return this.#follower.account;
  }

  /**
   * What owners that keep records keep beside them, to take over with later (the second argument of the constructor):
   * a mirror of their own, as it is after the last record, and what it knows more of than was told.
   * @internal
   */
  get kept(): Pick<Resume, "mirror" | "untold"> {
    return { mirror: this.#follower.copyMirror(), untold: this.#follower.untold };
  }

  /**
   * What {@link account} shows of answers of REST and was not told yet, as it was told before, for owners that keep
   * pictures of the account: a copy.
   * @internal
   */
  get untold(): UntoldFacts {
    return this.#follower.untold;
  }

  /** How it is doing at this moment. */
  get health(): AccountHealth {
    return {
      ...this.#client.health,
      ...this.#follower.health,
      budget: this.#budget.state(systemClock.now()),
      waiting: this.#queue.waitingCount,
      clock: this.#rest.venueClock.health,
    };
  }

  /**
   * Asks the exchange for what moves with the market and no event tells: equity, margin, mark and liquidation prices.
   * Two requests of weight 5 each, within the budget of the address and after whatever keeps the stream alive.
   * @throws {UsageError} without a secret to sign with
   * @throws {VenueRejected} when the exchange refuses
   * @throws {RateLimited} when the address is banned or has no weight left
   * @throws {NetworkError} when no whole answer came
   * @throws {WireFormatError} when the answer cannot be read
   */
  async margin(): Promise<Margin> {
    const ask = { priority: "read", params: {} } as const;
    const [account, risks] = await Promise.all([
      this.#rest.call({ endpoint: ENDPOINTS.account, ...ask }),
      this.#rest.call({ endpoint: ENDPOINTS.positionRisk, ...ask }),
    ]);
    return marginOf(account, risks, Math.round(this.#rest.venueClock.now()) as TransactMs);
  }

  /**
   * Calls `listener` for each event of this name, as it comes. A listener that throws disturbs neither the stream nor
   * other listeners; its error surfaces as an uncaught exception of the process.
   */
  on<N extends keyof StreamListeners>(name: N, listener: StreamListeners[N]): this {
    this.#teller.on(name, listener);
    return this;
  }

  /** Takes a listener back. */
  off<N extends keyof StreamListeners>(name: N, listener: StreamListeners[N]): this {
    this.#teller.off(name, listener);
    return this;
  }

  /**
   * The records from now on, to be pulled. The loop ends when the stream stops.
   * @throws {UsageError} when `waitingMax` is no whole number above 0
   * @throws {ReaderTooSlow} from the loop, when more than `waitingMax` records were waiting for it
   */
  records({ waitingMax }: { readonly waitingMax?: number } = {}): AsyncIterableIterator<AccountRecord> {
    return this.#teller.records(waitingMax, this.#isStopped());
  }

  readonly #abort = (): void => void this.stop();

  #tell(record: AccountRecord): void {
    // Whoever is told of the start may stop it: it has started all the same.
    if (record.kind === "status" && record.status !== "stopped") this.#settle(record.status);
    this.#teller.tell(record);
    if (record.kind === "status" && record.status === "stopped") this.#settle(record.status);
  }

  #settle(status: StatusRecord["status"]): void {
    const { signal, credential } = this.#settings;
    if (status === (credential === undefined ? "live" : "synced")) {
      this.#isStarted = true;
      return this.#settleStart.resolve();
    }
    if (status !== "stopped") return;
    this.#rest.venueClock.rest();
    (signal satisfies StopSignal | undefined)?.removeEventListener("abort", this.#abort);
    this.#teller.end();
    this.#refuseStart();
  }

  #refuseStart(): void {
    this.#settleStart.reject(endedBefore());
  }

  #isStopped(): boolean {
    return this.#client.health.phase === "stopped";
  }
}

function endedBefore(): UsageError {
  return new UsageError("start()", "the stream to be live before it is stopped", "stopped");
}

function surface(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** What a log throws is no trouble of the stream's. */
function surfacing(log: Log): Log {
  const saying = (level: keyof Log) => (line: string, fields?: LogFields) => {
    try {
      log[level](line, fields);
    } catch (error) {
      surface(error);
    }
  };
  return { debug: saying("debug"), info: saying("info"), warn: saying("warn"), error: saying("error") };
}

function restClientOf({ urls, apiKey, credential }: StreamSettings, budget: WeightBudget, queue: WeightQueue) {
  const signer = credential === undefined ? undefined : signerOf(credential);
  const signing = signer === undefined ? {} : { signer };
  return new RestClient({
    http: undiciHttp,
    clock: systemClock,
    budget,
    queue,
    baseUrl: urls.rest,
    apiKey,
    ...signing,
  });
}

function signerOf(credential: SigningCredential) {
  if ("apiSecret" in credential) return hmacSigner(credential.apiSecret);
  return privateKeySigner(credential.privateKey, credential.passphrase);
}

function keyServiceOf({ urls, apiKey, keyService }: StreamSettings, rest: RestClient, budget: WeightBudget) {
  const overRest = restListenKeys(rest);
  if (urls.wsApi === undefined) return overRest;
  const overWs = wsApiListenKeys({ dialer: wsDialer, clock: systemClock, budget, url: urls.wsApi, apiKey });
  return keyService === "rest" ? eitherListenKeys(overRest, overWs) : eitherListenKeys(overWs, overRest);
}

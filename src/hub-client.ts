/** The SDK: one account of a hub. This file plugs the real network into the pure rooms. */
import type { AccountChange } from "./account/account-change.ts";
import type { AccountView } from "./account/account-view.ts";
import { Margin } from "./account/margin.ts";
import type { Mirror } from "./account/mirror.ts";
import type { AccountRecord } from "./account/record.ts";
import { type CursorLost, HubRefused } from "./hub/hub-errors.ts";
import { HubLink, type HubLinkHealth } from "./hub/hub-link.ts";
import { hubDialer } from "./hub/io/hub-dialer.ts";
import { UsageError, WireFormatError } from "./kernel/errors.ts";
import { systemClock, systemRandom } from "./kernel/io/system-clock.ts";
import type { Log, StopSignal } from "./kernel/ports.ts";
import { parseJson } from "./protocol/json.ts";
import { readReply } from "./protocol/reply.ts";
import { type RecordListeners, RecordTeller } from "./record-listeners.ts";
import { undiciHttp } from "./rest/io/undici-http.ts";

/** How a `HubClient` is set up. */
export interface HubClientOptions {
  /** Where the hub is: `http://127.0.0.1:9780`, without a trailing slash. */
  readonly url: string;
  /** The account, as the hub calls it. */
  readonly account: string;
  /** A token of the hub, when it asks for one. */
  readonly token?: string;
  /** The last record that this program has: it goes on after it. Absent: from now on. */
  readonly since?: number;
  /** Only events of these types; gaps, repairs and statuses come in any case. The account is mirrored from them. */
  readonly events?: readonly string[];
  /** Only events about these symbols, in any case, and those that are about no single one. */
  readonly symbols?: readonly string[];
  /** Stops the client when it is aborted. */
  readonly signal?: StopSignal;
  /** Where notable things are said; never secrets. Silent by default. */
  readonly log?: Log;
}

/** What listeners of a client get, by name. */
export type HubListeners = RecordListeners & {
  /**
   * Facts of {@link HubClient.account} are others now, because of one event; the record of the event comes after it. A
   * new snapshot of the hub is told by no changes: see `health`.
   */
  change: (changes: readonly AccountChange[]) => void;
  /** The connection is worth looking at again. */
  health: (health: HubLinkHealth) => void;
};

/** Which records a hub keeps of an account. */
export interface KeptRecords {
  /** The first one; one more than `lastSeq` when it keeps none. */
  readonly firstSeq: number;
  /** The newest there was; 0 before the first. */
  readonly lastSeq: number;
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Follows one account of a hub, as an `AccountStream` follows one of the exchange: the same records, the same account.
 * It reconnects by itself and goes on after the last record it told, so that each comes once.
 *
 * @example
 * ```ts
 * const client = new HubClient({ url: "http://127.0.0.1:9780", account: "demo", since: lastSeqOfLastTime });
 * await client.start();
 * for await (const record of client.records()) remember(record.seq, record);
 * ```
 */
export class HubClient {
  readonly #options: HubClientOptions;
  readonly #link: HubLink;
  readonly #teller = new RecordTeller((error) =>
    queueMicrotask(() => {
      throw error;
    }),
  );
  #starting: Promise<void> | undefined;
  #failure: HubRefused | CursorLost | undefined;
  #settleStart: { resolve(): void; reject(error: unknown): void } = { resolve() {}, reject() {} };

  /**
   * @param mirror what the account held as of `since`, for a hub that follows another: {@link account} is then never
   *   ahead of the records
   * @throws {UsageError} when an option is not what it should be
   */
  constructor(options: HubClientOptions, mirror?: Mirror) {
    mustBeRight(options);
    const { since, token, events, symbols, log = SILENT } = options;
    this.#options = options;
    this.#link = new HubLink({
      clock: systemClock,
      random: systemRandom,
      log,
      dialer: hubDialer(token),
      since,
      ...(mirror === undefined ? {} : { mirror }),
      isFiltered: events !== undefined || symbols !== undefined,
      urlOf: (cursor) => socketUrl(options, cursor),
      tell: (record) => this.#teller.tell(record),
      mirrored: (changes) => this.#teller.emit("change", changes),
      changed: () => this.#changed(),
      ready: () => {},
      failed: (error) => this.#fail(error),
    });
  }

  /**
   * Connects. Resolves when {@link account} shows what the account holds, and `health.known` is `whole`: while the hub
   * itself does not know, because it has just begun or the key is refused, that is waited for. `accountHealth` says
   * why.
   * @throws {HubRefused} when the hub does not let this client in
   * @throws {CursorLost} when the hub cannot go on after `since`
   * @throws {UsageError} when the client was stopped before that, or is stopped now: begin another one
   */
  start(): Promise<void> {
    if (this.#link.health.phase === "stopped") return Promise.reject(this.#failure ?? endedBefore());
    this.#starting ??= new Promise((resolve, reject) => {
      const { signal } = this.#options;
      this.#settleStart = { resolve, reject };
      if (signal?.aborted === true) return this.stop();
      signal?.addEventListener("abort", this.#abort);
      this.#link.start();
    });
    return this.#starting;
  }

  /** Ends it for good. */
  stop(): void {
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#link.stop();
    this.#teller.end();
    this.#settleStart.reject(endedBefore());
  }

  /**
   * What the account holds, as far as the hub knows: a picture that does not change any more. While records after
   * `since` are still coming for the first time, it is ahead of them: see `health.asOfSeq`.
   */
  get account(): AccountView {
    return this.#link.account;
  }

  /** How the connection is doing at this moment. */
  get health(): HubLinkHealth {
    return this.#link.health;
  }

  /** Why the client has ended by itself; `undefined` when it has not. */
  get failure(): HubRefused | CursorLost | undefined {
    return this.#failure;
  }

  /**
   * Asks how the hub follows the account: its key, its sockets, its journal.
   * @throws {HubRefused} when the hub does not answer that to this client
   * @throws {NetworkError} when no whole answer came
   */
  async accountHealth(): Promise<Readonly<Record<string, unknown>>> {
    return parseJson(await this.#ask("health")) as Readonly<Record<string, unknown>>;
  }

  /**
   * Asks for what moves with the market and no event tells: equity, margin, mark and liquidation prices. The hub asks
   * the exchange at most every three seconds, however many clients want to know.
   * @throws {HubRefused} when the hub does not answer that to this client, or cannot have it: then with status 503
   * @throws {NetworkError} when no whole answer came
   * @throws {WireFormatError} when the answer cannot be read
   */
  async margin(): Promise<Margin> {
    return readReply(Margin, await this.#ask("margin"), "GET /v1/accounts/ID/margin");
  }

  /**
   * Asks which records the hub keeps of the account: what can be given as `since` is from the one before the first to
   * the last.
   * @throws {HubRefused} when the hub does not answer that to this client
   * @throws {NetworkError} when no whole answer came
   * @throws {WireFormatError} when the answer cannot be read
   */
  async extent(): Promise<KeptRecords> {
    const { firstSeq, lastSeq } = parseJson(await this.#ask("records?limit=1")) as Readonly<Record<string, unknown>>;
    const path = "GET /v1/accounts/ID/records";
    if (!isCount(firstSeq)) throw new WireFormatError(`${path} $.firstSeq`, "the number of a record", firstSeq);
    if (!isCount(lastSeq)) throw new WireFormatError(`${path} $.lastSeq`, "the number of a record", lastSeq);
    return { firstSeq, lastSeq };
  }

  /** Calls `listener` for each event of this name, as it comes. One that throws disturbs nobody else. */
  on<N extends keyof HubListeners>(name: N, listener: HubListeners[N]): this {
    this.#teller.on(name, listener);
    return this;
  }

  /** Takes a listener back. */
  off<N extends keyof HubListeners>(name: N, listener: HubListeners[N]): this {
    this.#teller.off(name, listener);
    return this;
  }

  /**
   * The records from now on, to be pulled: all after `since`, when it is called before {@link start}. The loop ends
   * when the client stops, or has failed.
   * @throws {UsageError} when `waitingMax` is no whole number above 0
   * @throws {ReaderTooSlow} from the loop, when more than `waitingMax` records were waiting for it
   */
  records({ waitingMax }: { readonly waitingMax?: number } = {}): AsyncIterableIterator<AccountRecord> {
    return this.#teller.records(waitingMax, this.#link.health.phase === "stopped");
  }

  readonly #abort = (): void => this.stop();

  async #ask(what: "health" | "margin" | "records?limit=1"): Promise<string> {
    const { url, account, token } = this.#options;
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const path = `/v1/accounts/${encodeURIComponent(account)}/${what}`;
    const { status, body } = await undiciHttp.request({ method: "GET", url: `${url}${path}`, headers });
    if (status !== 200) throw new HubRefused(status, `GET ${path}`);
    return body;
  }

  #changed(): void {
    const { health } = this;
    if (health.known === "whole") this.#settleStart.resolve();
    this.#teller.emit("health", health);
  }

  #fail(error: HubRefused | CursorLost): void {
    this.#failure = error;
    this.#settleStart.reject(error);
    this.stop();
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function endedBefore(): UsageError {
  return new UsageError("start()", "the client to be live before it is stopped", "stopped");
}

function socketUrl({ url, account, events, symbols }: HubClientOptions, since: number | undefined): string {
  const query = new URLSearchParams({ snapshots: "follow" });
  if (since !== undefined) query.set("since", String(since));
  if (events !== undefined) query.set("events", events.join(","));
  if (symbols !== undefined) query.set("symbols", symbols.join(","));
  return `${url.replace(/^http/, "ws")}/v1/accounts/${encodeURIComponent(account)}/stream?${query}`;
}

/** What the URL of a hub is like, for complaints. */
export const HUB_URL_FORM = "the URL of a hub, without a trailing slash";

/** Can it be the URL of a hub? */
export function isHubUrl(text: string): boolean {
  return /^https?:\/\/[^/?#\s]+(?:\/[^/?#\s]+)*$/.test(text) && URL.canParse(text);
}

function mustBeRight(options: HubClientOptions): void {
  if (typeof options !== "object" || options === null) throw new UsageError("options", "{ url, account }", options);
  const { url, account, token, since, signal } = options;
  if (typeof url !== "string" || !isHubUrl(url)) throw new UsageError("url", HUB_URL_FORM, url);
  if (typeof account !== "string" || account === "") throw new UsageError("account", "a name", account);
  if (token !== undefined && !(typeof token === "string" && /^[!-~]+$/.test(token))) {
    throw new UsageError("token", "a token without blanks", "something else");
  }
  if (since !== undefined && !(Number.isSafeInteger(since) && since >= 0)) {
    throw new UsageError("since", "a whole number from 0 on", since);
  }
  for (const name of ["events", "symbols"] as const) {
    const list = options[name];
    const isList = Array.isArray(list) && list.length > 0 && list.every((one) => /^[^,\s]+$/.test(String(one)));
    if (list !== undefined && !isList) throw new UsageError(name, "names", list);
  }
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw new UsageError("signal", "an AbortSignal", signal);
  }
}

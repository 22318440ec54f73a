/**
 * Signed requests to Binance's REST API: one call, one attempt, one error class per decision. Pure; HTTP, time and
 * signatures are ports.
 *
 * L6: nothing is sent while the address is banned or over its weight; the exchange's own figures are believed.
 * L9: neither the API key nor a signature is in any error.
 */
import {
  ListenkeyError,
  NetworkError,
  RateLimited,
  UsageError,
  VenueRejected,
  WireFormatError,
} from "../kernel/errors.ts";
import type { Clock, Http, HttpRequest, HttpResponse } from "../kernel/ports.ts";
import { after } from "../kernel/scalars.ts";
import { type Endpoint, isSigned, weightOf } from "../protocol/endpoints/endpoint.ts";
import { serverTime } from "../protocol/endpoints/market.ts";
import type { ParameterRows } from "../protocol/endpoints/parameters.ts";
import { writeForm } from "../protocol/form-text.ts";
import { parseJson } from "../protocol/json.ts";
import { BAN_MAX_MS, BAN_MIN_MS, MINUTE_WINDOW_MS, RECV_WINDOW_MS } from "../protocol/limits.ts";
import { Novelties } from "../protocol/novelties.ts";
import { readReply } from "../protocol/reply.ts";
import { type Signer, signedForm } from "../protocol/signing.ts";
import { VenueClock } from "./venue-clock.ts";
import type { Priority, WeightBudget } from "./weight-budget.ts";
import type { Patience, WeightQueue } from "./weight-queue.ts";

/** What a client needs of the world. */
export interface RestClientDeps {
  readonly http: Http;
  readonly clock: Clock;
  readonly budget: WeightBudget;
  /** Without a trailing slash: `https://fapi.binance.com`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Needed for signed calls only. */
  readonly signer?: Pick<Signer, "sign">;
  /** Needed for calls that wait; shared like the budget. */
  readonly queue?: WeightQueue;
  /** The exchange's clock, when another client of the same exchange keeps it already. */
  readonly venueClock?: VenueClock;
}

/** One request; `R` is what its answer says. */
export interface RestCall<R = unknown> {
  /** An entry of the catalogue: where it goes, what it must bring along, what it weighs, how its answer is read. */
  readonly endpoint: Pick<Endpoint<ParameterRows, R>, "method" | "path" | "security" | "weight" | "reply">;
  /** In the order they are sent; without `timestamp` and `signature`. */
  readonly params?: Readonly<Record<string, string>>;
  readonly priority: Priority;
  /** Waits, so long at the most, until the budget allows it. Absent: it is refused at once when that does not. */
  readonly wait?: Patience;
  /** Is told the weight of each request that really goes out for it: none when the budget refuses, two after -1021. */
  readonly sent?: (weight: number) => void;
}

/** -1021: the timestamp was outside of the window, so our idea of the exchange's clock is wrong. */
const TIMESTAMP_REFUSED = -1021;
/** Stands for the code of an answer that has none. */
const NO_CODE = 0;
/** -1015: one account placed too many orders. Answered with 429 like too much weight, which is the address's. */
const TOO_MANY_ORDERS = -1015;
/** How long to be silent when the exchange does not say: until its minute is over, or as long as its shortest ban. */
const SILENCE_MS: Readonly<Record<number, number>> = { 429: MINUTE_WINDOW_MS, 418: BAN_MIN_MS };

/** Longer than it takes to find out for how long the exchange wants silence. */
const AT_ONCE_MS = 1;

/** Asks one exchange with one API key. */
export class RestClient {
  readonly #deps: RestClientDeps;
  readonly #venueClock: VenueClock;
  #timesAsked = 0;

  constructor(deps: RestClientDeps) {
    this.#deps = deps;
    this.#venueClock = deps.venueClock ?? new VenueClock({ clock: deps.clock, askTime: () => this.#askTime() });
  }

  /** What the answers said that no table knows. It passed through. */
  readonly novelties = new Novelties();

  /** The exchange's clock: whoever wants it kept fresh says so to it, and whoever hears events tells it their dates. */
  get venueClock(): VenueClock {
    return this.#venueClock;
  }

  /** To wait so long, by a clock that begins now; `undefined` for a client without a queue, which cannot wait. */
  patience(ms: number): Patience | undefined {
    const { queue, clock } = this.#deps;
    return queue === undefined ? undefined : { until: after(clock.now(), ms) };
  }

  /**
   * Sends it and returns its answer, read by its table: ids are strings, amounts texts to the digit. A signed call
   * whose timestamp is refused was not executed: the exchange's time is asked for, and it is sent once more.
   * @throws {VenueRejected} when the exchange refuses it
   * @throws {RateLimited} when it is over a limit or banned, or we know that it would be (then nothing was sent)
   * @throws {NetworkError} when no whole answer came
   * @throws {WireFormatError} when an answer that is no refusal is not what its table says: what was asked may be done
   */
  async call<R>(call: RestCall<R>): Promise<R> {
    if (isSigned(call.endpoint.security)) await this.#venueClock.ready();
    try {
      return await this.#patiently(call);
    } catch (error) {
      if (!(error instanceof VenueRejected) || error.venueCode !== TIMESTAMP_REFUSED) throw error;
      await this.#syncAfter(error);
      return this.#patiently(call);
    }
  }

  /** A call that waits does so again when the exchange wants silence after all: it was not executed. */
  async #patiently<R>(call: RestCall<R>): Promise<R> {
    for (;;) {
      try {
        return await this.#attempt(call);
      } catch (error) {
        if (!(error instanceof RateLimited) || !this.#mayWait(call)) throw error;
      }
    }
  }

  /** Only for what the budget knows of: it will be asked when that is over. */
  #mayWait({ wait, priority }: Pick<RestCall, "wait" | "priority">): boolean {
    if (wait === undefined) return false;
    const now = this.#deps.clock.now();
    const waitMs = this.#deps.budget.waitMs(1, priority, now);
    return waitMs > 0 && after(now, waitMs) <= wait.until && wait.signal?.aborted !== true;
  }

  /** When the time cannot be had, what the caller learns is the refusal: his own request was surely not executed. */
  async #syncAfter(refusal: VenueRejected): Promise<void> {
    this.#venueClock.distrust();
    try {
      await this.syncClock();
    } catch (trouble) {
      throw trouble instanceof ListenkeyError && trouble.origin !== "bug" ? refusal : trouble;
    }
  }

  /** How often the exchange's time was asked for, by requests that really went out. Weight 1 each. */
  get timesAsked(): number {
    return this.#timesAsked;
  }

  /** Asks for the exchange's time and remembers how far it is from ours. @throws as {@link call}. */
  syncClock(): Promise<void> {
    return this.#venueClock.sync();
  }

  async #askTime(): Promise<number> {
    const sent = () => void this.#timesAsked++;
    const answer = await this.#attempt({ endpoint: serverTime, priority: "keep-alive", sent });
    return answer.serverTime;
  }

  async #attempt<R>(call: RestCall<R>): Promise<R> {
    const { budget, clock, http } = this.#deps;
    const { endpoint, params = {}, priority } = call;
    const action = `${endpoint.method} ${endpoint.path}`;
    const weight = weightOf(endpoint, new Map(Object.entries(params)));
    if (call.wait === undefined) budget.reserve(action, weight, priority, clock.now());
    else await this.#queue.admitted({ action, weight, priority }, call.wait);
    const request = this.#requestOf(call);
    call.sent?.(weight);
    const response = await http.request(request);
    this.#heed(action, response);
    return readReply(endpoint.reply, response.body, action, this.novelties.tell);
  }

  get #queue(): WeightQueue {
    const { queue } = this.#deps;
    if (queue === undefined) throw new UsageError("wait", "a client that has a queue to wait in", undefined);
    return queue;
  }

  #requestOf({ endpoint: { method, path, security }, params = {} }: RestCall): HttpRequest {
    const { baseUrl, apiKey } = this.#deps;
    const headers = security === "NONE" ? {} : { "X-MBX-APIKEY": apiKey };
    const query = isSigned(security) ? this.#signed(params) : form(params);
    return { method, url: `${baseUrl}${path}${query === "" ? "" : `?${query}`}`, headers };
  }

  #signed(params: Readonly<Record<string, string>>): string {
    const { signer } = this.#deps;
    if (signer === undefined) throw new UsageError("apiSecret", "a secret or a private key, to sign with", undefined);
    const timestamp = String(this.#venueClock.now());
    const payload = form({ recvWindow: String(RECV_WINDOW_MS), ...params, timestamp });
    return signedForm(payload, signer.sign(payload));
  }

  /** Believes what an answer says of limits. @throws {VenueRejected | RateLimited} when it is a refusal. */
  #heed(action: string, response: HttpResponse): void {
    const { budget, clock } = this.#deps;
    const used = Number(response.headers["x-mbx-used-weight-1m"]);
    if (Number.isSafeInteger(used)) budget.observe(used);
    if (response.status < 400) return;
    const { code, msg } = refusalOf(response);
    if (response.status !== 429 && response.status !== 418) {
      throw new VenueRejected(action, { status: response.status, code, msg });
    }
    // At once: to look at the clock may be to ask for the time, and nothing may go out any more.
    if (code !== TOO_MANY_ORDERS) budget.block(AT_ONCE_MS, clock.now());
    const waitMs = silenceMs(response.status, msg, this.#venueClock.now(), response.headers["retry-after"]);
    // Too many orders are one account's: the address may go on.
    if (code !== TOO_MANY_ORDERS) budget.block(waitMs, clock.now());
    throw new RateLimited(action, { status: response.status, waitMs, msg });
  }
}

function form(params: Readonly<Record<string, string>>): string {
  return writeForm(new Map(Object.entries(params)));
}

function refusalOf({ status, body }: HttpResponse): { readonly code: number; readonly msg: string } {
  try {
    const { code, msg } = parseJson(body) as { code?: unknown; msg?: unknown };
    if (typeof code === "number" && typeof msg === "string") return { code, msg };
  } catch {
    // A proxy or a firewall answered, not the exchange: its page is of no use to anybody.
  }
  return { code: NO_CODE, msg: `HTTP ${status} without a code` };
}

/**
 * How long the exchange wants silence, in milliseconds: by `Retry-After` (seconds; documented for spot only, read where
 * it is), or by the time in the text of a ban, or else the least that is documented for this status. A duration goes
 * before a time of day: by a clock that is an hour behind, a ban of two minutes would last an hour, and the key lapse.
 */
export function silenceMs(status: number, msg: string, now: number, retryAfter?: string): number {
  const seconds = Number(retryAfter ?? Number.NaN);
  const until = Number(/banned until (\d{13})/.exec(msg)?.[1] ?? Number.NaN);
  const waitMs = [seconds * 1000, until - now].find((ms) => ms > 0) ?? SILENCE_MS[status] ?? 0;
  return Math.min(waitMs, BAN_MAX_MS);
}

/** Is the outcome such that another way to the same exchange may do better? */
export function isTransportTrouble(error: unknown): boolean {
  if (error instanceof NetworkError || error instanceof WireFormatError) return true;
  // Without a code it was not the exchange that answered, but something on the way to it.
  return error instanceof VenueRejected && (error.retryable || error.venueCode === NO_CODE);
}

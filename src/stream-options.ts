/** How an account stream is set up: what may be said, what is assumed, and what is refused. Pure. */
import { FOLLOW_TIMING, type FollowTiming } from "./account/follow-timing.ts";
import { UsageError } from "./kernel/errors.ts";
import type { Log, StopSignal } from "./kernel/ports.ts";
import type { Redundancy } from "./stream/phases.ts";
import { TIMING as STREAM_TIMING, type Timing } from "./stream/timing.ts";

/** Where an exchange is. All without a trailing slash. */
export interface ExchangeUrls {
  /** REST: `https://fapi.binance.com`. */
  readonly rest: string;
  /** Streams, without `/private`: `wss://fstream.binance.com`. */
  readonly stream: string;
  /** WS API, whole: `wss://ws-fapi.binance.com/ws-fapi/v1`. Absent: the key is asked for over REST only. */
  readonly wsApi?: string;
}

/** The exchanges that are known by name. Documented; the demo hosts as of September 2026. */
export const ENVIRONMENTS: Readonly<Record<"production" | "demo", ExchangeUrls>> = {
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

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** How an `AccountStream` is set up. Only `apiKey` is needed; without a secret nothing that was missed can be asked. */
export interface AccountStreamOptions {
  /** The account's API key. It goes into one header, and into nothing else. */
  readonly apiKey: string;
  /**
   * The secret of an HMAC key. With it, or with `privateKey`, the stream mirrors the account and repairs its gaps by
   * signed reads; the right to read is enough. Without either, `account` knows what events told, and a gap stays one.
   */
  readonly apiSecret?: string;
  /** The private key, RSA or Ed25519, in PEM, when the API key is one of these. */
  readonly privateKey?: string;
  /** What an encrypted `privateKey` is opened with. */
  readonly passphrase?: string;
  /** Where: a known name or URLs of your own, a paper venue's for instance. @default "production" */
  readonly environment?: keyof typeof ENVIRONMENTS | ExchangeUrls;
  /** What records call this account. @default "account" */
  readonly account?: string;
  /** How the key is asked for; the other way is tried when this one cannot be reached. @default "rest" */
  readonly keyService?: "rest" | "ws-api";
  /** `DELETE` the key on stop? It deafens **every** program of the account. @default false */
  readonly releaseKeyOnStop?: boolean;
  /**
   * How many sockets deliver at any time. With 2, the first copy of each event is told, and one socket may die without
   * a gap; both are on the same key, and a socket costs no weight while it lives. @default 1
   */
  readonly redundancy?: Redundancy;
  /** Stops the stream when it is aborted. */
  readonly signal?: StopSignal;
  /** Where notable things are said; never secrets. Silent by default. */
  readonly log?: Log;
  /** Waits that differ from {@link TIMING}. For tests and special networks. */
  readonly timing?: Partial<AccountTiming>;
}

/** Every wait of following an account: of its stream, and of repairing it. */
export interface AccountTiming extends Timing, FollowTiming {}

/** The waits used in production. */
export const TIMING: AccountTiming = { ...STREAM_TIMING, ...FOLLOW_TIMING };

/** The options, checked, with every default filled in. */
export interface StreamSettings {
  readonly urls: ExchangeUrls;
  readonly apiKey: string;
  readonly account: string;
  readonly keyService: "rest" | "ws-api";
  readonly releaseKeyOnStop: boolean;
  readonly redundancy: Redundancy;
  readonly log: Log;
  readonly signal: StopSignal | undefined;
  readonly timing: AccountTiming;
  /** What signs: a secret or a private key; `undefined` when there is neither. */
  readonly credential: SigningCredential | undefined;
}

/** What requests are signed with. */
export type SigningCredential =
  | { readonly apiSecret: string }
  | { readonly privateKey: string; readonly passphrase: string | undefined };

/** Checks the options. @throws {UsageError} naming the one that is not what it should be */
export function readOptions(options: AccountStreamOptions): StreamSettings {
  if (typeof options !== "object" || options === null) throw new UsageError("options", "{ apiKey, … }", options);
  const { account = "account", keyService = "rest", releaseKeyOnStop = false, log = SILENT } = options;
  const { signal, redundancy = 1 } = options;
  if (typeof releaseKeyOnStop !== "boolean")
    throw new UsageError("releaseKeyOnStop", "true or false", releaseKeyOnStop);
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw new UsageError("signal", "an AbortSignal", signal);
  }
  for (const level of ["debug", "info", "warn", "error"] as const) {
    if (typeof log?.[level] !== "function") throw new UsageError(`log.${level}`, "a function", log?.[level]);
  }
  if (typeof account !== "string" || account === "") throw new UsageError("account", "a name", account);
  if (keyService !== "rest" && keyService !== "ws-api") {
    throw new UsageError("keyService", '"rest" or "ws-api"', keyService);
  }
  if (redundancy !== 1 && redundancy !== 2) throw new UsageError("redundancy", "1 or 2", redundancy);
  return {
    urls: urlsOf(options.environment === undefined ? "production" : options.environment),
    apiKey: apiKeyOf(options.apiKey),
    account,
    keyService,
    releaseKeyOnStop,
    redundancy,
    log,
    signal,
    timing: timingOf(options.timing ?? {}),
    credential: credentialOf(options),
  };
}

function urlsOf(environment: keyof typeof ENVIRONMENTS | ExchangeUrls): ExchangeUrls {
  const found = typeof environment === "string" ? ENVIRONMENTS[environment] : environment;
  if (typeof found !== "object" || found === null) {
    throw new UsageError("environment", `${Object.keys(ENVIRONMENTS).join(", ")} or { rest, stream }`, environment);
  }
  for (const [name, schemes] of [
    ["rest", /^https?:$/],
    ["stream", /^wss?:$/],
    ["wsApi", /^wss?:$/],
  ] as const) {
    const url = found[name];
    if (url === undefined && name === "wsApi") continue;
    const [, scheme = ""] = typeof url === "string" ? (PLAIN_URL.exec(url) ?? []) : [];
    if (!schemes.test(scheme)) {
      throw new UsageError(`environment.${name}`, "a URL without a trailing slash", url);
    }
  }
  return found;
}

/** Scheme, host, perhaps a port and a path; nothing behind it, no slash at the end. */
const PLAIN_URL = /^([a-z]+:)\/\/(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?(?:\/[\w.~%-]+)*$/;

function apiKeyOf(apiKey: unknown): string {
  if (typeof apiKey !== "string" || apiKey === "") throw new UsageError("apiKey", "an API key", apiKey);
  // A line break from the end of a file would be refused for ever, as trouble of the network.
  if (!/^[!-~]+$/.test(apiKey)) throw new UsageError("apiKey", "an API key", "blanks or characters beyond ASCII");
  return apiKey;
}

/** Below these a stream would ask or dial in a loop. */
const LEAST_MS: Readonly<Record<string, number>> = {
  keyValidMs: 1000,
  renewAfterMs: 100,
  dialMaxMs: 10,
  rotateAfterMs: 10,
};

function credentialOf({ apiSecret, privateKey, passphrase }: AccountStreamOptions): SigningCredential | undefined {
  if (apiSecret !== undefined && privateKey !== undefined) {
    throw new UsageError("privateKey", "apiSecret or privateKey, not both", "both");
  }
  if (apiSecret !== undefined) return { apiSecret: apiSecretOf(apiSecret) };
  if (privateKey === undefined) return undefined;
  if (typeof privateKey !== "string") throw new UsageError("privateKey", "a private key in PEM", typeof privateKey);
  if (passphrase !== undefined && typeof passphrase !== "string") {
    throw new UsageError("passphrase", "a text", typeof passphrase);
  }
  return { privateKey, passphrase };
}

/** What stands there instead may be a part of the secret: it is not shown. */
function apiSecretOf(apiSecret: unknown): string {
  if (typeof apiSecret === "string" && /^[!-~]+$/.test(apiSecret)) return apiSecret;
  throw new UsageError("apiSecret", "an API secret", "something else, or one with blanks");
}

function timingOf(wish: Partial<AccountTiming>): AccountTiming {
  const timing: Record<string, number> = { ...TIMING };
  for (const [name, ms] of Object.entries(wish)) {
    if (ms === undefined) continue;
    if (timing[name] === undefined) throw new UsageError("timing", `one of ${Object.keys(TIMING).join(", ")}`, name);
    const least = LEAST_MS[name] ?? 0;
    if (!Number.isFinite(ms) || ms < least)
      throw new UsageError(`timing.${name}`, `milliseconds, ${least} or more`, ms);
    timing[name] = ms;
  }
  return timing as unknown as AccountTiming;
}

/** Which API key belongs to which account, and how its signatures are checked. Pure. */
import { UsageError } from "../kernel/errors.ts";
import type { Credential } from "../protocol/signing.ts";

/** Names an account, to whoever stands behind this face. */
export type AccountId = string;

/** How many API keys one face knows. */
const API_KEYS_MAX = 100_000;

/** One API key. */
export interface ApiKey {
  readonly apiKey: string;
  /** An account may have several keys. */
  readonly account: AccountId;
  readonly credential: Credential;
}

/** What an API key is made of: `paper-demo-key` as well as Binance's own 64 alphanumerics. */
const WELL_FORMED = /^[A-Za-z0-9_-]{1,128}$/;

/** Has the text the form of an API key? If not, it is answered with `-2014`, else `-2015` when it is unknown. */
export function isApiKey(text: string): boolean {
  return WELL_FORMED.test(text);
}

/** Where a face looks API keys up. */
export interface KnownKeys {
  /** The key, or `undefined` when it is unknown or was revoked. */
  find(apiKey: string): ApiKey | undefined;
}

/** All API keys of a face. They are case sensitive. */
export class ApiKeys implements KnownKeys {
  readonly #keys = new Map<string, ApiKey>();

  /** @throws {UsageError} when the text is no API key, is taken, or the limit is reached */
  add(key: ApiKey): void {
    if (!isApiKey(key.apiKey)) throw new UsageError("apiKey", "1 to 128 letters, digits, - or _", key.apiKey);
    if (this.#keys.has(key.apiKey)) throw new UsageError("apiKey", "a key that is not in use", "one that is");
    if (this.#keys.size >= API_KEYS_MAX) throw new UsageError("API keys", `at most ${API_KEYS_MAX}`, this.#keys.size);
    this.#keys.set(key.apiKey, key);
  }

  /** The key, or `undefined` when it is unknown or was revoked. */
  find(apiKey: string): ApiKey | undefined {
    return this.#keys.get(apiKey);
  }

  /** Forgets a key. Sessions that are logged on with it are told at their next request. */
  revoke(apiKey: string): void {
    this.#keys.delete(apiKey);
  }
}

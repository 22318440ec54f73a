/**
 * The listenKeys of an exchange: who holds which, and until when. Protocol sheet 4. Pure; venue time is an argument.
 *
 * Rules kept here: a key lives 60 minutes from its last grant or extension; an active key is granted again, never
 * replaced; a dead one is never revived. Held per account: whether Binance counts accounts or API keys is not known.
 */
import type { Random } from "../kernel/ports.ts";
import { alphanumerics } from "../kernel/random.ts";
import type { ListenKey, TransactMs } from "../kernel/scalars.ts";
import { LISTEN_KEY_VALID_MS } from "../protocol/limits.ts";
import { DeadlineQueue } from "./deadline-queue.ts";

/** Characters of a key: `binance` splits keys at `_`, `node-binance-api` knows them by being alphanumeric. */
const KEY_CHARS = 64;

/** Keys that have ended and whose account is still known; the longest known is forgotten first. */
const PAST_KEYS_MAX = 10_000;

interface Lease {
  readonly key: ListenKey;
  expiresAt: TransactMs;
}

/** All keys that live, and those that died and were not told yet. Times never go back from call to call. */
export class ListenKeys {
  readonly #random: Random;
  readonly #leases = new Map<string, Lease>();
  readonly #holders = new Map<ListenKey, string>();
  readonly #expiries = new DeadlineQueue<ListenKey, TransactMs>();
  readonly #past = new Map<string, string>();

  /** @param random makes the keys; cryptographic where a key protects anything */
  constructor(random: Random) {
    this.#random = random;
  }

  /** `POST`: the account's active key, or a new one; valid for {@link LISTEN_KEY_VALID_MS} from now. */
  grant(account: string, now: TransactMs): ListenKey {
    return this.extend(account, now) ?? this.hold(account, alphanumerics(this.#random, KEY_CHARS) as ListenKey, now);
  }

  /** `PUT`: the active key, valid anew from now; `undefined` (-1125) when there is none. */
  extend(account: string, now: TransactMs): ListenKey | undefined {
    const lease = this.#active(account, now);
    if (lease === undefined) return undefined;
    return this.hold(account, lease.key, now);
  }

  /** Lets the account hold this key, new or its own already, for {@link LISTEN_KEY_VALID_MS} from now. */
  hold(account: string, key: ListenKey, now: TransactMs): ListenKey {
    const expiresAt = (now + LISTEN_KEY_VALID_MS) as TransactMs;
    const lease = this.#leases.get(account);
    if (lease?.key === key) lease.expiresAt = expiresAt;
    else this.#leases.set(account, { key, expiresAt });
    this.#holders.set(key, account);
    this.#expiries.set(key, expiresAt);
    return key;
  }

  /**
   * `DELETE`: ends the active key and returns it; `undefined` (-1125) when there is none. It will not be {@link due}.
   */
  end(account: string, now: TransactMs): ListenKey | undefined {
    const lease = this.#active(account, now);
    if (lease === undefined) return undefined;
    this.#expiries.cancel(lease.key);
    this.#forget(lease.key);
    return lease.key;
  }

  /** The account's active key. */
  keyOf(account: string, now: TransactMs): ListenKey | undefined {
    return this.#active(account, now)?.key;
  }

  /** Whose active key it is; `undefined` for any other text. */
  lookup(key: string, now: TransactMs): string | undefined {
    const account = this.#holders.get(key as ListenKey);
    return account !== undefined && this.#active(account, now)?.key === key ? account : undefined;
  }

  /** Whose key it is, or was when it lived; `undefined` for any other text. Bounded by {@link PAST_KEYS_MAX}. */
  ownerOf(key: string): string | undefined {
    return this.#holders.get(key as ListenKey) ?? this.#past.get(key);
  }

  /** The accounts that hold a key, in the order in which their keys were granted. */
  accounts(): string[] {
    return [...this.#leases.keys()];
  }

  /** The keys that live, with whom they are of and when they run out, in the order in which they were granted. */
  held(now: TransactMs): { readonly account: string; readonly key: ListenKey; readonly expiresAt: TransactMs }[] {
    const living = [...this.#leases].filter(([, { expiresAt }]) => now < expiresAt);
    return living.map(([account, { key, expiresAt }]) => ({ account, key, expiresAt }));
  }

  /** The keys that ran out since the last call, in the order in which they did; each is told once. */
  due(now: TransactMs): ListenKey[] {
    const expired: ListenKey[] = [];
    for (let key = this.#expiries.takeDue(now); key !== undefined; key = this.#expiries.takeDue(now)) {
      this.#forget(key);
      expired.push(key);
    }
    return expired;
  }

  /** When the next key runs out; `undefined` when none is out. */
  nextDeadline(): TransactMs | undefined {
    return this.#expiries.next();
  }

  #active(account: string, now: TransactMs): Lease | undefined {
    const lease = this.#leases.get(account);
    return lease !== undefined && now < lease.expiresAt ? lease : undefined;
  }

  #forget(key: ListenKey): void {
    const account = this.#holders.get(key);
    this.#holders.delete(key);
    if (account !== undefined) this.#remember(key, account);
    // The account may hold a newer key already: one granted after this one died and before that was told.
    if (account !== undefined && this.#leases.get(account)?.key === key) this.#leases.delete(account);
  }

  #remember(key: ListenKey, account: string): void {
    this.#past.set(key, account);
    const [oldest] = this.#past.keys();
    if (this.#past.size > PAST_KEYS_MAX && oldest !== undefined) this.#past.delete(oldest);
  }
}

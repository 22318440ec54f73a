/** The listenKeys of bots outlive the hub: a bot that comes back with its key is heard, as on Binance. Pure. */
import type { ListenKeys } from "../face/listen-keys.ts";
import type { ListenKey, TransactMs } from "../kernel/scalars.ts";
import { LISTEN_KEY_VALID_MS } from "../protocol/limits.ts";
import type { Bots } from "./bots.ts";

/** A listenKey as it is kept. */
export interface BotLease {
  /** The bot's id. */
  readonly bot: string;
  readonly account: string;
  /** The beginning of its API key's digest: with another key it is another bot. */
  readonly by: string;
  readonly key: ListenKey;
  readonly expiresAt: TransactMs;
}

/** Where they are kept. It holds secrets. */
export interface LeaseStore {
  /** What was saved last; nothing when that cannot be read. */
  load(): readonly BotLease[];
  /** Keeps these in the place of those before. What cannot be kept is said, and forgotten with the process. */
  save(leases: readonly BotLease[]): void;
}

/** Gives bots their keys back, as far as both are what they were. */
export function restoreLeases(store: LeaseStore, keys: ListenKeys, bots: Bots, now: TransactMs): void {
  const leases = [...store.load()].sort((a, b) => a.expiresAt - b.expiresAt);
  for (const { bot, account, by, key, expiresAt } of leases) {
    const found = expiresAt <= now ? undefined : bots.recall(bot, by);
    // Whatever the wall clock has been set to meanwhile, no key lives longer than a key may.
    const heldAt = Math.min(now, expiresAt - LISTEN_KEY_VALID_MS) as TransactMs;
    if (found?.account === account) keys.hold(bot, key, heldAt);
  }
}

/** Keeps the keys that bots hold at this moment. */
export function saveLeases(store: LeaseStore, keys: ListenKeys, bots: Bots, now: TransactMs): void {
  const leases = keys.held(now).flatMap(({ account: bot, key, expiresAt }) => {
    const { account, by } = bots.named(bot) ?? {};
    return account === undefined || by === undefined ? [] : [{ bot, account, by, key, expiresAt }];
  });
  store.save(leases);
}

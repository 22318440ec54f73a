/** The calls that the hub answers bots itself: their listenKeys, and what time it is. Pure. */
import type { CallHandlers } from "../face/calls.ts";
import type { ListenKeys } from "../face/listen-keys.ts";
import { refuse } from "../face/refusal.ts";
import type { ListenKey, TransactMs } from "../kernel/scalars.ts";

/** What they work on. */
export interface KeyCallDeps {
  /** Held by bots, by their ids. */
  readonly keys: ListenKeys;
  readonly exchangeTime: () => TransactMs;
  /** Can the bot's account be listened to? */
  readonly isOpen: (bot: string) => boolean;
  /** A key has ended before its time. */
  readonly ended: (key: ListenKey) => void;
  /** Keys are others now. */
  readonly keep: () => void;
}

/** The calls. */
export function keyCalls({ keys, exchangeTime, isOpen, ended, keep }: KeyCallDeps): CallHandlers {
  return {
    ping: () => ({}),
    serverTime: () => ({ serverTime: exchangeTime() }),
    startListenKey: ({ account: bot, now }) => {
      // What would be granted could not be listened to yet.
      if (!isOpen(bot)) return refuse(-1001);
      const listenKey = keys.grant(bot, now);
      keep();
      return { listenKey };
    },
    keepListenKey: ({ account: bot, now }) => {
      const listenKey = keys.extend(bot, now);
      if (listenKey === undefined) return refuse(-1125);
      keep();
      return { listenKey };
    },
    closeListenKey: ({ account: bot, now }) => {
      const listenKey = keys.end(bot, now);
      if (listenKey === undefined) return refuse(-1125);
      ended(listenKey);
      keep();
      return {};
    },
  };
}

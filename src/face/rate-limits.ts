/**
 * Counts what callers use, and says when it is too much. Weight belongs to an IP, orders to an account; REST and WS API
 * share all counters. Pure. Protocol sheet 3.1.
 *
 * Windows are those of the exchange's clock (each minute, each ten seconds from :00 on), so within one window no count
 * ever goes down. *Assumed*: how many refusals lead to a ban, that each return doubles it, how long it is remembered,
 * that a banned caller's requests neither lengthen the ban nor weigh anything, that too many orders ban no address:
 * order limits are the account's (the text speaks of going on after any 429).
 */
import type { TransactMs } from "../kernel/scalars.ts";
import type { OrderCounts } from "../protocol/endpoints/endpoint.ts";
import {
  BAN_MAX_MS,
  BAN_MIN_MS,
  FUNDING_READS_PER_WINDOW,
  FUNDING_READS_WINDOW_MS as FUNDING_WINDOW_MS,
  MINUTE_WINDOW_MS as MINUTE_MS,
  ORDERS_PER_MINUTE,
  ORDERS_PER_TEN_SECONDS,
  TEN_SECONDS_WINDOW_MS as TEN_SECONDS_MS,
  WEIGHT_PER_MINUTE,
} from "../protocol/limits.ts";
import type { UsedLimit } from "../protocol/ws-api.ts";
import type { AccountId } from "./api-keys.ts";

/** How much is too much. */
export interface RateLimitSettings {
  /** Per IP. */
  readonly weightPerMinute: number;
  /** Per account. */
  readonly ordersPerTenSeconds: number;
  /** Per account. */
  readonly ordersPerMinute: number;
  /** Requests of funding rates and bounds, per IP; they take no weight. */
  readonly fundingPerFiveMinutes: number;
  /** How many requests of one IP are refused with 429 in one minute before the next one bans it. */
  readonly refusalsBeforeBan: number;
  /** The first ban; each further one within {@link banRememberedMs} of the last lasts twice as long. */
  readonly banFirstMs: number;
  readonly banMaxMs: number;
  readonly banRememberedMs: number;
}

/** The limits of production. The number of refusals before a ban, and how long bans are remembered, is *assumed*. */
export const PRODUCTION_LIMITS: RateLimitSettings = {
  weightPerMinute: WEIGHT_PER_MINUTE,
  ordersPerTenSeconds: ORDERS_PER_TEN_SECONDS,
  ordersPerMinute: ORDERS_PER_MINUTE,
  fundingPerFiveMinutes: FUNDING_READS_PER_WINDOW,
  refusalsBeforeBan: 10,
  banFirstMs: BAN_MIN_MS,
  banMaxMs: BAN_MAX_MS,
  banRememberedMs: BAN_MAX_MS,
};

/** How many addresses, and how many accounts, are counted at a time; the longest known is forgotten first. */
const COUNTED_MAX = 100_000;

/** May the request go on? */
export type Charge =
  | { readonly outcome: "charged" }
  | { readonly outcome: "limited"; readonly limit: BrokenLimit; readonly waitMs: number }
  | { readonly outcome: "banned"; readonly until: TransactMs; readonly waitMs: number };

/** Which limit was broken. */
export interface BrokenLimit {
  readonly kind: "weight" | "orders" | "funding";
  readonly most: number;
  /** The window it is counted in; refusals of orders print it. */
  readonly interval: "MINUTE" | "TEN_SECONDS" | "FIVE_MINUTES";
}

interface Caller {
  minute: number;
  weight: number;
  refusals: number;
  bannedUntil: number;
  bans: number;
  fundingWindow: number;
  fundingRequests: number;
}

interface Trader {
  minute: number;
  orders: number;
  tenSeconds: number;
  ordersInTenSeconds: number;
}

const NEW_CALLER: Caller = {
  minute: 0,
  weight: 0,
  refusals: 0,
  bannedUntil: 0,
  bans: 0,
  fundingWindow: 0,
  fundingRequests: 0,
};

/** All counters of a face. */
export class RateLimits {
  readonly settings: RateLimitSettings;
  readonly #callers = new Map<string, Caller>();
  readonly #traders = new Map<AccountId, Trader>();

  constructor(settings: RateLimitSettings = PRODUCTION_LIMITS) {
    this.settings = settings;
  }

  /** Counts a request's weight. What goes over the limit is counted as well, and refused. */
  charge(ip: string, weight: number, now: TransactMs): Charge {
    const caller = this.#caller(ip, now);
    if (now < caller.bannedUntil) return banned(caller, now);
    caller.weight += weight;
    const most = this.settings.weightPerMinute;
    if (caller.weight <= most) return { outcome: "charged" };
    return this.#refuse(caller, { kind: "weight", most, interval: "MINUTE" }, remainderOf(now, MINUTE_MS), now);
  }

  /** Counts a request of the funding pool, which takes no weight. As weight is: refused ones count, and may ban. */
  chargeFunding(ip: string, now: TransactMs): Charge {
    const caller = this.#caller(ip, now);
    if (now < caller.bannedUntil) return banned(caller, now);
    const window = Math.floor(now / FUNDING_WINDOW_MS);
    if (caller.fundingWindow !== window) Object.assign(caller, { fundingWindow: window, fundingRequests: 0 });
    caller.fundingRequests++;
    const most = this.settings.fundingPerFiveMinutes;
    if (caller.fundingRequests <= most) return { outcome: "charged" };
    const limit = { kind: "funding", most, interval: "FIVE_MINUTES" } as const;
    return this.#refuse(caller, limit, remainderOf(now, FUNDING_WINDOW_MS), now);
  }

  /** Counts orders. What would go over a limit is not counted, and refused; it bans no address. */
  chargeOrders(account: AccountId, counts: OrderCounts, now: TransactMs): Charge {
    const trader = this.#trader(account, now);
    const { ordersPerTenSeconds, ordersPerMinute } = this.settings;
    if (trader.ordersInTenSeconds + counts.tenSeconds > ordersPerTenSeconds) {
      const limit = { kind: "orders", most: ordersPerTenSeconds, interval: "TEN_SECONDS" } as const;
      return { outcome: "limited", limit, waitMs: remainderOf(now, TEN_SECONDS_MS) };
    }
    if (trader.orders + counts.minute > ordersPerMinute) {
      const limit = { kind: "orders", most: ordersPerMinute, interval: "MINUTE" } as const;
      return { outcome: "limited", limit, waitMs: remainderOf(now, MINUTE_MS) };
    }
    trader.ordersInTenSeconds += counts.tenSeconds;
    trader.orders += counts.minute;
    return { outcome: "charged" };
  }

  /** Weight used by this IP in the current minute. */
  usedWeight(ip: string, now: TransactMs): number {
    return this.#caller(ip, now).weight;
  }

  /** Orders counted for this account in the current windows. */
  usedOrders(account: AccountId, now: TransactMs): OrderCounts {
    const trader = this.#trader(account, now);
    return { tenSeconds: trader.ordersInTenSeconds, minute: trader.orders };
  }

  /** The limits without counts, as `exchangeInfo` lists them: weight, orders of a minute, orders of ten seconds. */
  listed(): Omit<UsedLimit, "count">[] {
    const [tenSeconds, minute] = this.ordersListed();
    return [
      this.#weightListed(),
      ...(minute === undefined ? [] : [minute]),
      ...(tenSeconds === undefined ? [] : [tenSeconds]),
    ];
  }

  /** The order limits without counts, as `rateLimit/order` lists them: ten seconds, one minute. */
  ordersListed(): Omit<UsedLimit, "count">[] {
    const { ordersPerTenSeconds, ordersPerMinute } = this.settings;
    return [
      { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: ordersPerTenSeconds },
      { rateLimitType: "ORDERS", interval: "MINUTE", intervalNum: 1, limit: ordersPerMinute },
    ];
  }

  /** The weight limit with its count, as responses of the WS API show it. */
  weightEntry(ip: string, now: TransactMs): UsedLimit {
    return { ...this.#weightListed(), count: this.usedWeight(ip, now) };
  }

  /** The order limits with their counts, as responses of the WS API show them. */
  orderEntries(account: AccountId, now: TransactMs): UsedLimit[] {
    const used = this.usedOrders(account, now);
    return this.ordersListed().map((limit, i) => ({ ...limit, count: i === 0 ? used.tenSeconds : used.minute }));
  }

  #weightListed(): Omit<UsedLimit, "count"> {
    const limit = this.settings.weightPerMinute;
    return { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit };
  }

  #refuse(caller: Caller, limit: BrokenLimit, waitMs: number, now: TransactMs): Charge {
    caller.refusals++;
    if (caller.refusals <= this.settings.refusalsBeforeBan) return { outcome: "limited", limit, waitMs };
    const { banFirstMs, banMaxMs, banRememberedMs } = this.settings;
    if (now - caller.bannedUntil > banRememberedMs) caller.bans = 0;
    caller.bannedUntil = now + Math.min(banMaxMs, banFirstMs * 2 ** caller.bans);
    caller.bans++;
    caller.refusals = 0;
    return banned(caller, now);
  }

  #caller(ip: string, now: TransactMs): Caller {
    const minute = Math.floor(now / MINUTE_MS);
    const caller = this.#callers.get(ip) ?? { ...NEW_CALLER, minute };
    if (caller.minute !== minute) Object.assign(caller, { minute, weight: 0, refusals: 0 });
    keep(this.#callers, ip, caller);
    return caller;
  }

  #trader(account: AccountId, now: TransactMs): Trader {
    const minute = Math.floor(now / MINUTE_MS);
    const tenSeconds = Math.floor(now / TEN_SECONDS_MS);
    const trader = this.#traders.get(account) ?? { minute, orders: 0, tenSeconds, ordersInTenSeconds: 0 };
    if (trader.minute !== minute) Object.assign(trader, { minute, orders: 0 });
    if (trader.tenSeconds !== tenSeconds) Object.assign(trader, { tenSeconds, ordersInTenSeconds: 0 });
    keep(this.#traders, account, trader);
    return trader;
  }
}

function banned(caller: Caller, now: TransactMs): Charge {
  return { outcome: "banned", until: caller.bannedUntil as TransactMs, waitMs: caller.bannedUntil - now };
}

function remainderOf(now: TransactMs, windowMs: number): number {
  return windowMs - (now % windowMs);
}

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  if (map.has(key)) return;
  const [oldest] = map.keys();
  if (map.size >= COUNTED_MAX && oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}

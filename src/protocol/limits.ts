/**
 * How much Binance allows, and for how long: each number stated once, for the side that keeps to it and the side that
 * holds others to it. Pure.
 *
 * Times are in milliseconds. Documented, unless a comment says *seen* or *assumed*. What a single call weighs stands
 * with the call, in the catalogue of endpoints.
 */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Weight of the requests of one IP in a minute; the demo exchange allows 6000. Protocol sheet 3.1. */
export const WEIGHT_PER_MINUTE = 2400;

/** The window of {@link WEIGHT_PER_MINUTE} and {@link ORDERS_PER_MINUTE}. */
export const MINUTE_WINDOW_MS = MINUTE_MS;

/** Orders of one account in ten seconds. */
export const ORDERS_PER_TEN_SECONDS = 300;

/** The window of {@link ORDERS_PER_TEN_SECONDS}. */
export const TEN_SECONDS_WINDOW_MS = 10 * SECOND_MS;

/** Orders of one account in a minute. */
export const ORDERS_PER_MINUTE = 1200;

/** Requests of `fundingRate` and `fundingInfo` of one IP in five minutes; they take no weight. */
export const FUNDING_READS_PER_WINDOW = 500;

/** The window of {@link FUNDING_READS_PER_WINDOW}. */
export const FUNDING_READS_WINDOW_MS = 5 * MINUTE_MS;

/** The shortest ban of an IP that goes on after 429. */
export const BAN_MIN_MS = 2 * MINUTE_MS;

/** The longest one. */
export const BAN_MAX_MS = 3 * DAY_MS;

/** How long a signed request is good for when it does not say. A maximum is documented for spot only (60 000). */
export const RECV_WINDOW_MS = 5 * SECOND_MS;

/** How far the timestamp of a signed request may lie ahead of the exchange. Protocol sheet 2.4. */
export const AHEAD_MAX_MS = SECOND_MS;

/** How long a listenKey lives after it was granted or extended. Protocol sheet 4. */
export const LISTEN_KEY_VALID_MS = HOUR_MS;

/** How often the exchange pings a socket. Protocol sheet 6.4. */
export const PING_EVERY_MS = 3 * MINUTE_MS;

/** How long a socket lives that answers no ping. */
export const PONG_WAIT_MAX_MS = 10 * MINUTE_MS;

/** How long any socket lives. */
export const SOCKET_AGE_MAX_MS = DAY_MS;

/** Frames that a stream socket takes in a second: pings, pongs and control messages together. */
export const STREAM_FRAMES_PER_SECOND_MAX = 10;

/** Streams one socket may listen to; 200 before 2025-07-02. */
export const STREAMS_PER_SOCKET_MAX = 1024;

/** Weight of the handshake of a WS API socket. Protocol sheet 5.1. */
export const WS_API_HANDSHAKE_WEIGHT = 5;

/** Ping and pong frames that a WS API socket takes in a second. */
export const WS_API_PINGS_PER_SECOND_MAX = 5;

/** Characters of a client order id, `newClientOrderId` or `clientAlgoId`. */
export const CLIENT_ORDER_ID_CHARS_MAX = 36;

/** Orders that one batch places or amends. */
export const BATCH_PLACE_MAX = 5;

/** Orders that one batch cancels. */
export const BATCH_CANCEL_MAX = 10;

/** Conditional orders of one account that wait at a time, over all symbols. */
export const WAITING_CONDITIONALS_MAX = 200;

/** How long an order without a date rests: one year, since 2024-04-09. */
export const GTC_LIFE_MS = 365 * DAY_MS;

/** How far ahead `goodTillDate` lies at least. */
export const GOOD_TILL_AHEAD_MIN_MS = 10 * MINUTE_MS;

/** The number that `goodTillDate` stays below. */
export const GOOD_TILL_BELOW_MS = 253_402_300_799_000;

/** What the callback rate of a trailing stop lies between, in percent; at most 10 before 2026-10-23. */
export const CALLBACK_RATE = { min: "0.1", max: "20" } as const;

/** How many entries a paged read shows: when the call does not say, and at most. */
export interface PageSizes {
  readonly usual: number;
  readonly max: number;
}

/** The page sizes of `allOrders`, `userTrades` and `allAlgoOrders`. */
export const ORDERS_PAGE: PageSizes = { usual: 500, max: 1000 };

/** The page sizes of `orderAmendment`. */
export const AMENDMENTS_PAGE: PageSizes = { usual: 50, max: 100 };

/** The page sizes of `forceOrders`. */
export const FORCE_ORDERS_PAGE: PageSizes = { usual: 50, max: 100 };

/** The page sizes of `income`. */
export const INCOME_PAGE: PageSizes = { usual: 100, max: 1000 };

/** The page sizes of `positionMargin/history`; the maximum is *assumed*. */
export const MARGIN_HISTORY_PAGE: PageSizes = { usual: 500, max: 500 };

/** The page sizes of `trades` and `aggTrades`. */
export const TRADES_PAGE: PageSizes = { usual: 500, max: 1000 };

/** The page sizes of `historicalTrades`. */
export const OLD_TRADES_PAGE: PageSizes = { usual: 100, max: 500 };

/** The page sizes of `klines`. */
export const KLINES_PAGE: PageSizes = { usual: 500, max: 1500 };

/** The page sizes of `fundingRate`. */
export const FUNDING_PAGE: PageSizes = { usual: 100, max: 1000 };

/** How many levels a side `depth` shows when none are asked for. */
export const DEPTH_USUAL = 500;

/** Days that one read of orders or fills spans at most, and spans when it names no times; so does one of `income`. */
export const READ_WINDOW_DAYS = 7;

/** The same in milliseconds. */
export const READ_WINDOW_MS = READ_WINDOW_DAYS * DAY_MS;

/** What one read of `aggTrades` spans at most. */
export const AGGREGATES_WINDOW_MS = HOUR_MS;

/** How long what has ended is still found: after an order was placed, after anything else happened. */
export const FOUND_FOR_MS = {
  /** An order that ended without a fill. */
  unfilledOrder: 3 * DAY_MS,
  /** Any other ended order, those the exchange made included. */
  order: 90 * DAY_MS,
  /** A fill: 3 months since 2026-08-26. */
  trade: 90 * DAY_MS,
  /** An amendment: 3 months. */
  amendment: 90 * DAY_MS,
  /** An entry of `income`: 3 months. */
  income: 90 * DAY_MS,
  /** A move of margin into or out of a position. */
  marginMove: 30 * DAY_MS,
} as const;

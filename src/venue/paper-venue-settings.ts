/** How a paper venue is set up. Pure. */

import type { RateLimitSettings } from "../face/rate-limits.ts";
import type { StreamSessionsSettings } from "../face/stream-sessions.ts";
import type { Random } from "../kernel/ports.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { Verifier } from "../protocol/signing.ts";
import type { AcknowledgementShape } from "./calls/call-context.ts";
import type { ExchangeSettings } from "./exchange/exchange.ts";
import type { KeptVenue } from "./keeping/venue-log.ts";
import type { Moment } from "./moment.ts";

/** What a paper venue is made of. */
export interface PaperVenueSettings {
  /** When it opens. */
  readonly openedAt: Moment;
  /** Makes markets reproducible; 1 when absent. */
  readonly seed?: number;
  /** Makes listenKeys, API keys and secrets: cryptographic in production, seeded in simulation. */
  readonly random: Random;
  /** Checks the signatures of callers. */
  readonly verifier: Verifier;
  /** BTCUSDT, ETHUSDT, BNBUSDT and SOLUSDT when absent. */
  readonly symbols?: ExchangeSettings["symbols"];
  /** Those of a regular user when absent. */
  readonly feeRates?: ExchangeSettings["feeRates"];
  /** How the built-in market maker quotes, or `none`. */
  readonly marketMaker?: ExchangeSettings["marketMaker"];
  /** When margin calls are pushed: at 80 %, every 10 minutes, when absent. */
  readonly marginCall?: ExchangeSettings["marginCall"];
  /** What the insurance fund begins with: a million USDT when absent. */
  readonly insuranceFund?: ExchangeSettings["insuranceFund"];
  /** Rates and times of funding: every 8 hours when absent, if there is a market maker. */
  readonly funding?: ExchangeSettings["funding"];
  /** What market makers follow instead of walking, by symbol. */
  readonly tapes?: ExchangeSettings["tapes"];
  /** Those of production when absent. */
  readonly limits?: Partial<RateLimitSettings>;
  /** Is `Retry-After` sent with 429 and 418? `true` when absent; not documented for fapi. */
  readonly sendsRetryAfter?: boolean;
  /** Which fields order acknowledgements carry: those since June 2026 when absent. */
  readonly acknowledgements?: AcknowledgementShape;
  /** What a triggered conditional order leaves that the book refuses: only `ALGO_UPDATE` when absent. */
  readonly triggerRejections?: ExchangeSettings["triggerRejections"];
  /** What sockets on the retired unrouted forms get: everything when absent. */
  readonly legacyUrls?: StreamSessionsSettings["legacyUrls"];
  /** A venue to go on with, or the log of a new one; nothing outlives the venue when absent. */
  readonly kept?: KeptVenue;
  /** Is told each event as it is made, whether anybody listens or not; `at` is in venue time, as faults are. */
  readonly onPush?: (account: string, json: string, at: TransactMs) => void;
  /**
   * Is told how much of a kept venue's time is carried out again, from 0 to 1, many times, while it is opened: two
   * seconds or so for each hour that it ran.
   */
  readonly onReplay?: (share: number) => void;
}

/** What the venue's surroundings give it, and no user. */
export type OwnParts = "openedAt" | "random" | "verifier" | "tapes" | "kept";

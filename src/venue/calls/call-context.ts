/** What the calls of the venue act on. Pure. */
import type { ListenKeys } from "../../face/listen-keys.ts";
import type { RateLimits } from "../../face/rate-limits.ts";
import { assert } from "../../kernel/errors.ts";
import type { TransferLedger } from "../accounts/transfer-ledger.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { SymbolInfo } from "../market/symbol-listing.ts";

/**
 * Which fields order acknowledgements carry: `2026-06` as since the end of June 2026, or `before-2026-06` with
 * `avgPrice` and `cumQuote`, for clients that still read them.
 */
export type AcknowledgementShape = "2026-06" | "before-2026-06";

/** What the calls of the venue act on. */
export interface CallContext {
  readonly exchange: Exchange;
  readonly listenKeys: ListenKeys;
  readonly limits: RateLimits;
  readonly transfers: TransferLedger;
  readonly acknowledgements: AcknowledgementShape;
}

/** How a symbol is listed that something of an account was just read of. */
export function infoOf({ exchange }: CallContext, symbol: string): SymbolInfo {
  const listing = exchange.symbol(symbol);
  assert(listing !== undefined, `what an account has is of a listed symbol, and ${symbol} is none`);
  return listing.info;
}

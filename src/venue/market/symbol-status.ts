/** How near a symbol is to its end, and what follows from that. Pure. The end itself: delisting.ts. */

import { type Refused, refuse } from "../../face/refusal.ts";
import { divide, type Fixed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Market } from "../exchange/records.ts";

/** How long before its end a symbol takes only orders that reduce, and is its mark price an average. Documented. */
export const RESTRICTED_MS = 30 * 60_000;

/** How long before its end the insurance fund keeps out of liquidations. Documented. */
const UNINSURED_MS = 60 * 60_000;

type PricedMarket = Pick<Market, "delisting" | "indexPrice">;

/** Is trade in the symbol over for good? */
export function isClosed({ listing }: Pick<Market, "listing">): boolean {
  return listing.info.status !== "TRADING";
}

/** May one only reduce? Then the mark price is an average as well. */
export function isRestricted({ delisting }: Market, now: TransactMs): boolean {
  return delisting !== undefined && delisting.at - now <= RESTRICTED_MS;
}

/** Does the insurance fund keep out of liquidations? */
export function isUninsured({ delisting }: Market, now: TransactMs): boolean {
  return delisting !== undefined && delisting.at - now <= UNINSURED_MS;
}

/** -4141 when the symbol is closed, -4140 when it is about to be and the order could open; both *seen* by clients. */
export function refusalByStatus(market: Market, reduces: boolean, now: TransactMs): Refused | undefined {
  if (isClosed(market)) return refuse(-4141);
  return !reduces && isRestricted(market, now) ? refuse(-4140) : undefined;
}

/** What settlement would pay now: what was commanded, the average so far, or the index price. */
export function settlementEstimate(market: PricedMarket): Fixed {
  return market.delisting?.price ?? averageSeen(market);
}

/** The average of the index price in the last half hour so far; before that the index price. */
export function averageSeen({ delisting, indexPrice }: PricedMarket): Fixed {
  const { sum, ms } = delisting?.seen ?? { sum: 0n, ms: 0n };
  return ms === 0n ? indexPrice : divide(sum, ms, "half-up");
}

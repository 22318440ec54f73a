/**
 * Funding as it stands before it is settled: when the next settlement is, and at which rate. Pure.
 *
 * The rate is premium + clamp(interest − premium, ±0.05 %), within ±2 % (documented); the premium is that of the
 * moment, mark against index, where the real one is an average over the interval (*assumed* to be well told by it).
 */
import { div, type Fixed, fixed, max, min } from "../kernel/decimal.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { Market } from "./records.ts";

/** Hours between two settlements. */
export const FUNDING_INTERVAL_HOURS = 8;

/** The interest component: 0.01 % per interval. */
export const INTEREST_RATE: Fixed = fixed("0.0001");

/** No rate goes beyond it, to either side. */
export const FUNDING_RATE_MAX: Fixed = fixed("0.02");

const CLAMP: Fixed = fixed("0.0005");
const INTERVAL_MS = FUNDING_INTERVAL_HOURS * 3_600_000;

/** The next settlement: 00:00, 08:00 and 16:00 UTC. One that is due now is past. */
export function nextFundingTime(now: TransactMs): TransactMs {
  return (now - (now % INTERVAL_MS) + INTERVAL_MS) as TransactMs;
}

/** The rate the next settlement would have now, a fraction of the notional. */
export function fundingRate({ markPrice, indexPrice }: Pick<Market, "markPrice" | "indexPrice">): Fixed {
  const premium = div(markPrice - indexPrice, indexPrice);
  const rate = premium + max(-CLAMP, min(CLAMP, INTEREST_RATE - premium));
  return max(-FUNDING_RATE_MAX, min(FUNDING_RATE_MAX, rate));
}

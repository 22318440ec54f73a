/** The terms of funding: what may be set, and what is fixed, whatever the settings. Pure. */
import { type Fixed, fixed, isDecimal, ONE } from "../../kernel/decimal.ts";

/** Hours between two settlements, unless set otherwise. */
export const FUNDING_INTERVAL_HOURS = 8;

/** The interest component, 0.01 % per interval. Shown; the rate paid is the one that is set (*assumed* constant). */
export const INTEREST_RATE: Fixed = fixed("0.0001");

/** The cap of the rate that `fundingInfo` shows, to either side. */
export const FUNDING_RATE_MAX: Fixed = fixed("0.02");

/** When and how much is paid. */
export interface FundingSettings {
  /** Of the notional; `"0.0001"`, the interest component, when absent. Up to eight places, between -1 and 1. */
  readonly rate: string;
  /** Hours between two fundings, a whole number from 1 to 24; 8 when absent. */
  readonly intervalHours: number;
}

/** Reads a funding rate; `undefined` when it is no decimal of up to eight places between -1 and 1. */
export function fundingRateOf(text: string): Fixed | undefined {
  if (!isDecimal(text) || !/^-?[01](\.[0-9]{1,8})?$/.test(text)) return undefined;
  const rate = fixed(text);
  return rate >= -ONE && rate <= ONE ? rate : undefined;
}

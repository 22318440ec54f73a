/** What of funding is fixed, whatever the settings. Pure. */
import { type Fixed, fixed } from "../../kernel/decimal.ts";

/** Hours between two settlements, unless set otherwise. */
export const FUNDING_INTERVAL_HOURS = 8;

/** The interest component, 0.01 % per interval. Shown; the rate paid is the one that is set (*assumed* constant). */
export const INTEREST_RATE: Fixed = fixed("0.0001");

/** The cap of the rate that `fundingInfo` shows, to either side. */
export const FUNDING_RATE_MAX: Fixed = fixed("0.02");

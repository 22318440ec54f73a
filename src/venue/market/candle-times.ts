/** Where candles begin and end. All in UTC, by arithmetic alone. Pure. */
import type { TransactMs } from "../../kernel/scalars.ts";
import type { KlineInterval } from "../../protocol/market/stream-names.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const LENGTHS: Readonly<Record<Exclude<KlineInterval, "1w" | "1M">, number>> = {
  "1m": MINUTE_MS,
  "3m": 3 * MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1h": HOUR_MS,
  "2h": 2 * HOUR_MS,
  "4h": 4 * HOUR_MS,
  "6h": 6 * HOUR_MS,
  "8h": 8 * HOUR_MS,
  "12h": 12 * HOUR_MS,
  "1d": DAY_MS,
  "3d": 3 * DAY_MS,
};

/** The first Monday after the beginning of time: weeks begin on Mondays (*seen*). */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** When the candle that holds `at` begins. */
export function candleStart(interval: KlineInterval, at: TransactMs): TransactMs {
  if (interval === "1M") return monthStart(at) as TransactMs;
  if (interval === "1w") return (at - ((((at - FIRST_MONDAY_MS) % WEEK_MS) + WEEK_MS) % WEEK_MS)) as TransactMs;
  return (at - (at % LENGTHS[interval])) as TransactMs;
}

const WEEK_MS = 7 * DAY_MS;

/** When the candle that begins at `start` is over: the beginning of the next. */
export function candleEnd(interval: KlineInterval, start: TransactMs): TransactMs {
  if (interval === "1M") return monthStart(start + 32 * DAY_MS) as TransactMs;
  return (start + (interval === "1w" ? WEEK_MS : LENGTHS[interval])) as TransactMs;
}

/** The first of the month, by the rule of the Gregorian calendar: eras of 400 years, years that begin in March. */
function monthStart(at: number): number {
  const day = Math.floor(at / DAY_MS);
  const dayOfEra = (day + 719_468) % 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * month + 2) / 5);
  return (day - dayOfMonth) * DAY_MS;
}

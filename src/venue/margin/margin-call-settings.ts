/** What may be set about margin calls, with its defaults and bounds. Pure. */
import { type Fixed, fixed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";

/** When margin calls are pushed. */
export interface MarginCallSettings {
  /** Maintenance margin ÷ margin balance from which on; `"0.8"` when absent. */
  readonly ratio: string;
  /** Milliseconds between two calls about the same while it lasts; 10 minutes when absent. */
  readonly repeatMs: number;
}

/** The settings in numbers. */
export interface MarginCallRules {
  readonly ratio: Fixed;
  readonly repeatMs: number;
}

/** Fills in the defaults. @throws {UsageError} when a setting is out of range */
export function marginCallRules({ ratio = "0.8", repeatMs = 600_000 }: Partial<MarginCallSettings>): MarginCallRules {
  const share = fixed(ratio);
  if (share <= 0n || share > fixed("1")) throw new UsageError("marginCall.ratio", "more than 0, at most 1", ratio);
  if (!Number.isSafeInteger(repeatMs) || repeatMs < 0) {
    throw new UsageError("marginCall.repeatMs", "milliseconds, not negative", repeatMs);
  }
  return { ratio: share, repeatMs };
}

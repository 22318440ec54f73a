/**
 * Refusals: what the exchange answers instead of doing a thing. Values, not exceptions: a refused command changes
 * nothing, pushes nothing, and is no error of the program. Pure.
 */
import { type ErrorCode, errorBody, errorVariant } from "../protocol/error-codes.ts";

/** A request that was not carried out. Codes and texts are Binance's own (protocol sheet 13). */
export interface Refused {
  readonly outcome: "refused";
  /** Binance's number, e.g. `-2019`. */
  readonly code: number;
  /** The exact text that goes with it. */
  readonly msg: string;
}

/** The refusal with the code's text that takes these values. */
export function refuse(code: ErrorCode, ...values: readonly (string | number)[]): Refused {
  return { outcome: "refused", ...errorBody(code, ...values) };
}

/** The refusal with another of the code's texts, by its index in the table. */
export function refuseVariant(code: ErrorCode, index: number, ...values: readonly (string | number)[]): Refused {
  return { outcome: "refused", ...errorVariant(code, index, ...values) };
}

/** Tells a refusal from any result of a command or read. */
export function isRefused(result: unknown): result is Refused {
  return typeof result === "object" && (result as { outcome?: unknown } | null)?.outcome === "refused";
}

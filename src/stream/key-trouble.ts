/** What may go wrong when the exchange is asked about a key, and what that means. Pure. */
import { type ListenkeyError, NetworkError, RateLimited, VenueRejected, WireFormatError } from "../kernel/errors.ts";
import { isKeyRefused } from "../protocol/error-codes.ts";

/** Is it a refusal that no retry can mend? */
export function isHopeless(trouble: ListenkeyError): boolean {
  return trouble instanceof VenueRejected && isKeyRefused(trouble);
}

/** Trouble of the outside world is an input; anything else is a bug and goes on its way. */
export function survivable(error: unknown): VenueRejected | RateLimited | NetworkError | WireFormatError {
  if (error instanceof VenueRejected || error instanceof RateLimited) return error;
  if (error instanceof NetworkError || error instanceof WireFormatError) return error;
  throw error;
}

/** How long the exchange wants silence, when it does. */
export function waitOf(trouble: ListenkeyError): { readonly waitMs?: number } {
  return trouble instanceof RateLimited ? { waitMs: trouble.waitMs } : {};
}

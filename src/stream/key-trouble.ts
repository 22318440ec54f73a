/** What may go wrong when the exchange is asked about a key, and what that means. Pure. */
import { type ListenkeyError, NetworkError, RateLimited, VenueRejected, WireFormatError } from "../kernel/errors.ts";

/** The API key is malformed, unknown, or may not do this from here: asking again cannot help. */
const HOPELESS_CODES: ReadonlySet<number> = new Set([-2014, -2015]);
/** The same, said by status only: unauthorised, or not served in this country. 403 is the firewall's, and passes. */
const HOPELESS_STATUS: ReadonlySet<number> = new Set([401, 451]);

/** Is it a refusal that no retry can mend? */
export function isHopeless(trouble: ListenkeyError): boolean {
  if (!(trouble instanceof VenueRejected)) return false;
  return HOPELESS_CODES.has(trouble.venueCode) || HOPELESS_STATUS.has(trouble.status);
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

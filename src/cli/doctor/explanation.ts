/** What an error of the exchange, or of the way to it, means for the one who has it, and what to do. Pure. */
import { type ListenkeyError, NetworkError, RateLimited, VenueRejected, WireFormatError } from "../../kernel/errors.ts";

/** An error in plain words. */
export interface Explanation {
  readonly says: string;
  readonly remedy: string;
}

const WHERE = "Check the URL, and that no firewall or proxy stands between.";

/** Binance's code → what it means, and what to do. The codes a doctor meets; others are shown as they are. */
const CODES: Readonly<Record<number, Explanation>> = {
  [-1000]: { says: "the exchange has trouble of its own", remedy: "Try again in a minute." },
  [-1001]: { says: "the exchange has trouble of its own", remedy: "Try again in a minute." },
  [-1007]: { says: "the exchange did not answer itself in time", remedy: "Try again in a minute." },
  [-1008]: { says: "the exchange is overloaded", remedy: "Try again in a minute." },
  [-1016]: { says: "the exchange is under maintenance", remedy: "Wait until it is over." },
  [-1021]: {
    says: "the time of the request was outside of the window, even after asking for the exchange's time",
    remedy: "Let this machine keep its clock by NTP, and look for a proxy that holds requests back.",
  },
  [-1022]: {
    says: "the signature is wrong: the API key is known, and the secret does not belong to it",
    remedy: "Give the secret of this very key. An Ed25519 or RSA key is signed for with --private-key.",
  },
  [-1125]: {
    says: "the exchange knows no listenKey of this account",
    remedy: "Another program may have deleted it. Stop whatever sends DELETE /fapi/v1/listenKey.",
  },
  [-2014]: { says: "this is not an API key", remedy: "Copy the key whole: 64 letters and digits, no blanks." },
  [-2015]: {
    says: "the API key is refused",
    remedy:
      "Three causes: the key does not exist here (deleted, mistyped, or of another environment: demo and production " +
      "have keys of their own); this machine's IP address is not on the key's list; or the key lacks the permission " +
      '"Enable Futures". API Management on Binance shows all three.',
  },
  [-2017]: { says: "the account's API keys are locked", remedy: "Ask Binance's support." },
  [-4109]: { says: "the futures account is not active", remedy: "Open it, and move something into it." },
};

/** Explains it. */
export function explained(error: ListenkeyError): Explanation {
  const { message } = error;
  if (error instanceof RateLimited) return limited(error);
  if (error instanceof VenueRejected) return refused(error);
  if (error instanceof NetworkError) return { says: message, remedy: wayTo(message) };
  if (error instanceof WireFormatError) {
    return { says: message, remedy: `What answers there is not the exchange as it is known. ${WHERE}` };
  }
  return { says: message, remedy: error.remedy ?? WHERE };
}

function limited({ status, waitMs, message }: RateLimited): Explanation {
  const left = `${Math.ceil(waitMs / 1000)} s`;
  const says =
    status === 418
      ? `this address is banned for ${left} more (${message})`
      : `this address is over its limit, and has to wait ${left} (${message})`;
  return {
    says,
    remedy:
      "Send nothing until then: each request makes a ban longer, up to three days. Then find what asks so much from " +
      "this address: polling that a stream would replace, or retries without a pause.",
  };
}

function refused(error: VenueRejected): Explanation {
  const { venueCode, message, status } = error;
  const known = CODES[venueCode];
  if (known !== undefined) return { says: `${known.says} (${message})`, remedy: ipIn(message) + known.remedy };
  if (status >= 500) return { says: `${message}, HTTP ${status}`, remedy: "Try again in a minute." };
  // Without a code it was not the exchange that answered.
  const remedy = venueCode === 0 ? `Something on the way answers instead of the exchange. ${WHERE}` : "See the code.";
  return { says: `${message}, HTTP ${status}`, remedy };
}

/** The exchange names the address it saw, now and then (*seen*). */
function ipIn(message: string): string {
  const [, ip] = /request ip: ([\d.a-fA-F:]+)/.exec(message) ?? [];
  return ip === undefined ? "" : `The exchange sees this machine as ${ip}. `;
}

function wayTo(message: string): string {
  if (message.includes("ECONNREFUSED"))
    return `Nothing listens there. Is the port right, and the venue running? ${WHERE}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return "The name cannot be resolved. Check the URL and the DNS.";
  if (message.includes("no answer")) return "The connection stands, and nothing comes back. Check the way there.";
  return WHERE;
}

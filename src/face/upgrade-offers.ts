/**
 * Offers to go on in another protocol than websockets. Java's own client offers HTTP/2 with each request over plain
 * HTTP, and so does curl when told to: who does not know the protocol answers the request as if nothing had been
 * offered (RFC 9110, section 7.8). Node hands such a request over half-read, as one that wants to be upgraded. Pure.
 */

/** A request as it came, as far as it was read. */
export interface OfferingRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
}

/** Headers that are about the connection alone, and would offer it again. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set(["connection", "upgrade", "http2-settings"]);

/** Does it want a websocket, and not another protocol? */
export function wantsWebsocket({ upgrade = "" }: { readonly upgrade?: string | undefined }): boolean {
  return upgrade.toLowerCase() === "websocket";
}

/** The head of the same request without the offer, in Latin-1. It is the last one of its connection. */
export function headWithoutOffer({ method = "GET", url = "/", rawHeaders }: OfferingRequest): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (!OF_THE_CONNECTION.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[at + 1]}`);
  }
  return `${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`;
}

/**
 * Keeps strange web pages out. A server without a token has no secret that a page does not know, and a browser lets any
 * page that is open send to 127.0.0.1; but it says whose page it is. Bots say nothing of the kind. Pure.
 *
 * Rules kept here
 * - `Origin`, when there is one, is the server's own (a loopback name and its port) or one that was let in.
 * - `Host`, when there is one, is a loopback name, or the host of an origin that was let in: a name of the internet
 *   that was bent to 127.0.0.1 makes a page the server's own in the eyes of its browser.
 */
import { UsageError } from "../kernel/errors.ts";
import type { HttpAnswer } from "./http-call.ts";

/** What a request says of where it comes from; names in lower case. */
export interface CallerHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly "access-control-request-method"?: string | undefined;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const NO_CONTENT = 204;

/** Is a server on this host heard by this machine only? */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(hostInUrl(host));
}

/** A host as it stands in a URL: `127.0.0.1`, `[::1]`. */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Is it the text of an origin: scheme, host, perhaps a port, nothing behind it; or `null`, as of a page in a file? */
export function isOrigin(text: string): boolean {
  return text === "null" || /^https?:\/\/[\w.-]+(?::\d{1,5})?$|^https?:\/\/\[[\da-f:]+\](?::\d{1,5})?$/i.test(text);
}

/** Who may call one server. */
export class Strangers {
  readonly #port: number;
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;

  /** @param allowed origins that are let in besides the server's own */
  constructor(port: number, allowed: readonly string[]) {
    this.#port = port;
    this.#origins = new Set(allowed.map((origin) => origin.toLowerCase()));
    this.#hosts = new Set([...this.#origins].map((origin) => nameOf(origin.replace(/^https?:\/\//, ""))));
  }

  /** What is wrong with a stranger; `undefined` for everybody else. */
  error(headers: CallerHeaders): UsageError | undefined {
    return this.#hostError(headers.host) ?? this.#originError(headers.origin);
  }

  /** What the browser asks before it lets a page send, answered; `undefined` when the request is none of that. */
  preflight(method: string, headers: CallerHeaders): HttpAnswer | undefined {
    if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return undefined;
    const allowed = {
      "access-control-allow-methods": "GET, POST, PUT, DELETE",
      "access-control-allow-headers": "authorization, content-type, last-event-id, x-mbx-apikey",
    };
    return { status: NO_CONTENT, headers: { ...allowed, ...this.readable(headers) }, body: "" };
  }

  /** The headers by which a browser lets the page read the answer; none for callers that are no pages. */
  readable({ origin }: CallerHeaders): Readonly<Record<string, string>> {
    return origin === undefined ? {} : { "access-control-allow-origin": origin, vary: "origin" };
  }

  #hostError(host: string | undefined): UsageError | undefined {
    if (host === undefined) return undefined;
    const name = nameOf(host.toLowerCase());
    if (LOOPBACK.test(name) || this.#hosts.has(name)) return undefined;
    const remedy = "Call it by 127.0.0.1, or start it with --allow-origin and the origin that has this host.";
    return new UsageError("Host", "a name of this machine, such as 127.0.0.1", host, remedy);
  }

  #originError(text: string | undefined): UsageError | undefined {
    if (text === undefined) return undefined;
    const origin = text.toLowerCase();
    const [, host = "", port = "80"] = /^http:\/\/(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(origin) ?? [];
    if (this.#origins.has(origin) || (LOOPBACK.test(host) && Number(port) === this.#port)) return undefined;
    const remedy = "Pages of other origins are let in by --allow-origin ORIGIN, or the option allowedOrigins.";
    return new UsageError("Origin", `none, or http://127.0.0.1:${this.#port}`, text, remedy);
  }
}

/** A host without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, "");
}

/** Real HTTP, by `undici`. */
import { NetworkError } from "../../kernel/errors.ts";
import type { Http, HttpRequest, HttpResponse } from "../../kernel/ports.ts";

/** From sending to the last byte of the answer, in milliseconds. */
export const REQUEST_MAX_MS = 10_000;

/** Errors that say that nothing was sent. */
const NOT_SENT: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** Sends requests over kept-alive connections. `undici` is loaded with the first of them. */
export const undiciHttp: Http = httpWithin(REQUEST_MAX_MS);

/** The same with another limit, in milliseconds. */
export function httpWithin(requestMaxMs: number): Http {
  return {
    async request({ method, url, headers, body }: HttpRequest): Promise<HttpResponse> {
      const { request } = await import("undici");
      const signal = AbortSignal.timeout(requestMaxMs);
      try {
        const response = await request(url, { method, headers, signal, ...(body === undefined ? {} : { body }) });
        return { status: response.statusCode, headers: flat(response.headers), body: await response.body.text() };
      } catch (error) {
        const code = (error as { code?: unknown }).code;
        const outcome = NOT_SENT.has(code) ? "not-sent" : "unknown";
        const { pathname } = new URL(url);
        throw new NetworkError(`${method} ${pathname}`, reasonOf(error, requestMaxMs), outcome, error);
      }
    },
  };
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) out[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return out;
}

function reasonOf(error: unknown, requestMaxMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError") return `no answer in ${requestMaxMs / 1000} s`;
  return error instanceof Error && error.message !== "" ? error.message : String((error as { code?: unknown }).code);
}

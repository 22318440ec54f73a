/** Requests of Node as the hub sees them: their path, their body, and a token among the protocols. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { HttpCall } from "../../face/http-call.ts";
import { joined, targetOf } from "../../face/io/http-wire.ts";
import { answered } from "../native-answers.ts";

/** Bytes of the body of a request, when nothing else is said. */
const BODY_BYTES_MAX = 64 * 1024;

/** A page cannot give its websocket a header; it names its token among the protocols instead, in base64url. */
const TOKEN_PROTOCOL = "listenkey.bearer.";

/** The protocol that the server chooses, when it is offered. */
export const CHOSEN_PROTOCOL = "listenkey";

/** The path of a request's URL. */
export function pathOf(url: string): string {
  const rest = targetOf(url);
  const mark = rest.indexOf("?");
  return mark === -1 ? rest : rest.slice(0, mark);
}

/** A request without a body. */
export function callOf(request: IncomingMessage): HttpCall {
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  return {
    method: request.method ?? "GET",
    path: pathOf(url),
    query: mark === -1 ? "" : url.slice(mark + 1),
    body: "",
    headers: { ...joined(request.headers), ...tokenAmongProtocols(request.headers) },
    ip: request.socket.remoteAddress ?? "",
  };
}

/** The body of a request; `undefined` when it is too long, or never became whole. The rest of it is not read. */
export async function bodyOf(request: IncomingMessage, bytesMax = BODY_BYTES_MAX): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The answer when it is a bug of ours. */
export const BROKEN = answered(500, { error: { code: "BUG", message: "a bug of the hub" } });

function tokenAmongProtocols(headers: IncomingHttpHeaders): { readonly authorization?: string } {
  if (headers.authorization !== undefined) return {};
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const named = offered.find((name) => name.startsWith(TOKEN_PROTOCOL));
  if (named === undefined) return {};
  return { authorization: `Bearer ${Buffer.from(named.slice(TOKEN_PROTOCOL.length), "base64url").toString("utf8")}` };
}

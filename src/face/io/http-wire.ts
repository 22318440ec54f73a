/** HTTP of Node as the pure files see it, for the servers of hub and venue: headers, URLs, refused sockets, ports. */
import { type IncomingHttpHeaders, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { UsageError } from "../../kernel/errors.ts";
import type { HttpAnswer } from "../http-call.ts";

/**
 * Connections that may wait to be accepted. With Node's 511 a thousand programs that come back together are more than
 * wait, and each of the others knocks again after one second, three, seven. The system may allow fewer (Linux:
 * `net.core.somaxconn`, 4096 unless set).
 */
export const BACKLOG = 4_096;

/** Path and query of a request's URL: a proxy sends the whole one. */
export function targetOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]*/, "") || "/";
}

/** The headers of a request; what was sent several times is joined. */
export function joined(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
}

/** Answers a request that wanted a websocket, and hangs up. */
export function refuseUpgrade(socket: Duplex, { status, headers, body }: HttpAnswer): void {
  const head = Object.entries({ ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    ...head.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once("finish", () => socket.destroy());
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** Why a server does not listen: what the caller can mend is told as such, everything else as it came. */
export function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return error;
  return new UsageError("port", "a free port", port, "Choose another, or 0 for any free one.");
}

/** Lets an error stop the process, like any other bug. */
export function raise(error: unknown): never {
  throw error;
}

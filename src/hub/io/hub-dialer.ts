/** Websockets to a hub, by `ws`: with a token, and with the words of a refusal. */
import { WebSocket } from "ws";
import type { Dialer, Socket, SocketEvents } from "../../kernel/ports.ts";

/** One frame at the most, in bytes: a snapshot holds thousands of orders. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** Of a refusal, so much is read. */
const REFUSAL_BYTES_MAX = 64 * 1024;

/** After our close frame, the hub has this long to answer it before the connection is cut. */
const CLOSE_ANSWER_MAX_MS = 2_000;

/** What `closed` says when no close frame came: the code RFC 6455 keeps for that. */
const NO_CLOSE_FRAME = 1006;

/**
 * Dials with a token, if there is one. When the handshake is refused, `closed` has the HTTP status as code, and the
 * body as reason.
 */
export function hubDialer(token: string | undefined): Dialer {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return { dial: (url, events) => dial(url, headers, events) };
}

function dial(url: string, headers: Record<string, string>, events: SocketEvents): Socket {
  const ws = new WebSocket(url, { headers, perMessageDeflate: false, maxPayload: FRAME_BYTES_MAX });
  let trouble = "";
  let refusal: { readonly status: number; body: string } | undefined;
  ws.on("unexpected-response", (request, response) => {
    const refused = { status: response.statusCode ?? 0, body: "" };
    refusal = refused;
    response.on("data", (data) => {
      if (refused.body.length < REFUSAL_BYTES_MAX) refused.body += String(data);
    });
    response.on("end", () => ws.terminate());
    response.on("error", () => ws.terminate());
    request.on("error", () => {});
  });
  ws.on("error", (error) => {
    trouble = error.message;
  });
  ws.on("open", () => events.opened());
  ws.on("ping", () => events.heard());
  ws.on("message", (data) => {
    events.heard();
    events.frame(String(data));
  });
  let overdue: NodeJS.Timeout | undefined;
  ws.on("close", (code, reason) => {
    clearTimeout(overdue);
    if (refusal !== undefined) events.closed(refusal.status, refusal.body);
    else events.closed(code === 0 ? NO_CLOSE_FRAME : code, reason.length > 0 ? reason.toString() : trouble);
  });
  return {
    send: (text) => ws.readyState === WebSocket.OPEN && ws.send(text),
    ping: () => ws.readyState === WebSocket.OPEN && ws.ping(),
    close(code, reason) {
      if (ws.readyState === WebSocket.CLOSED) return;
      if (ws.readyState === WebSocket.CONNECTING) return ws.terminate();
      ws.close(code, reason.slice(0, 120));
      overdue ??= setTimeout(() => ws.terminate(), CLOSE_ANSWER_MAX_MS);
    },
  };
}

/** The real websockets of the stream, by `ws`. */
import { WebSocket } from "ws";
import type { Dialer, Socket, SocketEvents } from "../../kernel/ports.ts";

/** One frame of the stream at the most, in bytes. Documented events stay far below 100 kB. */
export const FRAME_BYTES_MAX = 8 * 1024 * 1024;
/** After our close frame, the peer has this long to answer it before the connection is cut. */
const CLOSE_ANSWER_MAX_MS = 2_000;
/** What `closed` says when no close frame came: the code RFC 6455 keeps for that. */
const NO_CLOSE_FRAME = 1006;

/** Opens websockets with `ws`: no compression, frames up to {@link FRAME_BYTES_MAX}. */
export const wsDialer: Dialer = {
  dial(url: string, events: SocketEvents): Socket {
    let ws: WebSocket;
    try {
      ws = new WebSocket(url, { perMessageDeflate: false, maxPayload: FRAME_BYTES_MAX });
    } catch {
      // What `ws` says about it holds the whole URL, and so the listenKey.
      setImmediate(() => events.closed(NO_CLOSE_FRAME, "a URL that cannot be dialled"));
      return { send() {}, ping() {}, close() {} };
    }
    let trouble = "";
    ws.on("error", (error) => {
      trouble = error.message;
    });
    ws.on("open", () => events.opened());
    ws.on("ping", () => events.heard());
    ws.on("pong", () => events.heard());
    ws.on("message", (data, isBinary) => {
      events.heard();
      if (isBinary) return;
      // One buffer, as long as nothing else is asked of `ws`.
      const bytes = data as Buffer;
      events.frame(bytes.toString(), bytes);
    });
    let overdue: NodeJS.Timeout | undefined;
    ws.on("close", (code, reason) => {
      clearTimeout(overdue);
      events.closed(code, reason.length > 0 ? reason.toString() : trouble);
    });
    return {
      send(text) {
        if (ws.readyState === WebSocket.OPEN) ws.send(text);
      },
      ping() {
        if (ws.readyState === WebSocket.OPEN) ws.ping();
      },
      close(code, reason) {
        if (ws.readyState === WebSocket.CLOSED) return;
        if (ws.readyState === WebSocket.CONNECTING) return ws.terminate();
        ws.close(code, reason.slice(0, 120));
        overdue ??= setTimeout(() => ws.terminate(), CLOSE_ANSWER_MAX_MS);
      },
    };
  },
};

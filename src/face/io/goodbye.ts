/** How a server's websockets are closed: with a close frame, and cut when nobody answers it. */
import { WebSocket } from "ws";

/** After our close frame the client has this long to answer it before the connection is cut. */
const CLOSE_ANSWER_MAX_MS = 2_000;

/** Close reasons are at most 123 bytes; ours are ASCII. */
const REASON_CHARS_MAX = 123;

/** When a server closes, its sockets have this long to say goodbye. */
export const GOODBYE_MAX_MS = 1_000;

/** Closes a websocket that is open; others are left alone. */
export function closeSocket(ws: WebSocket, code: number, reason: string): void {
  if (ws.readyState !== WebSocket.OPEN) return;
  ws.close(code, reason.slice(0, REASON_CHARS_MAX));
  const overdue = setTimeout(() => ws.terminate(), CLOSE_ANSWER_MAX_MS);
  ws.once("close", () => clearTimeout(overdue));
}

/** Lets `close` close all; those that are not gone after {@link GOODBYE_MAX_MS} are cut. Settles when all are gone. */
export async function sayGoodbye(open: readonly WebSocket[], close: () => void): Promise<void> {
  const gone = Promise.all(open.map((ws) => new Promise((resolve) => ws.once("close", resolve))));
  close();
  const overdue = setTimeout(() => open.forEach((ws) => void ws.terminate()), GOODBYE_MAX_MS);
  await gone;
  clearTimeout(overdue);
}

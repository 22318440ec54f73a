/**
 * Websockets of the page to its hub.
 *
 * A browser shows neither the hub's pings nor why a handshake was refused. So a sign of life is what else the page
 * hears of the hub, as long as that names no record the socket has not brought; and a refused handshake is asked about
 * again by HTTP, which says why.
 */
import type { Dialer, Socket, SocketEvents } from "../../src/kernel/ports.ts";
import { type HubApi, Refusal } from "./hub-api.ts";

/** After our close frame, the hub has this long to answer it. */
const CLOSE_ANSWER_MAX_MS = 2_000;

/** What `closed` says when no close frame came. */
const NO_CLOSE_FRAME = 1006;

/** A dialer that can be told that the hub lives. */
export interface PageDialer extends Dialer {
  /** The hub has answered something else, and knows of nothing that the socket did not bring. */
  alive(): void;
}

/** Dials the hub of the page. @param probe the path that says what is wrong with a cursor, when a handshake fails */
export function pageDialer(api: HubApi, probe: (socketUrl: string) => string): PageDialer {
  let hear = () => {};
  return {
    alive: () => hear(),
    dial(url, events) {
      const socket = dialed(api, url, events, () => probe(url));
      hear = () => events.heard();
      return socket;
    },
  };
}

function dialed(api: HubApi, url: string, events: SocketEvents, probe: () => string): Socket {
  const ws = new WebSocket(url, protocolsOf(api.token));
  let isOver = false;
  let hasOpened = false;
  const over = (code: number, reason: string) => {
    if (isOver) return;
    isOver = true;
    events.closed(code, reason);
  };
  ws.onopen = () => {
    hasOpened = true;
    events.opened();
  };
  ws.onmessage = ({ data }) => {
    if (isOver) return;
    events.heard();
    events.frame(String(data));
  };
  ws.onclose = ({ code, reason }) => {
    if (hasOpened) return over(code, reason);
    void whyRefused(api, probe()).then(([status, why]) => over(status, why));
  };
  return {
    send: (text) => ws.readyState === WebSocket.OPEN && ws.send(text),
    ping() {},
    close() {
      ws.close(1000);
      setTimeout(() => over(NO_CLOSE_FRAME, ""), CLOSE_ANSWER_MAX_MS);
    },
  };
}

async function whyRefused(api: HubApi, path: string): Promise<[number, string]> {
  try {
    await api.text(path);
    return [NO_CLOSE_FRAME, ""];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [error.status ?? NO_CLOSE_FRAME, error.message];
  }
}

/** A page cannot give its websocket a header: the token stands among the protocols. */
function protocolsOf(token: string): string[] {
  if (token === "") return ["listenkey"];
  const bytes = new TextEncoder().encode(token);
  const base64 = btoa(String.fromCharCode(...bytes));
  return ["listenkey", `listenkey.bearer.${base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`];
}

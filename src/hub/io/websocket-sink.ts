/** A consumer's websocket. Frames are written to its socket as they are; `ws` writes its own, whole, in between. */
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { closeSocket } from "../../face/io/goodbye.ts";
import { textFrames } from "../../face/io/text-frames.ts";
import type { ConsumerEnd, ConsumerSink, EndCode, Outgoing } from "../consumer.ts";
import { endText } from "../native-answers.ts";
import { websocketBytes } from "./frames.ts";

/** Pings that may go unanswered, one after the other: a slow consumer has to read what was sent before them first. */
const PINGS_MAX = 3;

/** Close codes. 4000 to 4999 are free for every protocol of its own; 1001, 1008 and 1011 are those of RFC 6455. */
const CLOSE_CODES: Readonly<Record<EndCode, number>> = {
  ACCOUNT_REMOVED: 4004,
  SLOW_CONSUMER: 4008,
  CURSOR_FROM_THE_FUTURE: 4009,
  CURSOR_TOO_OLD: 4010,
  STOPPING: 1001,
  TOO_MANY_FRAMES: 1008,
  JOURNAL_UNREADABLE: 1011,
};

/** Writes to one websocket. */
export class WebsocketSink implements ConsumerSink {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  /** Pings without an answer. */
  #pings = 0;

  /** @param socket what `ws` was given at the upgrade */
  constructor(ws: WebSocket, socket: Duplex) {
    this.#ws = ws;
    this.#socket = socket;
    ws.on("pong", () => {
      this.#pings = 0;
    });
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  send(outgoing: Outgoing): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#socket.write(
      outgoing.is === "records" ? websocketBytes(outgoing.entries) : textFrames([noticeText(outgoing)]),
    );
  }

  /** Pings; one that has answered none of the last ones is cut. */
  beat(): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (this.#pings === PINGS_MAX) return this.#ws.terminate();
    this.#pings++;
    this.#ws.ping();
  }

  end(why: ConsumerEnd): void {
    const { code, cursor } = why;
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#socket.write(textFrames([`{"end":${endText(why)}}`]));
    closeSocket(this.#ws, CLOSE_CODES[code], `${code}; go on with since=${cursor}`);
  }
}

/** What is no record is told apart by its one member. */
function noticeText(outgoing: Exclude<Outgoing, { is: "records" }>): string {
  switch (outgoing.is) {
    case "snapshot":
      return `{"snapshot":${outgoing.text}}`;
    case "dropped":
      return JSON.stringify({ dropped: { from: outgoing.from, to: outgoing.to } });
    case "cursor":
      return JSON.stringify({ cursor: outgoing.seq });
  }
}

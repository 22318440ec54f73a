/**
 * The websockets of bots, by session: carries out what the face wants done with them.
 *
 * Events are written to the socket as they are, and `ws` writes its own frames whole in between, as nothing is
 * compressed. What goes to many sockets is framed once.
 */
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { closeSocket } from "../../face/io/goodbye.ts";
import { textFrames } from "../../face/io/text-frames.ts";
import type { SessionEffect, SessionId } from "../../face/session-effect.ts";
import type { BotSockets } from "../binance-face.ts";
import { eventTexts } from "../bot-streams.ts";
import type { FeedEntry } from "../feed.ts";
import { madeOnce } from "./frames.ts";

/** Bytes that may wait in a socket for a bot that reads slowly; one frame more, and it is cut. */
const UNSENT_BYTES_MAX = 4 * 1024 * 1024;

const bareFrames = madeOnce((entries) => textFrames(eventTexts(entries, undefined)));

interface Line {
  readonly ws: WebSocket;
  readonly socket: Duplex;
}

/** All of them. Sessions that are not known are passed over: their sockets went first. */
export class OpenBotSockets implements BotSockets {
  readonly #lines = new Map<SessionId, Line>();
  /** What was sent last: market streams are sent to one socket after the other. */
  #framed: { readonly text: string; readonly frames: Buffer } = { text: "", frames: Buffer.alloc(0) };

  /** A session's socket has opened. @param socket what `ws` was given at the upgrade */
  add(session: SessionId, ws: WebSocket, socket: Duplex): void {
    this.#lines.set(session, { ws, socket });
  }

  /** A session's socket has closed. */
  remove(session: SessionId): void {
    this.#lines.delete(session);
  }

  /** All that are open. */
  get all(): readonly WebSocket[] {
    return [...this.#lines.values()].map(({ ws }) => ws);
  }

  sendEvents(session: SessionId, entries: readonly FeedEntry[], envelope: string | undefined): void {
    const line = this.#lines.get(session);
    if (line?.ws.readyState !== WebSocket.OPEN) return;
    const frames = envelope === undefined ? bareFrames(entries) : textFrames(eventTexts(entries, envelope));
    if (frames.length > 0) line.socket.write(frames);
  }

  unsentBytes(session: SessionId): number {
    return this.#lines.get(session)?.socket.writableLength ?? 0;
  }

  carryOut(effect: SessionEffect): void {
    const { ws, socket } = this.#lines.get(effect.session) ?? {};
    if (ws?.readyState !== WebSocket.OPEN) return;
    switch (effect.type) {
      case "send":
        if ((socket?.writableLength ?? 0) > UNSENT_BYTES_MAX) ws.terminate();
        else socket?.write(this.#framesOf(effect.text));
        break;
      case "ping":
        ws.ping(effect.payload);
        break;
      case "close":
        closeSocket(ws, effect.code, effect.reason);
        break;
      default:
        ws.terminate();
    }
  }

  #framesOf(text: string): Buffer {
    if (this.#framed.text !== text) this.#framed = { text, frames: textFrames([text]) };
    return this.#framed.frames;
  }
}

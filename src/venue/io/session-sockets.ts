/**
 * The open websockets of a server, by session: carries out what the face wants done with them.
 *
 * A text that goes to many sockets is framed once, and all frames of one turn of the event loop leave a socket in one
 * write: the socket is corked at its first frame and uncorked when the turn ends. `ws` writes its own frames (pong,
 * ping, close) whole to the same socket, and nothing is compressed, so that frames never mix.
 *
 * L7, L12: a socket whose client reads too slowly is cut when {@link UNSENT_BYTES_MAX} wait for it.
 */
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { closeSocket, sayGoodbye } from "../../face/io/goodbye.ts";
import { textFrames } from "../../face/io/text-frames.ts";
import type { SessionEffect, SessionId } from "../../face/session-effect.ts";

/** Bytes that may wait in a socket for a client that reads slowly; one frame more and the socket is cut. */
export const UNSENT_BYTES_MAX = 8 * 1024 * 1024;

interface Line {
  readonly ws: WebSocket;
  readonly socket: Duplex;
  readonly isStream: boolean;
  isCorked: boolean;
}

/** All websockets of one server. Sessions that are not known are ignored: their sockets went first. */
export class SessionSockets {
  readonly #lines = new Map<SessionId, Line>();
  #corked: Line[] = [];

  /** How many are open. */
  get count(): number {
    return this.#lines.size;
  }

  /** A session's socket has opened. @param socket what `ws` was given at the upgrade */
  add(session: SessionId, ws: WebSocket, socket: Duplex, isStream: boolean): void {
    this.#lines.set(session, { ws, socket, isStream, isCorked: false });
  }

  /** A session's socket has closed. */
  remove(session: SessionId): void {
    this.#lines.delete(session);
  }

  /** Carries effects out, in their order. */
  carryOut(effects: readonly SessionEffect[]): void {
    const frames = new Map<string, Buffer>();
    for (const effect of effects) {
      const line = this.#lines.get(effect.session);
      if (line === undefined) continue;
      if (effect.type === "send") {
        const frame = frames.get(effect.text) ?? textFrames([effect.text]);
        frames.set(effect.text, frame);
        this.#write(line, frame);
      } else if (effect.type === "ping") {
        if (line.ws.readyState === WebSocket.OPEN) line.ws.ping(effect.payload);
      } else if (effect.type === "cut") {
        line.ws.terminate();
      } else if (effect.type === "freeze") {
        line.ws.pause();
      } else {
        closeSocket(line.ws, effect.code, effect.reason);
      }
    }
  }

  /** Destroys the sockets of all stream sessions, as a network that fails does. Returns how many. */
  cutStreams(): number {
    const streams = [...this.#lines.values()].filter(({ isStream }) => isStream);
    for (const { ws } of streams) ws.terminate();
    return streams.length;
  }

  /** Closes all. Settles when they are gone. */
  async closeAll(code: number, reason: string): Promise<void> {
    const open = [...this.#lines.values()].map(({ ws }) => ws);
    await sayGoodbye(open, () => {
      for (const ws of open) closeSocket(ws, code, reason);
    });
  }

  #write(line: Line, frame: Buffer): void {
    if (line.ws.readyState !== WebSocket.OPEN) return;
    if (line.socket.writableLength + frame.length > UNSENT_BYTES_MAX) {
      line.ws.terminate();
      return;
    }
    if (!line.isCorked) this.#cork(line);
    line.socket.write(frame);
  }

  #cork(line: Line): void {
    if (this.#corked.length === 0) setImmediate(() => this.#flush());
    line.isCorked = true;
    line.socket.cork();
    this.#corked.push(line);
  }

  #flush(): void {
    const lines = this.#corked;
    this.#corked = [];
    for (const line of lines) {
      line.isCorked = false;
      line.socket.uncork();
    }
  }
}

/**
 * The Binance face on sockets: HTTP by Node, websockets by `ws`. Nothing is decided here: every byte goes to the face,
 * and what it wants done is done, in its order. It stands on the port of {@link HubServer}.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type HttpAnswer, JSON_CONTENT } from "../../face/http-call.ts";
import { sayGoodbye } from "../../face/io/goodbye.ts";
import { raise, refuseUpgrade, targetOf } from "../../face/io/http-wire.ts";
import type { CallerHeaders, Strangers } from "../../face/strangers.ts";
import { errorBody } from "../../protocol/error-codes.ts";
import { WEIGHT_PER_MINUTE } from "../../protocol/limits.ts";
import { BinanceFace, type BinanceFaceDeps, refusalAnswer } from "../binance-face.ts";
import type { RequestRate } from "../request-rate.ts";
import { OpenBotSockets } from "./bot-sockets.ts";
import { BROKEN, bodyOf, callOf, pathOf } from "./http-calls.ts";
import { answer, BODY_BYTES_MAX, Passages, TOO_LARGE } from "./passage.ts";

/** Bytes of one frame of a bot: 1024 names of streams, with room to spare. */
const FRAME_BYTES_MAX = 256 * 1024;

/** Serves bots. */
export class BinanceServer {
  readonly #face: BinanceFace;
  readonly #sockets = new OpenBotSockets();
  readonly #rate: Pick<RequestRate, "take">;
  readonly #strangers: Pick<Strangers, "error" | "preflight" | "readable">;
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
  });
  readonly #passages = new Passages((passage, answered) => this.#face.heed(passage, answered));
  #isClosing = false;

  /**
   * @param strangers who may not call
   * @param rate how often an address may
   */
  constructor(
    deps: Omit<BinanceFaceDeps, "sockets">,
    strangers: Pick<Strangers, "error" | "preflight" | "readable">,
    rate: Pick<RequestRate, "take">,
  ) {
    this.#rate = rate;
    this.#strangers = strangers;
    this.#face = new BinanceFace({ ...deps, sockets: this.#sockets });
  }

  /** Is this URL answered here? */
  owns(url: string): boolean {
    return this.#face.owns(pathOf(url));
  }

  /** Answers one request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    response.on("error", () => {});
    this.#answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(BROKEN.status, BROKEN.headers);
      response.end();
      setImmediate(() => raise(error));
    });
  }

  /** Opens a websocket, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (this.#isClosing) return void socket.destroy();
    const url = targetOf(request.url ?? "/");
    const { ip, headers } = callOf(request);
    const refusal = this.#strangerAnswer(headers) ?? this.#tooOften(ip) ?? this.#face.refusal(url, ip);
    if (refusal !== undefined) return refuseUpgrade(socket, refusal);
    this.#upgrader.handleUpgrade(request, socket, head, (ws) => {
      const session = this.#face.open(url, ip, (name) => this.#sockets.add(name, ws, socket));
      this.#listenTo(session, ws, socket);
    });
  }

  /** Tokens or bots are others now: those that are good no more are sent away. */
  recheck(): void {
    this.#face.recheck();
  }

  /** Says goodbye to every socket. Settles when all are gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await sayGoodbye(this.#sockets.all, () => this.#face.close());
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = callOf(request);
    const turned = this.#strangerAnswer(call.headers) ?? this.#strangers.preflight(call.method, call.headers);
    if (turned !== undefined) return answer(response, turned);
    const tooOften = this.#tooOften(call.ip);
    if (tooOften !== undefined) return answer(response, tooOften, this.#strangers.readable(call.headers));
    const extra = this.#strangers.readable(call.headers);
    const isRead = this.#face.readsBody(call);
    const body = isRead ? await bodyOf(request, BODY_BYTES_MAX) : undefined;
    if (isRead && body === undefined) return answer(response, TOO_LARGE, extra);
    const reply = this.#face.http(call, body);
    if ("status" in reply) {
      request.resume();
      return answer(response, reply, extra);
    }
    await this.#passages.carry(reply, request, response, extra);
  }

  #tooOften(ip: string): HttpAnswer | undefined {
    const waitMs = this.#rate.take(ip);
    if (waitMs === undefined) return undefined;
    return refusalAnswer({ status: 429, error: errorBody(-1003, WEIGHT_PER_MINUTE), waitMs });
  }

  #strangerAnswer(headers: CallerHeaders): HttpAnswer | undefined {
    const error = this.#strangers.error(headers);
    if (error === undefined) return undefined;
    const { code } = errorBody(-1002);
    const body = JSON.stringify({ code, msg: `${error.message}. ${error.remedy ?? ""}`.trim() });
    return { status: 403, headers: { "content-type": JSON_CONTENT }, body };
  }

  #listenTo(session: string, ws: WebSocket, socket: Duplex): void {
    ws.on("message", (data) => this.#face.onText(session, String(data)));
    ws.on("ping", () => this.#face.onPing(session));
    ws.on("pong", (payload) => this.#face.onPong(session, String(payload)));
    // A frame that breaks the protocol: `ws` closes the socket itself, and `close` follows.
    ws.on("error", () => {});
    ws.on("close", () => {
      this.#sockets.remove(session);
      this.#face.onClosed(session);
    });
    socket.on("drain", () => this.#face.drained(session));
  }
}

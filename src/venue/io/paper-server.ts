/**
 * The paper venue on a port: HTTP by `fastify`, websockets by `ws`, one timer for whatever is due next. Nothing is
 * decided here: every byte goes to the venue, and what it wants done is done, in its order.
 */
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import { BACKLOG, joined, listenError, raise, refuseUpgrade, targetOf } from "../../face/io/http-wire.ts";
import { hostInUrl, isLoopback, Strangers } from "../../face/strangers.ts";
import { headWithoutOffer, wantsWebsocket } from "../../face/upgrade-offers.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { Cancel, Clock } from "../../kernel/ports.ts";
import type { Moment } from "../moment.ts";
import { type PaperVenue, WS_API_PATH } from "../paper-venue.ts";
import { strangerAnswer } from "../stranger-answer.ts";
import { SessionSockets } from "./session-sockets.ts";

/** Bytes of one HTTP body; the longest documented one, a batch of orders, stays below 10 kB. */
const BODY_BYTES_MAX = 1024 * 1024;

/** Bytes of one frame of a client: 1024 names of streams, with room to spare. */
const FRAME_BYTES_MAX = 256 * 1024;

/** Connections of all kinds that are open at once; more are not accepted. */
const CONNECTIONS_MAX = 20_000;

/** A request that is not whole after this long is dropped. */
const REQUEST_WAIT_MAX_MS = 30_000;

/** The close code of a server that goes away (RFC 6455). */
const GOING_AWAY = 1001;

/** Where to listen, and by which clock. */
export interface ServerSettings {
  readonly clock: Clock;
  /** 0: any free one. */
  readonly port: number;
  /** An address of this machine's loopback. */
  readonly host: string;
  /** Origins of web pages that may call, besides the venue's own; none when absent. */
  readonly allowedOrigins?: readonly string[];
  /** Another server that shares the port. */
  readonly beside?: Neighbour;
}

/** Answers some of the paths of a port that it shares. */
export interface Neighbour {
  /** Is this URL, or path and query, answered there? */
  owns(url: string): boolean;
  /** Called once, with the port. */
  standsOn(port: number): void;
  /** Answers one request. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Opens a websocket, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** A server that listens. */
export interface ListeningServer {
  readonly port: number;
  /** As it stands in a URL: `127.0.0.1`, `[::1]`. */
  readonly host: string;
  cutSockets(): number;
  close(): Promise<void>;
}

/** What the server asks of a venue; {@link PaperVenue} is one. */
export type ServedVenue = Pick<
  PaperVenue,
  "http" | "open" | "onText" | "onPing" | "onPong" | "onClosed" | "takeEffects" | "nextDeadline" | "due"
>;

/**
 * Puts a venue on a port.
 * @throws {UsageError} when the host is not on the loopback, or the port cannot be had
 */
export async function serveVenue(venue: ServedVenue, settings: ServerSettings): Promise<ListeningServer> {
  const host = loopback(settings.host);
  const server = new PaperServer(venue, settings);
  const port = await server.listen(host, settings.port);
  return {
    port,
    host: hostInUrl(host),
    cutSockets: () => server.cutSockets(),
    close: () => server.close(),
  };
}

/** The venue has no tokens that would keep strangers out, so strangers must not be able to knock. */
function loopback(host: string): string {
  if (isLoopback(host)) return host === "localhost" ? "127.0.0.1" : host;
  throw new UsageError("host", "an address of this machine, such as 127.0.0.1", host, "Leave the host as it is.");
}

class PaperServer {
  readonly #venue: ServedVenue;
  readonly #clock: Clock;
  readonly #http: FastifyInstance;
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
  });
  readonly #sockets = new SessionSockets();
  #alarm: { readonly at: number; readonly cancel: Cancel } | undefined;
  readonly #allowedOrigins: readonly string[];
  #strangers: Strangers;
  readonly #beside: Neighbour | undefined;
  #isClosing = false;

  constructor(venue: ServedVenue, { clock, allowedOrigins = [], beside }: ServerSettings) {
    this.#venue = venue;
    this.#clock = clock;
    this.#beside = beside;
    this.#allowedOrigins = allowedOrigins;
    this.#strangers = new Strangers(0, allowedOrigins);
    this.#http = fastify({
      bodyLimit: BODY_BYTES_MAX,
      requestTimeout: REQUEST_WAIT_MAX_MS,
      forceCloseConnections: true,
      exposeHeadRoutes: false,
      rewriteUrl: (request) => setAside(request),
    });
    this.#route();
  }

  async listen(host: string, port: number): Promise<number> {
    try {
      await this.#http.listen({ host, port, backlog: BACKLOG });
    } catch (error) {
      throw listenError(error as NodeJS.ErrnoException, port);
    }
    this.#arm();
    const listening = (this.#http.server.address() as AddressInfo).port;
    this.#strangers = new Strangers(listening, this.#allowedOrigins);
    this.#beside?.standsOn(listening);
    return listening;
  }

  cutSockets(): number {
    return this.#sockets.cutStreams();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#alarm?.cancel();
    const closed = this.#http.close();
    await this.#sockets.closeAll(GOING_AWAY, "The server is closing");
    await closed;
  }

  #route(): void {
    const app = this.#http;
    // Signatures are made over the text as it was sent, so that no parser may touch it, whatever it claims to be.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
    const answer = (request: FastifyRequest, reply: FastifyReply) => {
      const { url, headers } = asSent(request.raw);
      const stranger = this.#strangers.error(headers);
      const turned =
        stranger === undefined ? this.#strangers.preflight(request.method, headers) : strangerAnswer(stranger, url);
      if (turned !== undefined) return reply.code(turned.status).headers(turned.headers).send(turned.body);
      const mark = url.indexOf("?");
      const answered = this.#turn((now) =>
        this.#venue.http(
          {
            method: request.method,
            path: mark === -1 ? url : url.slice(0, mark),
            query: mark === -1 ? "" : url.slice(mark + 1),
            body: typeof request.body === "string" ? request.body : "",
            headers: joined(headers),
            ip: request.ip,
          },
          now,
        ),
      );
      return reply
        .code(answered.status)
        .headers({ ...answered.headers, ...this.#strangers.readable(headers) })
        .send(answered.body);
    };
    app.all("/", answer);
    // A method that no route knows is the venue's to refuse as well.
    app.setNotFoundHandler(answer);
    app.setErrorHandler((error: FastifyError, _request, reply) => {
      const status = error.statusCode ?? 500;
      // What the venue throws is a bug of ours: it is answered, and then stops the process like any other.
      if (status >= 500) setImmediate(() => raise(error));
      return reply.code(status).send({ code: -1000, msg: status >= 500 ? "Internal error." : error.message });
    });
    app.server.maxConnections = CONNECTIONS_MAX;
    this.#shareWith(app.server);
    app.server.on("upgrade", (request, socket, head) => {
      if (wantsWebsocket(request.headers)) return this.#upgrade(request, socket, head);
      socket.unshift(Buffer.concat([Buffer.from(headWithoutOffer(request), "latin1"), head]));
      app.server.emit("connection", socket);
    });
  }

  /** What the neighbour answers, the framework is not asked. */
  #shareWith(server: Server): void {
    const beside = this.#beside;
    if (beside === undefined) return;
    const listeners = server.listeners("request") as ((request: IncomingMessage, response: ServerResponse) => void)[];
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      if (beside.owns(request.url ?? "/")) beside.handle(request, response);
      else for (const listener of listeners) listener(request, response);
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (this.#isClosing) {
      socket.destroy();
      return;
    }
    const url = request.url ?? "/";
    if (this.#beside?.owns(url) === true) return this.#beside.upgrade(request, socket, head);
    const stranger = this.#strangers.error(request.headers);
    if (stranger !== undefined) {
      refuseUpgrade(socket, strangerAnswer(stranger, url));
      return;
    }
    const opened = this.#venue.open(url, request.socket.remoteAddress ?? "", this.#now());
    if (opened.outcome === "refused") {
      refuseUpgrade(socket, opened.response);
      return;
    }
    const { session } = opened;
    let ws: WebSocket | undefined;
    this.#upgrader.handleUpgrade(request, socket, head, (upgraded) => {
      ws = upgraded;
      this.#sockets.add(session, upgraded, socket, url.split("?")[0] !== WS_API_PATH);
      this.#listenTo(session, upgraded);
    });
    // A handshake that is none was answered by `ws` already.
    this.#turn((now) => ws === undefined && this.#venue.onClosed(session, now));
  }

  #listenTo(session: string, ws: WebSocket): void {
    ws.on("message", (data) => this.#turn((now) => this.#venue.onText(session, String(data), now)));
    ws.on("ping", () => this.#turn((now) => this.#venue.onPing(session, now)));
    ws.on("pong", (payload) => this.#turn((now) => this.#venue.onPong(session, String(payload), now)));
    // A frame that breaks the protocol: `ws` closes the socket itself, and `close` follows.
    ws.on("error", () => {});
    ws.on("close", () => {
      this.#sockets.remove(session);
      this.#turn((now) => this.#venue.onClosed(session, now));
    });
  }

  /** One input, then everything that follows from it. */
  #turn<T>(input: (now: Moment) => T): T {
    const result = input(this.#now());
    this.#sockets.carryOut(this.#venue.takeEffects());
    this.#arm();
    return result;
  }

  /**
   * Sets the alarm for the earliest deadline. One that was set for earlier is left: it will find nothing and set anew.
   */
  #arm(): void {
    if (this.#isClosing) return;
    const now = this.#now();
    const next = this.#venue.nextDeadline(now);
    const at = next === undefined ? Number.POSITIVE_INFINITY : now.monotonic + next.inMs;
    if (next === undefined || (this.#alarm !== undefined && this.#alarm.at <= at)) return;
    this.#alarm?.cancel();
    const ring = () => {
      this.#alarm = undefined;
      this.#turn((then) => this.#venue.due(then));
    };
    this.#alarm = { at, cancel: this.#clock.wake(at as Moment["monotonic"], next.why, ring) };
  }

  #now(): Moment {
    return { wall: this.#clock.wall(), monotonic: this.#clock.now() };
  }
}

const SENT = new WeakMap<IncomingMessage, { readonly url: string; readonly headers: IncomingHttpHeaders }>();

/**
 * Keeps what a request says of itself for the venue, and hides it from the framework, which would answer a strange path
 * or content type in words that no client of Binance knows. Returns the path of the one route there is.
 */
function setAside(request: IncomingMessage): string {
  const url = targetOf(request.url ?? "/");
  SENT.set(request, { url, headers: { ...request.headers } });
  if (request.headers["content-type"] !== undefined) request.headers["content-type"] = "text/plain";
  return "/";
}

function asSent(request: IncomingMessage): { readonly url: string; readonly headers: IncomingHttpHeaders } {
  return SENT.get(request) ?? { url: request.url ?? "/", headers: request.headers };
}

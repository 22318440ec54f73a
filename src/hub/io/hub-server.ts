/**
 * The native face on sockets: HTTP by Node, websockets by `ws`. Nothing is decided here: every request goes to the
 * face, and every open stream is a consumer of the hub.
 *
 * It listens on a port of its own, or stands beside another server on that server's port: see {@link HubServer.owns}.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer, Server as SecureServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { HttpCall } from "../../face/http-call.ts";
import { GOODBYE_MAX_MS } from "../../face/io/goodbye.ts";
import { BACKLOG, listenError, raise, refuseUpgrade } from "../../face/io/http-wire.ts";
import { type CallerHeaders, hostInUrl, isLoopback, Strangers } from "../../face/strangers.ts";
import { headWithoutOffer, wantsWebsocket } from "../../face/upgrade-offers.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { Access, Scope } from "../access.ts";
import type { Administration } from "../administration.ts";
import type { BinanceFaceDeps } from "../binance-face.ts";
import type { Consumer, ConsumerSink } from "../consumer.ts";
import type { Hub } from "../hub.ts";
import { refused } from "../native-answers.ts";
import { NativeFace, type NativeFaceDeps, type Opening } from "../native-face.ts";
import { describeFace, type MorePaths } from "../openapi.ts";
import type { RequestRate } from "../request-rate.ts";
import { BinanceServer } from "./binance-server.ts";
import type { DashboardFiles } from "./dashboard-files.ts";
import { EVENTS_HEADERS, EventsSink } from "./events-sink.ts";
import { BROKEN, bodyOf, CHOSEN_PROTOCOL, callOf, pathOf } from "./http-calls.ts";
import { WebsocketSink } from "./websocket-sink.ts";

/** Bytes of one message of a consumer: it has nothing to say. */
const FRAME_BYTES_MAX = 1024;

/** Frames of one message: only whole messages are told of, and empty frames make none. */
const FRAGMENTS_MAX = 8;

/** Connections of all kinds that are open at once; more are not accepted. */
const CONNECTIONS_MAX = 25_000;

/** How long the server waits for its callers, in milliseconds. */
export interface ServerPatience {
  /** From a connection, or the last answer on it, to a whole head. */
  readonly headMs: number;
  /** To a whole request. */
  readonly requestMs: number;
  /** Without anything sent, or taken of what is sent. */
  readonly stillMs: number;
}

/** Consumers of events hear something every 15 seconds. */
const PATIENCE: ServerPatience = { headMs: 10_000, requestMs: 30_000, stillMs: 60_000 };

/** What a hub's server is made of. */
export interface HubServerSettings {
  readonly hub: Hub;
  readonly access: Access;
  readonly rate: RequestRate;
  /** Of listenkey. */
  readonly version: string;
  /** Origins of web pages that may call, besides the server's own; none when absent. */
  readonly allowedOrigins?: readonly string[];
  /** What changes the hub while it runs; when absent nothing does. */
  readonly administration?: Administration;
  /** The hub in numbers; when absent nobody counts. */
  readonly metrics?: NonNullable<NativeFaceDeps["metrics"]>;
  /** What is shown to people at `/`; nothing when absent. */
  readonly dashboard?: DashboardFiles | undefined;
  /** What else the port answers, described as OpenAPI describes paths. */
  readonly morePaths?: MorePaths;
  /** The usual one when absent. */
  readonly patience?: ServerPatience;
  /** How bots are served, on a port of the hub's own; they are not when absent. */
  readonly binance?: BinanceSettings;
}

/** How bots are served. */
export type BinanceSettings = Omit<BinanceFaceDeps, "hub" | "attempts" | "sockets">;

/** A certificate and its key, in PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** A hub that listens. */
export interface ListeningHub {
  /** Base of all paths: `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
}

/** Serves one hub. */
export class HubServer {
  readonly #settings: HubServerSettings;
  readonly #face: NativeFace;
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    maxFragments: FRAGMENTS_MAX,
    // Pings are counted before they are answered: `ws` would cut a burst of them without a word.
    autoPong: false,
    handleProtocols: (offered) => offered.has(CHOSEN_PROTOCOL) && CHOSEN_PROTOCOL,
  });
  #server: Server | undefined;
  #strangers: Strangers;
  readonly #responses = new Set<ServerResponse>();
  /** By what each consumer was let in. */
  readonly #scopes = new Map<Consumer, Scope>();
  readonly #binance: BinanceServer | undefined;
  #isClosing = false;

  constructor(settings: HubServerSettings) {
    this.#settings = settings;
    this.#strangers = new Strangers(0, settings.allowedOrigins ?? []);
    const { hub, access, rate, administration, metrics, version, morePaths, binance } = settings;
    this.#binance =
      binance &&
      new BinanceServer(
        { ...binance, hub, attempts: access.attempts },
        {
          error: (headers) => this.#strangerError(headers),
          preflight: (...call) => this.#strangers.preflight(...call),
          readable: (headers) => this.#strangers.readable(headers),
        },
        rate,
      );
    this.#face = new NativeFace({
      hub,
      access,
      rate,
      strangers: { error: (headers) => this.#strangerError(headers) },
      administration,
      metrics,
      description: describeFace(version, morePaths),
    });
  }

  /** Is this URL answered here? */
  owns(url: string): boolean {
    const path = pathOf(url);
    return this.#face.owns(path) || this.#settings.dashboard?.has(path) === true;
  }

  /** The port that pages of this server's own come from, when another server has it. */
  standsOn(port: number): void {
    this.#strangers = new Strangers(port, this.#settings.allowedOrigins ?? []);
  }

  /**
   * Listens on a port of its own, over TLS when there is a certificate.
   * @throws {UsageError} when others could knock and no token is set, the port cannot be had, or the certificate is no
   *   certificate
   */
  async listen(host: string, port: number, tls?: TlsFiles): Promise<ListeningHub> {
    if (!this.#settings.access.isGuarded) mustBeLoopback(host);
    const server = serverOver(tls, this.#settings.patience ?? PATIENCE);
    server.maxConnections = CONNECTIONS_MAX;
    server.on("request", (request, response) => this.#serverOf(request).handle(request, response));
    server.on("upgrade", (request, socket, head) => {
      if (wantsWebsocket(request.headers)) return this.#serverOf(request).upgrade(request, socket, head);
      socket.unshift(Buffer.concat([Buffer.from(headWithoutOffer(request), "latin1"), head]));
      server.emit(tls === undefined ? "connection" : "secureConnection", socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
      server.listen({ host, port, backlog: BACKLOG }, resolve);
    });
    this.#server = server;
    const listening = (server.address() as AddressInfo).port;
    this.standsOn(listening);
    return { url: `${tls === undefined ? "http" : "https"}://${hostInUrl(host)}:${listening}`, port: listening };
  }

  /**
   * Shows another certificate from the next handshake on; connections that are open stay. Without TLS it does nothing.
   * @throws {UsageError} when it is none; then the one there was stays
   */
  renewCertificate(tls: TlsFiles): void {
    const server = this.#server;
    if (server instanceof SecureServer) mustBeCertificate(() => server.setSecureContext(tls));
  }

  /** Answers one request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    response.on("error", () => {});
    const call = callOf(request);
    const { dashboard } = this.#settings;
    if (dashboard?.has(call.path) === true && this.#strangerError(call.headers) === undefined) {
      return dashboard.answer(call.path, request, response);
    }
    const isStream = this.#face.streams(call.path) && (call.method === "GET" || call.method === "HEAD");
    const answering = isStream ? this.#stream(call, response) : this.#answer(call, request, response);
    answering.catch((error: unknown) => this.#broken(error, response));
  }

  /** Opens a websocket, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (this.#isClosing) return void socket.destroy();
    const call = callOf(request);
    this.#face.open(call, "websocket").then(
      (opening) => {
        if (opening.outcome === "refused") return refuseUpgrade(socket, opening.answer);
        this.#upgrader.handleUpgrade(request, socket, head, (ws) => {
          const consumer = this.#connect(opening, new WebsocketSink(ws, socket), "websocket", call);
          ws.on("error", () => {});
          for (const frame of ["message", "ping", "pong"]) ws.on(frame, () => this.#settings.hub.heard(consumer));
          ws.on("ping", (payload) => ws.pong(payload));
          ws.on("close", () => this.#disconnected(consumer));
          socket.on("drain", () => consumer.drained());
          consumer.begin();
        });
      },
      (error: unknown) => {
        refuseUpgrade(socket, BROKEN);
        setImmediate(() => raise(error));
      },
    );
  }

  /** The tokens are others now: consumers whose token is good no more are sent away, and so are bots. */
  recheck(): void {
    const { access, hub } = this.#settings;
    for (const [consumer, scope] of this.#scopes) if (!access.grants(scope)) hub.dismiss(consumer);
    this.#binance?.recheck();
  }

  /** Ends all streams and stops listening. Called after the hub was closed, nobody hears of it but strays. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => {
      if (this.#server === undefined) resolve();
      else this.#server.close(() => resolve());
    });
    const overdue = setTimeout(() => {
      for (const ws of this.#upgrader.clients) ws.terminate();
      for (const response of this.#responses) response.destroy();
      this.#server?.closeAllConnections();
    }, GOODBYE_MAX_MS);
    this.#server?.closeIdleConnections();
    await Promise.all([
      closed,
      this.#binance?.close(),
      ...[...this.#upgrader.clients].map(gone),
      ...[...this.#responses].map(gone),
    ]);
    clearTimeout(overdue);
  }

  #connect(
    { account, wish, scope }: Extract<Opening, { outcome: "open" }>,
    sink: ConsumerSink,
    over: "websocket" | "events",
    { ip }: HttpCall,
  ): Consumer {
    const consumer = this.#settings.hub.connect(account, wish, sink, { over, address: ip });
    this.#scopes.set(consumer, scope);
    return consumer;
  }

  #disconnected(consumer: Consumer): void {
    this.#scopes.delete(consumer);
    this.#settings.hub.disconnected(consumer);
  }

  /** On a port of its own there are two faces. */
  #serverOf({ url = "/" }: IncomingMessage): Pick<HubServer, "handle" | "upgrade"> {
    return this.#binance?.owns(url) === true ? this.#binance : this;
  }

  /** With tokens the server may have any name: then a page is its own when it has the name it was called by. */
  #strangerError(headers: CallerHeaders): UsageError | undefined {
    const { access, allowedOrigins = [] } = this.#settings;
    if (!access.isGuarded) return this.#strangers.error(headers);
    const { origin, host } = headers;
    if (origin === undefined || allowedOrigins.includes(origin)) return undefined;
    if (host !== undefined && origin.toLowerCase().replace(/^https?:\/\//, "") === host.toLowerCase()) return undefined;
    return new UsageError("Origin", "none, the server's own, or one that was let in", origin);
  }

  async #answer(call: HttpCall, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const preflight = this.#strangers.preflight(call.method, call.headers);
    const isWelcome = preflight !== undefined && this.#strangerError(call.headers) === undefined;
    const sent = await bodyOf(request);
    if (sent === undefined) response.shouldKeepAlive = false;
    const answer =
      sent === undefined ? TOO_LONG : isWelcome ? preflight : await this.#face.answer({ ...call, body: sent });
    const { status, headers, body } = answer;
    response.writeHead(status, { ...headers, ...this.#strangers.readable(call.headers) });
    response.end(call.method === "HEAD" || body === "" ? undefined : body);
  }

  async #stream(call: HttpCall, response: ServerResponse): Promise<void> {
    const opening = await this.#face.open(call, "events");
    const readable = this.#strangers.readable(call.headers);
    const isHead = call.method === "HEAD";
    if (opening.outcome === "refused") {
      const { status, headers, body } = opening.answer;
      response.writeHead(status, { ...headers, ...readable });
      response.end(isHead ? undefined : body);
      return;
    }
    if (isHead) return void response.writeHead(200, { ...EVENTS_HEADERS, ...readable }).end();
    if (response.destroyed || this.#isClosing) return void response.destroy();
    const consumer = this.#connect(opening, new EventsSink(response, readable), "events", call);
    this.#responses.add(response);
    response.on("drain", () => consumer.drained());
    response.on("close", () => {
      this.#responses.delete(response);
      this.#disconnected(consumer);
    });
    consumer.begin();
  }

  /** What the face throws is a bug of ours: it is answered, and then stops the process like any other. */
  #broken(error: unknown, response: ServerResponse): void {
    if (!response.headersSent) response.writeHead(BROKEN.status, BROKEN.headers);
    response.end();
    setImmediate(() => raise(error));
  }
}

function serverOver(tls: TlsFiles | undefined, { headMs, requestMs, stillMs }: ServerPatience): Server {
  const options = {
    headersTimeout: headMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: headMs / 4,
    maxHeaderSize: 16_384,
  };
  const server =
    tls === undefined ? createServer(options) : secureServer({ ...options, ...tls, handshakeTimeout: headMs });
  server.timeout = stillMs;
  return server;
}

function secureServer(options: ServerOptions): Server {
  return mustBeCertificate(() => createSecureServer(options));
}

function mustBeCertificate<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new UsageError("tls", "a certificate and its key, in PEM", (error as Error).message);
  }
}

const TOO_LONG = refused(413, "BAD_BODY", new UsageError("body", "at most 64 kB", "more, or not all of it"));

function gone(one: { once(event: "close", listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => one.once("close", () => resolve()));
}

/** @throws {UsageError} when others than this machine could knock: without tokens nobody keeps them out */
export function mustBeLoopback(host: string): void {
  if (isLoopback(host)) return;
  const expected = "an address of this machine, such as 127.0.0.1, while no token is set";
  throw new UsageError("host", expected, host, "Set a token (LISTENKEY_TOKEN), or leave the host as it is.");
}

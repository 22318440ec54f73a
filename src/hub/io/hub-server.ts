/**
 * The native face on sockets: HTTP by Node, websockets by `ws`. Nothing is decided here: every request goes to the
 * face, and every open stream is a consumer of the hub.
 *
 * It listens on a port of its own, or stands beside another server on that server's port: see {@link HubServer.owns}.
 */

import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { HttpAnswer, HttpCall } from "../../face/http-call.ts";
import { type CallerHeaders, Strangers } from "../../face/strangers.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/ports.ts";
import type { Access } from "../access.ts";
import type { Hub } from "../hub.ts";
import { answered } from "../native-answers.ts";
import { NativeFace } from "../native-face.ts";
import { EventsSink } from "./events-sink.ts";
import { WebsocketSink } from "./websocket-sink.ts";

/** Bytes of one frame of a consumer: it has nothing to say. */
const FRAME_BYTES_MAX = 1024;

/** Connections of all kinds that are open at once; more are not accepted. */
const CONNECTIONS_MAX = 25_000;

/** A request that is not whole after this long is dropped. */
const REQUEST_WAIT_MAX_MS = 30_000;

/** When the server closes, its consumers have this long to say goodbye. */
const GOODBYE_MAX_MS = 1_000;

/** What a hub's server is made of. */
export interface HubServerSettings {
  readonly hub: Hub;
  readonly access: Access;
  readonly log: Log;
  /** Origins of web pages that may call, besides the server's own; none when absent. */
  readonly allowedOrigins?: readonly string[];
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
  });
  #server: Server | undefined;
  #strangers: Strangers;
  readonly #responses = new Set<ServerResponse>();
  #isClosing = false;

  constructor(settings: HubServerSettings) {
    this.#settings = settings;
    this.#strangers = new Strangers(0, settings.allowedOrigins ?? []);
    const { hub, access } = settings;
    this.#face = new NativeFace({ hub, access, strangers: { error: (headers) => this.#strangerError(headers) } });
  }

  /** Is this URL answered here? */
  owns(url: string): boolean {
    return this.#face.owns(pathOf(url));
  }

  /** The port that pages of this server's own come from, when another server has it. */
  standsOn(port: number): void {
    this.#strangers = new Strangers(port, this.#settings.allowedOrigins ?? []);
  }

  /**
   * Listens on a port of its own.
   * @throws {UsageError} when others could knock and no token is set, or the port cannot be had
   */
  async listen(host: string, port: number): Promise<ListeningHub> {
    if (!isLoopback(host) && !this.#settings.access.isGuarded) {
      const remedy = "Set a token (LISTENKEY_TOKEN), or leave the host as it is.";
      throw new UsageError(
        "host",
        "an address of this machine, such as 127.0.0.1, while no token is set",
        host,
        remedy,
      );
    }
    const server = createServer({ requestTimeout: REQUEST_WAIT_MAX_MS, maxHeaderSize: 16_384 });
    server.maxConnections = CONNECTIONS_MAX;
    server.on("request", (request, response) => this.handle(request, response));
    server.on("upgrade", (request, socket, head) => this.upgrade(request, socket, head));
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        const isTaken = error.code === "EADDRINUSE" || error.code === "EACCES";
        const remedy = "Choose another, or 0 for any free one.";
        reject(isTaken ? new UsageError("port", "a free port", port, remedy) : error);
      });
      server.listen({ host, port }, resolve);
    });
    this.#server = server;
    const listening = (server.address() as AddressInfo).port;
    this.standsOn(listening);
    return { url: `http://${host.includes(":") ? `[${host}]` : host}:${listening}`, port: listening };
  }

  /** Answers one request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    response.on("error", () => {});
    // Nothing that is asked here has a body worth reading.
    request.resume();
    const call = callOf(request);
    const answering =
      this.#face.streams(call.path) && call.method === "GET"
        ? this.#stream(call, response)
        : this.#answer(call, response);
    answering.catch((error: unknown) => this.#broken(error, response));
  }

  /** Opens a websocket, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (this.#isClosing) return void socket.destroy();
    const call = callOf(request);
    this.#face.open(call, "websocket").then(
      (opening) => {
        if (opening.outcome === "refused") return refuse(socket, opening.answer);
        this.#upgrader.handleUpgrade(request, socket, head, (ws) => {
          const consumer = this.#settings.hub.connect(opening.account, opening.wish, new WebsocketSink(ws, socket));
          ws.on("error", () => {});
          ws.on("close", () => this.#settings.hub.disconnected(consumer));
          socket.on("drain", () => consumer.drained());
          consumer.begin();
        });
      },
      (error: unknown) => {
        refuse(socket, BROKEN);
        setImmediate(() => raise(error));
      },
    );
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
    await Promise.all([closed, ...[...this.#upgrader.clients].map(gone), ...[...this.#responses].map(gone)]);
    clearTimeout(overdue);
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

  async #answer(call: HttpCall, response: ServerResponse): Promise<void> {
    const preflight = this.#strangers.preflight(call.method, call.headers);
    const isWelcome = preflight !== undefined && this.#strangerError(call.headers) === undefined;
    const { status, headers, body } = isWelcome ? preflight : await this.#face.answer(call);
    response.writeHead(status, { ...headers, ...this.#strangers.readable(call.headers) });
    response.end(call.method === "HEAD" || body === "" ? undefined : body);
  }

  async #stream(call: HttpCall, response: ServerResponse): Promise<void> {
    const { hub } = this.#settings;
    const opening = await this.#face.open(call, "events");
    const readable = this.#strangers.readable(call.headers);
    if (opening.outcome === "refused") {
      const { status, headers, body } = opening.answer;
      response.writeHead(status, { ...headers, ...readable });
      response.end(body);
      return;
    }
    if (response.destroyed || this.#isClosing) return void response.destroy();
    const consumer = hub.connect(opening.account, opening.wish, new EventsSink(response, readable));
    this.#responses.add(response);
    response.on("drain", () => consumer.drained());
    response.on("close", () => {
      this.#responses.delete(response);
      hub.disconnected(consumer);
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

const BROKEN = answered(500, { error: { code: "BUG", message: "a bug of the hub" } });

function raise(error: unknown): never {
  throw error;
}

function gone(one: { once(event: "close", listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => one.once("close", () => resolve()));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** A proxy sends the whole URL. */
function pathOf(url: string): string {
  const rest = url.replace(/^https?:\/\/[^/?#]*/, "") || "/";
  const mark = rest.indexOf("?");
  return mark === -1 ? rest : rest.slice(0, mark);
}

function callOf(request: IncomingMessage): HttpCall {
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  return {
    method: request.method ?? "GET",
    path: pathOf(url),
    query: mark === -1 ? "" : url.slice(mark + 1),
    body: "",
    headers: joined(request.headers),
    ip: request.socket.remoteAddress ?? "",
  };
}

function joined(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
}

function refuse(socket: Duplex, { status, headers, body }: HttpAnswer): void {
  const head = Object.entries({ ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    ...head.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once("finish", () => socket.destroy());
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

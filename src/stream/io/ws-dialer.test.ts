import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket as TcpSocket } from "node:net";
import { type TestContext, test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import type { SocketEvents } from "../../kernel/ports.ts";
import { FRAME_BYTES_MAX, wsDialer } from "./ws-dialer.ts";

test("a socket opens, delivers whole frames in order, and sends", async (t) => {
  const server = await serve(t);
  const heard = new Heard();
  const socket = wsDialer.dial(`${server.url}/private/ws/abc`, heard);
  socket.send("too early: dropped");
  socket.ping();
  assert.equal(heard.all.length, 0);
  const peer = await server.accepted();
  await heard.until("opened");
  assert.equal(peer.path, "/private/ws/abc");
  for (const text of ["one", "币安", "", "x".repeat(200_000)]) peer.ws.send(text);
  peer.ws.send(Buffer.from("binary"), { binary: true });
  peer.ws.send("last");
  await heard.until("frame last");
  const frames = heard.all.filter((one) => one.startsWith("frame "));
  assert.deepEqual(frames, ["frame one", "frame 币安", "frame ", `frame ${"x".repeat(200_000)}`, "frame last"]);
  assert.equal(heard.all.indexOf("heard"), 1, "heard comes before its frame");
  socket.send("hello");
  const [data] = await once(peer.ws, "message");
  assert.equal(String(data), "hello");
  socket.close(1000, "done");
  await heard.until("closed 1000 done");
});

test("pings and pongs are heard, and a ping of the peer is answered with what it carried", async (t) => {
  const server = await serve(t);
  const heard = new Heard();
  const socket = wsDialer.dial(server.url, heard);
  const { ws } = await server.accepted();
  await heard.until("opened");
  ws.ping("1234");
  const [answer] = await once(ws, "pong");
  assert.equal(String(answer), "1234");
  assert.deepEqual(heard.all, ["opened", "heard"]);
  socket.ping();
  await heard.until("heard", 2);
  socket.close(1000, "");
  await heard.until("closed 1000");
});

test("a close by the peer is told with its code and reason, once, and nothing follows it", async (t) => {
  const server = await serve(t);
  const heard = new Heard();
  const socket = wsDialer.dial(server.url, heard);
  const { ws } = await server.accepted();
  await heard.until("opened");
  ws.send("last words");
  ws.close(1001, "24 hours are over");
  await heard.until("closed 1001 24 hours are over");
  socket.send("too late");
  socket.ping();
  socket.close(1000, "");
  assert.deepEqual(heard.all, ["opened", "heard", "frame last words", "closed 1001 24 hours are over"]);
});

test("a connection that is cut without a close frame is closed with 1006", async (t) => {
  const server = await serve(t);
  const heard = new Heard();
  wsDialer.dial(server.url, heard);
  const { ws } = await server.accepted();
  await heard.until("opened");
  ws.terminate();
  await heard.until("closed 1006");
  assert.deepEqual(heard.all, ["opened", "closed 1006"]);
});

test("a refused connection and a refused handshake are closed with 1006 and the cause", async (t) => {
  const { url, stop } = await serve(t);
  await stop();
  const refused = new Heard();
  wsDialer.dial(url, refused);
  const port = new URL(url).port;
  await refused.until(`closed 1006 connect ECONNREFUSED 127.0.0.1:${port}`);

  const rude = await listen(t, (tcp) => tcp.once("data", () => tcp.end("HTTP/1.1 403 Forbidden\r\n\r\n")));
  const forbidden = new Heard();
  wsDialer.dial(rude, forbidden);
  await forbidden.until("closed 1006 Unexpected server response: 403");
  assert.deepEqual([refused.all.length, forbidden.all.length], [1, 1]);
});

test("L9 a URL that cannot be dialled is closed soon after, and is not shown: it ends in the listenKey", async () => {
  for (const url of ["wss://a b/private/ws/SECRET", "SECRET", "ftp://host/SECRET", "wss://host/#SECRET", ""]) {
    const heard = new Heard();
    const socket = wsDialer.dial(url, heard);
    for (const use of [() => socket.send("x"), () => socket.ping(), () => socket.close(1000, "")]) use();
    assert.equal(heard.all.length, 0);
    await heard.until("closed 1006 a URL that cannot be dialled");
    assert.equal(heard.all.length, 1);
  }
});

test("close during the handshake ends it at once, whether or not the server ever answers", async (t) => {
  const mute = await listen(t, () => {});
  const heard = new Heard();
  const socket = wsDialer.dial(mute, heard);
  socket.close(1000, "changed our mind");
  await heard.until("closed 1006 WebSocket was closed before the connection was established");
  assert.equal(heard.all.length, 1);
});

test("a peer that never answers a close does not hold us up for more than some seconds", async (t) => {
  const server = await serve(t);
  const heard = new Heard();
  const socket = wsDialer.dial(server.url, heard);
  const { tcp } = await server.accepted();
  await heard.until("opened");
  tcp.pause();
  const before = Date.now();
  socket.close(1000, "bye");
  socket.close(1000, "bye");
  await heard.until("closed 1006");
  assert(Date.now() - before < 4000);
  assert.equal(heard.all.filter((one) => one.startsWith("closed")).length, 1);
});

test("to close what is closed already leaves no timer behind", async (t) => {
  const server = await serve(t);
  const heard = new Heard();
  const socket = wsDialer.dial(server.url, heard);
  const { ws } = await server.accepted();
  await heard.until("opened");
  ws.close(1000);
  await heard.until("closed 1000");
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  socket.close(1000, "");
  assert.equal(timers(), before);
});

test("L12 a frame beyond the limit and a frame that is no UTF-8 end the connection, not the process", async (t) => {
  const server = await serve(t);
  for (const [data, code, reason] of [
    [Buffer.alloc(FRAME_BYTES_MAX + 1, 0x20), 1006, "Max payload size exceeded"],
    [Buffer.from([0xc3, 0x28]), 1006, "Invalid WebSocket frame: invalid UTF-8 sequence"],
  ] as const) {
    const heard = new Heard();
    wsDialer.dial(server.url, heard);
    const { ws } = await server.accepted();
    await heard.until("opened");
    ws.on("error", () => {});
    ws.send(data, { binary: false });
    await heard.until(`closed ${code} ${reason}`);
    assert.deepEqual(
      heard.all.filter((one) => one.startsWith("frame")),
      [],
    );
  }
});

/** Keeps what a socket tells, and waits for it. */
class Heard implements SocketEvents {
  readonly all: string[] = [];
  #look: () => void = () => {};

  opened(): void {
    this.#keep("opened");
  }

  heard(): void {
    this.#keep("heard");
  }

  frame(text: string, bytes: Uint8Array): void {
    this.#keep(new TextDecoder().decode(bytes) === text ? `frame ${text}` : "frame with bytes of another one");
  }

  closed(code: number, reason: string): void {
    this.#keep(`closed ${code} ${reason}`.trimEnd());
  }

  /** Resolves when `what` was told so often; fails when that takes more than 5 s. */
  until(what: string, times = 1): Promise<void> {
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(() => reject(new Error(`no "${what}" in 5 s, only ${this.all.join(", ")}`)), 5000);
      this.#look = () => {
        if (this.all.filter((one) => one === what).length < times) return;
        clearTimeout(overdue);
        resolve();
      };
      this.#look();
    });
  }

  #keep(what: string): void {
    this.all.push(what);
    this.#look();
  }
}

interface Peer {
  readonly ws: WebSocket;
  readonly tcp: TcpSocket;
  readonly path: string | undefined;
}

/** A websocket server on a free port, which ends with the test. */
async function serve(t: TestContext) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const peers: Peer[] = [];
  let look = () => {};
  server.on("connection", (ws, request) => {
    peers.push({ ws, tcp: request.socket, path: request.url });
    look();
  });
  const stop = async () => {
    for (const ws of server.clients) ws.terminate();
    await new Promise((resolve) => server.close(resolve));
  };
  t.after(stop);
  const accepted = () =>
    new Promise<Peer>((resolve) => {
      look = () => {
        const peer = peers.shift();
        if (peer !== undefined) resolve(peer);
      };
      look();
    });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, accepted, stop };
}

/** A TCP server on a free port, which ends with the test. */
async function listen(t: TestContext, onConnection: (tcp: TcpSocket) => void): Promise<string> {
  const sockets = new Set<TcpSocket>();
  const server: Server = createServer((tcp) => {
    sockets.add(tcp);
    tcp.on("error", () => {});
    onConnection(tcp);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const tcp of sockets) tcp.destroy();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

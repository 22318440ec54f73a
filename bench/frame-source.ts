/**
 * A process of its own that sends frames as fast as they are taken, to whichever client has dialled: REST is the paper
 * venue's, so that each client starts as it does anywhere; its websockets are answered here. Told what to do by its
 * parent: see {@link SourceCommand}.
 */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { startPaperVenue } from "../src/venue/index.ts";
import { lifeFrames } from "./frames.ts";

/** What the parent says: sockets that open from now on are this client's; send it the frames of one turn. */
export type SourceCommand = { readonly client: string } | { readonly sendTo: string; readonly turn: number };

/** What the parent hears: where the source listens; that frames can be sent to a client. */
export type SourceNews = { readonly url: string } | { readonly ready: string };

interface Dialled {
  readonly ws: WebSocket;
  readonly client: string;
  readonly isCombined: boolean;
  key: string;
}

/** No limit is reached. */
const LIMITS = { weightPerMinute: 1e9, ordersPerTenSeconds: 1e9, ordersPerMinute: 1e9 };

const dialled: Dialled[] = [];
let client = "";

const venue = await startPaperVenue({ limits: LIMITS });
const server = createServer((incoming, reply) => {
  const { method = "GET", url: path = "/", headers } = incoming;
  const onward = request({ host: "127.0.0.1", port: venue.port, path, method, headers }, (answer) => {
    reply.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(reply);
  });
  onward.on("error", () => reply.writeHead(502).end());
  incoming.pipe(onward);
});
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
server.on("upgrade", (incoming, socket, head) => {
  sockets.handleUpgrade(incoming, socket, head, (ws) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "ws://source");
    ws.on("error", () => {});
    if (!pathname.startsWith("/private")) return greet(ws, undefined);
    const key = searchParams.get("listenKey") ?? searchParams.get("streams") ?? pathname.split("/")[3] ?? "";
    const one: Dialled = { ws, client, isCombined: pathname.startsWith("/private/stream"), key };
    dialled.push(one);
    greet(ws, one);
    if (key !== "") tell({ ready: client });
  });
});

/** Confirms subscriptions; one that names a key makes the socket ready. */
function greet(ws: WebSocket, one: Dialled | undefined): void {
  ws.on("message", (data) => {
    const { id, params = [] } = JSON.parse(String(data)) as { id?: unknown; params?: readonly string[] };
    ws.send(JSON.stringify({ result: null, id }));
    if (one === undefined || one.key !== "" || params[0] === undefined) return;
    one.key = params[0];
    tell({ ready: one.client });
  });
}

function send(sendTo: string, turn: number): void {
  const frames = lifeFrames(turn);
  const to = dialled
    .filter((one) => one.client === sendTo && one.ws.readyState === one.ws.OPEN && one.key !== "")
    .at(-1);
  for (const frame of frames) to?.ws.send(to.isCombined ? `{"stream":"${to.key}","data":${frame}}` : frame);
}

function tell(news: SourceNews): void {
  process.send?.(news);
}

process.on("message", (command: SourceCommand) => {
  if ("client" in command) client = command.client;
  else send(command.sendTo, command.turn);
});
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () => tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));

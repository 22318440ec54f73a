/** Clients that take the frames of one account: ours, bare `ws`, and other people's, each as its manual shows it. */
import { Logger, LogLevel } from "@binance/common";
import { DerivativesTradingUsdsFutures } from "@binance/derivatives-trading-usds-futures";
import { WebsocketClient } from "binance";
import ccxt from "ccxt";
import { WebSocket } from "ws";
import { AccountStream } from "../src/account-stream.ts";
import { DEMO_ACCOUNT } from "../src/venue/index.ts";

/** A client that is connected. */
export interface PipelineClient {
  /** Frames of account and orders that it has handed on so far. */
  count(): number;
  close(): unknown;
}

/** Connects a client to the source at a URL. */
export type Connect = (url: string) => Promise<PipelineClient>;

const { apiKey, apiSecret } = DEMO_ACCOUNT;
const wsOf = (url: string): string => url.replace(/^http/, "ws");
/** Longer than a bench runs. */
const NEVER_MS = 86_400_000;

/** Results go here, so that no compiler finds out that nobody needs them. */
const sink: unknown[] = [undefined];

/** `ws`, and `JSON.parse` of each frame. */
export async function bare(url: string): Promise<PipelineClient> {
  const ws = new WebSocket(`${wsOf(url)}/private/ws/bare`, { perMessageDeflate: false });
  let count = 0;
  ws.on("message", (data) => {
    sink[0] = JSON.parse(String(data));
    count++;
  });
  await new Promise((resolve) => ws.once("open", resolve));
  return { count: () => count, close: () => ws.terminate() };
}

/** Ours: exact, typed, once, in order, mirrored, and handed to a listener. */
export async function ours(url: string): Promise<PipelineClient> {
  const stream = new AccountStream({
    apiKey,
    apiSecret,
    environment: { rest: url, stream: wsOf(url) },
    // The frames are no work of the venue that answers REST: it is not to be asked about them.
    timing: { restLagMaxMs: NEVER_MS, quietMaxMs: NEVER_MS, auditEveryMs: NEVER_MS },
  });
  let count = 0;
  const take = (event: unknown) => {
    sink[0] = event;
    count++;
  };
  stream.on("ORDER_TRADE_UPDATE", take).on("ACCOUNT_UPDATE", take);
  await stream.start();
  return { count: () => count, close: () => stream.stop() };
}

const SILENT = { trace: () => {}, info: () => {}, error: () => {} };

/** `binance`, with names instead of letters: what its manual recommends. */
export async function binance(url: string): Promise<PipelineClient> {
  const options = { api_key: apiKey, api_secret: apiSecret, beautify: true, wsUrl: wsOf(url) };
  const stream = new WebsocketClient({ ...options, restOptions: { baseUrl: url } }, SILENT);
  let count = 0;
  stream.on("formattedUserDataMessage", (event) => {
    sink[0] = event;
    count++;
  });
  stream.on("exception", () => {});
  await stream.subscribeUsdFuturesUserDataStream();
  return {
    count: () => count,
    close: () => stream.closeAll(true),
  };
}

/** `ccxt.pro`, watching orders, fills, positions and the balance. */
export async function ccxtPro(url: string): Promise<PipelineClient> {
  const exchange = new ccxt.pro.binanceusdm({ apiKey, secret: apiSecret, options: { fetchCurrencies: false } });
  const api = exchange.urls.api as object;
  for (const [name, value] of Object.entries(api)) {
    if (typeof value === "string") Reflect.set(api, name, value.replace(/^https:\/\/[^/]+/, url));
  }
  Reflect.set(Reflect.get(api, "ws"), "future", `${wsOf(url)}/ws`);
  // Without this the first watch fails on a `ws://` address.
  await exchange.loadHttpProxyAgent();
  let count = 0;
  const handle = exchange.handleMessage.bind(exchange);
  exchange.handleMessage = (client: unknown, message: unknown) => {
    handle(client as never, message as never);
    count++;
  };
  const watches = [
    () => exchange.watchOrders(),
    () => exchange.watchMyTrades(),
    () => exchange.watchPositions(),
    () => exchange.watchBalance(),
  ];
  for (const watch of watches) void again(watch);
  return { count: () => count, close: () => exchange.close() };
}

/** Until the exchange is closed. */
async function again(watch: () => Promise<unknown>): Promise<void> {
  try {
    for (;;) sink[0] = await watch();
  } catch (error) {
    if (!(error instanceof ccxt.BaseError)) throw error;
  }
}

/** The official connector. */
export async function connector(url: string): Promise<PipelineClient> {
  Logger.getInstance().setMinLogLevel(LogLevel.ERROR);
  const client = new DerivativesTradingUsdsFutures({
    configurationRestAPI: { apiKey, apiSecret, basePath: url },
    configurationWebsocketStreams: { wsURL: wsOf(url) },
  });
  const { listenKey = "" } = await client.restAPI.startUserDataStream().then((answer) => answer.data());
  const connection = await client.websocketStreams.connect();
  let count = 0;
  connection.userData(listenKey).on("message", (event) => {
    sink[0] = event;
    count++;
  });
  return { count: () => count, close: () => connection.disconnect() };
}

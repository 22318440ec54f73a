/**
 * The official connector on the paper venue: an order over REST, its fill and a margin call on the user data stream,
 * and the socket cut under it.
 *
 *     npx listenkey serve                             # in one terminal
 *     node examples/official-connector.mjs            # in another; a URL may follow, or stand in LISTENKEY_URL
 */
import { Logger, LogLevel } from "@binance/common";
import { DerivativesTradingUsdsFutures } from "@binance/derivatives-trading-usds-futures";

const url = process.argv[2] ?? process.env.LISTENKEY_URL ?? "http://127.0.0.1:9780";
const wsUrl = url.replace(/^http/, "ws");
const apiKey = "paper-demo-key";
const apiSecret = "paper-demo-secret";

// The connector writes to standard output by itself otherwise.
Logger.getInstance().setMinLogLevel(LogLevel.ERROR);

// Trap: the streams' address is the bare host. The connector adds /public, /market and /private itself, and always
// opens a socket to each of the three.
const client = new DerivativesTradingUsdsFutures({
  configurationRestAPI: { apiKey, apiSecret, basePath: url },
  configurationWebsocketStreams: { wsURL: wsUrl, reconnectDelay: 100 },
});

const { listenKey } = await (await client.restAPI.startUserDataStream()).data();
const connection = await client.websocketStreams.connect();
let opened = 0;
connection.on("open", () => opened++);

// Trap: userData() subscribes on the open socket and does not wait for the answer. What happens before the answer is
// lost, so wait for it before the first order.
const subscribed = new Promise((resolve) => {
  connection.on("message", (frame) => frame.includes('"result":null') && resolve());
});
const events = [];
connection.userData(listenKey).on("message", (event) => {
  events.push(event);
  if (event.e === "ORDER_TRADE_UPDATE") console.log(`order ${event.o.c}: ${event.o.X}, ${event.o.z} of ${event.o.q}`);
  if (event.e === "ACCOUNT_UPDATE") console.log(`balance: ${event.a.B[0].wb} ${event.a.B[0].a}, by ${event.a.m}`);
  if (event.e === "MARGIN_CALL") console.log(`margin call: ${event.p[0].s}, mark price ${event.p[0].mp}`);
});
await subscribed;

const order = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: 0.01 };
await client.restAPI.newOrder({ ...order, newClientOrderId: "first" });
await until("the first fill", () => isFilled("first"));

// Something no test network does when asked.
await paper("/accounts/demo/margin-call");
await until("the margin call", () => events.some(({ e }) => e === "MARGIN_CALL"));

// The network fails: no closing frame. The connector dials again with the same key.
await paper("/faults", { type: "cut", account: "demo" });
await until("a new socket", () => opened > 0);
console.log("cut, and connected again");

// Trap: order ids of ETHUSDT do not fit a JavaScript number. The connector makes them bigint; JSON.stringify throws on
// those.
const placed = await client.restAPI.newOrder({
  ...order,
  symbol: "ETHUSDT",
  quantity: 0.1,
  newClientOrderId: "second",
});
const { orderId } = await placed.data();
console.log(`order second has the id ${orderId}, a ${typeof orderId}`);
await until("the second fill", () => isFilled("second"));

await connection.disconnect();

function isFilled(id) {
  return events.some(({ e, o }) => e === "ORDER_TRADE_UPDATE" && o.c === id && o.X === "FILLED");
}

/** A call of the venue's own: docs/venue.md lists them. */
async function paper(path, body = {}) {
  const response = await fetch(`${url}/v1/paper${path}`, { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.error.message} ${answer.error.remedy ?? ""}`);
  return answer;
}

async function until(what, holds) {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come within ten seconds`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * ccxt on the paper venue: a limit order and a market order, seen through its watch methods, a position carried into
 * a margin call, and the socket cut under it.
 *
 *     npx listenkey serve              # in one terminal
 *     node examples/ccxt.mjs           # in another; a URL may follow, or stand in LISTENKEY_URL
 */
import ccxt from "ccxt";

const url = process.argv[2] ?? process.env.LISTENKEY_URL ?? "http://127.0.0.1:9780";
const symbol = "BTC/USDT:USDT";

const seen = { orders: [], position: 0, calls: 0, cuts: 0 };

// Trap: ccxt has no watch method for MARGIN_CALL, liquidations of your own, or the end of the listenKey. What it does
// with every frame can be overheard.
class Overheard extends ccxt.pro.binanceusdm {
  handleMessage(client, message) {
    if (message.e === "MARGIN_CALL") console.log(`margin call: ${message.p[0].s}, call ${++seen.calls}`);
    return super.handleMessage(client, message);
  }
}

const exchange = new Overheard({
  apiKey: "paper-demo-key",
  secret: "paper-demo-secret",
  // Trap: without this ccxt asks the spot exchange, over the network, which currencies there are.
  options: { fetchCurrencies: false },
});
pointAt(exchange, url);
// Trap: until this is loaded, the first watch fails on an address that begins with ws:// instead of wss://.
await exchange.loadHttpProxyAgent();

const watchers = [
  watch(async () => {
    for (const { clientOrderId, status, filled, amount } of await exchange.watchOrders()) {
      seen.orders.push(`${clientOrderId} ${status}`);
      console.log(`order ${clientOrderId}: ${status}, ${filled} of ${amount}`);
    }
  }),
  watch(async () => {
    for (const position of await exchange.watchPositions()) {
      seen.position = position.contracts;
      console.log(`position: ${position.contracts} ${position.symbol}`);
    }
  }),
];
await until("the stream", isConnected);

// Far below the market it rests.
const { last } = await exchange.fetchTicker(symbol);
const resting = await exchange.createOrder(symbol, "limit", "buy", 0.01, last * 0.98, { clientOrderId: "resting" });
await until("the resting order", () => seen.orders.includes("resting open"));
await exchange.cancelOrder(resting.id, symbol);
await until("its cancellation", () => seen.orders.includes("resting canceled"));

await exchange.createOrder(symbol, "market", "buy", 0.01, undefined, { clientOrderId: "first" });
await until("the fill", () => seen.orders.includes("first closed") && seen.position > 0);

await paper("/accounts/demo/margin-call");
await until("the margin call", () => seen.calls > 0);

// The network fails. Every pending watch is refused with a NetworkError, and the next one dials again.
await paper("/faults", { type: "cut", account: "demo" });
await until("the cut", () => seen.cuts > 0);
await until("a new socket", isConnected);
console.log("cut, and connected again");

// Trap: ccxt asks for positions once, and not again after a cut: what changed in between is missing. Ask yourself.
const [position] = await exchange.fetchPositions([symbol]);
console.log(`position as REST has it: ${position.contracts} ${position.symbol}`);

await exchange.close();
await Promise.all(watchers);
// Trap: the timer that renews the listenKey, every 20 minutes, is not ended by close().
process.exit();

function isConnected() {
  return Object.values(exchange.clients).some((client) => client.isConnected);
}

/** Sends each of ccxt's addresses to the venue: it has one for every version and security of a path. */
function pointAt({ urls }, base) {
  for (const [name, address] of Object.entries(urls.api)) {
    if (typeof address === "string") urls.api[name] = address.replace(/^https:\/\/[^/]+/, base);
  }
  // ccxt puts /private in by itself.
  urls.api.ws.future = `${base.replace(/^http/, "ws")}/ws`;
}

/** Watches again and again, over lost connections and until the exchange is closed. */
async function watch(once) {
  for (;;) {
    try {
      await once();
    } catch (error) {
      if (error instanceof ccxt.ExchangeClosedByUser) return;
      if (!(error instanceof ccxt.NetworkError)) throw error;
      seen.cuts++;
    }
  }
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

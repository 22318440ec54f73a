/**
 * This package's SDK on the paper venue: a fill, a margin call, and the socket cut under it: the gap is named, and the
 * stream is live again by itself.
 *
 *     npx listenkey serve                   # in one terminal
 *     node examples/account-stream.mjs      # in another; a URL may follow, or stand in LISTENKEY_URL
 */
import { createHmac } from "node:crypto";
import { AccountStream } from "listenkey";

const url = process.argv[2] ?? process.env.LISTENKEY_URL ?? "http://127.0.0.1:9780";
const apiKey = "paper-demo-key";
const apiSecret = "paper-demo-secret";

const stream = new AccountStream({ apiKey, environment: { rest: url, stream: url.replace(/^http/, "ws") } });
const seen = new Set();

stream.on("ORDER_TRADE_UPDATE", ({ o }) => tell(`${o.c} ${o.X}`, `order ${o.c}: ${o.X}, ${o.z} of ${o.q}`));
stream.on("MARGIN_CALL", ({ p: [position] }) => tell("margin call", `margin call: ${position.s}, mark ${position.mp}`));
stream.on("status", ({ status }) => tell(status, `status: ${status}`));
// Trap: Binance replays nothing. What happens between the gap and the next "live" is told nowhere: what you know of
// orders and positions must be asked for again over REST.
stream.on("gap", ({ why }) => {
  seen.delete("live");
  tell("gap", `gap: ${why}`);
});

await stream.start();

await buy("first");
await until("first FILLED");

await paper("/accounts/demo/margin-call");
await until("margin call");

await paper("/faults", { type: "cut", account: "demo" });
await until("gap");
await until("live");

await buy("second");
await until("second FILLED");
await stream.stop();

function tell(what, line) {
  seen.add(what);
  console.log(line);
}

/** One signed order. The SDK listens and never trades: use the REST client of your choice. */
async function buy(newClientOrderId) {
  const order = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010", newClientOrderId };
  const query = new URLSearchParams({ ...order, timestamp: String(Date.now()) }).toString();
  const signature = createHmac("sha256", apiSecret).update(query).digest("hex");
  const headers = { "x-mbx-apikey": apiKey };
  const response = await fetch(`${url}/fapi/v1/order?${query}&signature=${signature}`, { method: "POST", headers });
  if (!response.ok) throw new Error(await response.text());
}

/** A call of the venue's own: docs/venue.md lists them. */
async function paper(path, body = {}) {
  const response = await fetch(`${url}/v1/paper${path}`, { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.error.message} ${answer.error.remedy ?? ""}`);
  return answer;
}

async function until(what) {
  const deadline = Date.now() + 10_000;
  while (!seen.has(what)) {
    if (Date.now() > deadline) throw new Error(`${what} did not come within ten seconds`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

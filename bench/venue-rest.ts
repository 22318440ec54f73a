/**
 * Signed orders over REST, against a bare server that parses the same form and checks the same signature. Both servers
 * and their client live in this process and take turns, so that the ratio holds what the venue adds to bare HTTP.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { restPayload, signedForm } from "../src/protocol/signing.ts";
import { hmacSigner } from "../src/rest/io/signers.ts";
import { DEMO_ACCOUNT, startPaperVenue } from "../src/venue/index.ts";
import type { Entry, Result } from "./harness.ts";

const WARM_UP_TURNS = 5;
const TURNS = 30;
const ORDERS_PER_TURN = 100;
const AT_ONCE = 16;

/** No limit is reached. */
const LIMITS = { weightPerMinute: 1e9, ordersPerTenSeconds: 1e9, ordersPerMinute: 1e9 };

const signer = hmacSigner(DEMO_ACCOUNT.apiSecret);

async function run(): Promise<Result> {
  const venue = await startPaperVenue({ limits: LIMITS });
  const bare = await startBareServer();
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    const oursMs: number[] = [];
    const ratios: number[] = [];
    for (let turn = -WARM_UP_TURNS; turn < TURNS; turn++) {
      const theirsFirst = turn % 2 === 0 ? await timed(bare.port, agent) : 0;
      const ours = await timed(venue.port, agent);
      const theirs = theirsFirst || (await timed(bare.port, agent));
      if (turn < 0) continue;
      oursMs.push(ours);
      ratios.push(theirs / ours);
    }
    const versus = { what: "a bare node:http server", ratio: median(ratios) };
    return { value: (ORDERS_PER_TURN / median(oursMs)) * 1000, unit: "orders/s", versus };
  } finally {
    agent.destroy();
    bare.close();
    await venue.close();
  }
}

/** Milliseconds of one turn of orders, so many at once: each an IOC that finds nobody, so that no history grows. */
async function timed(port: number, agent: Agent): Promise<number> {
  const since = performance.now();
  let left = ORDERS_PER_TURN;
  const worker = async () => {
    while (left-- > 0) await placeOrder(port, agent);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return performance.now() - since;
}

function placeOrder(port: number, agent: Agent): Promise<void> {
  const order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.010&price=84000.0";
  const payload = restPayload(`${order}&timestamp=${Date.now()}`, "");
  const path = `/fapi/v1/order?${signedForm(payload, signer.sign(payload))}`;
  const headers = { "X-MBX-APIKEY": DEMO_ACCOUNT.apiKey };
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method: "POST", agent, headers }, (answer) => {
      answer
        .resume()
        .on("end", () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}`))));
    });
    sent.on("error", reject).end();
  });
}

async function startBareServer(): Promise<{ port: number; close(): void }> {
  const server = createServer((incoming, reply) => {
    incoming.resume().on("end", () => {
      const query = (incoming.url ?? "").split("?")[1] ?? "";
      const [payload = "", signature = ""] = query.split("&signature=");
      const right = createHmac("sha256", DEMO_ACCOUNT.apiSecret).update(payload).digest();
      const isRight = timingSafeEqual(right, Buffer.from(signature, "hex"));
      const given = new URLSearchParams(query);
      reply.writeHead(isRight ? 200 : 400, { "content-type": "application/json" });
      reply.end(JSON.stringify({ symbol: given.get("symbol"), price: given.get("price"), status: "NEW" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The entries of this file. */
export const VENUE_REST_ENTRIES: readonly Entry[] = [{ name: "venue orders over signed REST", run }];

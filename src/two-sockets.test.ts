import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { AccountStream } from "./account-stream.ts";
import { systemClock } from "./kernel/io/system-clock.ts";
import { endpointNamed } from "./protocol/endpoints.ts";
import { hmacSigner } from "./rest/io/signers.ts";
import { undiciHttp } from "./rest/io/undici-http.ts";
import { RestClient } from "./rest/rest-client.ts";
import { WeightBudget } from "./rest/weight-budget.ts";
import { startPaperVenue } from "./venue/index.ts";

test("redundancy 2 over real sockets: each is destroyed in its turn, with no gap and no duplicate", async (t) => {
  const pushed: string[] = [];
  const venue = await startPaperVenue({ onPush: (_account, json) => pushed.push(json) });
  t.after(() => venue.close());
  const wire = await Relay.open(t, venue.port);
  const stream = new AccountStream({
    apiKey: "paper-demo-key",
    environment: { rest: venue.url, stream: wire.url },
    redundancy: 2,
    timing: { apartMs: 20, holdMaxMs: 50, backoffMs: 20 },
  });
  t.after(() => stream.stop());
  const told: string[] = [];
  stream.on("record", (record) => {
    if (record.kind === "event" && record.origin === "stream") told.push(record.raw);
  });
  await stream.start();
  const trade = trader(venue.url);
  for (let round = 0; round < 3; round++) {
    // Both are there for longer than what may have been in flight when they opened.
    await until(() => {
      const { lines } = stream.health;
      return lines.length === 2 && wire.sockets.length === 2 && lines.every(({ openForMs }) => openForMs > 100);
    });
    const { copies } = stream.health.counts;
    await trade();
    await until(() => stream.health.counts.copies > copies);
    const orders = [trade(), trade(), trade()];
    wire.sockets[0]?.destroy();
    await Promise.all(orders);
    await trade();
  }
  await until(() => told.length === pushed.length);
  assert.deepEqual(told, pushed);
  assert(told.length >= 3 * 5 * 2, `${told.length} events`);
  const { counts, lines, diagnosis, waiting, clock } = stream.health;
  assert.deepEqual([counts.gaps, counts.grants, counts.dials >= 4, diagnosis], [0, 1, true, undefined]);
  assert(lines.length >= 1, JSON.stringify(lines));
  assert.deepEqual([waiting, clock.lastSyncedAgoMs], [0, undefined]);
  await stream.stop();
});

/** Buys and sells a little, to and fro, with one signed order a call. */
function trader(baseUrl: string): () => Promise<unknown> {
  const rest = new RestClient({
    http: undiciHttp,
    clock: systemClock,
    budget: new WeightBudget(),
    baseUrl,
    apiKey: "paper-demo-key",
    signer: hmacSigner("paper-demo-secret"),
  });
  let count = 0;
  return () => {
    const side = count++ % 2 === 0 ? "BUY" : "SELL";
    const params = { symbol: "BTCUSDT", side, type: "MARKET", quantity: "0.002" };
    return rest.call({ endpoint: endpointNamed("placeOrder"), params, priority: "read" });
  };
}

/** Passes bytes on to a port, and has the sockets in its hands. */
class Relay {
  /** From the stream's side; those that are alive, oldest first. */
  sockets: Socket[] = [];
  readonly url: string;

  private constructor(port: number) {
    this.url = `ws://127.0.0.1:${port}`;
  }

  static async open(t: TestContext, to: number): Promise<Relay> {
    const server = createServer((socket) => {
      const beyond = connect(to, "127.0.0.1");
      relay.sockets.push(socket);
      for (const end of [socket, beyond]) end.on("error", () => {});
      socket.on("close", () => {
        relay.sockets = relay.sockets.filter((one) => one !== socket);
        beyond.destroy();
      });
      beyond.on("close", () => socket.destroy());
      socket.pipe(beyond).pipe(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const relay = new Relay((server.address() as AddressInfo).port);
    t.after(() => {
      for (const socket of relay.sockets) socket.destroy();
      server.close();
    });
    return relay;
  }
}

/** Waits for a condition; fails when it takes more than 10 s. */
async function until(isSo: () => boolean): Promise<void> {
  const overdue = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > overdue) throw new Error(`not so within 10 s: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

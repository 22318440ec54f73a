/** An account over real sockets: what is missed is found, told and certified, and the mirror agrees with the venue. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { differences } from "../sim/mirror-truth.ts";
import { type AccountRecord, AccountStream } from "./index.ts";
import { systemClock } from "./kernel/io/system-clock.ts";
import type { Id64 } from "./kernel/scalars.ts";
import { ENDPOINTS } from "./protocol/endpoints.ts";
import { hmacSigner } from "./rest/io/signers.ts";
import { undiciHttp } from "./rest/io/undici-http.ts";
import { RestClient } from "./rest/rest-client.ts";
import { WeightBudget } from "./rest/weight-budget.ts";
import { type RunningPaperVenue, startPaperVenue } from "./venue/index.ts";

const KEYS = { apiKey: "paper-demo-key", apiSecret: "paper-demo-secret" };
/** As in production, but in hundredths of a second. */
const TIMING = {
  backoffMs: 150,
  backoffMaxMs: 200,
  restLagMaxMs: 400,
  seamMs: 40,
  askAgainMs: 20,
  askAgainMaxMs: 100,
  quietMaxMs: 500,
  auditEveryMs: 1500,
  deafAfterMs: 150,
};

test("start resolves when the mirror is in sync: orders and positions from before are there", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { orderId } = await trader.place("BTCUSDT", {
    type: "LIMIT",
    quantity: "0.010",
    price: "20000.0",
    timeInForce: "GTC",
  });
  await trader.place("ETHUSDT", { quantity: "0.05" });
  const { stream, records } = open();
  await stream.start();
  assert.equal(records.at(-1)?.kind, "status");
  assert(stream.account.order("BTCUSDT", orderId) !== undefined);
  assert.equal(stream.account.position("ETHUSDT")?.source, "snapshot");
  agree(stream, venue);
  await certain(stream);
  assert.deepEqual(stream.health.counts.gaps, 0);
});

test("a gap: fills on a known and on a never-seen symbol are told, ids to the digit, and certified", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  await stream.start();
  await trader.place("BTCUSDT", { quantity: "0.002" });
  await until(() => stream.account.position("BTCUSDT") !== undefined);
  await certain(stream);
  await pause(100);
  venue.cutSockets();
  const missed = [
    await trader.place("BTCUSDT", { quantity: "0.003" }),
    await trader.place("ETHUSDT", { quantity: "0.05" }),
    await trader.place("ETHUSDT", { type: "LIMIT", quantity: "0.05", price: "1000.00", timeInForce: "GTC" }),
  ].map(({ orderId }) => orderId);
  await until(() => records.some(({ kind }) => kind === "repair" && records.some((one) => one.kind === "gap")));
  await certain(stream);
  const gap = records.find(({ kind }) => kind === "gap");
  const repair = records.findLast((record) => record.kind === "repair");
  assert(gap !== undefined && repair?.kind === "repair");
  assert.deepEqual([repair.gaps, repair.holes, repair.requests > 0], [[gap.seq], [], true]);
  const lives = missed.map((orderId) => lifeOf(records, orderId));
  assert.deepEqual(lives, [["NEW", "FILLED"], ["NEW", "FILLED"], ["NEW"]]);
  const fills = await trader.fills("ETHUSDT");
  const told = records.flatMap((record) =>
    record.kind === "event" && record.event.e === "ORDER_TRADE_UPDATE" ? [(record.event as OrderEvent).o] : [],
  );
  for (const { id, orderId } of fills) {
    assert.equal(told.filter((o) => o.s === "ETHUSDT" && o.t === id && o.i === orderId).length, 1, `fill ${id}`);
  }
  assert.deepEqual(
    records.map(({ seq }) => seq),
    records.map((_record, i) => i + 1),
  );
  agree(stream, venue);
});

test("a repair over a REST side that lags says nothing wrong, and has everything in the end", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  await stream.start();
  await trader.place("BTCUSDT", { quantity: "0.002" });
  await certain(stream);
  await pause(100);
  await command(venue, "faults", { type: "rest-lag", account: "demo", byMs: 200, forMs: 3000 });
  venue.cutSockets();
  const { orderId } = await trader.place("BTCUSDT", { quantity: "0.003" });
  await until(() => records.some((record) => record.kind === "repair" && record.gaps.length > 0));
  assert.deepEqual(lifeOf(records, orderId), ["NEW", "FILLED"]);
  await certain(stream);
  agree(stream, venue);
});

test("a stream that is silent while REST knows of trades is found, named, and repaired", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  await stream.start();
  await certain(stream);
  await command(venue, "faults", { type: "silence", account: "demo", forMs: 1500 });
  const { orderId } = await trader.place("BTCUSDT", { quantity: "0.002" });
  await until(() => records.some((record) => record.kind === "gap" && record.why.startsWith("deaf")));
  await until(() => lifeOf(records, orderId).length === 2);
  await certain(stream);
  agree(stream, venue);
});

test("a key that somebody else ended is found though nothing says so", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  await stream.start();
  await certain(stream);
  await trader.endKey();
  await until(() => records.some(({ kind }) => kind === "gap"));
  const { orderId } = await trader.place("BTCUSDT", { quantity: "0.002" });
  await until(() => lifeOf(records, orderId).length === 2);
  await certain(stream);
  agree(stream, venue);
});

type OrderEvent = { readonly o: { readonly s: string; readonly i: string; readonly t: string; readonly X: string } };

/** What was told of an order's standing, in order. */
function lifeOf(records: readonly AccountRecord[], orderId: string): string[] {
  return records.flatMap((record) => {
    if (record.kind !== "event" || record.event.e !== "ORDER_TRADE_UPDATE") return [];
    const { o } = record.event as unknown as OrderEvent;
    return o.i === orderId && o.X !== "PARTIALLY_FILLED" ? [o.X] : [];
  });
}

async function begin(t: TestContext) {
  const venue = await startPaperVenue();
  t.after(() => venue.close());
  const open = () => {
    const stream = new AccountStream({
      ...KEYS,
      environment: { rest: venue.url, stream: venue.wsUrl },
      timing: TIMING,
    });
    t.after(() => stream.stop());
    const records: AccountRecord[] = [];
    stream.on("record", (record) => records.push(record));
    return { stream, records };
  };
  return { venue, open, trader: new OtherProgram(venue.url) };
}

/** Another program on the same account. */
class OtherProgram {
  readonly #rest: RestClient;

  constructor(baseUrl: string) {
    const signer = hmacSigner(KEYS.apiSecret);
    const { apiKey } = KEYS;
    this.#rest = new RestClient({
      http: undiciHttp,
      clock: systemClock,
      budget: new WeightBudget(),
      baseUrl,
      apiKey,
      signer,
    });
  }

  /** Buys at the market unless said otherwise. */
  async place(symbol: string, params: Readonly<Record<string, string>>): Promise<{ readonly orderId: Id64 }> {
    const whole = { symbol, side: "BUY", type: "MARKET", quantity: "0.002", ...params };
    return this.#rest.call({ endpoint: ENDPOINTS.placeOrder, params: whole, priority: "read" });
  }

  fills(symbol: string) {
    return this.#rest.call({ endpoint: ENDPOINTS.userTrades, params: { symbol }, priority: "read" });
  }

  endKey(): Promise<unknown> {
    return this.#rest.call({ endpoint: ENDPOINTS.closeListenKey, priority: "read" });
  }
}

async function command({ url }: RunningPaperVenue, what: string, wish: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/paper/${what}`, { method: "POST", headers, body: JSON.stringify(wish) });
  assert.equal(answer.status, 200, await answer.text());
}

function agree(stream: AccountStream, { venue }: RunningPaperVenue): void {
  assert.deepEqual(differences(stream.account, venue.exchange, "demo"), []);
}

function certain(stream: AccountStream): Promise<void> {
  return until(() => stream.health.sync === "certain");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for a condition; fails when it takes more than 15 s. */
async function until(isSo: () => boolean): Promise<void> {
  const overdue = Date.now() + 15_000;
  while (!isSo()) {
    if (Date.now() > overdue) throw new Error(`not so within 15 s: ${isSo}`);
    await pause(5);
  }
}

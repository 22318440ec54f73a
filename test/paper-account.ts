/** An account of a paper venue over real sockets, followed by one program and traded by another. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { differences } from "../sim/mirror-truth.ts";
import type { Resume } from "../src/account/follower-deps.ts";
import { type AccountRecord, AccountStream, type AccountStreamOptions, isEvent } from "../src/index.ts";
import { systemClock } from "../src/kernel/io/system-clock.ts";
import type { Id64 } from "../src/kernel/scalars.ts";
import { ENDPOINTS } from "../src/protocol/endpoints.ts";
import { RestAccountReads } from "../src/rest/account-reads.ts";
import { hmacSigner } from "../src/rest/io/signers.ts";
import { undiciHttp } from "../src/rest/io/undici-http.ts";
import { RestClient } from "../src/rest/rest-client.ts";
import { WeightBudget } from "../src/rest/weight-budget.ts";
import { type RunningPaperVenue, startPaperVenue } from "../src/venue/index.ts";
import { until } from "./eventually.ts";

const KEYS = { apiKey: "paper-demo-key", apiSecret: "paper-demo-secret" };
/** As in production, but in hundredths of a second. */
export const HASTY = {
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

/** What was told of an order's standing, in order. */
export function lifeOf(records: readonly AccountRecord[], orderId: string): string[] {
  return records.flatMap((record) => {
    if (!isEvent(record, "ORDER_TRADE_UPDATE")) return [];
    const { i, X } = record.event.o;
    return i === orderId && X !== undefined && X !== "PARTIALLY_FILLED" ? [X] : [];
  });
}

/** Opens a venue; both end with the test. */
export async function begin(t: TestContext) {
  const venue = await startPaperVenue();
  t.after(() => venue.close());
  const environment = { rest: venue.url, stream: venue.wsUrl };
  const open = (options: Partial<AccountStreamOptions> = {}, resume?: Resume) => {
    const timing = { ...HASTY, ...options.timing };
    const stream = new AccountStream({ ...KEYS, environment, ...options, timing }, resume);
    t.after(() => stream.stop());
    const records: AccountRecord[] = [];
    stream.on("record", (record) => records.push(record));
    return { stream, records };
  };
  return { venue, open, trader: new OtherProgram(venue.url) };
}

/** Another program on the same account. */
export class OtherProgram {
  readonly #rest: RestClient;
  readonly #budget = new WeightBudget();

  constructor(baseUrl: string) {
    const signer = hmacSigner(KEYS.apiSecret);
    const { apiKey } = KEYS;
    this.#rest = new RestClient({
      http: undiciHttp,
      clock: systemClock,
      budget: this.#budget,
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

  cancel(symbol: string, orderId: Id64): Promise<unknown> {
    return this.#rest.call({ endpoint: ENDPOINTS.cancelOrder, params: { symbol, orderId }, priority: "read" });
  }

  /** Uses up weight of this address, 40 a call, until hardly more than so much is used. */
  async burn(upTo: number): Promise<void> {
    while (this.#budget.state(systemClock.now()).used + 40 <= upTo) {
      await this.#rest.call({ endpoint: ENDPOINTS.openOrders, priority: "keep-alive" });
    }
  }

  /** What a repair would ask, counted apart. */
  reads(): RestAccountReads {
    return new RestAccountReads(this.#rest);
  }

  /** Places a conditional order. */
  async wait(symbol: string, params: Readonly<Record<string, string>>): Promise<{ readonly algoId: Id64 }> {
    const whole = { symbol, algoType: "CONDITIONAL", side: "BUY", ...params };
    return this.#rest.call({ endpoint: ENDPOINTS.placeAlgoOrder, params: whole, priority: "read" });
  }

  /** Cancels one. */
  unwait(algoId: Id64): Promise<unknown> {
    return this.#rest.call({ endpoint: ENDPOINTS.cancelAlgoOrder, params: { algoId }, priority: "read" });
  }

  endKey(): Promise<unknown> {
    return this.#rest.call({ endpoint: ENDPOINTS.closeListenKey, priority: "read" });
  }
}

/** A native call of the venue: `faults` with what is to go wrong, and others. */
export async function command({ url }: RunningPaperVenue, what: string, wish: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/paper/${what}`, { method: "POST", headers, body: JSON.stringify(wish) });
  assert.equal(answer.status, 200, await answer.text());
}

/** Fails unless the mirror shows what the venue knows. */
export function agree(stream: AccountStream, { venue }: RunningPaperVenue): void {
  assert.deepEqual(differences(stream.account, venue.exchange, "demo"), []);
}

/** Resolves when all is known. */
export function certain(stream: AccountStream): Promise<void> {
  return until(() => stream.health.sync === "certain");
}

/** Resolves after so long. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

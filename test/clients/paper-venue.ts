/**
 * The paper venue as the tests of other people's clients see it: one server per test on a free port of 127.0.0.1,
 * a fresh account each, and a switch that cuts every open socket the way a network does.
 *
 * Rules kept here: nothing is reached but 127.0.0.1; every wait has a deadline; the server goes down with its test.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { BOT_QUEUE_ENTRIES } from "../../src/hub/bots.ts";
import { startPaperVenue } from "../../src/venue/index.ts";
import { eventually } from "../eventually.ts";
import { startTwoHops } from "../two-hops.ts";

/** What the native face gives back for a new account; the pair a client signs with. */
export interface PaperAccount {
  /** Name of the account in the native face. */
  readonly id: string;
  /** Sent as `X-MBX-APIKEY`. */
  readonly apiKey: string;
  /** Secret of the HMAC signatures. */
  readonly apiSecret: string;
}

/** One running venue and its door for tests. */
export interface PaperVenue {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** `ws://127.0.0.1:PORT`, without a slash at the end. */
  readonly wsUrl: string;
  /** An account made for this test alone, holding `STARTING_USDT` and nothing else. */
  readonly account: PaperAccount;
  /** Ends every open stream socket without a closing handshake. */
  cutAllSockets(): void;
  /** Moves venue time by `KEY_VALIDITY_MS`, so that a key lives no longer. The clients' own clocks stay as they are. */
  expireKeys(): Promise<void>;
  /** Has `end` run when the test is over, passed or failed, before the venue goes down; the last named runs first. */
  atEnd(end: () => unknown): void;
}

/** What each test's account holds at first, in USDT. */
export const STARTING_USDT = 10_000;

/** How long a listenKey lives after its last POST or PUT. */
export const KEY_VALIDITY_MS = 60 * 60 * 1000;

/** Starts a venue for one test, opens an account on it, and closes the venue when the test is over. */
async function openPaperVenue(context: TestContext): Promise<PaperVenue> {
  const venue = await startPaperVenue({ port: 0, seed: 1 });
  const ends: (() => unknown)[] = [() => venue.close()];
  context.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  const wanted = { name: "outside-client", balances: { USDT: String(STARTING_USDT) } };
  const account = (await postNative(venue.url, "/v1/paper/accounts", wanted)) as PaperAccount;
  return {
    url: venue.url,
    wsUrl: venue.wsUrl,
    account,
    cutAllSockets: () => void venue.cutSockets(),
    expireKeys: async () => void (await postNative(venue.url, "/v1/paper/clock/advance", { ms: KEY_VALIDITY_MS })),
    atEnd: (end) => void ends.push(end),
  };
}

/** The bot's own pair; the account's pair stays with the hub. */
const BOT = { name: "outside-client", apiKey: "outside-client-0123456789", secret: "outside-client-secret" };

/**
 * The same with a hub in between: the client knows only the hub, by a key and a secret of its own; its calls are signed
 * anew, and its sockets and its listenKey are the hub's.
 */
export async function openHub(context: TestContext): Promise<PaperVenue> {
  const { name, apiKey, secret } = BOT;
  const credential = { keyType: "HMAC", secret } as const;
  const bot = { name, account: name, apiKey, credential, may: "trade", policy: "disconnect" } as const;
  const hops = await startTwoHops({
    accounts: async ({ url }) => {
      const wanted = { name, balances: { USDT: String(STARTING_USDT) } };
      return [(await postNative(url, "/v1/paper/accounts", wanted)) as PaperAccount];
    },
    bots: [{ ...bot, queueEntries: BOT_QUEUE_ENTRIES }],
  });
  const ends: (() => unknown)[] = [() => hops.close()];
  context.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return {
    url: hops.url,
    wsUrl: hops.wsUrl,
    account: { id: name, apiKey, apiSecret: secret },
    cutAllSockets: () => hops.cutStreams(),
    expireKeys: () => hops.age(KEY_VALIDITY_MS),
    atEnd: (end) => void ends.push(end),
  };
}

/** One test against the venue, and one through a hub in front of it. */
export function testBothWays(name: string, body: (venue: PaperVenue) => Promise<void>): void {
  test(name, async (context) => body(await openPaperVenue(context)));
  test(`${name}, through a hub`, async (context) => body(await openHub(context)));
}

async function postNative(url: string, path: string, body: object): Promise<unknown> {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  assert.ok(response.ok, `POST ${path}: expected success, found ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

/** What the clients have said about an order, in the words of Binance's status enum. */
export interface OrderReport {
  /** The id that the test gave the order. */
  readonly clientOrderId: string;
  /** `NEW`, `PARTIALLY_FILLED`, `FILLED`, … */
  readonly status: string;
  /** The venue's id in decimal digits; absent where the client rounds it. */
  readonly orderId?: string;
}

/** What the clients have said about a balance. */
export interface BalanceReport {
  /** Name of the asset. */
  readonly asset: string;
  /** Wallet balance after the change, in the asset; a number, because most of these clients make it one. */
  readonly wallet: number;
}

/** Everything one client has reported through its own callbacks, oldest first. */
export class Reports {
  /** Order reports, oldest first. */
  readonly orders: OrderReport[] = [];
  /** Balance reports, oldest first. */
  readonly balances: BalanceReport[] = [];
  #settledUsdt = STARTING_USDT;

  /** The statuses reported for one order, oldest first; empty when none came. */
  statusesOf(clientOrderId: string): string[] {
    return this.orders.filter((order) => order.clientOrderId === clientOrderId).map((order) => order.status);
  }

  /** Checks that each report on an order bears the id that the client got when placing it, and that it is over 2^53. */
  assertLongId(clientOrderId: string, orderId: string): void {
    assert.ok(BigInt(orderId) > BigInt(Number.MAX_SAFE_INTEGER), `${orderId}: expected an id above 2^53`);
    const orders = this.orders.filter((order) => order.clientOrderId === clientOrderId);
    assert.deepEqual([...new Set(orders.map((order) => order.orderId))], [orderId]);
  }

  /** The USDT wallet balance as last reported; `undefined` before the first report. */
  get usdt(): number | undefined {
    return this.balances.findLast((balance) => balance.asset === "USDT")?.wallet;
  }

  /**
   * Waits until a filled order and the balance change of its commission are reported, and checks the order of the
   * reports: `NEW` first, `FILLED` last, and each of them once.
   */
  async assertFilled(clientOrderId: string): Promise<void> {
    const usdtBefore = this.#settledUsdt;
    await eventually(`FILLED of ${clientOrderId}`, () => this.statusesOf(clientOrderId).includes("FILLED"));
    const statuses = this.statusesOf(clientOrderId);
    assert.equal(statuses[0], "NEW");
    assert.equal(statuses.at(-1), "FILLED");
    assert.deepEqual(
      statuses.slice(1, -1).filter((status) => status !== "PARTIALLY_FILLED"),
      [],
    );
    await eventually(`balance after ${clientOrderId}`, () => this.usdt !== undefined && this.usdt < usdtBefore);
    this.#settledUsdt = this.usdt ?? usdtBefore;
  }
}

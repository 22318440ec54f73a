/** Trading of several accounts on one exchange, without end: every way in which an order comes, changes and goes. */
import { strict as assert } from "node:assert";
import { pick, seededRandom } from "../src/kernel/random.ts";
import type { TransactMs } from "../src/kernel/scalars.ts";
import type { ConditionalRequest } from "../src/venue/conditional/conditional-request.ts";
import type { Exchange } from "../src/venue/exchange/exchange.ts";
import type { OrderRequest } from "../src/venue/orders/order-request.ts";

/** About so much is traded at a time, in the quote asset. */
const NOTIONAL = 400;
/** Orders of one account that are open at a time. Then it cancels all. */
const OPEN_MAX = 50;
/** Venue time from command to command. */
const STEP_MS = 25;
/** After so many commands the money is counted. */
const AUDIT_EVERY = 10_000;

const QUEUES = ["QUEUE", "QUEUE_5", "QUEUE_10", "OPPONENT_5"] as const;
const STOPS = ["TRAILING_STOP_MARKET", "STOP_MARKET", "TAKE_PROFIT_MARKET"] as const;

/** Places orders by seeded dice. */
export class SoakTrading {
  readonly #exchange: Exchange;
  readonly #accounts: readonly string[];
  readonly #symbols: readonly string[];
  readonly #keepsAnswers: boolean;
  readonly #kept: unknown[] = [];
  readonly #random = seededRandom(7);
  #now: number;
  #commandCount = 0;
  #orderCount = 0;

  /** @param keepsAnswers a leak on purpose */
  constructor(exchange: Exchange, accounts: readonly string[], openedAt: number, keepsAnswers: boolean) {
    this.#exchange = exchange;
    this.#accounts = accounts;
    this.#symbols = exchange.symbols().map(({ info }) => info.symbol);
    this.#keepsAnswers = keepsAnswers;
    this.#now = openedAt;
    for (const id of accounts) exchange.createAccount({ id, balances: { USDT: "10000000" } }, openedAt as TransactMs);
  }

  /** Orders of both kinds that were accepted. */
  get orderCount(): number {
    return this.#orderCount;
  }

  /** Orders that are open now, of all accounts. */
  get openCount(): number {
    let count = 0;
    for (const account of this.#accounts) {
      const open = this.#exchange.openOrders(account);
      if (!("outcome" in open)) count += open.length;
    }
    return count;
  }

  /** Goes on until so many orders have been placed since the beginning. */
  run(untilOrders: number): void {
    while (this.#orderCount < untilOrders) {
      this.#now += STEP_MS;
      this.#act(this.#one(this.#accounts), this.#one(this.#symbols), this.#now as TransactMs);
      const events = this.#exchange.takeEvents();
      if (this.#keepsAnswers) this.#kept.push(...events);
      if (++this.#commandCount % AUDIT_EVERY !== 0) continue;
      assert.equal(this.#exchange.auditMoney().discrepancy, 0n);
    }
  }

  #act(account: string, symbol: string, now: TransactMs): void {
    const kind = pick(this.#random, 100);
    if (kind < 35) this.#place(account, { ...this.#terms(symbol), type: "MARKET" }, now);
    else if (kind < 75) this.#placeLimit(account, symbol, now);
    else if (kind < 85) this.#placeStop(account, symbol, now);
    else if (kind < 95) this.#changeOne(account, symbol, now);
    else if (kind < 97) this.#exchange.cancelAllConditionals(account, symbol, now);
    else this.#exchange.countDown(account, symbol, pick(this.#random, 3) * 1000, now);
  }

  #terms(symbol: string) {
    const market = this.#exchange.market(symbol);
    const price = Number(market?.lastPrice ?? 1n) / 1e8;
    const places = this.#exchange.symbol(symbol)?.info.quantityPrecision ?? 0;
    const side = this.#random.next() < 0.5 ? "BUY" : "SELL";
    return { symbol, side, quantity: (NOTIONAL / price + 10 ** -places).toFixed(places) };
  }

  #place(account: string, request: OrderRequest, now: TransactMs): void {
    if (this.#exchange.placeOrder(account, request, now).outcome === "placed") this.#orderCount++;
  }

  #placeLimit(account: string, symbol: string, now: TransactMs): void {
    const open = this.#exchange.openOrders(account, symbol);
    if (!("outcome" in open) && open.length >= OPEN_MAX)
      return void this.#exchange.cancelAllOrders(account, symbol, now);
    const limit = { ...this.#terms(symbol), type: "LIMIT", priceMatch: this.#one(QUEUES) };
    const isDated = pick(this.#random, 4) === 0;
    const lasts = isDated ? { timeInForce: "GTD", goodTillDate: String(now + 700_000) } : { timeInForce: "GTC" };
    // Some ids come back, most do not.
    const newClientOrderId = pick(this.#random, 3) === 0 ? `again-${pick(this.#random, 500)}` : undefined;
    this.#place(account, { ...limit, ...lasts, newClientOrderId }, now);
  }

  #placeStop(account: string, symbol: string, now: TransactMs): void {
    const type = this.#one(STOPS);
    const terms = this.#terms(symbol);
    const market = this.#exchange.market(symbol);
    const last = Number(market?.lastPrice ?? 1n) / 1e8;
    const isAbove = (type === "STOP_MARKET") === (terms.side === "BUY");
    const places = this.#exchange.symbol(symbol)?.info.pricePrecision ?? 2;
    const trigger = (last * (isAbove ? 1.0005 : 0.9995)).toFixed(Math.min(places, 1));
    const stop = type === "TRAILING_STOP_MARKET" ? { callbackRate: "0.1" } : { triggerPrice: trigger };
    const request: ConditionalRequest = { algoType: "CONDITIONAL", type, ...terms, ...stop };
    if (this.#exchange.placeConditional(account, request, now).outcome === "placed") this.#orderCount++;
  }

  /** Amends the oldest open order, or cancels it. */
  #changeOne(account: string, symbol: string, now: TransactMs): void {
    const open = this.#exchange.openOrders(account, symbol);
    const [oldest] = "outcome" in open ? [] : open;
    if (oldest === undefined) return;
    const which = { symbol, orderId: oldest.orderId };
    if (pick(this.#random, 2) === 0) return void this.#exchange.cancelOrder(account, which, now);
    const { quantity } = this.#terms(symbol);
    this.#exchange.amendOrder(account, { ...which, side: oldest.side, quantity, priceMatch: "QUEUE_5" }, now);
  }

  #one<T>(choices: readonly T[]): T {
    return choices[pick(this.#random, choices.length)] as T;
  }
}

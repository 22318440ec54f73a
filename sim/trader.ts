/** A program that trades on the account through signed REST, so that the account has something to tell. Pure. */
import { ListenkeyError, VenueRejected } from "../src/kernel/errors.ts";
import type { Clock, Random } from "../src/kernel/ports.ts";
import { pick } from "../src/kernel/random.ts";
import { after } from "../src/kernel/scalars.ts";
import { ENDPOINTS } from "../src/protocol/endpoints.ts";
import type { RestCall, RestClient } from "../src/rest/rest-client.ts";

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"] as const;
/** Enough for the least notional of each symbol at its price in the paper venue. */
const QUANTITIES: Readonly<Record<(typeof SYMBOLS)[number], string>> = {
  BTCUSDT: "0.002",
  ETHUSDT: "0.030",
  SOLUSDT: "1",
};

/** What it does, and how often in a hundred. */
const SHARES = {
  /** Takes liquidity, then reads the order back. */
  "market order": 55,
  /** Rests a little away from the best price. */
  "limit order": 20,
  "trailing stop": 10,
  "cancel all": 10,
  "cancel stops": 5,
} as const;

type Action = keyof typeof SHARES;

/** What the trader needs. */
export interface TraderDeps {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly random: Random;
  /** The mean time between two actions. */
  readonly everyMs: number;
  /** Is called before each read of an order that exists; its result, when REST does not know the order. */
  readonly reading: () => () => void;
}

/** Trades at random times, small amounts to and fro. Trouble with a request is no trouble. */
export class Trader {
  readonly #deps: TraderDeps;
  #isStopped = false;
  #orderCount = 0;

  constructor(deps: TraderDeps) {
    this.#deps = deps;
  }

  /** Orders of both kinds that were accepted. */
  get orderCount(): number {
    return this.#orderCount;
  }

  /** Begins. */
  start(): void {
    const { clock, random, everyMs } = this.#deps;
    clock.wake(after(clock.now(), random.next() * 2 * everyMs), "trade", () => {
      if (this.#isStopped) return;
      this.#act().catch((error) => {
        if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
      });
      this.start();
    });
  }

  /** Ends. */
  stop(): void {
    this.#isStopped = true;
  }

  async #act(): Promise<void> {
    const { random } = this.#deps;
    const symbol = SYMBOLS[pick(random, SYMBOLS.length)] ?? SYMBOLS[0];
    const side = random.next() < 0.5 ? "BUY" : "SELL";
    const order = { symbol, side, quantity: QUANTITIES[symbol] };
    switch (drawn(random)) {
      case "market order": {
        const { orderId } = await this.#place(ENDPOINTS.placeOrder, { ...order, type: "MARKET" });
        return this.#readBack({ symbol, orderId });
      }
      case "limit order":
        await this.#place(ENDPOINTS.placeOrder, { ...order, type: "LIMIT", timeInForce: "GTC", priceMatch: "QUEUE_5" });
        return;
      case "trailing stop": {
        const terms = { algoType: "CONDITIONAL", type: "TRAILING_STOP_MARKET", callbackRate: "0.1" };
        await this.#place(ENDPOINTS.placeAlgoOrder, { ...order, ...terms });
        return;
      }
      case "cancel all":
        return void (await this.#call(ENDPOINTS.cancelAllOrders, { symbol }));
      case "cancel stops":
        return void (await this.#call(ENDPOINTS.cancelAllAlgoOrders, { symbol }));
    }
  }

  async #place<R>(endpoint: RestCall<R>["endpoint"], params: Readonly<Record<string, string>>): Promise<R> {
    const placed = await this.#call(endpoint, params);
    this.#orderCount++;
    return placed;
  }

  async #readBack(which: { readonly symbol: string; readonly orderId: string }): Promise<void> {
    const unknown = this.#deps.reading();
    try {
      await this.#call(ENDPOINTS.order, { ...which, orderId: String(which.orderId) });
    } catch (error) {
      if (error instanceof VenueRejected && error.venueCode === UNKNOWN_ORDER) unknown();
      throw error;
    }
  }

  #call<R>(endpoint: RestCall<R>["endpoint"], params: Readonly<Record<string, string>>): Promise<R> {
    return this.#deps.rest.call({ endpoint, params, priority: "read" });
  }
}

/** -2013: Order does not exist. */
const UNKNOWN_ORDER = -2013;

function drawn(random: Random): Action {
  let left = pick(random, 100);
  for (const [action, share] of Object.entries(SHARES) as [Action, number][]) {
    if (left < share) return action;
    left -= share;
  }
  return "market order";
}

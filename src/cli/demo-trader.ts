/** A small program that trades on the paper venue through signed REST, so that there is something to see. */
import { ListenkeyError, VenueRejected } from "../kernel/errors.ts";
import type { Clock, Random } from "../kernel/ports.ts";
import { pick } from "../kernel/random.ts";
import { after } from "../kernel/scalars.ts";
import { ENDPOINTS } from "../protocol/endpoints.ts";
import type { RestCall, RestClient } from "../rest/rest-client.ts";

/** Symbol → order quantity: worth some hundred USDT each. */
const QUANTITIES: Readonly<Record<string, string>> = {
  BTCUSDT: "0.004",
  ETHUSDT: "0.080",
  BNBUSDT: "0.40",
  SOLUSDT: "2",
};

/**
 * Held with a margin of their own: a move of the market by some percent calls and liquidates them, while the others are
 * so small beside the account that no price would.
 */
const ISOLATED: readonly string[] = ["BNBUSDT", "SOLUSDT"];

/** What a trader needs. */
export interface DemoTraderDeps {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly random: Random;
  /** The mean time between two actions, in milliseconds. */
  readonly everyMs: number;
  /** Is told what the venue refused. The trader goes on. */
  readonly refused: (error: ListenkeyError) => void;
}

/** Buys and sells to and fro, mostly at market, sometimes with a resting order that is cancelled later. */
export class DemoTrader {
  readonly #deps: DemoTraderDeps;
  #cancelWake = () => {};
  #isStopped = false;
  #isSetUp = false;

  constructor(deps: DemoTraderDeps) {
    this.#deps = deps;
  }

  /** Begins. */
  start(): void {
    const { clock, random, everyMs } = this.#deps;
    if (this.#isStopped) return;
    this.#cancelWake = clock.wake(after(clock.now(), (0.5 + random.next()) * everyMs), "trade", () => {
      this.#act()
        .catch((error: unknown) => {
          if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
          if (!this.#isStopped) this.#deps.refused(error);
        })
        .finally(() => this.start());
    });
  }

  /** Ends. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelWake();
  }

  async #act(): Promise<void> {
    if (!this.#isSetUp) await this.#setUp();
    const symbols = Object.keys(QUANTITIES);
    const symbol = symbols[pick(this.#deps.random, symbols.length)] ?? "BTCUSDT";
    const action = this.#deps.random.next();
    if (action < 0.6) return this.#market(symbol);
    if (action < 0.85) return this.#quote(symbol);
    await this.#call(ENDPOINTS.cancelAllOrders, { symbol });
  }

  async #setUp(): Promise<void> {
    for (const symbol of ISOLATED) {
      try {
        await this.#call(ENDPOINTS.changeMarginType, { symbol, marginType: "ISOLATED" });
      } catch (error) {
        // It is so already, or something stands there: both are good enough to trade with.
        if (!(error instanceof VenueRejected)) throw error;
      }
    }
    this.#isSetUp = true;
  }

  /** Towards flat when there is a position, either way when there is none. */
  async #market(symbol: string): Promise<void> {
    const [position] = await this.#call(ENDPOINTS.positionRisk, { symbol });
    const amount = position?.positionAmt ?? "0";
    const isFlat = !/[1-9]/.test(amount);
    const side = isFlat ? this.#anySide() : amount.startsWith("-") ? "BUY" : "SELL";
    await this.#call(ENDPOINTS.placeOrder, { symbol, side, type: "MARKET", quantity: QUANTITIES[symbol] ?? "1" });
  }

  /** An order that rests at the best price of its own side: the market may come to it. */
  async #quote(symbol: string): Promise<void> {
    const side = this.#anySide();
    const book = [await this.#call(ENDPOINTS.bookTicker, { symbol })].flat()[0];
    const price = (side === "BUY" ? book?.bidPrice : book?.askPrice) ?? "0";
    const order = { symbol, side, type: "LIMIT", timeInForce: "GTC", quantity: QUANTITIES[symbol] ?? "1", price };
    await this.#call(ENDPOINTS.placeOrder, order);
  }

  #anySide(): "BUY" | "SELL" {
    return this.#deps.random.next() < 0.5 ? "BUY" : "SELL";
  }

  #call<R>(endpoint: RestCall<R>["endpoint"], params: Readonly<Record<string, string>>): Promise<R> {
    return this.#deps.rest.call({ endpoint, params, priority: "read" });
  }
}

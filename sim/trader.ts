/** A program that trades on the account through signed REST, so that the account has something to tell. Pure. */
import { ListenkeyError } from "../src/kernel/errors.ts";
import type { Clock, Random } from "../src/kernel/ports.ts";
import { pick } from "../src/kernel/random.ts";
import { after } from "../src/kernel/scalars.ts";
import { ENDPOINTS } from "../src/protocol/endpoints.ts";
import type { RestClient } from "../src/rest/rest-client.ts";

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"] as const;
/** Enough for the least notional of each symbol at its price in the paper venue. */
const QUANTITIES: Readonly<Record<(typeof SYMBOLS)[number], string>> = {
  BTCUSDT: "0.002",
  ETHUSDT: "0.030",
  SOLUSDT: "1",
};

/** Trades at random times, a mean `everyMs` apart, small amounts to and fro. Trouble with a request is no trouble. */
export class Trader {
  readonly #rest: RestClient;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #everyMs: number;
  #isStopped = false;
  #orderCount = 0;

  constructor(deps: { rest: RestClient; clock: Clock; random: Random; everyMs: number }) {
    this.#rest = deps.rest;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#everyMs = deps.everyMs;
  }

  /** Orders that were accepted. */
  get orderCount(): number {
    return this.#orderCount;
  }

  /** Begins. */
  start(): void {
    const waitMs = this.#random.next() * 2 * this.#everyMs;
    this.#clock.wake(after(this.#clock.now(), waitMs), "trade", () => {
      if (this.#isStopped) return;
      this.#trade().then(
        () => this.#orderCount++,
        (error) => {
          if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
        },
      );
      this.start();
    });
  }

  /** Ends. */
  stop(): void {
    this.#isStopped = true;
  }

  async #trade(): Promise<void> {
    const symbol = SYMBOLS[pick(this.#random, SYMBOLS.length)] ?? SYMBOLS[0];
    const side = this.#random.next() < 0.5 ? "BUY" : "SELL";
    const params = { symbol, side, type: "MARKET", quantity: QUANTITIES[symbol] };
    await this.#rest.call({ endpoint: ENDPOINTS.placeOrder, params, priority: "read" });
  }
}

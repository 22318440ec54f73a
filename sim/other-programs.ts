/**
 * Other programs of the same account, and the world outside: orders on a symbol that nobody else touches, transfers,
 * funding, grids, liquidations. They reach the venue by ways of their own. Pure.
 */
import type { Clock, Random } from "../src/kernel/ports.ts";
import { pick } from "../src/kernel/random.ts";
import { after } from "../src/kernel/scalars.ts";
import { ENDPOINTS } from "../src/protocol/endpoints.ts";
import { parseJson } from "../src/protocol/json.ts";
import type { RestCall, RestClient } from "../src/rest/rest-client.ts";
import type { OrderRequest } from "../src/venue/orders/order-request.ts";
import { Pace } from "./pace.ts";
import type { SimNetwork } from "./sim-network.ts";

/** What they need. */
export interface OtherProgramsDeps {
  readonly rest: RestClient;
  readonly network: SimNetwork;
  readonly clock: Clock;
  readonly random: Random;
  readonly isHedge: boolean;
  /** Places an order behind the wire. */
  readonly place: (order: OrderRequest) => void;
  /** The mean time between two things they do; `undefined`: they do none. */
  readonly everyMs: number | undefined;
  /** Is told what was done, by name. */
  readonly did: (name: string) => void;
}

/** A symbol that the trader never touches. */
const SYMBOL = "BNBUSDT";
const QUANTITY = "0.02";

/** Below it are the native calls of the venue. */
const CONSOLE = "/v1/paper";

/** Transfers of amounts that this divides come in series, */
const TWINS_OF = 4;
/** of so many, */
const TWINS = 60;
/** so far apart. */
const TWIN_EVERY_MS = 700;

/** Many orders within a short time. */
export interface Burst {
  readonly orders: number;
  /** So many at a time. */
  readonly step: number;
  readonly everyMs: number;
}

/** Act at random times. */
export class OtherPrograms {
  readonly #deps: OtherProgramsDeps;
  readonly #pace: Pace;
  #grid: number | undefined;

  constructor(deps: OtherProgramsDeps) {
    this.#deps = deps;
    const { clock, random, everyMs } = deps;
    this.#pace = new Pace({ clock, random, everyMs, why: "others", act: () => this.#act() });
  }

  /** Begins. */
  start(): void {
    this.#pace.start();
  }

  /** Ends. */
  stop(): void {
    this.#pace.stop();
  }

  /** Trades to and fro, `step` orders at a time. */
  burst({ orders, step, everyMs }: Burst): void {
    const { clock, place, isHedge } = this.#deps;
    const more = isHedge ? { positionSide: "LONG" } : {};
    for (let i = 0; i < step; i++) {
      const side = (orders + i) % 2 === 0 ? "BUY" : "SELL";
      place({ symbol: SYMBOL, side, quantity: QUANTITY, type: "MARKET", ...more });
    }
    if (orders <= step) return;
    const rest = { orders: orders - step, step, everyMs };
    clock.wake(after(clock.now(), everyMs), "burst", () => this.burst(rest));
  }

  async #act(): Promise<void> {
    const { random, did } = this.#deps;
    const [name, act] = this.#deeds[pick(random, this.#deeds.length)] ?? this.#deeds[0];
    await act();
    did(`others: ${name}`);
  }

  readonly #deeds: readonly [readonly [string, () => unknown], ...(readonly [string, () => unknown])[]] = [
    ["market order", () => this.#order({ type: "MARKET" })],
    ["limit order", () => this.#order({ type: "LIMIT", timeInForce: "GTC", priceMatch: "QUEUE_5" })],
    ["cancel", () => this.#call(ENDPOINTS.cancelAllOrders, { symbol: SYMBOL })],
    ["conditional order", () => this.#conditional()],
    ["cancel conditional", () => this.#call(ENDPOINTS.cancelAllAlgoOrders, { symbol: SYMBOL })],
    ["transfer", () => this.#transfer(this.#amount())],
    ["funding", () => this.#command(`/funding/${SYMBOL}`, {})],
    ["leverage", () => this.#call(ENDPOINTS.changeLeverage, { symbol: SYMBOL, leverage: this.#leverage() })],
    ["grid", () => this.#playGrid()],
    ["liquidation", () => this.#rarely(() => this.#command("/accounts/demo/liquidation", {}))],
    ["margin call", () => this.#rarely(() => this.#command("/accounts/demo/margin-call", {}))],
  ];

  #amount(): string {
    const { random } = this.#deps;
    return `${random.next() < 0.5 ? "-" : ""}${1 + pick(random, 50)}`;
  }

  /** Of some amounts there are many, quick after one another: equal ones, which nothing names. */
  #transfer(amount: string): void {
    const { clock, did } = this.#deps;
    const count = Number(amount) % TWINS_OF === 0 ? TWINS : 1;
    if (count > 1) did("others: equal transfers");
    const send = (left: number) => {
      if (left === 0 || this.#pace.isStopped) return;
      this.#command("/accounts/demo/transfer", { asset: "USDT", amount });
      clock.wake(after(clock.now(), TWIN_EVERY_MS), "transfer", () => send(left - 1));
    };
    send(count);
  }

  #leverage(): string {
    return String(5 + pick(this.#deps.random, 40));
  }

  #rarely(act: () => void): void {
    if (this.#deps.random.next() < 0.2) act();
  }

  #order(terms: Readonly<Record<string, string>>): Promise<unknown> {
    return this.#call(ENDPOINTS.placeOrder, { ...this.#ticket(), ...terms });
  }

  #conditional(): Promise<unknown> {
    const terms = { algoType: "CONDITIONAL", type: "TRAILING_STOP_MARKET", callbackRate: "0.1" };
    return this.#call(ENDPOINTS.placeAlgoOrder, { ...this.#ticket(), ...terms });
  }

  #ticket(): Record<string, string> {
    const { random, isHedge } = this.#deps;
    const side = random.next() < 0.5 ? "BUY" : "SELL";
    const more = isHedge ? { positionSide: random.next() < 0.5 ? "LONG" : "SHORT" } : {};
    return { symbol: SYMBOL, side, quantity: QUANTITY, ...more };
  }

  /** Starts a grid around the price, or stops the one that runs. */
  async #playGrid(): Promise<void> {
    const running = this.#grid;
    this.#grid = undefined;
    if (running !== undefined) return this.#command(`/strategies/${running}`, undefined);
    const [ticker] = [await this.#call(ENDPOINTS.priceTicker, { symbol: "SOLUSDT" })].flat();
    const price = Number(ticker?.price);
    const body = {
      account: "demo",
      symbol: "SOLUSDT",
      gridCount: 4,
      gridLowerLimit: (price * 0.995).toFixed(2),
      gridUpperLimit: (price * 1.005).toFixed(2),
      perGridQty: "1",
    };
    const answer = this.#deps.network.command("POST", `${CONSOLE}/strategies`, JSON.stringify(body), {});
    if (answer.status === 200) this.#grid = (parseJson(answer.body) as { readonly strategyId: number }).strategyId;
  }

  #command(path: string, body: object | undefined): void {
    const method = body === undefined ? "DELETE" : "POST";
    this.#deps.network.command(method, `${CONSOLE}${path}`, JSON.stringify(body ?? {}), {});
  }

  #call<R>(endpoint: RestCall<R>["endpoint"], params: Readonly<Record<string, string>>): Promise<R> {
    return this.#deps.rest.call({ endpoint, params, priority: "read" });
  }
}

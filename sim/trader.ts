/** A program that trades on the account through signed REST, so that the account has something to tell. Pure. */
import { VenueRejected } from "../src/kernel/errors.ts";
import type { Clock, Random } from "../src/kernel/ports.ts";
import { pick } from "../src/kernel/random.ts";
import { ENDPOINTS } from "../src/protocol/endpoints.ts";
import type { RestCall, RestClient } from "../src/rest/rest-client.ts";
import { Pace } from "./pace.ts";
import type { Action, Shares, Workload } from "./workload.ts";

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"] as const;
/** Enough for the least notional of each symbol at its price in the paper venue. */
const QUANTITIES: Readonly<Record<(typeof SYMBOLS)[number], string>> = {
  BTCUSDT: "0.002",
  ETHUSDT: "0.030",
  SOLUSDT: "1",
};

/** Decimals of a price of each. */
const PRICE_DECIMALS: Readonly<Record<(typeof SYMBOLS)[number], number>> = { BTCUSDT: 1, ETHUSDT: 2, SOLUSDT: 2 };

/** How far from the price a stop triggers, at the most: the market goes so far within hours. */
const STOP_DISTANCE = 0.004;

/** So many of its limit orders it remembers, to amend and cancel them. */
const REMEMBERED_MAX = 20;

type Symbol = (typeof SYMBOLS)[number];
type Params = Readonly<Record<string, string>>;

/** Where an order goes. */
interface Ticket {
  readonly symbol: Symbol;
  readonly side: "BUY" | "SELL";
  readonly quantity: string;
  /** Only in hedge mode. */
  readonly positionSide?: "LONG" | "SHORT";
}

/** What an amendment changes. */
interface Terms {
  readonly price: string;
  readonly quantity: string;
}

interface Resting {
  readonly ticket: Ticket;
  readonly orderId: string;
  readonly terms: Terms;
  /** Before it was amended last. */
  readonly before?: Terms;
}

/** What the trader needs. */
export interface TraderDeps {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly random: Random;
  /** The mean time between two actions. */
  readonly everyMs: number;
  readonly workload: Workload;
  /** Is told what was done, by name. */
  readonly did: (name: string) => void;
  /** Is called before each read of an order that exists; its result, when REST does not know the order. */
  readonly reading: () => () => void;
}

/** Trades at random times, small amounts to and fro. */
export class Trader {
  readonly #deps: TraderDeps;
  readonly #pace: Pace;
  #orderCount = 0;
  #resting: Resting[] = [];

  constructor(deps: TraderDeps) {
    this.#deps = deps;
    const { clock, random, everyMs } = deps;
    this.#pace = new Pace({ clock, random, everyMs, why: "trade", act: () => this.#act() });
  }

  /** Orders of both kinds that were accepted. */
  get orderCount(): number {
    return this.#orderCount;
  }

  /** Begins. */
  start(): void {
    this.#pace.start();
  }

  /** Ends. */
  stop(): void {
    this.#pace.stop();
  }

  async #act(): Promise<void> {
    const { random, workload } = this.#deps;
    const symbol = SYMBOLS[pick(random, SYMBOLS.length)] ?? SYMBOLS[0];
    const side = random.next() < 0.5 ? "BUY" : "SELL";
    const ticket: Ticket = { symbol, side, quantity: QUANTITIES[symbol], ...this.#positionSide() };
    const action = drawn(random, workload.shares);
    await this.#actions[action](ticket);
    this.#deps.did(`trader: ${action}`);
  }

  #positionSide(): Pick<Ticket, "positionSide"> {
    const { random, workload } = this.#deps;
    return workload.isHedge ? { positionSide: random.next() < 0.5 ? "LONG" : "SHORT" } : {};
  }

  readonly #actions: Readonly<Record<Action, (ticket: Ticket) => Promise<unknown>>> = {
    "market order": async (ticket) => {
      const { orderId } = await this.#place(ENDPOINTS.placeOrder, { ...ticket, type: "MARKET" });
      await this.#readBack({ symbol: ticket.symbol, orderId });
    },
    "limit order": async (ticket) => {
      const terms = { type: "LIMIT", timeInForce: "GTC", priceMatch: "QUEUE_5" };
      const placed = await this.#place(ENDPOINTS.placeOrder, { ...ticket, ...terms });
      const resting = { ticket, orderId: String(placed.orderId), terms: termsOf(placed) };
      this.#resting = [...this.#resting.slice(1 - REMEMBERED_MAX), resting];
    },
    "trailing stop": (ticket) => {
      const terms = { algoType: "CONDITIONAL", type: "TRAILING_STOP_MARKET", callbackRate: "0.1" };
      return this.#place(ENDPOINTS.placeAlgoOrder, { ...ticket, ...terms });
    },
    "stop order": async (ticket) => {
      const type = this.#deps.random.next() < 0.5 ? "STOP_MARKET" : "TAKE_PROFIT_MARKET";
      const triggerPrice = await this.#triggerPrice(ticket, type);
      await this.#place(ENDPOINTS.placeAlgoOrder, { ...ticket, algoType: "CONDITIONAL", type, triggerPrice });
    },
    "cancel all": ({ symbol }) => this.#call(ENDPOINTS.cancelAllOrders, { symbol }),
    "cancel stops": ({ symbol }) => this.#call(ENDPOINTS.cancelAllAlgoOrders, { symbol }),
    amend: async () => {
      const last = this.#resting.at(-1);
      if (last === undefined) return;
      const { symbol, side, quantity } = last.ticket;
      const isMore = this.#deps.random.next() < 0.5;
      const more = isMore ? { quantity: twice(quantity) } : { quantity };
      const priceMatch = this.#deps.random.next() < 0.5 ? "QUEUE_10" : "QUEUE_5";
      await this.#amend(last, { symbol, side, orderId: last.orderId, priceMatch, ...more });
      this.#deps.did("trader: amended an order");
    },
    "amend back": async () => {
      const last = this.#resting.findLast(({ before }) => before !== undefined);
      if (last?.before === undefined) return;
      const { symbol, side } = last.ticket;
      await this.#amend(last, { symbol, side, orderId: last.orderId, ...last.before });
      this.#deps.did("trader: took an amendment back");
    },
    "trade with itself": async (ticket) => {
      const [index] = [await this.#call(ENDPOINTS.markPrice, { symbol: ticket.symbol })].flat();
      const price = Number(index?.indexPrice).toFixed(PRICE_DECIMALS[ticket.symbol]);
      const terms = { type: "LIMIT", timeInForce: "GTC", price, selfTradePreventionMode: "NONE" };
      const { orderId } = await this.#place(ENDPOINTS.placeOrder, { ...ticket, ...terms });
      const side = ticket.side === "BUY" ? "SELL" : "BUY";
      const second = await this.#place(ENDPOINTS.placeOrder, { ...ticket, ...terms, side });
      const ids = [orderId, second.orderId].map(String);
      const trades = await this.#call(ENDPOINTS.userTrades, { symbol: ticket.symbol, limit: "10" });
      const idsOf = (one: string) =>
        trades.filter((trade) => String(trade.orderId) === one).map(({ id }) => String(id));
      const [first, other] = ids.map(idsOf);
      if (first?.some((id) => other?.includes(id))) this.#deps.did("trader: its orders met");
    },
    "cancel one": async () => {
      const last = this.#resting.pop();
      if (last === undefined) return;
      await this.#call(ENDPOINTS.cancelOrder, { symbol: last.ticket.symbol, orderId: last.orderId });
    },
    batch: async (ticket) => {
      const limit = { ...ticket, type: "LIMIT", timeInForce: "GTC", priceMatch: "QUEUE_10" };
      const batchOrders = JSON.stringify([limit, { ...ticket, type: "MARKET" }, limit]);
      await this.#place(ENDPOINTS.placeOrders, { batchOrders });
    },
    leverage: ({ symbol }) => {
      const leverage = String(5 + pick(this.#deps.random, 40));
      return this.#call(ENDPOINTS.changeLeverage, { symbol, leverage });
    },
    "margin type": ({ symbol }) => {
      const marginType = this.#deps.random.next() < 0.5 ? "ISOLATED" : "CROSSED";
      return this.#call(ENDPOINTS.changeMarginType, { symbol, marginType });
    },
    "position margin": ({ symbol, positionSide }) => {
      const side = positionSide === undefined ? {} : { positionSide };
      return this.#call(ENDPOINTS.changePositionMargin, { symbol, ...side, amount: "1", type: "1" });
    },
    "close position": async ({ symbol }) => {
      await this.#call(ENDPOINTS.cancelAllOrders, { symbol });
      for (const { positionAmt, positionSide } of await this.#call(ENDPOINTS.positionRisk, { symbol })) {
        if (!/[1-9]/.test(positionAmt)) continue;
        const side = positionAmt.startsWith("-") ? "BUY" : "SELL";
        const quantity = positionAmt.replace("-", "");
        const only = positionSide === "BOTH" ? { reduceOnly: "true" } : { positionSide };
        await this.#place(ENDPOINTS.placeOrder, { symbol, side, quantity, type: "MARKET", ...only });
      }
    },
  };

  async #amend(last: Resting, params: Params): Promise<void> {
    const terms = termsOf(await this.#call(ENDPOINTS.amendOrder, params));
    const amended = { ...last, terms, before: last.terms };
    this.#resting = this.#resting.map((one) => (one.orderId === last.orderId ? amended : one));
  }

  /** On the side of the price where it has not triggered yet. */
  async #triggerPrice({ symbol, side }: Ticket, type: string): Promise<string> {
    const [ticker] = [await this.#call(ENDPOINTS.priceTicker, { symbol })].flat();
    const isAbove = (type === "STOP_MARKET") === (side === "BUY");
    const away = STOP_DISTANCE * this.#deps.random.next() + 0.0002;
    const price = Number(ticker?.price) * (isAbove ? 1 + away : 1 - away);
    return price.toFixed(PRICE_DECIMALS[symbol]);
  }

  async #place<R>(endpoint: RestCall<R>["endpoint"], params: Params): Promise<R> {
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

  #call<R>(endpoint: RestCall<R>["endpoint"], params: Params): Promise<R> {
    return this.#deps.rest.call({ endpoint, params, priority: "read" });
  }
}

/** -2013: Order does not exist. */
const UNKNOWN_ORDER = -2013;

function drawn(random: Random, shares: Shares): Action {
  const actions = Object.entries(shares) as [Action, number][];
  let left = pick(
    random,
    actions.reduce((sum, [, share]) => sum + share, 0),
  );
  for (const [action, share] of actions) {
    if (left < share) return action;
    left -= share;
  }
  return "market order";
}

/** `"0.002"` → `"0.004"` */
function twice(quantity: string): string {
  return (2 * Number(quantity)).toFixed(quantity.split(".")[1]?.length ?? 0);
}

function termsOf({ price, origQty }: { readonly price: string; readonly origQty: string }): Terms {
  return { price, quantity: origQty };
}

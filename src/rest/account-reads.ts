/** What a repair asks, asked over REST: signed reads of one account, with the priority of repairs. Pure. */
import { VenueRejected } from "../kernel/errors.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { ENDPOINTS } from "../protocol/endpoints.ts";
import type { Balance } from "../protocol/rest/account.ts";
import type { AccountConfig, SymbolConfig } from "../protocol/rest/account-settings.ts";
import type { AlgoOrder } from "../protocol/rest/algo-orders.ts";
import type { Income } from "../protocol/rest/income.ts";
import type { Order, UserTrade } from "../protocol/rest/orders.ts";
import type { PositionRiskV3 } from "../protocol/rest/position-risk.ts";
import type { RestCall, RestClient } from "./rest-client.ts";

/** -2013: the exchange knows no such order. */
const NO_SUCH_ORDER = -2013;
/** Rows of one page: as many as the exchange gives. */
const PAGE = "1000";

/**
 * So long a read waits in the queue of its address, where there is one. Whoever asks may have lost interest meanwhile;
 * it is told that the budget is spent, and for how long, and asks again if it wants to.
 */
const PATIENCE_MS = 10_000;

interface Span {
  readonly startTime: TransactMs;
  readonly endTime: TransactMs;
}

/** Reads of one account, one request each. They fail as {@link RestClient.call} does. */
export class RestAccountReads {
  readonly #rest: RestClient;
  #weightUsed = 0;
  #requestCount = 0;

  constructor(rest: RestClient) {
    this.#rest = rest;
  }

  /**
   * Asks the exchange for its time; what is returned is its time when the answer arrived, as exactly as can be told.
   */
  async exchangeTime(): Promise<TransactMs> {
    const before = this.#rest.timesAsked;
    try {
      await this.#rest.syncClock();
    } finally {
      const asked = this.#rest.timesAsked - before;
      this.#requestCount += asked;
      this.#weightUsed += asked;
    }
    return Math.round(this.#rest.venueClock.now()) as TransactMs;
  }

  /** Weight of the requests that were sent so far, by the exchange's table. What our own budget refused is none. */
  get weightUsed(): number {
    return this.#weightUsed;
  }

  /** Requests that were sent so far. */
  get requestCount(): number {
    return this.#requestCount;
  }

  /** Position mode, Multi-Assets mode, permissions. */
  accountConfig(): Promise<AccountConfig> {
    return this.#call(ENDPOINTS.accountConfig);
  }

  /** Leverage and margin type of all symbols. */
  symbolConfigs(): Promise<readonly SymbolConfig[]> {
    return this.#call(ENDPOINTS.symbolConfig);
  }

  /** Every asset. */
  balances(): Promise<readonly Balance[]> {
    return this.#call(ENDPOINTS.balance);
  }

  /** Symbols with a position or open orders. */
  positions(): Promise<readonly PositionRiskV3[]> {
    return this.#call(ENDPOINTS.positionRisk);
  }

  /** Of all symbols. */
  openOrders(): Promise<readonly Order[]> {
    return this.#call(ENDPOINTS.openOrders);
  }

  /** Of all symbols. */
  openAlgoOrders(): Promise<readonly AlgoOrder[]> {
    return this.#call(ENDPOINTS.openAlgoOrders);
  }

  /** Orders placed within the span, of all symbols or of one; oldest first, one page. */
  orders(span: Span, symbol?: string): Promise<readonly Order[]> {
    const of: Readonly<Record<string, string>> = symbol === undefined ? {} : { symbol };
    return this.#call(ENDPOINTS.allOrders, { ...of, ...times(span), limit: PAGE });
  }

  /** Orders of one symbol with this id and higher ones; in the order of ids, one page. */
  ordersFrom(symbol: string, orderId: string): Promise<readonly Order[]> {
    return this.#call(ENDPOINTS.allOrders, { symbol, orderId, limit: PAGE });
  }

  /** One order; `undefined` when the exchange knows none such. */
  order(symbol: string, orderId: string): Promise<Order | undefined> {
    return orNone(this.#call(ENDPOINTS.order, { symbol, orderId }));
  }

  /** One conditional order; `undefined` when the exchange knows none such. */
  algoOrder(algoId: string): Promise<AlgoOrder | undefined> {
    return orNone(this.#call(ENDPOINTS.algoOrder, { algoId }));
  }

  /** Conditional orders of one symbol placed within the span; oldest first, one page. */
  algoOrders(symbol: string, span: Span): Promise<readonly AlgoOrder[]> {
    return this.#call(ENDPOINTS.allAlgoOrders, { symbol, ...times(span), limit: PAGE });
  }

  /** Conditional orders of one symbol with this id and higher ones; in the order of ids, one page. */
  algoOrdersFrom(symbol: string, algoId: string): Promise<readonly AlgoOrder[]> {
    return this.#call(ENDPOINTS.allAlgoOrders, { symbol, algoId, limit: PAGE });
  }

  /** Fills of one symbol from a trade id on, or within a span; oldest first, one page. */
  trades(symbol: string, from: { readonly fromId: string } | Span): Promise<readonly UserTrade[]> {
    const where: Readonly<Record<string, string>> = "fromId" in from ? { fromId: from.fromId } : times(from);
    return this.#call(ENDPOINTS.userTrades, { symbol, ...where, limit: PAGE });
  }

  /** Changes of the wallet within the span, of all symbols; oldest first. */
  income(span: Span, page: number): Promise<readonly Income[]> {
    return this.#call(ENDPOINTS.income, { ...times(span), page: String(page), limit: PAGE });
  }

  async #call<R>(endpoint: RestCall<R>["endpoint"], params: Readonly<Record<string, string>> = {}): Promise<R> {
    const patience = this.#rest.patience(PATIENCE_MS);
    const wait = patience === undefined ? {} : { wait: patience };
    const sent = (weight: number) => {
      this.#requestCount++;
      this.#weightUsed += weight;
    };
    return this.#rest.call({ endpoint, params, priority: "repair", sent, ...wait });
  }
}

/** Whole milliseconds, as the exchange wants them: our clocks know fractions. */
function times({ startTime, endTime }: Span): Record<string, string> {
  return { startTime: String(Math.floor(startTime)), endTime: String(Math.ceil(endTime)) };
}

async function orNone<R>(call: Promise<R>): Promise<R | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof VenueRejected && error.venueCode === NO_SUCH_ORDER) return undefined;
    throw error;
  }
}

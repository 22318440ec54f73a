/** What repair asks of the exchange, as a port: signed reads, each answer whole and checked. Pure. */
import type { TransactMs } from "../kernel/scalars.ts";
import type { Balance } from "../protocol/rest/account.ts";
import type { AccountConfig, SymbolConfig } from "../protocol/rest/account-settings.ts";
import type { AlgoOrder } from "../protocol/rest/algo-orders.ts";
import type { Income } from "../protocol/rest/income.ts";
import type { Order, UserTrade } from "../protocol/rest/orders.ts";
import type { PositionRiskV3 } from "../protocol/rest/position-risk.ts";

/** A span of the exchange's time; both ends included. At most seven days long: the exchange refuses longer ones. */
export interface Span {
  readonly startTime: TransactMs;
  readonly endTime: TransactMs;
}

/** Rows of one page at the most, of every paged read. Documented. */
export const PAGE_ROWS_MAX = 1000;

/**
 * Reads of one account. Every one may fail as a `RestClient` call does; none repeats by itself. Answers may be older
 * than the stream, and two answers may come from replicas that disagree.
 */
export interface AccountReads {
  /**
   * Asks the exchange for its time; what is returned is its time when the answer arrived, as exactly as can be told.
   */
  exchangeTime(): Promise<TransactMs>;
  /** Weight of the requests sent so far. */
  readonly weightUsed: number;
  /** Requests sent so far. */
  readonly requestCount: number;
  accountConfig(): Promise<AccountConfig>;
  /** All symbols. */
  symbolConfigs(): Promise<readonly SymbolConfig[]>;
  balances(): Promise<readonly Balance[]>;
  /** Symbols with a position or open orders; one that is absent is flat. */
  positions(): Promise<readonly PositionRiskV3[]>;
  openOrders(): Promise<readonly Order[]>;
  openAlgoOrders(): Promise<readonly AlgoOrder[]>;
  /** Orders placed within the span, of all symbols or of one; oldest first, one page. */
  orders(span: Span, symbol?: string): Promise<readonly Order[]>;
  /** Orders of one symbol with this id and higher ones; in the order of ids, one page. */
  ordersFrom(symbol: string, orderId: string): Promise<readonly Order[]>;
  /** One order; `undefined` when the exchange knows none such (-2013). */
  order(symbol: string, orderId: string): Promise<Order | undefined>;
  /** One conditional order; `undefined` when the exchange knows none such (-2013). */
  algoOrder(algoId: string): Promise<AlgoOrder | undefined>;
  /** Conditional orders of one symbol placed within the span; oldest first, one page. */
  algoOrders(symbol: string, span: Span): Promise<readonly AlgoOrder[]>;
  /** Conditional orders of one symbol with this id and higher ones; in the order of ids, one page. */
  algoOrdersFrom(symbol: string, algoId: string): Promise<readonly AlgoOrder[]>;
  /** Fills of one symbol from a trade id on, or within a span; oldest first, one page. */
  trades(symbol: string, from: { readonly fromId: string } | Span): Promise<readonly UserTrade[]>;
  /** Changes of the wallet within the span, of all symbols; oldest first. @param page 1, 2, 3 … */
  income(span: Span, page: number): Promise<readonly Income[]>;
}

/** What REST knows of one account, in tables that a test fills: an exchange that only answers. */
import type { AccountReads, Span } from "../src/account/account-reads.ts";
import { PAGE_ROWS_MAX } from "../src/account/account-reads.ts";
import { compareIds } from "../src/kernel/digits.ts";
import type { Id64, TransactMs } from "../src/kernel/scalars.ts";
import type { Balance } from "../src/protocol/rest/account.ts";
import type { AccountConfig, SymbolConfig } from "../src/protocol/rest/account-settings.ts";
import type { AlgoOrder } from "../src/protocol/rest/algo-orders.ts";
import type { Income } from "../src/protocol/rest/income.ts";
import type { Order, UserTrade } from "../src/protocol/rest/orders.ts";
import type { PositionRiskV3 } from "../src/protocol/rest/position-risk.ts";

/** Everything REST knows. */
export interface RestTables {
  balances: readonly Balance[];
  positions: readonly PositionRiskV3[];
  symbols: readonly SymbolConfig[];
  orders: readonly Order[];
  algoOrders: readonly AlgoOrder[];
  trades: readonly UserTrade[];
  income: readonly Income[];
}

const CONFIG: AccountConfig = {
  feeTier: 0,
  canTrade: true,
  canDeposit: true,
  canWithdraw: true,
  dualSidePosition: false,
  updateTime: 0,
  multiAssetsMargin: false,
  tradeGroupId: -1,
} as AccountConfig;

/** Answers from its tables; lags and refuses when it is told to. */
export class FakeReads implements AccountReads {
  tables: RestTables = { balances: [], positions: [], symbols: [], orders: [], algoOrders: [], trades: [], income: [] };
  /** What is answered from while it lags. */
  #old: RestTables | undefined;
  #stalled: RestTables | undefined;
  /** Read → what it is refused with. */
  readonly refusals = new Map<string, () => Error>();
  /** What was asked, in order. */
  readonly asked: string[] = [];
  readonly #now: () => number;

  /** @param now the exchange's time */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** One of its servers knows nothing new from now on, and is not asked yet. */
  stall(): void {
    this.#stalled = { ...this.tables };
  }

  /** From now on answers are as old as this moment, or as the server that has stalled; or up to date again. */
  lag(isOld: boolean): void {
    this.#old = isOld ? (this.#stalled ?? { ...this.tables }) : undefined;
    this.#stalled = undefined;
  }

  get weightUsed(): number {
    return this.asked.length;
  }

  get requestCount(): number {
    return this.asked.length;
  }

  exchangeTime(): Promise<TransactMs> {
    return this.#answer("exchangeTime", () => this.#now() as TransactMs);
  }

  accountConfig(): Promise<AccountConfig> {
    return this.#answer("accountConfig", () => CONFIG);
  }

  symbolConfigs(): Promise<readonly SymbolConfig[]> {
    return this.#answer("symbolConfigs", ({ symbols }) => symbols);
  }

  balances(): Promise<readonly Balance[]> {
    return this.#answer("balances", ({ balances }) => balances);
  }

  positions(): Promise<readonly PositionRiskV3[]> {
    return this.#answer("positions", ({ positions }) => positions);
  }

  openOrders(): Promise<readonly Order[]> {
    return this.#answer("openOrders", ({ orders }) => orders.filter(isOpen));
  }

  openAlgoOrders(): Promise<readonly AlgoOrder[]> {
    return this.#answer("openAlgoOrders", ({ algoOrders }) => algoOrders.filter(({ algoStatus: s }) => s === "NEW"));
  }

  orders(span: Span, symbol?: string): Promise<readonly Order[]> {
    return this.#answer(symbol === undefined ? "orders" : `orders ${symbol}`, ({ orders }) =>
      page(orders.filter((row) => isIn(span, row.time) && (symbol === undefined || row.symbol === symbol))),
    );
  }

  ordersFrom(symbol: string, orderId: string): Promise<readonly Order[]> {
    return this.#answer(`ordersFrom ${symbol} ${orderId}`, ({ orders }) =>
      page(orders.filter((row) => row.symbol === symbol && compareIds(row.orderId, orderId as Id64) >= 0)),
    );
  }

  order(symbol: string, orderId: string): Promise<Order | undefined> {
    return this.#answer(`order ${symbol} ${orderId}`, ({ orders }) =>
      orders.find((row) => row.symbol === symbol && row.orderId === orderId),
    );
  }

  algoOrder(algoId: string): Promise<AlgoOrder | undefined> {
    return this.#answer(`algoOrder ${algoId}`, ({ algoOrders }) => algoOrders.find((row) => row.algoId === algoId));
  }

  algoOrders(symbol: string, span: Span): Promise<readonly AlgoOrder[]> {
    return this.#answer(`algoOrders ${symbol}`, ({ algoOrders }) =>
      page(algoOrders.filter((row) => row.symbol === symbol && isIn(span, row.createTime))),
    );
  }

  algoOrdersFrom(symbol: string, algoId: string): Promise<readonly AlgoOrder[]> {
    return this.#answer(`algoOrdersFrom ${symbol} ${algoId}`, ({ algoOrders }) =>
      page(algoOrders.filter((row) => row.symbol === symbol && compareIds(row.algoId, algoId as Id64) >= 0)),
    );
  }

  trades(symbol: string, from: { readonly fromId: string } | Span): Promise<readonly UserTrade[]> {
    const isWanted = (row: UserTrade) =>
      "fromId" in from ? compareIds(row.id, from.fromId as Id64) >= 0 : isIn(from, row.time);
    const what = "fromId" in from ? `from ${from.fromId}` : "by time";
    return this.#answer(`trades ${symbol} ${what}`, ({ trades }) =>
      page(trades.filter((row) => row.symbol === symbol && isWanted(row))),
    );
  }

  income(span: Span, number: number): Promise<readonly Income[]> {
    return this.#answer(`income ${number}`, ({ income }) => {
      const rows = income.filter(({ time }) => isIn(span, time));
      return rows.slice((number - 1) * PAGE_ROWS_MAX, number * PAGE_ROWS_MAX);
    });
  }

  async #answer<T>(what: string, read: (tables: RestTables) => T): Promise<T> {
    this.asked.push(what);
    const refusal = this.refusals.get(what.split(" ")[0] ?? what);
    const isOneSymbol = what.startsWith("orders ");
    if (refusal !== undefined && !isOneSymbol) throw refusal();
    return read(this.#old ?? this.tables);
  }
}

function isOpen({ status }: Order): boolean {
  return status === "NEW" || status === "PARTIALLY_FILLED";
}

function isIn({ startTime, endTime }: Span, time: number): boolean {
  return time >= startTime && time <= endTime;
}

function page<Row>(rows: readonly Row[]): readonly Row[] {
  return rows.slice(0, PAGE_ROWS_MAX);
}

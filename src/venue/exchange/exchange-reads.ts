/**
 * What an exchange can be asked: its accounts, their orders and money, its markets. Pure; nothing here changes anything
 * or fires a timer.
 *
 * Rules kept here
 * - Whoever asks for an account that does not exist made a mistake, and is told by a `UsageError`; whoever asks
 *   for an order that does not exist is refused with a code.
 * - Where `now` is asked for it dates the windows and retention of history, nothing else.
 */

import type { Refused } from "../../face/refusal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { IncomeEntry, MarginTransfer } from "../accounts/account-history.ts";
import { accountState, positionViews } from "../accounts/account-state.ts";
import { type PastAccount, pastOf } from "../accounts/past-account.ts";
import { findConditional, listConditionals, listWaiting } from "../conditional/conditional-reads.ts";
import type { ConditionalReference, ConditionalsQuery } from "../conditional/conditional-request.ts";
import type { ConditionalView } from "../conditional/conditional-views.ts";
import { gridView } from "../grids/grid-events.ts";
import type { GridView } from "../grids/grid-views.ts";
import { depthView, marketView } from "../market/market.ts";
import type { ShownMarket } from "../market/market-writing.ts";
import type { SymbolListing } from "../market/symbol-listing.ts";
import { listAmendments } from "../orders/amending.ts";
import { type ForceOrdersQuery, listForceOrders } from "../orders/force-orders.ts";
import { findOpenOrder, findOrder, listOpenOrders, listOrders, listTrades } from "../orders/order-reads.ts";
import type * as Asked from "../orders/order-request.ts";
import type { Floor } from "./floor.ts";
import { auditMoney } from "./money-audit.ts";
import type { Account } from "./records.ts";
import type * as View from "./views.ts";

/** Everything that an exchange can be asked without changing it. */
export class ExchangeReads {
  readonly #floor: Floor;

  /** @param floor what the answers are read from */
  constructor(floor: Floor) {
    this.#floor = floor;
  }

  /** The latest time it has been told. */
  get now(): TransactMs {
    return this.#floor.now;
  }

  /** When something next happens by itself; `undefined` when nothing will. */
  nextDeadline(): View.Deadline | undefined {
    return this.#floor.timers.next();
  }

  // Accounts

  /** Is there such an account? */
  hasAccount(id: string): boolean {
    return !id.startsWith("~") && this.#floor.accounts.has(id);
  }

  /** Ids of all accounts but the exchange's own, oldest first. */
  accountIds(): string[] {
    return [...this.#floor.accounts.keys()].filter((id) => !id.startsWith("~"));
  }

  // One account

  /** One order, open or ended. -2013 when there is none, or it is older than history is kept: see order-reads.ts. */
  order(accountId: string, which: Asked.OrderReference, now: TransactMs): View.OrderView | Refused {
    return findOrder(this.#floor, this.#account(accountId), which, now);
  }

  /** One open order. -2013 when it is not open any more. */
  openOrder(accountId: string, which: Asked.OrderReference): View.OrderView | Refused {
    return findOpenOrder(this.#floor, this.#account(accountId), which);
  }

  /** Open orders, of one symbol or of all in the order of the listing; by order id within each. */
  openOrders(accountId: string, symbol?: string): readonly View.OrderView[] | Refused {
    return listOpenOrders(this.#floor, this.#account(accountId), symbol);
  }

  /** Orders, ended and open, by order id (over all symbols: by time); paging in docs/venue-rules.md. */
  allOrders(accountId: string, query: Asked.OrdersQuery, now: TransactMs): readonly View.OrderView[] | Refused {
    return listOrders(this.#floor, this.#account(accountId), query, now);
  }

  /** Orders with which the exchange closed positions of the account. */
  forceOrders(accountId: string, query: ForceOrdersQuery, now: TransactMs): readonly View.OrderView[] | Refused {
    return listForceOrders(this.#floor, this.#account(accountId), query, now);
  }

  /** Bookings on the account's wallets that are neither fills nor transfers, oldest first. */
  incomeEntries(accountId: string): readonly IncomeEntry[] {
    return this.#account(accountId).income.all();
  }

  /** Amendments of one order, newest first; none is no refusal. */
  amendments(accountId: string, query: Asked.AmendmentsQuery, now: TransactMs): View.Amendments | Refused {
    return listAmendments(this.#floor, this.#account(accountId), query, now);
  }

  /** One conditional order. -2013 when there is none, or it is older than history is kept. */
  conditional(accountId: string, which: ConditionalReference, now: TransactMs): ConditionalView | Refused {
    return findConditional(this.#floor, this.#account(accountId), which, now);
  }

  /** Conditional orders that wait, oldest first. */
  waitingConditionals(
    accountId: string,
    which: { readonly symbol?: string | undefined; readonly algoId?: string | undefined },
  ): readonly ConditionalView[] | Refused {
    return listWaiting(this.#floor, this.#account(accountId), which);
  }

  /** Conditional orders of one symbol by id; paging as of {@link allOrders}. */
  allConditionals(accountId: string, query: ConditionalsQuery, now: TransactMs): readonly ConditionalView[] | Refused {
    return listConditionals(this.#floor, this.#account(accountId), query, now);
  }

  /** Fills of one symbol by trade id, oldest first; paging in docs/venue-rules.md. */
  userTrades(accountId: string, query: Asked.TradesQuery, now: TransactMs): readonly View.TradeView[] | Refused {
    return listTrades(this.#floor, this.#account(accountId), query, now);
  }

  /** Balances, margins and positions at the mark prices of this moment. */
  accountState(accountId: string): View.AccountState {
    return accountState(this.#account(accountId));
  }

  /** Positions of every symbol as in {@link View.AccountState}, flat ones too; v3 reads leave out the idle ones. */
  positions(accountId: string): readonly View.PositionView[] {
    return positionViews(this.#account(accountId));
  }

  /** Margin moved into and out of isolated positions of one symbol, oldest first. */
  marginTransfers(accountId: string, symbol: string): readonly MarginTransfer[] {
    return this.#account(accountId).holdings.get(symbol)?.marginTransfers.all() ?? [];
  }

  // Grids

  /** One grid, running or ended; `undefined` when there is none, or it was forgotten. */
  grid(strategyId: number): GridView | undefined {
    const grid = this.#floor.grids.get(strategyId);
    return grid === undefined ? undefined : gridView(grid);
  }

  /** Grids of one account or of all, running and ended, oldest first. */
  grids(accountId?: string): GridView[] {
    return this.#floor.grids.list(accountId).map(gridView);
  }

  // The past, for servers that lag behind

  /** What reads of the account look at, as it is now. It does not change any more. */
  remember(accountId: string): PastAccount {
    return pastOf(this.#account(accountId));
  }

  /** Makes reads that see the account as it was; prices are those of now. Commands must not be given meanwhile. */
  readAsOf<T>(past: PastAccount, read: () => T): T {
    const { accounts } = this.#floor;
    const present = this.#account(past.id);
    accounts.set(past.id, past);
    try {
      return read();
    } finally {
      accounts.set(past.id, present);
    }
  }

  // The markets

  /** All listings, in the order in which they were given. */
  symbols(): readonly SymbolListing[] {
    return [...this.#floor.markets.values()].map(({ listing }) => listing);
  }

  /** One listing; `undefined` for an unknown symbol. */
  symbol(name: string): SymbolListing | undefined {
    return this.#floor.markets.get(name)?.listing;
  }

  /** All markets by symbol, as market streams and public reads see them. Not to be changed from outside. */
  get shownMarkets(): ReadonlyMap<string, ShownMarket> {
    return this.#floor.markets;
  }

  /** Last, mark and index price and the best quotes; `undefined` for an unknown symbol. */
  market(symbol: string): View.MarketView | undefined {
    const market = this.#floor.markets.get(symbol);
    return market === undefined ? undefined : marketView(market, this.#floor.now);
  }

  /** The book down to `levels` a side; `undefined` for an unknown symbol. */
  depth(symbol: string, levels: number): View.DepthView | undefined {
    const market = this.#floor.markets.get(symbol);
    return market === undefined ? undefined : depthView(market, levels, this.#floor.now);
  }

  /** Commission rates of every account: fractions of the notional. */
  get feeRates(): Readonly<{ maker: string; taker: string }> {
    return this.#floor.feeRateTexts;
  }

  // Proof

  /** Counts all money. Linear in the number of accounts: for tests and checks, not for every request. */
  auditMoney(): View.MoneyAudit {
    return auditMoney(this.#floor);
  }

  #account(id: string): Account {
    return this.#floor.userAccount(id);
  }
}

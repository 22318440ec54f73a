/**
 * The exchange: commands in, events out, time as an argument. Pure and deterministic: equal inputs give equal bytes.
 *
 * Rules kept here
 * - Time only moves forward. A command first fires, in order of time, every timer due at or before its own time; a
 *   command dated earlier than the last one is carried out at the time of the last one.
 * - A refused command changes nothing and pushes nothing. Refusals are values; what is thrown is a bug of the caller
 *   (an account that does not exist) or of ours (an invariant).
 * - Events are handed out once, in the order in which they happened, by {@link Exchange.takeEvents}.
 * - Money is conserved to the last digit: {@link Exchange.auditMoney}.
 *
 * What the exchange decides where Binance is silent stands in docs/venue-rules.md.
 */
import { UsageError } from "../kernel/errors.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { accountState, positionViews } from "./account-state.ts";
import { cancelAllOrders, cancelOrder } from "./cancelling.ts";
import { Floor, type FloorSettings } from "./floor.ts";
import { changeLeverage } from "./leverage.ts";
import { depthView, marketView } from "./market.ts";
import { type MarketMove, moveMarket, startMarketMakers } from "./market-maker.ts";
import type { ShownMarket } from "./market-writing.ts";
import { auditMoney } from "./money-audit.ts";
import { placeOrder, testOrder } from "./order-entry.ts";
import { findOpenOrder, findOrder, listOpenOrders, listOrders, listTrades } from "./order-reads.ts";
import type { OrderReference, OrderRequest, OrdersQuery, TradesQuery } from "./order-request.ts";
import type { Account } from "./records.ts";
import type { Refused } from "./refusal.ts";
import type { SymbolListing } from "./symbol-listing.ts";
import { openAccount, transfer } from "./transfer.ts";
import type {
  AccountEvent,
  AccountState,
  Cancelled,
  CancelledAll,
  Deadline,
  DepthView,
  LeverageChanged,
  MarketMoved,
  MarketView,
  MoneyAudit,
  OrderView,
  Placed,
  PositionView,
  TradeView,
  Transferred,
} from "./views.ts";

/** How many accounts one exchange holds. An account without orders costs about a kilobyte. */
export const ACCOUNTS_MAX = 10_000;

/** How an exchange is set up. */
export type ExchangeSettings = FloorSettings;

/** Who the account is and what it starts with. */
export interface AccountOpening {
  /** Unique; the exchange's own begin with `~`. */
  readonly id: string;
  /** Asset → amount; booked as deposits, pushed to nobody, since nobody listens yet. */
  readonly balances?: Readonly<Record<string, string>>;
}

/** One futures exchange in memory. */
export class Exchange {
  readonly #floor: Floor;

  /**
   * Opens the markets at their start prices at `settings.now`.
   * @throws {UsageError} when a listing contradicts itself, or a symbol is listed twice
   */
  constructor(settings: ExchangeSettings) {
    this.#floor = new Floor(settings);
    startMarketMakers(this.#floor);
  }

  /** The latest time it has been told. */
  get now(): TransactMs {
    return this.#floor.now;
  }

  // Accounts

  /**
   * Opens an account: one-way mode, cross margin, single-asset mode, leverage 20 on every symbol.
   * @throws {UsageError} when the id is taken or reserved, an amount is no positive decimal, or {@link ACCOUNTS_MAX}
   *   is reached
   */
  createAccount(opening: AccountOpening, now: TransactMs): void {
    this.#floor.advance(now);
    if (this.#floor.accounts.size > ACCOUNTS_MAX) {
      throw new UsageError("accounts", `at most ${ACCOUNTS_MAX}`, this.#floor.accounts.size);
    }
    openAccount(this.#floor, opening.id, opening.balances ?? {});
  }

  /** Is there such an account? */
  hasAccount(id: string): boolean {
    return !id.startsWith("~") && this.#floor.accounts.has(id);
  }

  /** Ids of all accounts but the exchange's own, oldest first. */
  accountIds(): string[] {
    return [...this.#floor.accounts.keys()].filter((id) => !id.startsWith("~"));
  }

  /**
   * Moves money between spot and futures wallet: `"25.5"` deposits, `"-25.5"` withdraws. Pushes `ACCOUNT_UPDATE`
   * DEPOSIT or WITHDRAW. Refused with -4055 when the amount is no decimal or zero, with -2018 when more is withdrawn
   * than {@link AccountState} says may be.
   */
  transfer(accountId: string, asset: string, amount: string, now: TransactMs): Transferred | Refused {
    this.#floor.advance(now);
    return transfer(this.#floor, this.#account(accountId), asset, amount);
  }

  // Trading

  /** Places an order; its fills happen before this returns. */
  placeOrder(accountId: string, request: OrderRequest, now: TransactMs): Placed | Refused {
    this.#floor.advance(now);
    return placeOrder(this.#floor, this.#account(accountId), request);
  }

  /** Checks an order as {@link placeOrder} would, and does nothing. `undefined` when it would be accepted. */
  testOrder(accountId: string, request: OrderRequest, now: TransactMs): Refused | undefined {
    this.#floor.advance(now);
    return testOrder(this.#floor, this.#account(accountId), request);
  }

  /** Cancels one open order. Refused with -2011 when there is none such. */
  cancelOrder(accountId: string, which: OrderReference, now: TransactMs): Cancelled | Refused {
    this.#floor.advance(now);
    return cancelOrder(this.#floor, this.#account(accountId), which);
  }

  /** Cancels every open order of one symbol, oldest first. */
  cancelAllOrders(accountId: string, symbol: string, now: TransactMs): CancelledAll | Refused {
    this.#floor.advance(now);
    return cancelAllOrders(this.#floor, this.#account(accountId), symbol);
  }

  /** Sets the leverage of one symbol. Pushes `ACCOUNT_CONFIG_UPDATE` when it is another one than before. */
  changeLeverage(accountId: string, symbol: string, leverage: number, now: TransactMs): LeverageChanged | Refused {
    this.#floor.advance(now);
    return changeLeverage(this.#floor, this.#account(accountId), symbol, leverage);
  }

  // The market and the time

  /**
   * Moves the market. With a `price`: what users have resting at it or on the way to it fills, as maker, against the
   * exchange's own account; last, index and mark price become it; quotes stand around it. With a `markPrice`: the mark
   * price becomes it, until the market maker's next tick draws it back. Refused with the codes of PRICE_FILTER.
   */
  moveMarket(symbol: string, move: MarketMove, now: TransactMs): MarketMoved | Refused {
    this.#floor.advance(now);
    return moveMarket(this.#floor, symbol, move);
  }

  /** When something next happens by itself; `undefined` when nothing will. */
  nextDeadline(): Deadline | undefined {
    return this.#floor.timers.next();
  }

  /**
   * Fires all timers due at or before `now`, in order of time, equal times in the order in which they were set.
   * @param paceMs the least time between two ticks of a kind, when this is a step of a longer jump
   */
  due(now: TransactMs, paceMs = 0): void {
    this.#floor.advance(now, paceMs);
  }

  /** What the commands and timers since the last call pushed, in order. The caller takes it after each call. */
  takeEvents(): AccountEvent[] {
    return this.#floor.outbox.take();
  }

  // Reads of an account. They fire no timer; `now` only dates the windows and retention of history.

  /** One order, open or ended. -2013 when there is none, or it is older than history is kept: see order-reads.ts. */
  order(accountId: string, which: OrderReference, now: TransactMs): OrderView | Refused {
    return findOrder(this.#floor, this.#account(accountId), which, now);
  }

  /** One open order. -2013 when it is not open any more. */
  openOrder(accountId: string, which: OrderReference): OrderView | Refused {
    return findOpenOrder(this.#floor, this.#account(accountId), which);
  }

  /** Open orders, of one symbol or of all in the order of the listing; by order id within each. */
  openOrders(accountId: string, symbol?: string): readonly OrderView[] | Refused {
    return listOpenOrders(this.#floor, this.#account(accountId), symbol);
  }

  /** Orders, ended and open, by order id (over all symbols: by time); paging in docs/venue-rules.md. */
  allOrders(accountId: string, query: OrdersQuery, now: TransactMs): readonly OrderView[] | Refused {
    return listOrders(this.#floor, this.#account(accountId), query, now);
  }

  /** Fills of one symbol by trade id, oldest first; paging in docs/venue-rules.md. */
  userTrades(accountId: string, query: TradesQuery, now: TransactMs): readonly TradeView[] | Refused {
    return listTrades(this.#floor, this.#account(accountId), query, now);
  }

  /** Balances, margins and positions at the mark prices of this moment. */
  accountState(accountId: string): AccountState {
    return accountState(this.#floor, this.#account(accountId));
  }

  /** Positions of every symbol in the order of the listing, flat ones too; v3 reads leave out the idle ones. */
  positions(accountId: string): readonly PositionView[] {
    return positionViews(this.#floor, this.#account(accountId));
  }

  // Reads of the market

  /** All listings, in the order in which they were given. */
  symbols(): readonly SymbolListing[] {
    return this.#floor.listings;
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
  market(symbol: string): MarketView | undefined {
    const market = this.#floor.markets.get(symbol);
    return market === undefined ? undefined : marketView(market, this.#floor.now);
  }

  /** The book down to `levels` a side; `undefined` for an unknown symbol. */
  depth(symbol: string, levels: number): DepthView | undefined {
    const market = this.#floor.markets.get(symbol);
    return market === undefined ? undefined : depthView(market, levels, this.#floor.now);
  }

  /** Commission rates of every account: fractions of the notional. */
  get feeRates(): Readonly<{ maker: string; taker: string }> {
    return this.#floor.feeRateTexts;
  }

  // Proof

  /** Counts all money. Linear in the number of accounts: for tests and checks, not for every request. */
  auditMoney(): MoneyAudit {
    return auditMoney(this.#floor);
  }

  #account(id: string): Account {
    const account = this.#floor.accounts.get(id);
    if (account === undefined || id.startsWith("~")) throw new UsageError("account", "an account that exists", id);
    return account;
  }
}

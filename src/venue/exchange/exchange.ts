/**
 * The exchange: commands in, events out, time as an argument. Pure and deterministic: equal inputs give equal bytes.
 *
 * Rules kept here
 * - Time only moves forward. A command first fires, in order of time, every timer due at or before its own time; a
 *   command dated earlier than the last one is carried out at the time of the last one.
 * - A refused command changes nothing and pushes nothing. Refusals are values; what is thrown is a bug of the caller
 *   (an account that does not exist) or of ours (an invariant).
 * - Events are handed out once, in the order in which they happened, by {@link Exchange.takeEvents}.
 * - Money is conserved to the last digit: {@link ExchangeReads.auditMoney}.
 *
 * What can be asked of it without changing it stands in exchange-reads.ts.
 * What the exchange decides where Binance is silent stands in docs/venue-rules.md.
 */

import type { Refused } from "../../face/refusal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { changeFeeBurn, changeMultiAssetsMode, changePositionMode } from "../accounts/account-modes.ts";
import { type AccountOpening, openAccount } from "../accounts/account-opening.ts";
import { exchangeNow, watchDebts } from "../accounts/auto-exchange.ts";
import { transfer } from "../accounts/transfer.ts";
import { cancelAllConditionals, cancelConditional, placeConditional } from "../conditional/conditional-orders.ts";
import type { ConditionalReference, ConditionalRequest } from "../conditional/conditional-request.ts";
import type { ConditionalPlaced, ConditionalsCancelled } from "../conditional/conditional-views.ts";
import { gridView } from "../grids/grid-events.ts";
import type { GridChange, GridRequest, GridView } from "../grids/grid-views.ts";
import { changeGrid, gridOf, startGrid, stopGrid } from "../grids/grids.ts";
import { type Cause, cause } from "../margin/causing.ts";
import { changeMarginType, type MarginWish, modifyPositionMargin } from "../margin/isolated-margin.ts";
import { changeLeverage } from "../margin/leverage.ts";
import { delist } from "../market/delisting.ts";
import { settleFunding, startFunding } from "../market/funding.ts";
import { type MarketMove, moveMarket, startMarketMakers } from "../market/market-maker.ts";
import { amendOrder } from "../orders/amending.ts";
import { cancelAllOrders, cancelOrder, countDown } from "../orders/cancelling.ts";
import { placeOrder, testOrder } from "../orders/order-entry.ts";
import type * as Asked from "../orders/order-request.ts";
import { ExchangeReads } from "./exchange-reads.ts";
import { Floor, type FloorSettings } from "./floor.ts";
import { followUp } from "./follow-up.ts";
import type { Account } from "./records.ts";
import type * as View from "./views.ts";

/** How many accounts one exchange holds. An account without orders costs about a kilobyte. */
export const ACCOUNTS_MAX = 10_000;

/** How an exchange is set up. */
export type ExchangeSettings = FloorSettings;

/** One futures exchange in memory: its commands, and its reads. */
export class Exchange extends ExchangeReads {
  readonly #floor: Floor;

  /**
   * Opens the markets at their start prices at `settings.now`.
   * @throws {UsageError} when a listing contradicts itself, or a symbol is listed twice
   */
  constructor(settings: ExchangeSettings) {
    const floor = new Floor(settings);
    super(floor);
    this.#floor = floor;
    floor.afterEach = () => {
      followUp(floor);
      watchDebts(floor);
    };
    startMarketMakers(floor);
    startFunding(floor, settings.funding);
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

  /**
   * Moves money between spot and futures wallet: `"25.5"` deposits, `"-25.5"` withdraws. Pushes `ACCOUNT_UPDATE`
   * DEPOSIT or WITHDRAW. Refused with -4055 when the amount is no decimal or zero, with -2018 when more is withdrawn
   * than {@link View.AccountState} says may be.
   */
  transfer(accountId: string, asset: string, amount: string, now: TransactMs): View.Transferred | Refused {
    this.#floor.advance(now);
    return this.#followedUp(transfer(this.#floor, this.#account(accountId), asset, amount));
  }

  // Trading

  /** Places an order; its fills happen before this returns. */
  placeOrder(accountId: string, request: Asked.OrderRequest, now: TransactMs): View.Placed | Refused {
    this.#floor.advance(now);
    return this.#followedUp(placeOrder(this.#floor, this.#account(accountId), request));
  }

  /** Checks an order as {@link placeOrder} would, and does nothing. `undefined` when it would be accepted. */
  testOrder(accountId: string, request: Asked.OrderRequest, now: TransactMs): Refused | undefined {
    this.#floor.advance(now);
    return testOrder(this.#floor, this.#account(accountId), request);
  }

  /** Cancels one open order. Refused with -2011 when there is none such. */
  cancelOrder(accountId: string, which: Asked.OrderReference, now: TransactMs): View.Cancelled | Refused {
    this.#floor.advance(now);
    return this.#followedUp(cancelOrder(this.#floor, this.#account(accountId), which));
  }

  /** Cancels every open order of one symbol, oldest first. */
  cancelAllOrders(accountId: string, symbol: string, now: TransactMs): View.CancelledAll | Refused {
    this.#floor.advance(now);
    return this.#followedUp(cancelAllOrders(this.#floor, this.#account(accountId), symbol));
  }

  /**
   * Gives an open order a new price and quantity. Pushes `ORDER_TRADE_UPDATE` AMENDMENT, or CANCELED where the rules of
   * amending cancel it; see amending.ts.
   */
  amendOrder(accountId: string, request: Asked.AmendRequest, now: TransactMs): View.Amended | Refused {
    this.#floor.advance(now);
    return this.#followedUp(amendOrder(this.#floor, this.#account(accountId), request));
  }

  /** Cancels all open orders of a symbol `countdownMs` later, unless called again before; 0 stops the countdown. */
  countDown(accountId: string, symbol: string, countdownMs: number, now: TransactMs): View.CountdownStarted | Refused {
    this.#floor.advance(now);
    return countDown(this.#floor, this.#account(accountId), symbol, countdownMs);
  }

  /** Places a conditional order. Pushes `ALGO_UPDATE` NEW; what follows later: conditional-triggers.ts. */
  placeConditional(accountId: string, request: ConditionalRequest, now: TransactMs): ConditionalPlaced | Refused {
    this.#floor.advance(now);
    return this.#followedUp(placeConditional(this.#floor, this.#account(accountId), request));
  }

  /** Takes back a conditional order that waits. Refused with -2011 when there is none such. */
  cancelConditional(accountId: string, which: ConditionalReference, now: TransactMs): ConditionalsCancelled | Refused {
    this.#floor.advance(now);
    return cancelConditional(this.#floor, this.#account(accountId), which);
  }

  /** Takes back every conditional order of one symbol that waits, oldest first. */
  cancelAllConditionals(accountId: string, symbol: string, now: TransactMs): ConditionalsCancelled | Refused {
    this.#floor.advance(now);
    return cancelAllConditionals(this.#floor, this.#account(accountId), symbol);
  }

  // How an account is set up

  /** Sets the leverage of one symbol. Pushes `ACCOUNT_CONFIG_UPDATE` when it is another one than before. */
  changeLeverage(accountId: string, symbol: string, leverage: number, now: TransactMs): View.LeverageChanged | Refused {
    this.#floor.advance(now);
    return changeLeverage(this.#floor, this.#account(accountId), symbol, leverage);
  }

  /** Sets `ISOLATED` or `CROSSED` margin of one symbol. Pushes `ACCOUNT_UPDATE` MARGIN_TYPE_CHANGE. */
  changeMarginType(accountId: string, symbol: string, type: string, now: TransactMs): View.MarginTypeChanged | Refused {
    this.#floor.advance(now);
    return changeMarginType(this.#floor, this.#account(accountId), symbol, type);
  }

  /** Moves margin into or out of an isolated position. Pushes `ACCOUNT_UPDATE` MARGIN_TRANSFER. */
  modifyPositionMargin(accountId: string, wish: MarginWish, now: TransactMs): View.MarginMoved | Refused {
    this.#floor.advance(now);
    return modifyPositionMargin(this.#floor, this.#account(accountId), wish);
  }

  /** Sets hedge mode or one-way mode. Pushes nothing. */
  changePositionMode(accountId: string, isHedge: boolean, now: TransactMs): View.ModeChanged | Refused {
    this.#floor.advance(now);
    return changePositionMode(this.#floor, this.#account(accountId), isHedge);
  }

  /** Sets Multi-Assets mode or single-asset mode. Pushes `ACCOUNT_CONFIG_UPDATE`. */
  changeMultiAssetsMode(accountId: string, isOn: boolean, now: TransactMs): View.ModeChanged | Refused {
    this.#floor.advance(now);
    return changeMultiAssetsMode(this.#floor, this.#account(accountId), isOn);
  }

  /** Sets whether commissions are paid in BNB. Pushes nothing. */
  changeFeeBurn(accountId: string, isOn: boolean, now: TransactMs): View.ModeChanged {
    this.#floor.advance(now);
    return changeFeeBurn(this.#account(accountId), isOn);
  }

  // Grids

  /**
   * Starts a grid. Pushes `STRATEGY_UPDATE` NEW and WORKING, and the events of its orders; EXPIRED instead of WORKING
   * when one of them is refused.
   * @throws {UsageError} that names the field which is wrong, or what the account has to do first; nothing has happened
   */
  startGrid(accountId: string, request: GridRequest, now: TransactMs): GridView {
    this.#floor.advance(now);
    const grid = startGrid(this.#floor, this.#account(accountId), request);
    return gridView(this.#followedUp(grid));
  }

  /** Changes when and how a grid ends. Pushes `STRATEGY_UPDATE` 8001. @throws {UsageError} also when it runs no more */
  changeGrid(strategyId: number, change: GridChange, now: TransactMs): GridView {
    this.#floor.advance(now);
    const grid = gridOf(this.#floor, strategyId);
    changeGrid(this.#floor, grid, change);
    return gridView(this.#followedUp(grid));
  }

  /** Stops a grid. Pushes `STRATEGY_UPDATE` CANCELLED 8002. @throws {UsageError} when it does not run */
  stopGrid(strategyId: number, now: TransactMs): GridView {
    this.#floor.advance(now);
    const grid = gridOf(this.#floor, strategyId);
    stopGrid(this.#floor, grid);
    return gridView(this.#followedUp(grid));
  }

  // The market and the time

  /**
   * Moves the market. With a `price`: what users have resting at it or on the way to it fills, as maker, against the
   * exchange's own account; last, index and mark price become it; quotes stand around it. With a `markPrice`: the mark
   * price becomes it, until the market maker's next tick draws it back. Refused with the codes of PRICE_FILTER.
   */
  moveMarket(symbol: string, move: MarketMove, now: TransactMs): View.MarketMoved | Refused {
    this.#floor.advance(now);
    return this.#followedUp(moveMarket(this.#floor, symbol, move));
  }

  /** Pays funding of a symbol now, at `rate` or the one it has. -1130 when that is no decimal between -1 and 1. */
  settleFunding(symbol: string, rate: string | undefined, now: TransactMs): View.Funded | Refused {
    this.#floor.advance(now);
    return this.#followedUp(settleFunding(this.#floor, symbol, rate));
  }

  /**
   * Closes a symbol for good, `inMs` from now or at once, at a price or the average of its index price: delisting.ts.
   * Refused with -4141 when it is closed, with the codes of PRICE_FILTER, with -1130 for another `inMs`.
   */
  delist(
    symbol: string,
    settlementPrice: string | undefined,
    inMs: number | undefined,
    now: TransactMs,
  ): View.Delisted | Refused {
    this.#floor.advance(now);
    return this.#followedUp(delist(this.#floor, symbol, settlementPrice, inMs));
  }

  /** Causes a margin call, liquidation or deleveraging, whatever the margin says. -2024 without a position. */
  cause(accountId: string, what: Cause, symbol: string | undefined, now: TransactMs): View.Caused | Refused {
    this.#floor.advance(now);
    return this.#followedUp(cause(this.#floor, this.#account(accountId), what, symbol));
  }

  /** Pays debts of an account in Multi-Assets mode with its other assets, or buys `amount` of an asset with them. */
  autoExchange(
    accountId: string,
    asset: string | undefined,
    amount: string | undefined,
    now: TransactMs,
  ): View.Exchanged | Refused {
    this.#floor.advance(now);
    return exchangeNow(this.#floor, this.#account(accountId), asset, amount);
  }

  /**
   * Fires all timers due at or before `now`, in order of time, equal times in the order in which they were set.
   * @param paceMs the least time between two ticks of a kind, when this is a step of a longer jump
   */
  due(now: TransactMs, paceMs = 0): void {
    this.#floor.advance(now, paceMs);
  }

  /** What the commands and timers since the last call pushed, in order. The caller takes it after each call. */
  takeEvents(): View.AccountEvent[] {
    return this.#floor.outbox.take();
  }

  /** What follows from a command happens before its answer goes out, and is not part of it. */
  #followedUp<T>(result: T): T {
    this.#floor.afterEach();
    return result;
  }

  #account(id: string): Account {
    return this.#floor.userAccount(id);
  }
}

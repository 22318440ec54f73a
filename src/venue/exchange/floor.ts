/**
 * The trading floor: everything the exchange knows at one moment, in one place that its rules act on. Pure.
 *
 * It owns time (forward only), the timers, the markets, the accounts, the outbox and the till of collected commissions.
 * The rules themselves stand in files of their own and take the floor as their first argument.
 */
import { type Fixed, fixed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/ports.ts";
import { seededRandom, seedFor } from "../../kernel/random.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import type { WorkingType } from "../../protocol/enumerations.ts";
import { HOUSE_ID, newAccount } from "../accounts/account.ts";
import type { IncomeEntry } from "../accounts/account-history.ts";
import { ConditionalDesk } from "../conditional/conditional-desk.ts";
import { GridDesk } from "../grids/grid-desk.ts";
import { type MarginCallRules, type MarginCallSettings, marginCallRules } from "../margin/margin-call-settings.ts";
import type { FundingSettings } from "../market/funding-terms.ts";
import { openMarket } from "../market/market.ts";
import type { MarketMakerSettings } from "../market/market-maker-settings.ts";
import type { SymbolListing } from "../market/symbol-listing.ts";
import { Tape, type TapeLines } from "../market/tape.ts";
import { Outbox } from "./outbox.ts";
import type { Account, Market } from "./records.ts";
import { Timers } from "./timers.ts";

/** Documented for a regular user (VIP 0): 0.02 % maker, 0.05 % taker. */
const DEFAULT_FEE_RATES = { maker: "0.000200", taker: "0.000500" } as const;

/** What the insurance fund begins with. */
const DEFAULT_INSURANCE = { USDT: "1000000" } as const;

/** How many timer firings of one kind a jump of the clock may cause; a longer jump takes longer steps. */
export const CATCH_UP_TICKS_MAX = 300;

/** How the floor is set up. */
export interface FloorSettings {
  readonly symbols: readonly SymbolListing[];
  /** Decides every die: walk, quotes, made-up client order ids. */
  readonly seed: number;
  readonly now: TransactMs;
  /** Fractions of the notional; 0.0002 and 0.0005 when absent. */
  readonly feeRates?: { readonly maker: string; readonly taker: string };
  /** `none`: no quotes and no walk; the market moves only by command, and only users trade in the book. */
  readonly marketMaker?: Partial<MarketMakerSettings> | "none";
  /** When margin calls are pushed. */
  readonly marginCall?: Partial<MarginCallSettings>;
  /** Asset → what the insurance fund begins with; a million USDT when absent. An empty one leads to deleveraging. */
  readonly insuranceFund?: Readonly<Record<string, string>>;
  /** Rates and times; `none`: only on command, as it is without a market maker when this is absent. */
  readonly funding?: Partial<FundingSettings> | "none";
  /**
   * What a triggered conditional order leaves that the book refuses. `algo-update`, when absent: `ALGO_UPDATE` REJECTED
   * alone. `legacy`, as *seen* until March 2026: before it an order that expires with reason 8, and
   * `CONDITIONAL_ORDER_TRIGGER_REJECT`.
   */
  readonly triggerRejections?: "algo-update" | "legacy";
  /** Symbol → what its market maker follows from the opening on, in venue time, instead of walking. */
  readonly tapes?: Readonly<Record<string, TapeLines>>;
}

/** Everything the exchange knows at one moment. */
export class Floor {
  readonly markets: ReadonlyMap<string, Market>;
  readonly accounts = new Map<string, Account>();
  readonly outbox = new Outbox();
  readonly timers = new Timers();
  readonly feeRates: { readonly maker: Fixed; readonly taker: Fixed };
  readonly feeRateTexts: { readonly maker: string; readonly taker: string };
  readonly marketMaker: Partial<MarketMakerSettings> | "none";
  readonly tapes: ReadonlyMap<string, Tape>;
  readonly seed: number;
  /** Makes up client order ids. */
  readonly clientIdDice: Random;
  /** The account the market maker trades on: no margin checks, no events, no history. */
  readonly house: Account;
  /** Commissions collected, by asset, in 10⁻⁸. */
  readonly feesCollected = new Map<string, Fixed>();
  /** Deposits less withdrawals, by asset. */
  readonly netDeposits = new Map<string, Fixed>();
  /** The insurance fund, by asset, in 10⁻⁸. */
  readonly insurance = new Map<string, Fixed>();
  readonly marginCall: MarginCallRules;
  /** Conditional orders, and what has happened that they wait for. */
  readonly conditionals = new ConditionalDesk();
  /** Grids, and what has happened that they act on. */
  readonly grids = new GridDesk();
  /** See {@link FloorSettings.triggerRejections}. */
  readonly triggerRejections: "algo-update" | "legacy";
  /** Accounts in Multi-Assets mode that may owe something. */
  readonly debtors = new Set<Account>();
  /** Called when a timer has fired or a command is carried out: follows up what that caused. */
  afterEach: () => void = () => {};
  /** Countdowns that run: account and symbol → what takes the timer back. */
  readonly countdowns = new Map<string, () => void>();
  /** How many amendments there have been. */
  amendmentCount = 0;
  #now: TransactMs;
  #pace = 0;
  #bookingCount = 0;

  constructor(settings: FloorSettings) {
    this.#now = settings.now;
    this.seed = settings.seed;
    const { symbols } = settings;
    this.markets = new Map(symbols.map((listing) => [listing.info.symbol, openMarket(listing, settings.now)]));
    if (this.markets.size !== symbols.length) {
      throw new UsageError("symbols", "each symbol listed once", [...this.markets.keys()].join(","));
    }
    this.feeRateTexts = settings.feeRates ?? DEFAULT_FEE_RATES;
    this.feeRates = { maker: fixed(this.feeRateTexts.maker), taker: fixed(this.feeRateTexts.taker) };
    this.marketMaker = settings.marketMaker ?? {};
    this.triggerRejections = settings.triggerRejections ?? "algo-update";
    const tapes = Object.entries(settings.tapes ?? {});
    for (const [symbol] of tapes) {
      if (!this.markets.has(symbol)) throw new UsageError("tape", "a symbol that is listed", symbol);
      if (this.marketMaker === "none") throw new UsageError("tape", "a market maker that follows it", "none");
    }
    this.tapes = new Map(tapes.map(([symbol, lines]) => [symbol, new Tape(lines)]));
    this.clientIdDice = seededRandom(seedFor(settings.seed, "client order ids"));
    this.house = newAccount(HOUSE_ID, this.markets.values());
    this.accounts.set(HOUSE_ID, this.house);
    this.marginCall = marginCallRules(settings.marginCall ?? {});
    for (const [asset, amount] of Object.entries(settings.insuranceFund ?? DEFAULT_INSURANCE)) {
      this.insurance.set(asset, fixed(amount));
      this.bookDeposit(asset, fixed(amount));
    }
  }

  /** The latest time it has been told, or the time of the timer that is firing. */
  get now(): TransactMs {
    return this.#now;
  }

  /** The least time between two ticks of a kind while a jump of the clock is caught up with; 0 when there is none. */
  get paceMs(): number {
    return this.#pace;
  }

  /**
   * Fires all timers due at or before `now`; then it is `now`. A time that has passed already changes nothing.
   * @param paceMs the pace of a longer jump that this is a step of
   */
  advance(now: TransactMs, paceMs = 0): void {
    if (now <= this.#now) return;
    this.#pace = Math.max(paceMs, Math.ceil((now - this.#now) / CATCH_UP_TICKS_MAX));
    for (let due = this.timers.takeDue(now); due !== undefined; due = this.timers.takeDue(now)) {
      if (due.at > this.#now) this.#now = due.at;
      due.fire();
      this.afterEach();
    }
    this.#pace = 0;
    this.#now = now;
  }

  /**
   * An account of a user.
   * @throws {UsageError} when there is none such
   */
  userAccount(id: string): Account {
    const account = this.accounts.get(id);
    if (account === undefined || id.startsWith("~")) throw new UsageError("account", "an account that exists", id);
    return account;
  }

  /** A market has this price now. Called for each one it takes on, in order. */
  priceMoved(market: Market, workingType: WorkingType, price: Fixed): void {
    this.conditionals.priceMoved(market, workingType, price);
    this.grids.priceMoved(market, workingType, price);
  }

  /** Writes a booking on a wallet that is neither a fill nor a transfer into the account's history. */
  noteIncome(account: Account, entry: Omit<IncomeEntry, "time" | "id">): void {
    account.income.push({ ...entry, time: this.#now, id: String(++this.#bookingCount) as Id64 });
  }

  /** Books a commission into the till. */
  collectFee(asset: string, amount: Fixed): void {
    this.feesCollected.set(asset, (this.feesCollected.get(asset) ?? 0n) + amount);
  }

  /** Books a deposit, or a withdrawal when negative. */
  bookDeposit(asset: string, amount: Fixed): void {
    this.netDeposits.set(asset, (this.netDeposits.get(asset) ?? 0n) + amount);
  }
}

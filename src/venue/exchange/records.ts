/**
 * The records the rules work on: an order, a grid, a position, what one account has on one symbol, an account, a
 * market. Mutable, and known only inside this room; what leaves it are the copies in views.ts. Pure.
 */
import type { Fixed } from "../../kernel/decimal.ts";
import type { Random } from "../../kernel/ports.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type {
  AlgoStatus,
  AutoCloseType,
  BookOrderType,
  ConditionalType,
  OrderStatus,
  PositionSide,
  PriceMatch,
  SelfTradePrevention,
  Side,
  StrategyStatus,
  TimeInForce,
  WorkingType,
} from "../../protocol/enumerations.ts";
import type { OrderTradeUpdate } from "../../protocol/events/order-trade-update.ts";
import type { IncomeEntry, MarginTransfer } from "../accounts/account-history.ts";
import type { GridLedger } from "../grids/grid-ledger.ts";
import type { GridTerms } from "../grids/grid-views.ts";
import type { MarketFeed } from "../market/market-feed.ts";
import type { MakerRules } from "../market/market-maker-settings.ts";
import type { SymbolListing, SymbolRules } from "../market/symbol-listing.ts";
import type { Tape } from "../market/tape.ts";
import type { OrderBook, Resting } from "../orders/order-book.ts";
import type { Retained } from "./retained.ts";
import type { AmendmentView, TradeView } from "./views.ts";

/** One order, from acceptance on. */
export interface Order extends Resting<Order> {
  readonly market: Market;
  readonly account: Account;
  readonly holding: Holding;
  readonly id: bigint;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly type: BookOrderType;
  readonly timeInForce: TimeInForce;
  /** 0 for market orders. */
  price: Fixed;
  quantity: Fixed;
  readonly reduceOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  priceMatch: PriceMatch;
  /** Milliseconds, whole seconds; 0 when it is not GTD. */
  readonly goodTillDate: number;
  /** The conditional order it was born of. */
  readonly conditional: ConditionalOrder | undefined;
  /** The grid that placed it. */
  readonly grid: Grid | undefined;
  readonly time: TransactMs;
  /** Why the exchange itself made it; absent for orders of users. */
  readonly autoClose?: AutoCloseType | "SETTLEMENT" | undefined;
  status: OrderStatus;
  /** Exact: listings guarantee that price × quantity is whole 10⁻⁸. */
  cumQuote: Fixed;
  updateTime: TransactMs;
  /** Its NEW event until that is pushed: the first TRADE_LITE goes before it (protocol sheet 8). */
  unannounced: OrderTradeUpdate | undefined;
  /** Oldest first; `undefined` until the first. */
  amendments: AmendmentView[] | undefined;
  /** Takes back the timer that ends it while it rests. */
  stopExpiry: (() => void) | undefined;
}

/** What a trailing stop follows. */
export interface Trail {
  /** 0 when none was sent: it is active from the start. */
  readonly activatePrice: Fixed;
  /** Percent. */
  readonly callbackRate: Fixed;
  isActive: boolean;
  /** The best price since it became active: lowest for a buy, highest for a sell. */
  extreme: Fixed;
}

/** One conditional order, from acceptance on: what waits in the algo service for a price. */
export interface ConditionalOrder {
  readonly id: bigint;
  readonly clientId: string;
  readonly account: Account;
  readonly market: Market;
  readonly holding: Holding;
  readonly type: ConditionalType;
  readonly side: Side;
  readonly positionSide: PositionSide;
  /** Of the order that it becomes; of market kinds `GTC` or `GTE_GTC`. */
  readonly timeInForce: TimeInForce;
  /** 0 when it closes the position. */
  readonly quantity: Fixed;
  /** 0 for market kinds, and for those that take over a price. */
  readonly price: Fixed;
  /** 0 for trailing stops. */
  readonly triggerPrice: Fixed;
  readonly trail: Trail | undefined;
  readonly workingType: WorkingType;
  readonly priceMatch: PriceMatch;
  readonly selfTradePrevention: SelfTradePrevention;
  readonly closePosition: boolean;
  readonly priceProtect: boolean;
  readonly reduceOnly: boolean;
  /** Milliseconds, whole seconds; 0 when it is not GTD. */
  readonly goodTillDate: number;
  readonly createTime: TransactMs;
  status: AlgoStatus;
  updateTime: TransactMs;
  /** 0 before the trigger. */
  triggerTime: number;
  /** The order in the book; `undefined` before the trigger, and when the book refused it. */
  order: Order | undefined;
  /** Takes back the timer that ends it while it waits. */
  stopExpiry: (() => void) | undefined;
}

/** One grid, from its start on. */
export interface Grid extends GridTerms {
  readonly id: number;
  readonly account: Account;
  readonly market: Market;
  readonly holding: Holding;
  readonly bookTime: TransactMs;
  readonly ledger: GridLedger;
  /** The index of the price each of its resting orders stands at, by order id. */
  readonly orders: Map<bigint, number>;
  /** How many orders it has placed. */
  orderCount: number;
  /** The first two run, the others are final. */
  status: StrategyStatus;
  /** That of its last STRATEGY_UPDATE. */
  opCode: number;
  updateTime: TransactMs;
  /** 0 while it runs. */
  endTime: number;
}

/** A position, kept as what it cost, so that nothing is rounded on the way. */
export interface Position {
  /** Base asset; negative is short. */
  readonly amount: Fixed;
  /** Σ price × signed quantity of the part still open, in 10⁻¹⁶: `cost ÷ amount` is the entry price. */
  readonly cost: bigint;
  /** Realised profit that is smaller than a wallet can hold, in 10⁻¹⁶; 0 whenever the position is flat. */
  readonly carried: bigint;
  /** Realised profit since ever, before fees: `cr` of ACCOUNT_UPDATE. */
  readonly realisedEver: Fixed;
  /** Realised profit since the position was last flat or changed sides. */
  readonly realisedSinceOpen: Fixed;
  /** Commissions since then. */
  readonly feesSinceOpen: Fixed;
  /** When a fill last changed it; 0 when never. */
  readonly updateTime: TransactMs;
}

/** Open orders of one side, summed. */
export interface OpenSide {
  /** Price × open quantity of all orders: `b` and `a` of ORDER_TRADE_UPDATE. */
  notional: Fixed;
  /** The same of those that may enlarge a position: not the reduce-only ones. */
  exposedNotional: Fixed;
  /** Open quantity of those. */
  exposedQty: Fixed;
}

/** How one account has set up one symbol; common to its position sides. */
export interface SymbolSetup {
  leverage: number;
  isIsolated: boolean;
}

/**
 * What one account has on one side of one symbol: `BOTH` in one-way mode, `LONG` and `SHORT` in hedge mode. Position,
 * isolated wallet and the sums of open orders are its own; orders, fills and the setup it shares with its siblings.
 */
export interface Holding {
  readonly market: Market;
  readonly account: Account;
  readonly positionSide: PositionSide;
  /** The holdings of the same account and symbol: `BOTH` first, `LONG` and `SHORT` once there was hedge mode. */
  readonly siblings: Holding[];
  readonly setup: SymbolSetup;
  /** That of {@link setup}. */
  readonly leverage: number;
  position: Position;
  /** The part of the wallet that only this position can lose; 0 when flat or cross. */
  isolatedWallet: Fixed;
  /** When a margin call last told of it alone; `undefined` while its risk is low. */
  calledAt: TransactMs | undefined;
  readonly bids: OpenSide;
  readonly asks: OpenSide;
  /** Open orders, oldest first. */
  readonly open: Map<bigint, Order>;
  /** Those of {@link open} that are reduce-only and rest in the book. */
  readonly reduceOnly: Set<Order>;
  /** The latest order of each client order id, open or retained. */
  readonly byClientId: Map<string, Order>;
  /** Open and retained orders, oldest first. */
  readonly orders: Map<bigint, Order>;
  /** Ended orders in the order in which they ended. */
  readonly ended: Retained<Order>;
  /** Fills, oldest first. */
  readonly trades: Retained<TradeView>;
  /** Margin moved into and out of isolated positions, oldest first. */
  readonly marginTransfers: Retained<MarginTransfer>;
}

/** One asset of an account. */
export interface Balance {
  wallet: Fixed;
  /** When it last changed; 0 when never. */
  updateTime: TransactMs;
  /** When a margin call last told of its cross positions; `undefined` while their risk is low. */
  calledAt: TransactMs | undefined;
}

/** One account. */
export interface Account {
  readonly id: string;
  /** The exchange's own account: no checks, no commission, no events, no history. */
  readonly isHouse: boolean;
  /** Hedge mode: positions are `LONG` and `SHORT`, side by side. */
  isHedge: boolean;
  /** Multi-Assets mode: all assets together carry all positions. */
  isMultiAssets: boolean;
  /** Are commissions paid in BNB, as far as there is any? */
  burnsFees: boolean;
  readonly balances: Map<string, Balance>;
  /** What changed the wallets but fills and transfers did not, oldest first. */
  readonly income: Retained<IncomeEntry>;
  /** The `BOTH` holding of each listed symbol, in the order of the listing. */
  readonly holdings: ReadonlyMap<string, Holding>;
}

/** One symbol's market. */
export interface Market {
  /** As `exchangeInfo` prints it; another one once the symbol is being delisted. */
  listing: SymbolListing;
  readonly rules: SymbolRules;
  readonly book: OrderBook<Order>;
  /** Holdings of users that are not flat, in the order in which they opened. */
  readonly positions: Set<Holding>;
  /** What everybody may see of it beside the book. */
  readonly feed: MarketFeed;
  lastPrice: Fixed;
  lastTime: TransactMs;
  markPrice: Fixed;
  indexPrice: Fixed;
  /** What the next funding pays, as a fraction of the notional; positive: longs pay. */
  fundingRate: Fixed;
  /** 0: none is ahead. */
  nextFundingTime: TransactMs;
  /** Hours between two fundings. */
  fundingIntervalHours: number;
  nextOrderId: bigint;
  nextTradeId: bigint;
  /** `undefined` when nobody makes the market. */
  maker: Maker | undefined;
  /** Its end; `undefined`: none is known. */
  delisting: Delisting | undefined;
}

/** The end of a symbol, announced or past. */
export interface Delisting {
  readonly at: TransactMs;
  /** What positions are settled at; `undefined`: at the average of the index price. */
  readonly price: Fixed | undefined;
  /** The index price as it was seen so far: Σ price × milliseconds, the milliseconds, and when it was last seen. */
  readonly seen: { sum: bigint; ms: bigint; at: TransactMs };
  /** Stops the timers of an announced end. */
  takeBack: () => void;
}

/** What the market maker knows of one market. */
export interface Maker {
  readonly rules: MakerRules;
  readonly dice: Random;
  /** Decides the sizes of the trades that move the price. */
  readonly tradeDice: Random;
  /** Where the price was last put: the walk stays around it. */
  anchor: Fixed;
  /** What stands in the book; some of it may have traded. */
  quotes: readonly Order[];
  lastTick: TransactMs;
  /** What the price follows, and how far venue time is ahead of the recording; `undefined`: it walks. */
  readonly tape: { readonly trades: Tape; readonly aheadMs: number } | undefined;
}

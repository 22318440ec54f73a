/**
 * The records the rules work on: an order, a position, what one account has on one symbol, an account, a market.
 * Mutable, and known only inside this room; what leaves it are the copies in views.ts. Pure.
 */
import type { Fixed } from "../kernel/decimal.ts";
import type { Random } from "../kernel/ports.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { OrderTradeUpdate } from "../protocol/events/order-trade-update.ts";
import type { MarketFeed } from "./market-feed.ts";
import type { MakerRules } from "./market-maker-settings.ts";
import type { OrderBook, Resting } from "./order-book.ts";
import type { Retained } from "./retained.ts";
import type { SymbolListing, SymbolRules } from "./symbol-listing.ts";
import type { Tape } from "./tape.ts";
import type {
  OrderStatus,
  OrderType,
  PositionSide,
  SelfTradePrevention,
  Side,
  TimeInForce,
  TradeView,
} from "./views.ts";

/** One order, from acceptance on. */
export interface Order extends Resting<Order> {
  readonly market: Market;
  readonly account: Account;
  readonly holding: Holding;
  readonly id: bigint;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** 0 for market orders. */
  readonly price: Fixed;
  readonly quantity: Fixed;
  readonly reduceOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  readonly time: TransactMs;
  status: OrderStatus;
  /** Exact: listings guarantee that price × quantity is whole 10⁻⁸. */
  cumQuote: Fixed;
  updateTime: TransactMs;
  /** Its NEW event until that is pushed: the first TRADE_LITE goes before it (protocol sheet 8). */
  unannounced: OrderTradeUpdate | undefined;
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

/** What one account has on one symbol. */
export interface Holding {
  readonly market: Market;
  position: Position;
  leverage: number;
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
}

/** One asset of an account. */
export interface Balance {
  wallet: Fixed;
  /** When it last changed; 0 when never. */
  updateTime: TransactMs;
}

/** One account. */
export interface Account {
  readonly id: string;
  /** The exchange's own account: no checks, no commission, no events, no history. */
  readonly isHouse: boolean;
  readonly balances: Map<string, Balance>;
  /** One for each listed symbol, in the order of the listing. */
  readonly holdings: ReadonlyMap<string, Holding>;
}

/** One symbol's market. */
export interface Market {
  readonly listing: SymbolListing;
  readonly rules: SymbolRules;
  readonly book: OrderBook<Order>;
  /** What everybody may see of it beside the book. */
  readonly feed: MarketFeed;
  lastPrice: Fixed;
  lastTime: TransactMs;
  markPrice: Fixed;
  indexPrice: Fixed;
  nextOrderId: bigint;
  nextTradeId: bigint;
  /** `undefined` when nobody makes the market. */
  maker: Maker | undefined;
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

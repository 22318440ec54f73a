/**
 * What the exchange shows of itself: plain frozen-in-time copies, safe to keep. Amounts are {@link Fixed}; the wire
 * pads or trims them as each place demands (protocol sheet 14.2). Pure.
 */
import type { Fixed } from "../../kernel/decimal.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import type {
  BookOrderType,
  ContractStatus,
  MarginType,
  OrderStatus,
  PositionSide,
  PriceMatch,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from "../../protocol/enumerations.ts";
import type { KnownEvent } from "../../protocol/user-data-event.ts";

/** One order of an account. */
export interface OrderView {
  readonly symbol: string;
  /** Unique within its symbol only, ever growing. */
  readonly orderId: Id64;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly type: BookOrderType;
  readonly timeInForce: TimeInForce;
  readonly status: OrderStatus;
  /** 0 for market orders. */
  readonly price: Fixed;
  /** Base asset; a reduce-only order is cut to the position when it is accepted. */
  readonly origQty: Fixed;
  /** Base asset. */
  readonly executedQty: Fixed;
  /** Quote asset, exact: the sum of price × quantity over the fills. */
  readonly cumQuote: Fixed;
  /** 0 before the first fill; rounded to eight places. */
  readonly avgPrice: Fixed;
  readonly reduceOnly: boolean;
  readonly selfTradePreventionMode: SelfTradePrevention;
  readonly priceMatch: PriceMatch;
  /** When the exchange ends a GTD order, in milliseconds, whole seconds; 0 otherwise. */
  readonly goodTillDate: number;
  /** Was it placed to close a whole position? */
  readonly closePosition: boolean;
  /** When it was accepted. */
  readonly time: TransactMs;
  /** When it last changed: the `T` of its last event. */
  readonly updateTime: TransactMs;
}

/** One fill of an account. */
export interface TradeView {
  readonly symbol: string;
  /** Unique within its symbol only. */
  readonly id: Id64;
  readonly orderId: Id64;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly price: Fixed;
  readonly qty: Fixed;
  /** Price × quantity, exact. */
  readonly quoteQty: Fixed;
  /** Before commission. */
  readonly realizedPnl: Fixed;
  /** Positive when charged. */
  readonly commission: Fixed;
  readonly commissionAsset: string;
  readonly marginAsset: string;
  readonly maker: boolean;
  /** Did it settle a position of a symbol that was delisted? */
  readonly isSettlement: boolean;
  readonly time: TransactMs;
}

/** One asset of an account, with the field names of `GET /fapi/v3/account`. */
export interface BalanceView {
  readonly asset: string;
  readonly walletBalance: Fixed;
  readonly crossWalletBalance: Fixed;
  readonly unrealizedProfit: Fixed;
  readonly crossUnPnl: Fixed;
  /** Wallet and unrealised profit. */
  readonly marginBalance: Fixed;
  readonly maintMargin: Fixed;
  /** Of positions and open orders together. */
  readonly initialMargin: Fixed;
  readonly positionInitialMargin: Fixed;
  readonly openOrderInitialMargin: Fixed;
  /** What new orders may use; never negative. */
  readonly availableBalance: Fixed;
  readonly maxWithdrawAmount: Fixed;
  /** When the wallet last changed; 0 when never. */
  readonly updateTime: TransactMs;
}

/** One position of an account, with the field names of `positionRisk`. */
export interface PositionView {
  readonly symbol: string;
  readonly positionSide: PositionSide;
  readonly marginAsset: string;
  readonly isIsolated: boolean;
  /** What is set apart for it; 0 for cross. */
  readonly isolatedWallet: Fixed;
  /** The same with the unrealised profit; 0 for cross and when flat. */
  readonly isolatedMargin: Fixed;
  /** Place in the queue of auto-deleveraging, 0 (last, or flat) to 4. */
  readonly adlQuantile: number;
  /** Base asset; negative is short. */
  readonly positionAmt: Fixed;
  /** 0 when flat. */
  readonly entryPrice: Fixed;
  /** 0 when flat. */
  readonly breakEvenPrice: Fixed;
  readonly markPrice: Fixed;
  readonly unRealizedProfit: Fixed;
  /** 0 when flat, or when no positive price would liquidate it. */
  readonly liquidationPrice: Fixed;
  /** At the mark price; negative is short. */
  readonly notional: Fixed;
  readonly initialMargin: Fixed;
  readonly maintMargin: Fixed;
  readonly positionInitialMargin: Fixed;
  readonly openOrderInitialMargin: Fixed;
  /** Open buy orders, price × remaining quantity. */
  readonly bidNotional: Fixed;
  readonly askNotional: Fixed;
  readonly leverage: number;
  /** The largest notional the leverage allows. */
  readonly maxNotionalValue: Fixed;
  /** Has it open orders? Such symbols are listed even when flat. */
  readonly hasOpenOrders: boolean;
  /** When it last changed by a fill; 0 when never. */
  readonly updateTime: TransactMs;
}

/** One account's money. Totals are of the margin asset only, in Multi-Assets mode of all assets, in USD. */
export interface AccountState {
  readonly id: string;
  /** Hedge mode. */
  readonly dualSidePosition: boolean;
  readonly multiAssetsMargin: boolean;
  /** Are commissions paid in BNB? */
  readonly feeBurn: boolean;
  /** The margin asset first, then in the order in which they came. */
  readonly assets: readonly BalanceView[];
  /** The `total…` fields of `account`: the margin asset's entry of {@link assets}, or the pool of them, asset `USD`. */
  readonly total: BalanceView;
  /** Every symbol, in the order of the listing; flat ones too. In hedge mode LONG and SHORT of each. */
  readonly positions: readonly PositionView[];
}

/** One side's best price. */
export interface Quote {
  readonly price: Fixed;
  readonly qty: Fixed;
}

/** One symbol's market at this moment. */
export interface MarketView {
  readonly symbol: string;
  /** Price of the last trade, or the start price before the first. */
  readonly lastPrice: Fixed;
  /** When the last price was made. */
  readonly lastTime: TransactMs;
  readonly markPrice: Fixed;
  /** The price the market maker quotes around: what an index of other markets would say. */
  readonly indexPrice: Fixed;
  /** What positions would be settled at if the symbol were delisted now. */
  readonly estimatedSettlePrice: Fixed;
  /** What the next funding pays, as a fraction of the notional; positive: longs pay. */
  readonly fundingRate: Fixed;
  /** 0: none is ahead. */
  readonly nextFundingTime: TransactMs;
  /** Best bid; `undefined` when the side is empty. */
  readonly bid: Quote | undefined;
  /** Best ask; `undefined` when the side is empty. */
  readonly ask: Quote | undefined;
  /** Grows with every change of the book. */
  readonly updateId: Id64;
  readonly time: TransactMs;
}

/** The book of one symbol, levels summed, best first. */
export interface DepthView {
  readonly symbol: string;
  /** The {@link MarketView.updateId} it shows. */
  readonly lastUpdateId: Id64;
  readonly bids: readonly Quote[];
  readonly asks: readonly Quote[];
  readonly time: TransactMs;
}

/** An event and the account whose streams it goes to. */
export interface AccountEvent {
  readonly account: string;
  readonly event: KnownEvent;
}

/** The order was accepted. Its fills, if any, have happened. */
export interface Placed {
  readonly outcome: "placed";
  /** As it was when accepted, status NEW: what an `ACK` answers. */
  readonly accepted: OrderView;
  /** As it is after matching: what a `RESULT` answers. */
  readonly order: OrderView;
}

/** The order was amended, or cancelled because its amendment demands that. */
export interface Amended {
  readonly outcome: "amended";
  /** As it stands after the amendment and the fills that followed from it. */
  readonly order: OrderView;
}

/** One amendment of an order. */
export interface AmendmentView {
  /** Counts up over the whole exchange. */
  readonly id: Id64;
  readonly time: TransactMs;
  readonly price: { readonly before: Fixed; readonly after: Fixed };
  readonly quantity: { readonly before: Fixed; readonly after: Fixed };
  /** How many amendments the order has had, this one included. */
  readonly count: number;
  /** The client's own number of it, if it sent one. */
  readonly modifyId: number | undefined;
}

/** The amendments of one order, newest first. */
export interface Amendments {
  readonly outcome: "amendments";
  readonly order: OrderView;
  readonly list: readonly AmendmentView[];
}

/** The countdown after which all orders of a symbol are cancelled was set, or stopped. */
export interface CountdownStarted {
  readonly outcome: "countdown";
  readonly symbol: string;
  /** Milliseconds from now; 0: it was stopped. */
  readonly countdownTime: number;
}

/** The order was taken out of the book. */
export interface Cancelled {
  readonly outcome: "cancelled";
  readonly order: OrderView;
}

/** All open orders of the symbol were taken out of the book. */
export interface CancelledAll {
  readonly outcome: "cancelled-all";
  /** In the order in which they had been placed; empty when there were none, which is no refusal. */
  readonly orders: readonly OrderView[];
}

/** The leverage is now this. */
export interface LeverageChanged {
  readonly outcome: "leverage-changed";
  readonly symbol: string;
  readonly leverage: number;
  /** The largest notional it allows. */
  readonly maxNotionalValue: Fixed;
}

/** The margin type is now this. */
export interface MarginTypeChanged {
  readonly outcome: "margin-type-changed";
  readonly symbol: string;
  readonly marginType: MarginType;
}

/** Margin was moved into (1) or out of (2) an isolated position. */
export interface MarginMoved {
  readonly outcome: "margin-moved";
  readonly symbol: string;
  readonly amount: Fixed;
  readonly type: 1 | 2;
}

/** The account is now in that mode. */
export interface ModeChanged {
  readonly outcome: "mode-changed";
}

/** Money moved in (positive) or out (negative). */
export interface Transferred {
  readonly outcome: "transferred";
  readonly asset: string;
  readonly amount: Fixed;
  /** The wallet afterwards. */
  readonly walletBalance: Fixed;
}

/** What a wallet gained, or lost when negative. */
export interface AssetChange {
  readonly asset: string;
  readonly amount: Fixed;
}

/** Assets were exchanged for others. */
export interface Exchanged {
  readonly outcome: "exchanged";
  /** What was bought first, then what it was paid with; once for each asset that was bought. */
  readonly changes: readonly AssetChange[];
}

/** A symbol is being delisted, or is closed already. */
export interface Delisted {
  readonly outcome: "delisted";
  readonly symbol: string;
  /** `SETTLING` once it is closed. */
  readonly status: ContractStatus;
  /** When it is settled, or was. */
  readonly at: TransactMs;
}

/** Funding was paid. */
export interface Funded {
  readonly outcome: "funded";
  readonly symbol: string;
  readonly rate: Fixed;
  /** How many positions paid or were paid. */
  readonly positions: number;
}

/** It happened to so many positions. */
export interface Caused {
  readonly outcome: "caused";
  readonly positions: number;
}

/** The market is now there. */
export interface MarketMoved {
  readonly outcome: "market-moved";
  readonly market: MarketView;
}

/** A time at which something happens by itself. */
export interface Deadline {
  readonly at: TransactMs;
  /** For traces: `market-maker BTCUSDT`. */
  readonly why: string;
}

/**
 * The books of the whole exchange. The law: `discrepancy` is 0 after every command. Other amounts add up all assets.
 * Amounts are counts of 10⁻¹⁶ (price × quantity before any rounding), so that nothing is lost in the counting.
 */
export interface MoneyAudit {
  /** All wallets, the market maker's too. */
  readonly wallets: bigint;
  /** Unrealised profit of all positions; sums to minus their cost, since longs and shorts cancel out. */
  readonly unrealised: bigint;
  /** Fractions of 10⁻⁸ of realised profit that no wallet can hold yet; each position carries less than one. */
  readonly carried: bigint;
  /** Commissions collected. */
  readonly fees: bigint;
  /** What the insurance fund has. */
  readonly insurance: bigint;
  /** Deposits less withdrawals, and what the insurance fund began with. */
  readonly deposits: bigint;
  /** `wallets + unrealised + carried + fees + insurance − deposits` of each asset, their distances from 0 added up. */
  readonly discrepancy: bigint;
}

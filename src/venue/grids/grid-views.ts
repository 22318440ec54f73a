/**
 * A grid in words: the request that starts one, its terms, and how it is shown. Pure.
 *
 * The names of the request and of the view are those of the web page that starts futures grids (*seen* in programs that
 * call it; there is no public API for grids).
 */
import type { Fixed } from "../../kernel/decimal.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import type { Side, StrategyStatus, WorkingType } from "../../protocol/enumerations.ts";

/** How the prices of a grid are spaced: by equal steps, or by equal ratios. */
export type GridType = "ARITH" | "GEO";

/** What a grid bets on: nothing, or with a position from the start on a rise or a fall. */
export type GridDirection = "NEUTRAL" | "LONG" | "SHORT";

/** A grid as it is asked for: digits as sent. Nothing here is checked yet. */
export interface GridRequest {
  readonly symbol: string;
  /** `NEUTRAL` when absent, `LONG`, `SHORT`. */
  readonly direction?: string | undefined;
  /** `ARITH` when absent, or `GEO`. */
  readonly gridType?: string | undefined;
  /** How many grids lie between the limits: one less than there are prices. */
  readonly gridCount: number;
  readonly gridLowerLimit: string;
  readonly gridUpperLimit: string;
  /** Base asset of each order. This or {@link gridInitialValue}. */
  readonly perGridQty?: string | undefined;
  /** What the first orders are worth all together at most, in the quote asset. */
  readonly gridInitialValue?: string | undefined;
  /** The grid ends when the price comes here; above the upper limit. */
  readonly stopUpperLimit?: string | undefined;
  /** The grid ends when the price comes here; below the lower limit. */
  readonly stopLowerLimit?: string | undefined;
  /** Which price the stops watch: `CONTRACT_PRICE` when absent, or `MARK_PRICE`. */
  readonly stopTriggerType?: string | undefined;
  /** Cancels the grid's orders when it ends; `true` when absent. */
  readonly cos?: boolean | undefined;
  /** Closes the grid's position at the market when it ends; `false` when absent. */
  readonly cps?: boolean | undefined;
}

/** What may be changed while a grid runs. A stop of `"0"` is taken away. */
export type GridChange = Pick<GridRequest, "stopUpperLimit" | "stopLowerLimit" | "stopTriggerType" | "cos" | "cps">;

/** When a grid ends by itself, and what becomes of its orders and its position when it ends. */
export interface GridEnding {
  /** 0: there is none. */
  stopUpperLimit: Fixed;
  /** 0: there is none. */
  stopLowerLimit: Fixed;
  stopTriggerType: WorkingType;
  cos: boolean;
  cps: boolean;
}

/** A request whose words and digits are right. */
export interface GridTerms {
  readonly direction: GridDirection;
  readonly gridType: GridType;
  /** Lowest first, all different, one more than there are grids. */
  readonly prices: readonly Fixed[];
  readonly perGridQty: Fixed;
  readonly ending: GridEnding;
}

/** One resting order of a grid. */
export interface GridOrderView {
  readonly orderId: Id64;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly price: Fixed;
  readonly origQty: Fixed;
  readonly executedQty: Fixed;
}

/** A grid as it is shown. */
export interface GridView {
  readonly strategyId: number;
  readonly strategyStatus: StrategyStatus;
  readonly account: string;
  readonly symbol: string;
  readonly direction: GridDirection;
  readonly gridType: GridType;
  readonly gridCount: number;
  readonly gridLowerLimit: Fixed;
  readonly gridUpperLimit: Fixed;
  readonly perGridQty: Fixed;
  readonly ending: Readonly<GridEnding>;
  /** Realised profit of its fills less their commissions: `r` of GRID_UPDATE. */
  readonly gridProfit: Fixed;
  readonly matchedPnl: Fixed;
  /** Negative is short. */
  readonly unmatchedQty: Fixed;
  /** 0 when nothing is unmatched. */
  readonly unmatchedAvgPrice: Fixed;
  /** Negative when charged. */
  readonly unmatchedFee: Fixed;
  readonly opCode: number;
  readonly bookTime: TransactMs;
  readonly updateTime: TransactMs;
  /** 0 while it runs. */
  readonly endTime: number;
  /** Lowest order id first. */
  readonly orders: readonly GridOrderView[];
}

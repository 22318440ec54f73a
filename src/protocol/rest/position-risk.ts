/** Replies that show positions. Amounts have eight places, or are `"0"` where there is nothing. Protocol sheet 11.2. */
import { decimal, flag, type Infer, integer, oneOf, optional, record, text, transactMs } from "../codec.ts";
import { lowerMarginType, positionSide } from "../enumerations.ts";

/** One position, as `GET /fapi/v3/positionRisk` shows it. */
export const PositionRiskV3 = record({
  /** Symbol. */
  symbol: text,
  /** `BOTH` in one-way mode. */
  positionSide,
  /** Base asset; negative is short. */
  positionAmt: decimal,
  /** `"0.0"` when flat. */
  entryPrice: decimal,
  /** `"0.0"` when flat. */
  breakEvenPrice: decimal,
  /** What profit and liquidation are reckoned by. */
  markPrice: decimal,
  /** With a capital R, here only. */
  unRealizedProfit: decimal,
  /** `"0"` when nothing would liquidate it. */
  liquidationPrice: decimal,
  /** `"0"` for cross margin. */
  isolatedMargin: decimal,
  /** At the mark price; negative is short. */
  notional: decimal,
  /** What profit and loss are paid in. */
  marginAsset: text,
  /** `"0"` for cross margin. */
  isolatedWallet: decimal,
  /** Margin held by the position and its open orders. */
  initialMargin: decimal,
  /** Below this margin balance positions are liquidated. */
  maintMargin: decimal,
  /** Margin held by positions. */
  positionInitialMargin: decimal,
  /** Margin held by open orders. */
  openOrderInitialMargin: decimal,
  /** Place in the queue of auto-deleveraging, 0 (last) to 4. */
  adl: integer,
  /** Open buy orders. */
  bidNotional: decimal,
  /** Open sell orders. */
  askNotional: decimal,
  /** When it last changed. */
  updateTime: transactMs,
});

/** One position, v3. */
export type PositionRiskV3 = Infer<typeof PositionRiskV3>;

/** One position, as `GET /fapi/v2/positionRisk` shows it; flat ones are listed as well. */
export const PositionRiskV2 = record({
  /** Symbol. */
  symbol: text,
  /** Base asset; negative is short. */
  positionAmt: decimal,
  /** Average entry price; `"0.0"` when flat. */
  entryPrice: decimal,
  /** `"0.0"` when flat. */
  breakEvenPrice: decimal,
  /** What profit and liquidation are reckoned by. */
  markPrice: decimal,
  /** Profit at the mark price. */
  unRealizedProfit: decimal,
  /** `"0"` when nothing would liquidate it. */
  liquidationPrice: decimal,
  /** In a string. */
  leverage: text,
  /** The largest notional the leverage allows. */
  maxNotionalValue: decimal,
  /** In lower case here. */
  marginType: lowerMarginType,
  /** `"0"` for cross margin. */
  isolatedMargin: decimal,
  /** In a string. */
  isAutoAddMargin: oneOf("false", "true"),
  /** `BOTH` in one-way mode. */
  positionSide,
  /** At the mark price; negative is short. */
  notional: decimal,
  /** `"0"` for cross margin. */
  isolatedWallet: decimal,
  /** When it last changed. */
  updateTime: transactMs,
  /** Only over the WS API (*seen*). */
  isolated: optional(flag),
  /** Only over the WS API (*seen*). */
  adlQuantile: optional(integer),
});

/** One position, v2. */
export type PositionRiskV2 = Infer<typeof PositionRiskV2>;

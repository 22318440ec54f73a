/** Replies of the algo service, where conditional orders live since 2025-12-09. Protocol sheet 11.5. */
import { decimal, flag, type Infer, id64, idText, integer, optional, record, text, transactMs } from "../codec.ts";
import {
  algoStatus,
  algoType,
  bookOrderType,
  conditionalTimeInForce,
  conditionalType,
  positionSide,
  priceMatch,
  selfTradePrevention,
  side,
  workingType,
} from "../enumerations.ts";
import { nullable } from "./reply-forms.ts";

const rows = {
  /** Algo id; values of 1e15 to 4e15 were seen. */
  algoId: id64,
  /** Chosen by the client, or made up. */
  clientAlgoId: text,
  /** `CONDITIONAL`, the only one so far. */
  algoType,
  /** Type of the order it places. */
  orderType: conditionalType,
  /** Symbol. */
  symbol: text,
  /** Side. */
  side,
  /** `BOTH` in one-way mode. */
  positionSide,
  /** Time in force. */
  timeInForce: conditionalTimeInForce,
  /** Base asset. */
  quantity: decimal,
  /** Where it stands in its life. */
  algoStatus,
  /** Price at which it triggers. */
  triggerPrice: decimal,
  /** Limit price; `"0"` for the market kinds. */
  price: decimal,
  /** Always `null` so far. */
  icebergQuantity: nullable(decimal),
  /** Self-trade prevention in force. */
  selfTradePreventionMode: selfTradePrevention,
  /** What the trigger price is compared with. */
  workingType,
  /** Price match; `NONE` when it names its own price. */
  priceMatch,
  /** Closes the whole position. */
  closePosition: flag,
  /** Does not trigger while mark and last price lie far apart. */
  priceProtect: flag,
  /** Reduce-only. */
  reduceOnly: flag,
  /** When it was placed. */
  createTime: transactMs,
  /** When it last changed. */
  updateTime: transactMs,
  /** 0 before the trigger. */
  triggerTime: integer,
  /** 0 when it is not GTD. */
  goodTillDate: integer,
} as const;

const { createTime, updateTime, triggerTime, goodTillDate, ...untilReduceOnly } = rows;

/** The reply to `POST /fapi/v1/algoOrder` and `algoOrder.place`. */
export const AlgoOrderPlaced = record({
  ...untilReduceOnly,
  /** `""` unless it is a trailing stop; not in replies of the WS API. */
  activatePrice: optional(text),
  /** In percent; `""` unless it is a trailing stop; not in replies of the WS API. */
  callbackRate: optional(text),
  /** When it was placed. */
  createTime,
  /** When it last changed. */
  updateTime,
  /** 0 before the trigger. */
  triggerTime,
  /** 0 when it is not GTD. */
  goodTillDate,
});

/** The reply to placing a conditional order. */
export type AlgoOrderPlaced = Infer<typeof AlgoOrderPlaced>;

const { algoId, clientAlgoId, orderType, symbol, timeInForce, quantity } = rows;
const { triggerPrice, price, icebergQuantity, selfTradePreventionMode } = rows;

/** A conditional order as the reads show it. */
export const AlgoOrder = record({
  /** Algo id; values of 1e15 to 4e15 were seen. */
  algoId,
  /** Chosen by the client, or made up. */
  clientAlgoId,
  /** `CONDITIONAL`, the only one so far. */
  algoType,
  /** Type of the order it places. */
  orderType,
  /** Symbol. */
  symbol,
  /** Side. */
  side,
  /** `BOTH` in one-way mode. */
  positionSide,
  /** Time in force. */
  timeInForce,
  /** Base asset. */
  quantity,
  /** Where it stands in its life. */
  algoStatus,
  /** The order in the book; `""` before the trigger. */
  actualOrderId: idText,
  /** Its average fill price. */
  actualPrice: decimal,
  /** Its type; in the newer shape of `GET algoOrder` only. */
  actualType: optional(bookOrderType),
  /** Its executed quantity; in the newer shape of `GET algoOrder` only. */
  actualQty: optional(decimal),
  /** Price at which it triggers. */
  triggerPrice,
  /** Limit price; `"0"` for market kinds. */
  price,
  /** Always `null` so far. */
  icebergQuantity,
  /** Not in the newer shape of `GET algoOrder`. */
  tpTriggerPrice: optional(decimal),
  /** Not in the newer shape of `GET algoOrder`. */
  tpPrice: optional(decimal),
  /** Not in the newer shape of `GET algoOrder`. */
  slTriggerPrice: optional(decimal),
  /** Not in the newer shape of `GET algoOrder`. */
  slPrice: optional(decimal),
  /** `""` so far. */
  tpOrderType: optional(text),
  /** Self-trade prevention in force. */
  selfTradePreventionMode,
  /** What the trigger price is compared with. */
  workingType,
  /** Price match; `NONE` when it names its own price. */
  priceMatch,
  /** Closes the whole position. */
  closePosition: flag,
  /** Does not trigger while mark and last price lie far apart. */
  priceProtect: flag,
  /** Reduce-only. */
  reduceOnly: flag,
  /** When it was placed. */
  createTime,
  /** When it last changed. */
  updateTime,
  /** 0 before the trigger. */
  triggerTime,
  /** 0 when it is not GTD. */
  goodTillDate,
});

/** A conditional order as the reads show it. */
export type AlgoOrder = Infer<typeof AlgoOrder>;

/** The reply to cancelling a conditional order. */
export const AlgoOrderCancelled = record({
  /** Algo id; values of 1e15 to 4e15 were seen. */
  algoId,
  /** Chosen by the client, or made up. */
  clientAlgoId,
  /** `"200"`: a string here and nowhere else. */
  code: text,
  /** What happened, for people. */
  msg: text,
});

/** The reply to cancelling a conditional order. */
export type AlgoOrderCancelled = Infer<typeof AlgoOrderCancelled>;

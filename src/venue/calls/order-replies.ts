/** Orders and fills as replies print them. Pure. Protocol sheet 11.3, 11.4, 14.2. */
import type { Transport } from "../../face/calls.ts";
import type { Decimal } from "../../kernel/scalars.ts";
import type {
  Order,
  OrderAcknowledged,
  OrderAcknowledgedById,
  OrderAmendment,
  UserTrade,
} from "../../protocol/rest/orders.ts";
import type { AmendmentView, OrderView, TradeView } from "../exchange/views.ts";
import { money, paddedTo, zeroOrPadded } from "../market/number-formats.ts";
import type { SymbolInfo } from "../market/symbol-listing.ts";
import type { AcknowledgementShape } from "./call-context.ts";

/** Average prices and quote amounts have at least so many places. */
const QUOTE_PLACES = 5;

/** How an acknowledgement is printed. */
export interface AcknowledgementStyle {
  readonly shape: AcknowledgementShape;
  /** The WS API pads zeros to the symbol's precisions as well (*seen*), REST prints `"0"`. */
  readonly transport: Transport;
}

/** The acknowledgement of an order write. */
export function acknowledgement(view: OrderView, info: SymbolInfo, style: AcknowledgementStyle): OrderAcknowledged {
  const pad = style.transport === "WS" ? paddedTo : zeroOrPadded;
  const quantity = (value: bigint) => pad(value, info.quantityPrecision);
  const older =
    style.shape === "before-2026-06"
      ? { cumQuote: pad(view.cumQuote, QUOTE_PLACES), avgPrice: paddedTo(view.avgPrice, QUOTE_PLACES) }
      : {};
  return {
    clientOrderId: view.clientOrderId,
    cumQty: quantity(view.executedQty),
    executedQty: quantity(view.executedQty),
    orderId: view.orderId,
    origQty: quantity(view.origQty),
    price: pad(view.price, info.pricePrecision),
    reduceOnly: view.reduceOnly,
    side: view.side,
    positionSide: view.positionSide,
    status: view.status,
    stopPrice: pad(0n, info.pricePrecision),
    closePosition: view.closePosition,
    symbol: view.symbol,
    timeInForce: view.timeInForce,
    type: view.type,
    origType: view.type,
    updateTime: view.updateTime,
    ...UNCONDITIONAL,
    priceMatch: view.priceMatch,
    selfTradePreventionMode: view.selfTradePreventionMode,
    goodTillDate: view.goodTillDate,
    ...older,
  };
}

/** What orders say that are not conditional, and those born of conditional ones. */
const UNCONDITIONAL = { workingType: "CONTRACT_PRICE", priceProtect: false } as const;

/** The acknowledgement of an amendment: by id over both transports, with the pair over REST. */
export function amendmentAcknowledged(
  view: OrderView,
  info: SymbolInfo,
  style: AcknowledgementStyle,
): OrderAcknowledgedById {
  const { cumQuote: _, ...acknowledged } = acknowledgement(view, info, style);
  const older = style.shape === "before-2026-06" ? { cumBase: "0" as Decimal } : {};
  return { ...acknowledged, ...older, ...(style.transport === "REST" ? { pair: info.pair } : {}) };
}

/** One amendment as `orderAmendment` shows it. */
export function amendmentReply(amendment: AmendmentView, order: OrderView, info: SymbolInfo): OrderAmendment {
  const { price, quantity, count, modifyId } = amendment;
  const priced = (value: bigint) => paddedTo(value, info.pricePrecision);
  const counted = (value: bigint) => paddedTo(value, info.quantityPrecision);
  return {
    amendmentId: amendment.id,
    symbol: order.symbol,
    pair: info.pair,
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    time: amendment.time,
    amendment: {
      price: { before: priced(price.before), after: priced(price.after) },
      origQty: { before: counted(quantity.before), after: counted(quantity.after) },
      count,
      ...(modifyId === undefined ? {} : { modifyId }),
    },
  };
}

/** The order as `GET order` and `openOrders` show it. */
export function orderReply(view: OrderView, info: SymbolInfo): Order {
  const quantity = (value: bigint) => zeroOrPadded(value, info.quantityPrecision);
  return {
    avgPrice: paddedTo(view.avgPrice, QUOTE_PLACES),
    clientOrderId: view.clientOrderId,
    cumQuote: zeroOrPadded(view.cumQuote, QUOTE_PLACES),
    executedQty: quantity(view.executedQty),
    orderId: view.orderId,
    origQty: quantity(view.origQty),
    origType: view.type,
    price: zeroOrPadded(view.price, info.pricePrecision),
    reduceOnly: view.reduceOnly,
    side: view.side,
    positionSide: view.positionSide,
    status: view.status,
    stopPrice: "0" as Decimal,
    closePosition: view.closePosition,
    symbol: view.symbol,
    time: view.time,
    timeInForce: view.timeInForce,
    type: view.type,
    updateTime: view.updateTime,
    ...UNCONDITIONAL,
    priceMatch: view.priceMatch,
    selfTradePreventionMode: view.selfTradePreventionMode,
    goodTillDate: view.goodTillDate,
  };
}

/** The order as `allOrders` shows it since August 2026. */
export function historicOrderReply(view: OrderView, info: SymbolInfo): Order {
  return { ...orderReply(view, info), cumBase: "0" as Decimal, pair: info.pair };
}

/** One fill as `userTrades` shows it since August 2026. `baseQty` is `"0"` here by the official connector's text. */
export function tradeReply(view: TradeView, info: SymbolInfo): UserTrade {
  return {
    buyer: view.side === "BUY",
    commission: money(view.commission),
    commissionAsset: view.commissionAsset,
    id: view.id,
    maker: view.maker,
    orderId: view.orderId,
    price: paddedTo(view.price, info.pricePrecision),
    qty: paddedTo(view.qty, info.quantityPrecision),
    quoteQty: paddedTo(view.quoteQty, QUOTE_PLACES),
    baseQty: "0" as Decimal,
    marginAsset: view.marginAsset,
    realizedPnl: money(view.realizedPnl),
    side: view.side,
    positionSide: view.positionSide,
    symbol: view.symbol,
    pair: info.pair,
    time: view.time,
  };
}

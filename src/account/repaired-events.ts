/**
 * Events made from what REST answers, for a time in which the stream was not heard. Pure.
 *
 * Rules kept here
 * - A field stands in such an event only when an answer gave it, or when it follows from what the event is. What REST
 * does not know (`b`, `a`, `er`, `si` …) is absent; nothing is made up. `E` is always absent: nobody generated a
 * message.
 * - `T` is the exchange's time of the fact. It is absent where REST has no date for it, as for leverage.
 * - Letters and values are those of the wire, so that one reader reads both kinds.
 */

import type { Fixed } from "../kernel/decimal.ts";
import { trimmed } from "../kernel/decimal.ts";
import type { Decimal, Id64, TransactMs } from "../kernel/scalars.ts";
import type { AccountConfigUpdate } from "../protocol/events/account-config-update.ts";
import type { AccountChange, BalanceUpdate, PositionUpdate } from "../protocol/events/account-update.ts";
import type { AlgoOrderUpdate } from "../protocol/events/algo-update.ts";
import type { OrderUpdate } from "../protocol/events/order-trade-update.ts";
import type { Balance } from "../protocol/rest/account.ts";
import type { SymbolConfig } from "../protocol/rest/account-settings.ts";
import type { AlgoOrder } from "../protocol/rest/algo-orders.ts";
import type { Income } from "../protocol/rest/income.ts";
import type { Order, UserTrade } from "../protocol/rest/orders.ts";
import type { PositionRiskV3 } from "../protocol/rest/position-risk.ts";

/** A record of which REST knows the fields `Always`, and any of the others. */
type Known<Whole, Always extends keyof Whole> = Pick<Whole, Always> & {
  readonly [K in keyof Whole as K extends Always ? never : K]?: Whole[K] | undefined;
};

/** The `o` of a repaired `ORDER_TRADE_UPDATE`. */
export type RepairedOrderUpdate = Known<OrderUpdate, "s" | "S" | "ps" | "i" | "x" | "t" | "l" | "L">;

/** One asset of a repaired `ACCOUNT_UPDATE`: after a transfer or a funding fee only the change is known. */
export type RepairedBalanceUpdate = Known<BalanceUpdate, "a">;

/** One position of a repaired `ACCOUNT_UPDATE`. */
export type RepairedPositionUpdate = Known<PositionUpdate, "s" | "ps" | "pa">;

/** The `a` of a repaired `ACCOUNT_UPDATE`. */
export type RepairedAccountChange = Known<Omit<AccountChange, "B" | "P">, never> & {
  /** Balances. */
  readonly B: readonly RepairedBalanceUpdate[];
  /** Positions. */
  readonly P: readonly RepairedPositionUpdate[];
};

/** The `o` of a repaired `ALGO_UPDATE`. */
export type RepairedAlgoUpdate = Known<AlgoOrderUpdate, "aid" | "s" | "X">;

/** What events look like that were missed and told from REST, by name. Other events cannot be told from REST. */
export interface RepairedEvents {
  /** An order was accepted, filled, amended, cancelled or expired. */
  ORDER_TRADE_UPDATE: Dated<"ORDER_TRADE_UPDATE"> & {
    /** The order, as far as REST knows it. */
    readonly o: RepairedOrderUpdate;
  };
  /** A wallet was changed by something else than a fill (then `bc` is there), or stands now at `wb` or `pa`. */
  ACCOUNT_UPDATE: Repaired<"ACCOUNT_UPDATE"> & {
    /** By the exchange's clock; absent for settings, which REST does not date. */
    readonly T?: TransactMs;
    /** What changed. */
    readonly a: RepairedAccountChange;
  };
  /** Leverage or Multi-Assets mode is another than before. When it changed is not known. */
  ACCOUNT_CONFIG_UPDATE: Pick<AccountConfigUpdate, "ac" | "ai"> &
    Repaired<"ACCOUNT_CONFIG_UPDATE"> & {
      /** REST does not date settings. */
      readonly T?: undefined;
    };
  /** A conditional order stands where `X` says. What it went through before that is not known. */
  ALGO_UPDATE: Dated<"ALGO_UPDATE"> & {
    /** The conditional order, as far as REST knows it. */
    readonly o: RepairedAlgoUpdate;
  };
}

/** What every repaired event says. */
interface Repaired<N extends string> {
  /** Event type. */
  readonly e: N;
  /** Nobody generated a message: there is no time of that. */
  readonly E?: undefined;
}

/** What those say that have a date. */
interface Dated<N extends string> extends Repaired<N> {
  /** When it happened, by the exchange's clock. */
  readonly T: TransactMs;
}

/** The name of an event that can be told from REST. */
export type RepairedName = keyof RepairedEvents;

/** An event that was missed, and is told from REST. */
export type RepairedEvent = RepairedEvents[RepairedName];

type OrderEvent = RepairedEvents["ORDER_TRADE_UPDATE"];

const NO_TRADE = "0" as Id64;
const NOTHING = "0" as Decimal;

/** What an order says of itself, whatever happened to it. */
function description(order: Order) {
  return {
    c: order.clientOrderId,
    o: order.type,
    f: order.timeInForce,
    q: order.origQty,
    p: order.price,
    sp: order.stopPrice,
    R: order.reduceOnly,
    wt: order.workingType,
    ot: order.origType,
    cp: order.closePosition,
    ...(order.activatePrice === undefined ? {} : { AP: order.activatePrice }),
    ...(order.priceRate === undefined ? {} : { cr: order.priceRate }),
    ...(order.priceProtect === undefined ? {} : { pP: order.priceProtect }),
    ...(order.selfTradePreventionMode === undefined ? {} : { V: order.selfTradePreventionMode }),
    ...(order.priceMatch === undefined ? {} : { pm: order.priceMatch as NonNullable<OrderUpdate["pm"]> }),
    ...(order.goodTillDate === undefined ? {} : { gtd: order.goodTillDate }),
  };
}

function orderEvent(order: Order, T: TransactMs, what: Pick<OrderUpdate, "x"> & Partial<OrderUpdate>): OrderEvent {
  const { symbol: s, side: S, positionSide: ps, orderId: i } = order;
  const o = { s, ...description(order), S, i, ps, l: NOTHING, L: NOTHING, t: NO_TRADE, T, ...what };
  return { e: "ORDER_TRADE_UPDATE", T, o };
}

/** The order was accepted. Its price and quantity are those of today: an amendment in between is not seen. */
export function placed(order: Order): OrderEvent {
  return orderEvent(order, order.time, { x: "NEW", X: "NEW", z: NOTHING, ap: NOTHING });
}

/** The order has another price or quantity than before. */
export function amended(order: Order): OrderEvent {
  const X = order.executedQty === NOTHING || /^[0.]*$/.test(order.executedQty) ? "NEW" : "PARTIALLY_FILLED";
  return orderEvent(order, order.updateTime, { x: "AMENDMENT", X, z: order.executedQty, ap: order.avgPrice });
}

/** The order ended by something else than a fill; `undefined` for one that is open or filled. */
export function ended(order: Order): OrderEvent | undefined {
  const { status, updateTime, executedQty: z, avgPrice: ap } = order;
  if (status === "CANCELED") return orderEvent(order, updateTime, { x: "CANCELED", X: status, z, ap });
  if (status !== "EXPIRED" && status !== "EXPIRED_IN_MATCH") return undefined;
  return orderEvent(order, updateTime, { x: "EXPIRED", X: status, z, ap });
}

/** Client order ids of orders with which the exchange itself liquidates and deleverages. Documented. */
const FORCED = /^(?:autoclose-|adl_autoclose)/;

/**
 * A fill.
 * @param order the order that was filled; `undefined` when REST does not know it any more
 * @param filled what was filled of the order, this fill included; `undefined` when that is not known
 */
export function fill(trade: UserTrade, order: Order | undefined, filled: Fixed | undefined): OrderEvent {
  const { symbol: s, side: S, positionSide: ps, orderId: i, id: t, time: T, qty: l, price: L } = trade;
  const { commission: n, commissionAsset: N, maker: m, realizedPnl: rp } = trade;
  const known = order === undefined ? {} : description(order);
  const isForced = order !== undefined && FORCED.test(order.clientOrderId);
  const z = filled === undefined ? {} : { z: trimmed(filled) };
  const o = { s, ...known, S, i, ps, x: isForced ? "CALCULATED" : "TRADE", t, l, L, n, N, T, m, rp, ...z } as const;
  return { e: "ORDER_TRADE_UPDATE", T, o: { ...o, ...statusAfter(order, filled) } };
}

function statusAfter(order: Order | undefined, filled: Fixed | undefined): Pick<RepairedOrderUpdate, "X" | "ap"> {
  if (order === undefined || filled === undefined) return {};
  const isLast = trimmed(filled) === withoutZeros(order.executedQty);
  const X = trimmed(filled) === withoutZeros(order.origQty) ? "FILLED" : "PARTIALLY_FILLED";
  return isLast ? { X, ap: order.avgPrice } : { X };
}

function withoutZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}

/** The conditional order was accepted. */
export function conditionalPlaced(algo: AlgoOrder): RepairedEvents["ALGO_UPDATE"] {
  const { createTime: updateTime } = algo;
  return conditional({ ...algo, algoStatus: "NEW", updateTime, actualOrderId: "", triggerTime: 0 });
}

/** Where a conditional order stands. Untriggered ones are dated by their placing. */
export function conditional(algo: AlgoOrder): RepairedEvents["ALGO_UPDATE"] {
  const hasOrder = algo.actualOrderId !== "";
  return {
    e: "ALGO_UPDATE",
    T: algo.updateTime,
    o: {
      caid: algo.clientAlgoId,
      aid: algo.algoId,
      at: algo.algoType,
      o: algo.orderType,
      s: algo.symbol,
      S: algo.side,
      ps: algo.positionSide,
      f: algo.timeInForce,
      q: algo.quantity,
      X: algo.algoStatus,
      ai: algo.actualOrderId,
      ...(hasOrder ? { ap: algo.actualPrice } : {}),
      ...(hasOrder && algo.actualQty !== undefined ? { aq: algo.actualQty } : {}),
      ...(hasOrder && algo.actualType !== undefined ? { act: algo.actualType } : {}),
      tp: algo.triggerPrice,
      p: algo.price,
      V: algo.selfTradePreventionMode,
      wt: algo.workingType,
      pm: algo.priceMatch,
      cp: algo.closePosition,
      pP: algo.priceProtect,
      R: algo.reduceOnly,
      tt: algo.triggerTime,
      gtd: algo.goodTillDate,
    },
  };
}

/** Kinds of income that fills tell of already. */
const OF_FILLS: ReadonlySet<string> = new Set(["COMMISSION", "REALIZED_PNL"]);

/** Is it told by a fill, so that it is no event of its own? Settlements of a delisting are, when they name a trade. */
export function isOfFills({ incomeType, tradeId }: Income): boolean {
  return OF_FILLS.has(incomeType) || (incomeType === "DELIVERED_SETTELMENT" && tradeId !== "");
}

/** The reason an `ACCOUNT_UPDATE` gives for it; `undefined` for kinds of which that is not known. */
function reasonOf({ incomeType, income }: Income): AccountChange["m"] | undefined {
  switch (incomeType) {
    case "TRANSFER":
      return income.startsWith("-") ? "WITHDRAW" : "DEPOSIT";
    case "FUNDING_FEE":
    case "INSURANCE_CLEAR":
    case "AUTO_EXCHANGE":
    case "OPTIONS_PREMIUM_FEE":
    case "OPTIONS_SETTLE_PROFIT":
    case "COIN_SWAP_DEPOSIT":
    case "COIN_SWAP_WITHDRAW":
      return incomeType;
    default:
      return undefined;
  }
}

/** A wallet was changed by something else than a fill. What stood in it afterwards is not known. */
export function booked(row: Income): RepairedEvents["ACCOUNT_UPDATE"] {
  const m = reasonOf(row);
  const S = row.incomeType === "FUNDING_FEE" && row.symbol !== "" ? { S: row.symbol } : {};
  const reason = m === undefined ? {} : { m };
  return {
    e: "ACCOUNT_UPDATE",
    T: row.time,
    a: { ...reason, ...S, B: [{ a: row.asset, bc: row.income }], P: [] },
  };
}

/** A balance as `ACCOUNT_UPDATE` tells it. */
export function balanceRow({ asset: a, balance: wb, crossWalletBalance: cw }: Balance): RepairedBalanceUpdate {
  return { a, wb, cw };
}

/** A position as `ACCOUNT_UPDATE` tells it. @param marginType of its symbol, when that is known */
export function positionRow(
  row: PositionRiskV3,
  marginType: SymbolConfig["marginType"] | undefined,
): RepairedPositionUpdate {
  return {
    s: row.symbol,
    pa: row.positionAmt,
    ep: row.entryPrice,
    up: row.unRealizedProfit,
    ...(marginType === undefined ? {} : { mt: marginType === "ISOLATED" ? "isolated" : "cross" }),
    iw: row.isolatedWallet,
    ps: row.positionSide,
    ma: row.marginAsset,
    bep: row.breakEvenPrice,
  };
}

/** What balances and positions stand at, when that is another state than the one that was told. */
export function standing(
  T: TransactMs,
  balances: readonly RepairedBalanceUpdate[],
  positions: readonly RepairedPositionUpdate[],
): RepairedEvents["ACCOUNT_UPDATE"] {
  return { e: "ACCOUNT_UPDATE", T, a: { B: balances, P: positions } };
}

/** A symbol has another leverage. */
export function leverageChanged(s: string, l: number): RepairedEvents["ACCOUNT_CONFIG_UPDATE"] {
  return { e: "ACCOUNT_CONFIG_UPDATE", ac: { s, l } };
}

/** A flat symbol has another margin type. REST has no date for it. */
export function marginTypeChanged(s: string, mt: "cross" | "isolated"): RepairedEvents["ACCOUNT_UPDATE"] {
  const row = { s, ps: "BOTH", pa: NOTHING, mt } as const;
  return { e: "ACCOUNT_UPDATE", a: { m: "MARGIN_TYPE_CHANGE", B: [], P: [row] } };
}

/** Multi-Assets mode is on, or off. */
export function multiAssetsChanged(j: boolean): RepairedEvents["ACCOUNT_CONFIG_UPDATE"] {
  return { e: "ACCOUNT_CONFIG_UPDATE", ai: { j } };
}

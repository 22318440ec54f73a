/**
 * The events an exchange core causes, as objects of the protocol's tables. Pure.
 *
 * Decimals are trimmed in ORDER_TRADE_UPDATE and ACCOUNT_UPDATE and padded in TRADE_LITE (*seen*, protocol sheet 14.2).
 * `E` equals `T`: within one type neither goes back; real ones differ by 0 to 5 ms (*assumed*: nobody depends on it).
 */
import { div, type Fixed, padded, trimmed } from "../../kernel/decimal.ts";
import { asEventMs, type Decimal, type Id64, type TransactMs } from "../../kernel/scalars.ts";
import type { ExecutionType, ExpiryReason, UpdateReason } from "../../protocol/enumerations.ts";
import type { AccountConfigUpdate } from "../../protocol/events/account-config-update.ts";
import type { AccountUpdate, BalanceUpdate, PositionUpdate } from "../../protocol/events/account-update.ts";
import type { OrderTradeUpdate } from "../../protocol/events/order-trade-update.ts";
import type { TradeLite } from "../../protocol/events/trade-lite.ts";
import { crossWalletOf, walletOf } from "../accounts/account.ts";
import { breakEvenPrice, entryPrice, unrealised } from "../accounts/position-math.ts";
import type { Account, Holding, Order } from "./records.ts";
import type { TradeView } from "./views.ts";

/** What an ORDER_TRADE_UPDATE tells of, when it is no fill. */
export type OrderHappening = Exclude<ExecutionType, "TRADE" | "CALCULATED">;

const ZERO = "0" as Decimal;
const NO_ID = "0" as Id64;

/** Average fill price so far; 0 before the first fill. */
export function averagePrice(order: Order): Fixed {
  return order.filled === 0n ? 0n : div(order.cumQuote, order.filled);
}

/** The order after something other than a fill. */
export function orderEvent(order: Order, happening: OrderHappening, reason: ExpiryReason = "0"): OrderTradeUpdate {
  const N = order.market.rules.marginAsset;
  return orderTradeUpdate(order, {
    x: happening,
    er: reason,
    l: ZERO,
    L: ZERO,
    n: ZERO,
    N,
    t: NO_ID,
    m: false,
    rp: ZERO,
  });
}

/** The order after an amendment; `modifyId` is the client's own number of it. */
export function amendmentEvent(order: Order, modifyId: number | undefined): OrderTradeUpdate {
  return orderTradeUpdate(order, {
    x: "AMENDMENT",
    er: "0",
    l: ZERO,
    L: ZERO,
    n: ZERO,
    N: order.market.rules.marginAsset,
    t: NO_ID,
    m: false,
    rp: ZERO,
    ...(modifyId === undefined ? {} : { M: String(modifyId) as Id64 }),
  });
}

/** The order after a fill; `trade` is how the account sees it. */
export function fillEvent(order: Order, trade: TradeView): OrderTradeUpdate {
  return orderTradeUpdate(order, {
    x: order.autoClose === undefined ? "TRADE" : "CALCULATED",
    er: "0",
    l: trimmed(trade.qty),
    L: trimmed(trade.price),
    n: trimmed(trade.commission),
    N: trade.commissionAsset,
    t: trade.id,
    m: trade.maker,
    rp: trimmed(trade.realizedPnl),
  });
}

type HappeningFields = Required<Pick<OrderTradeUpdate["o"], "x" | "er" | "l" | "L" | "n" | "N" | "t" | "m" | "rp">> &
  Pick<OrderTradeUpdate["o"], "M">;

/** Orders born of a conditional one name it (*seen*), those of a grid likewise (*assumed*, after that). */
function originOf({ conditional, grid }: Order): Pick<OrderTradeUpdate["o"], "si" | "ss" | "st"> {
  if (grid !== undefined) return { si: String(grid.id) as Id64, ss: -1, st: "GRID" };
  return conditional === undefined
    ? { si: NO_ID, ss: 0 }
    : { si: String(conditional.id) as Id64, ss: -1, st: "ALGO_CONDITION" };
}

function orderTradeUpdate(order: Order, what: HappeningFields): OrderTradeUpdate {
  const { holding } = order;
  const time = order.updateTime;
  return {
    e: "ORDER_TRADE_UPDATE",
    T: time,
    E: asEventMs(time),
    o: {
      s: order.market.rules.symbol,
      c: order.clientOrderId,
      S: order.side,
      o: order.type,
      f: order.timeInForce,
      q: trimmed(order.quantity),
      p: trimmed(order.price),
      ap: trimmed(averagePrice(order)),
      sp: ZERO,
      x: what.x,
      X: order.status,
      i: String(order.id) as Id64,
      ...(what.M === undefined ? {} : { M: what.M }),
      l: what.l,
      z: trimmed(order.filled),
      L: what.L,
      n: what.n,
      N: what.N,
      T: time,
      t: what.t,
      b: openNotional(holding, "bids"),
      a: openNotional(holding, "asks"),
      m: what.m,
      R: order.reduceOnly,
      wt: "CONTRACT_PRICE",
      ot: order.type,
      ps: order.positionSide,
      cp: order.conditional?.closePosition ?? false,
      rp: what.rp,
      pP: false,
      ...originOf(order),
      V: order.selfTradePrevention,
      pm: order.priceMatch,
      gtd: order.goodTillDate,
      er: what.er,
    },
  };
}

/** The short word of a fill that goes ahead of it. */
export function tradeLite(order: Order, trade: TradeView): TradeLite {
  const { pricePrecision, quantityPrecision } = order.market.rules;
  return {
    e: "TRADE_LITE",
    E: asEventMs(trade.time),
    T: trade.time,
    s: trade.symbol,
    q: padded(order.quantity, quantityPrecision),
    p: padded(order.price, pricePrecision),
    m: trade.maker,
    c: order.clientOrderId,
    S: order.side,
    L: padded(trade.price, pricePrecision),
    l: padded(trade.qty, quantityPrecision),
    t: trade.id,
    i: trade.orderId,
  };
}

/** An ACCOUNT_UPDATE of these balances and positions; `symbol` only for a funding fee. */
export function accountUpdate(
  reason: UpdateReason,
  time: TransactMs,
  balances: BalanceUpdate[],
  positions: PositionUpdate[],
  symbol?: string,
): AccountUpdate {
  const a = { m: reason, ...(symbol === undefined ? {} : { S: symbol }), B: balances, P: positions };
  return { e: "ACCOUNT_UPDATE", T: time, E: asEventMs(time), a };
}

/** An asset's wallets as they are; `change` leaves out profit and commission. */
export function balanceUpdate(account: Account, asset: string, change: Fixed): BalanceUpdate {
  return {
    a: asset,
    wb: trimmed(walletOf(account, asset)),
    cw: trimmed(crossWalletOf(account, asset)),
    bc: trimmed(change),
  };
}

/**
 * The entries that tell of a change of one position (rule of November 2020): in one-way mode its own; in hedge mode
 * `BOTH` and the changed side, isolated `BOTH` and both sides.
 */
export function positionUpdates(holding: Holding): PositionUpdate[] {
  const { siblings, positionSide, setup } = holding;
  return siblings
    .filter((sibling) => sibling === holding || (positionSide !== "BOTH" && isTold(sibling, setup.isIsolated)))
    .map(positionUpdate);
}

function isTold({ positionSide }: Holding, isIsolated: boolean): boolean {
  return positionSide === "BOTH" || isIsolated;
}

/** One position as it is. */
export function positionUpdate(holding: Holding): PositionUpdate {
  const { position, market, setup } = holding;
  return {
    s: market.rules.symbol,
    pa: trimmed(position.amount),
    ep: trimmed(entryPrice(position)),
    cr: trimmed(position.realisedEver),
    up: trimmed(unrealised(position, market.markPrice)),
    mt: setup.isIsolated ? "isolated" : "cross",
    iw: trimmed(holding.isolatedWallet),
    ps: holding.positionSide,
    ma: market.rules.marginAsset,
    bep: trimmed(breakEvenPrice(position)),
  };
}

/** A new leverage. */
export function leverageEvent(holding: Holding, time: TransactMs): AccountConfigUpdate {
  return {
    e: "ACCOUNT_CONFIG_UPDATE",
    T: time,
    E: asEventMs(time),
    ac: { s: holding.market.rules.symbol, l: holding.leverage },
  };
}

/** Multi-Assets mode switched on or off. */
export function multiAssetsEvent(isOn: boolean, time: TransactMs): AccountConfigUpdate {
  return { e: "ACCOUNT_CONFIG_UPDATE", T: time, E: asEventMs(time), ai: { j: isOn } };
}

/** What all open orders of one side of the book are worth, over the position sides of a symbol. */
function openNotional({ siblings }: Holding, side: "bids" | "asks"): Decimal {
  let sum = 0n;
  for (const sibling of siblings) sum += sibling[side].notional;
  return trimmed(sum);
}

/** What a grid tells of itself, and how it is shown. Pure. Protocol sheet 7.7, 7.8. */
import { type Fixed, trimmed } from "../../kernel/decimal.ts";
import { asEventMs, type Id64 } from "../../kernel/scalars.ts";
import type { StrategyStatus } from "../../protocol/enumerations.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Grid, Order } from "../exchange/records.ts";
import type { TradeView } from "../exchange/views.ts";
import type { GridOrderView, GridView } from "./grid-views.ts";

/** Sets status and operation code, and pushes STRATEGY_UPDATE. */
export function tellStrategy(floor: Floor, grid: Grid, status: StrategyStatus, opCode: number): void {
  grid.status = status;
  grid.opCode = opCode;
  grid.updateTime = floor.now;
  floor.outbox.push(grid.account.id, {
    e: "STRATEGY_UPDATE",
    T: floor.now,
    E: asEventMs(floor.now),
    su: { si: idOf(grid), st: "GRID", ss: status, s: grid.market.rules.symbol, ut: floor.now, c: opCode },
  });
}

/**
 * Books a fill of an order into its grid, and pushes GRID_UPDATE: for partial fills too (documented), until the grid
 * has ended.
 * @param fee the commission in the margin asset, also when it was paid in BNB
 */
export function tellGridFill(floor: Floor, { grid }: Order, done: TradeView, fee: Fixed): void {
  if (grid === undefined || (grid.status !== "NEW" && grid.status !== "WORKING")) return;
  const { ledger } = grid;
  const signedQty = done.side === "BUY" ? done.qty : -done.qty;
  ledger.book({ signedQty, price: done.price, fee, realised: done.realizedPnl });
  grid.updateTime = floor.now;
  floor.outbox.push(grid.account.id, {
    e: "GRID_UPDATE",
    T: floor.now,
    E: asEventMs(floor.now),
    gu: {
      si: idOf(grid),
      st: "GRID",
      ss: grid.status,
      s: done.symbol,
      r: trimmed(ledger.realised),
      up: trimmed(ledger.unmatchedAvgPrice),
      uq: trimmed(ledger.unmatchedQty),
      uf: trimmed(-ledger.unmatchedFee),
      mp: trimmed(ledger.matched),
      ut: floor.now,
    },
  });
}

/** The grid as it stands. */
export function gridView(grid: Grid): GridView {
  const { ledger, prices } = grid;
  return {
    strategyId: grid.id,
    strategyStatus: grid.status,
    account: grid.account.id,
    symbol: grid.market.rules.symbol,
    direction: grid.direction,
    gridType: grid.gridType,
    gridCount: prices.length - 1,
    gridLowerLimit: prices[0] ?? 0n,
    gridUpperLimit: prices.at(-1) ?? 0n,
    perGridQty: grid.perGridQty,
    ending: { ...grid.ending },
    gridProfit: ledger.realised,
    matchedPnl: ledger.matched,
    unmatchedQty: ledger.unmatchedQty,
    unmatchedAvgPrice: ledger.unmatchedAvgPrice,
    unmatchedFee: -ledger.unmatchedFee,
    opCode: grid.opCode,
    bookTime: grid.bookTime,
    updateTime: grid.updateTime,
    endTime: grid.endTime,
    orders: restingOrders(grid),
  };
}

function restingOrders({ orders, holding }: Grid): GridOrderView[] {
  const views: GridOrderView[] = [];
  for (const id of orders.keys()) {
    const order = holding.open.get(id);
    if (order === undefined) continue;
    const { clientOrderId, side, price, quantity, filled } = order;
    views.push({ orderId: String(id) as Id64, clientOrderId, side, price, origQty: quantity, executedQty: filled });
  }
  return views;
}

function idOf({ id }: Grid): Id64 {
  return String(id) as Id64;
}

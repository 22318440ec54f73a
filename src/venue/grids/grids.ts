/**
 * Grids: strategies of an account that place real orders at the prices between two limits, and answer each that fills
 * by one on the other side, one grid away. Pure. Protocol sheet 7.7, 7.8; docs/venue-rules.md.
 *
 *     started  NEW 8007 → its position, its orders → WORKING 8007
 *     filled   … → GRID_UPDATE → the counter order
 *     over     orders cancelled (cos), position closed (cps) → CANCELLED 8002, 8003 or EXPIRED 8004 …
 *
 * Rules kept here
 * - n grids have n + 1 prices; at the one nearest to the market stands nothing. Below it are buys, above it sells: n
 *   orders in all, always. A buy that filled is answered by a sell one price above it, a sell by a buy one below it.
 * - A grid acts after the command or timer that moved it, in the order in which things happened, as conditional orders
 *   do. Only its books are kept at once, fill by fill.
 * - An order of the grid that is refused ends it; which operation code that has: {@link opCodeOfRefusal}.
 * - One grid runs on a symbol of an account, without other orders or positions there, in one-way mode (*assumed*, after
 *   the help pages of an exchange with the same grids). What is placed, changed or cancelled there by hand ends it
 *   (documented).
 */

import { isRefused } from "../../face/refusal.ts";
import { abs, type Fixed, min } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { Side } from "../../protocol/enumerations.ts";
import { holdingOf } from "../accounts/account.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, Grid, Holding } from "../exchange/records.ts";
import { midPrice } from "../market/market.ts";
import { placeDraft } from "../orders/order-entry.ts";
import { end } from "../orders/order-life.ts";
import type { OrderDraft } from "../orders/order-parsing.ts";
import type { GridNote } from "./grid-desk.ts";
import { tellStrategy } from "./grid-events.ts";
import { GridLedger } from "./grid-ledger.ts";
import { nearestLevel } from "./grid-levels.ts";
import { parseChange, parseGrid } from "./grid-parsing.ts";
import type { GridChange, GridRequest } from "./grid-views.ts";
import { isByOwner, OP_CODE, opCodeOfRefusal } from "./op-codes.ts";

/** How many grids of an account run at most (*assumed*, after the help pages of an exchange with the same grids). */
const RUNNING_MAX = 10;

/** Starts a grid. It works when this returns, or has ended: EXPIRED, the reason in `opCode`. @throws {UsageError} */
export function startGrid(floor: Floor, account: Account, request: GridRequest): Grid {
  const market = floor.markets.get(request.symbol);
  if (market === undefined || market.listing.info.status !== "TRADING") {
    throw new UsageError(
      "body.symbol",
      "a symbol that trades",
      request.symbol,
      "GET /fapi/v1/exchangeInfo lists them.",
    );
  }
  const terms = parseGrid(market, request);
  const holding = holdingOf(account, market);
  mustBeFree(floor, holding);
  const grid: Grid = {
    ...terms,
    id: floor.grids.nextId,
    account,
    market,
    holding,
    bookTime: floor.now,
    ledger: new GridLedger(),
    orders: new Map(),
    orderCount: 0,
    status: "NEW",
    opCode: OP_CODE.newOrders,
    updateTime: floor.now,
    endTime: 0,
  };
  floor.grids.add(grid);
  tellStrategy(floor, grid, "NEW", OP_CODE.newOrders);
  const empty = nearestLevel(grid.prices, midPrice(market));
  openPosition(floor, grid, empty);
  for (let level = 0; level < grid.prices.length && floor.grids.isRunning(grid); level++) {
    if (level !== empty) placeAt(floor, grid, level, level < empty ? "BUY" : "SELL");
  }
  if (floor.grids.isRunning(grid)) tellStrategy(floor, grid, "WORKING", OP_CODE.newOrders);
  return grid;
}

function mustBeFree(floor: Floor, holding: Holding): void {
  const { account, market } = holding;
  const { symbol } = market.rules;
  const own = floor.grids.runningOn(account, market);
  if (own !== undefined) {
    const remedy = `DELETE /v1/paper/strategies/${own.id} stops it.`;
    throw new UsageError("body.symbol", "a symbol on which the account runs no grid", symbol, remedy);
  }
  if (floor.grids.runningCount(account) >= RUNNING_MAX) {
    throw new UsageError("account", `at most ${RUNNING_MAX} running grids`, RUNNING_MAX, "Stop another one first.");
  }
  if (account.isHedge) {
    const remedy = "POST /fapi/v1/positionSide/dual with dualSidePosition=false.";
    throw new UsageError("account", "one-way mode", "hedge mode", remedy);
  }
  const waits = [...floor.conditionals.of(account).waiting.values()].some((order) => order.market === market);
  if (holding.open.size === 0 && holding.position.amount === 0n && !waits) return;
  const found = holding.position.amount === 0n ? "open orders" : "a position";
  const remedy = "Cancel the orders and close the position of this symbol first.";
  throw new UsageError("account", `no open orders and no position on ${symbol}`, found, remedy);
}

/** A long grid buys at once what it will sell above, a short one sells what it will buy below. */
function openPosition(floor: Floor, grid: Grid, empty: number): void {
  const { direction, prices, perGridQty } = grid;
  if (direction === "NEUTRAL") return;
  const levels = direction === "LONG" ? prices.length - 1 - empty : empty;
  takeAtMarket(floor, grid, direction === "LONG" ? "BUY" : "SELL", BigInt(levels) * perGridQty, false);
}

/**
 * Takes `wanted` at the market, in as many orders as MARKET_LOT_SIZE needs; returns what was left over. To open, what
 * is refused or left over ends the grid; closing is its ending already.
 */
function takeAtMarket(floor: Floor, grid: Grid, side: Side, wanted: Fixed, isClosing: boolean): Fixed {
  const most = grid.market.rules.marketLot.max;
  let left = wanted;
  while (left > 0n) {
    const quantity = most === 0n ? left : min(left, most);
    const placed = placeDraft(floor, grid.account, grid.holding, draftOf(grid, side, quantity, 0n, isClosing), {
      grid,
    });
    const isShort = isRefused(placed) || placed.order.executedQty < quantity;
    if (!isRefused(placed)) left -= placed.order.executedQty;
    if (!isShort) continue;
    if (!isClosing) endGrid(floor, grid, isRefused(placed) ? opCodeOfRefusal(placed.code) : OP_CODE.outOfBounds);
    return left;
  }
  return 0n;
}

/** Places one order of the grid; when it is refused the grid ends. */
function placeAt(floor: Floor, grid: Grid, level: number, side: Side): void {
  const price = grid.prices[level];
  if (price === undefined) return;
  const draft = draftOf(grid, side, grid.perGridQty, price, false);
  const placed = placeDraft(floor, grid.account, grid.holding, draft, { grid });
  if (isRefused(placed)) endGrid(floor, grid, opCodeOfRefusal(placed.code));
  else grid.orders.set(BigInt(placed.order.orderId), level);
}

/** A limit order, or with a price of 0 a market order. */
function draftOf(grid: Grid, side: Side, quantity: Fixed, price: Fixed, reduceOnly: boolean): OrderDraft {
  grid.orderCount++;
  return {
    side,
    positionSide: "BOTH",
    type: price === 0n ? "MARKET" : "LIMIT",
    timeInForce: "GTC",
    quantity,
    price,
    priceMatch: "NONE",
    goodTillDate: 0,
    reduceOnly,
    clientOrderId: `grid-${grid.id}-${grid.orderCount}`,
    selfTradePrevention: "EXPIRE_MAKER",
  };
}

/** Changes when and how a running grid ends; tells so with 8001. @throws {UsageError} */
export function changeGrid(floor: Floor, grid: Grid, change: GridChange): void {
  mustRun(floor, grid);
  Object.assign(grid.ending, parseChange(grid.market, grid.prices, grid.ending, change));
  tellStrategy(floor, grid, grid.status, OP_CODE.changed);
}

/** Stops a running grid, as its owner wishes: 8002. @throws {UsageError} */
export function stopGrid(floor: Floor, grid: Grid): void {
  mustRun(floor, grid);
  endGrid(floor, grid, OP_CODE.stopped);
}

function mustRun(floor: Floor, grid: Grid): void {
  if (floor.grids.isRunning(grid)) return;
  throw new UsageError("strategy", "one that runs", `${grid.id}, ${grid.status}`);
}

function endGrid(floor: Floor, grid: Grid, opCode: number): void {
  if (!floor.grids.isRunning(grid)) return;
  floor.grids.stop(grid);
  if (grid.ending.cos) cancelOrders(floor, grid);
  const isClosed = !grid.ending.cps || closePosition(floor, grid);
  grid.endTime = floor.now;
  tellStrategy(floor, grid, isByOwner(opCode) ? "CANCELLED" : "EXPIRED", isClosed ? opCode : OP_CODE.unfilled);
}

function cancelOrders(floor: Floor, { orders, holding }: Grid): void {
  for (const id of [...orders.keys()]) {
    const order = holding.open.get(id);
    if (order !== undefined) end(floor, order, "CANCELED");
  }
  orders.clear();
}

/** Closes what the grid holds; less when the position is smaller by now. False when something could not be closed. */
function closePosition(floor: Floor, grid: Grid): boolean {
  const held = grid.ledger.unmatchedQty;
  const { amount } = grid.holding.position;
  if (held === 0n || amount === 0n || held > 0n !== amount > 0n) return true;
  return takeAtMarket(floor, grid, held > 0n ? "SELL" : "BUY", min(abs(held), abs(amount)), true) === 0n;
}

/** Lets grids act on the oldest thing that was noted; false when there is none. */
export function followGrids(floor: Floor): boolean {
  const note = floor.grids.takeNote();
  if (note === undefined) return false;
  follow(floor, note);
  return true;
}

function follow(floor: Floor, note: GridNote): void {
  if (note.what === "price") {
    for (const grid of floor.grids.runningIn(note.market)) {
      if (grid.ending.stopTriggerType === note.workingType && isStopped(grid, note.price))
        endGrid(floor, grid, OP_CODE.stopReached);
    }
    return;
  }
  const { grid } = note;
  if (!floor.grids.isRunning(grid)) return;
  if (note.what === "over") return endGrid(floor, grid, note.opCode);
  const { order } = note;
  const level = grid.orders.get(order.id);
  if (level === undefined) return;
  grid.orders.delete(order.id);
  if (note.what === "expired") placeAt(floor, grid, level, order.side);
  else if (order.side === "BUY") placeAt(floor, grid, level + 1, "SELL");
  else placeAt(floor, grid, level - 1, "BUY");
}

function isStopped({ ending }: Grid, price: Fixed): boolean {
  const { stopUpperLimit, stopLowerLimit } = ending;
  return (stopUpperLimit !== 0n && price >= stopUpperLimit) || (stopLowerLimit !== 0n && price <= stopLowerLimit);
}

/** A grid by its id. @throws {UsageError} when there is none such */
export function gridOf(floor: Floor, id: number): Grid {
  const grid = floor.grids.get(id);
  if (grid === undefined) {
    throw new UsageError("strategy", "one that exists", id, "GET /v1/paper/strategies lists them.");
  }
  return grid;
}

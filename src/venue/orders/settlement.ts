/**
 * One fill, booked: both orders, both positions, both wallets, the till; and told. Pure.
 *
 * What each account hears of one fill, all with the same `T` (*seen*, protocol sheet 8):
 *
 *     taker   TRADE_LITE → [ORDER_TRADE_UPDATE NEW] → ACCOUNT_UPDATE (ORDER) → ORDER_TRADE_UPDATE TRADE
 *     maker   TRADE_LITE → ACCOUNT_UPDATE (ORDER) → ORDER_TRADE_UPDATE TRADE
 *
 * NEW comes once. Further fills of the same taker repeat the sequence without it: each fill has an ACCOUNT_UPDATE of
 * its own (*assumed*; a capture with merged ones would refute it). The taker hears of a fill before the maker does. For
 * an order of a grid GRID_UPDATE comes last (*assumed*).
 */
import { div, type Fixed, fixed, mul, ONE } from "../../kernel/decimal.ts";
import type { Id64 } from "../../kernel/scalars.ts";
import { countOpen, credit, keepTrack, walletOf } from "../accounts/account.ts";
import { noteDebt } from "../accounts/auto-exchange.ts";
import { applyFill } from "../accounts/position-math.ts";
import { accountUpdate, balanceUpdate, fillEvent, positionUpdates, tradeLite } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Order } from "../exchange/records.ts";
import type { TradeView } from "../exchange/views.ts";
import { tellGridFill } from "../grids/grid-events.ts";
import { dollarPrice } from "../margin/collateral.ts";
import { setApart } from "../margin/isolated-margin.ts";
import { announce, notionalOf, retire } from "./order-life.ts";

/** Lets `taker` trade `quantity` with the resting `maker`, at the maker's price. */
export function trade(floor: Floor, taker: Order, maker: Order, quantity: bigint): void {
  const { market } = taker;
  const tradeId = market.nextTradeId;
  market.lastPrice = maker.price;
  market.lastTime = floor.now;
  market.book.fill(maker, quantity);
  market.feed.add({
    firstId: tradeId,
    lastId: tradeId,
    price: maker.price,
    quantity,
    time: floor.now,
    isBuyerMaker: maker.side === "BUY",
  });
  taker.filled += quantity;
  book(floor, taker, maker, quantity, maker.price);
  floor.priceMoved(market, "CONTRACT_PRICE", maker.price);
}

/** Lets two orders trade that are both in no book, at a price that is no price of the market. */
export function tradeOffBook(floor: Floor, taker: Order, maker: Order, quantity: bigint, price: bigint): void {
  taker.filled += quantity;
  maker.filled += quantity;
  book(floor, taker, maker, quantity, price);
}

function book(floor: Floor, taker: Order, maker: Order, quantity: bigint, price: bigint): void {
  const id = String(taker.market.nextTradeId++) as Id64;
  for (const order of [taker, maker]) bookOnOrder(floor, order, quantity, price);
  settle(floor, taker, { id, quantity, price, isMaker: false });
  settle(floor, maker, { id, quantity, price, isMaker: true });
  for (const order of [taker, maker]) {
    floor.conditionals.positionMoved(order.holding);
    if (order.status === "FILLED") floor.conditionals.orderEnded(order);
    floor.grids.filled(order);
  }
}

function bookOnOrder(floor: Floor, order: Order, quantity: bigint, price: bigint): void {
  order.cumQuote += (price * quantity) / ONE;
  order.status = order.filled === order.quantity ? "FILLED" : "PARTIALLY_FILLED";
  order.updateTime = floor.now;
  countOpen(order, -quantity, -notionalOf(order, quantity));
  if (order.status === "FILLED") retire(order);
}

interface Fill {
  readonly id: Id64;
  readonly quantity: bigint;
  readonly price: bigint;
  readonly isMaker: boolean;
}

function settle(floor: Floor, order: Order, fill: Fill): void {
  const { account, holding, market } = order;
  const asset = market.rules.marginAsset;
  const quoteQty = (fill.price * fill.quantity) / ONE;
  const fee = feeOf(floor, order, quoteQty, fill.isMaker);
  const signedQty = order.side === "BUY" ? fill.quantity : -fill.quantity;
  const before = holding.position;
  const inMargin = { signedQty, price: fill.price, commission: fee.worth, time: floor.now };
  const after = applyFill(before, inMargin);
  holding.position = after.position;
  keepTrack(holding);
  credit(account, asset, after.realised, floor.now);
  credit(account, fee.asset, -fee.amount, floor.now);
  floor.collectFee(fee.asset, fee.amount);
  if (account.isHouse) return;
  noteDebt(floor, account, asset);
  setApart(holding, before, fee.asset === asset ? inMargin : { ...inMargin, commission: 0n }, after.realised);
  const done: TradeView = {
    symbol: market.rules.symbol,
    id: fill.id,
    orderId: String(order.id) as Id64,
    side: order.side,
    positionSide: order.positionSide,
    price: fill.price,
    qty: fill.quantity,
    quoteQty,
    realizedPnl: after.realised,
    commission: fee.amount,
    commissionAsset: fee.asset,
    marginAsset: asset,
    maker: fill.isMaker,
    isSettlement: order.autoClose === "SETTLEMENT",
    time: floor.now,
  };
  holding.trades.push(done);
  // What the exchange closes by force has no short word ahead (documented: for x = TRADE only).
  if (order.autoClose === undefined) floor.outbox.push(account.id, tradeLite(order, done));
  announce(floor, order);
  const balances = [...new Set([asset, fee.asset])].map((changed) => balanceUpdate(account, changed, 0n));
  floor.outbox.push(account.id, accountUpdate("ORDER", floor.now, balances, positionUpdates(holding)));
  floor.outbox.push(account.id, fillEvent(order, done));
  tellGridFill(floor, order, done, fee.worth);
}

interface Fee {
  readonly asset: string;
  readonly amount: Fixed;
  /** In the margin asset. */
  readonly worth: Fixed;
}

/** 10 % less for those who pay in BNB (documented). */
const BURN_DISCOUNT: Fixed = fixed("0.9");

/**
 * The commission: in BNB when the account wishes so and has enough. Liquidations and deleveraging cost none of it
 * (*assumed*), settlements do (documented).
 */
function feeOf(floor: Floor, { account, market, autoClose }: Order, quoteQty: Fixed, isMaker: boolean): Fee {
  const asset = market.rules.marginAsset;
  const isFree = account.isHouse || autoClose === "LIQUIDATION" || autoClose === "ADL";
  const worth = isFree ? 0n : mul(quoteQty, isMaker ? floor.feeRates.maker : floor.feeRates.taker);
  const price = account.burnsFees ? dollarPrice(account, "BNB") : 0n;
  if (worth === 0n || price === 0n) return { asset, amount: worth, worth };
  const discounted = mul(worth, BURN_DISCOUNT);
  const amount = div(discounted, price);
  if (amount > walletOf(account, "BNB")) return { asset, amount: worth, worth };
  return { asset: "BNB", amount, worth: discounted };
}

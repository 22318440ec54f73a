/**
 * One fill, booked: both orders, both positions, both wallets, the till; and told. Pure.
 *
 * What each account hears of one fill, all with the same `T` (*seen*, protocol sheet 8):
 *
 *     taker   TRADE_LITE → [ORDER_TRADE_UPDATE NEW] → ACCOUNT_UPDATE (ORDER) → ORDER_TRADE_UPDATE TRADE
 *     maker   TRADE_LITE → ACCOUNT_UPDATE (ORDER) → ORDER_TRADE_UPDATE TRADE
 *
 * NEW comes once. Further fills of the same taker repeat the sequence without it: each fill has an ACCOUNT_UPDATE of
 * its own (*assumed*; a capture with merged ones would refute it). The taker hears of a fill before the maker does.
 */
import { mul, ONE } from "../kernel/decimal.ts";
import type { Id64 } from "../kernel/scalars.ts";
import { countOpen, credit } from "./account.ts";
import { accountUpdateOfFill, fillEvent, tradeLite } from "./event-writing.ts";
import type { Floor } from "./floor.ts";
import { announce, notionalOf, retire } from "./order-life.ts";
import { applyFill } from "./position-math.ts";
import type { Order } from "./records.ts";
import type { TradeView } from "./views.ts";

/** Lets `taker` trade `quantity` with the resting `maker`, at the maker's price. */
export function trade(floor: Floor, taker: Order, maker: Order, quantity: bigint): void {
  const { market } = taker;
  const tradeId = market.nextTradeId++;
  const id = String(tradeId) as Id64;
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
  for (const order of [taker, maker]) bookOnOrder(floor, order, quantity, maker.price);
  settle(floor, taker, { id, quantity, price: maker.price, isMaker: false });
  settle(floor, maker, { id, quantity, price: maker.price, isMaker: true });
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
  const rate = fill.isMaker ? floor.feeRates.maker : floor.feeRates.taker;
  const commission = account.isHouse ? 0n : mul(quoteQty, rate);
  const signedQty = order.side === "BUY" ? fill.quantity : -fill.quantity;
  const after = applyFill(holding.position, { signedQty, price: fill.price, commission, time: floor.now });
  holding.position = after.position;
  const balance = credit(account, asset, after.realised - commission, floor.now);
  floor.collectFee(asset, commission);
  if (account.isHouse) return;
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
    commission,
    commissionAsset: asset,
    marginAsset: asset,
    maker: fill.isMaker,
    time: floor.now,
  };
  holding.trades.push(done);
  floor.outbox.push(account.id, tradeLite(order, done));
  announce(floor, order);
  floor.outbox.push(account.id, accountUpdateOfFill(holding, balance.wallet, floor.now));
  floor.outbox.push(account.id, fillEvent(order, done));
}

/** Does the mirror show what the venue knows? Compared to the digit, fact by fact. Pure. */
import type { AccountView } from "../src/account/account-view.ts";
import { orderKey } from "../src/account/facts.ts";
import { fixed, trimmed } from "../src/kernel/decimal.ts";
import { assert } from "../src/kernel/errors.ts";
import type { TransactMs } from "../src/kernel/scalars.ts";
import type { ConditionalView } from "../src/venue/conditional/conditional-views.ts";
import type { Exchange } from "../src/venue/exchange/exchange.ts";
import type { OrderView, PositionView } from "../src/venue/exchange/views.ts";

/** Every way in which the mirror differs from the venue, in words; empty when it tells the truth. */
export function differences(view: AccountView, exchange: Exchange, account: string): string[] {
  const state = exchange.accountState(account);
  const pairs: Pair[] = [];
  for (const { asset, walletBalance, crossWalletBalance } of state.assets) {
    const known = view.balance(asset);
    if (known === undefined && walletBalance === 0n) continue;
    pairs.push([`wallet ${asset}`, plain(known?.wallet ?? "0"), trimmed(walletBalance)]);
    pairs.push([`cross wallet ${asset}`, plain(known?.crossWallet ?? "0"), trimmed(crossWalletBalance)]);
  }
  for (const position of state.positions) pairs.push(...ofPosition(view, position));
  const open = exchange.openOrders(account);
  assert(!("outcome" in open), "open orders of all symbols are never refused");
  pairs.push([
    "open orders",
    keysOf(view.openOrders),
    sorted(open.map(({ symbol, orderId }) => orderKey(symbol, orderId))),
  ]);
  for (const order of open) pairs.push(...ofOrder(view, order));
  const waiting = exchange.waitingConditionals(account, {});
  assert(!("outcome" in waiting), "waiting orders of all symbols are never refused");
  pairs.push(["waiting orders", keysOf(view.conditionalOrders), sorted(waiting.map(({ algoId }) => algoId))]);
  for (const order of waiting) pairs.push(...ofConditional(view, order));
  pairs.push(["hedge mode", String(view.hedgeMode?.value), String(state.dualSidePosition)]);
  pairs.push(["Multi-Assets mode", String(view.multiAssetsMode?.value), String(state.multiAssetsMargin)]);
  return pairs
    .filter(([, mirror, venue]) => mirror !== venue)
    .map(([name, mirror, venue]) => `${name}: ${mirror}, not ${venue}`);
}

/**
 * Every way in which ended orders differ from what the venue remembers of them, in words: how they ended, and what of
 * them was filled. Takes longer than {@link differences}.
 */
export function endedDifferences(view: AccountView, exchange: Exchange, account: string, now: TransactMs): string[] {
  const found: string[] = [];
  for (const { symbol, orderId, status, executed, averagePrice } of view.finishedOrders.values()) {
    const row = exchange.order(account, { symbol, orderId }, now);
    if ("outcome" in row) continue;
    const [mirror, venue] = [
      [status, plain(executed), plain(averagePrice)].join(" "),
      [row.status, trimmed(row.executedQty), trimmed(row.avgPrice)].join(" "),
    ];
    if (mirror !== venue) found.push(`ended order ${symbol} ${orderId}: ${mirror}, not ${venue}`);
  }
  for (const { algoId, status, orderId } of view.finishedConditionalOrders.values()) {
    const row = exchange.conditional(account, { algoId }, now);
    if ("outcome" in row) continue;
    const [mirror, venue] = [`${status} ${orderId}`, `${row.algoStatus} ${row.order?.orderId}`];
    if (mirror !== venue) found.push(`ended conditional order ${algoId}: ${mirror}, not ${venue}`);
  }
  return found;
}

function plain(decimal: string | undefined): string {
  return decimal === undefined ? "unknown" : trimmed(fixed(decimal));
}

type Pair = [name: string, mirror: string, venue: string];

/** What REST and events say of it alike. What the mirror was never told is no difference. */
function ofPosition(view: AccountView, row: PositionView): Pair[] {
  const { symbol, positionSide } = row;
  const known = view.position(symbol, positionSide);
  const name = `${symbol} ${positionSide}`;
  const pairs: Pair[] = [[`position ${name}`, plain(known?.amount ?? "0"), trimmed(row.positionAmt)]];
  const leverage = view.leverage.get(symbol)?.value;
  const marginType = view.marginType.get(symbol)?.value;
  if (leverage !== undefined) pairs.push([`leverage ${symbol}`, String(leverage), String(row.leverage)]);
  if (marginType !== undefined) {
    pairs.push([`margin type ${symbol}`, marginType, row.isIsolated ? "isolated" : "cross"]);
  }
  if (known === undefined) return pairs;
  pairs.push([`entry price ${name}`, plain(known.entryPrice), trimmed(row.entryPrice)]);
  pairs.push([`isolated wallet ${name}`, plain(known.isolatedWallet), trimmed(row.isolatedWallet)]);
  if (known.breakEvenPrice !== undefined) {
    pairs.push([`break-even price ${name}`, plain(known.breakEvenPrice), trimmed(row.breakEvenPrice)]);
  }
  return pairs;
}

function ofOrder(view: AccountView, row: OrderView): Pair[] {
  const known = view.openOrders.get(orderKey(row.symbol, row.orderId));
  if (known === undefined) return [];
  const mirror = [
    known.clientOrderId,
    known.side,
    known.positionSide,
    known.type,
    known.timeInForce,
    known.status,
    plain(known.price),
    plain(known.quantity),
    plain(known.executed),
    plain(known.averagePrice),
    known.isReduceOnly,
    known.closesPosition,
    known.goodTillDate,
    known.priceMatch,
    known.selfTradePrevention ?? row.selfTradePreventionMode,
  ];
  const venue = [
    row.clientOrderId,
    row.side,
    row.positionSide,
    row.type,
    row.timeInForce,
    row.status,
    trimmed(row.price),
    trimmed(row.origQty),
    trimmed(row.executedQty),
    trimmed(row.avgPrice),
    row.reduceOnly,
    row.closePosition,
    row.goodTillDate,
    row.priceMatch,
    row.selfTradePreventionMode,
  ];
  return [[`order ${row.symbol} ${row.orderId}`, mirror.join(" "), venue.join(" ")]];
}

function ofConditional(view: AccountView, row: ConditionalView): Pair[] {
  const known = view.conditionalOrders.get(row.algoId);
  if (known === undefined) return [];
  const mirror = [
    known.clientAlgoId,
    known.symbol,
    known.side,
    known.positionSide,
    known.type,
    known.timeInForce,
    known.status,
    plain(known.quantity),
    plain(known.triggerPrice),
    plain(known.price),
    known.workingType,
    known.isReduceOnly,
    known.closesPosition,
    known.isPriceProtected,
    known.priceMatch,
    known.selfTradePrevention,
    known.goodTillDate,
    known.triggeredAt,
    known.orderId ?? "",
  ];
  const venue = [
    row.clientAlgoId,
    row.symbol,
    row.side,
    row.positionSide,
    row.orderType,
    row.timeInForce,
    row.algoStatus,
    trimmed(row.quantity),
    trimmed(row.triggerPrice),
    trimmed(row.price),
    row.workingType,
    row.reduceOnly,
    row.closePosition,
    row.priceProtect,
    row.priceMatch,
    row.selfTradePreventionMode,
    row.goodTillDate,
    row.triggerTime,
    row.order?.orderId ?? "",
  ];
  return [[`conditional order ${row.algoId}`, mirror.join(" "), venue.join(" ")]];
}

function keysOf(facts: ReadonlyMap<string, unknown>): string {
  return sorted([...facts.keys()]);
}

function sorted(keys: readonly string[]): string {
  return [...keys].sort().join();
}

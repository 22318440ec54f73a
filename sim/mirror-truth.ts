/** Does the mirror show what the venue knows? Compared to the digit, fact by fact. Pure. */
import type { AccountView } from "../src/account/account-view.ts";
import { fixed, trimmed } from "../src/kernel/decimal.ts";
import { assert } from "../src/kernel/errors.ts";
import type { Exchange } from "../src/venue/exchange/exchange.ts";

/** Every way in which the mirror differs from the venue, in words; empty when it tells the truth. */
export function differences(view: AccountView, exchange: Exchange, account: string): string[] {
  const state = exchange.accountState(account);
  const pairs: [name: string, mirror: string, venue: string][] = [];
  for (const { asset, walletBalance, crossWalletBalance } of state.assets) {
    const known = view.balance(asset);
    if (known === undefined && walletBalance === 0n) continue;
    pairs.push([`wallet ${asset}`, plain(known?.wallet), trimmed(walletBalance)]);
    pairs.push([`cross wallet ${asset}`, plain(known?.crossWallet), trimmed(crossWalletBalance)]);
  }
  for (const { symbol, positionSide, positionAmt } of state.positions) {
    pairs.push([
      `position ${symbol} ${positionSide}`,
      plain(view.position(symbol, positionSide)?.amount),
      trimmed(positionAmt),
    ]);
  }
  pairs.push(["open orders", ordersOf(view), openOf(exchange, account)]);
  pairs.push(["waiting orders", [...view.conditionalOrders.keys()].sort().join(), waitingOf(exchange, account)]);
  pairs.push(["hedge mode", String(view.hedgeMode?.value), String(state.dualSidePosition)]);
  pairs.push(["Multi-Assets mode", String(view.multiAssetsMode?.value), String(state.multiAssetsMargin)]);
  return pairs
    .filter(([, mirror, venue]) => mirror !== venue)
    .map(([name, mirror, venue]) => `${name}: ${mirror}, not ${venue}`);
}

function plain(decimal: string | undefined): string {
  return decimal === undefined ? "0" : trimmed(fixed(decimal));
}

function ordersOf(view: AccountView): string {
  const orders = [...view.openOrders.values()];
  return orders
    .map((o) => `${o.symbol} ${o.orderId} ${plain(o.executed)} of ${plain(o.quantity)} at ${plain(o.price)}`)
    .sort()
    .join();
}

function openOf(exchange: Exchange, account: string): string {
  const orders = exchange.openOrders(account);
  assert(!("outcome" in orders), "open orders of all symbols are never refused");
  return orders
    .map((o) => `${o.symbol} ${o.orderId} ${trimmed(o.executedQty)} of ${trimmed(o.origQty)} at ${trimmed(o.price)}`)
    .sort()
    .join();
}

function waitingOf(exchange: Exchange, account: string): string {
  const orders = exchange.waitingConditionals(account, {});
  assert(!("outcome" in orders), "waiting orders of all symbols are never refused");
  return orders
    .map(({ algoId }) => algoId)
    .sort()
    .join();
}

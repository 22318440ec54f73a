/** Taking orders out of the book on their owner's wish. Pure. */

import { isRefused, type Refused, refuse } from "../../face/refusal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { holdingOf } from "../accounts/account.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account } from "../exchange/records.ts";
import type { Cancelled, CancelledAll, CountdownStarted } from "../exchange/views.ts";
import { end, isOpen, orderView } from "./order-life.ts";
import { locate } from "./order-reads.ts";
import type { OrderReference } from "./order-request.ts";

/** Cancels one open order; -2011 when there is none such. */
export function cancelOrder(floor: Floor, account: Account, which: OrderReference): Cancelled | Refused {
  const order = locate(floor, account, which);
  if (order === undefined) return refuse(-2011);
  if (isRefused(order)) return order;
  if (!isOpen(order)) return refuse(-2011);
  end(floor, order, "CANCELED");
  return { outcome: "cancelled", order: orderView(order) };
}

/** Cancels all open orders of a symbol, oldest first; each pushes its own event. */
export function cancelAllOrders(floor: Floor, account: Account, symbol: string): CancelledAll | Refused {
  const market = floor.markets.get(symbol);
  if (market === undefined) return refuse(-1121);
  const open = [...holdingOf(account, market).open.values()];
  for (const order of open) end(floor, order, "CANCELED");
  return { outcome: "cancelled-all", orders: open.map(orderView) };
}

/**
 * Cancels all open orders of a symbol `countdownMs` from now, unless it is called again before: that sets the countdown
 * anew, 0 stops it. Conditional orders stay (*assumed*: not documented).
 */
export function countDown(
  floor: Floor,
  account: Account,
  symbol: string,
  countdownMs: number,
): CountdownStarted | Refused {
  if (!floor.markets.has(symbol)) return refuse(-1121);
  const key = `${account.id} ${symbol}`;
  floor.countdowns.get(key)?.();
  floor.countdowns.delete(key);
  if (countdownMs > 0) {
    const at = (floor.now + countdownMs) as TransactMs;
    const stop = floor.timers.set(at, `countdown of ${key}`, () => {
      floor.countdowns.delete(key);
      cancelAllOrders(floor, account, symbol);
    });
    floor.countdowns.set(key, stop);
  }
  return { outcome: "countdown", symbol, countdownTime: countdownMs };
}

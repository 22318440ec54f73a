/** Leverage of one symbol. Pure. */

import { type Refused, refuse } from "../../face/refusal.ts";
import { abs, divide, max } from "../../kernel/decimal.ts";
import { holdingOf, sidesInMode } from "../accounts/account.ts";
import { leverageEvent } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, Holding } from "../exchange/records.ts";
import type { LeverageChanged } from "../exchange/views.ts";
import { isClosed } from "../market/symbol-status.ts";
import { carryingMargin, holdingMargin, maxNotional } from "./margin.ts";

/**
 * Sets the leverage. -4028 when the symbol does not offer it, -2027 when the position and open orders are larger than
 * it allows, -4161 when it is to be lowered under an isolated position, -2028 when the account has not the margin it
 * needs. An equal leverage is accepted and pushes nothing (*assumed*).
 */
export function changeLeverage(
  floor: Floor,
  account: Account,
  symbol: string,
  leverage: number,
): LeverageChanged | Refused {
  const market = floor.markets.get(symbol);
  if (market === undefined) return refuse(-1121);
  if (isClosed(market)) return refuse(-4141);
  const { brackets } = market.rules;
  const highest = brackets[0]?.initialLeverage ?? 1;
  if (!Number.isSafeInteger(leverage) || leverage < 1 || leverage > highest) return refuse(-4028, String(leverage));
  const holding = holdingOf(account, market);
  const maxNotionalValue = maxNotional(brackets, leverage);
  if (leverage !== holding.leverage) {
    const refused = refusalOf(account, holding, leverage, maxNotionalValue);
    if (refused !== undefined) return refused;
    holding.setup.leverage = leverage;
    floor.outbox.push(account.id, leverageEvent(holding, floor.now));
  }
  return { outcome: "leverage-changed", symbol, leverage, maxNotionalValue };
}

function refusalOf(account: Account, both: Holding, leverage: number, cap: bigint): Refused | undefined {
  let needed = 0n;
  let isOpen = false;
  for (const holding of sidesInMode(both)) {
    const now = holdingMargin(holding);
    const long = abs(now.notional + holding.bids.exposedNotional);
    const short = abs(now.notional - holding.asks.exposedNotional);
    const largest = max(long, short);
    if (largest > cap) return refuse(-2027);
    needed += divide(largest, BigInt(leverage), "half-up") - now.position - now.openOrders;
    if (holding.position.amount !== 0n) isOpen = true;
  }
  if (leverage > both.leverage) return undefined;
  if (both.setup.isIsolated && isOpen) return refuse(-4161);
  return needed > carryingMargin(account, both.market.rules.marginAsset).available ? refuse(-2028) : undefined;
}

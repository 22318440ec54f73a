/** Leverage of one symbol. Pure. */
import { abs, divide, max } from "../kernel/decimal.ts";
import { holdingOf } from "./account.ts";
import { leverageEvent } from "./event-writing.ts";
import type { Floor } from "./floor.ts";
import { assetMargin, holdingMargin, maxNotional } from "./margin.ts";
import type { Account, Holding } from "./records.ts";
import { type Refused, refuse } from "./refusal.ts";
import type { LeverageChanged } from "./views.ts";

/**
 * Sets the leverage. -4028 when the symbol does not offer it, -2027 when the position and open orders are larger than
 * it allows, -2028 when the account has not the margin it needs. An equal leverage is accepted and pushes nothing
 * (*assumed*).
 */
export function changeLeverage(
  floor: Floor,
  account: Account,
  symbol: string,
  leverage: number,
): LeverageChanged | Refused {
  const market = floor.markets.get(symbol);
  if (market === undefined) return refuse(-1121);
  const { brackets } = market.rules;
  const highest = brackets[0]?.initialLeverage ?? 1;
  if (!Number.isSafeInteger(leverage) || leverage < 1 || leverage > highest) return refuse(-4028, String(leverage));
  const holding = holdingOf(account, market);
  const maxNotionalValue = maxNotional(brackets, leverage);
  if (leverage !== holding.leverage) {
    const refused = refusalOf(account, holding, leverage, maxNotionalValue);
    if (refused !== undefined) return refused;
    holding.leverage = leverage;
    floor.outbox.push(account.id, leverageEvent(holding, floor.now));
  }
  return { outcome: "leverage-changed", symbol, leverage, maxNotionalValue };
}

function refusalOf(account: Account, holding: Holding, leverage: number, cap: bigint): Refused | undefined {
  const now = holdingMargin(holding);
  const long = abs(now.notional + holding.bids.exposedNotional);
  const short = abs(now.notional - holding.asks.exposedNotional);
  const largest = max(long, short);
  if (largest > cap) return refuse(-2027);
  if (leverage > holding.leverage) return undefined;
  const needed = max(0n, divide(largest, BigInt(leverage), "half-up") - now.position - now.openOrders);
  return needed > assetMargin(account, holding.market.rules.marginAsset).available ? refuse(-2028) : undefined;
}

/**
 * Funding: longs pay shorts (or, at a negative rate, the other way) notional at mark × rate. Pure. Protocol sheet 7.2.
 *
 * - Every eight hours from midnight UTC, of all symbols, at the rate each has; on command at any time and rate.
 *   Without a market maker only on command.
 * - One ACCOUNT_UPDATE a position: cross with `P` = `[]`, isolated with the position alone; `S` names the symbol.
 * - An isolated position pays out of its own wallet; what that has not the cross wallet pays (*assumed*).
 * - Each fee is rounded by itself; the exchange's own account takes what is left over, as it takes all other sides.
 */

import { type Refused, refuse } from "../../face/refusal.ts";
import { type Fixed, max, mul, trimmed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { credit } from "../accounts/account.ts";
import { noteDebt } from "../accounts/auto-exchange.ts";
import { notionalAt } from "../accounts/position-math.ts";
import { accountUpdate, balanceUpdate, positionUpdate } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Holding, Market } from "../exchange/records.ts";
import type { Funded } from "../exchange/views.ts";
import { watchMargins } from "../margin/margin-watch.ts";
import { FUNDING_INTERVAL_HOURS, type FundingSettings, fundingRateOf, INTEREST_RATE } from "./funding-terms.ts";
import { isClosed } from "./symbol-status.ts";

const HOUR_MS = 3_600_000;

/** Sets rates, and starts the clock unless there is no market maker. @throws {UsageError} when a setting is wrong */
export function startFunding(floor: Floor, settings: Partial<FundingSettings> | "none" | undefined): void {
  if (settings === "none" || (settings === undefined && floor.marketMaker === "none")) return;
  const { rate = trimmed(INTEREST_RATE), intervalHours = FUNDING_INTERVAL_HOURS } = settings ?? {};
  if (!Number.isSafeInteger(intervalHours) || intervalHours < 1 || intervalHours > 24) {
    throw new UsageError("funding.intervalHours", "a whole number from 1 to 24", intervalHours);
  }
  const parsed = fundingRateOf(rate);
  if (parsed === undefined) throw new UsageError("funding.rate", "a decimal between -1 and 1", rate);
  for (const market of floor.markets.values()) {
    market.fundingRate = parsed;
    market.fundingIntervalHours = intervalHours;
  }
  schedule(floor, intervalHours * HOUR_MS);
}

function schedule(floor: Floor, intervalMs: number): void {
  const at = ((Math.floor(floor.now / intervalMs) + 1) * intervalMs) as TransactMs;
  for (const market of tradingMarkets(floor)) market.nextFundingTime = at;
  floor.timers.set(at, "funding", () => {
    for (const market of tradingMarkets(floor)) settle(floor, market, market.fundingRate);
    schedule(floor, intervalMs);
  });
}

function tradingMarkets({ markets }: Floor): Market[] {
  return [...markets.values()].filter((market) => !isClosed(market));
}

/** Pays funding of a symbol now, at `rate` or the one it has. */
export function settleFunding(floor: Floor, symbol: string, rate?: string): Funded | Refused {
  const market = floor.markets.get(symbol);
  if (market === undefined) return refuse(-1121);
  if (isClosed(market)) return refuse(-4141);
  const paid = rate === undefined ? market.fundingRate : fundingRateOf(rate);
  if (paid === undefined) return refuse(-1130, "rate");
  return { outcome: "funded", symbol, rate: paid, positions: settle(floor, market, paid) };
}

/** Returns how many positions paid or were paid. */
function settle(floor: Floor, market: Market, rate: Fixed): number {
  const asset = market.rules.marginAsset;
  let count = 0;
  for (const holding of market.positions) {
    const notional = notionalAt(holding.position, market.markPrice);
    const fee = -mul(notional, rate);
    if (fee === 0n) continue;
    credit(floor.house, asset, -fee, floor.now);
    pay(floor, holding, fee);
    count++;
  }
  market.feed.settlements.push({ time: floor.now, rate, markPrice: market.markPrice });
  watchMargins(floor, market);
  return count;
}

function pay(floor: Floor, holding: Holding, fee: Fixed): void {
  const { account, market, setup } = holding;
  const { symbol, marginAsset } = market.rules;
  credit(account, marginAsset, fee, floor.now);
  noteDebt(floor, account, marginAsset);
  if (setup.isIsolated) holding.isolatedWallet = max(0n, holding.isolatedWallet + fee);
  floor.noteIncome(account, { type: "FUNDING_FEE", symbol, asset: marginAsset, amount: fee });
  const balance = balanceUpdate(account, marginAsset, fee);
  const positions = setup.isIsolated ? [positionUpdate(holding)] : [];
  floor.outbox.push(account.id, accountUpdate("FUNDING_FEE", floor.now, [balance], positions, symbol));
}

/**
 * Watching margins: who is called, who is liquidated. Pure.
 *
 * Judged each time the mark price of a symbol was set, for those with a position there, and after a funding (*assumed*:
 * a fill alone is judged at the next mark price). When the maintenance margin reaches a share of the margin balance, a
 * MARGIN_CALL is pushed and repeated while it lasts; share and interval are settings, since Binance tells neither. When
 * it is more than the margin balance the positions are liquidated, even if the call was never heard.
 */
import { type Fixed, mul, trimmed } from "../../kernel/decimal.ts";
import { asEventMs, type TransactMs } from "../../kernel/scalars.ts";
import type { CalledPosition } from "../../protocol/events/margin-call.ts";
import { credit, crossWalletOf, holdingsInMode } from "../accounts/account.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, Holding, Market } from "../exchange/records.ts";
import { isCrossSafe, liquidateCross, liquidateIsolated } from "./liquidation.ts";
import { carryingMargin, holdingMargin } from "./margin.ts";

/** Judges everybody with a position in the market. */
export function watchMargins(floor: Floor, market: Market): void {
  const judged = new Set<Account>();
  for (const holding of [...market.positions]) {
    if (holding.position.amount === 0n) continue;
    if (holding.setup.isIsolated) {
      watchIsolated(floor, holding);
    } else if (!judged.has(holding.account)) {
      judged.add(holding.account);
      watchCross(floor, holding.account, market.rules.marginAsset);
    }
  }
}

function watchCross(floor: Floor, account: Account, asset: string): void {
  const carrying = carryingMargin(account, asset);
  const balance = account.balances.get(asset) ?? credit(account, asset, 0n, floor.now);
  const isRisky = isAtRisk(floor, carrying.crossMaintenance, carrying.crossWallet + carrying.crossUnrealised);
  balance.calledAt = callAgain(floor, isRisky, balance.calledAt, () => callCross(floor, account, asset));
  if (isCrossSafe(carrying)) return;
  liquidateCross(floor, account, asset);
  balance.calledAt = undefined;
}

function watchIsolated(floor: Floor, holding: Holding): void {
  const margin = holdingMargin(holding);
  const balance = holding.isolatedWallet + margin.unrealised;
  const isRisky = isAtRisk(floor, margin.maintenance, balance);
  holding.calledAt = callAgain(floor, isRisky, holding.calledAt, () => call(floor, [holding], undefined));
  if (balance >= margin.maintenance) return;
  liquidateIsolated(floor, holding);
  holding.calledAt = undefined;
}

function isAtRisk({ marginCall }: Floor, maintenance: Fixed, balance: Fixed): boolean {
  return maintenance > 0n && maintenance >= mul(marginCall.ratio, balance);
}

/** Calls unless that was done lately; returns when it was last done. */
function callAgain(
  floor: Floor,
  isRisky: boolean,
  calledAt: TransactMs | undefined,
  callNow: () => void,
): TransactMs | undefined {
  if (!isRisky) return undefined;
  if (calledAt !== undefined && floor.now - calledAt < floor.marginCall.repeatMs) return calledAt;
  callNow();
  return floor.now;
}

/** Pushes one MARGIN_CALL about all cross positions that this asset carries, if there are any. */
export function callCross(floor: Floor, account: Account, asset: string): void {
  const isMeant = ({ setup, position, market }: Holding) =>
    !setup.isIsolated && position.amount !== 0n && (account.isMultiAssets || market.rules.marginAsset === asset);
  const held = [...holdingsInMode(account)].filter(isMeant);
  if (held.length > 0) call(floor, held, crossWalletOf(account, asset));
}

/** Pushes a MARGIN_CALL about these positions; with the cross wallet when they are cross. */
export function call(floor: Floor, holdings: readonly Holding[], crossWallet: Fixed | undefined): void {
  const [first] = holdings;
  if (first === undefined) return;
  floor.outbox.push(first.account.id, {
    e: "MARGIN_CALL",
    E: asEventMs(floor.now),
    ...(crossWallet === undefined ? {} : { cw: trimmed(crossWallet) }),
    p: holdings.map(calledPosition),
  });
}

function calledPosition(holding: Holding): CalledPosition {
  const { market, position, setup } = holding;
  const margin = holdingMargin(holding);
  return {
    s: market.rules.symbol,
    ps: holding.positionSide,
    pa: trimmed(position.amount),
    mt: setup.isIsolated ? "ISOLATED" : "CROSSED",
    iw: trimmed(holding.isolatedWallet),
    mp: trimmed(market.markPrice),
    up: trimmed(margin.unrealised),
    mm: trimmed(margin.maintenance),
  };
}

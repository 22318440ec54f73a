/**
 * How an account as a whole is set up: hedge mode, Multi-Assets mode, commissions in BNB. Pure. Protocol sheet 10.4.
 */

import { type Refused, refuse } from "../../face/refusal.ts";
import { multiAssetsEvent } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, Holding } from "../exchange/records.ts";
import type { ModeChanged } from "../exchange/views.ts";
import { isCollateral } from "../margin/collateral.ts";
import { assetMargin, pooledMargin } from "../margin/margin.ts";
import { isClosed } from "../market/symbol-status.ts";
import { sidesInMode } from "./account.ts";

/**
 * Sets hedge or one-way mode, of all symbols. Pushes nothing (no event is known). Conditional orders that wait count as
 * open: each is for a position of the present mode (*assumed*).
 */
export function changePositionMode(floor: Floor, account: Account, isHedge: boolean): ModeChanged | Refused {
  if (account.isHedge === isHedge) return refuse(-4059);
  if (hasOpenOrders(account) || floor.conditionals.of(account).waiting.size > 0) return refuse(-4067);
  for (const { siblings } of account.holdings.values()) {
    if (siblings.some(({ position }) => position.amount !== 0n)) return refuse(-4068);
  }
  account.isHedge = isHedge;
  for (const both of account.holdings.values()) sidesInMode(both);
  return { outcome: "mode-changed" };
}

/** Sets Multi-Assets mode or single-asset mode. Pushes ACCOUNT_CONFIG_UPDATE. */
export function changeMultiAssetsMode(floor: Floor, account: Account, isOn: boolean): ModeChanged | Refused {
  if (account.isMultiAssets === isOn) return refuse(-4171);
  if (hasOpenOrders(account)) return refuse(-4170);
  if ([...account.holdings.values()].some(standsInTheWay)) return refuse(-4167);
  for (const [asset, { wallet }] of account.balances) {
    if (wallet < 0n && isCollateral(account, asset)) return refuse(-4172);
  }
  if (!carriesItself(account, isOn)) return refuse(-4169);
  account.isMultiAssets = isOn;
  floor.outbox.push(account.id, multiAssetsEvent(isOn, floor.now));
  return { outcome: "mode-changed" };
}

/** Isolated margin of a symbol that is still traded. */
function standsInTheWay({ setup, market }: Holding): boolean {
  return setup.isIsolated && !isClosed(market);
}

/** Would the positions have their initial margin afterwards? */
function carriesItself(account: Account, isMultiAssets: boolean): boolean {
  const assets = new Set([...account.holdings.values()].map(({ market }) => market.rules.marginAsset));
  const margins = isMultiAssets ? [pooledMargin(account)] : [...assets].map((asset) => assetMargin(account, asset));
  return margins.every(({ crossWallet, crossUnrealised, position }) => crossWallet + crossUnrealised >= position);
}

/** Sets whether commissions are paid in BNB. Asking for what is so already is accepted (*assumed*). */
export function changeFeeBurn(account: Account, isOn: boolean): ModeChanged {
  account.burnsFees = isOn;
  return { outcome: "mode-changed" };
}

function hasOpenOrders(account: Account): boolean {
  return [...account.holdings.values()].some(({ open }) => open.size > 0);
}

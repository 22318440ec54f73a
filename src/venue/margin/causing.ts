/** Things that happen to an account, caused on command, whatever its margin says. Pure. */

import { type Refused, refuse } from "../../face/refusal.ts";
import { holdingsInMode } from "../accounts/account.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, Holding } from "../exchange/records.ts";
import type { Caused } from "../exchange/views.ts";
import { deleverageNow } from "./deleveraging.ts";
import { liquidateCross, liquidateIsolated } from "./liquidation.ts";
import { call, callCross } from "./margin-watch.ts";

/** What may be caused. */
export type Cause = "margin-call" | "liquidation" | "adl";

/** Causes it to the account's positions, of one symbol or of all. -2024 when there is none. */
export function cause(floor: Floor, account: Account, what: Cause, symbol?: string): Caused | Refused {
  if (symbol !== undefined && !floor.markets.has(symbol)) return refuse(-1121);
  const held = [...holdingsInMode(account)].filter(
    ({ position, market }) => position.amount !== 0n && (symbol === undefined || market.rules.symbol === symbol),
  );
  if (held.length === 0) return refuse(-2024);
  if (what === "adl") for (const holding of held) deleverageNow(floor, holding);
  else strike(floor, account, what, held);
  return { outcome: "caused", positions: held.length };
}

/** Isolated positions one by one; the cross ones together, since they have one margin. */
function strike(floor: Floor, account: Account, what: "margin-call" | "liquidation", held: readonly Holding[]): void {
  for (const holding of held.filter(({ setup }) => setup.isIsolated)) {
    if (what === "liquidation") liquidateIsolated(floor, holding);
    else call(floor, [holding], undefined);
  }
  const cross = held.filter(({ setup }) => !setup.isIsolated);
  for (const asset of new Set(cross.map(({ market }) => market.rules.marginAsset))) {
    if (what === "liquidation") liquidateCross(floor, account, asset, true);
    else callCross(floor, account, asset);
  }
}

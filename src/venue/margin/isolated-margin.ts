/**
 * Isolated margin: what a position may lose is set apart from the wallet. Pure.
 *
 * A wallet is one amount; each isolated position owns a part of it (`iw`), the rest is the cross wallet (`cw`).
 * - Opening takes notional ÷ leverage and the loss it opens with out of the cross wallet; the commission of the opening
 *   part is paid out of that (*seen* once: iw = notional − commission + open loss at mark, at leverage 1).
 * - Closing gives back the closed share. A loss beyond it is taken from what is left, before the cross wallet
 *   (*assumed*).
 */

import { type Refused, refuse } from "../../face/refusal.ts";
import { abs, divide, type Fixed, max, min, mul } from "../../kernel/decimal.ts";
import { marginType } from "../../protocol/enumerations.ts";
import { credit, crossWalletOf, holdingOf, sidesInMode } from "../accounts/account.ts";
import type { PositionFill } from "../accounts/position-math.ts";
import { accountUpdate, balanceUpdate, positionUpdates } from "../exchange/event-writing.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, Holding, Position } from "../exchange/records.ts";
import type { MarginMoved, MarginTypeChanged } from "../exchange/views.ts";
import { parseAmount } from "../orders/order-parsing.ts";
import { carryingMargin, holdingMargin } from "./margin.ts";

/** Moves margin for a fill that is booked on the wallet already. `before` is the position as it was. */
export function setApart(holding: Holding, before: Position, fill: PositionFill, realised: Fixed): void {
  if (!holding.setup.isIsolated) return;
  const { account, market, leverage } = holding;
  const size = abs(fill.signedQty);
  const closes = before.amount !== 0n && before.amount > 0n !== fill.signedQty > 0n;
  const closed = closes ? min(size, abs(before.amount)) : 0n;
  const opened = size - closed;
  const openingFee = divide(fill.commission * opened, size, "half-up");
  if (closed > 0n) {
    const share = divide(holding.isolatedWallet * closed, abs(before.amount), "trunc");
    const shortage = -(share + realised - (fill.commission - openingFee));
    holding.isolatedWallet -= share;
    holding.isolatedWallet -= min(holding.isolatedWallet, max(0n, shortage));
  }
  if (opened === 0n) return;
  const adverse = fill.signedQty > 0n ? fill.price - market.markPrice : market.markPrice - fill.price;
  const wanted =
    divide(mul(opened, fill.price), BigInt(leverage), "half-up") + mul(opened, max(0n, adverse)) - openingFee;
  holding.isolatedWallet += min(max(0n, wanted), max(0n, crossWalletOf(account, market.rules.marginAsset)));
}

/** Sets cross or isolated margin of a symbol. Refused with the codes of protocol sheet 10.4. */
export function changeMarginType(
  floor: Floor,
  account: Account,
  symbol: string,
  type: string,
): MarginTypeChanged | Refused {
  const market = floor.markets.get(symbol);
  if (market === undefined) return refuse(-1121);
  if (!marginType.knows(type)) return refuse(-1130, "marginType");
  const isIsolated = type === "ISOLATED";
  const both = holdingOf(account, market);
  if (both.setup.isIsolated === isIsolated) return refuse(-4046);
  if (account.isMultiAssets) return refuse(-4168);
  if (both.open.size > 0) return refuse(-4047);
  if (both.siblings.some(({ position }) => position.amount !== 0n)) return refuse(-4048);
  both.setup.isIsolated = isIsolated;
  const positions = sidesInMode(both).flatMap((holding) => positionUpdates(holding));
  const told = new Map(positions.map((position) => [position.ps, position]));
  floor.outbox.push(account.id, accountUpdate("MARGIN_TYPE_CHANGE", floor.now, [], [...told.values()]));
  return { outcome: "margin-type-changed", symbol, marginType: type };
}

/** What is asked of {@link modifyPositionMargin}, texts as sent. */
export interface MarginWish {
  readonly symbol: string;
  /** `BOTH` when absent. */
  readonly positionSide?: string | undefined;
  /** Positive, of the margin asset. */
  readonly amount: string;
  /** 1 adds, 2 takes out. */
  readonly type: number;
}

/** Moves margin into or out of an isolated position. */
export function modifyPositionMargin(floor: Floor, account: Account, wish: MarginWish): MarginMoved | Refused {
  const market = floor.markets.get(wish.symbol);
  if (market === undefined) return refuse(-1121);
  const side = wish.positionSide ?? "BOTH";
  if ((side === "BOTH") === account.isHedge) return refuse(-4061);
  const holding = sidesInMode(holdingOf(account, market)).find(({ positionSide }) => positionSide === side);
  if (holding === undefined) return refuse(-4060);
  if (wish.type !== 1 && wish.type !== 2) return refuse(-1130, "type");
  if (wish.amount.startsWith("-")) return refuse(-4055);
  const amount = parseAmount(wish.amount, "amount", 8);
  if (typeof amount === "object") return amount;
  if (amount <= 0n) return refuse(-4055);
  if (!holding.setup.isIsolated) return refuse(-4049);
  if (holding.position.amount === 0n) return refuse(-4054);
  if (wish.type === 1 && amount > spare(account, market.rules.marginAsset)) return refuse(-4050);
  if (wish.type === 2 && amount > removable(holding)) return refuse(-4051);
  moveMargin(floor, holding, wish.type === 1 ? amount : -amount);
  return { outcome: "margin-moved", symbol: wish.symbol, amount, type: wish.type };
}

/** What the cross wallet can give. */
function spare(account: Account, asset: string): Fixed {
  const { crossWallet, available } = carryingMargin(account, asset);
  return max(0n, min(crossWallet, available));
}

/** What a position can give back: down to its initial margin, with its profit counted only where it is a loss. */
function removable(holding: Holding): Fixed {
  const { unrealised, position } = holdingMargin(holding);
  return max(0n, holding.isolatedWallet + min(0n, unrealised) - position);
}

function moveMargin(floor: Floor, holding: Holding, amount: Fixed): void {
  const { account, market } = holding;
  const asset = market.rules.marginAsset;
  holding.isolatedWallet += amount;
  // The wallet keeps its amount; that it was touched is what readers compare events by.
  credit(account, asset, 0n, floor.now);
  holding.marginTransfers.push({
    symbol: market.rules.symbol,
    positionSide: holding.positionSide,
    asset,
    amount,
    time: floor.now,
  });
  const balance = balanceUpdate(account, asset, 0n);
  floor.outbox.push(account.id, accountUpdate("MARGIN_TRANSFER", floor.now, [balance], positionUpdates(holding)));
}

/**
 * What a fill does to a position. Pure.
 *
 * A position is its amount and its exact cost. Opening adds price × quantity. Closing takes out the closed share of the
 * cost; what the closing trade brought beyond that share is realised profit. Products are counts of 10⁻¹⁶, wallets hold
 * 10⁻⁸: the part of a profit that does not fit is carried in the position and joins the next profit. Once flat, nothing
 * is carried: all that came in and went out are whole 10⁻⁸ (listings guarantee it), so the sum of profits is exact.
 *
 * The law, for every fill of signed quantity f at price p:  Δ(profit paid + carried − cost) = −f × p.
 */
import { abs, divide, type Fixed, min, ONE } from "../../kernel/decimal.ts";
import { assert } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Position } from "../exchange/records.ts";

/** No position, and none ever. */
export const FLAT: Position = {
  amount: 0n,
  cost: 0n,
  carried: 0n,
  realisedEver: 0n,
  realisedSinceOpen: 0n,
  feesSinceOpen: 0n,
  updateTime: 0 as TransactMs,
};

/** A fill as a position sees it. */
export interface PositionFill {
  /** Base asset; negative sells. Never 0. */
  readonly signedQty: Fixed;
  readonly price: Fixed;
  readonly commission: Fixed;
  readonly time: TransactMs;
}

/** The position after a fill, and the profit to be paid into the wallet: before commission, whole 10⁻⁸. */
export function applyFill(position: Position, fill: PositionFill): { position: Position; realised: Fixed } {
  const { signedQty, price } = fill;
  const closes = position.amount !== 0n && position.amount > 0n !== signedQty > 0n;
  const closedQty = closes ? min(abs(signedQty), abs(position.amount)) : 0n;
  const closing = signedQty > 0n ? closedQty : -closedQty;
  const opening = signedQty - closing;
  const amount = position.amount + signedQty;
  const costClosed = closes ? divide(position.cost * closedQty, abs(position.amount), "trunc") : 0n;
  const profit = position.carried - (closes ? closing * price + costClosed : 0n);
  const realised = divide(profit, ONE, "half-up");
  const carried = profit - realised * ONE;
  assert(amount !== 0n || carried === 0n, "a flat position carries nothing");
  const startsAnew = opening !== 0n && (position.amount === 0n || closes);
  const isFlat = amount === 0n;
  return {
    realised,
    position: {
      amount,
      cost: position.cost - costClosed + opening * price,
      carried,
      realisedEver: position.realisedEver + realised,
      realisedSinceOpen: isFlat || startsAnew ? 0n : position.realisedSinceOpen + realised,
      feesSinceOpen: isFlat ? 0n : feesAfter(position, fill, opening, startsAnew),
      updateTime: fill.time,
    },
  };
}

/** After a change of sides, only the share of the commission that fell on the opening part counts. */
function feesAfter(position: Position, fill: PositionFill, opening: Fixed, startsAnew: boolean): Fixed {
  if (!startsAnew) return position.feesSinceOpen + fill.commission;
  return divide(fill.commission * abs(opening), abs(fill.signedQty), "half-up");
}

/** Average price of the open part; 0 when flat. */
export function entryPrice(position: Position): Fixed {
  return position.amount === 0n ? 0n : divide(position.cost, position.amount, "half-up");
}

/**
 * The price at which closing would leave nothing gained and nothing lost since the position was opened, before the
 * commission of closing; 0 when flat. Right after opening it is entry × (1 ± paid rate) (*seen*); how partial closes
 * count is *assumed*: profit and commissions since it was last flat are spread over what is left.
 */
export function breakEvenPrice(position: Position): Fixed {
  if (position.amount === 0n) return 0n;
  const spent = position.cost + (position.feesSinceOpen - position.realisedSinceOpen) * ONE;
  return divide(spent, position.amount, "half-up");
}

/** What a position is worth at a price; negative when it is short. */
export function notionalAt(position: Position, price: Fixed): Fixed {
  return divide(position.amount * price, ONE, "half-up");
}

/** Unrealised profit at a price, in 10⁻¹⁶: exact. */
export function unrealisedExact(position: Position, price: Fixed): bigint {
  return position.amount * price - position.cost;
}

/** Unrealised profit at a price. */
export function unrealised(position: Position, price: Fixed): Fixed {
  return divide(unrealisedExact(position, price), ONE, "half-up");
}

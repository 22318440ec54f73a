/**
 * The prices of a grid. Pure; exact: no floating point comes near them.
 *
 * - Arithmetic: lower + i × (upper − lower) ÷ count. Geometric: lower × (upper ÷ lower)^(i ÷ count).
 * - Each is put on the nearest tick, the upper one when it lies in the middle (*assumed*: not documented).
 */
import { divide, type Fixed } from "../../kernel/decimal.ts";
import type { SymbolRules } from "../market/symbol-listing.ts";
import type { GridType } from "./grid-views.ts";

/** The `count` + 1 prices from `lower` to `upper`, lowest first. Neighbours may be equal where ticks are wide. */
export function gridPrices(
  type: GridType,
  lower: Fixed,
  upper: Fixed,
  count: number,
  rules: Pick<SymbolRules, "tick" | "minPrice">,
): Fixed[] {
  const prices: Fixed[] = [];
  for (let i = 0; i <= count; i++) {
    prices.push(
      type === "ARITH" ? arithmetic(lower, upper, count, i, rules) : geometric(lower, upper, count, i, rules),
    );
  }
  return prices;
}

type Ticks = Pick<SymbolRules, "tick" | "minPrice">;

function arithmetic(lower: Fixed, upper: Fixed, count: number, i: number, { tick, minPrice }: Ticks): Fixed {
  const parts = BigInt(count);
  const ticks = divide((lower - minPrice) * parts + (upper - lower) * BigInt(i), tick * parts, "half-up");
  return minPrice + ticks * tick;
}

/** The price x with x^count nearest to lower^(count − i) × upper^i, found by halving. */
function geometric(lower: Fixed, upper: Fixed, count: number, i: number, { tick, minPrice }: Ticks): Fixed {
  const power = BigInt(count);
  const wanted = lower ** BigInt(count - i) * upper ** BigInt(i);
  let low = (lower - minPrice) / tick;
  let high = (upper - minPrice) / tick;
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if ((minPrice + middle * tick) ** power <= wanted) low = middle;
    else high = middle - 1n;
  }
  const below = minPrice + low * tick;
  // The middle of the two neighbours, doubled so that it is whole.
  const isUpperNearer = (2n * below + tick) ** power <= wanted * 2n ** power;
  return isUpperNearer ? below + tick : below;
}

/** The index of the price nearest to the market: no order stands there at first. The lower one of two as near. */
export function nearestLevel(prices: readonly Fixed[], market: Fixed): number {
  let nearest = 0;
  let least: bigint | undefined;
  for (const [index, price] of prices.entries()) {
    const distance = price < market ? market - price : price - market;
    if (least !== undefined && distance >= least) continue;
    [nearest, least] = [index, distance];
  }
  return nearest;
}

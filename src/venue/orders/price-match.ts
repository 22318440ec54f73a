/**
 * Price match: an order takes over a price that stands in the book at the moment it comes. Pure.
 *
 * `OPPONENT` is the best price of the other side, `QUEUE` of its own; `_5`, `_10`, `_20` the fifth, tenth, twentieth
 * level of that side (documented). Where there are fewer levels the order is refused with -5041.
 */

import { type Refused, refuse } from "../../face/refusal.ts";
import type { Fixed } from "../../kernel/decimal.ts";
import type { PriceMatch, Side } from "../../protocol/enumerations.ts";
import type { Market } from "../exchange/records.ts";
import { opposite } from "./order-book.ts";

/** The price the book gives to an order of this side; `limit` when it takes over none. */
export function matchedPrice(market: Market, side: Side, priceMatch: PriceMatch, limit: Fixed): Fixed | Refused {
  if (priceMatch === "NONE") return limit;
  const [whose, depth = "1"] = priceMatch.split("_");
  let left = Number(depth);
  for (const { price } of market.book.levels(whose === "QUEUE" ? side : opposite(side))) {
    left--;
    if (left === 0) return price;
  }
  return refuse(-5041);
}

/**
 * Parameters of the order endpoint that belong to another kind of order. Pure; knows the listing of none.
 *
 * They come from the time when conditional orders were placed here. Names are told in lower case, as for `reduceonly`.
 * What asks for nothing, `closePosition=false` and any `workingType` or `priceProtect`, is passed over (*assumed*).
 */

import { type Refused, refuse } from "../../face/refusal.ts";
import type { OrderRequest } from "./order-request.ts";

/** Those of conditional orders. Seen for `stopPrice`; *assumed* for the trailing stop's. */
const OF_CONDITIONALS = ["stopPrice", "activationPrice", "callbackRate"] as const;

/** Refuses what an order of the book has no use for; `undefined` when there is nothing of the kind. */
export function refusalOfForeign(request: OrderRequest): Refused | undefined {
  const { type, closePosition } = request;
  // Seen: told before the stop price.
  if (closePosition === "true") return refuse(-4136, type, closePosition);
  if (closePosition !== undefined && closePosition !== "false") return refuse(-1102, "closeposition");
  const foreign = OF_CONDITIONALS.find((name) => request[name] !== undefined);
  return foreign === undefined ? undefined : refuse(-1106, foreign.toLowerCase());
}

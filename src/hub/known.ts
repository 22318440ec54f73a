/**
 * How much of what an account holds is known. Pure.
 *
 *     nothing ──▶ part ──▶ whole
 *        └──────────────────▲
 *
 * That is no question of the connection (`live`), of how far the records have come (`catchingUp`), nor of how certain
 * the account is (`sync`): one that is whole stays so while its hub is away, and while there is a gap.
 */
import type { AccountView } from "../account/account-view.ts";
import type { Standing } from "./standing.ts";

/**
 * How much of what an account holds is known where this is said.
 *
 * - `nothing`: nobody has told yet. It looks empty, which is not what an account without funds looks like.
 * - `part`: what its records said that have come. Another hub knows the rest, and has yet to tell it.
 * - `whole`: all that whoever follows the account at the exchange knows.
 */
export type Known = "nothing" | "part" | "whole";

/**
 * How much a picture of an account shows that includes all there was to tell: `whole` from the first `synced` or
 * certificate on, and when anything is in it. A certificate that proves nothing says 0.
 */
export function knownFrom({ promisedSince, completeUpTo }: Standing, view: AccountView): Exclude<Known, "part"> {
  if ((promisedSince ?? 0) > 0 || (completeUpTo ?? 0) > 0) return "whole";
  return view.balances.size > 0 || view.positions.size > 0 || view.openOrders.size > 0 ? "whole" : "nothing";
}

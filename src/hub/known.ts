/**
 * How much of what an account holds is known. Pure.
 *
 *     of the exchange             nothing ──synced──▶ whole
 *     of another hub     part ──▶ nothing ──▶ part ──▶ whole
 *                          └────────────────────────────▲
 *
 * Behind another hub an account begins with a part, for that hub may know more than its records say. When its snapshot
 * is here, and every record which that includes, the account is known as it is known there. A hub that knew nothing may
 * learn while nobody here listens: then it is a part again until its next snapshot is reached.
 *
 * Other questions are whether the hub is connected (`live`), whether records of the past are still coming
 * (`catchingUp`), and how certain the account is (`sync`): one that is whole stays so while its hub is away, and while
 * there is a gap.
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

/** Is it one of the words for how much is known? */
export function isKnown(word: unknown): word is Known {
  return word === "nothing" || word === "part" || word === "whole";
}

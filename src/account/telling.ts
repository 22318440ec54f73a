/**
 * Whether to believe what is told (L3: older news never wins). Pure.
 *
 * | known | told | verdict | because |
 * | - | - | - | - |
 * | anything | newer | news |  |
 * | anything | older | stale | a late copy, or REST lags |
 * | an event | event, older, told after the clock was put back | news | told in order (sheet 8) |
 * | anything | no date | undated | which is newer? |
 * | same date | the same | confirmed |  |
 * | an event | event, same date | news | told in order (sheet 8) |
 * | an answer | event, same date | overruled | the rest comes after it |
 * | anything | repair's event, same date | news | repair tells nothing that it is not sure of |
 * | anything | answer, same date | disputed | one is wrong: ask again |
 *
 * What is older or undated, but says the same, is nothing to talk about.
 */
import type { Fact, FactSource } from "./facts.ts";

/** How something is told. */
export interface Telling {
  /** Who says so. */
  readonly source: FactSource;
  /** Events come in order; answers come when they come. */
  readonly by: "event" | "answer";
  /**
   * Is it to be believed even if it is stale, disputed or undated? For an answer that was asked for again, and stayed;
   * and, against what an event said, for one that was pushed after it, when the exchange's clock had been put back.
   * An order that ended or was filled further stays so all the same.
   */
  readonly insists: boolean;
}

/** What to make of it. */
export type Judgement = "news" | "overruled" | "confirmed" | "redated" | "stale" | "disputed" | "undated";

/** Judges by date; `isSame`: do both say the same? Never throws. */
export function judge(known: Fact, told: Fact, isSame: boolean, { by, insists }: Telling): Judgement {
  if (told.at > known.at) return isSame ? "redated" : "news";
  if (isSame) return "confirmed";
  if (told.at === 0) return "undated";
  if (told.at < known.at) return by === "event" && insists && known.source === "stream" ? "news" : "stale";
  if (by === "answer") return "disputed";
  return told.source === "repair" || known.source === "stream" ? "news" : "overruled";
}

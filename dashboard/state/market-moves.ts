/** Where the market has to go for a position to be called, or liquidated. Pure. */
import type { Margin } from "../../src/account/margin.ts";
import { abs, div, type Fixed, fixed, mul, trimmed } from "../../src/kernel/decimal.ts";

/** A market, and the body that moves it. */
export interface MarketMove {
  readonly symbol: string;
  readonly body: { readonly price: string } | { readonly markPrice: string };
  /** Where it goes. */
  readonly to: string;
}

/** Farther than this, as a share of the mark price, a market is not moved: nobody would believe it. */
const FARTHEST = fixed("0.5");

/** How far before the liquidation price the margin ratio is past that of a margin call, whatever the bracket. */
const SHORT_OF = fixed("0.0005");

/** How far beyond it nothing is in doubt. */
const BEYOND = fixed("0.004");

/** Digits of a price that any tick allows. */
const DIGITS = 4;

/** The nearest way there; `undefined` when no position would be called or liquidated by a move that can be believed. */
export function moveTowards(what: "marginCall" | "liquidate", { positions }: Margin): MarketMove | undefined {
  const near = positions
    .flatMap(({ symbol, markPrice, liquidationPrice }) => {
      if (liquidationPrice === undefined || !/[1-9]/.test(markPrice)) return [];
      const [mark, at] = [fixed(markPrice), fixed(liquidationPrice)];
      return [{ symbol, mark, at, share: div(abs(at - mark) as Fixed, mark) }];
    })
    .filter(({ at, share }) => at > 0n && share <= FARTHEST)
    .sort((a, b) => (a.share < b.share ? -1 : 1))[0];
  if (near === undefined) return undefined;
  const { symbol, mark, at } = near;
  const isBelow = at < mark;
  if (what === "marginCall") {
    const short = mul(at, SHORT_OF);
    const to = trimmed((isBelow ? at + short : at - short) as Fixed);
    return { symbol, to, body: { markPrice: to } };
  }
  const beyond = mul(at, BEYOND);
  const to = roughly(trimmed((isBelow ? at - beyond : at + beyond) as Fixed));
  return { symbol, to, body: { price: to } };
}

/** Cut to so few digits that it is a multiple of the tick. */
function roughly(price: string): string {
  const [whole = "", fraction = ""] = price.split(".");
  if (/[1-9]/.test(whole)) {
    const places = Math.max(0, DIGITS - whole.length);
    const kept = whole.slice(0, DIGITS).padEnd(whole.length, "0");
    return places === 0 || fraction === "" ? kept : `${kept}.${fraction.slice(0, places)}`;
  }
  const first = fraction.search(/[1-9]/);
  return `0.${fraction.slice(0, first + DIGITS)}`;
}

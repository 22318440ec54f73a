/**
 * The mark price at which a position would be liquidated if only its symbol moved. Pure. Protocol sheet 10.3.
 *
 * `(WB − TMM + UPNL + cum − side·q·EP) ÷ (q·MMR − side·q)`, summed over the cross positions of the symbol, since in
 * hedge mode both sides move together; TMM and UPNL are those of the other symbols. Isolated: its own wallet alone.
 */
import { abs, div, divide, type Fixed, ONE } from "../../kernel/decimal.ts";
import type { Holding } from "../exchange/records.ts";
import { bracketFor } from "../market/symbols.ts";
import { type AssetMargin, holdingMargin } from "./margin.ts";

/** Of the brackets that the result itself falls into. 0 when flat, or when no positive price does it. */
export function liquidationPrice(holding: Holding, carrying: AssetMargin): Fixed {
  if (holding.position.amount === 0n) return 0n;
  if (holding.setup.isIsolated) return solve([holding], holding.isolatedWallet);
  const together = holding.siblings.filter(({ position }) => position.amount !== 0n);
  let others = carrying.crossWallet - carrying.crossMaintenance + carrying.crossUnrealised;
  for (const sibling of together) {
    const own = holdingMargin(sibling);
    others += own.maintenance - own.unrealised;
  }
  return solve(together, others);
}

/** Between two borders of brackets everything is linear; the first stretch that holds its own solution has it. */
function solve(holdings: readonly Holding[], others: Fixed): Fixed {
  let below = 0n;
  for (const border of borders(holdings)) {
    let numerator = others;
    let slope = 0n;
    for (const { position, market } of holdings) {
      const size = abs(position.amount);
      // Just below the border: a notional on it belongs to the lower bracket.
      const bracket = bracketFor(market.rules.brackets, divide(size * border, ONE, "trunc"));
      numerator += bracket.cum - divide(position.cost, ONE, "half-up");
      slope += divide(size * bracket.maintMarginRatio, ONE, "half-up") - position.amount;
    }
    const price = slope === 0n ? 0n : div(numerator, slope);
    if (price > below && price <= border) return price;
    below = border;
  }
  return 0n;
}

/** The prices at which one of the positions passes into another bracket, lowest first. */
function borders(holdings: readonly Holding[]): Fixed[] {
  const prices = holdings.flatMap(({ position, market }) =>
    market.rules.brackets.map(({ notionalCap }) => divide(notionalCap * ONE, abs(position.amount), "trunc")),
  );
  return prices.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

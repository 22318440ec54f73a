/** Positions: amounts and entries by the mirror, prices by the exchange's own reckoning. */
import type { Position } from "../../src/account/facts.ts";
import type { Margin } from "../../src/account/margin.ts";
import type { AccountSession } from "../state/account-session.ts";
import { words } from "../words/chosen.ts";
import { distance, plainly, profit, shortened, signed } from "../words/numbers.ts";
import { Table } from "./table.tsx";

interface Row {
  readonly position: Position;
  readonly margin: Margin["positions"][number] | undefined;
  readonly leverage: string;
  readonly isIsolated: boolean;
}

/** The table of positions that are not flat. */
export function Positions({ session }: { readonly session: AccountSession }) {
  const w = words.value.positions;
  return (
    <Table
      id="positions"
      title={w.title}
      empty={session.view.value === undefined ? words.value.nothingKnown : w.none}
      rows={rowsOf(session)}
      keyOf={({ position: { symbol, side } }) => `${symbol}/${side}`}
      columns={[
        {
          title: w.symbol,
          cell: ({ position: { symbol, entryPrice }, margin, leverage, isIsolated }) => (
            <>
              <b>{symbol}</b> <small>{[leverage, isIsolated ? w.isolated : w.cross].join(" ").trim()}</small>
              <small class="narrow">{[entryPrice, margin?.markPrice ?? "0"].map(priceOf).join(" → ")}</small>
            </>
          ),
        },
        {
          title: w.side,
          cell: (row) => (isLong(row) ? w.long : w.short),
          tone: (row) => (isLong(row) ? "up" : "down"),
        },
        { title: w.amount, number: ({ position: { amount } }) => plainly(amount) },
        { title: w.entry, number: ({ position: { entryPrice } }) => priceOf(entryPrice), isExtra: true },
        { title: w.mark, number: ({ margin }) => priceOf(margin?.markPrice), isExtra: true },
        { title: w.pnl, number: (row) => signed(shortened(pnlOf(row), 2)), tone: (row) => toneOf(pnlOf(row)) },
        {
          title: w.liquidation,
          number: (row) => (isFar(row) ? "–" : priceOf(row.margin?.liquidationPrice)),
          isExtra: true,
        },
        { title: w.distance, hint: w.distanceTitle, number: distanceOf, tone: (row) => nearness(distanceOf(row)) },
      ]}
    />
  );
}

function rowsOf(session: AccountSession): Row[] {
  const view = session.view.value;
  const told = session.margin.value;
  const margins = told?.is === "told" ? told.margin.positions : [];
  return (view?.held() ?? []).map((position) => {
    const { symbol, side } = position;
    const leverage = view?.leverage.get(symbol)?.value;
    return {
      position,
      margin: margins.find((margin) => margin.symbol === symbol && margin.side === side),
      leverage: leverage === undefined ? "" : `${leverage}×`,
      isIsolated: view?.marginType.get(symbol)?.value === "isolated",
    };
  });
}

/** With as many places as tell something at its height; the rest is cut off. Nothing is no price. */
function priceOf(price: string | undefined): string {
  if (price === undefined || !/[1-9]/.test(price)) return "–";
  if (!price.startsWith("0")) return shortened(price, /^\d{3}/.test(price) ? 2 : 4);
  return plainly(price, 2);
}

function isLong({ position: { amount } }: Row): boolean {
  return !amount.startsWith("-");
}

/** By the newest amount and mark price there are; before a mark price was told, what the event said. */
function pnlOf({ position: { amount, entryPrice, unrealizedProfit }, margin }: Row): string {
  if (margin === undefined) return unrealizedProfit;
  return profit(amount, entryPrice, margin.markPrice) ?? margin.unrealizedProfit;
}

function distanceOf(row: Row): string {
  const found = foundDistance(row);
  if (found === undefined) return "–";
  return isFar(row) ? `> ${FAR} %` : `${found} %`;
}

function foundDistance({ margin }: Row): string | undefined {
  return margin?.liquidationPrice === undefined ? undefined : distance(margin.markPrice, margin.liquidationPrice);
}

/** Farther than this, in percent, nobody cares how far, nor at which price. */
const FAR = "999.9";

function isFar(row: Row): boolean {
  return (foundDistance(row) ?? "").length > FAR.length;
}

function nearness(percent: string): string {
  const value = Number(percent.replace(/[ %,]/g, ""));
  return value < 5 ? "down near" : value < 15 ? "warn" : "";
}

/** Green, red, or neither. */
export function toneOf(amount: string): string {
  if (!/[1-9]/.test(amount)) return "";
  return amount.startsWith("-") ? "down" : "up";
}

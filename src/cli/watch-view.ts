/** What `listenkey watch` shows: an account and its stream as lines of a terminal. Pure. */
import type { AccountView } from "../account/account-view.ts";
import type { ConditionalOrder, Order, Position } from "../account/facts.ts";
import { ENGLISH } from "../hub/english-reasons.ts";
import { causeIn } from "../hub/reasons.ts";
import { isZero } from "../kernel/digits.ts";
import { type Colour, coloured, padded, type ScreenSize, widthOf } from "./screen.ts";

/** What is shown. */
export interface Watched {
  readonly account: string;
  readonly url: string;
  readonly view: AccountView;
  /** Is the hub connected? If not, why. */
  readonly isLive: boolean;
  readonly trouble: string | undefined;
  readonly asOfSeq: number;
  /** As the hub tells it: `/v1/accounts/ID/health`; `undefined` until it was asked. */
  readonly health: HubHealth | undefined;
  /** The newest records as lines, newest last. */
  readonly lines: readonly string[];
  /** Our wall clock. */
  readonly now: number;
}

/** What is read of the hub's health. All durations in milliseconds. */
export interface HubHealth {
  readonly phase?: string;
  readonly trouble?: string;
  readonly consumers?: number;
  readonly upstream?: {
    readonly sync?: string;
    readonly completeUpTo?: number;
    readonly key?: { readonly validForMs: number };
    readonly lines?: readonly { readonly openForMs: number }[];
    readonly budget?: { readonly used: number; readonly limit: number; readonly blockedForMs: number };
  };
}

/** The whole picture, from the top. The newest records fill what is left below. */
export function watchLines(watched: Watched, { columns, rows }: ScreenSize): string[] {
  const { view, lines } = watched;
  const positions = view.held().map(positionCells);
  const orders = [...view.openOrders.values()].map(orderCells);
  const conditionals = [...view.conditionalOrders.values()].map(conditionalCells);
  const upper = [
    ...headLines(watched, columns),
    "",
    ...section("balances", BALANCE_HEAD, balanceRows(view)),
    ...section("positions", POSITION_HEAD, positions),
    ...section("open orders", ORDER_HEAD, orders),
    ...section("conditional orders", CONDITIONAL_HEAD, conditionals),
  ];
  // However much is open, some of what happens is seen.
  const room = Math.max(Math.min(LEAST_NEWS, lines.length), rows - upper.length - 1);
  const above = upper.slice(0, Math.max(0, rows - room - 1));
  return [...above, coloured("what happened", "strong"), ...lines.slice(-room)];
}

const LEAST_NEWS = 5;

function headLines({ account, url, isLive, trouble, health, asOfSeq, now }: Watched, columns: number): string[] {
  const title = `${coloured(account, "strong")} ${coloured(`on ${url}`, "faint")}`;
  const state = certainty(isLive, trouble, health);
  const gap = Math.max(1, columns - widthOf(title) - widthOf(state));
  const { upstream } = health ?? {};
  const facts = [
    `as of record ${asOfSeq}`,
    ...(upstream?.completeUpTo === undefined ? [] : [`complete up to ${clock(upstream.completeUpTo)}`]),
    ...(upstream?.key === undefined ? [] : [`key valid for ${span(upstream.key.validForMs)}`]),
    ...(upstream?.lines?.[0] === undefined ? [] : [`socket open for ${span(upstream.lines[0].openForMs)} of 24 h`]),
    ...(upstream?.budget === undefined ? [] : [`weight ${upstream.budget.used} of ${upstream.budget.limit}`]),
    ...(health?.consumers === undefined ? [] : [`${health.consumers} consumers`]),
    clock(now),
  ];
  return [`${title}${" ".repeat(gap)}${state}`, coloured(facts.join(" · "), "faint")];
}

function certainty(isLive: boolean, trouble: string | undefined, health: HubHealth | undefined): string {
  if (!isLive) return coloured(`not connected${trouble === undefined ? "" : `: ${causeIn(ENGLISH, trouble)}`}`, "red");
  if (health?.trouble !== undefined) return coloured(`not followed: ${health.trouble}`, "red");
  const sync = health?.upstream?.sync;
  const [words, colour] = (sync === undefined ? undefined : CERTAINTY[sync]) ?? (["followed", "green"] as const);
  return coloured(words, colour);
}

const CERTAINTY: Readonly<Record<string, readonly [string, Colour]>> = {
  certain: ["certain", "green"],
  confirming: ["in sync, being proven", "green"],
  asking: ["a gap, being repaired", "yellow"],
  waiting: ["waiting for the stream", "yellow"],
  doubtful: ["a gap that REST does not close", "red"],
  unasked: ["followed without a secret: gaps stay", "yellow"],
};

/** One cell: text, and a number stands at the right. */
type Cell = { readonly text: string; readonly isNumber?: boolean; readonly colour?: Colour };

function word(text: string, colour?: Colour): Cell {
  return colour === undefined ? { text } : { text, colour };
}

function number(text: string, colour?: Colour): Cell {
  return colour === undefined ? { text, isNumber: true } : { text, isNumber: true, colour };
}

const BALANCE_HEAD = [word("asset"), number("wallet"), number("cross wallet"), word("source")];
const POSITION_HEAD = [
  word("symbol"),
  word("side"),
  number("amount"),
  number("entry"),
  number("PnL as told"),
  word("source"),
];
const ORDER_HEAD = [
  word("symbol"),
  word("side"),
  word("type"),
  number("price"),
  number("done"),
  number("of"),
  word("status"),
];
const CONDITIONAL_HEAD = [
  word("symbol"),
  word("side"),
  word("type"),
  number("trigger"),
  number("quantity"),
  word("status"),
];

function balanceRows({ balances }: AccountView): Cell[][] {
  return [...balances.values()]
    .filter(({ wallet, crossWallet }) => !isZero(wallet) || !isZero(crossWallet))
    .map(({ asset, wallet, crossWallet, source }) => [word(asset), number(wallet), number(crossWallet), word(source)]);
}

function positionCells({ symbol, side, amount, entryPrice, unrealizedProfit, source }: Position): Cell[] {
  const isShort = amount.startsWith("-");
  const way = side === "BOTH" ? (isShort ? "short" : "long") : side.toLowerCase();
  const isLoss = unrealizedProfit.startsWith("-");
  return [
    word(symbol, "strong"),
    word(way, isShort || side === "SHORT" ? "red" : "green"),
    number(amount),
    number(entryPrice),
    number(unrealizedProfit, isLoss ? "red" : "green"),
    word(source),
  ];
}

function sideCell(side: string): Cell {
  return word(side.toLowerCase(), side === "BUY" ? "green" : "red");
}

function orderCells({ symbol, side, type, price, executed, quantity, status }: Order): Cell[] {
  return [
    word(symbol, "strong"),
    sideCell(side),
    word(type),
    number(price),
    number(executed),
    number(quantity),
    word(status),
  ];
}

function conditionalCells({ symbol, side, type, triggerPrice, quantity, status }: ConditionalOrder): Cell[] {
  return [word(symbol, "strong"), sideCell(side), word(type), number(triggerPrice), number(quantity), word(status)];
}

/** A table under its name; nothing when it is empty. Numbers stand at the right of their column. */
function section(name: string, head: readonly Cell[], rows: readonly (readonly Cell[])[]): string[] {
  if (rows.length === 0) return [];
  const widths = head.map((cell, column) =>
    Math.max(cell.text.length, ...rows.map((row) => row[column]?.text.length ?? 0)),
  );
  const line = (cells: readonly Cell[], isHead: boolean) =>
    cells
      .map(({ text, isNumber = false, colour }, column) => {
        const filled = padded(text, widths[column] ?? 0, isNumber ? "left" : "right");
        return isHead ? coloured(filled, "faint") : colour === undefined ? filled : coloured(filled, colour);
      })
      .join("  ");
  return [coloured(name, "strong"), line(head, true), ...rows.map((row) => line(row, false)), ""];
}

function clock(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

function span(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${minutes} min ${String(Math.max(0, Math.floor(ms / 1000)) % 60).padStart(2, "0")} s`;
}

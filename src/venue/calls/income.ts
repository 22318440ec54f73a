/**
 * What changed an account's wallet, put together from fills, transfers and other bookings. Pure. Protocol sheet 11.2.
 *
 * *Assumed*: with `startTime` the oldest rows from there come first, without it the newest ones are shown; always
 * oldest first within a page. Rows of one fill: realised profit, then commission; the profit of a settlement is
 * `DELIVERED_SETTELMENT` (by name).
 */

import { isRefused, type Refused, refuse } from "../../face/refusal.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import type { ParametersOf } from "../../protocol/endpoints.ts";
import { FOUND_FOR_MS, INCOME_PAGE, ORDERS_PAGE, READ_WINDOW_MS } from "../../protocol/limits.ts";
import type { Income } from "../../protocol/rest/income.ts";
import type { IncomeEntry } from "../accounts/account-history.ts";
import type { Transfer } from "../accounts/transfer-ledger.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { cut } from "../exchange/paging.ts";
import type { TradeView } from "../exchange/views.ts";
import { money } from "../market/number-formats.ts";
import type { CallContext } from "./call-context.ts";

/** The rows that were asked for. */
export function incomeOf(
  { exchange, transfers }: CallContext,
  account: string,
  query: ParametersOf<"income">,
  now: TransactMs,
): Income[] | Refused {
  const { symbol, incomeType, startTime, endTime = now, page, limit = INCOME_PAGE.usual } = query;
  if (symbol !== undefined && exchange.symbol(symbol) === undefined) return refuse(-1121);
  if (startTime !== undefined && startTime > endTime) return refuse(-1023);
  const from = Math.max(startTime ?? endTime - READ_WINDOW_MS, now - FOUND_FOR_MS.income);
  const to = Math.min(endTime, now);
  const rows = symbol === undefined ? transfers.of(account).map(rowOfTransfer) : [];
  for (const [i, { info }] of exchange.symbols().entries()) {
    if (symbol !== undefined && info.symbol !== symbol) continue;
    for (const trade of tradesOf(exchange, account, info.symbol, now)) {
      // A row is printed only if it may be shown: most reads ask for the last minutes of days.
      if (trade.time >= from && trade.time <= to) rows.push(...rowsOfTrade(trade, i));
    }
  }
  for (const entry of exchange.incomeEntries(account)) {
    if (symbol === undefined || entry.symbol === symbol) rows.push(rowOfEntry(entry));
  }
  const found = rows
    .filter((row) => row.time >= from && row.time <= to)
    .filter((row) => incomeType === undefined || row.incomeType === incomeType)
    .sort((a, b) => a.time - b.time);
  if (page !== undefined) return found.slice((page - 1) * limit, page * limit);
  return cut(found, { limit, isOldestFirst: startTime !== undefined });
}

function* tradesOf(exchange: Exchange, account: string, symbol: string, now: TransactMs): Generator<TradeView> {
  for (let fromId = "0" as Id64; ; ) {
    const trades = exchange.userTrades(account, { symbol, fromId, limit: ORDERS_PAGE.max }, now);
    if (isRefused(trades)) return;
    yield* trades;
    const last = trades.at(-1);
    if (last === undefined || trades.length < ORDERS_PAGE.max) return;
    fromId = String(BigInt(last.id) + 1n) as Id64;
  }
}

function rowsOfTrade(trade: TradeView, symbolIndex: number): Income[] {
  // Trade ids are unique within their symbol only; tranId has to be unique within the type.
  const tranId = String(BigInt(symbolIndex + 1) * 10n ** 15n + BigInt(trade.id)) as Id64;
  const row = (incomeType: "REALIZED_PNL" | "DELIVERED_SETTELMENT" | "COMMISSION", amount: bigint): Income => ({
    symbol: trade.symbol,
    incomeType,
    income: money(amount),
    asset: incomeType === "COMMISSION" ? trade.commissionAsset : trade.marginAsset,
    info: incomeType,
    time: trade.time,
    tranId,
    tradeId: trade.id,
  });
  const kind = trade.isSettlement ? "DELIVERED_SETTELMENT" : "REALIZED_PNL";
  const profit = trade.realizedPnl === 0n ? [] : [row(kind, trade.realizedPnl)];
  return trade.commission === 0n ? profit : [...profit, row("COMMISSION", -trade.commission)];
}

function rowOfEntry({ type, symbol, asset, amount, time, id }: IncomeEntry): Income {
  return { symbol, incomeType: type, income: money(amount), asset, info: type, time, tranId: id, tradeId: "" };
}

function rowOfTransfer({ asset, amount, time, id }: Transfer): Income {
  return {
    symbol: "",
    incomeType: "TRANSFER",
    income: money(amount),
    asset,
    info: "TRANSFER",
    time,
    tranId: id,
    tradeId: "",
  };
}

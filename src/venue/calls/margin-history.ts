/** Margin moved into and out of isolated positions. Pure. Protocol sheet 11.2. */

import { type Refused, refuse } from "../../face/refusal.ts";
import { abs, trimmed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { ParametersOf } from "../../protocol/endpoints.ts";
import { FOUND_FOR_MS, MARGIN_HISTORY_PAGE } from "../../protocol/limits.ts";
import type { PositionMarginChange } from "../../protocol/rest/account-settings.ts";
import { cut } from "../exchange/paging.ts";
import type { CallContext } from "./call-context.ts";

/** The moves that were asked for, oldest first; without a start the newest (*assumed*, as with income). */
export function marginHistory(
  { exchange }: CallContext,
  account: string,
  query: ParametersOf<"positionMarginHistory">,
  now: TransactMs,
): PositionMarginChange[] | Refused {
  const { symbol, type, startTime, endTime = Number.MAX_SAFE_INTEGER, limit = MARGIN_HISTORY_PAGE.usual } = query;
  if (exchange.symbol(symbol) === undefined) return refuse(-1121);
  if (startTime !== undefined && startTime > endTime) return refuse(-1023);
  const from = Math.max(startTime ?? 0, now - FOUND_FOR_MS.marginMove);
  const found = exchange
    .marginTransfers(account, symbol)
    .map(({ amount, asset, time, positionSide }) => ({
      symbol,
      type: amount > 0n ? 1 : 2,
      deltaType: "USER_ADJUST",
      amount: trimmed(abs(amount)),
      asset,
      time,
      positionSide,
    }))
    .filter((row) => row.time >= from && row.time <= endTime && (type === undefined || row.type === type));
  return cut(found, { limit, isOldestFirst: startTime !== undefined });
}

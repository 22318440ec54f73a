/** What follows from the records of an account, besides what it holds: what the next reader of them has to know. Pure. */
import type { AccountRecord } from "../account/record.ts";
import { compareIds } from "../kernel/digits.ts";
import type { Id64, TransactMs } from "../kernel/scalars.ts";

/** How an account stands, as of one record. Plain data. */
export interface Standing {
  /** Proven complete up to then, by the exchange's clock; `undefined`: nothing is proven yet. */
  readonly completeUpTo: TransactMs | undefined;
  /** What the first certificate was complete up to: what is dated earlier was promised to nobody. */
  readonly promisedSince: TransactMs | undefined;
  /** `seq` of the gap records that no certificate has ended, oldest first. */
  readonly openGaps: readonly number[];
  /** Symbol → newest trade id told. */
  readonly lastTradeIds: ReadonlyMap<string, Id64>;
}

/** Before the first record. */
export const NOWHERE: Standing = {
  completeUpTo: undefined,
  promisedSince: undefined,
  openGaps: [],
  lastTradeIds: new Map(),
};

/** How the account stands after this record. */
export function standingAfter(standing: Standing, record: AccountRecord): Standing {
  switch (record.kind) {
    case "gap":
      return { ...standing, openGaps: [...standing.openGaps, record.seq] };
    case "repair":
      return {
        ...standing,
        completeUpTo: record.completeUpTo,
        promisedSince: standing.promisedSince ?? record.completeUpTo,
        openGaps: standing.openGaps.filter((seq) => !record.gaps.includes(seq)),
      };
    case "event": {
      const fill = fillOf(record);
      if (fill === undefined) return standing;
      const known = standing.lastTradeIds.get(fill.symbol);
      if (known !== undefined && compareIds(known, fill.tradeId) >= 0) return standing;
      return { ...standing, lastTradeIds: new Map(standing.lastTradeIds).set(fill.symbol, fill.tradeId) };
    }
    default:
      return standing;
  }
}

/** The fill that an event tells of; `undefined`: none. */
export function fillOf(record: AccountRecord): { readonly symbol: string; readonly tradeId: Id64 } | undefined {
  if (record.kind !== "event" || record.event.e !== "ORDER_TRADE_UPDATE") return undefined;
  const { o } = record.event as { readonly o?: { readonly s: string; readonly t?: Id64 } };
  return o?.t === undefined || o.t === "0" ? undefined : { symbol: o.s, tradeId: o.t };
}

/** What follows from the records of an account besides what it holds: what their next reader has to know. Pure. */
import type { AccountRecord } from "../account/record.ts";
import { compareIds } from "../kernel/digits.ts";
import type { Id64, TransactMs } from "../kernel/scalars.ts";

/** How an account stands, as of one record. Plain data. */
export interface Standing {
  /** Proven complete up to then, by the exchange's clock; `undefined`: nothing is proven yet. */
  readonly completeUpTo: TransactMs | undefined;
  /** From when on everything is told, as the first `synced` said: what is dated earlier was promised to nobody. */
  readonly promisedSince: TransactMs | undefined;
  /** `E` of the newest event before any gap that is open: what is known without a proof. `undefined`: no event yet. */
  readonly lastEventAt: number | undefined;
  /** `seq` of the gap records that no certificate has ended, oldest first. */
  readonly openGaps: readonly number[];
  /** Symbol → newest trade id told. */
  readonly lastTradeIds: ReadonlyMap<string, Id64>;
}

/** Before the first record. */
export const NOWHERE: Standing = {
  completeUpTo: undefined,
  promisedSince: undefined,
  lastEventAt: undefined,
  openGaps: [],
  lastTradeIds: new Map(),
};

/** How the account stands after this record. */
export function standingAfter(before: Standing, record: AccountRecord): Standing {
  const lastEventAt = lastEventAfter(before, record);
  const standing = lastEventAt === before.lastEventAt ? before : { ...before, lastEventAt };
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
    case "status":
      return record.since === undefined ? standing : { ...standing, promisedSince: record.since };
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

function lastEventAfter({ lastEventAt, openGaps }: Standing, record: AccountRecord): number | undefined {
  if (record.kind !== "event" || openGaps.length > 0) return lastEventAt;
  const { E, T } = record.event as { readonly E?: unknown; readonly T?: unknown };
  const at = [E, T].find((time) => Number.isSafeInteger(time)) as number | undefined;
  return at === undefined ? lastEventAt : Math.max(lastEventAt ?? 0, at);
}

/** The fill that an event tells of; `undefined`: none. */
export function fillOf(record: AccountRecord): { readonly symbol: string; readonly tradeId: Id64 } | undefined {
  if (record.kind !== "event" || record.event.e !== "ORDER_TRADE_UPDATE") return undefined;
  const { o } = record.event as { readonly o?: { readonly s: string; readonly t?: Id64 } };
  return o?.t === undefined || o.t === "0" ? undefined : { symbol: o.s, tradeId: o.t };
}

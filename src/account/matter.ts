/** What is not certain, and what was done about it so far: from the first gap to the certificate. Pure data. */

import type { EventMs, MonotonicMs, TransactMs } from "../kernel/scalars.ts";
import type { UserTrade } from "../protocol/rest/orders.ts";
import type { ProofTime } from "./proof-time.ts";
import type { UntoldFacts } from "./untold-facts.ts";

/** One uncertainty. Gaps that begin while it lasts belong to it. */
export interface Matter {
  /** `seq` of its gap records; empty for the snapshot the stream begins with. */
  readonly gaps: number[];
  /** Up to when all was known, by the exchange's clock as it goes now; else `E` of the last event. */
  from: EventMs | undefined;
  /** What our clock showed then; `undefined`: another program knew it. */
  fromAt: MonotonicMs | undefined;
  /** When it began, by our clock. */
  readonly begunAt: MonotonicMs;
  /** When the first of its gaps was noticed, by our clock. */
  gapAt: MonotonicMs | undefined;
  /** Symbol → newest trade id told before it. */
  lastTradeIds: ReadonlyMap<string, string>;
  /** Symbol → what was filled after those, as far as it was asked for when REST could not lack any of it. */
  settledFills: ReadonlyMap<string, readonly UserTrade[]>;
  /** Weight and requests that were used before it. */
  readonly spentBefore: { readonly weight: number; readonly requests: number };
  /** Events told from REST, by name. */
  readonly recovered: Record<string, number>;
  /** What nobody can be asked for, in words. */
  readonly holes: string[];
  /** What is dated earlier was told, or promised to nobody. By the exchange's clock; 0 for the first snapshot. */
  since: TransactMs;
  /**
   * What was known, before REST taught the mirror something that is not told yet, of orders by `orderKey` and of
   * conditional orders by algo id; `undefined`: nothing.
   */
  readonly untold: UntoldFacts;
  /** Since when a line delivers, by our clock; set anew by each `live`. */
  heardSince: MonotonicMs | undefined;
  /** The same by the exchange's clock, once its time was asked for. */
  heardAt: TransactMs | undefined;
}

/** By the exchange's clock; older than everything. */
export const NEVER = 0 as TransactMs;

/** What happened in the millisecond in which a line was heard may have been before it. */
export function justAfter(heardAt = NEVER): TransactMs {
  return (heardAt + 1) as TransactMs;
}

/** What is proven when nothing could be asked: what was known before. */
export function provenBy({ from, fromAt, heardAt, heardSince, begunAt }: Matter): ProofTime {
  if (from === undefined) return { upTo: heardAt ?? NEVER, at: heardSince ?? begunAt };
  return { upTo: from as number as TransactMs, at: fromAt ?? begunAt };
}

/** Somebody who counts what happens in a hub, for operators. Pure; `io/metrics.ts` is one. */
import type { AccountRecord } from "../account/record.ts";
import type { EndCode } from "./consumer.ts";

/** Is told what cannot be read off the hub afterwards. Called often: it must be quick, and never throws. */
export interface HubWatch {
  /** The upstream of an account has told this; it is not committed yet. */
  taken(record: AccountRecord): void;
  /** So many records of an account were committed, so long after they were handed to the journal. */
  committed(account: string, records: number, tookMs: number): void;
  /** A consumer that does not keep up was told that so many records are not for it, or were shown by a snapshot. */
  skipped(account: string, records: number): void;
  /** A consumer was sent away. */
  ended(account: string, code: EndCode): void;
}

/** Counts nothing. */
export const UNWATCHED: HubWatch = { taken() {}, committed() {}, skipped() {}, ended() {} };

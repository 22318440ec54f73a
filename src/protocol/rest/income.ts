/** The reply to `GET /fapi/v1/income`. Protocol sheet 11.2. */
import { decimal, type Infer, id64, record, text, transactMs } from "../codec.ts";
import { incomeType } from "../enumerations.ts";

/** One change of the wallet, as `GET /fapi/v1/income` shows it. */
export const Income = record({
  /** `""` for transfers. */
  symbol: text,
  /** What kind of change it was. */
  incomeType,
  /** Signed: what the wallet gained. */
  income: decimal,
  /** Asset. */
  asset: text,
  /** Further words; the type again for most. */
  info: text,
  /** When it happened. */
  time: transactMs,
  /** Unique per type for a user. */
  tranId: id64,
  /** `""` when no trade belongs to it. */
  tradeId: text,
});

/** One change of the wallet. */
export type Income = Infer<typeof Income>;

/** The reply to `GET /fapi/v1/income`. Protocol sheet 11.2. */
import { decimal, type Infer, id64, oneOf, record, text, transactMs } from "../codec.ts";

/** One change of the wallet, as `GET /fapi/v1/income` shows it. */
export const Income = record({
  /** `""` for transfers. */
  symbol: text,
  /** What kind of change it was. */
  incomeType: oneOf(
    "TRANSFER",
    "WELCOME_BONUS",
    "REALIZED_PNL",
    "FUNDING_FEE",
    "COMMISSION",
    "INSURANCE_CLEAR",
    "REFERRAL_KICKBACK",
    "COMMISSION_REBATE",
    "API_REBATE",
    "CONTEST_REWARD",
    "CROSS_COLLATERAL_TRANSFER",
    "OPTIONS_PREMIUM_FEE",
    "OPTIONS_SETTLE_PROFIT",
    "INTERNAL_TRANSFER",
    "AUTO_EXCHANGE",
    // Spelt so by Binance.
    "DELIVERED_SETTELMENT",
    "COIN_SWAP_DEPOSIT",
    "COIN_SWAP_WITHDRAW",
    "POSITION_LIMIT_INCREASE_FEE",
    "STRATEGY_UMFUTURES_TRANSFER",
    "FEE_RETURN",
    "BFUSD_REWARD",
    "SPECIAL_FUNDING_FEE",
  ),
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

/** What an account is told afterwards of things that happened to it and are no trades: the entries of its histories. */
import type { Fixed } from "../../kernel/decimal.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import type { IncomeType, PositionSide } from "../../protocol/enumerations.ts";

/** One booking on a wallet that was neither a fill nor a transfer. */
export interface IncomeEntry {
  readonly type: IncomeType;
  /** Empty for an exchange of assets. */
  readonly symbol: string;
  readonly asset: string;
  /** Signed: what the wallet gained. */
  readonly amount: Fixed;
  readonly time: TransactMs;
  /** Unique within the exchange, growing. */
  readonly id: Id64;
}

/** One move of margin between the cross wallet and an isolated position, on the user's wish. */
export interface MarginTransfer {
  readonly symbol: string;
  readonly positionSide: PositionSide;
  readonly asset: string;
  /** Positive: into the position. */
  readonly amount: Fixed;
  readonly time: TransactMs;
}

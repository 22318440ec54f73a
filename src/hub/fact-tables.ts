/** The tables by which facts of the mirror are read from JSON: one row a field. Pure. */
import type {
  Balance,
  ConditionalOrder,
  Fill,
  GridResult,
  Leverage,
  MarginType,
  Order,
  Position,
  Setting,
  Strategy,
  StrategyOperation,
} from "../account/facts.ts";
import { WireFormatError } from "../kernel/errors.ts";
import { type Codec, decimal, flag, integer, literal, type Place, text, transactMs } from "../protocol/codec.ts";

/** Rows of one kind of fact: a codec, a table of its own, or either of them in `[ ]` when it may be absent. */
export type FactTable<F> = { readonly [K in keyof F]-?: Row };

/** One field of a fact. */
export type Row = Plain | readonly [Plain];
type Plain = Codec<never> | Codec<unknown> | { readonly [field: string]: Row };

/** The digits of an id: a text, because it may be greater than a JavaScript number can be. */
export const id: Codec<string> = {
  ...text,
  expected: "the digits of an id",
  read(value, place) {
    if (typeof value === "string" && /^-?\d{1,20}$/.test(value)) return value;
    throw new WireFormatError(place.path, "the digits of an id", value);
  },
};

const source: Codec<string> = {
  ...text,
  expected: "stream, snapshot or repair",
  read(value, place) {
    if (value === "stream" || value === "snapshot" || value === "repair") return value;
    throw new WireFormatError(place.path, "stream, snapshot or repair", value);
  },
};

const FACT = { at: transactMs, source };

/** One asset's wallet. */
export const BALANCE: FactTable<Balance> = { asset: text, wallet: decimal, crossWallet: decimal, ...FACT };

/** One position. */
export const POSITION: FactTable<Position> = {
  symbol: text,
  side: text,
  amount: decimal,
  entryPrice: decimal,
  breakEvenPrice: [decimal],
  isolatedWallet: decimal,
  realizedProfit: [decimal],
  unrealizedProfit: decimal,
  marginAsset: [text],
  ...FACT,
};

const FILL: FactTable<Fill> = {
  tradeId: id,
  price: decimal,
  quantity: decimal,
  isMaker: flag,
  commission: [decimal],
  commissionAsset: [text],
  realizedProfit: decimal,
  at: transactMs,
};

/** One order. */
export const ORDER: FactTable<Order> = {
  symbol: text,
  orderId: id,
  clientOrderId: text,
  side: text,
  positionSide: text,
  type: text,
  originalType: text,
  timeInForce: text,
  status: text,
  quantity: decimal,
  price: decimal,
  stopPrice: decimal,
  executed: decimal,
  averagePrice: decimal,
  isReduceOnly: flag,
  closesPosition: flag,
  goodTillDate: integer,
  priceMatch: text,
  selfTradePrevention: [text],
  algoId: [id],
  expiryReason: [text],
  lastFill: [FILL],
  createdAt: [transactMs],
  ...FACT,
};

/** One conditional order. */
export const CONDITIONAL_ORDER: FactTable<ConditionalOrder> = {
  algoId: id,
  clientAlgoId: text,
  symbol: text,
  side: text,
  positionSide: text,
  type: text,
  timeInForce: text,
  status: text,
  quantity: decimal,
  triggerPrice: decimal,
  price: decimal,
  workingType: text,
  isReduceOnly: flag,
  closesPosition: flag,
  isPriceProtected: flag,
  priceMatch: text,
  selfTradePrevention: text,
  goodTillDate: integer,
  triggeredAt: integer,
  isActivated: [flag],
  orderId: [id],
  averagePrice: [decimal],
  executed: [decimal],
  failure: [text],
  createdAt: [transactMs],
  ...FACT,
};

/** Leverage of one symbol. */
export const LEVERAGE: FactTable<Leverage> = { symbol: text, value: integer, ...FACT };

const marginType: Codec<string> = {
  ...text,
  read(value, place) {
    if (value === "isolated") return value;
    return literal("cross").read(value, place);
  },
};

/** Margin type of one symbol. */
export const MARGIN_TYPE: FactTable<MarginType> = { symbol: text, value: marginType, ...FACT };

/** Hedge mode, and Multi-Assets mode. */
export const MODE: FactTable<Setting<boolean>> = { value: flag, ...FACT };

const OPERATION: FactTable<StrategyOperation> = { code: integer, ...FACT };

const GRID: FactTable<GridResult> = {
  realizedProfit: decimal,
  matchedProfit: decimal,
  unmatchedPrice: decimal,
  unmatchedQuantity: decimal,
  unmatchedFee: decimal,
  ...FACT,
};

/** One strategy. */
export const STRATEGY: FactTable<Strategy> = {
  strategyId: id,
  type: text,
  symbol: text,
  status: text,
  operation: [OPERATION],
  grid: [GRID],
  ...FACT,
};

/** Reads one fact. What its table does not name is left out. @throws {WireFormatError} when it is none */
export function readFact<F>(table: FactTable<F>, value: unknown, place: Place): F {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireFormatError(place.path, "an object", value);
  }
  const found = value as Readonly<Record<string, unknown>>;
  const fact: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(table) as [string, Row][]) {
    const [plain, mayBeAbsent] = Array.isArray(row) ? [row[0] as Plain, true] : [row as Plain, false];
    const told = found[name];
    fact[name] = told === undefined && mayBeAbsent ? undefined : readRow(plain, told, place.field(name));
  }
  return fact as F;
}

function readRow(row: Plain, value: unknown, place: Place): unknown {
  return isCodec(row) ? row.read(value, place) : readFact(row, value, place);
}

/** Is it one value, and no table of its own? */
export function isCodec(row: Plain): row is Codec<unknown> {
  return typeof (row as { readonly read?: unknown }).read === "function";
}

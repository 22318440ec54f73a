/**
 * How a symbol is listed, and the numbers the matching needs from that. The listing holds the texts of `exchangeInfo`
 * as they are printed; the rules are read from the same filters, so the two cannot disagree. Pure.
 */
import { divide, type Fixed, fixed, ONE } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { ContractStatus } from "../../protocol/enumerations.ts";

/** One entry of `symbols[].filters`, exactly as printed. */
export type SymbolFilter =
  | {
      readonly filterType: "PRICE_FILTER";
      readonly maxPrice: string;
      readonly minPrice: string;
      readonly tickSize: string;
    }
  | { readonly filterType: "LOT_SIZE"; readonly maxQty: string; readonly minQty: string; readonly stepSize: string }
  | {
      readonly filterType: "MARKET_LOT_SIZE";
      readonly maxQty: string;
      readonly minQty: string;
      readonly stepSize: string;
    }
  | { readonly filterType: "MAX_NUM_ORDERS"; readonly limit: number }
  | { readonly filterType: "MIN_NOTIONAL"; readonly notional: string }
  | {
      readonly filterType: "PERCENT_PRICE";
      readonly multiplierUp: string;
      readonly multiplierDown: string;
      readonly multiplierDecimal: string;
    }
  | { readonly filterType: "POSITION_RISK_CONTROL"; readonly positionControlSide: string };

/** The part of a listing that `exchangeInfo` prints, key by key in its order. */
export interface SymbolInfo {
  readonly symbol: string;
  readonly pair: string;
  readonly contractType: "PERPETUAL";
  readonly deliveryDate: number;
  readonly onboardDate: number;
  readonly status: ContractStatus;
  readonly maintMarginPercent: string;
  readonly requiredMarginPercent: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly marginAsset: string;
  /** Not the tick: a price with more places is -1111, one off the tick -4014. */
  readonly pricePrecision: number;
  /** Not the step: see {@link pricePrecision}. */
  readonly quantityPrecision: number;
  readonly baseAssetPrecision: number;
  readonly quotePrecision: number;
  readonly underlyingType: string;
  readonly underlyingSubType: readonly string[];
  readonly triggerProtect: string;
  readonly liquidationFee: string;
  readonly marketTakeBound: string;
  readonly maxMoveOrderLimit: number;
  readonly filters: readonly SymbolFilter[];
  readonly orderTypes: readonly string[];
  readonly timeInForce: readonly string[];
  readonly permissionSets: readonly string[];
}

/** One tier of `leverageBracket`. */
export interface Bracket {
  /** 1 for the lowest. */
  readonly bracket: number;
  /** The highest leverage up to this tier's cap. */
  readonly initialLeverage: number;
  /** Largest notional, this value included. */
  readonly notionalCap: Fixed;
  /** Notional above which the tier begins. */
  readonly notionalFloor: Fixed;
  readonly maintMarginRatio: Fixed;
  /** What makes the maintenance margin continuous from tier to tier: `cum = cum' + floor × (ratio − ratio')`. */
  readonly cum: Fixed;
}

/** A symbol as it is listed for trade. */
export interface SymbolListing {
  readonly info: SymbolInfo;
  /** Lowest tier first. */
  readonly brackets: readonly Bracket[];
  /** Where the market opens; a multiple of the tick. */
  readonly startPrice: string;
  /** Id of the first order; later ones count up. Beyond 2^53 where production is. */
  readonly firstOrderId: string;
  readonly firstTradeId: string;
}

/** The least and greatest quantity of an order, and what it must be a multiple of. */
export interface LotRule {
  readonly min: Fixed;
  readonly max: Fixed;
  readonly step: Fixed;
}

/** A listing in numbers. */
export interface SymbolRules {
  readonly symbol: string;
  readonly marginAsset: string;
  readonly pricePrecision: number;
  readonly quantityPrecision: number;
  readonly tick: Fixed;
  readonly minPrice: Fixed;
  readonly maxPrice: Fixed;
  readonly lot: LotRule;
  readonly marketLot: LotRule;
  readonly maxOpenOrders: number;
  readonly minNotional: Fixed;
  /** {@link minNotional} as printed in the refusal. */
  readonly minNotionalText: string;
  readonly multiplierUp: Fixed;
  readonly multiplierDown: Fixed;
  /** Farthest from the mark price a market order may trade, as a fraction. */
  readonly marketTakeBound: Fixed;
  readonly brackets: readonly Bracket[];
}

/** Tiers from rows of highest leverage, notional cap, maintenance ratio; floors and `cum` follow. Lowest tier first. */
export function bracketsFrom(rows: readonly (readonly [leverage: number, cap: string, ratio: string])[]): Bracket[] {
  const brackets: Bracket[] = [];
  for (const [initialLeverage, cap, ratio] of rows) {
    const below = brackets.at(-1);
    const notionalFloor = below?.notionalCap ?? 0n;
    const maintMarginRatio = fixed(ratio);
    const step = (notionalFloor * (maintMarginRatio - (below?.maintMarginRatio ?? maintMarginRatio))) / ONE;
    const cum = (below?.cum ?? 0n) + step;
    brackets.push({
      bracket: brackets.length + 1,
      initialLeverage,
      notionalCap: fixed(cap),
      notionalFloor,
      maintMarginRatio,
      cum,
    });
  }
  return brackets;
}

/**
 * Reads the rules out of a listing.
 * @throws {UsageError} when a filter is missing, or tick × step is finer than 10⁻⁸ (a fill's notional would be rounded)
 */
export function rulesOf(listing: SymbolListing): SymbolRules {
  const { info } = listing;
  const price = filter(info, "PRICE_FILTER");
  const lot = lotOf(filter(info, "LOT_SIZE"));
  const marketLot = lotOf(filter(info, "MARKET_LOT_SIZE"));
  const percent = filter(info, "PERCENT_PRICE");
  const notional = filter(info, "MIN_NOTIONAL").notional;
  const tick = fixed(price.tickSize);
  for (const step of [lot.step, marketLot.step]) {
    if ((tick * step) % ONE !== 0n) throw new UsageError(info.symbol, "tick × step of whole 10⁻⁸", price.tickSize);
  }
  return {
    symbol: info.symbol,
    marginAsset: info.marginAsset,
    pricePrecision: info.pricePrecision,
    quantityPrecision: info.quantityPrecision,
    tick,
    minPrice: fixed(price.minPrice),
    maxPrice: fixed(price.maxPrice),
    lot,
    marketLot,
    maxOpenOrders: filter(info, "MAX_NUM_ORDERS").limit,
    minNotional: fixed(notional),
    minNotionalText: notional,
    multiplierUp: fixed(percent.multiplierUp),
    multiplierDown: fixed(percent.multiplierDown),
    marketTakeBound: fixed(info.marketTakeBound),
    brackets: listing.brackets,
  };
}

function filter<K extends SymbolFilter["filterType"]>(info: SymbolInfo, type: K): SymbolFilter & { filterType: K } {
  for (const entry of info.filters) if (entry.filterType === type) return entry as SymbolFilter & { filterType: K };
  throw new UsageError(`${info.symbol}.filters`, `a ${type}`, undefined);
}

function lotOf(from: { readonly minQty: string; readonly maxQty: string; readonly stepSize: string }): LotRule {
  return { min: fixed(from.minQty), max: fixed(from.maxQty), step: fixed(from.stepSize) };
}

/** The multiple of `step` nearest to `value`, never below one step. */
export function aligned(value: Fixed, step: Fixed): Fixed {
  const steps = divide(value, step, "half-up");
  return (steps > 0n ? steps : 1n) * step;
}

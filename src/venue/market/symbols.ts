/**
 * The symbols the venue lists by default. Filters of BTCUSDT are those of production in September 2026 (*seen*, third
 * party); the others are production-like (*assumed*). Always read `exchangeInfo`, as with the real exchange.
 */
import { bookOrderType, conditionalType, orderTimeInForce } from "../../protocol/enumerations.ts";
import type { Bracket, SymbolFilter, SymbolInfo, SymbolListing } from "./symbol-listing.ts";
import { bracketsFrom } from "./symbol-listing.ts";

/** The leverage every symbol has until the account changes it. */
export const DEFAULT_LEVERAGE = 20;

interface Terms {
  readonly baseAsset: string;
  readonly onboardDate: number;
  readonly precision: readonly [price: number, quantity: number];
  readonly price: readonly [min: string, max: string, tick: string];
  readonly lot: readonly [min: string, max: string, marketMax: string];
  readonly notional: string;
  readonly percent: readonly [up: string, down: string];
  readonly protect: string;
  readonly takeBound: string;
  readonly liquidationFee: string;
  readonly subType: readonly string[];
}

const PERPETUAL_DELIVERY_DATE = 4133404800000;

function perpetual(terms: Terms): SymbolInfo {
  const symbol = `${terms.baseAsset}USDT`;
  return {
    symbol,
    pair: symbol,
    contractType: "PERPETUAL",
    deliveryDate: PERPETUAL_DELIVERY_DATE,
    onboardDate: terms.onboardDate,
    status: "TRADING",
    maintMarginPercent: "2.5000",
    requiredMarginPercent: "5.0000",
    baseAsset: terms.baseAsset,
    quoteAsset: "USDT",
    marginAsset: "USDT",
    pricePrecision: terms.precision[0],
    quantityPrecision: terms.precision[1],
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: "COIN",
    underlyingSubType: terms.subType,
    triggerProtect: terms.protect,
    liquidationFee: terms.liquidationFee,
    marketTakeBound: terms.takeBound,
    maxMoveOrderLimit: 10000,
    filters: filtersOf(terms),
    orderTypes: [...bookOrderType.values, ...conditionalType.values],
    timeInForce: orderTimeInForce.values,
    permissionSets: ["GRID", "COPY"],
  };
}

function filtersOf(terms: Terms): SymbolFilter[] {
  const [minPrice, maxPrice, tickSize] = terms.price;
  const [minQty, maxQty, marketMax] = terms.lot;
  const [multiplierUp, multiplierDown] = terms.percent;
  return [
    { filterType: "PRICE_FILTER", maxPrice, minPrice, tickSize },
    { filterType: "LOT_SIZE", maxQty, minQty, stepSize: minQty },
    { filterType: "MARKET_LOT_SIZE", maxQty: marketMax, minQty, stepSize: minQty },
    { filterType: "MAX_NUM_ORDERS", limit: 200 },
    { filterType: "MIN_NOTIONAL", notional: terms.notional },
    { filterType: "PERCENT_PRICE", multiplierUp, multiplierDown, multiplierDecimal: "4" },
    { filterType: "POSITION_RISK_CONTROL", positionControlSide: "NONE" },
  ];
}

const BTCUSDT: SymbolListing = {
  info: perpetual({
    baseAsset: "BTC",
    onboardDate: 1569398400000,
    precision: [2, 3],
    price: ["556.80", "4529764", "0.10"],
    lot: ["0.001", "1000", "120"],
    notional: "50",
    percent: ["1.0500", "0.9500"],
    protect: "0.0500",
    takeBound: "0.05",
    liquidationFee: "0.012500",
    subType: ["PoW"],
  }),
  brackets: bracketsFrom([
    [125, "300000", "0.004"],
    [100, "800000", "0.005"],
    [75, "3000000", "0.0065"],
    [50, "12000000", "0.01"],
    [25, "70000000", "0.02"],
    [20, "100000000", "0.025"],
    [10, "230000000", "0.05"],
    [5, "480000000", "0.1"],
    [4, "600000000", "0.125"],
    [3, "800000000", "0.15"],
    [2, "1200000000", "0.25"],
    [1, "1800000000", "0.5"],
  ]),
  startPrice: "86000.00",
  firstOrderId: "63814012345",
  firstTradeId: "6412345678",
};

const ETHUSDT: SymbolListing = {
  info: perpetual({
    baseAsset: "ETH",
    onboardDate: 1569398400000,
    precision: [2, 3],
    price: ["39.86", "306177", "0.01"],
    lot: ["0.001", "10000", "2000"],
    notional: "20",
    percent: ["1.0500", "0.9500"],
    protect: "0.0500",
    takeBound: "0.05",
    liquidationFee: "0.012500",
    subType: ["Layer-1"],
  }),
  brackets: bracketsFrom([
    [125, "300000", "0.004"],
    [100, "800000", "0.005"],
    [75, "3000000", "0.0065"],
    [50, "12000000", "0.01"],
    [25, "50000000", "0.02"],
    [20, "65000000", "0.025"],
    [10, "150000000", "0.05"],
    [5, "320000000", "0.1"],
    [4, "400000000", "0.125"],
    [3, "530000000", "0.15"],
    [2, "800000000", "0.25"],
    [1, "1200000000", "0.5"],
  ]),
  startPrice: "2800.00",
  // Above 2^53, as in production (seen April 2026): a client that reads ids into a float loses the last digits.
  firstOrderId: "8389766145050669870",
  firstTradeId: "5812345678",
};

const BNBUSDT: SymbolListing = {
  info: perpetual({
    baseAsset: "BNB",
    onboardDate: 1581300000000,
    precision: [3, 2],
    price: ["6.600", "100000", "0.010"],
    lot: ["0.01", "100000", "2000"],
    notional: "5",
    percent: ["1.1000", "0.9000"],
    protect: "0.0500",
    takeBound: "0.05",
    liquidationFee: "0.015000",
    subType: ["Layer-1"],
  }),
  brackets: bracketsFrom([
    [75, "50000", "0.006"],
    [50, "500000", "0.01"],
    [25, "2000000", "0.02"],
    [20, "5000000", "0.025"],
    [10, "20000000", "0.05"],
    [5, "40000000", "0.1"],
    [4, "50000000", "0.125"],
    [2, "100000000", "0.25"],
    [1, "150000000", "0.5"],
  ]),
  startPrice: "830.000",
  firstOrderId: "60712345678",
  firstTradeId: "1812345678",
};

const SOLUSDT: SymbolListing = {
  info: perpetual({
    baseAsset: "SOL",
    onboardDate: 1600066800000,
    precision: [4, 2],
    price: ["0.4200", "6857", "0.0100"],
    lot: ["0.01", "1000000", "20000"],
    notional: "5",
    percent: ["1.0500", "0.9500"],
    protect: "0.0500",
    takeBound: "0.05",
    liquidationFee: "0.015000",
    subType: ["Layer-1"],
  }),
  brackets: bracketsFrom([
    [100, "50000", "0.005"],
    [75, "500000", "0.0065"],
    [50, "2000000", "0.01"],
    [25, "10000000", "0.02"],
    [20, "20000000", "0.025"],
    [10, "50000000", "0.05"],
    [5, "100000000", "0.1"],
    [4, "120000000", "0.125"],
    [2, "200000000", "0.25"],
    [1, "300000000", "0.5"],
  ]),
  startPrice: "130.0000",
  firstOrderId: "61098765432",
  firstTradeId: "2612345678",
};

/** BTCUSDT, ETHUSDT, BNBUSDT, SOLUSDT, in this order. */
export const DEFAULT_SYMBOLS: readonly SymbolListing[] = [BTCUSDT, ETHUSDT, BNBUSDT, SOLUSDT];

/** The tier a notional falls into; beyond the last cap, the last. Lowest tier for 0. */
export function bracketFor(brackets: readonly Bracket[], notional: bigint): Bracket {
  let found = brackets[0] as Bracket;
  for (const bracket of brackets) if (notional > bracket.notionalFloor) found = bracket;
  return found;
}

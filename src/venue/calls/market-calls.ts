/** Public reads of the market. Pure. Protocol sheet 11.7. */
import type { CallHandlers, Transport } from "../../face/calls.ts";
import { type Refused, refuse } from "../../face/refusal.ts";
import { asEventMs, type Decimal } from "../../kernel/scalars.ts";
import { DEPTH_USUAL } from "../../protocol/limits.ts";
import type { ExchangeInfo, ListedSymbol, SymbolFilter } from "../../protocol/rest/exchange-info.ts";
import type { BookTickerOfSymbol, MarkPriceOfSymbol, PriceTickerOfSymbol } from "../../protocol/rest/market.ts";
import { AUTO_EXCHANGE_THRESHOLDS } from "../accounts/auto-exchange.ts";
import type { MarketView, Quote } from "../exchange/views.ts";
import { INTEREST_RATE } from "../market/funding-terms.ts";
import { money, paddedTo, zeroOrPadded } from "../market/number-formats.ts";
import type { SymbolInfo } from "../market/symbol-listing.ts";
import type { CallContext } from "./call-context.ts";

/** The public reads. */
export function marketCalls(context: CallContext): CallHandlers {
  const { exchange, limits } = context;
  return {
    ping: () => ({}),
    serverTime: ({ now }) => ({ serverTime: now }),
    exchangeInfo: ({ now }) => exchangeInfo(context, now, limits.listed()),
    depth({ parameters }) {
      const view = exchange.depth(parameters.symbol, parameters.limit ?? DEPTH_USUAL);
      const info = exchange.symbol(parameters.symbol)?.info;
      if (view === undefined || info === undefined) return refuse(-1121);
      const level = ({ price, qty }: Quote): [Decimal, Decimal] => [
        paddedTo(price, info.pricePrecision),
        paddedTo(qty, info.quantityPrecision),
      ];
      const { lastUpdateId, time, bids, asks } = view;
      return { lastUpdateId, E: asEventMs(time), T: time, bids: bids.map(level), asks: asks.map(level) };
    },
    bookTicker: ({ parameters, transport }) => ofSymbols(context, parameters.symbol, bookTicker(transport)),
    priceTickerV1: ({ parameters }) => ofSymbols(context, parameters.symbol, priceTicker),
    priceTicker: ({ parameters }) => ofSymbols(context, parameters.symbol, priceTicker),
    markPrice: ({ parameters }) => ofSymbols(context, parameters.symbol, markPrice),
  };
}

/** One object for one symbol, a list for all of them. */
function ofSymbols<R>(
  { exchange }: CallContext,
  symbol: string | undefined,
  print: (market: MarketView, info: SymbolInfo) => R,
): R | R[] | Refused {
  const printed = (info: SymbolInfo): R[] => {
    const market = exchange.market(info.symbol);
    return market === undefined ? [] : [print(market, info)];
  };
  if (symbol === undefined) return exchange.symbols().flatMap(({ info }) => printed(info));
  const info = exchange.symbol(symbol)?.info;
  const [one] = info === undefined ? [] : printed(info);
  return one ?? refuse(-1121);
}

function bookTicker(transport: Transport) {
  return (market: MarketView, info: SymbolInfo): BookTickerOfSymbol => ({
    ...(transport === "WS" ? { lastUpdateId: market.updateId } : {}),
    symbol: info.symbol,
    bidPrice: zeroOrPadded(market.bid?.price ?? 0n, info.pricePrecision),
    bidQty: zeroOrPadded(market.bid?.qty ?? 0n, info.quantityPrecision),
    askPrice: zeroOrPadded(market.ask?.price ?? 0n, info.pricePrecision),
    askQty: zeroOrPadded(market.ask?.qty ?? 0n, info.quantityPrecision),
    time: market.time,
  });
}

function priceTicker(market: MarketView, info: SymbolInfo): PriceTickerOfSymbol {
  return { symbol: info.symbol, price: paddedTo(market.lastPrice, info.pricePrecision), time: market.lastTime };
}

function markPrice(market: MarketView, info: SymbolInfo): MarkPriceOfSymbol {
  return {
    symbol: info.symbol,
    markPrice: money(market.markPrice),
    indexPrice: money(market.indexPrice),
    estimatedSettlePrice: money(market.estimatedSettlePrice),
    lastFundingRate: money(market.fundingRate),
    interestRate: money(INTEREST_RATE),
    nextFundingTime: market.nextFundingTime,
    time: market.time,
  };
}

function exchangeInfo(
  { exchange }: CallContext,
  now: ExchangeInfo["serverTime"],
  rateLimits: ExchangeInfo["rateLimits"],
): ExchangeInfo {
  const listings = exchange.symbols();
  const marginAssets = new Set(listings.map(({ info }) => info.marginAsset));
  return {
    timezone: "UTC",
    serverTime: now,
    rateLimits,
    exchangeFilters: [],
    assets: [...marginAssets].map((asset) => ({
      asset,
      marginAvailable: true,
      autoAssetExchange: (AUTO_EXCHANGE_THRESHOLDS[asset] ?? null) as Decimal | null,
    })),
    symbols: listings.map(({ info }) => listedSymbol(info)),
  };
}

function listedSymbol(info: SymbolInfo): ListedSymbol {
  return {
    ...info,
    maintMarginPercent: info.maintMarginPercent as Decimal,
    requiredMarginPercent: info.requiredMarginPercent as Decimal,
    triggerProtect: info.triggerProtect as Decimal,
    liquidationFee: info.liquidationFee as Decimal,
    marketTakeBound: info.marketTakeBound as Decimal,
    underlyingSubType: [...info.underlyingSubType],
    filters: info.filters.map((filter) => ({ ...filter }) as SymbolFilter),
    orderTypes: [...info.orderTypes],
    timeInForce: [...info.timeInForce],
    permissionSets: [...info.permissionSets],
  };
}

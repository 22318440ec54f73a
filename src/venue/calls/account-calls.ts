/** Reading and setting up the account. Pure. Protocol sheet 10.4, 11.2, 11.6. */
import type { CallHandlers, CallRefused } from "../../face/calls.ts";
import { trimmed } from "../../kernel/decimal.ts";
import type { Decimal } from "../../kernel/scalars.ts";
import type { LeverageBracketsOfSymbol } from "../../protocol/rest/account-settings.ts";
import { isRefused, refuse } from "../refusal.ts";
import type { SymbolListing } from "../symbol-listing.ts";
import type { PositionView } from "../views.ts";
import {
  accountV2,
  accountV3,
  balanceReply,
  isActive,
  MODES,
  PERMISSIONS,
  positionRiskV2,
  positionRiskV3,
  symbolConfig,
} from "./account-replies.ts";
import { type CallContext, infoOf } from "./call-context.ts";
import { incomeOf } from "./income.ts";
import { zeroOrPadded } from "./number-formats.ts";

/** The reads of the account. */
export function accountReadCalls(context: CallContext): CallHandlers {
  const { exchange, limits } = context;
  const infoOfSymbol = (symbol: string) => infoOf(context, symbol);
  const balances = (account: string) =>
    exchange.accountState(account).assets.map((view) => balanceReply(account, view));
  const positions = (account: string, symbol: string | undefined): readonly PositionView[] | CallRefused => {
    if (symbol !== undefined && exchange.symbol(symbol) === undefined) return refuse(-1121);
    return exchange.positions(account).filter((view) => symbol === undefined || view.symbol === symbol);
  };
  const printed = <R>(views: readonly PositionView[] | CallRefused, print: (view: PositionView) => R) =>
    "outcome" in views ? views : views.map(print);
  return {
    accountV2: ({ account }) => accountV2(exchange.accountState(account), infoOfSymbol),
    account: ({ account }) => accountV3(exchange.accountState(account), infoOfSymbol),
    balanceV2: ({ account }) => balances(account),
    balance: ({ account }) => balances(account),
    positionRiskV2: ({ account, parameters, transport }) =>
      printed(positions(account, parameters.symbol), (view) =>
        positionRiskV2(view, infoOf(context, view.symbol), transport),
      ),
    positionRisk({ account, parameters }) {
      const views = positions(account, parameters.symbol);
      if ("outcome" in views) return views;
      return views.filter(isActive).map((view) => positionRiskV3(view, infoOf(context, view.symbol)));
    },
    accountConfig: () => ({ ...PERMISSIONS, dualSidePosition: false, ...MODES }),
    symbolConfig: ({ account, parameters }) => printed(positions(account, parameters.symbol), symbolConfig),
    positionMode: () => ({ dualSidePosition: false }),
    multiAssetsMode: () => ({ multiAssetsMargin: false }),
    feeBurn: () => ({ feeBurn: false }),
    orderLimits: () => limits.ordersListed(),
    leverageBrackets({ parameters: { symbol } }) {
      const listings = exchange.symbols().filter(({ info }) => symbol === undefined || info.symbol === symbol);
      return listings.length === 0 && symbol !== undefined ? refuse(-1121) : listings.map(bracketsOf);
    },
    commissionRate({ parameters: { symbol } }) {
      if (exchange.symbol(symbol) === undefined) return refuse(-1121);
      const { maker, taker } = exchange.feeRates;
      const makerCommissionRate = maker as Decimal;
      // Retail price improvement orders do not exist here: they would be makers.
      return {
        symbol,
        makerCommissionRate,
        takerCommissionRate: taker as Decimal,
        rpiCommissionRate: makerCommissionRate,
      };
    },
    income: ({ account, parameters, now }) => incomeOf(context, account, parameters, now),
  };
}

function bracketsOf({ info, brackets }: SymbolListing): LeverageBracketsOfSymbol {
  return {
    symbol: info.symbol,
    brackets: brackets.map(({ bracket, initialLeverage, notionalCap, notionalFloor, maintMarginRatio, cum }) => ({
      bracket,
      initialLeverage,
      notionalCap: trimmed(notionalCap),
      notionalFloor: trimmed(notionalFloor),
      maintMarginRatio: trimmed(maintMarginRatio),
      cum: trimmed(cum),
    })),
  };
}

/**
 * The writes of the account. The venue knows one-way mode, cross margin and single-asset mode: asking for what is so
 * already is refused as Binance does, asking for the other mode is not supported.
 */
export function accountWriteCalls({ exchange }: CallContext): CallHandlers {
  return {
    changeLeverage({ account, parameters, now }) {
      const result = exchange.changeLeverage(account, parameters.symbol, parameters.leverage, now);
      if (isRefused(result)) return result;
      const { symbol, leverage, maxNotionalValue } = result;
      return { leverage, maxNotionalValue: zeroOrPadded(maxNotionalValue, 0), symbol };
    },
    changeMarginType({ parameters: { symbol, marginType } }) {
      if (exchange.symbol(symbol) === undefined) return refuse(-1121);
      if (marginType === "CROSSED") return refuse(-4046);
      return marginType === "ISOLATED" ? refuse(-1020) : refuse(-1130, "marginType");
    },
    changePositionMode: ({ parameters }) => refuse(parameters.dualSidePosition ? -1020 : -4059),
    changeMultiAssetsMode: ({ parameters }) => refuse(parameters.multiAssetsMargin ? -1020 : -4171),
  };
}

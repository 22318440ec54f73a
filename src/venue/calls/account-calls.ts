/** Reading and setting up the account. Pure. Protocol sheet 10.4, 11.2, 11.6. */
import type { CallHandlers } from "../../face/calls.ts";
import { isRefused, type Refused, refuse } from "../../face/refusal.ts";
import { trimmed } from "../../kernel/decimal.ts";
import type { Decimal } from "../../kernel/scalars.ts";
import type { LeverageBracketsOfSymbol } from "../../protocol/rest/account-settings.ts";
import type { CodeAndText } from "../../protocol/rest/reply-forms.ts";
import type { PositionView } from "../exchange/views.ts";
import { zeroOrPadded } from "../market/number-formats.ts";
import type { SymbolListing } from "../market/symbol-listing.ts";
import {
  accountV2,
  accountV3,
  adlQuantilesOf,
  balanceReply,
  isActive,
  isHeld,
  MODES,
  PERMISSIONS,
  positionRiskV2,
  positionRiskV3,
  symbolConfig,
} from "./account-replies.ts";
import { type CallContext, infoOf } from "./call-context.ts";
import { incomeOf } from "./income.ts";
import { marginHistory } from "./margin-history.ts";

/** The reads of the account. */
export function accountReadCalls(context: CallContext): CallHandlers {
  const { exchange, limits } = context;
  const infoOfSymbol = (symbol: string) => infoOf(context, symbol);
  const balances = (account: string) =>
    exchange.accountState(account).assets.map((view) => balanceReply(account, view));
  const positions = (account: string, symbol: string | undefined): readonly PositionView[] | Refused => {
    if (symbol !== undefined && exchange.symbol(symbol) === undefined) return refuse(-1121);
    return exchange.positions(account).filter((view) => symbol === undefined || view.symbol === symbol);
  };
  const printed = <R>(views: readonly PositionView[] | Refused, print: (view: PositionView) => R) =>
    isRefused(views) ? views : views.map(print);
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
      if (isRefused(views)) return views;
      return views.filter(isActive).map((view) => positionRiskV3(view, infoOf(context, view.symbol)));
    },
    ...accountModeCalls(context),
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
    positionMarginHistory: ({ account, parameters, now }) => marginHistory(context, account, parameters, now),
    adlQuantiles({ account, parameters: { symbol } }) {
      const views = positions(account, symbol);
      return isRefused(views) ? views : adlQuantilesOf(views.filter(isHeld));
    },
  };
}

/** The reads of modes and setups. */
function accountModeCalls({ exchange }: CallContext): CallHandlers {
  return {
    accountConfig({ account }) {
      const { dualSidePosition, multiAssetsMargin } = exchange.accountState(account);
      return { ...PERMISSIONS, dualSidePosition, ...MODES, multiAssetsMargin };
    },
    symbolConfig({ account, parameters: { symbol } }) {
      if (symbol !== undefined && exchange.symbol(symbol) === undefined) return refuse(-1121);
      // In hedge mode a symbol has two positions and one setup.
      const views = exchange.positions(account).filter(({ positionSide }) => positionSide !== "SHORT");
      return views.filter((view) => symbol === undefined || view.symbol === symbol).map(symbolConfig);
    },
    positionMode: ({ account }) => ({ dualSidePosition: exchange.accountState(account).dualSidePosition }),
    multiAssetsMode: ({ account }) => ({ multiAssetsMargin: exchange.accountState(account).multiAssetsMargin }),
    feeBurn: ({ account }) => ({ feeBurn: exchange.accountState(account).feeBurn }),
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

/** The writes of the account. */
export function accountWriteCalls({ exchange }: CallContext): CallHandlers {
  return {
    changeLeverage({ account, parameters, now }) {
      const result = exchange.changeLeverage(account, parameters.symbol, parameters.leverage, now);
      if (isRefused(result)) return result;
      const { symbol, leverage, maxNotionalValue } = result;
      return { leverage, maxNotionalValue: zeroOrPadded(maxNotionalValue, 0), symbol };
    },
    changeMarginType: ({ account, parameters: { symbol, marginType }, now }) =>
      done(exchange.changeMarginType(account, symbol, marginType, now)),
    changePositionMargin({ account, parameters, now }) {
      const result = exchange.modifyPositionMargin(account, parameters, now);
      if (isRefused(result)) return result;
      const { amount, type } = result;
      return { amount: trimmed(amount), code: 200, msg: "Successfully modify position margin.", type };
    },
    changePositionMode: ({ account, parameters, now }) =>
      done(exchange.changePositionMode(account, parameters.dualSidePosition, now)),
    changeMultiAssetsMode: ({ account, parameters, now }) =>
      done(exchange.changeMultiAssetsMode(account, parameters.multiAssetsMargin, now)),
    changeFeeBurn: ({ account, parameters, now }) => done(exchange.changeFeeBurn(account, parameters.feeBurn, now)),
  };
}

/** What calls answer that have nothing to tell but that it was done. */
function done(result: object): CodeAndText | Refused {
  return isRefused(result) ? result : { code: 200, msg: "success" };
}

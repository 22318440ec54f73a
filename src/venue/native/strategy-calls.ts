/**
 * `/v1/paper/strategies[/ID]`: starts, shows, changes and stops grids. Pure; never throws on any bytes. Refusals have
 * the form of the other native calls.
 */
import type { HttpAnswer, HttpCall } from "../../face/http-call.ts";
import { trimmed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { flag, integer, optional, record, text } from "../../protocol/codec.ts";
import { STRATEGY_OP_CODES } from "../../protocol/events/strategy-update.ts";
import { readForm } from "../../protocol/form-text.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { GridOrderView, GridView } from "../grids/grid-views.ts";
import { answered, readBody, refusal, telling } from "./native-calls.ts";

const STRATEGIES_PATH = /^\/v1\/paper\/strategies(?:\/([^/]+))?$/;

const ENDING = {
  stopUpperLimit: optional(text),
  stopLowerLimit: optional(text),
  stopTriggerType: optional(text),
  cos: optional(flag),
  cps: optional(flag),
};
const ChangeWish = record(ENDING);
const GridWish = record({
  account: text,
  symbol: text,
  direction: optional(text),
  gridType: optional(text),
  gridCount: integer,
  gridLowerLimit: text,
  gridUpperLimit: text,
  perGridQty: optional(text),
  gridInitialValue: optional(text),
  ...ENDING,
});

/** What the exchange has to do with strategies. */
export type StrategyOperations = Pick<
  Exchange,
  "startGrid" | "changeGrid" | "stopGrid" | "grid" | "grids" | "hasAccount"
>;

/** Answers a call under `/v1/paper/strategies`; `undefined` when it is another one. */
export function answerStrategies(
  call: HttpCall,
  exchange: StrategyOperations,
  now: TransactMs,
): HttpAnswer | undefined {
  const match = STRATEGIES_PATH.exec(call.path);
  if (match === null) return undefined;
  const [, id] = match;
  return telling(() => (id === undefined ? answerAll(call, exchange, now) : answerOne(call, exchange, id, now)));
}

function answerAll({ method, query, body }: HttpCall, exchange: StrategyOperations, now: TransactMs): HttpAnswer {
  if (method === "GET") return answered(200, { strategies: exchange.grids(accountOf(query, exchange)).map(shown) });
  if (method === "POST") {
    const { account, ...request } = readBody(GridWish, body);
    mustExist(exchange, "body.account", account);
    return answered(200, shown(exchange.startGrid(account, request, now)));
  }
  return notAllowed("POST or GET", method, "POST /v1/paper/strategies starts a grid.");
}

/** The account of `?account=`; `undefined`: all of them. */
function accountOf(query: string, exchange: StrategyOperations): string | undefined {
  const form = readForm(query);
  if (form.outcome !== "read") throw new UsageError("query", "account=ID or nothing", query);
  for (const name of form.parameters.keys()) {
    if (name !== "account") throw new UsageError("query", "only account", name);
  }
  const account = form.parameters.get("account");
  if (account !== undefined) mustExist(exchange, "query.account", account);
  return account;
}

function mustExist(exchange: StrategyOperations, where: string, account: string): void {
  if (exchange.hasAccount(account)) return;
  throw new UsageError(where, "an account that exists", account, "POST /v1/paper/accounts makes one.");
}

function answerOne({ method, body }: HttpCall, exchange: StrategyOperations, id: string, now: TransactMs): HttpAnswer {
  const grid = /^\d{1,15}$/.test(id) ? exchange.grid(Number(id)) : undefined;
  if (grid === undefined) {
    const remedy = "GET /v1/paper/strategies lists them.";
    return refusal(404, new UsageError("strategy", "one that exists", id, remedy));
  }
  const { strategyId } = grid;
  switch (method) {
    case "GET":
      return answered(200, shown(grid));
    case "PUT":
      return answered(200, shown(exchange.changeGrid(strategyId, readBody(ChangeWish, body), now)));
    case "DELETE":
      return answered(200, shown(exchange.stopGrid(strategyId, now)));
    default:
      return notAllowed("GET, PUT or DELETE", method, "DELETE stops the strategy.");
  }
}

function notAllowed(expected: string, method: string, remedy: string): HttpAnswer {
  return refusal(405, new UsageError("method", expected, method, remedy));
}

/** A strategy as it is shown: amounts in strings, `null` for a stop that there is not. */
function shown(grid: GridView): object {
  const { ending } = grid;
  return {
    strategyId: grid.strategyId,
    strategyType: "GRID",
    strategyStatus: grid.strategyStatus,
    account: grid.account,
    symbol: grid.symbol,
    direction: grid.direction,
    gridType: grid.gridType,
    gridCount: grid.gridCount,
    gridLowerLimit: trimmed(grid.gridLowerLimit),
    gridUpperLimit: trimmed(grid.gridUpperLimit),
    perGridQty: trimmed(grid.perGridQty),
    stopUpperLimit: ending.stopUpperLimit === 0n ? null : trimmed(ending.stopUpperLimit),
    stopLowerLimit: ending.stopLowerLimit === 0n ? null : trimmed(ending.stopLowerLimit),
    stopTriggerType: ending.stopTriggerType,
    cos: ending.cos,
    cps: ending.cps,
    gridProfit: trimmed(grid.gridProfit),
    matchedPnl: trimmed(grid.matchedPnl),
    unmatchedQty: trimmed(grid.unmatchedQty),
    unmatchedAvgPrice: trimmed(grid.unmatchedAvgPrice),
    unmatchedFee: trimmed(grid.unmatchedFee),
    opCode: grid.opCode,
    opCodeMsg: STRATEGY_OP_CODES[grid.opCode] ?? "",
    bookTime: grid.bookTime,
    updateTime: grid.updateTime,
    endTime: grid.endTime === 0 ? null : grid.endTime,
    orders: grid.orders.map(shownOrder),
  };
}

function shownOrder({ orderId, clientOrderId, side, price, origQty, executedQty }: GridOrderView): object {
  const amounts = { price: trimmed(price), origQty: trimmed(origQty), executedQty: trimmed(executedQty) };
  return { orderId, clientOrderId, side, ...amounts };
}

/**
 * What events teach about strategies. Protocol sheet 7.7, 7.8. Pure.
 *
 * A strategy is three facts, each with its own date: its status (both events tell it), the newest operation
 * (`STRATEGY_UPDATE`), and what it has earned (`GRID_UPDATE`). One that ended never works again.
 */
import { isSameAmount } from "../kernel/digits.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { GridUpdate } from "../protocol/events/grid-update.ts";
import type { StrategyUpdate } from "../protocol/events/strategy-update.ts";
import { type AccountState, NO_GROUP } from "./account-state.ts";
import type { AccountView } from "./account-view.ts";
import type { GridResult, Strategy, StrategyOperation } from "./facts.ts";
import { judge, type Telling } from "./telling.ts";

/** Takes in a strategy's status and operation. */
export function applyStrategyUpdate(state: AccountState, { T, su }: StrategyUpdate, telling: Telling): void {
  const operation: StrategyOperation = { code: su.c, at: T, source: telling.source };
  learnStrategy(state, su, T, telling, { operation });
}

/** Takes in a grid's status and what it has earned. */
export function applyGridUpdate(state: AccountState, { T, gu }: GridUpdate, telling: Telling): void {
  const grid: GridResult = {
    realizedProfit: gu.r,
    matchedProfit: gu.mp,
    unmatchedPrice: gu.up,
    unmatchedQuantity: gu.uq,
    unmatchedFee: gu.uf,
    at: T,
    source: telling.source,
  };
  learnStrategy(state, gu, T, telling, { grid });
}

/**
 * Strategies of which no event has told since the line was heard, in words, as holes: no call lists strategies, so
 * that nobody knows what became of them in a gap.
 */
export function unheardStrategies({ strategies }: AccountView, heardAt: TransactMs): string[] {
  return [...strategies.values()]
    .filter(({ at, operation, grid }) => Math.max(at, operation?.at ?? 0, grid?.at ?? 0) < heardAt)
    .map(({ strategyId, symbol }) => `strategy ${strategyId} of ${symbol}: no call tells what became of it`);
}

interface Details {
  readonly operation?: StrategyOperation;
  readonly grid?: GridResult;
}

type Header = Pick<StrategyUpdate["su"], "si" | "st" | "ss" | "s">;

function learnStrategy(
  state: AccountState,
  { si, st, ss, s }: Header,
  at: TransactMs,
  telling: Telling,
  { operation, grid }: Details,
): void {
  const { source } = telling;
  const known = state.strategies.get(NO_GROUP, si);
  const told: Strategy = { strategyId: si, type: st, symbol: s, status: ss, operation, grid, at, source };
  const after = known === undefined ? told : newest(known, told, telling);
  if (after === known) return;
  state.changed("strategy", si, known, after);
  state.strategies.put(NO_GROUP, si, after, stepOf(after) === 2);
}

function newest(known: Strategy, told: Strategy, telling: Telling): Strategy {
  const step = stepOf(told) - stepOf(known);
  const isNews = step > 0 || (step === 0 && isBelieved(known, told, known.status === told.status, telling));
  const operation = newerOf(known.operation, told.operation, (a, b) => a.code === b.code, telling);
  const grid = newerOf(known.grid, told.grid, isSameResult, telling);
  if (!isNews && operation === known.operation && grid === known.grid) return known;
  const { status, at, source } = isNews ? told : known;
  return { ...known, status, at: at < known.at ? known.at : at, source, operation, grid };
}

function newerOf<F extends GridResult | StrategyOperation>(
  known: F | undefined,
  told: F | undefined,
  isSame: (a: F, b: F) => boolean,
  telling: Telling,
): F | undefined {
  if (known === undefined || told === undefined) return known ?? told;
  return isBelieved(known, told, isSame(known, told), telling) ? told : known;
}

function isBelieved(
  known: Strategy | GridResult | StrategyOperation,
  told: typeof known,
  isSame: boolean,
  telling: Telling,
): boolean {
  const judgement = judge(known, told, isSame, telling);
  return judgement === "news" || judgement === "redated" || judgement === "overruled";
}

function stepOf({ status }: Strategy): number {
  return status === "NEW" ? 0 : status === "CANCELLED" || status === "EXPIRED" ? 2 : 1;
}

function isSameResult(a: GridResult, b: GridResult): boolean {
  return (
    isSameAmount(a.realizedProfit, b.realizedProfit) &&
    isSameAmount(a.matchedProfit, b.matchedProfit) &&
    isSameAmount(a.unmatchedPrice, b.unmatchedPrice) &&
    isSameAmount(a.unmatchedQuantity, b.unmatchedQuantity) &&
    isSameAmount(a.unmatchedFee, b.unmatchedFee)
  );
}

/** Teaches the mirror what a survey says. Pure. */
import type { TransactMs } from "../kernel/scalars.ts";
import type { SymbolConfig } from "../protocol/rest/account-settings.ts";
import { type Fact, positionKey } from "./facts.ts";
import type { AnswerTerms, Mirror } from "./mirror.ts";
import type { Survey } from "./survey.ts";
import type { IsYoung } from "./young-facts.ts";

/** How far the answers are to be believed. */
export interface LearningTerms extends Pick<AnswerTerms, "source"> {
  /**
   * A fact that is known and older than this, an answer cannot contradict by lagging: what has no date is believed
   * against it, and in the last round everything.
   */
  readonly undatedBefore: TransactMs;
  /** What repair told of lately: an answer may be older. */
  readonly isYoung: IsYoung;
  /** Was it asked before, and does it stay? */
  readonly isLast: boolean;
  /** What changed later is not learned: the stream tells it, or the next audit. `undefined`: everything is. */
  readonly until: TransactMs | undefined;
}

/** Takes everything in, each fact by its date. */
export function learnFrom(mirror: Mirror, survey: Survey, terms: LearningTerms): void {
  const { source, undatedBefore, isYoung, isLast, until } = terms;
  const isDue = ({ updateTime }: { readonly updateTime: TransactMs }) => until === undefined || updateTime <= until;
  const { view } = mirror;
  const isOld = (key: string, known: Fact | undefined) =>
    known === undefined || (known.at < undatedBefore && !isYoung(key));
  mirror.mergeAccountConfig(survey.config, { source, undatedBefore });
  // What was set otherwise was told, and is known from that; or it is another's to tell.
  const isUnknown = ({ symbol }: SymbolConfig) =>
    source === "snapshot" || view.leverage.get(symbol) === undefined || view.marginType.get(symbol) === undefined;
  mirror.mergeSymbolConfig(survey.symbols.filter(isUnknown), { source, undatedBefore });
  const balances = partition(survey.balances.filter(isDue), ({ asset }) => isLast && isOld(asset, view.balance(asset)));
  mirror.mergeBalances(balances.yes, { source, insists: true });
  mirror.mergeBalances(balances.no, { source });
  learnPositions(mirror, survey, terms, isOld, isDue);
  mirror.mergeOrders([...survey.orders.values()].filter(isDue), { source });
  mirror.mergeConditionalOrders([...survey.conditionals.values()].filter(isDue), { source });
  if (!isLast) return;
  for (const { symbol, orderId } of survey.unknown.orders) mirror.orderVanished(symbol, orderId);
  for (const { algoId } of survey.unknown.conditionals) mirror.conditionalOrderVanished(algoId);
}

/** A position that is not listed is flat (documented), unless the answer may be older than what is known. */
function learnPositions(
  mirror: Mirror,
  { positions }: Survey,
  { source, isLast, undatedBefore, isYoung }: LearningTerms,
  isOld: (key: string, known: Fact | undefined) => boolean,
  isDue: (row: { readonly updateTime: TransactMs }) => boolean,
): void {
  const { view } = mirror;
  for (const row of positions.filter(isDue)) {
    const { symbol, positionSide } = row;
    const insists = isLast && isOld(positionKey(symbol, positionSide), view.position(symbol, positionSide));
    mirror.mergePositionRisk([row], { source, insists }, NO_SYMBOL);
  }
  const listed = new Set(positions.map((row) => positionKey(row.symbol, row.positionSide)));
  for (const { symbol, side, at } of view.held()) {
    const key = positionKey(symbol, side);
    if (listed.has(key) || at >= undatedBefore || isYoung(key)) continue;
    mirror.flattened(symbol, side, (at + 1) as TransactMs, source);
  }
}

/** Rows are merged one by one: what a single row does not list is no finding. */
const NO_SYMBOL = "";

function partition<T>(rows: readonly T[], isIn: (row: T) => boolean): { readonly yes: T[]; readonly no: T[] } {
  const yes: T[] = [];
  const no: T[] = [];
  for (const row of rows) (isIn(row) ? yes : no).push(row);
  return { yes, no };
}

/**
 * What REST tells that was never told: a survey compared with what is known, as events in exchange order. Pure.
 *
 * Rules kept here
 * - Each thing once: what {@link Told} or the known account has already is left out.
 * - What the exchange dates later than `until` is not missed: the stream brings it, or has yet to. But of an order of
 *   which something later has come, it has nothing earlier to bring: that was missed, and is told before. Nor
 *   does a later fill or end show when an order was amended before it: that is told.
 * - Equal dates: an order is placed, amended, filled, ended in this order; money comes after the fills that moved it.
 */
import { type Fixed, fixed } from "../kernel/decimal.ts";
import { compareAmounts, isSameAmount, isSameRounded, isZero } from "../kernel/digits.ts";
import type { Decimal, Id64, TransactMs } from "../kernel/scalars.ts";
import type { Order as OrderRow, UserTrade } from "../protocol/rest/orders.ts";
import { type BookingNews, compareBookings } from "./booking-pairs.ts";
import { conditionalStep } from "./conditional-orders.ts";
import {
  type Balance,
  type ConditionalOrder,
  isConditionalEnded,
  isEnded,
  type Order,
  orderKey,
  type Position,
  type PositionSide,
  positionKey,
  type Setting,
} from "./facts.ts";
import type { RepairedEvent } from "./repaired-events.ts";
import * as repaired from "./repaired-events.ts";
import type { KnownAccount, Survey } from "./survey.ts";
import { fillStep, settingKey, stepOf, type Told } from "./told-steps.ts";
import type { IsYoung } from "./young-facts.ts";

/** What the comparison is made with. */
export interface Ledger extends KnownAccount {
  balance(asset: string): Balance | undefined;
  position(symbol: string, side: PositionSide): Position | undefined;
  leverageOf(symbol: string): Setting<number> | undefined;
  marginTypeOf(symbol: string): Setting<"cross" | "isolated"> | undefined;
  readonly multiAssetsMode: Setting<boolean> | undefined;
  readonly told: Told;
  /** It is known, and nothing of it was told yet, whenever it began. */
  isUntoldConditional(algoId: Id64): boolean;
  /** Assets, `symbol/side`s and settings ({@link settingKey}) that events tell which came and were not told yet. */
  readonly upcoming: ReadonlySet<string>;
  /** Steps that such events will tell. See {@link stepOf}. */
  readonly upcomingSteps: ReadonlySet<string>;
  /** By {@link orderKey}: the newest date of what such events will tell of an order. */
  readonly upcomingOrders: ReadonlyMap<string, TransactMs>;
}

/** Which of the survey's news count, by the exchange's clock. */
export interface NewsTerms {
  /** Did repair tell of it so lately that an answer may be older? See young-facts.ts. Absent: of nothing. */
  readonly isYoung?: IsYoung;
  /** When the gap began; earlier things were told. */
  readonly since: TransactMs;
  /** What is dated later is not missed: the stream brings it, or has yet to. */
  readonly until: TransactMs;
  /**
   * What has no date in REST (settings, positions that are not listed) is believed against facts that are older than
   * this only: an answer that lags could otherwise take back what the stream told a moment ago.
   */
  readonly undatedBefore: TransactMs;
  /**
   * Is all of it asked again soon? Then a fill of which no order says how far it was filled waits for that: told
   * without it, nobody would be told of it any more.
   */
  readonly isFirst?: boolean;
  /** Is what it shows certified? Then an amendment of which a later fill or end has hidden the date is told. */
  readonly isLast?: boolean;
  /** What has no date in REST, and is told with one, is told with this. Absent: `until`. */
  readonly undatedAt?: TransactMs;
  /** What is dated earlier was promised to nobody. Absent: everything was promised. */
  readonly promisedSince?: TransactMs;
}

/** An event that was missed. */
export interface Missed {
  readonly event: RepairedEvent;
  /** What stood in the wallet after a booking: no answer says it, but it follows from several. */
  readonly wallet?: Fixed | undefined;
}

/** With its place among those of its time. */
interface Placed extends Missed {
  readonly rank: number;
  /** It is missed, whatever its date. */
  readonly isDue?: boolean;
}

/** The parts of a life, in their order. */
const RANK = { placed: 0, amended: 1, filled: 2, ended: 3, conditional: 4, booked: 5, standing: 6, set: 7 } as const;

/** Everything of the survey that was not told, in exchange order; what has no date last. */
export function missedIn(survey: Survey, ledger: Ledger, terms: NewsTerms): Missed[] {
  const { until } = terms;
  const found: Placed[] = [
    ...orderEvents(survey, ledger, terms),
    ...conditionalEvents(survey, ledger, terms),
    ...bookings(survey, ledger, terms),
    ...standingRows(survey, ledger, terms),
    ...settings(survey, ledger, terms),
  ];
  return found
    .filter(({ event, isDue }) => isDue || event.T === undefined || event.T <= until || isOvertaken(event, ledger))
    .sort((a, b) => (a.event.T ?? Number.MAX_SAFE_INTEGER) - (b.event.T ?? Number.MAX_SAFE_INTEGER) || a.rank - b.rank);
}

/** What of the survey was told or was not, and nobody can know it; in words, as holes. */
export function doubtsIn(survey: Survey, ledger: Ledger, terms: NewsTerms): string[] {
  const byName = new Map<string, TransactMs[]>();
  for (const { asset, income, time } of bookingNews(survey, ledger, terms).doubtful) {
    const name = `${income} ${asset}`;
    byName.set(
      name,
      [...(byName.get(name) ?? []), time].sort((a, b) => a - b),
    );
  }
  return [...byName].map(([name, dates]) => {
    const when = `between ${dates[0]} and ${dates.at(-1)}`;
    return `funding or transfers ${when}, ${dates.length} times ${name}: equal ones were told, and nothing shows which`;
  });
}

function bookingNews(survey: Survey, { told }: Ledger, { since, until, undatedBefore }: NewsTerms): BookingNews {
  const { income, incomeSince: listedSince, balances } = survey;
  const terms = { listedSince, listedUntil: undatedBefore, since, until };
  return compareBookings(income, balances, told.bookings, terms);
}

function isOvertaken(event: RepairedEvent, { upcomingOrders, upcomingSteps }: Ledger): boolean {
  if (event.e !== "ORDER_TRADE_UPDATE" || upcomingSteps.has(stepOf(event) ?? "")) return false;
  const newest = upcomingOrders.get(orderKey(event.o.s, event.o.i));
  return newest !== undefined && event.T <= newest;
}

function* orderEvents(survey: Survey, ledger: Ledger, terms: NewsTerms): Generator<Placed> {
  const { since, isFirst = false } = terms;
  for (const row of survey.orders.values()) yield* lifeOf(row, ledger, terms);
  for (const [symbol, trades] of survey.trades) {
    const filled = filledAfter(trades, survey.orders);
    for (const trade of trades) {
      if (ledger.told.hasStep(fillStep(symbol, trade.orderId, trade.id)) || trade.time < since) continue;
      if (isFirst && !filled.has(trade)) continue;
      const order = survey.orders.get(orderKey(symbol, trade.orderId));
      yield { event: repaired.fill(trade, order, filled.get(trade)), rank: RANK.filled };
    }
  }
}

/** Everything of an order but its fills. */
function* lifeOf(row: OrderRow, ledger: Ledger, { since, isLast = false }: NewsTerms): Generator<Placed> {
  const known = ledger.order(row.symbol, row.orderId);
  const isNew = (event: RepairedEvent) => !ledger.told.hasStep(stepOf(event) ?? "");
  // Known or not: a later step may have been told, and this one swallowed.
  if (row.time >= since) {
    const event = repaired.placed(row);
    if (isNew(event)) yield { event, rank: RANK.placed };
  }
  if (known !== undefined && isEnded(known.status)) return;
  // What was told last: the mirror may know more, or what it knew before something came early.
  const terms = ledger.told.termsOf(row.symbol, row.orderId) ?? known;
  if (terms !== undefined && row.updateTime > terms.at && isOther(row, terms)) {
    const isDue = isLast && hasMoreThanTerms(row, known);
    yield { event: repaired.amended(row), rank: RANK.amended, isDue };
  }
  const event = row.updateTime >= since ? repaired.ended(row) : undefined;
  if (event !== undefined && isNew(event)) yield { event, rank: RANK.ended };
}

/** Was it filled further, or did it end? Then it is dated by that. */
function hasMoreThanTerms(row: OrderRow, known: Order | undefined): boolean {
  return repaired.ended(row) !== undefined || compareAmounts(row.executedQty, known?.executed ?? ZERO) > 0;
}

function isOther(row: OrderRow, known: { readonly price: Decimal; readonly quantity: Decimal }): boolean {
  return !isSameAmount(row.price, known.price) || !isSameAmount(row.origQty, known.quantity);
}

/** Fill → what of its order was filled with it, counted back from what is filled by now. */
function filledAfter(
  trades: readonly UserTrade[],
  orders: ReadonlyMap<string, OrderRow>,
): ReadonlyMap<UserTrade, Fixed> {
  const left = new Map<Id64, Fixed>();
  const filled = new Map<UserTrade, Fixed>();
  for (const trade of [...trades].reverse()) {
    const order = orders.get(orderKey(trade.symbol, trade.orderId));
    // An order row that is older than a fill of it would count wrong.
    if (order === undefined || order.updateTime < trade.time) continue;
    const after = left.get(trade.orderId) ?? fixed(order.executedQty);
    filled.set(trade, after);
    left.set(trade.orderId, after - fixed(trade.qty));
  }
  return filled;
}

function* conditionalEvents(survey: Survey, ledger: Ledger, terms: NewsTerms): Generator<Placed> {
  const { since, until, promisedSince = 0 } = terms;
  for (const row of survey.conditionals.values()) {
    const known = ledger.conditional(row.algoId);
    const isNews = row.updateTime >= promisedSince && ledger.isUntoldConditional(row.algoId);
    const isOld = row.createTime < since && !isNews;
    if (known === undefined ? isOld : known.status === row.algoStatus) continue;
    if (known !== undefined && isPast(row.algoStatus, known.status)) continue;
    // Where it stands is not told yet. That it was placed before cannot wait for that.
    const isEarly = known === undefined && row.createTime <= until && row.updateTime > until;
    const event = isEarly ? repaired.conditionalPlaced(row) : repaired.conditional(row);
    if (!ledger.told.hasStep(stepOf(event) ?? "")) yield { event, rank: RANK.conditional };
  }
}

/** An answer may be older than what the stream told while it was asked for. */
function isPast(shown: ConditionalOrder["status"], known: ConditionalOrder["status"]): boolean {
  return isConditionalEnded(known) || conditionalStep(shown) < conditionalStep(known);
}

function* bookings(survey: Survey, ledger: Ledger, terms: NewsTerms): Generator<Placed> {
  for (const { row, wallet } of bookingNews(survey, ledger, terms).missed) {
    yield { event: repaired.booked(row), wallet, rank: RANK.booked };
  }
}

const NOTHING_YOUNG: IsYoung = () => false;

/**
 * One event for all balances and positions that stand elsewhere than was told, dated by the newest of them. A row
 * without a newer date than was told is believed as settings are: REST may date a position by its last fill.
 */
function* standingRows(survey: Survey, ledger: Ledger, terms: NewsTerms): Generator<Placed> {
  const { until, undatedBefore, undatedAt = until, isYoung = NOTHING_YOUNG } = terms;
  const dates: number[] = [];
  const isDue = (key: string, updateTime: TransactMs, knownAt = 0) => {
    if (ledger.upcoming.has(key) || updateTime > until) return false;
    if (updateTime <= knownAt && (knownAt >= undatedBefore || isYoung(key))) return false;
    dates.push(updateTime === 0 || updateTime < knownAt ? Math.max(undatedAt, knownAt + 1) : updateTime);
    return true;
  };
  const balances = survey.balances.filter((row) => {
    const known = ledger.balance(row.asset);
    if (known === undefined && isZero(row.balance)) return false;
    const isOtherNow =
      known === undefined ||
      !isSameAmount(row.balance, known.wallet) ||
      !isSameAmount(row.crossWalletBalance, known.crossWallet);
    return isOtherNow && isDue(row.asset, row.updateTime, known?.at);
  });
  const types = new Map(survey.symbols.map(({ symbol, marginType }) => [symbol, marginType]));
  const positions = survey.positions.filter((row) => {
    const known = ledger.position(row.symbol, row.positionSide);
    if (known === undefined && isZero(row.positionAmt)) return false;
    const isOtherNow =
      known === undefined ||
      !isSameAmount(row.positionAmt, known.amount) ||
      !isSameAmount(row.isolatedWallet, known.isolatedWallet) ||
      (row.updateTime > known.at && !isSamePrice(row.entryPrice, known.entryPrice));
    return isOtherNow && isDue(positionKey(row.symbol, row.positionSide), row.updateTime, known?.at);
  });
  const flat = [...flattened(survey, ledger, isDue)];
  if (dates.length === 0) return;
  const rows = [...positions.map((row) => repaired.positionRow(row, types.get(row.symbol))), ...flat];
  const newest = Math.max(...dates) as TransactMs;
  yield { event: repaired.standing(newest, balances.map(repaired.balanceRow), rows), rank: RANK.standing };
}

/** Averages of fills are rounded by the stream and by REST, not always alike: no earlier than here. *Assumed.* */
const ROUNDED_PLACES = 4;

/** Is it one average price? The last place that either shows may have been rounded. */
function isSamePrice(a: Decimal, b: Decimal): boolean {
  return isSameRounded(a, b, ROUNDED_PLACES);
}

/** Positions that were open and are not listed: flat (documented), since a fill that makes them so, if there is one. */
function* flattened(
  { positions, trades }: Survey,
  ledger: Ledger,
  isDue: (key: string, updateTime: TransactMs, knownAt: number) => boolean,
): Generator<repaired.RepairedPositionUpdate> {
  const listed = new Set(positions.map((row) => positionKey(row.symbol, row.positionSide)));
  for (const position of ledger.positions) {
    const { symbol, side, amount, at } = position;
    const key = positionKey(symbol, side);
    if (isZero(amount) || listed.has(key)) continue;
    if (!isDue(key, filledUp(position, trades.get(symbol) ?? [], ledger) ?? UNDATED, at)) continue;
    yield { s: symbol, ps: side, pa: ZERO, ep: ZERO, iw: ZERO, up: ZERO, bep: ZERO };
  }
}

/** When fills that nobody told have closed the position; `undefined`: they have not, or not all are known. */
function filledUp(
  { symbol, side, amount }: Position,
  trades: readonly UserTrade[],
  { told }: Ledger,
): TransactMs | undefined {
  const missed = trades.filter(
    ({ id, orderId, positionSide }) => positionSide === side && !told.hasStep(fillStep(symbol, orderId, id)),
  );
  const signed = missed.map((trade) => (trade.side === "BUY" ? fixed(trade.qty) : -fixed(trade.qty)));
  return signed.reduce((sum, qty) => sum + qty, fixed(amount)) === 0n ? missed.at(-1)?.time : undefined;
}

const ZERO = "0" as Decimal;
const UNDATED = 0 as TransactMs;

function* settings({ config, symbols, positions }: Survey, ledger: Ledger, terms: NewsTerms): Generator<Placed> {
  const isOther = <T>(known: Setting<T> | undefined, value: T) =>
    known !== undefined && known.value !== value && known.at < terms.undatedBefore;
  const held = new Set(positions.filter((row) => !isZero(row.positionAmt)).map((row) => row.symbol));
  for (const { symbol, leverage, marginType } of symbols) {
    if (isOther(ledger.leverageOf(symbol), leverage) && !ledger.upcoming.has(settingKey("leverage", symbol))) {
      yield { event: repaired.leverageChanged(symbol, leverage), rank: RANK.set };
    }
    const type = marginType === "ISOLATED" ? "isolated" : "cross";
    const isUpcoming = ledger.upcoming.has(settingKey("margin-type", symbol));
    if (isOther(ledger.marginTypeOf(symbol), type) && !held.has(symbol) && !isUpcoming) {
      yield { event: repaired.marginTypeChanged(symbol, type), rank: RANK.set };
    }
  }
  const isModeUpcoming = ledger.upcoming.has(settingKey("multi-assets-mode"));
  if (isOther(ledger.multiAssetsMode, config.multiAssetsMargin) && !isModeUpcoming) {
    yield { event: repaired.multiAssetsChanged(config.multiAssetsMargin), rank: RANK.set };
  }
}

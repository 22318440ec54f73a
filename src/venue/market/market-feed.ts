/**
 * What a market has made public: trades one by one and summed, candles, settled funding. Bounded; read by REST and by
 * the market streams. Pure.
 *
 * A summed trade takes in the fills of one price and one taking side within 100 ms (documented), counted from its first
 * one (*assumed*: nobody says whether from there or by the clock).
 */
import type { Fixed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { FUNDING_PAGE, TRADES_PAGE } from "../../protocol/limits.ts";
import { Retained } from "../exchange/retained.ts";
import { absorb, type Candle, Candles } from "./candles.ts";

/** Single trades kept for each symbol: as many as one call can ask for. */
const TRADES_KEPT_MAX = TRADES_PAGE.max;

/** Summed trades kept for each symbol. */
const AGGREGATES_KEPT_MAX = 10_000;

/** Settlements of funding kept for each symbol: eleven months of them. */
const SETTLEMENTS_KEPT_MAX = FUNDING_PAGE.max;

/** How long a summed trade takes fills in. Documented. */
export const AGGREGATION_MS = 100;

/** How the last 24 hours are told: whole minutes, the open one included. */
const DAY_MS = 24 * 3_600_000;

/** One fill, or several of a tape that are told as one, as everybody sees it. */
export interface PublicTrade {
  readonly firstId: bigint;
  readonly lastId: bigint;
  readonly price: Fixed;
  readonly quantity: Fixed;
  readonly time: TransactMs;
  readonly isBuyerMaker: boolean;
}

/** Fills of one price and one taking side. */
export interface AggregateTrade {
  /** Counts up by one within the symbol. */
  readonly id: bigint;
  readonly price: Fixed;
  quantity: Fixed;
  readonly firstId: bigint;
  lastId: bigint;
  /** When the first of them happened. */
  readonly since: TransactMs;
  /** When the last of them happened. */
  time: TransactMs;
  readonly isBuyerMaker: boolean;
}

/** One settlement of funding. */
export interface FundingSettlement {
  readonly time: TransactMs;
  /** Fraction of the notional. */
  readonly rate: Fixed;
  readonly markPrice: Fixed;
}

/** The last 24 hours. */
export interface DayView extends Candle {
  /** Quantity of the last trade; 0 when there was none. */
  readonly lastQuantity: Fixed;
}

/** What one market has made public. */
export class MarketFeed {
  readonly candles: Candles;
  readonly trades = new Retained<PublicTrade>(TRADES_KEPT_MAX);
  readonly aggregates = new Retained<AggregateTrade>(AGGREGATES_KEPT_MAX);
  readonly settlements = new Retained<FundingSettlement>(SETTLEMENTS_KEPT_MAX);
  #nextAggregateId: bigint;
  #last: AggregateTrade | undefined;

  /** @param firstAggregateId where the ids of summed trades begin */
  constructor(firstAggregateId: bigint, price: Fixed, now: TransactMs) {
    this.#nextAggregateId = firstAggregateId;
    this.candles = new Candles(price, now);
  }

  /** The id the next summed trade will have. */
  get nextAggregateId(): bigint {
    return this.#nextAggregateId;
  }

  /** Takes a trade in; ids and times never go back. */
  add(trade: PublicTrade): void {
    this.candles.add(trade);
    this.trades.push(trade);
    const last = this.#last;
    const { price, quantity, firstId, lastId, time, isBuyerMaker } = trade;
    if (last !== undefined && continues(last, trade)) {
      last.quantity += quantity;
      last.lastId = lastId;
      last.time = time;
      return;
    }
    const id = this.#nextAggregateId++;
    this.#last = { id, price, quantity, firstId, lastId, since: time, time, isBuyerMaker };
    this.aggregates.push(this.#last);
  }

  /** Will no more be added to this summed trade, whatever comes? */
  isFinished(aggregate: AggregateTrade, now: TransactMs): boolean {
    return aggregate !== this.#last || now >= aggregate.since + AGGREGATION_MS;
  }

  /** The last 24 hours at `now`, in steps of a minute (*assumed*: the real window slides). */
  day(now: TransactMs): DayView {
    const [first, ...others] = this.candles.since("1m", now - DAY_MS, now);
    const whole = { ...(first as Candle) };
    for (const candle of others) absorb(whole, candle);
    const lastTrade = this.trades.at(this.trades.count - 1);
    return { ...whole, end: now, lastQuantity: lastTrade?.quantity ?? 0n };
  }
}

function continues(last: AggregateTrade, { price, time, isBuyerMaker }: PublicTrade): boolean {
  return last.price === price && last.isBuyerMaker === isBuyerMaker && time < last.since + AGGREGATION_MS;
}

/**
 * A recorded tape: aggregate trades as Binance publishes them by the day and month, one a line, oldest first.
 *
 *     agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker
 *     2931000001,86012.3,0.052,6412000001,6412000003,1782864000123,true
 *
 * With or without that header (both are published). Lines are pulled one at a time, so that a tape may be far longer
 * than memory. Pure: who reads the file stands in `io/tape-file.ts`.
 */
import { type Fixed, fixed, isDecimal } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";

/** Where the lines of a tape come from. */
export interface TapeLines {
  /** What it is called in errors: the name of the file. */
  readonly name: string;
  /** The lines without their ends, oldest first; nothing more than one line is asked for ahead. */
  readonly lines: Iterator<string>;
}

/** One aggregate trade of a tape. */
export interface TapeTrade {
  readonly price: Fixed;
  readonly quantity: Fixed;
  /** Trades it sums up. */
  readonly count: number;
  /** When the last of them happened, in the time of the recording. */
  readonly at: number;
  readonly isBuyerMaker: boolean;
}

const COLUMNS = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker";
const REMEDY = `A tape has lines of ${COLUMNS}, as data.binance.vision offers them for USDⓈ-M futures.`;

/** More trades than one line can sum up are a damaged line. */
const COUNT_MAX = 1_000_000n;

/** Reads a tape line by line. Times never go back. */
export class Tape {
  readonly name: string;
  readonly #lines: Iterator<string>;
  #lineNumber = 0;
  #next: TapeTrade | undefined;

  /** @throws {UsageError} when there is no trade in it, or its first one is malformed */
  constructor({ name, lines }: TapeLines) {
    this.name = name;
    this.#lines = lines;
    this.#next = this.#read(0);
    if (this.#next === undefined) throw new UsageError(name, "at least one trade", "none", REMEDY);
  }

  /** The next trade, without taking it; `undefined` at the end. */
  get next(): TapeTrade | undefined {
    return this.#next;
  }

  /**
   * Takes the next trade if it happened at or before `at`.
   * @throws {UsageError} naming the line, when the line after it is malformed
   */
  takeUntil(at: number): TapeTrade | undefined {
    const trade = this.#next;
    if (trade === undefined || trade.at > at) return undefined;
    this.#next = this.#read(trade.at);
    return trade;
  }

  #read(notBefore: number): TapeTrade | undefined {
    for (;;) {
      const { done, value } = this.#lines.next();
      if (done === true) return undefined;
      this.#lineNumber++;
      const line = value.trim();
      if (line === "" || (this.#lineNumber === 1 && line.startsWith("agg_trade_id"))) continue;
      return readTrade(line, `${this.name}:${this.#lineNumber}`, notBefore);
    }
  }
}

function readTrade(line: string, where: string, notBefore: number): TapeTrade {
  const fields = line.split(",");
  const fail = (expected: string, found: unknown) => new UsageError(where, expected, found, REMEDY);
  if (fields.length !== 7) throw fail("7 fields", fields.length);
  const [, price = "", quantity = "", first = "", last = "", time = "", maker = ""] = fields;
  if (!isAmount(price)) throw fail("a positive price", price);
  if (!isAmount(quantity)) throw fail("a positive quantity", quantity);
  if (!/^\d{1,18}$/.test(first) || !/^\d{1,18}$/.test(last)) throw fail("trade ids", `${first},${last}`);
  const count = BigInt(last) - BigInt(first) + 1n;
  if (count < 1n || count > COUNT_MAX) throw fail("first and last trade id in order", `${first},${last}`);
  if (!/^\d{13}$/.test(time)) throw fail("a time in milliseconds", time);
  if (Number(time) < notBefore) throw fail(`a time not before ${notBefore}`, time);
  if (!/^(true|false)$/i.test(maker)) throw fail("true or false", maker);
  return {
    price: fixed(price),
    quantity: fixed(quantity),
    count: Number(count),
    at: Number(time),
    isBuyerMaker: maker.toLowerCase() === "true",
  };
}

/** Is it a positive decimal that money can hold? */
function isAmount(text: string): boolean {
  return isDecimal(text) && /^\d{1,12}(\.\d{1,8}0*)?$/.test(text) && /[1-9]/.test(text);
}

/** What a survey could not have, in words, and why. Pure. */
import { ListenkeyError, RateLimited } from "../kernel/errors.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { Span } from "./account-reads.ts";
import type { Pages } from "./pages.ts";

/** Fills and income are kept for three months (documented: sheet 11.2, 11.3); a day less, for clocks and calendars. */
const HISTORY_MS = 89 * 86_400_000;
/** Orders that were cancelled or expired without a fill are kept so long (documented: sheet 11.3). */
export const UNFILLED_MS = 3 * 86_400_000;
/** Holes that one survey names. Over it they are counted. */
const NAMED_MAX = 100;

/** Collects holes. */
export class Holes {
  readonly #words: string[] = [];
  #more = 0;

  /** In words, in the order in which they were found. */
  get words(): readonly string[] {
    return this.#more === 0 ? this.#words : [...this.#words, `and ${this.#more} more`];
  }

  /** Something cannot be had. */
  add(what: string): void {
    if (this.#words.length < NAMED_MAX) this.#words.push(what);
    else this.#more++;
  }

  /** The rows of pages; what they lack is a hole. */
  rowsOf<Row>({ rows, holes }: Pages<Row>): readonly Row[] {
    for (const hole of holes) this.add(hole);
    return rows;
  }

  /** What of a span the exchange still keeps; the rest is a hole. */
  kept({ startTime, endTime }: Span): Span {
    const oldest = (endTime - HISTORY_MS) as TransactMs;
    if (startTime < oldest) this.add(`everything before ${oldest}: the exchange keeps no more than three months`);
    if (startTime < endTime - UNFILLED_MS) {
      this.add(`orders that others placed and that ended unfilled before ${endTime - UNFILLED_MS}: they are not kept`);
    }
    return { startTime: startTime < oldest ? oldest : startTime, endTime };
  }

  /**
   * Asks; what is refused for good is a hole, and so is an answer that cannot be read.
   * @throws what says that nothing can be asked at all
   */
  async unlessRefused<T>(what: string, asks: () => Promise<T>): Promise<T | undefined> {
    try {
      return await asks();
    } catch (error) {
      const isRefusal = error instanceof ListenkeyError && error.origin === "venue" && !(error instanceof RateLimited);
      if (!isRefusal) throw error;
      this.add(`${what}: ${error.message}`);
      return undefined;
    }
  }
}

/**
 * Which rows of `income` were told, and which were missed? Income rows and `ACCOUNT_UPDATE`s share no id, and equal
 * amounts may follow each other quickly: a row is never taken for told because some event is near it. Pure.
 *
 * Rules kept here
 * - One event stands for one row, one row for one event.
 * - An event says what stood in the wallet after it, and rows add up: all of them agree on what stood in the wallet
 * before the first row (here: the *base*). The base that explains most is taken, first of all the one that the
 * balance of the same answer gives. What stood in the wallet after a row then says whose row it is.
 * - What repair told bears the date of its row. So does, without a base, an event of the stream.
 * - An event whose row must be listed and that found none by these stands for the next free row like it: by count.
 * Where several rows are like it, its own may be another one that the list lacks: then that row is *doubtful* too.
 * - One whose row may not be listed yet stands for none. Where nothing proves that it has no row here, what is left
 * is doubtful: not told, and a hole.
 */
import { type Fixed, fixed } from "../kernel/decimal.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { Balance } from "../protocol/rest/account.ts";
import type { Income } from "../protocol/rest/income.ts";
import { BOOKING_SLACK_MS, type Booking, bookingName, type ToldBookings } from "./bookings.ts";
import { isOfFills } from "./repaired-events.ts";

/** What is compared. All times by the exchange's clock. */
export interface BookingTerms {
  /** Rows are listed from here on. */
  readonly listedSince: TransactMs;
  /** All rows dated up to here are listed; of later ones the newest may be lacking. */
  readonly listedUntil: TransactMs;
  /** Earlier rows were told, or promised to nobody: they help to pair the others. */
  readonly since: TransactMs;
  /** Later rows are not asked about. */
  readonly until: TransactMs;
}

/** A row that nobody told. */
export interface MissedBooking {
  readonly row: Income;
  /** What stood in the wallet after it; `undefined` when that is not known. */
  readonly wallet: Fixed | undefined;
}

/** What the comparison shows. */
export interface BookingNews {
  /** Oldest first. */
  readonly missed: readonly MissedBooking[];
  /** It cannot be known whether so many rows like these were told. */
  readonly doubtful: readonly Income[];
}

/** Compares the rows of an answer, oldest first, and its balances with what was told. */
export function compareBookings(
  rows: readonly Income[],
  balances: readonly Balance[],
  told: ToldBookings,
  terms: BookingTerms,
): BookingNews {
  const byAsset = new Map<string, Income[]>();
  for (const row of rows) {
    const group = byAsset.get(row.asset);
    if (group === undefined) byAsset.set(row.asset, [row]);
    else group.push(row);
  }
  // A list lacks its newest rows, if any.
  const listedUntil = Math.max(terms.listedUntil, rows.at(-1)?.time ?? 0) as TransactMs;
  const news = [...byAsset].map(([asset, group]) => {
    const events = told.of(asset, terms.listedSince - BOOKING_SLACK_MS);
    const balance = balances.find((one) => one.asset === asset);
    return new WalletPages(group, events, balance, { ...terms, listedUntil }).news();
  });
  const missed = news.flatMap((one) => one.missed).sort((a, b) => a.row.time - b.row.time);
  return { missed, doubtful: news.flatMap((one) => one.doubtful) };
}

/** Bases that are looked at closely. */
const BASES_MAX = 16;
/** Events of which every row that is near names a base. */
const SAMPLE_MAX = 64;

interface Row {
  readonly income: Income;
  /** `undefined`: a fill tells it. */
  readonly name: string | undefined;
  /** Of all rows up to this one. */
  readonly sum: Fixed;
}

/** A base, and what it explains; without one, what events without any row explain. */
interface Explained {
  readonly base: Fixed | undefined;
  /** Event → its row. */
  readonly pairs: ReadonlyMap<Booking, Row>;
  /** Events without a row that must have one. */
  readonly unexplained: number;
  /** Pairs of one date. */
  readonly exact: number;
  /** Pairs that say nothing of the base: other rows bear the row's date, and nobody knows which was first. */
  readonly crowded: number;
  /** How far the dates of pairs lie apart, in all. */
  readonly apartMs: number;
}

/** The rows of one asset, and what was told of it. */
class WalletPages {
  readonly #rows: readonly Row[];
  readonly #told: readonly Booking[];
  readonly #terms: BookingTerms;
  /** What the answer's own balance says. */
  readonly #balanceBase: Fixed | undefined;
  /** Is it after one row for sure? Of several that bear one date the balance may be after any. */
  readonly #isBalanceAfterOne: boolean;
  /** Rows that are taken, and events that have theirs. */
  readonly #taken = new Set<Row>();
  readonly #settled = new Set<Booking>();
  /** How many rows bear a date. */
  readonly #countAt = new Map<TransactMs, number>();
  readonly #byName: ReadonlyMap<string, readonly Row[]>;
  readonly #bySum: ReadonlyMap<string, readonly Row[]>;

  constructor(rows: readonly Income[], told: readonly Booking[], balance: Balance | undefined, terms: BookingTerms) {
    let sum: Fixed = 0n;
    this.#rows = rows.map((income) => {
      sum += fixed(income.income);
      return { income, name: isOfFills(income) ? undefined : bookingName(income.asset, income.income), sum };
    });
    for (const { time } of rows) this.#countAt.set(time, (this.#countAt.get(time) ?? 0) + 1);
    this.#told = told;
    this.#terms = terms;
    this.#byName = grouped(this.#rows, ({ name }) => name);
    this.#bySum = grouped(this.#rows, ({ name, sum: after }) => (name === undefined ? name : `${name}|${after}`));
    const last = this.#rows.findLast(({ income }) => income.time === balance?.updateTime);
    this.#isBalanceAfterOne = last !== undefined && this.#countAt.get(last.income.time) === 1;
    this.#balanceBase = balance === undefined || last === undefined ? undefined : fixed(balance.balance) - last.sum;
  }

  news(): BookingNews {
    this.#pairByDate(this.#told.filter(({ wallet }) => wallet === undefined));
    const all = [...this.#bases(), undefined].flatMap((base) => [
      this.#explain(base, true),
      this.#explain(base, false),
    ]);
    const best = all.reduce((one, other) => (this.#compare(one, other) <= 0 ? one : other));
    const { base, pairs } = best;
    for (const [event, row] of pairs) this.#settle(event, row);
    // Dates that agree by chance give fewer events a row than the base that is right.
    const isRivalled = all.some((one) => one.unexplained === best.unexplained && one.pairs.size > pairs.size);
    const isDated = best.exact === pairs.size && pairs.size > best.crowded && !isRivalled;
    const isSure = base !== undefined && (base === this.#balanceBase || isDated);
    this.#pairByDate(this.#told);
    const counted = this.#pairByCount(this.#lastPaired(pairs));
    const doubtful = [...new Set([...counted, ...(isSure ? [] : this.#doubtful(best, all))])];
    const withheld = new Set(doubtful);
    const missed = this.#free().filter((row) => !withheld.has(row));
    const walletAfter = ({ sum }: Row) => (isSure ? base + sum : undefined);
    return {
      missed: missed.map((row) => ({ row: row.income, wallet: walletAfter(row) })),
      doubtful: doubtful.map(({ income }) => income),
    };
  }

  /** What is asked about and has no event. */
  #free(pairs?: ReadonlyMap<Booking, Row>): Row[] {
    const taken = pairs === undefined ? this.#taken : new Set(pairs.values());
    return this.#rows.filter((row) => !taken.has(row) && this.#isAskedAbout(row));
  }

  #isAskedAbout({ name, income }: Row): boolean {
    return name !== undefined && income.time >= this.#terms.since && income.time <= this.#terms.until;
  }

  #settle(event: Booking, row: Row): void {
    this.#settled.add(event);
    this.#taken.add(row);
  }

  #pairByDate(events: readonly Booking[]): void {
    for (const event of events) {
      if (this.#settled.has(event)) continue;
      const row = this.#near(event).find(({ income }) => income.time === event.at);
      if (row !== undefined) this.#settle(event, row);
    }
  }

  /** In the order of time: the first event takes the first row. @returns rows asked about that were one of several */
  #pairByCount(lastPaired: Booking | undefined): Row[] {
    const doubtful: Row[] = [];
    for (const event of this.#told) {
      if (this.#settled.has(event) || !this.#mustBeListed(event, lastPaired)) continue;
      const [row, other] = this.#near(event);
      if (row === undefined) continue;
      this.#settle(event, row);
      if (other !== undefined && this.#isAskedAbout(row)) doubtful.push(row);
    }
    return doubtful;
  }

  /** Rows like it that are not taken. */
  #near({ name, at }: Booking): Row[] {
    const rows = this.#byName.get(name) ?? [];
    const near: Row[] = [];
    for (let i = firstSince(rows, at - BOOKING_SLACK_MS); i < rows.length; i++) {
      const row = rows[i] as Row;
      if (row.income.time > at + BOOKING_SLACK_MS) break;
      if (!this.#taken.has(row)) near.push(row);
    }
    return near;
  }

  /** Rows are lacking at the ends of the list only: not where a later event has its row. */
  #mustBeListed(event: Booking, lastPaired: Booking | undefined): boolean {
    const { listedSince, listedUntil } = this.#terms;
    if (event.at < listedSince + BOOKING_SLACK_MS) return false;
    const isBefore = lastPaired !== undefined && event.at < lastPaired.at;
    return isBefore || event.at <= listedUntil - BOOKING_SLACK_MS;
  }

  #lastPaired(pairs: ReadonlyMap<Booking, Row>): Booking | undefined {
    return this.#told.findLast((event) => pairs.has(event));
  }

  /** Bases worth a look: the balance's, those of most events that are dated as their row, those of most events. */
  #bases(): Fixed[] {
    const votes = new Map<Fixed, { exact: number; near: number }>();
    const vote = (base: Fixed, isExact: boolean) => {
      const count = votes.get(base) ?? { exact: 0, near: 0 };
      votes.set(base, count);
      if (isExact) count.exact++;
      else count.near++;
    };
    const open = this.#told.filter((event) => event.wallet !== undefined && !this.#settled.has(event));
    const step = Math.ceil(open.length / SAMPLE_MAX);
    for (const [i, event] of open.entries()) {
      const isSampled = i % step === 0 || i === open.length - 1;
      for (const { income, sum } of this.#near(event)) {
        const isExact = income.time === event.at;
        if (isExact || isSampled) vote((event.wallet as Fixed) - sum, isExact);
      }
    }
    const byExact = [...votes].filter(([, { exact }]) => exact > 0).sort(([, a], [, b]) => b.exact - a.exact);
    const byNear = [...votes].sort(([, a], [, b]) => b.near - a.near);
    const best = [...byExact.slice(0, BASES_MAX), ...byNear.slice(0, BASES_MAX)].map(([base]) => base);
    return [...new Set(this.#balanceBase === undefined ? best : [this.#balanceBase, ...best])];
  }

  /** The same may stand in the wallet twice: then rows go by date, or in the order of time. */
  #explain(base: Fixed | undefined, isByDate: boolean): Explained {
    const pairs = new Map<Booking, Row>();
    const used = new Set<Row>(this.#taken);
    let [exact, apartMs] = [0, 0];
    for (const event of this.#told) {
      if (event.wallet === undefined || base === undefined) continue;
      const rows = this.#bySum.get(`${event.name}|${event.wallet - base}`) ?? [];
      const free = rows.filter((one) => !used.has(one) && isLike(event, one));
      const row = (isByDate ? free.find(({ income }) => income.time === event.at) : undefined) ?? free[0];
      if (row === undefined) continue;
      used.add(row);
      pairs.set(event, row);
      if (row.income.time === event.at) exact++;
      apartMs += Math.abs(row.income.time - event.at);
    }
    const crowded = base === undefined ? [] : this.#pairCrowded(pairs, used);
    const dated = crowded.filter(([event, row]) => row.income.time === event.at);
    const last = this.#lastPaired(pairs);
    const lacking = this.#told.filter(
      (event) => !pairs.has(event) && !this.#settled.has(event) && this.#mustBeListed(event, last),
    );
    const unexplained = lacking.length;
    return { base, pairs, unexplained, exact: exact + dated.length, crowded: crowded.length, apartMs };
  }

  /**
   * Rows of one millisecond are listed in any order: what stood in the wallet between them, their sums do not say. An
   * event that they leave alone stands for the nearest such row like it.
   */
  #pairCrowded(pairs: Map<Booking, Row>, used: Set<Row>): readonly (readonly [Booking, Row])[] {
    const found: (readonly [Booking, Row])[] = [];
    for (const event of this.#told) {
      if (event.wallet === undefined || pairs.has(event) || this.#settled.has(event)) continue;
      const row = this.#nearestCrowded(event, used);
      if (row === undefined) continue;
      used.add(row);
      pairs.set(event, row);
      found.push([event, row]);
    }
    return found;
  }

  #nearestCrowded(event: Booking, used: ReadonlySet<Row>): Row | undefined {
    const apart = (row: Row) => Math.abs(row.income.time - event.at);
    const rows = this.#near(event).filter((row) => !used.has(row) && (this.#countAt.get(row.income.time) ?? 0) > 1);
    return rows.reduce<Row | undefined>((one, row) => (one && apart(one) <= apart(row) ? one : row), undefined);
  }

  #compare(a: Explained, b: Explained): number {
    const isOfBalance = ({ base }: Explained) => (base !== undefined && base === this.#balanceBase ? 1 : 0);
    return (
      a.unexplained - b.unexplained ||
      isOfBalance(b) - isOfBalance(a) ||
      b.exact - a.exact ||
      b.pairs.size - a.pairs.size ||
      a.apartMs - b.apartMs
    );
  }

  /** Rows of which it is not sure that nobody told them, and as many as another base would leave more. */
  #doubtful(best: Explained, all: readonly Explained[]): Row[] {
    const doubtful = this.#claimed(best);
    const free = this.#free(best.pairs);
    // What the balance says is never passed over in silence.
    const isOfBalance = ({ base }: Explained) =>
      this.#isBalanceAfterOne && base !== undefined && base === this.#balanceBase;
    const isRival = (one: Explained) => one.unexplained === best.unexplained || isOfBalance(one);
    const rivals = all.filter(isRival);
    const others = rivals.map(({ pairs }) => this.#free(pairs)).sort((a, b) => a.length - b.length);
    const fewer = free.length - (others[0] ?? free).length;
    const most = others.at(-1) ?? free;
    const more = most.filter((row) => !free.includes(row)).slice(0, most.length - free.length);
    const left = this.#free().filter((row) => !doubtful.includes(row));
    return [...doubtful, ...left.slice(Math.max(0, left.length - fewer)), ...more];
  }

  /** Free rows that an event may claim whose own row need not be listed. */
  #claimed({ pairs }: Explained): Row[] {
    const lastRow = [...pairs.values()].reduce((last, row) => Math.max(last, row.income.time), 0);
    const free = this.#free().filter(({ income }) => income.time > lastRow);
    const claimed: Row[] = [];
    for (const event of this.#told) {
      if (this.#settled.has(event) || event.wallet === undefined) continue;
      const row = free.find((one) => !claimed.includes(one) && isLike(event, one));
      if (row !== undefined) claimed.push(row);
    }
    return claimed;
  }
}

function isLike({ name, at }: Booking, row: Row): boolean {
  return row.name === name && Math.abs(row.income.time - at) <= BOOKING_SLACK_MS;
}

function grouped(rows: readonly Row[], keyOf: (row: Row) => string | undefined): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** The place of the first row that is dated so or later; all rows are oldest first. */
function firstSince(rows: readonly Row[], at: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as Row).income.time < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

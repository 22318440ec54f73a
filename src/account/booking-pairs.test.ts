import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { amount, bookingEvent, ms, walletRow } from "../../test/account-news.ts";
import { incomeRow } from "../../test/follower-world.ts";
import type { Income } from "../protocol/rest/income.ts";
import { type BookingTerms, compareBookings } from "./booking-pairs.ts";
import { BOOKING_SLACK_MS, bookingsOf, ToldBookings } from "./bookings.ts";

/** A change of the wallet: when, by how much; and when the event of it is dated, if it was told. */
interface Change {
  readonly at: number;
  readonly by: number;
  readonly toldAt?: number | undefined;
}

const START = 1000;

/** The rows of these changes, and what was told of them. */
function book(changes: readonly Change[]) {
  const told = new ToldBookings();
  const rows: Income[] = [];
  let wallet = START;
  for (const { at, by, toldAt } of changes) {
    wallet += by;
    rows.push(incomeRow(at, { income: amount(String(by)) }));
    if (toldAt === undefined) continue;
    for (const booking of bookingsOf(bookingEvent(toldAt, String(by), String(wallet)))) told.note(booking);
  }
  return { told, rows };
}

/** The balance as it was after these rows. */
function balanceAfter(rows: readonly Income[]) {
  const last = rows.at(-1);
  const wallet = rows.reduce((sum, { income }) => sum + Number(income), START);
  return last === undefined ? [] : [walletRow(last.time, "USDT", String(wallet))];
}

const ALL: BookingTerms = { listedSince: ms(-1e6), listedUntil: ms(1e9), since: ms(0), until: ms(1e9) };
const [FROM, TO] = [100_000, 130_000];
const TERMS: BookingTerms = { listedSince: ms(FROM - 30_000), listedUntil: ms(TO), since: ms(FROM), until: ms(TO) };

const [told, missed] = [
  (at: number, by = 5, toldAt = at): Change => ({ at, by, toldAt }),
  (at: number, by = 5): Change => ({ at, by }),
];

for (const [rule, changes, terms, found] of [
  ["nothing was told", [missed(0)], ALL, [0]],
  ["one was told, of another date", [told(0, 5, 3)], ALL, []],
  ["another amount was told", [told(0, 6), missed(1)], ALL, [1]],
  ["two happened, and the second was told", [missed(0), told(10_000, 5, 9000)], ALL, [0]],
  ["the one between", [told(0), missed(20), told(40)], ALL, [20]],
  ["equal ones of one millisecond", [told(7), missed(7), told(7)], ALL, [7]],
  ["to and fro", [told(0), told(1, -5), missed(2), missed(3, -5), told(4)], ALL, [2, 3]],
  ["what was told before the time in question stands for nothing in it", [told(FROM - 1), missed(FROM)], TERMS, [FROM]],
  ["what was told to nobody before it is no news", [missed(FROM - 1), told(FROM)], TERMS, []],
] as const) {
  test(`what was not told of bookings: ${rule}`, () => {
    const { rows, told } = book(changes);
    const news = compareBookings(rows, [], told, terms);
    assert.deepEqual([news.missed.map(({ row }) => row.time), news.doubtful], [found, []]);
  });
}

test("an event whose row is not listed yet stands for no other one when the balance shows it, or the dates", () => {
  for (const [later, isBalanceShown, doubtful] of [
    [told(TO + 2), true, 0],
    [told(TO + 2), false, 0],
    [told(TO + 2, 5, TO + 1), true, 0],
  ] as const) {
    const changes = [told(TO - 2), missed(TO - 1), later];
    const { rows, told: memory } = book(changes);
    const listed = rows.slice(0, 2);
    const news = compareBookings(listed, isBalanceShown ? balanceAfter(listed) : [], memory, TERMS);
    assert.deepEqual([news.missed.length, news.doubtful.length], [1, doubtful]);
  }
});

test("what the balance shows outweighs the dates", () => {
  const { rows, told: memory } = book([told(0, 5, 9000), missed(9000)]);
  const news = compareBookings(rows, balanceAfter(rows), memory, ALL);
  assert.deepEqual(
    news.missed.map(({ row }) => row.time as number),
    [9000],
  );
});

test("where neither shows it, it is doubtful, and not told", () => {
  const { rows, told: memory } = book([missed(TO - 1), told(TO + 2)]);
  const news = compareBookings(rows.slice(0, 1), [], memory, TERMS);
  assert.deepEqual([news.missed.length, news.doubtful.map(({ time }) => time as number)], [0, [TO - 1]]);
});

test("an event whose own row a list lacks where it should not makes one of several rows like it doubtful", () => {
  const { rows, told: memory } = book([told(0), missed(10), missed(20), missed(30)]);
  const news = compareBookings(rows.slice(1), balanceAfter(rows), memory, ALL);
  const times = [news.missed.map(({ row }) => row), news.doubtful].map((found) =>
    found.map(({ time }) => Number(time)),
  );
  assert.deepEqual(times, [[20, 30], [10]]);
});

test("in which order rows of one millisecond are listed decides nothing about later ones", () => {
  const quick = Array.from({ length: 12 }, (_, i) => told(2000 + 700 * i, 5, 8940 + 700 * i));
  const { rows, told: memory } = book([told(0, -3), told(0, 8), ...quick]);
  const [first, second, ...rest] = rows as [Income, Income, ...Income[]];
  const terms = { ...ALL, listedUntil: ms(10_000) };
  const news = compareBookings([second, first, ...rest], balanceAfter(rows), memory, terms);
  assert.deepEqual([news.missed, news.doubtful], [[], []]);
});

test("… nor about themselves, though their events are dated otherwise", () => {
  const { rows, told: memory } = book([
    missed(-9000),
    told(0, -3, 7500),
    told(0, 8, 7500),
    missed(0, 1),
    missed(9000, 2),
  ]);
  const [early, first, second, fee, ...rest] = rows as [Income, Income, Income, Income, ...Income[]];
  const terms = { ...ALL, listedUntil: ms(40_000), since: ms(-1000), until: ms(8000) };
  const ofFill = { ...fee, incomeType: "COMMISSION" as const };
  const news = compareBookings([early, ofFill, first, second, ...rest], balanceAfter(rows), memory, terms);
  assert.deepEqual([news.missed, news.doubtful], [[], []]);
});

/** Changes of a few amounts, quick after one another, of which a stretch or some were missed. */
const CHANGE = fc.record({
  wait: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) }, fc.integer({ min: 0, max: 9000 })),
  by: fc.oneof({ weight: 6, arbitrary: fc.constant(5) }, fc.constantFrom(-5, 7)),
  isTold: fc.boolean(),
});
const STORY = fc.record({
  changes: fc.array(CHANGE, { maxLength: 60 }),
  /** Begins so long before the time in question. */
  before: fc.integer({ min: -20_000, max: 50_000 }),
  cutFor: fc.integer({ min: 0, max: 40 }),
  cutAt: fc.integer({ min: 0, max: 40 }),
  /** The event of a row is dated so much later. */
  offset: fc.oneof(fc.constant(0), fc.integer({ min: -BOOKING_SLACK_MS, max: BOOKING_SLACK_MS })),
  lackingCount: fc.integer({ min: 0, max: 20 }),
});

/** What happened, what was told of it, and what REST lists: nothing that is older than it may lag is lacking. */
function tell({
  changes,
  before,
  cutFor,
  cutAt,
  offset,
  lackingCount,
}: typeof STORY extends fc.Arbitrary<infer T> ? T : never) {
  let at = FROM - before;
  const happened = changes.map(({ wait, by, isTold }, i) => {
    at += wait;
    // Before the time in question everything was told; in a cut nothing; after it some are swallowed.
    const isCut = i >= cutAt && i < cutAt + cutFor;
    return at < FROM || (!isCut && (i < cutAt || isTold)) ? told(at, by, at + offset) : missed(at, by);
  });
  const { rows, told: memory } = book(happened);
  const lacking = Math.min(lackingCount, happened.filter((one) => one.at > TO).length);
  const listed = rows.slice(0, rows.length - lacking).filter(({ time }) => time >= TERMS.listedSince);
  const untold = happened.filter((one) => one.toldAt === undefined && one.at >= FROM && one.at <= TO);
  return { memory, listed, untold, all: rows.slice(0, rows.length - lacking), isPlain: isPlain(happened) };
}

/**
 * No two of one millisecond, and no amount after which the same stood in the wallet twice. Else an event whose row is
 * not listed yet may now and then stand for another row: docs/reconciliation.md says so.
 */
function isPlain(changes: readonly Change[]): boolean {
  const wallets = changes.map(({ by }, i) => `${by} ${changes.slice(0, i + 1).reduce((sum, one) => sum + one.by, 0)}`);
  return new Set(changes.map(({ at }) => at)).size === changes.length && new Set(wallets).size === changes.length;
}

function countOf(rows: readonly { readonly income: string }[], by: number): number {
  return rows.filter(({ income }) => Number(income) === by).length;
}

test("equal bookings: each is told exactly once when the balance is of the same moment as the rows", () => {
  fc.assert(
    fc.property(STORY, (story) => {
      const { memory, listed, untold, all, isPlain } = tell(story);
      fc.pre(isPlain);
      const news = compareBookings(listed, balanceAfter(all), memory, TERMS);
      assert.deepEqual(news.doubtful, []);
      for (const by of [5, -5, 7]) {
        const expected = untold.filter((one) => one.by === by).length;
        assert.equal(
          countOf(
            news.missed.map(({ row }) => row),
            by,
          ),
          expected,
          `of ${by}`,
        );
      }
    }),
    { numRuns: 1000 },
  );
});

test("equal bookings dated as their rows: each is told exactly once, whatever the balance is of", () => {
  fc.assert(
    fc.property(STORY, (story) => {
      const { memory, listed, untold, isPlain } = tell({ ...story, offset: 0 });
      fc.pre(isPlain);
      const news = compareBookings(listed, [], memory, TERMS);
      const found = news.missed.length + news.doubtful.length;
      assert.ok(news.missed.length <= untold.length && found >= untold.length, `${found}, not ${untold.length}`);
    }),
    { numRuns: 1000 },
  );
});

test("equal bookings of any dates: none is told twice, and what may be lacking is doubtful", () => {
  fc.assert(
    fc.property(STORY, fc.boolean(), (story, isOther) => {
      const { memory, listed, untold, all, isPlain } = tell(story);
      fc.pre(isPlain);
      const balances = isOther ? balanceAfter(all.filter(({ time }) => time < (all.at(-1)?.time ?? 0))) : [];
      const news = compareBookings(listed, balances, memory, TERMS);
      const found = news.missed.length + news.doubtful.length;
      assert.ok(news.missed.length <= untold.length && found >= untold.length, `${found}, not ${untold.length}`);
    }),
    { numRuns: 5000 },
  );
});

test("equal bookings, of one millisecond too, and of wallets that come back: none is told twice", () => {
  fc.assert(
    fc.property(STORY, fc.boolean(), (story, isShown) => {
      const { memory, listed, untold, all } = tell(story);
      const news = compareBookings(listed, isShown ? balanceAfter(all) : [], memory, TERMS);
      assert.ok(news.missed.length <= untold.length, `${news.missed.length}, not ${untold.length}`);
    }),
    { numRuns: 1000 },
  );
});

test("dates that agree by chance decide nothing against a base that explains more", () => {
  const { rows, told: memory } = book([told(TO - 15_009, 5, TO - 15_004), told(TO - 15_004, 5, TO - 14_999)]);
  const news = compareBookings(rows, [], memory, TERMS);
  assert.deepEqual([news.missed.length, news.doubtful.length], [0, 1]);
});

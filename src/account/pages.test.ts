import assert from "node:assert/strict";
import { test } from "node:test";
import { algoRow, id, ms, orderRow } from "../../test/account-news.ts";
import { FakeReads } from "../../test/fake-reads.ts";
import { incomeRow, tradeRow } from "../../test/follower-world.ts";
import { PAGE_ROWS_MAX } from "./account-reads.ts";
import { type Ask, incomeIn, ordersIn, tradesAfter, tradesIn } from "./pages.ts";
import { lookUp, ONE_BY_ONE_MAX } from "./vanished.ts";

const DAY = 86_400_000;
const FULL = PAGE_ROWS_MAX;

function world() {
  const reads = new FakeReads(() => 0);
  const ask: Ask = (read) => read(reads);
  return { reads, ask };
}

function span(startTime: number, endTime: number) {
  return { startTime: ms(startTime), endTime: ms(endTime) };
}

function many<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

for (const [name, count, requests] of [
  ["none", 0, 1],
  ["one", 1, 1],
  ["one less than a page", FULL - 1, 1],
  ["a page exactly full", FULL, 2],
  ["many", 2 * FULL + 5, 3],
] as const) {
  test(`${name}: fills after an id are all found, once, in order, with ${requests} requests`, async () => {
    const { reads, ask } = world();
    reads.tables.trades = many(count + 3, (i) => tradeRow(7, "5", String(i + 1)));
    const { rows, holes } = await tradesAfter(ask, "BTCUSDT", "3");
    assert.deepEqual([rows.map((row) => Number(row.id)), holes], [many(count, (i) => i + 4), []]);
    assert.equal(reads.asked.length, requests);
  });

  test(`${name}: orders placed in a span are all found, once, in order`, async () => {
    const { reads, ask } = world();
    reads.tables.orders = many(count, (i) => orderRow(9, "NEW", { orderId: id(String(i)), time: ms(10 + i) }));
    const { rows, holes } = await ordersIn(ask, span(10, 10 + count));
    assert.deepEqual([rows.map(({ orderId }) => Number(orderId)), holes], [many(count, (i) => i), []]);
    assert.equal(reads.asked.length, requests);
  });

  test(`${name}: changes of the wallet are all found, once, in order`, async () => {
    const { reads, ask } = world();
    reads.tables.income = many(count, (i) => incomeRow(i));
    const { rows, holes } = await incomeIn(ask, span(0, count));
    assert.deepEqual([rows.map(({ time }) => time as number), holes], [many(count, (i) => i), []]);
    assert.equal(reads.asked.length, requests);
  });
}

test("rows of one millisecond across the end of a page are neither lost nor doubled", async () => {
  const { reads, ask } = world();
  const at = (i: number) => (i < FULL - 3 ? 10 + i : 5000);
  reads.tables.orders = many(FULL + 4, (i) => orderRow(9, "NEW", { orderId: id(String(i)), time: ms(at(i)) }));
  const { rows, holes } = await ordersIn(ask, span(0, 9000));
  assert.deepEqual([rows.length, holes], [FULL + 4, []]);
});

test("a millisecond that fills a page by itself cannot be paged by time: a hole; what follows is found", async () => {
  const { reads, ask } = world();
  const at = (i: number) => (i < FULL + 2 ? 50 : 60);
  reads.tables.orders = many(FULL + 4, (i) => orderRow(9, "NEW", { orderId: id(String(i)), time: ms(at(i)) }));
  const { rows, holes } = await ordersIn(ask, span(0, 9000));
  assert.equal(rows.length, FULL + 2);
  assert.deepEqual(holes, [`orders of the millisecond 50 beyond the first ${FULL}`]);
});

test("a span beyond seven days is asked for in parts, each row once", async () => {
  const { reads, ask } = world();
  reads.tables.orders = many(20, (i) => orderRow(9, "NEW", { orderId: id(String(i)), time: ms(i * DAY) }));
  const { rows } = await ordersIn(ask, span(0, 20 * DAY));
  assert.deepEqual([rows.length, reads.asked.length], [20, 3]);
});

test("fills of a symbol never seen: the first by time, in whichever part of the span, the others by id", async () => {
  const { reads, ask } = world();
  reads.tables.trades = many(FULL + 1, (i) => tradeRow(15 * DAY, "5", String(i + 100)));
  const { rows } = await tradesIn(ask, "BTCUSDT", span(0, 20 * DAY));
  assert.equal(rows.length, FULL + 1);
  assert.deepEqual(reads.asked.at(-1), `trades BTCUSDT from ${FULL + 100}`);
  reads.tables.trades = [];
  assert.deepEqual(await tradesIn(ask, "BTCUSDT", span(0, 20 * DAY)), { rows: [], holes: [] });
});

test("a row of income that comes late moves the others on: none is counted twice", async () => {
  const { reads, ask } = world();
  const rows = many(FULL + 1, (i) => incomeRow(10 + i));
  reads.tables.income = rows;
  const late: Ask = async (read) => {
    const answer = await read(reads);
    reads.tables.income = [incomeRow(5), ...rows];
    return answer;
  };
  const found = await incomeIn(late, span(0, 9000));
  assert.equal(new Set(found.rows.map(({ time }) => time)).size, found.rows.length);
  assert.equal(found.rows.length, FULL + 1);
  const twins = [incomeRow(3, { tranId: id("0") }), incomeRow(3, { tranId: id("0") })];
  reads.tables.income = twins;
  assert.equal((await incomeIn(ask, span(0, 9))).rows.length, 2, "transfers without an id may be alike");
});

test("L12 pages are bounded, and what lies beyond is a hole", async () => {
  const { reads, ask } = world();
  reads.tables.trades = many(100 * FULL + 1, (i) => tradeRow(1, "5", String(i + 1)));
  const { rows, holes } = await tradesAfter(ask, "BTCUSDT", "0");
  assert.equal(rows.length, 100 * FULL);
  assert.match(holes.join(), /fills of BTCUSDT after/);
});

test("a few that vanished are asked for one by one, many in pages, and what REST does not know is said", async () => {
  for (const [count, asked] of [
    [ONE_BY_ONE_MAX, ONE_BY_ONE_MAX],
    [300, 2],
  ] as const) {
    const { reads, ask } = world();
    reads.tables.algoOrders = many(1200, (i) => algoRow(9, "CANCELED", { algoId: id(String(1000 + i)) }));
    const ids = [...many(count - 1, (i) => id(String(1002 + i))), id("77")];
    const found = await lookUp("BTCUSDT", ids, {
      one: (_symbol, algoId) => ask((from) => from.algoOrder(algoId)),
      page: (symbol, algoId) => ask((from) => from.algoOrdersFrom(symbol, algoId)),
      idOf: ({ algoId }) => algoId,
    });
    assert.deepEqual([found.rows.length, found.unknown, reads.asked.length], [count - 1, ["77"], asked]);
  }
});

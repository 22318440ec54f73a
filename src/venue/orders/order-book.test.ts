/** The book against a naive one: a list, sorted anew each time it is asked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InvariantViolation } from "../../kernel/errors.ts";
import type { Side } from "../../protocol/enumerations.ts";
import { OrderBook, type Resting, reaches } from "./order-book.ts";

interface TestOrder extends Resting<TestOrder> {
  readonly name: number;
}

function newTestOrder(name: number, side: Side, price: bigint, quantity: bigint): TestOrder {
  return { name, side, price, quantity, filled: 0n, level: undefined, ahead: undefined, behind: undefined };
}

/** Orders of a side as the rule says: price, then time of arrival. */
function ranked(orders: readonly TestOrder[], side: Side): TestOrder[] {
  const better = side === "BUY" ? -1 : 1;
  return orders
    .filter((order) => order.side === side)
    .sort((a, b) => (a.price === b.price ? 0 : a.price < b.price ? -better : better));
}

function bookSide(book: OrderBook<TestOrder>, side: Side): { price: bigint; open: bigint; names: number[] }[] {
  return [...book.levels(side)].map((level) => {
    const names: number[] = [];
    for (let order = level.first; order !== undefined; order = order.behind) names.push(order.name);
    return { price: level.price, open: level.open, names };
  });
}

function naiveSide(orders: readonly TestOrder[], side: Side): { price: bigint; open: bigint; names: number[] }[] {
  const levels: { price: bigint; open: bigint; names: number[] }[] = [];
  for (const order of ranked(orders, side)) {
    if (levels.at(-1)?.price !== order.price) levels.push({ price: order.price, open: 0n, names: [] });
    const level = levels.at(-1);
    assert(level !== undefined);
    level.open += order.quantity - order.filled;
    level.names.push(order.name);
  }
  return levels;
}

test("OrderBook holds the same orders in the same ranks as a sorted list, whatever comes, goes and trades", () => {
  const command = fc.record({
    what: fc.constantFrom("add", "add", "remove", "fill"),
    side: fc.constantFrom<Side>("BUY", "SELL"),
    price: fc.bigInt(1n, 12n),
    quantity: fc.bigInt(1n, 9n),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 120 }), (commands) => {
      const book = new OrderBook<TestOrder>(0);
      let naive: TestOrder[] = [];
      for (const [name, { what, side, price, quantity, which }] of commands.entries()) {
        const chosen = naive[which % Math.max(1, naive.length)];
        const updateId = book.updateId;
        if (what === "add" || chosen === undefined) {
          const order = newTestOrder(name, side, price, quantity);
          book.add(order);
          naive.push(order);
        } else if (what === "remove") {
          book.remove(chosen);
          naive = naive.filter((order) => order !== chosen);
        } else {
          const open = chosen.quantity - chosen.filled;
          book.fill(chosen, quantity < open ? quantity : open);
          naive = naive.filter((order) => order.filled < order.quantity);
        }
        assert(book.updateId > updateId);
        for (const of of ["BUY", "SELL"] as const) {
          assert.deepEqual(bookSide(book, of), naiveSide(naive, of));
          assert.equal(book.best(of), ranked(naive, of)[0]);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("OrderBook takes no order twice, and fills none that does not rest", () => {
  const book = new OrderBook<TestOrder>(0);
  const order = newTestOrder(1, "BUY", 5n, 1n);
  assert.throws(() => book.fill(order, 1n), InvariantViolation);
  book.add(order);
  assert.throws(() => book.add(order), InvariantViolation);
  book.remove(order);
  const { updateId } = book;
  book.remove(order);
  assert.equal(book.updateId, updateId, "removing what is gone changes nothing");
});

test("reaches: a buyer pays up to the limit, a seller takes down to it", () => {
  assert.deepEqual(
    [99n, 100n, 101n].map((price) => reaches("BUY", 100n, price)),
    [true, true, false],
  );
  assert.deepEqual(
    [99n, 100n, 101n].map((price) => reaches("SELL", 100n, price)),
    [false, true, true],
  );
});

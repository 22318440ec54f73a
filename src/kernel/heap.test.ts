/** The heap against a sorted list. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Heap } from "./heap.ts";

type Item = readonly [at: number, turn: number];

const isBefore = ([at, turn]: Item, [otherAt, otherTurn]: Item) => at < otherAt || (at === otherAt && turn < otherTurn);

const STEPS = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ push: fc.nat(20) }) },
    { weight: 3, arbitrary: fc.constant("pop" as const) },
    { weight: 1, arbitrary: fc.record({ keepMultiplesOf: fc.integer({ min: 2, max: 3 }) }) },
  ),
);

test("a heap hands out the least of what is in it, whatever was added, taken and dropped before", () => {
  fc.assert(
    fc.property(STEPS, (steps) => {
      const heap = new Heap<Item>(isBefore);
      let list: Item[] = [];
      for (const [turn, step] of steps.entries()) {
        if (step === "pop") {
          assert.deepEqual(heap.pop(), list.shift());
        } else if ("push" in step) {
          heap.push([step.push, turn]);
          list = [...list, [step.push, turn] as const].sort((a, b) => (isBefore(a, b) ? -1 : 1));
        } else {
          const isKept = ([at]: Item) => at % step.keepMultiplesOf === 0;
          heap.keep(isKept);
          list = list.filter(isKept);
        }
        assert.equal(heap.count, list.length);
        assert.deepEqual(heap.first, list[0]);
      }
      for (const expected of list) assert.deepEqual(heap.pop(), expected);
      assert.equal(heap.pop(), undefined);
    }),
  );
});

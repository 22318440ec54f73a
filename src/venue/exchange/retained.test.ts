import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Retained } from "./retained.ts";

test("Retained keeps the newest of what was pushed, oldest first, and returns what it lets go", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 60 }), (limit, pushes) => {
      const retained = new Retained<number>(limit);
      for (let item = 0; item < pushes; item++) {
        assert.equal(retained.push(item), item >= limit ? item - limit : undefined);
        const kept = Array.from({ length: retained.count }, (_, index) => retained.at(index));
        const oldest = Math.max(0, item - limit + 1);
        assert.deepEqual(
          kept,
          Array.from({ length: item - oldest + 1 }, (_, index) => oldest + index),
        );
        assert.equal(
          retained.firstIndex((kept) => kept >= item),
          retained.count - 1,
        );
        assert.equal(
          retained.firstIndex(() => false),
          retained.count,
        );
      }
    }),
  );
});

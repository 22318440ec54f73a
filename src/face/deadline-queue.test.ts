import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DeadlineQueue } from "./deadline-queue.ts";

test("a DeadlineQueue hands out each key once, earliest first, whatever was set and cancelled", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("set"), key: fc.nat(5), ms: fc.nat(20) }),
    fc.record({ do: fc.constant("cancel"), key: fc.nat(5), ms: fc.nat(20) }),
    fc.record({ do: fc.constant("take"), key: fc.nat(5), ms: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queue = new DeadlineQueue<number, number>();
      const naive = new Map<number, number>();
      let now = 0;
      for (const { do: action, key, ms } of steps) {
        now += ms;
        if (action === "cancel") {
          queue.cancel(key);
          naive.delete(key);
        } else if (action === "set") {
          queue.set(key, now + 50);
          naive.delete(key);
          naive.set(key, now + 50);
        } else {
          const due = [...naive].filter(([, at]) => at <= now).map(([one]) => one);
          for (const expected of due) {
            assert.equal(queue.takeDue(now), expected);
            naive.delete(expected);
          }
          assert.equal(queue.takeDue(now), undefined);
        }
        assert.equal(queue.next(), naive.size === 0 ? undefined : Math.min(...naive.values()));
      }
    }),
  );
});

test("a DeadlineQueue keeps its order when the clock steps back", () => {
  const queue = new DeadlineQueue<string, number>();
  queue.set("a", 100);
  queue.set("b", 40);
  assert.equal(queue.takeDue(99), undefined);
  assert.equal(queue.takeDue(100), "a");
  assert.equal(queue.takeDue(100), "b");
});

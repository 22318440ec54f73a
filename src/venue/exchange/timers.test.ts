import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { TransactMs } from "../../kernel/scalars.ts";
import { Timers } from "./timers.ts";

test("a cancelled timer is forgotten long before its time, and cancelling twice or too late does nothing", () => {
  const timers = new Timers();
  const fire = () => assert.fail("it was cancelled");
  for (let i = 0; i < 10_000; i++) timers.set(1_000_000 as TransactMs, "never", fire)();
  assert.equal(timers.count, 0);
  const cancels = [1, 2, 3].map((at) => timers.set(at as TransactMs, "", () => {}));
  assert.equal(timers.takeDue(1 as TransactMs)?.at, 1);
  for (const cancel of [cancels[0], cancels[2], cancels[2]]) cancel?.();
  assert.equal(timers.next()?.at, 2);
  assert.equal(timers.count, 1);
});

test("Timers fire by time, equal times in the order in which they were set, cancelled ones never", () => {
  const timer = fc.record({ at: fc.integer({ min: 0, max: 20 }), isCancelled: fc.boolean() });
  fc.assert(
    fc.property(fc.array(timer, { maxLength: 60 }), (wanted) => {
      const timers = new Timers();
      const fired: number[] = [];
      const cancels = wanted.map(({ at }, index) => timers.set(at as TransactMs, `${index}`, () => fired.push(index)));
      for (const [index, cancel] of cancels.entries()) if (wanted[index]?.isCancelled) cancel();
      const expected = [...wanted.entries()]
        .filter(([, { isCancelled }]) => !isCancelled)
        .sort(([a, x], [b, y]) => x.at - y.at || a - b)
        .map(([index]) => index);
      for (let now = 0; now <= 20; now++) {
        for (let due = timers.takeDue(now as TransactMs); due !== undefined; due = timers.takeDue(now as TransactMs)) {
          assert.equal(due.at, now);
          due.fire();
        }
        assert((timers.next()?.at ?? 21) > now);
      }
      assert.deepEqual(fired, expected);
    }),
  );
});

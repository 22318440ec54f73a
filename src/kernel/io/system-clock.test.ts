import assert from "node:assert/strict";
import { test } from "node:test";
import { after, type MonotonicMs } from "../scalars.ts";
import { systemClock, systemRandom } from "./system-clock.ts";

test("an alarm rings once, at or after its time, never from inside the call that set it", async () => {
  for (const waitMs of [-1000, 0, 0.4, 1, 7.3, 25]) {
    const at = after(systemClock.now(), waitMs);
    let isInside = true;
    let rings = 0;
    const rungAt = await new Promise<MonotonicMs>((resolve) => {
      systemClock.wake(at, "test", () => {
        assert.equal(isInside, false);
        rings++;
        resolve(systemClock.now());
      });
      isInside = false;
    });
    assert(rungAt >= at, `rang ${at - rungAt} ms early`);
    await turn();
    assert.equal(rings, 1);
  }
});

test("an alarm that was cancelled does not ring, and to cancel it twice or too late does nothing", async () => {
  const rung: string[] = [];
  const cancelled = systemClock.wake(after(systemClock.now(), 5), "cancelled", () => rung.push("cancelled"));
  cancelled();
  cancelled();
  await new Promise<void>((resolve) => {
    const cancel = systemClock.wake(after(systemClock.now(), 15), "kept", () => {
      rung.push("kept");
      resolve();
    });
    assert.equal(typeof cancel, "function");
  });
  cancelled();
  assert.deepEqual(rung, ["kept"]);
});

test("an alarm further away than Node's timers reach does not ring at once", async () => {
  let rings = 0;
  const cancel = systemClock.wake(after(systemClock.now(), 2 ** 33), "next year", () => rings++);
  await new Promise((resolve) => systemClock.wake(after(systemClock.now(), 10), "soon", () => resolve(undefined)));
  cancel();
  assert.equal(rings, 0);
});

test("now never goes back, and wall is the date", () => {
  const before = Date.now();
  let last = systemClock.now();
  for (let n = 0; n < 10_000; n++) {
    const now = systemClock.now();
    assert(now >= last);
    last = now;
  }
  assert(systemClock.wall() >= before && systemClock.wall() <= Date.now());
});

test("dice fall in [0, 1), all over it, and differ", () => {
  const thrown = Array.from({ length: 2000 }, () => systemRandom.next());
  assert(thrown.every((value) => value >= 0 && value < 1));
  assert.equal(new Set(thrown).size, thrown.length);
  const tenths = new Set(thrown.map((value) => Math.floor(value * 10)));
  assert.equal(tenths.size, 10);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

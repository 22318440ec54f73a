import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { WallMs } from "../kernel/scalars.ts";
import { type Kept, removalBySize, removalsByAge } from "./retention.ts";

function kept(account: string, firstSeq: number, lastSeq: number, more: Partial<Kept> = {}): Kept {
  return { account, extent: { firstSeq, lastSeq }, firstAt: firstSeq as WallMs, snapshotSeq: undefined, ...more };
}

test("what is too old goes in portions, from the oldest on; the newest and what a snapshot needs stay", () => {
  const rows: [one: Kept, firstYoung: number, keepEntries: number, upTo: readonly number[]][] = [
    [kept("a", 1, 100), 1, 10, []],
    [kept("a", 1, 100), 51, 10, [50]],
    [kept("a", 1, 100), 101, 10, [90]],
    [kept("a", 1, 100), 101, 0, [99]],
    [kept("a", 1, 100), 101, 500, []],
    [kept("a", 95, 100), 101, 10, []],
    [kept("a", 1, 5_000), 2_501, 10, [1_000, 2_000, 2_500]],
    [kept("a", 1, 100, { snapshotSeq: 40 }), 101, 10, [40]],
    [kept("a", 41, 100, { snapshotSeq: 40 }), 101, 10, []],
    [kept("a", 1, 0, { firstAt: undefined }), 1, 10, []],
  ];
  for (const [one, firstYoung, keepEntries, upTo] of rows) {
    assert.deepEqual(
      removalsByAge(one, firstYoung, { keepEntries }).map(({ upToSeq }) => upToSeq),
      upTo,
    );
  }
});

test("when there is too much, a portion of the account with the oldest entry goes, as long as one may", () => {
  const retention = { keepEntries: 10 };
  const old = kept("old", 1, 15, { firstAt: 5 as WallMs });
  const young = kept("young", 1, 5_000, { firstAt: 9 as WallMs });
  assert.deepEqual(removalBySize([young, old], retention), { account: "old", upToSeq: 5 });
  assert.deepEqual(removalBySize([young, kept("old", 6, 15)], retention), { account: "young", upToSeq: 1_000 });
  assert.equal(removalBySize([kept("old", 6, 15), kept("none", 1, 0, { firstAt: undefined })], retention), undefined);
  assert.equal(removalBySize([], retention), undefined);
});

test("whatever is removed, what is left is whole, has its newest entries, and goes on from every snapshot", () => {
  const one = fc.record({ first: fc.nat(3_000), count: fc.nat(4_000), snapshot: fc.option(fc.nat(8_000)) });
  fc.assert(
    fc.property(one, fc.nat(9_000), fc.nat(50), ({ first, count, snapshot }, young, keepEntries) => {
      const [firstSeq, lastSeq] = [first + 1, first + count];
      const snapshotSeq = snapshot === null ? undefined : Math.min(Math.max(snapshot, first), lastSeq);
      const account = kept("a", firstSeq, lastSeq, { snapshotSeq });
      let from = firstSeq;
      for (const { upToSeq } of removalsByAge(account, young, { keepEntries })) {
        assert.ok(upToSeq >= from && upToSeq < from + 1_000, "portions follow each other");
        from = upToSeq + 1;
      }
      const isUntouched = from === firstSeq;
      assert.ok(isUntouched || (from <= young && lastSeq - from + 1 >= Math.max(1, keepEntries)));
      assert.ok(isUntouched || snapshotSeq === undefined || from <= snapshotSeq + 1);
    }),
  );
});

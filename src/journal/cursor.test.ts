import assert from "node:assert/strict";
import { test } from "node:test";
import { type CursorPlace, type Extent, NOTHING, placeOfCursor } from "./cursor.ts";

test("a cursor is kept from just before the first entry to the last one; else it is too old or from the future", () => {
  const kept: Extent = { firstSeq: 5, lastSeq: 9 };
  const emptied: Extent = { firstSeq: 10, lastSeq: 9 };
  const rows: [since: number, extent: Extent, place: CursorPlace][] = [
    [0, NOTHING, "kept"],
    [1, NOTHING, "from-the-future"],
    [0, kept, "too-old"],
    [3, kept, "too-old"],
    [4, kept, "kept"],
    [9, kept, "kept"],
    [10, kept, "from-the-future"],
    [8, emptied, "too-old"],
    [9, emptied, "kept"],
    [10, emptied, "from-the-future"],
    [-1, kept, "from-the-future"],
    [4.5, kept, "from-the-future"],
    [Number.NaN, kept, "from-the-future"],
    [Number.POSITIVE_INFINITY, kept, "from-the-future"],
  ];
  for (const [since, extent, place] of rows) assert.equal(placeOfCursor(since, extent), place, `${since}`);
});

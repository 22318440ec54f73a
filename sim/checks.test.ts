/** The checks of the simulation are seen to fail: a law that nothing can break is no law. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantViolation } from "../src/kernel/errors.ts";
import type { StreamRecord } from "../src/stream/record.ts";
import { Reach } from "./checks.ts";

const MINUTE = 60_000;

test("L5 a lapsed key is lawful only after REST was out of reach for 20 of the last 60 minutes", () => {
  const rows: readonly [outages: readonly (readonly [from: number, to: number])[], lapsedAt: number, is: string][] = [
    [[], 60, "broken"],
    [[[10, 25]], 60, "broken"],
    [[[35, 60]], 60, "lawful"],
    [[[35, 99]], 60, "lawful"],
    [[[45, 99]], 60, "broken"],
    [
      [
        [31, 42],
        [45, 56],
      ],
      60,
      "lawful",
    ],
    // Too long ago.
    [[[0, 70]], 120, "broken"],
    [[[0, 81]], 120, "lawful"],
  ];
  for (const [outages, lapsedAt, is] of rows) {
    const reach = new Reach();
    const turns = outages.flatMap(([from, to]) => [
      { at: from, isWell: false },
      { at: to, isWell: true },
    ]);
    for (const { at, isWell } of turns) if (at <= lapsedAt) reach.turned(isWell, at * MINUTE);
    const lapse = () => reach.told(gap("key lapsed"), lapsedAt * MINUTE);
    if (is === "lawful") lapse();
    else assert.throws(lapse, InvariantViolation, JSON.stringify(outages));
  }
});

test("L5 other gaps ask for no outage", () => {
  new Reach().told(gap("the key expired"), 60 * MINUTE);
});

function gap(why: string): StreamRecord {
  return { kind: "gap", why } as unknown as StreamRecord;
}

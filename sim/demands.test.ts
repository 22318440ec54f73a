import assert from "node:assert/strict";
import { test } from "node:test";
import { demandedOf } from "./demands.ts";
import { FAULT_NAMES } from "./faults.ts";
import { PATH_CHANCES } from "./rare-paths.ts";

test("of ten thousand worlds everything is demanded, of a few only what comes in each", () => {
  assert.deepEqual(demandedOf(10_000, 30), [...FAULT_NAMES, ...Object.keys(PATH_CHANCES)]);
  assert.deepEqual(demandedOf(10, 30), ["key renewed after doubt"]);
  assert.deepEqual(demandedOf(10_000, 3), []);
});

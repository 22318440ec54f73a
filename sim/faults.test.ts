import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../src/kernel/random.ts";
import { FAULT_TYPES } from "../src/venue/faults/fault-kinds.ts";
import { drawFaults, FAULT_NAMES } from "./faults.ts";

test("every fault of the venue is in the mix, and every kind of the mix is drawn", () => {
  for (const type of FAULT_TYPES) assert(FAULT_NAMES.includes(`venue ${type}`), type);
  const drawn = new Map<string, number>();
  for (let seed = 1; seed <= 100; seed++) {
    for (const { name } of drawFaults(seededRandom(seed), 30)) drawn.set(name, (drawn.get(name) ?? 0) + 1);
  }
  for (const name of FAULT_NAMES) assert((drawn.get(name) ?? 0) > 20, `${name}: ${drawn.get(name)} in 100 worlds`);
});

test("the last three hours are without faults", () => {
  for (let seed = 1; seed <= 20; seed++) {
    for (const { atMs } of drawFaults(seededRandom(seed), 30)) assert(atMs < 27 * 3_600_000);
  }
});

/** Tests that bugs are found: each is planted in a copy of the compiled program, whose worlds must then fail. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ProgramCopy } from "../sim/io/planting.ts";
import { PLANTED_HOURS, type PlantedBug, upTo } from "../sim/planted-bugs.ts";

/** A copy of the program for the tests of one file; it is deleted after them. */
export function copyForTests(): ProgramCopy {
  const copy = new ProgramCopy();
  after(() => copy.remove());
  return copy;
}

/** Makes one test of each bug. */
export function testPlanted(copy: ProgramCopy, bugs: readonly PlantedBug[]): void {
  for (const { name, what, edits, seeds, law } of bugs) {
    test(`${name}: within ${seeds} worlds a program is found out that ${what}`, async () => {
      const undo = copy.plant(edits);
      try {
        const { failure, seed } = await copy.run(upTo(seeds), PLANTED_HOURS);
        assert(failure !== undefined, "it is not found");
        assert.match(failure, law, `world ${seed} breaks for another reason`);
      } finally {
        undo();
      }
    });
  }
}

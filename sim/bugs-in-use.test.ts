import assert from "node:assert/strict";
import { test } from "node:test";
import { copyForTests, testPlanted } from "../test/planting.ts";
import { BUGS_IN_USE, BUGS_OF_REPAIR, PLANTED_HOURS, upTo } from "./planted-bugs.ts";

const copy = copyForTests();

test("the program as it is holds all laws in the worlds in which a bug is looked for", async () => {
  const last = Math.max(...[...BUGS_IN_USE, ...BUGS_OF_REPAIR].map(({ seeds }) => seeds));
  assert.deepEqual(await copy.run(upTo(last), PLANTED_HOURS), {});
});

test("a bug whose place is gone says so", () => {
  const edits = [{ file: "src/stream/recovery.js", from: "no such text", to: "" }];
  assert.throws(() => copy.plant(edits), /recovery\.js has 0 times, not once: no such text\n.*written anew/);
});

testPlanted(copy, BUGS_IN_USE);

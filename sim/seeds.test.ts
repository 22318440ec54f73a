import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { WorldKind } from "./circumstances.ts";
import { runPaperWorld } from "./io/paper-world.ts";

/** `SEED HOURS KIND  WHY` */
const LINE = /^(\d+) (\d+) (plain|mixed) +(.+)$/;

for (const line of readFileSync("sim/seeds.txt", "utf8").split("\n")) {
  if (line === "" || line.startsWith("#")) continue;
  const [, seed = "", hours = "", kind = "", why = ""] = LINE.exec(line) ?? assert.fail(`sim/seeds.txt: ${line}`);
  test(`seed ${seed}, where once ${why}`, async () => {
    const { failure, story } = await runPaperWorld(Number(seed), Number(hours), { kind: kind as WorldKind });
    assert.equal(failure, undefined, `${failure}\n${story.slice(-60).join("\n")}`);
  });
}

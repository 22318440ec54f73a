import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SOAK = fileURLToPath(new URL("soak.js", import.meta.url));
const SMALL = ["--orders", "60000", "--accounts", "1", "--symbols", "1"];

test("orders leave nothing in memory but what is open and the retained history", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SOAK, ...SMALL], { encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
});

test("… and a program that keeps its answers is found out by the same measure", () => {
  const { status, stdout } = spawnSync(process.execPath, [SOAK, ...SMALL, "--keep-answers"], { encoding: "utf8" });
  assert.equal(status, 1, stdout);
  assert.match(stdout, /BROKEN PROMISE/);
});

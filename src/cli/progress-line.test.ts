/** The line that says how far something is: when it is shown, and that a terminal gets it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "../../test/eventually.ts";
import { startPaperVenue } from "../venue/index.ts";
import { ProgressLine, progressText } from "./progress-line.ts";

function line(hasTerminal = true) {
  const written: string[] = [];
  let now = 5_000;
  const write = hasTerminal ? (text: string) => void written.push(text) : undefined;
  const progress = new ProgressLine({ write, columns: () => 20, now: () => now });
  return {
    written,
    at(ms: number, act: (progress: ProgressLine) => void): void {
      now = 5_000 + ms;
      act(progress);
    },
  };
}

test("a progress line says nothing in the first second, then no more often than ten times a second", () => {
  const { written, at } = line();
  for (const ms of [0, 999, 1_000, 1_099, 1_100]) at(ms, (progress) => progress.show(`at ${ms}`));
  assert.deepEqual(written, ["\r\u001b[Kat 1000", "\r\u001b[Kat 1100"]);
});

test("what was said too early is shown when it is time, and once", () => {
  const { written, at } = line();
  at(0, (progress) => progress.show("waiting"));
  for (const ms of [900, 1_100, 1_300]) at(ms, (progress) => progress.tick());
  assert.deepEqual(written, ["\r\u001b[Kwaiting"]);
});

test("a progress line leaves the last column free, makes room for other lines, and comes back a second later", () => {
  const { written, at } = line();
  at(1_000, (progress) => progress.show("x".repeat(30)));
  at(1_200, (progress) => progress.clear());
  at(1_200, (progress) => progress.clear());
  at(2_199, (progress) => progress.tick());
  at(2_200, (progress) => progress.tick());
  at(2_300, (progress) => progress.show(""));
  at(3_500, (progress) => progress.tick());
  const shown = `\r\u001b[K${"x".repeat(19)}`;
  assert.deepEqual(written, [shown, "\r\u001b[K", shown, "\r\u001b[K"]);
});

test("without a terminal a progress line is silent", () => {
  const { written, at } = line(false);
  at(9_000, (progress) => progress.show("far"));
  at(9_000, (progress) => progress.show(""));
  assert.deepEqual(written, []);
});

test("a share is told when the end is known, and never more than the whole", () => {
  assert.equal(progressText("verified", 12_000, 40_000), "verified 12,000 of 40,000 entries, 30 %");
  assert.equal(progressText("verified", 41_000, 40_000), "verified 41,000 entries");
  assert.equal(progressText("exported", 7), "exported 7 entries");
});

test("on a terminal the doctor says what it is looking at, once that takes long", async (t) => {
  const venue = await startPaperVenue();
  t.after(() => venue.close());
  await fetch(`${venue.url}/v1/paper/faults`, { method: "POST", body: '{"type":"silence"}' });
  const main = fileURLToPath(new URL("./main.js", import.meta.url));
  const command = `${process.execPath} ${main} doctor --paper ${venue.url} --wait 20`;
  const child = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => child.kill());
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await eventually(
    () => output,
    () => output.includes("\r\u001b[Klooking at urls, delivery, retired-urls"),
  );
});

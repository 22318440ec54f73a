/** Tapes in files: any length, any cut of the pieces, and errors before anything begins. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startPaperVenue } from "../index.ts";
import { openTape } from "./tape-file.ts";

function fileOf(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tape-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "BTCUSDT-aggTrades.csv");
  writeFileSync(path, text);
  return path;
}

function lines(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, i) => `${i},41000.${i % 10},0.5,${i},${i},${1_650_000_000_000 + i},true`,
  );
  return `${rows.join("\n")}\n`;
}

test("a file of many pieces gives every line, whole and in order", (t) => {
  const text = lines(20_000);
  const tape = openTape(fileOf(t, text));
  const read = [];
  for (let next = tape.lines.next(); next.done !== true; next = tape.lines.next()) read.push(next.value);
  assert.equal(`${read.join("\n")}\n`, text);
});

test("a damaged line deep in a file is named before the venue begins", async (t) => {
  const path = fileOf(t, `${lines(9_999)}9999,oops,0.5,1,1,1660000000000,true\n`);
  await assert.rejects(startPaperVenue({ tape: { BTCUSDT: path } }), (error: Error) => {
    assert.equal(error.message, `${path}:10000: expected a positive price, found "oops"`);
    return true;
  });
});

test("a file that is not there, or is no text, is refused", (t) => {
  assert.throws(() => openTape("/nowhere/tape.csv"), /expected a file that can be read, found "ENOENT"/);
  assert.throws(() => openTape(tmpdir()), /expected a file that can be read, found "a folder"/);
  assert.throws(() => openTape(fileOf(t, "x".repeat(100_000))), /expected lines of at most 4096 characters/);
});

test("a venue opens at the first price of its tape", async (t) => {
  const venue = await startPaperVenue({ tape: { BTCUSDT: fileOf(t, lines(100)) } });
  t.after(() => venue.close());
  const answer = await fetch(`${venue.url}/fapi/v1/ticker/price?symbol=BTCUSDT`);
  const { price } = (await answer.json()) as { price: string };
  assert.match(price, /^41000\.\d0$/);
});

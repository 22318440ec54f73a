/** A terminal that is painted again and again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { coloured, padded, Screen, widthOf } from "./screen.ts";

const SIZE = { columns: 10, rows: 3 };

function painted(...pictures: readonly (readonly string[])[]): string[] {
  const written: string[] = [];
  const screen = new Screen((text) => written.push(text));
  for (const lines of pictures) screen.paint(lines, SIZE);
  return written.slice(1).map((text) => text.replaceAll("\u001b", "^"));
}

test("only rows that changed are written, and nothing when none has", () => {
  const written = painted(["a", "b"], ["a", "c"], ["a", "c"]);
  assert.deepEqual(written, ["^[2J^[1;1Ha^[0m^[K^[2;1Hb^[0m^[K^[3;1H^[0m^[K", "^[2;1Hc^[0m^[K"]);
});

test("what is too wide or too much is cut, and says so; colours take no room", () => {
  const [first = ""] = painted([coloured("0123456789", "red"), "0123456789ab", "x", "never seen"]);
  assert.ok(first.includes("^[31m0123456789^[0m"));
  assert.ok(first.includes("^[2;1H012345678…"));
  assert.ok(!first.includes("never"));
  assert.equal(widthOf(coloured("abc", "green")), 3);
  assert.deepEqual([padded("7", 3, "left"), padded("7", 3)], ["  7", "7  "]);
});

test("another size is painted anew, and the terminal is given back as it was", () => {
  const written: string[] = [];
  const screen = new Screen((text) => written.push(text));
  screen.paint(["a"], SIZE);
  screen.paint(["a"], { ...SIZE, columns: 20 });
  screen.leave();
  assert.ok(written[0]?.includes("?1049h") && written[2]?.includes("[2J"));
  assert.ok(written.at(-1)?.includes("?1049l"));
});

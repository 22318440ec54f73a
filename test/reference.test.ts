/** The generated reference, page by page: it has every name that a program can import, and their fields. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as sdk from "../src/index.ts";
import * as protocol from "../src/protocol/index.ts";
import * as venue from "../src/venue/index.ts";

const DOORS = { listenkey: sdk, protocol, venue };

for (const [page, door] of Object.entries(DOORS)) {
  const text = readFileSync(`docs/api/${page}.md`, "utf8");

  test(`docs/api/${page}.md explains every value of its door`, () => {
    for (const name of Object.keys(door)) assert.match(text, new RegExp(`^### ${name}$`, "m"));
  });

  test(`docs/api/${page}.md has no type that only a compiler reads, and no table of which it shows the making`, () => {
    assert.doesNotMatch(text, /import\("|__@|\bShape<\{/);
  });
}

test("an event's fields stand in the reference with their types and meanings, and calls with what they throw", () => {
  const events = readFileSync("docs/api/protocol.md", "utf8");
  assert.match(events, /^\| `S` \| \[`Open`\]\(#open\) `<"BUY" \\\| "SELL">` \| Side\. \|$/m);
  const calls = readFileSync("docs/api/listenkey.md", "utf8");
  const rejected = "- throws [`VenueRejected`](#venuerejected) when the API key or its signature is refused";
  assert.ok(calls.includes(rejected));
});

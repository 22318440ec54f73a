import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { again, Fingerprinter } from "./fingerprint.ts";
import type { Identity } from "./identity.ts";
import { REPEATS_MAX, Repeats } from "./repeats.ts";

/** What arrives on one line, `text@millisecond`, and the names it gets. */
const RULES: readonly (readonly [rule: string, arrives: string, names: string])[] = [
  ["what has an id is named by it, however often it comes", "O1 O1 O1", "O1 O1 O1"],
  ["a state that comes back within its millisecond is another event", "Aa@1 Ab@1 Aa@1 Ab@1", "Aa Ab Aa#2 Ab#2"],
  ["what repeats the event right before it is a copy", "Aa@1 Aa@1 Ab@1 Ab@1 Aa@1 Aa@1", "Aa Aa Ab Ab Aa#2 Aa#2"],
  ["what is dated before the line has come is a copy of what was told then", "Aa@1 Ab@2 Aa@1", "Aa Ab Aa"],
  ["each kind has an order of its own", "Ca@5 Aa@1 Ab@1 Aa@1", "Ca Aa Ab Aa#2"],
];

for (const [rule, arrives, names] of RULES) {
  test(`L1 ${rule}: ${arrives} → ${names}`, () => assert.equal(name(new Repeats(), arrives), names));
}

test("L1 two lines that deliver the same give it the same names, and different ones to different events", () => {
  const event = fc.tuple(fc.constantFrom("Aa", "Ab", "Ac"), fc.integer({ min: 0, max: 2 }));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (drawn) => {
      const inOrder = [...drawn].sort(([, a], [, b]) => a - b).map(([text, ms]) => `${text}@${ms}`);
      const news = inOrder.filter((one, i) => one !== inOrder[i - 1]);
      const names = name(new Repeats(), news.join(" "));
      assert.equal(name(new Repeats(), news.join(" ")), names);
      const dated = names === "" ? [] : names.split(" ").map((one, i) => `${one}@${news[i]?.split("@")[1]}`);
      assert.equal(new Set(dated).size, news.length);
    }),
  );
});

test("L12 what is remembered of one millisecond is bounded", () => {
  const repeats = new Repeats();
  for (let i = 0; i <= REPEATS_MAX; i++) repeats.tellApart(identity(`A${i}`, 1));
  assert.deepEqual(repeats.tellApart(identity("A0", 1)), identity("A0", 1).of, "counting began anew");
});

function identity(text: string, within: number | undefined): Identity {
  return { kind: text.charAt(0), of: new Fingerprinter().add(text).take(), within };
}

/** `Aa#2`: told apart from the first `Aa`, as the second one is. */
function name(repeats: Repeats, arrives: string): string {
  const events = arrives === "" ? [] : arrives.split(" ");
  return events
    .map((one) => {
      const [text = "", ms] = one.split("@");
      const event = identity(text, ms === undefined ? undefined : Number(ms));
      const told = repeats.tellApart(event);
      let times = 1;
      for (; times <= events.length; times++) if (isDeepStrictEqual(again(event.of, times), told)) break;
      return times === 1 ? text : `${text}#${times}`;
    })
    .join(" ");
}

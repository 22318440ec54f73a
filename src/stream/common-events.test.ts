import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CommonEvents, REMEMBERED_MAX } from "./common-events.ts";
import { type Fingerprint, Fingerprinter } from "./fingerprint.ts";

/** `1:5` is event 5 on line 1; `2+1` line 2 opens beside line 1, `2+` alone; `1-` line 1 leaves. */
const STORIES: readonly (readonly [story: string, shown: string, rule: string])[] = [
  ["2+1 1:5 2:5", "1~2", "both have delivered it, the older one first"],
  ["2+1 2:5 1:5", "1~2", "both have delivered it, the newer one first"],
  ["2+1 2:5 2:6 1:4 1:5", "1~2", "the newer one may be far ahead"],
  ["1:5 2+1 2:5", "", "what the older one delivered before there was another is not remembered"],
  ["2+1 1:5 1:5 2:6 2:6", "", "a copy on the same line shows nothing"],
  ["2+1 1:5 2:5 1:6 2:6", "1~2", "it is shown once"],
  ["2+1 1- 2:5 3+2 2:6 3:6", "2~3", "who has left shows nothing any more"],
  ["2+1 3+1 3+2 3:5 1:5 2:5", "1~3 1~2 2~3", "each of three is shown by itself"],
  ["2+ 1:5 2:5", "", "a line that opened alone has nothing to show"],
];

for (const [story, shown, rule] of STORIES) {
  test(`L2 two lines with an event in common: ${rule}`, () => {
    assert.equal(tell(story), shown);
  });
}

test("L2 whatever the delays, nothing falls between two lines of which it is shown", () => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(40), fc.array(fc.boolean(), { maxLength: 120 }), (joinsAt, lag, turns) => {
      const common = new CommonEvents();
      common.opened(2, [1]);
      // The older one delivers 0, 1, 2, … from so far back; the newer one all from `joinsAt` on.
      let older = Math.max(0, joinsAt - lag);
      let newer = joinsAt;
      for (const isOlder of turns) {
        const shown = isOlder ? common.delivered(1, named(older++)) : common.delivered(2, named(newer++));
        if (shown.length > 0) assert(older > joinsAt, `${older} of ${joinsAt}`);
      }
    }),
  );
});

test("L12 what is remembered is bounded, and what comes later shows it all the same", () => {
  const common = new CommonEvents();
  common.opened(2, [1]);
  for (let n = 0; n <= REMEMBERED_MAX; n++) assert.deepEqual(common.delivered(2, named(n)), []);
  assert.deepEqual(common.delivered(1, named(0)), []);
  assert.deepEqual(common.delivered(1, named(REMEMBERED_MAX)), [{ older: 1, newer: 2 }]);
});

function tell(story: string): string {
  const common = new CommonEvents();
  const shown: string[] = [];
  for (const word of story.split(" ")) {
    const [, line, what, rest] = /^(\d)([+:-])(\d?)$/.exec(word) ?? [];
    const epoch = Number(line);
    if (what === "+") common.opened(epoch, rest === "" ? [] : [Number(rest)]);
    else if (what === "-") common.left(epoch);
    else for (const { older, newer } of common.delivered(epoch, named(Number(rest)))) shown.push(`${older}~${newer}`);
  }
  return shown.join(" ");
}

function named(event: number): Fingerprint {
  return new Fingerprinter().add(event).take();
}

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readTopLevel } from "./json-members.ts";

const TABLE: readonly [text: string, read: unknown][] = [
  ['{"id":18446744073709551615}', { id: ["18446744073709551615", 26] }],
  ['{"a":1,"a":2}', { a: ["2", 12] }],
  [' { "a" : [1, {"b":2}] , "c" : null } ', { a: ['[1, {"b":2}]', 21], c: ["null", 34] }],
  ['{"\\u0061":"x\\"y"}', { a: ['"x\\"y"', 16] }],
  ["{}", {}],
  ["[1,2]", "other"],
  ['"text"', "other"],
  ["-0.5e+3", "other"],
  ["", 0],
  ["hello", 0],
  ["{", 1],
  ['{"a"', 4],
  ['{"a":}', 5],
  ['{"a":1,}', 7],
  ['{"a":01}', 6],
  ["{a:1}", 1],
  ["[1,]", 3],
  ["[1}", 2],
  ["{} {}", 3],
  ['{"a":"\n"}', 5],
  ['{"a":"\\x"}', 5],
  ["nul", 0],
  [" \n tru", 3],
];

for (const [text, read] of TABLE) {
  test(`readTopLevel of ${JSON.stringify(text)}`, () => {
    const top = readTopLevel(text);
    if (top.outcome === "fault") return assert.equal(top.at, read);
    if (top.outcome === "other") return assert.equal("other", read);
    const members = [...top.members].map(([name, member]) => [name, [member.text, member.end]]);
    assert.deepEqual(Object.fromEntries(members), read);
  });
}

test("readTopLevel agrees with JSON.parse about what is JSON, and about every member", () => {
  const jsonish = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .array(fc.constantFrom("{", "}", "[", "]", ",", ":", '"a"', '"__proto__"', "1", "-0.5", "null", " ", "\\", '"'), {
        maxLength: 9,
      })
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(jsonish, (text) => {
      const top = readTopLevel(text);
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        return assert.equal(top.outcome, "fault");
      }
      const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
      assert.equal(top.outcome, isObject ? "object" : "other");
      if (top.outcome !== "object") return;
      for (const [name, member] of top.members) {
        assert.deepEqual(JSON.parse(member.text), (parsed as Record<string, unknown>)[name]);
      }
      assert.deepEqual(new Set(top.members.keys()), new Set(Object.keys(parsed as object)));
    }),
    { numRuns: 3000 },
  );
});

test("readTopLevel reads a thousand brackets deep", () => {
  const text = `{"a":${"[".repeat(1000)}${"]".repeat(1000)}}`;
  assert.equal(readTopLevel(text).outcome, "object");
  assert.deepEqual(readTopLevel("[".repeat(1000)), { outcome: "fault", at: 1000 });
});

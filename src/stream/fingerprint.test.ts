import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { again, type Fingerprint, Fingerprinter, FingerprintSet, SEEN_MAX, type Value } from "./fingerprint.ts";

const value = fc.oneof(fc.string(), fc.nat({ max: 2 ** 40 }), fc.integer(), fc.boolean());

function of(...values: readonly Value[]): Fingerprint {
  const fingerprinter = new Fingerprinter();
  for (const one of values) fingerprinter.add(one);
  return fingerprinter.take();
}

function shown({ high, low }: Fingerprint): string {
  return `${high}/${low}`;
}

test("the same values have one fingerprint, and values that differ anywhere have another", () => {
  const values = fc.array(value, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(values, value, fc.nat(), (list, other, pick) => {
      assert.deepEqual(of(...list), of(...list));
      const at = pick % list.length;
      if (other === list[at]) return;
      assert.notDeepEqual(of(...list.map((one, i) => (i === at ? other : one))), of(...list));
    }),
  );
});

test("where a text ends counts, and so does the order", () => {
  const lists = [["ab", "c"], ["a", "bc"], ["abc"], ["c", "ab"], ["abc", ""], ["", "abc"], [1, 2], [2, 1], ["1", "2"]];
  assert.equal(new Set(lists.map((list) => shown(of(...list)))).size, lists.length);
});

test("ids, times and amounts that follow one another have fingerprints of their own, and so have their halves", () => {
  const [high, low, both] = [new Set<number>(), new Set<number>(), new Set<string>()];
  const COUNT = 100_000;
  for (let i = 0; i < COUNT; i++) {
    const one = of("O", "ETHUSDT", `8389766000${String(i).padStart(9, "0")}`, 1_790_000_000_000 + (i >> 3), `0.${i}`);
    high.add(one.high);
    low.add(one.low);
    both.add(shown(one));
  }
  assert.equal(both.size, COUNT);
  // By chance, one or two of them are equal: n² ÷ 2³³.
  assert(high.size > COUNT - 20, `${COUNT - high.size} equal ones`);
  assert(low.size > COUNT - 20, `${COUNT - low.size} equal ones`);
});

test("what happens again has a fingerprint of its own each time", () => {
  const once = of("A", 1);
  assert.deepEqual(again(once, 1), once);
  assert.equal(new Set([1, 2, 3, 4].map((times) => shown(again(once, times)))).size, 4);
});

test("a set has what was put in, however much that is, and nothing else", () => {
  const set = new FingerprintSet();
  for (let i = 0; i < SEEN_MAX; i++) {
    assert.equal(set.has(of(i)), false);
    set.add(of(i));
    set.add(of(i));
  }
  assert.equal(set.size, SEEN_MAX);
  for (let i = 0; i < SEEN_MAX; i++) assert.equal(set.has(of(i)), true);
  set.clear();
  assert.equal(set.size, 0);
  assert.equal(set.has(of(1)), false);
});

test("a set tells fingerprints apart of which half is equal, or nothing but zeros", () => {
  const set = new FingerprintSet();
  set.add({ high: 5, low: 7 });
  assert.deepEqual(
    [5, 6].map((high) => [7, 8].map((low) => set.has({ high, low }))),
    [
      [true, false],
      [false, false],
    ],
  );
  set.add({ high: 0, low: 0 });
  assert.equal(set.has({ high: 0, low: 0 }), true);
});

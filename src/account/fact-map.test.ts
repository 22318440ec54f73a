import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FactMap, type FrozenMap } from "./fact-map.ts";
import { Register } from "./register.ts";

const KEY = fc.nat({ max: 90 }).map((n) => `k${n}`);

test("a frozen map is what the map was at that moment, for ever, and in the order of a plain map", () => {
  const step = fc.record({ key: KEY, does: fc.constantFrom("set", "set", "set", "delete", "freeze") });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: "max" }), (steps) => {
      const map = new FactMap<number>();
      const plain = new Map<string, number>();
      const frozen: [FrozenMap<number>, [string, number][]][] = [];
      for (const [index, { key, does }] of steps.entries()) {
        if (does === "freeze") frozen.push([map.freeze(), [...plain]]);
        else if (does === "delete") {
          map.delete(key);
          plain.delete(key);
        } else {
          map.set(key, index);
          plain.set(key, index);
        }
        assert.equal(map.get(key), plain.get(key));
      }
      for (const [view, was] of [...frozen, [map.freeze(), [...plain]] as const]) {
        assert.deepEqual([...view], was);
        assert.equal(view.size, was.length);
        assert.deepEqual([...view.keys()], [...new Map(was).keys()]);
        assert.deepEqual([...view.values()], [...new Map(was).values()]);
        for (const [key, value] of was) assert.equal(view.get(key), value);
        assert.equal(view.has("other"), false);
        const visited: [string, number][] = [];
        view.forEach((value, key) => {
          visited.push([key, value]);
        });
        assert.deepEqual(visited, was);
      }
    }),
    { numRuns: 200 },
  );
});

test("a map that did not change is frozen once", () => {
  const map = new FactMap<number>();
  map.set("a", 1);
  const view = map.freeze();
  map.delete("b");
  assert.equal(map.freeze(), view);
  map.set("a", 2);
  assert.notEqual(map.freeze(), view);
  assert.deepEqual([...view], [["a", 1]]);
});

interface Thing {
  readonly id: string;
  readonly version: number;
}

const ENDED_MAX = 5;

test("a register keeps open and ended things apart, and shows the same however often it is looked at", () => {
  const step = fc.record({ id: KEY, ends: fc.boolean(), isLooked: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1500, size: "max" }), (steps) => {
      const [looked, unseen] = [registerOf(), registerOf()];
      const open = new Map<string, Thing>();
      const ended = new Map<string, Thing>();
      for (const [version, { id, ends, isLooked }] of steps.entries()) {
        const hasEnded = ends || ended.has(id);
        const thing = { id, version };
        for (const register of [looked, unseen]) register.put("", id, thing, hasEnded);
        if (hasEnded) open.delete(id);
        (hasEnded ? ended : open).set(id, thing);
        const [first] = ended.keys();
        if (ended.size > ENDED_MAX && first !== undefined) ended.delete(first);
        if (isLooked) assert.deepEqual([...looked.open()], [...open]);
      }
      for (const register of [looked, unseen]) {
        assert.deepEqual([...register.open()], [...open]);
        assert.deepEqual([...register.ended()], [...ended]);
        for (const [id, thing] of [...open, ...ended]) assert.equal(register.get("", id), thing);
      }
    }),
    { numRuns: 100 },
  );
});

function registerOf(): Register<Thing> {
  return new Register<Thing>(ENDED_MAX, ({ id }) => ({ group: "", id, key: id }));
}

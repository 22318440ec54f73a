import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { MonotonicMs } from "../kernel/scalars.ts";
import { Fingerprinter } from "./fingerprint.ts";
import { HELD_MAX, LineMerge, SEEN_MIN } from "./merge.ts";

const HOLD_MAX_MS = 2000;

/**
 * One rule a row: what happens, and all that is told. `+1` line 1 joins, `-1` leaves, `1:a` line 1 delivers a, `1=2`
 * line 1 is proven to be abreast of line 2, `@500` it is then, and who waits too long waits no longer.
 */
const RULES: readonly (readonly [rule: string, happens: string, told: string])[] = [
  ["the first line leads: its events are told as they come", "+1 1:a 1:b", "ab"],
  ["a follower's event is held until the leader tells it, and is then a copy", "+1 +2 2:a 1:a 2:b 1:b", "ab"],
  ["a copy that comes after the leader's is dropped", "+1 +2 1:a 2:a", "a"],
  ["a copy on the leader itself is dropped", "+1 1:a 1:a", "a"],
  ["what only the follower has is not told while the leader may still tell older news", "+1 +2 2:b", ""],
  ["a follower that is ahead waits for the order of the leader", "+1 +2 2:b 2:c 1:a 1:b 1:c", "abc"],
  ["when the leader leaves, the follower leads and tells what it held", "+1 +2 1:a 2:a 2:b 2:c -1 2:d", "abcd"],
  ["when a follower leaves, the leader goes on", "+1 +2 1:a 2:a -2 1:b", "ab"],
  ["a follower that leaves before the leader leaves its news behind", "+1 +2 2:a 2:b -2 1:a -1", "ab"],
  ["what a line that left had held is a copy once the leader tells it", "+1 +2 2:a -2 1:a 1:b -1", "ab"],
  ["of two followers the older one takes over", "+1 +2 +3 1:a 2:b 3:b 3:c -1 2:c", "abc"],
  ["an event of a line that never joined is not told", "+1 2:a 1:b", "b"],
  ["an event of a line that left is not told", "+1 -1 1:a", ""],
  ["a lone successor leads", "+1 1:a -1 +2 2:b", "ab"],
  ["copies are known across lines that never met", "+1 1:a -1 +2 2:a 2:b", "ab"],
  ["held too long: the follower leads and tells", "+1 +2 2:a 2:b @2000 2:c", "abc"],
  ["not held long enough: nothing is told", "+1 +2 2:a @1999", ""],
  ["the lagging leader follows after that, and its late copies are dropped", "+1 +2 2:a 2:b @2000 1:a 1:b 2:c", "abc"],
  ["a late leader that follows is held for in its turn", "+1 +2 2:a @2000 1:a 1:b 2:b 2:c 1:c", "abc"],
  ["what a line that left had held waits for the leader, however long that takes", "+1 +2 2:a -2 @9000", ""],
  ["and is told when nobody leads any more", "+1 +2 2:a -2 @9000 -1", "a"],
  ["what the leader is proven to be abreast of has nothing to wait for", "+1 +2 2:a 1=2 2:b", "ab"],
  ["so have those between them", "+1 +2 +3 2:a 3:b 1=3", "ab"],
  ["one that is further on has", "+1 +2 +3 3:b 1=2 2:a", "a"],
  ["of a follower it is proof when the follower is aligned itself", "+1 +2 +3 2=3 3:b 2:a 1:a", "ab"],
  ["what is about one connection waits for nothing, and is told once", "+1 +2 2:a 2:! 1:! 1:a", "!a"],
  ["and shows nothing", "+1 +2 1:! 2:! 2:b", "!"],
  [
    "what a line that left had held is told before the news of one that came later",
    "+1 +2 2:a 2:b -2 +3 3:b 3:c -1",
    "abc",
  ],
  ["the same, when the later one takes over from a leader that lags", "+1 +2 2:a -2 +3 @100 3:b @2100", "ab"],
  ["a line that has told a copy is aligned: its next news is told at once", "+1 +2 1:a 2:a 2:b", "ab"],
  ["and then whoever is first is told", "+1 +2 1:a 2:a 2:b 1:b 1:c 2:c 2:d", "abcd"],
  ["an event held that is then told aligns its line: the rest of what it held is told", "+1 +2 2:a 2:b 2:c 1:a", "abc"],
  ["one line aligns the next", "+1 +2 +3 2:b 2:c 3:c 3:d 1:b", "bcd"],
  ["a line that left is aligned by what it held as well", "+1 +2 2:b 2:c -2 1:a 1:b", "abc"],
  ["what may happen again shows nothing: it can be another one", "+1 +2 1:A 2:A 2:b", "A"],
  ["the same, when it is held", "+1 +2 2:A 2:b 1:A", "A"],
  ["a line that has been there for long waits all the same", "+1 +2 @2000 2:a @3999", ""],
  ["of two that are aligned, one may leave", "+1 +2 1:a 2:a -1 2:b", "ab"],
  ["or the other", "+1 +2 1:a 2:a 2:b -2 1:b 1:c", "abc"],
  ["a line that lagged is aligned again by its late copy", "+1 +2 2:a @2000 1:a 1:b", "ab"],
  ["two copies on the follower are one event when it takes over", "+1 +2 2:a 2:a 2:b -1", "ab"],
  ["two copies on the follower are dropped together", "+1 +2 2:a 2:a 1:a -1", "a"],
];

for (const [rule, happens, told] of RULES) {
  test(`L1 ${rule}`, () => assert.equal(play(happens).join(""), told));
}

test("copies are counted, wherever they were dropped", () => {
  const merge = new LineMerge<string>(HOLD_MAX_MS);
  play("+1 +2 1:a 2:a 2:b 1:b 1:b 2:c 2:c -1", merge);
  assert.equal(merge.copyCount, 4);
});

test("the deadline is that of the event held longest, and there is none when nothing is held", () => {
  const merge = new LineMerge<string>(HOLD_MAX_MS);
  play("+1 +2 +3", merge);
  assert.equal(merge.nextDeadline(), undefined);
  play("@10 2:a @20 3:b @30 2:c", merge);
  assert.equal(merge.nextDeadline(), 2010);
  play("1:a", merge);
  assert.equal(merge.nextDeadline(), 2020);
  play("1:b 1:c", merge);
  assert.equal(merge.nextDeadline(), undefined);
});

test("L12 a follower that is further ahead than is held takes the lead, with all it held, in order", () => {
  const merge = new LineMerge<number>(HOLD_MAX_MS);
  merge.join(1);
  merge.join(2);
  const told: number[] = [];
  for (let i = 0; i < HELD_MAX; i++) told.push(...merge.take(2, only(String(i), i), at(0)));
  assert.equal(told.length, 0);
  told.push(...merge.take(2, only(String(HELD_MAX), HELD_MAX), at(0)));
  assert.deepEqual(
    told,
    Array.from({ length: HELD_MAX + 1 }, (_, i) => i),
  );
  assert.equal(merge.nextDeadline(), undefined);
});

test("L12 a copy is known while fewer than SEEN_MIN events came between, and memory is bounded", () => {
  const merge = new LineMerge<number>(HOLD_MAX_MS);
  merge.join(1);
  for (let i = 0; i < 5 * SEEN_MIN; i++) {
    assert.equal(merge.take(1, only(String(i), i), at(0)).length, 1);
    const back = i - SEEN_MIN + 1;
    if (back >= 0 && i % 997 === 0) assert.deepEqual(merge.take(1, only(String(back), back), at(0)), []);
  }
  const forgotten = 3 * SEEN_MIN - 1;
  assert.deepEqual(merge.take(1, only(String(forgotten), forgotten), at(0)), [forgotten]);
});

/** A line's part in a story: it delivers the events `[from, to)` of the one true sequence. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

/** Pieces that cover the whole sequence: each begins at or before the end of one that is there already. */
const PIECES: fc.Arbitrary<readonly Piece[]> = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }))
  .chain(([first, second, third]) =>
    fc.record({
      a: fc.constant({ from: 0, to: first }),
      b: fc.integer({ min: 0, max: first }).map((from) => ({ from, to: first + second })),
      c: fc.integer({ min: 0, max: first + second }).map((from) => ({ from, to: first + second + third })),
    }),
  )
  .map(({ a, b, c }) => [a, b, c]);

test("L1 whatever the interleaving of lines that overlap, the one true sequence is told, once and in order", () => {
  fc.assert(
    fc.property(PIECES, fc.array(fc.nat(2), { maxLength: 200 }), fc.boolean(), (pieces, turns, twice) => {
      const end = Math.max(...pieces.map(({ to }) => to));
      const told = playPieces(pieces, turns, twice);
      assert.deepEqual(
        told,
        Array.from({ length: end }, (_, i) => i),
      );
    }),
    { numRuns: 3000 },
  );
});

test("L1 a leader that lags is overtaken by a follower that has it all, and nothing is told twice", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.nat(900)), { maxLength: 150 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 25 }), steps, (end, turns) => {
      const merge = new LineMerge<number>(HOLD_MAX_MS);
      const sent = new Map([
        [1, 0],
        [2, 0],
      ]);
      const told: number[] = [];
      let now = 0;
      merge.join(1);
      merge.join(2);
      const deliver = (line: number) => {
        const i = sent.get(line) ?? 0;
        if (i === end) return;
        sent.set(line, i + 1);
        told.push(...merge.take(line, only(String(i), i), at(now)));
      };
      for (const [line, ms] of turns) {
        now += ms;
        const due = merge.nextDeadline();
        if (due !== undefined && due <= now) told.push(...dueAt(merge, at(now)));
        deliver(line);
      }
      for (let i = 0; i < end; i++) for (const line of [1, 2]) deliver(line);
      told.push(...merge.leave(1), ...merge.leave(2));
      assert.deepEqual(
        told,
        Array.from({ length: end }, (_, i) => i),
      );
      assert.equal(merge.nextDeadline(), undefined);
    }),
    { numRuns: 3000 },
  );
});

test("L2 nothing that any line delivered is lost, however the lines contradict each other", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(..."abcdefgh")) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom(1, 2, 3), fc.constantFrom("join", "leave")) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(0), fc.constantFrom("late", "soon")) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const story: string[] = [];
      const delivered = new Set<string>();
      let now = 0;
      for (const [line, what] of steps) {
        const hasJoined = story.includes(`+${line}`);
        if (line === 0) now += what === "late" ? 3000 : 500;
        if (line === 0) story.push(`@${now}`);
        else if (what === "join" && !hasJoined) story.push(`+${line}`);
        else if (what === "leave" && hasJoined) story.push(`-${line}`);
        else if (what.length === 1) story.push(`${line}:${what}`);
        if (what.length === 1 && hasJoined && !story.includes(`-${line}`)) delivered.add(what);
      }
      const told = play([...story, "-1", "-2", "-3"].join(" "));
      assert.deepEqual(told.sort(), [...delivered].sort());
    }),
    { numRuns: 3000 },
  );
});

/** What happens at a moment: a line opens, dies, or hears an event of the one true sequence. */
interface Happening {
  readonly at: number;
  readonly act: (now: MonotonicMs) => void;
}

/** One line: from when to when it is there, and how long each of its frames is on its way, in milliseconds. */
interface Wire {
  readonly opensAt: number;
  readonly lastsMs: number;
  readonly delaysMs: readonly number[];
}

const WIRE: fc.Arbitrary<Wire> = fc.record({
  opensAt: fc.nat(20_000),
  lastsMs: fc.nat(20_000),
  // Below `holdMaxMs`: what is slower than that cannot be told in order by anybody who may not wait for ever.
  delaysMs: fc.array(fc.nat(HOLD_MAX_MS - 100), { minLength: 1, maxLength: 20 }),
});

test("L1 whatever the delays, with lines that open and die at any time: once, in order, whole while covered", () => {
  const gaps = fc.array(fc.oneof(fc.nat(5), fc.nat(800)), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(fc.array(WIRE, { minLength: 1, maxLength: 6 }), gaps, (wires, waits) => {
      const lines = [...wires].sort((a, b) => a.opensAt - b.opensAt);
      let sentAt = 0;
      const sent = waits.map((ms) => (sentAt += ms));
      const told = playWires(lines, sent);
      assert.deepEqual(
        told,
        [...new Set(told)].sort((a, b) => a - b),
      );
      const isTold = new Set(told);
      for (const [i, at] of sent.entries()) {
        const isCovered = lines.some(({ opensAt, lastsMs }) => {
          return at > opensAt && at < opensAt + lastsMs - HOLD_MAX_MS;
        });
        assert(isTold.has(i) || !isCovered, `event ${i} of ${at} ms was delivered, and not told`);
      }
    }),
    { numRuns: 3000 },
  );
});

/** Events sent at `sent[i]`, delivered by each line that is there, in order, each after its delay. */
function playWires(wires: readonly Wire[], sent: readonly number[]): number[] {
  const merge = new LineMerge<number>(HOLD_MAX_MS);
  const told: number[] = [];
  const plan: Happening[] = [];
  for (const [epoch, { opensAt, lastsMs, delaysMs }] of wires.entries()) {
    plan.push({ at: opensAt, act: () => merge.join(epoch) });
    let arrivesAt = opensAt;
    for (const [i, at] of sent.entries()) {
      if (at <= opensAt) continue;
      arrivesAt = Math.max(arrivesAt, at + (delaysMs[i % delaysMs.length] ?? 0));
      if (arrivesAt >= opensAt + lastsMs) break;
      plan.push({ at: arrivesAt, act: (now) => told.push(...merge.take(epoch, only(String(i), i), now)) });
    }
    plan.push({ at: opensAt + lastsMs, act: () => told.push(...merge.leave(epoch)) });
  }
  for (const { at: when, act } of plan.sort((a, b) => a.at - b.at)) {
    for (let due = merge.nextDeadline(); due !== undefined && due < when; due = merge.nextDeadline()) {
      told.push(...dueAt(merge, due));
    }
    act(at(when));
  }
  return told;
}

/** Capital letters are events that may happen again, `!` is about one connection. */
function only<T>(identity: string, item: T) {
  const isApart = identity === "!";
  return { identity: new Fingerprinter().add(identity).take(), isUnique: !/[A-Z]/.test(identity), isApart, item };
}

/** Whoever waits for too long waits no longer. */
function dueAt<T>(merge: LineMerge<T>, now: MonotonicMs): T[] {
  const told: T[] = [];
  for (let late = merge.overdue(now); late !== undefined; late = merge.overdue(now)) told.push(...merge.release(late));
  return told;
}

function at(ms: number): MonotonicMs {
  return ms as MonotonicMs;
}

/** Plays a row of {@link RULES} and returns what is told. */
function play(happens: string, merge = new LineMerge<string>(HOLD_MAX_MS)): string[] {
  const told: string[] = [];
  let now = 0;
  for (const one of happens.split(" ")) {
    const epoch = Number(one[1]);
    if (one[0] === "+") merge.join(epoch);
    else if (one[0] === "-") told.push(...merge.leave(epoch));
    else if (one[1] === "=") told.push(...merge.abreast(Number(one[0]), Number(one[2])));
    else if (one[0] === "@") {
      now = Number(one.slice(1));
      told.push(...dueAt(merge, at(now)));
    } else {
      const name = one.slice(2);
      told.push(...merge.take(Number(one[0]), only(name, name), at(now)));
    }
  }
  return told;
}

/**
 * Lets each line deliver its piece, in the turns given and then to its end. A line joins when its first turn comes, but
 * not before what it begins with is the next news of the lines before it; it leaves when its piece is over.
 */
function playPieces(pieces: readonly Piece[], turns: readonly number[], twice: boolean): number[] {
  const merge = new LineMerge<number>(HOLD_MAX_MS);
  const next = pieces.map(({ from }) => from);
  const joined = new Set<number>();
  const gone = new Set<number>();
  const told: number[] = [];
  const turn = (line: number) => {
    const piece = pieces[line];
    if (piece === undefined || gone.has(line)) return;
    if (line > 0 && !joined.has(line - 1)) return;
    // A line leaves only when its successor is there.
    const i = next[line] ?? 0;
    if (!joined.has(line)) {
      joined.add(line);
      return merge.join(line);
    }
    if (i < piece.to) {
      next[line] = i + 1;
      for (let times = twice ? 2 : 1; times > 0; times--) told.push(...merge.take(line, only(String(i), i), at(0)));
    } else if (line === pieces.length - 1 || joined.has(line + 1)) {
      gone.add(line);
      told.push(...merge.leave(line));
    }
  };
  for (const line of turns) turn(line);
  for (let round = 0; round < 200; round++) for (let line = 0; line < pieces.length; line++) turn(line);
  return told;
}

/** The checks of the simulation are seen to fail: a law that nothing can break is no law. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountRecord } from "../src/account/record.ts";
import { InvariantViolation } from "../src/kernel/errors.ts";
import type { Id64 } from "../src/kernel/scalars.ts";
import { encodeEvent } from "../src/protocol/user-data-event.ts";
import { algoEvent, orderEvent } from "../test/account-news.ts";
import { Limits, Reach } from "./checks.ts";
import { Completeness } from "./completeness.ts";

const MINUTE = 60_000;

test("L5 a lapsed key is lawful only after REST was out of reach for 20 of the last 60 minutes", () => {
  const rows: readonly [outages: readonly (readonly [from: number, to: number])[], lapsedAt: number, is: string][] = [
    [[], 60, "broken"],
    [[[10, 25]], 60, "broken"],
    [[[35, 60]], 60, "lawful"],
    [[[35, 99]], 60, "lawful"],
    [[[45, 99]], 60, "broken"],
    [
      [
        [31, 42],
        [45, 56],
      ],
      60,
      "lawful",
    ],
    // Too long ago.
    [[[0, 70]], 120, "broken"],
    [[[0, 81]], 120, "lawful"],
  ];
  for (const [outages, lapsedAt, is] of rows) {
    const reach = new Reach();
    const turns = outages.flatMap(([from, to]) => [
      { at: from, isWell: false },
      { at: to, isWell: true },
    ]);
    for (const { at, isWell } of turns) if (at <= lapsedAt) reach.turned(isWell, at * MINUTE);
    const lapse = () => reach.told(gap("key lapsed"), lapsedAt * MINUTE);
    if (is === "lawful") lapse();
    else assert.throws(lapse, InvariantViolation, JSON.stringify(outages));
  }
});

test("L5 other gaps ask for no outage", () => {
  new Reach().told(gap("the key expired"), 60 * MINUTE);
});

test("L5 while the exchange wants silence REST is out of reach; what overlaps with an outage counts once", () => {
  const rows: readonly [outage: readonly [number, number], silence: readonly [number, number], is: string][] = [
    [[30, 41], [41, 51], "lawful"],
    [[30, 41], [35, 49], "broken"],
    [[30, 41], [35, 51], "lawful"],
    [[30, 51], [35, 40], "lawful"],
  ];
  for (const [[from, to], [since, until], is] of rows) {
    const reach = new Reach();
    reach.turned(false, from * MINUTE);
    if (since < to) reach.silenced((until - since) * MINUTE, since * MINUTE);
    reach.turned(true, to * MINUTE);
    if (since >= to) reach.silenced((until - since) * MINUTE, since * MINUTE);
    const lapse = () => reach.told(gap("key lapsed"), 60 * MINUTE);
    if (is === "lawful") lapse();
    else assert.throws(lapse, InvariantViolation, `${from}-${to} ${since}-${until}`);
  }
});

/**
 * What the venue pushes (`a`; `(a)` when it swallows it) and what the stream tells (`+a`, `GAP`), in order; and the law
 * that is broken.
 */
const STORIES: readonly (readonly [story: string, broken: RegExp | undefined])[] = [
  ["a b +a +b", undefined],
  ["a b c +a GAP +c", undefined],
  ["a b c +a +c", /L2 1 events missed/],
  ["a (b) c +a +c", undefined],
  ["a (b) c +a +b +c", undefined],
  ["a (b) c +a +c +b", /L1 told out of order/],
  ["a (b) c d +a +d", /L2 1 events missed/],
  ["a +a +a", /L1 told twice/],
  ["a b +b +a", /L1 told out of order|L2/],
  ["a +b", /L1 told twice, or never pushed/],
  ["a a +a +a", undefined],
  ["a b +a", /L2 1 events at the end/],
  ["a (b) +a", undefined],
  ["a b +a GAP", undefined],
];

test("L1 what an account was opened with may be told by repair, once", () => {
  const completeness = new Completeness();
  completeness.opened("USDT", "10000", 7);
  const a = { m: "DEPOSIT", B: [{ a: "USDT", bc: "10000.00000000" }], P: [] };
  const tell = (seq: number) =>
    completeness.told({
      ...{ seq, kind: "event", origin: "repair" },
      event: { e: "ACCOUNT_UPDATE", T: 7, a },
    } as unknown as AccountRecord);
  tell(1);
  assert.throws(() => tell(2), /L1 repair told what was told before/);
});

for (const [story, broken] of STORIES) {
  test(`L1 L2 ${story} is ${broken === undefined ? "lawful" : "broken"}`, () => {
    const play = () => {
      const completeness = new Completeness();
      let seq = 0;
      const tell = (rest: object) => completeness.told({ seq: ++seq, ...rest } as unknown as AccountRecord);
      tell({ kind: "status", status: "live" });
      completeness.log("first", 0, false);
      tell(event("first"));
      for (const word of story.split(" ")) {
        if (word === "GAP") tell({ kind: "gap", why: "closed" });
        else if (word.startsWith("+")) tell(event(word.slice(1)));
        else completeness.log(word.replace(/[()]/g, ""), 0, word.startsWith("("));
      }
      completeness.quiet();
    };
    if (broken === undefined) play();
    else assert.throws(play, broken);
  });
}

/** A swallowed event, the holes of the certificate that covers it, and whether that certificate is a true one. */
const CERTIFICATES: readonly (readonly [name: string, json: string, holes: readonly string[], is: boolean])[] = [
  ["a fill", step("ETHUSDT", "TRADE"), [], false],
  ["a fill", step("ETHUSDT", "TRADE"), ["fills of ETHUSDT: GET userTrades was refused: no (-1100)"], true],
  ["a fill", step("ETHUSDT", "TRADE"), ["fills of BTCUSDT: GET userTrades was refused: no (-1100)"], false],
  ["a fill", step("ETHUSDT", "TRADE"), ["conditional orders of ETHUSDT: no (-1100)"], false],
  ["a fill", step("ETHUSDT", "TRADE"), ["funding, transfers, and symbols that traded: no (-1100)"], true],
  ["a fill", step("ETHUSDT", "TRADE"), ["everything: no answer"], true],
  ["an order", step("ETHUSDT", "NEW"), ["fills of ETHUSDT: no (-1100)"], false],
  ["an order", step("ETHUSDT", "NEW"), ["conditional orders of ETHUSDT: no (-1100)"], false],
  ["an order", step("ETHUSDT", "NEW"), ["orders that were placed: no (-1100)"], true],
  ["an order", step("ETHUSDT", "NEW"), ["how 3 orders of ETHUSDT ended: no (-1100)"], true],
];

for (const [name, json, holes, isTrue] of CERTIFICATES) {
  const named = holes.length === 0 ? "names no hole" : `names ${holes}`;
  test(`L2 a certificate that ${named} is ${isTrue ? "true" : "wrong"} when ${name} of ETHUSDT was swallowed`, () => {
    const completeness = new Completeness();
    const certificate = { kind: "repair", gaps: [2], completeUpTo: 20, holes };
    completeness.told({ seq: 1, kind: "status", status: "live" } as unknown as AccountRecord);
    completeness.log(json, 10, true);
    completeness.told({ ...gap("deaf"), seq: 2 });
    const certify = () => completeness.told({ seq: 3, ...certificate } as unknown as AccountRecord);
    if (!isTrue) return assert.throws(certify, /L2 a certificate is wrong/);
    certify();
    completeness.quiet();
  });
}

function step(s: string, x: "NEW" | "TRADE"): string {
  const fill = x === "TRADE" ? { t: "7" as Id64 } : {};
  return encodeEvent(orderEvent(10, x === "TRADE" ? "FILLED" : "NEW", { s, ...fill }));
}

for (const [from, isTrue] of [
  [undefined, false],
  [5, false],
  [15, true],
] as const) {
  const what = `asks from ${from ?? "the beginning"} on`;
  const name = "a conditional order that had come and gone, on a symbol where one was told only later";
  test(`L2 a certificate that ${what} is ${isTrue ? "true" : "wrong"} without ${name}`, () => {
    const completeness = new Completeness();
    const tell = (seq: number, rest: object) => completeness.told({ seq, ...rest } as unknown as AccountRecord);
    tell(1, { kind: "status", status: "live" });
    for (const status of ["NEW", "CANCELED"] as const) completeness.log(encodeEvent(algoEvent(10, status)), 10, true);
    const later = encodeEvent(algoEvent(18, "NEW", { aid: "9" as Id64 }));
    completeness.log(later, 18, false);
    tell(2, event(later));
    tell(3, gap("closed"));
    const certify = () => tell(4, { kind: "repair", gaps: [3], from, completeUpTo: 20, holes: [] });
    if (isTrue) certify();
    else assert.throws(certify, /L2 a certificate is wrong/);
  });
}

test("L1 the envelope of a combined stream is no part of the event", () => {
  const completeness = new Completeness();
  completeness.log('{"e":"X"}', 0, false);
  completeness.told({ seq: 1, kind: "status", status: "live" } as unknown as AccountRecord);
  completeness.told({ seq: 2, ...event('{"stream":"key","data":{"e":"X"}}') } as unknown as AccountRecord);
  completeness.quiet();
});

function event(raw: string): object {
  return { kind: "event", event: { e: "X" }, raw };
}

function gap(why: string): AccountRecord {
  return { kind: "gap", why } as unknown as AccountRecord;
}

const READ = { method: "GET", url: "https://venue/fapi/v3/balance", headers: {} } as const;
const answer = (status: number, headers: Record<string, string> = {}) => ({ status, headers, body: "{}" });

test("L6 silence that was asked for is to be kept to the end, and its end is told once", () => {
  const limits = new Limits();
  assert.equal(limits.sent(READ, 0), undefined);
  limits.answered(answer(418, { "retry-after": "120" }), true, 100);
  limits.answered(answer(429, { "retry-after": "10" }), true, 200);
  assert.throws(() => limits.sent(READ, 120_099), /L6 .* 1 ms before the silence is over/);
  assert.equal(limits.sent(READ, 120_100), 429);
  assert.equal(limits.sent(READ, 120_200), undefined);
});

test("L6 no more weight than the exchange allows, and no refusal because of us alone", () => {
  const limits = new Limits();
  limits.answered(answer(200, { "x-mbx-used-weight-1m": "2400" }), false, 0);
  const over = answer(200, { "x-mbx-used-weight-1m": "2401" });
  assert.throws(() => limits.answered(over, false, 0), /L6 2401 of 2400/);
  assert.throws(() => limits.answered(answer(429), false, 0), /L6 .* because of us alone/);
});

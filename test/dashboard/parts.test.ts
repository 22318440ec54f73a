/** The dashboard's parts that need no browser: numbers, words, lists and stories. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Episodes } from "../../dashboard/state/episodes.ts";
import { EquityCurve } from "../../dashboard/state/equity-curve.ts";
import { LagMeter } from "../../dashboard/state/lag-meter.ts";
import { moveTowards } from "../../dashboard/state/market-moves.ts";
import { RecordBook } from "../../dashboard/state/record-book.ts";
import { RecordList } from "../../dashboard/state/record-list.ts";
import { certaintyOf } from "../../dashboard/views/certainty.ts";
import { EN } from "../../dashboard/words/en.ts";
import { laidOut } from "../../dashboard/words/laid-out.ts";
import {
  aligned,
  distance,
  duration,
  percent,
  plainly,
  profit,
  shortened,
  signed,
} from "../../dashboard/words/numbers.ts";
import { kindOf, lineOf, searchableText } from "../../dashboard/words/record-words.ts";
import { ZH } from "../../dashboard/words/zh.ts";
import type { Margin } from "../../src/account/margin.ts";
import type { AccountRecord, GapRecord, RepairRecord } from "../../src/account/record.ts";
import { readRecordText, recordText } from "../../src/hub/record-text.ts";
import type { EventMs, TransactMs, WallMs } from "../../src/kernel/scalars.ts";
import { decodeEvent } from "../../src/protocol/user-data-event.ts";
import { EVENT_FIXTURES } from "../event-fixtures.ts";

const NUMBERS: readonly [shown: string, expected: string][] = [
  [plainly("1234567.500"), "1,234,567.5"],
  [plainly("-0.004"), "−0.004"],
  [plainly("10000", 2), "10,000.00"],
  [plainly("123456789012345678.12345678"), "123,456,789,012,345,678.12345678"],
  [shortened("85991.23999", 2), "85,991.23"],
  [shortened("-0.004", 2), "0.00"],
  [shortened("-1.999", 2), "−1.99"],
  [signed(shortened("3.5", 2)), "+3.50"],
  [signed(shortened("-3.5", 2)), "−3.50"],
  [signed("0.00"), "0.00"],
  [profit("-0.5", "100", "90") ?? "", "5"],
  [percent("12.5", "10000") ?? "", "0.1"],
  [percent("1", "0") ?? "none", "none"],
  [distance("100", "88.25") ?? "", "11.7"],
  [duration(250, EN), "250 ms"],
  [duration(3_240, EN), "3.2 s"],
  [duration(3_599_000, EN), "59 m 59 s"],
  [duration(90_000_000, EN), "1 d 1 h"],
  [duration(3_900_000, ZH), "1 时 05 分"],
];

test("numbers are shown with their digits, grouped, and cut where the name says so", () => {
  for (const [shown, expected] of NUMBERS) assert.equal(shown, expected);
});

test("the points of a column stand in one line, since each text is as long behind it", () => {
  const column = aligned(["1.5", "20", "300.125"]);
  assert.deepEqual(
    column.map((text) => text.length - text.search(/[.\u2008]/)),
    [4, 4, 4],
  );
  assert.deepEqual(aligned(["1", "20"]), ["1", "20"]);
});

test("JSON that is laid out says the same, digit by digit", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      assert.deepEqual(JSON.parse(laidOut(json)), JSON.parse(json));
    }),
  );
  assert.equal(
    laidOut('{"i":8389765489680951453,"a":[],"o":{}}'),
    '{\n  "i": 8389765489680951453,\n  "a": [],\n  "o": {}\n}',
  );
});

const AT = 1_700_000_000_000 as WallMs;
const base = (seq: number) => ({ seq, account: "demo", at: (AT + seq) as WallMs });

function status(seq: number): AccountRecord {
  return { ...base(seq), kind: "status", status: "live" };
}

function gap(seq: number): GapRecord {
  return { ...base(seq), kind: "gap", from: AT as number as EventMs, why: "closed 1006" };
}

function repair(seq: number, gaps: readonly number[], holes: readonly string[] = []): RepairRecord {
  const sums = { recovered: { ORDER_TRADE_UPDATE: 2 }, weightUsed: 70, requests: 14, tookMs: 1_200 };
  return {
    ...base(seq),
    kind: "repair",
    gaps,
    from: undefined,
    completeUpTo: AT as number as TransactMs,
    holes,
    ...sums,
  };
}

test("every event there is has a line in both languages, and is found by its symbol", () => {
  for (const { name, text } of EVENT_FIXTURES) {
    const event = decodeEvent(text);
    const told = { ...base(1), kind: "event", origin: "stream", event, raw: text } as AccountRecord;
    const record = readRecordText(recordText(told));
    for (const words of [EN, ZH]) {
      const line = lineOf(record, words);
      assert.ok(line.tag !== "" && line.text !== "", name);
      assert.doesNotMatch(line.text, /undefined|NaN|\[object|^\{/, `${name}: ${line.text}`);
      if (line.symbol !== "") assert.ok(searchableText(record, words).includes(line.symbol.toLowerCase()));
    }
    assert.ok(["fill", "order", "account", "stream", "other"].includes(kindOf(record)));
  }
  for (const record of [status(1), gap(2), repair(3, [2], ["income"])]) {
    assert.equal(kindOf(record), "stream");
    assert.notEqual(lineOf(record, EN).text, lineOf(record, ZH).text);
  }
});

test("a list has what passes of a book, however the book grows at both ends", () => {
  const isWanted = ({ seq }: AccountRecord) => seq % 3 === 0;
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => status(from + i));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant("new"), fc.constant("old"), fc.constant("hole")), { maxLength: 30 }),
      (steps) => {
        const book = new RecordBook();
        const list = new RecordList(book, isWanted);
        let [first, last] = [500, 499];
        for (const step of steps) {
          if (step === "old" && last >= first) {
            book.addOlder(range(first - 7, first - 1));
            first -= 7;
          } else {
            last += step === "hole" ? 50 : 1;
            book.add(status(last));
            if (step === "hole") first = last;
          }
          assert.deepEqual(list.records, book.records.filter(isWanted));
        }
      },
    ),
  );
});

test("an episode is open until its certificate, and one that ends no gap confirms the start", () => {
  const episodes = new Episodes();
  for (const record of [status(1), repair(2, []), gap(3), gap(4)]) episodes.take(record);
  assert.deepEqual(
    episodes.list.map(({ seq, gaps, repair }) => [seq, gaps.length, repair?.seq]),
    [
      [3, 2, undefined],
      [2, 0, 2],
    ],
  );
  assert.equal(episodes.take(gap(4)), false, "a copy");
  episodes.take(repair(5, [3, 4]));
  assert.deepEqual([episodes.open.length, episodes.list[0]?.gaps.length, episodes.list[0]?.repair?.seq], [0, 2, 5]);
});

test("the curve has one point a second, in order, whatever comes first", () => {
  const curve = new EquityCurve();
  curve.add({ at: 10_000, equity: "3" });
  curve.add({ at: 10_500, equity: "4" });
  curve.addOlder([
    { at: 1_000, equity: "1" },
    { at: 1_900, equity: "1.5" },
    { at: 5_000, equity: "2" },
    { at: 10_200, equity: "9" },
  ]);
  curve.add({ at: 11_000, equity: "5" });
  assert.deepEqual(
    curve.points.map(({ equity }) => equity),
    ["1", "2", "3", "5"],
  );
});

test("lag is the worst of each second, for two minutes", () => {
  const meter = new LagMeter();
  for (let second = 0; second < 300; second++) for (const lag of [5, 40, 10]) meter.note(second * 1_000, lag);
  assert.equal(meter.seconds.length, 121);
  assert.deepEqual(meter.seconds.at(-1), { second: 299, count: 3, worstMs: 40 });
  assert.equal(meter.lastMs, 10);
});

const KNOWN = ["following", [], AT] as const;

test("how certain the account is, in a sentence", () => {
  const of = (sync: string, phase = "following", gaps: readonly GapRecord[] = [], completeUpTo?: WallMs) =>
    certaintyOf(
      {
        phase,
        trouble: "a key is refused",
        lastSeq: 1,
        consumers: 0,
        journal: { phase: "open" },
        upstream: { sync, completeUpTo },
      } as never,
      gaps,
      EN,
      String,
    );
  assert.deepEqual(
    ["certain", "confirming", "asking", "waiting", "doubtful", "unasked"].map((sync) => of(sync, ...KNOWN).state),
    ["good", "good", "busy", "bad", "bad", "bad"],
  );
  assert.deepEqual(of("certain", ...KNOWN), { state: "good", text: `Certain up to ${AT}` });
  assert.deepEqual(of("certain"), { state: "busy", text: "Not proven yet" }, "no tick without a proof");
  assert.deepEqual(of("certain", "waiting"), { state: "bad", text: "Not followed: a key is refused" });
  assert.equal(certaintyOf(undefined, [], EN, String).state, "busy");
  assert.equal(of("certain", "following", [gap(1)], AT).state, "good", "the answer knows of that gap");
  assert.equal(of("certain", "following", [gap(2)], AT).state, "bad", "a gap that is newer than the answer");
});

test("the market is moved just before the nearest liquidation price for a call, and beyond it to liquidate", () => {
  const position = (symbol: string, markPrice: string, liquidationPrice?: string) => ({
    symbol,
    markPrice,
    liquidationPrice,
  });
  const margin = (...positions: object[]) => ({ positions }) as unknown as Margin;
  const long = position("SOLUSDT", "130.00000000", "124.12000000");
  const short = position("BNBUSDT", "800.00000000", "900.00000000");
  const far = position("BTCUSDT", "81602.07637822", "2814406.34242530");
  assert.deepEqual(moveTowards("marginCall", margin(far, short, long)), {
    symbol: "SOLUSDT",
    to: "124.18206",
    body: { markPrice: "124.18206" },
  });
  assert.deepEqual(moveTowards("liquidate", margin(far, long))?.body, { price: "123.6" });
  assert.deepEqual(moveTowards("liquidate", margin(short))?.body, { price: "903.6" });
  assert.deepEqual(moveTowards("liquidate", margin(position("PEPE", "0.01", "0.0098765")))?.body, {
    price: "0.009836",
  });
  assert.deepEqual(moveTowards("liquidate", margin(position("BTCUSDT", "86000", "66123.4")))?.body, { price: "65850" });
  assert.equal(moveTowards("liquidate", margin(far, position("ETHUSDT", "2800"))), undefined);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { valuesOf } from "../../test/codec-arbitrary.ts";
import { EVENT_FIXTURES, fixture } from "../../test/event-fixtures.ts";
import { EVENT_TABLES } from "../../test/event-tables.ts";
import type { AccountRecord, StreamedRecord } from "../account/record.ts";
import type { RepairedEvent } from "../account/repaired-events.ts";
import type { EventMs, TransactMs, WallMs } from "../kernel/scalars.ts";
import { decodeFrame } from "../protocol/frame.ts";
import { decodeEvent, encodeEvent, type UserDataEvent } from "../protocol/user-data-event.ts";
import { labelsOf, payloadOf, readRecordText, recordText } from "./record-text.ts";

const HEAD = { seq: 12, account: 'de"mo,"event":', at: 1_700_000_000_000 as WallMs };

function streamed(raw: string): StreamedRecord {
  return { ...HEAD, kind: "event", origin: "stream", event: decodeEvent(raw), raw };
}

const FRAMES = EVENT_FIXTURES.map(({ name, text }) => ({ name, raw: oneLine(text) }));

for (const { name, raw } of FRAMES.filter(({ raw }) => !raw.includes("listenKeyExpired"))) {
  test(`L4 a record's text has the payload byte for byte, and is read back as the record: ${name}`, () => {
    const record = streamed(raw);
    const text = recordText(record);
    assert.ok(text.endsWith(`,"event":${raw}}`));
    assert.deepEqual(readRecordText(text), record);
    assert.equal(recordText(readRecordText(text)), text);
  });
}

test("every other record is read back as it was", () => {
  const at = 5 as TransactMs;
  const records: AccountRecord[] = [
    { ...HEAD, kind: "gap", from: 17 as EventMs, why: 'closed 1006: "no",\n"event":1' },
    { ...HEAD, kind: "gap", from: undefined, why: "" },
    { ...HEAD, kind: "status", status: "synced" },
    {
      ...HEAD,
      kind: "repair",
      gaps: [1, 2],
      from: undefined,
      completeUpTo: at,
      recovered: { ORDER_TRADE_UPDATE: 2 },
      holes: ["one"],
      weightUsed: 20.5,
      requests: 3,
      tookMs: 12.25,
    },
    { ...streamed('{"e":"NEW","i":8389765489680951453}'), early: true },
    { ...streamed('{"e":"NEW","i":8389765489680951453}'), early: true, putBack: true },
  ];
  for (const record of records) {
    const text = recordText(record);
    assert.deepEqual(readRecordText(text), record);
    assert.ok(!text.includes("\n"));
  }
});

test("L4 a repaired event lacks what REST does not know, has ids as bare numbers, and is read back as it was", () => {
  const names = ["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE", "ACCOUNT_CONFIG_UPDATE"] as const;
  const events = fc.constantFrom(...names).chain((name) => {
    const table = EVENT_TABLES.get(name);
    if (table === undefined) throw new Error(`no table of ${name}`);
    return fc.tuple(valuesOf(table), fc.array(fc.nat())).map(([event, gone]) => withoutSome(event, gone));
  });
  fc.assert(
    fc.property(events, (event) => {
      const record: AccountRecord = { ...HEAD, kind: "event", origin: "repair", event: event as RepairedEvent };
      const text = recordText(record);
      assert.deepEqual(readRecordText(text), record);
      assert.ok(text.endsWith(`${encodeEvent(event as UserDataEvent)}}`));
    }),
  );
  const told = { e: "ORDER_TRADE_UPDATE", T: 5, o: { s: "BTCUSDT", i: "8389765489680951453" } };
  const text = recordText({ ...HEAD, kind: "event", origin: "repair", event: told as unknown as RepairedEvent });
  assert.match(text, /"event":\{"e":"ORDER_TRADE_UPDATE","T":5,"o":\{"s":"BTCUSDT","i":8389765489680951453\}\}\}$/);
});

test("L9 neither the envelope of a combined stream nor an expired key stands in a text whole", () => {
  const key = "k".repeat(64);
  const event = oneLine(fixture("made.ORDER_TRADE_UPDATE.amendment.json").text);
  const wrapped = `{"stream":"${key}","data": ${event} }`;
  const frame = decodeFrame(wrapped);
  assert.ok(frame.type === "event");
  assert.equal(payloadOf({ raw: wrapped, event: frame.event }), event);
  assert.equal(payloadOf({ raw: wrapped.replace('data": ', 'data":\n'), event: frame.event }), event);
  const expired = `{"e":"listenKeyExpired","E":1,"listenKey" : "${key}"}`;
  const text = recordText(streamed(expired));
  assert.ok(text.endsWith(`"event":{"e":"listenKeyExpired","E":1,"listenKey" : "kkkk…"}}`));
});

test("what is no record is refused, with the place", () => {
  const rows: [text: string, message: RegExp][] = [
    ["", /^\$: expected JSON/],
    ["[]", /^\$\.kind: expected event, gap, repair or status, found undefined/],
    ['{"kind":"gap"}', /^\$\.seq: expected an integer/],
    ['{"seq":1,"account":"a","at":1,"kind":"status","event":{}}', /^\$\.kind: expected "event"/],
    [
      '{"seq":1,"account":"a","kind":"event","origin":"moon","at":1,"event":{}}',
      /^\$\.origin: expected stream or repair/,
    ],
    ['{"seq":1,"account":"a","kind":"event","origin":"stream","at":1,"event":{}}', /^\$\.event\.e: expected the name/],
  ];
  for (const [text, message] of rows) assert.throws(() => readRecordText(text), { name: "WireFormatError", message });
});

test("a record is found by its event, by the one symbol it is about, and by the exchange's dates", () => {
  const labels = (raw: string) => labelsOf(streamed(raw));
  assert.deepEqual(labels('{"e":"X","E":1,"T":2,"o":{"s":"A"}}'), {
    event: "X",
    symbol: "A",
    eventAt: 1,
    transactAt: 2,
  });
  assert.deepEqual(labels('{"e":"X","s":"B","o":null}'), { event: "X", symbol: "B", eventAt: null, transactAt: null });
  assert.equal(labels('{"e":"X","a":{"P":[{"s":"B"}]}}').symbol, null);
  assert.equal(labelsOf({ ...HEAD, kind: "status", status: "live" }).event, null);
});

/** As servers send it: without line breaks. */
function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}

/** Takes fields away here and there, never `e`, nor a whole entry. */
function withoutSome(value: unknown, gone: readonly number[]): unknown {
  const picks = [...gone];
  const visit = (one: unknown, isTop: boolean): unknown => {
    if (Array.isArray(one)) return one.map((entry) => visit(entry, false));
    if (typeof one !== "object" || one === null) return one;
    const kept = Object.entries(one).filter(([name]) => (isTop && name === "e") || (picks.pop() ?? 1) % 3 !== 0);
    return Object.fromEntries(kept.map(([name, inner]) => [name, visit(inner, false)]));
  };
  return visit(value, true);
}

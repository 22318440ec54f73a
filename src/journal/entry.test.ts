import assert from "node:assert/strict";
import { test } from "node:test";
import { entryOf } from "../../test/journal-fixtures.ts";
import { UsageError } from "../kernel/errors.ts";
import type { WallMs } from "../kernel/scalars.ts";
import {
  type JournalEntry,
  LABEL_CHARS_MAX,
  labelled,
  mustBeEntry,
  mustBeSnapshot,
  RECORD_CHARS_MAX,
} from "./entry.ts";

test("an entry that could not be given back as it is, is refused with the name of what is wrong", () => {
  const rows: [more: Record<string, unknown>, complaint: RegExp | undefined][] = [
    [{}, undefined],
    [{ account: "konto ä 漢 🙂" }, undefined],
    [{ account: "" }, /^account: /],
    [{ account: "a\nb" }, /^account: /],
    [{ account: "a\0" }, /^account: /],
    [{ account: "x".repeat(LABEL_CHARS_MAX) }, undefined],
    [{ account: "x".repeat(LABEL_CHARS_MAX + 1) }, /^account: /],
    [{ kind: "" }, /^kind: /],
    [{ origin: null }, undefined],
    [{ origin: "" }, /^origin: /],
    [{ at: 1.5 }, /^at: /],
    [{ at: Number.NaN }, /^at: /],
    [{ eventAt: 2 ** 53 }, /^eventAt: /],
    [{ transactAt: Number.POSITIVE_INFINITY }, /^transactAt: /],
    [{ record: "" }, /^record: /],
    [{ record: '"\0"' }, /^record: /],
    [{ record: '"\ud83d"' }, /^record: /],
    [{ record: '"🙂\n\t"' }, undefined],
    [{ record: "x".repeat(RECORD_CHARS_MAX) }, undefined],
    [{ record: "x".repeat(RECORD_CHARS_MAX + 1) }, /^record: expected at most 4100000 characters, found 4100001/],
  ];
  for (const [more, complaint] of rows) {
    const entry = entryOf("demo", 1, more as Partial<JournalEntry>);
    if (complaint === undefined) mustBeEntry(entry);
    else
      assert.throws(
        () => mustBeEntry(entry),
        (error) => error instanceof UsageError && complaint.test(error.message),
      );
  }
});

test("types and symbols of others are made fit to be found by, and the record is left as it came", () => {
  const rows: [found: string | null, kept: string | null][] = [
    [null, null],
    ["BTCUSDT", "BTCUSDT"],
    ["", ""],
    ["币安人生USDT", "币安人生USDT"],
    ["a\0b\n", "a\ufffdb\ufffd"],
    ["\ud83d", "\ufffd"],
    ["y".repeat(200), "y".repeat(LABEL_CHARS_MAX)],
  ];
  for (const [found, kept] of rows) {
    const entry = entryOf("demo", 1, { event: found, symbol: found });
    assert.deepEqual(labelled(entry), { ...entry, event: kept, symbol: kept });
    mustBeEntry(labelled(entry));
  }
});

test("a snapshot is as of an entry, and has a text", () => {
  const snapshot = { account: "demo", asOfSeq: 0, at: 1 as WallMs, text: "{}" };
  mustBeSnapshot(snapshot);
  for (const more of [{ asOfSeq: -1 }, { asOfSeq: 0.5 }, { text: "" }, { at: Number.NaN as WallMs }, { account: "" }]) {
    assert.throws(() => mustBeSnapshot({ ...snapshot, ...more }), UsageError);
  }
});

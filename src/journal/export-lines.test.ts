import assert from "node:assert/strict";
import { test } from "node:test";
import { entriesOf, entryOf } from "../../test/journal-fixtures.ts";
import { placeOfCursor } from "./cursor.ts";
import type { JournalEntry } from "./entry.ts";
import { type ExportRequest, exportLines } from "./export-lines.ts";
import type { JournalReader } from "./journal.ts";

/** Keeps entries in an array; before each page it does what it is told. */
function readerOf(entries: JournalEntry[], beforePage: () => void = () => {}): JournalReader {
  const extent = async () => ({ firstSeq: entries[0]?.seq ?? 1, lastSeq: entries.at(-1)?.seq ?? 0 });
  return {
    accounts: async () => ["demo"],
    extent,
    snapshot: async () => undefined,
    async read({ since }) {
      beforePage();
      const kept = await extent();
      const place = placeOfCursor(since, kept);
      if (place !== "kept") return { is: place, extent: kept };
      const page = entries.filter(({ seq }) => seq > since).slice(0, 10);
      return { is: "page", entries: page, cursor: page.at(-1)?.seq ?? kept.lastSeq, extent: kept };
    },
  };
}

async function linesOf(journal: JournalReader, request: ExportRequest): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportLines(journal, request)) lines.push(line);
  return lines;
}

test("what retention removes meanwhile is left out, and nothing else", async () => {
  const entries = entriesOf("demo", 1, 60);
  let pages = 0;
  const journal = readerOf(entries, () => {
    if (++pages === 3) entries.splice(0, 35);
  });
  const seqs = (await linesOf(journal, { format: "ndjson" })).map((line) => Number(JSON.parse(line).seq));
  const expected = [...entriesOf("demo", 1, 20), ...entriesOf("demo", 36, 60)].map(({ seq }) => seq);
  assert.deepEqual(seqs, expected);
});

test("each entry is one line, whatever is in it, and a table gives every cell back", async () => {
  const record = '{\n  "note": "a, \\"b\\"\\n",\r\n  "x": 1\n}';
  const entries = [entryOf("demo", 1, { record, symbol: null, account: 'a,"b"' })];
  const [json] = await linesOf(readerOf(entries), { format: "ndjson" });
  assert.deepEqual([json?.includes("\n"), JSON.parse(json ?? "")], [false, JSON.parse(record)]);
  const [, row] = await linesOf(readerOf(entries), { format: "csv" });
  const cells = [...(row ?? "").matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)];
  const texts = cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
  const [account, seq, , kind, , event, symbol] = texts;
  assert.deepEqual([account, seq, kind, event, symbol], ['a,"b"', "1", "event", "ORDER_TRADE_UPDATE", ""]);
  assert.deepEqual(JSON.parse(texts.at(-1) ?? ""), JSON.parse(record));
});

test("times bound what is told: the first one is in it, the last one is not", async () => {
  const entries = entriesOf("demo", 1, 30);
  const span = { from: entryOf("demo", 10).at, to: entryOf("demo", 13).at };
  const lines = await linesOf(readerOf(entries), { format: "ndjson", ...span });
  assert.deepEqual(
    lines,
    entriesOf("demo", 10, 12).map(({ record }) => record),
  );
});

test("an empty journal has no lines but the names of the columns", async () => {
  assert.deepEqual(await linesOf(readerOf([]), { format: "ndjson" }), []);
  assert.equal((await linesOf(readerOf([]), { format: "csv" })).length, 1);
});

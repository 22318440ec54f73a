/** The journal as lines of text, for other programs. Pure. Nothing is held but the page that is being told. */
import type { WallMs } from "../kernel/scalars.ts";
import type { JournalEntry } from "./entry.ts";
import { type EntryFilter, type JournalReader, PAGE_ENTRIES_MAX } from "./journal.ts";

/** What is exported, and how. */
export interface ExportRequest {
  /** `ndjson`: the records as they are. `csv`: one row per entry, after a row of names. */
  readonly format: "ndjson" | "csv";
  /** These accounts, in this order; all by name when absent. Each is told whole before the next, oldest entry first. */
  readonly accounts?: readonly string[];
  readonly filter?: EntryFilter;
  /** Entries recorded at this time or later, by our wall clock. */
  readonly from?: WallMs;
  /** Entries recorded before this time. */
  readonly to?: WallMs;
}

const CSV_COLUMNS = [
  "account",
  "seq",
  "at",
  "kind",
  "origin",
  "event",
  "symbol",
  "eventAt",
  "transactAt",
  "record",
] as const satisfies readonly (keyof JournalEntry)[];

/** The lines, each without its line break. @throws {StorageError} when the journal cannot be read */
export async function* exportLines(journal: JournalReader, request: ExportRequest): AsyncGenerator<string> {
  if (request.format === "csv") yield CSV_COLUMNS.join(",");
  for (const account of request.accounts ?? (await journal.accounts())) {
    for await (const entry of entriesOf(journal, account, request)) {
      yield request.format === "csv" ? csvLine(entry) : jsonLine(entry);
    }
  }
}

async function* entriesOf(
  journal: JournalReader,
  account: string,
  { filter, from = Number.NEGATIVE_INFINITY as WallMs, to = Number.POSITIVE_INFINITY as WallMs }: ExportRequest,
): AsyncGenerator<JournalEntry> {
  let since = (await journal.extent(account)).firstSeq - 1;
  for (;;) {
    const some = filter === undefined ? {} : { filter };
    const answer = await journal.read({ account, since, limit: PAGE_ENTRIES_MAX, ...some });
    if (answer.is === "from-the-future") return;
    // Retention was faster: on from what is left.
    if (answer.is === "too-old") since = answer.extent.firstSeq - 1;
    else {
      for (const entry of answer.entries) if (entry.at >= from && entry.at < to) yield entry;
      if (answer.cursor >= answer.extent.lastSeq) return;
      since = answer.cursor;
    }
  }
}

/** Line breaks between the tokens of a record mean nothing, and inside its texts there are none. */
function jsonLine({ record }: JournalEntry): string {
  return record.replace(/[\r\n]+/g, " ");
}

/** RFC 4180, but that a line break is none: see {@link jsonLine}. */
function csvLine(entry: JournalEntry): string {
  return CSV_COLUMNS.map((name) => {
    const text = name === "record" ? jsonLine(entry) : String(entry[name] ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }).join(",");
}

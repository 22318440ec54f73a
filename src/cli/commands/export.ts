/** `listenkey export`: the journal as lines of text, for other programs. */
import { once } from "node:events";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type ExportRequest, exportLines } from "../../journal/export-lines.ts";
import { openJournalReader } from "../../journal/io/journal-store.ts";
import { UsageError } from "../../kernel/errors.ts";
import { openSqlite } from "../../kernel/io/sqlite.ts";
import type { WallMs } from "../../kernel/scalars.ts";
import { journalOption, type Surroundings } from "../command.ts";

/** Lines are written in pieces of so many characters. */
const PIECE_CHARS = 64_000;

/** Gives the command its options and its action. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .addOption(journalOption())
    .addOption(
      new Option("--format <format>", "records as they are, or a table with them in its last column")
        .choices(["ndjson", "csv"])
        .default("ndjson"),
    )
    .addOption(list("--account <id>", "only of this account; may be repeated"))
    .addOption(list("--kind <kind>", "only records of this kind: event, gap, repair, status; may be repeated"))
    .addOption(list("--event <type>", "of events only those of this type, such as ORDER_TRADE_UPDATE; may be repeated"))
    .addOption(list("--symbol <symbol>", "without what is about another symbol; may be repeated"))
    .addOption(time("--from <time>", "recorded at this time or later: milliseconds, or ISO 8601 with its time zone"))
    .addOption(time("--to <time>", "recorded before this time"))
    .addHelpText("after", AFTER_HELP)
    .action((options: ExportOptions) => exportJournal(options, surroundings));
}

const AFTER_HELP = `
Records go to standard output, each account whole before the next, oldest first. A hub may go on writing meanwhile.
Gaps, repairs and states are about no type of event and no symbol: they pass
--event and --symbol; --kind leaves them out.

  listenkey export --account demo --from 2026-07-01T00:00:00Z > demo.ndjson
  listenkey export --format csv --kind event --event ORDER_TRADE_UPDATE --symbol BTCUSDT > orders.csv`;

interface ExportOptions {
  readonly data: string;
  readonly format: ExportRequest["format"];
  readonly account: readonly string[];
  readonly kind: readonly string[];
  readonly event: readonly string[];
  readonly symbol: readonly string[];
  readonly from?: WallMs;
  readonly to?: WallMs;
}

async function exportJournal(options: ExportOptions, { stopped }: Surroundings): Promise<void> {
  let isStopped = false;
  void stopped.then(() => {
    isStopped = true;
  });
  const journal = await openJournalReader(options.data, openSqlite);
  try {
    await mustKnow(options.account, await journal.accounts());
    let piece = "";
    for await (const line of exportLines(journal, requestOf(options))) {
      if (isStopped) return;
      piece += `${line}\n`;
      if (piece.length < PIECE_CHARS) continue;
      await written(piece, stopped);
      piece = "";
    }
    if (!isStopped) await written(piece, stopped);
  } finally {
    journal.close();
  }
}

/** Whoever reads slowly is waited for, so that nothing piles up here. */
async function written(text: string, stopped: Promise<string>): Promise<void> {
  if (!process.stdout.write(text)) await Promise.race([once(process.stdout, "drain"), stopped]);
}

async function mustKnow(wanted: readonly string[], accounts: readonly string[]): Promise<void> {
  const stranger = wanted.find((account) => !accounts.includes(account));
  if (stranger === undefined) return;
  throw new UsageError("--account", `one of ${accounts.join(", ") || "none, for the journal is empty"}`, stranger);
}

function requestOf({ format, account, kind, event, symbol, from, to }: ExportOptions): ExportRequest {
  const filter = {
    ...(kind.length === 0 ? {} : { kinds: kind }),
    ...(event.length === 0 ? {} : { events: event }),
    ...(symbol.length === 0 ? {} : { symbols: symbol }),
  };
  return {
    format,
    ...(account.length === 0 ? {} : { accounts: account }),
    ...(Object.keys(filter).length === 0 ? {} : { filter }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

function list(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((text, before: readonly string[] = []) => [...before, text])
    .default([], "all");
}

function time(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const ms = /^\d{1,15}$/.test(text)
      ? Number(text)
      : /(?:Z|[+-]\d\d:\d\d)$/.test(text)
        ? Date.parse(text)
        : Number.NaN;
    if (Number.isNaN(ms)) throw new InvalidArgumentError("Expected milliseconds, or 2026-07-01T00:00:00Z.");
    return ms as WallMs;
  });
}

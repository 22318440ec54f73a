/** `listenkey export`: the journal as lines of text, for other programs. */
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { AccountRecord } from "../../account/record.ts";
import { type ExportRequest, exportLines } from "../../journal/export-lines.ts";
import { openJournalReader } from "../../journal/io/journal-store.ts";
import type { JournalReader } from "../../journal/journal.ts";
import { UsageError } from "../../kernel/errors.ts";
import { openSqlite } from "../../kernel/io/sqlite.ts";
import type { WallMs } from "../../kernel/scalars.ts";
import { journalOption, listing, type Surroundings } from "../command.ts";
import { Interrupted } from "../exit-codes.ts";
import { progressText } from "../progress-line.ts";

/** What records are. */
const KINDS: readonly string[] = ["event", "gap", "repair", "status"] satisfies AccountRecord["kind"][];

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
    .addOption(kindOption())
    .addOption(list("--event <type>", "of events only those of this type, such as ORDER_TRADE_UPDATE; may be repeated"))
    .addOption(list("--symbol <symbol>", "without what is about another; btcusdt is BTCUSDT; may be repeated"))
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

async function exportJournal(options: ExportOptions, surroundings: Surroundings): Promise<void> {
  const { stopped, progress } = surroundings;
  const journal = await openJournalReader(options.data, openSqlite);
  try {
    const accounts = await journal.accounts();
    mustKnow(options.account, accounts);
    const wanted = options.account.length === 0 ? accounts : options.account;
    let piece = "";
    for await (const line of exportLines(await watched(journal, wanted, surroundings), requestOf(options))) {
      piece += `${line}\n`;
      if (piece.length < PIECE_CHARS) continue;
      await written(piece, stopped);
      piece = "";
    }
    await written(piece, stopped);
    progress("");
  } finally {
    journal.close();
  }
}

/** The same journal, that says how much of it is read, and lets signals be heard, which reading and writing do not. */
async function watched(
  journal: JournalReader,
  accounts: readonly string[],
  { stopped, progress }: Surroundings,
): Promise<JournalReader> {
  let stop: string | undefined;
  void stopped.then((reason) => {
    stop = reason;
  });
  const extents = await Promise.all(accounts.map((account) => journal.extent(account)));
  const all = extents.reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, 0);
  let count = 0;
  return {
    accounts: () => journal.accounts(),
    extent: (account) => journal.extent(account),
    snapshot: (account) => journal.snapshot(account),
    async read(request) {
      await setImmediate();
      if (stop !== undefined) throw new Interrupted(stop);
      const answer = await journal.read(request);
      if (answer.is === "page") count += answer.cursor - request.since;
      // On the same terminal the lines are the progress.
      if (!process.stdout.isTTY) progress(progressText("read", count, all));
      return answer;
    },
  };
}

/** Whoever reads slowly is waited for, so that nothing piles up here. */
async function written(text: string, stopped: Promise<string>): Promise<void> {
  if (!process.stdout.write(text)) await Promise.race([once(process.stdout, "drain"), stopped]);
}

function mustKnow(wanted: readonly string[], accounts: readonly string[]): void {
  const stranger = wanted.find((account) => !accounts.includes(account));
  if (stranger === undefined) return;
  throw new UsageError("--account", `one of ${accounts.join(", ") || "none, for the journal is empty"}`, stranger);
}

function requestOf({ format, account, kind, event, symbol, from, to }: ExportOptions): ExportRequest {
  const filter = {
    ...(kind.length === 0 ? {} : { kinds: kind }),
    ...(event.length === 0 ? {} : { events: event }),
    ...(symbol.length === 0 ? {} : { symbols: symbol.map((name) => name.toUpperCase()) }),
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

function kindOption(): Option {
  const option = new Option("--kind <kind>", "only records of this kind; may be repeated")
    .argParser((text, before: readonly string[] = []) => {
      if (!KINDS.includes(text)) throw new InvalidArgumentError(`Allowed choices are ${KINDS.join(", ")}.`);
      return [...before, text];
    })
    .default([], "all");
  return listing(option, KINDS);
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

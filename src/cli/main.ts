#!/usr/bin/env node
/**
 * The command line: `listenkey <command>`. A command's file is loaded when it is asked for, so that help is quick.
 *
 * What it ends with stands in `exit-codes.ts`.
 */
import { writeSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { ListenkeyError, NetworkError } from "../kernel/errors.ts";
import type { Define, Surroundings } from "./command.ts";
import { EXIT_CODES, exitCodeOf, exitCodesHelp, Interrupted } from "./exit-codes.ts";
import { ownVersion } from "./own-version.ts";
import { ProgressLine } from "./progress-line.ts";

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: Define }>;
}

/** What completes all commands has to know them all. */
const COMPLETION = "completion";

const COMMANDS: readonly Entry[] = [
  {
    name: "serve",
    summary: "follow accounts, journal every event and serve any number of programs; on a paper venue if none is named",
    load: () => import("./commands/serve.ts"),
  },
  {
    name: "demo",
    summary: "run the paper venue with a small trader, and follow its account",
    load: () => import("./commands/demo.ts"),
  },
  {
    name: "watch",
    summary: "show an account of a hub, live in the terminal",
    load: () => import("./commands/watch.ts"),
  },
  {
    name: "tail",
    summary: "print what a hub tells of an account: one line a record, for people or for pipes",
    load: () => import("./commands/tail.ts"),
  },
  {
    name: "fault",
    summary: "make a running paper venue misbehave: start, list and end faults",
    load: () => import("./commands/fault.ts"),
  },
  {
    name: "export",
    summary: "print the journal for other programs: NDJSON or CSV, by account, time and kind",
    load: () => import("./commands/export.ts"),
  },
  {
    name: "verify",
    summary: "prove that a journal is whole, or say what is wrong with it",
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "doctor",
    summary: "say what is wrong between this machine, an API key and its user data stream, and what to do",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: COMPLETION,
    summary: "print a script that lets bash, zsh or fish complete all of this",
    load: () => import("./commands/completion.ts"),
  },
];

const NOBODY_THERE = "Does anything listen there? `listenkey demo` starts a paper exchange with a hub.";

const COLUMNS = 80;

/** How often a waiting person is told anew. */
const PROGRESS_TICK_MS = 200;

process.on("uncaughtException", (error) => {
  // Written before the process ends, whatever standard error is.
  writeSync(2, `${stackOf(error)}\n`);
  process.exit(EXIT_CODES.bug.code);
});

process.exitCode = await run(process.argv.slice(2), surroundings());

async function run(args: readonly string[], around: Surroundings): Promise<number> {
  const program = new Command("listenkey")
    .description(
      "Binance USDⓈ-M Futures user data streams, whole: a hub that follows accounts and says what it missed, " +
        "and a paper venue to try it on.",
    )
    .version(ownVersion())
    .addHelpText("after", `\n${exitCodesHelp()}`)
    .exitOverride();
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary);
    if (args.includes(name) || args.includes(COMPLETION)) (await load()).define(command, around);
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    return exitCode(error, around);
  }
}

function exitCode(error: unknown, { warn }: Surroundings): number {
  // Commander has printed already what it has to say; help and version are what was asked for.
  if (error instanceof CommanderError) return (error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage).code;
  const code = exitCodeOf(error);
  if (code === EXIT_CODES.bug.code || !(error instanceof ListenkeyError)) warn(stackOf(error));
  else if (!(error instanceof Interrupted && code === EXIT_CODES.done.code)) {
    warn(`listenkey: ${error.message}`);
    const { remedy = error instanceof NetworkError ? NOBODY_THERE : undefined } = error;
    if (remedy !== undefined) warn(remedy);
  }
  return code;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function surroundings(): Surroundings {
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
    // Whoever read the output is gone: `listenkey serve | head`.
    process.stdout.on("error", () => resolve("output closed"));
  });
  const { stdout, stderr } = process;
  const progress = new ProgressLine({
    write: stderr.isTTY ? (text) => void stderr.write(text) : undefined,
    // Some terminals do not know.
    columns: () => stderr.columns || COLUMNS,
    now: () => performance.now(),
  });
  if (stderr.isTTY) setInterval(() => progress.tick(), PROGRESS_TICK_MS).unref();
  const say = (stream: NodeJS.WriteStream) => (line: string) => {
    progress.clear();
    stream.write(`${line}\n`);
  };
  return {
    stopped,
    onReload: (listener) => void process.on("SIGHUP", listener),
    print: say(stdout),
    warn: say(stderr),
    progress: (text) => progress.show(text),
  };
}

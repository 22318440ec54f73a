#!/usr/bin/env node
/**
 * The command line: `listenkey <command>`. A command's file is loaded when it is asked for, so that help is quick.
 *
 * Exit codes: 0 when it did what was asked, Ctrl-C included; 2 when it was asked for something that cannot be; 1 when
 * anything else went wrong. A bug of ours ends the process with its stack.
 */
import { Command, CommanderError } from "commander";
import { ListenkeyError } from "../kernel/errors.ts";
import type { Define, Surroundings } from "./command.ts";
import { ownVersion } from "./own-version.ts";

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: Define }>;
}

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
];

process.exitCode = await run(process.argv.slice(2), surroundings());

async function run(args: readonly string[], around: Surroundings): Promise<number> {
  const program = new Command("listenkey")
    .description(
      "Binance USDⓈ-M Futures user data streams, whole: a paper venue, and a stream that says what it missed.",
    )
    .version(ownVersion())
    .exitOverride();
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary);
    if (args.includes(name)) (await load()).define(command, around);
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
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
  warn(`listenkey: ${error.message}`);
  if (error.remedy !== undefined) warn(error.remedy);
  return error.origin === "caller" ? 2 : 1;
}

function surroundings(): Surroundings {
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
    // Whoever read the output is gone: `listenkey serve | head`.
    process.stdout.on("error", () => resolve("output closed"));
  });
  return {
    stopped,
    onReload: (listener) => void process.on("SIGHUP", listener),
    print: (line) => void process.stdout.write(`${line}\n`),
    warn: (line) => void process.stderr.write(`${line}\n`),
  };
}

/**
 * `listenkey serve`: follows accounts, journals what they tell, and hands it on; until it is told to stop. Without a
 * configuration it follows the demo account of a paper venue, which it runs on the same port.
 */
import { type Command, Option } from "commander";
import { UsageError } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/ports.ts";
import { DEMO_ACCOUNT, startPaperVenue } from "../../venue/index.ts";
import {
  botsPortOption,
  dataOption,
  jsonOption,
  type KeepingOptions,
  portOption,
  type Surroundings,
  seedOption,
  syncOption,
  tapeOption,
} from "../command.ts";
import { readText } from "../config-section.ts";
import { connectionLines, introduction, listeningLine } from "../connection-lines.ts";
import { CONFIG_FILE, defaultConfig, type HubConfig, parseConfig } from "../hub-config.ts";
import { type RunningHub, startHub } from "../hub-process.ts";
import { jsonLog } from "../json-log.ts";
import { ownVersion } from "../own-version.ts";
import { LOG_LEVELS, type LogLevel, plainLog } from "../plain-log.ts";
import { replayText } from "../progress-line.ts";
import { type VenueFlags, venueFlags, venueOptions } from "../venue-flags.ts";

/** Gives the command its options and its action. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .addOption(configOption())
    .addOption(hostOption())
    .addOption(portOption())
    .addOption(botsPortOption())
    .addOption(seedOption())
    .addOption(tapeOption())
    .addOption(dataOption())
    .addOption(syncOption())
    .addOption(jsonOption())
    .addOption(logOption())
    .addOption(logLevelOption())
    .option("--no-hub", "the paper venue alone: nobody but you uses its keys and its weights")
    .action((options: ServeOptions) => serve(options, command, surroundings));
  for (const flag of venueFlags()) command.addOption(flag);
}

interface ServeOptions extends VenueFlags, KeepingOptions {
  readonly config?: string;
  readonly host?: string;
  readonly port: number;
  readonly botsPort?: number;
  readonly seed: number;
  readonly tape: Readonly<Record<string, string>>;
  readonly json: boolean;
  readonly log: "plain" | "json";
  readonly logLevel?: LogLevel;
  readonly hub: boolean;
}

function configOption(): Option {
  return new Option("--config <file>", `accounts, tokens and the journal; ${CONFIG_FILE}, if it is there`).env(
    "LISTENKEY_CONFIG",
  );
}

function hostOption(): Option {
  return new Option("--host <host>", "address to listen on; others than 127.0.0.1 need a token").env("LISTENKEY_HOST");
}

function logOption(): Option {
  return new Option("--log <form>", "what goes to standard error: lines for people, or JSON, one object a line")
    .choices(["plain", "json"])
    .default("plain")
    .env("LISTENKEY_LOG");
}

function logLevelOption(): Option {
  return new Option("--log-level <level>", "the least that is said there; warn for people, info for programs")
    .choices(LOG_LEVELS)
    .env("LISTENKEY_LOG_LEVEL");
}

function logOf({ log, logLevel }: ServeOptions, write: (line: string) => void): Log {
  return log === "json" ? jsonLog(logLevel ?? "info", write) : plainLog(logLevel ?? "warn", write);
}

async function serve(options: ServeOptions, command: Command, surroundings: Surroundings): Promise<void> {
  const { seed, tape, json, sync } = options;
  const { print, warn, progress, stopped } = surroundings;
  if (!options.hub) return serveVenue(options, surroundings);
  // A file that was there has to be there again: without one a hub follows the demo account, for everybody.
  const path = options.config ?? (readText(CONFIG_FILE) === undefined ? undefined : CONFIG_FILE);
  const reread = () => withToken(readConfig(path, options), process.env.LISTENKEY_TOKEN);
  const log = logOf(options, warn);
  // Who is asked to before it runs does so afterwards: without a listener, the signal would end the process.
  let isAsked = false;
  let reloadNow = () => {
    isAsked = true;
  };
  surroundings.onReload(() => reloadNow());
  const config = reread();
  const isPortGiven = command.getOptionValueSource("port") !== "default";
  const running = await startHub({
    config,
    reread,
    host: options.host ?? config.host ?? "127.0.0.1",
    port: isPortGiven ? options.port : (config.port ?? options.port),
    data: options.data ?? config.data,
    version: ownVersion(),
    log,
    paper: { ...venueOptions(options), seed, tape, sync, onReplay: (share) => progress(replayText(share)) },
  });
  progress("");
  if (json) print(listeningLine(running, true));
  else introduce(running, print);
  reloadNow = () => void reload(running, log);
  if (isAsked) reloadNow();
  const reason = await stopped;
  await running.close();
  if (!json) print(`Stopped (${reason}).`);
}

/** What is wrong with the configuration is said, and the hub goes on as it was. */
async function reload(running: RunningHub, log: Log): Promise<void> {
  try {
    const { added, changed, removed } = await running.reload();
    const fields = { added: added.join(" "), changed: changed.join(" "), removed: removed.join(" ") };
    log.info("the configuration was read again", fields);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.error("the configuration was read again, and refused", { why: error.message });
  }
}

async function serveVenue(options: ServeOptions, { print, progress, stopped }: Surroundings): Promise<void> {
  const { port, seed, tape, json, data, sync } = options;
  const kept = data === undefined ? {} : { data };
  const onReplay = (share: number) => progress(replayText(share));
  const venue = await startPaperVenue({ ...venueOptions(options), port, seed, tape, sync, onReplay, ...kept });
  progress("");
  if (json) {
    print(listeningLine({ ...venue, venue, botsUrl: undefined }, false));
  } else {
    print(`The paper venue listens on ${venue.url}`);
    for (const line of connectionLines(venue)) print(line);
    print("Ctrl-C stops it.");
  }
  const reason = await stopped;
  await venue.close();
  if (!json) print(`Stopped (${reason}).`);
}

/** @throws {UsageError} when a file is named that is not there, or something in it is wrong */
function readConfig(path: string | undefined, { botsPort }: Pick<ServeOptions, "botsPort">): HubConfig {
  const defaults = { ...defaultConfig(DEMO_ACCOUNT), botsPort };
  if (path === undefined) return defaults;
  const text = readText(path);
  if (text === undefined) throw new UsageError(path, "a file that can be read", "none");
  return parseConfig(path, text, process.env, defaults);
}

/** The token of the environment may do everything. */
function withToken(config: HubConfig, token: string | undefined): HubConfig {
  if (token === undefined || token === "") return config;
  return { ...config, tokens: [...config.tokens, { token, accounts: "all", may: "administer" }] };
}

function introduce(running: RunningHub, print: (line: string) => void): void {
  const { venue, url } = running;
  print(`The ${venue === undefined ? "hub" : "paper venue"} listens on ${url}`);
  for (const line of introduction(running)) print(line);
  print("Ctrl-C stops it.");
}

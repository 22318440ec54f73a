/** A hub as a process: journal, accounts, and one port with one or two faces. Plugs the real parts together. */
import { fileURLToPath } from "node:url";
import { AccountStream } from "../account-stream.ts";
import { isLoopback } from "../face/strangers.ts";
import { Access } from "../hub/access.ts";
import type { Changes } from "../hub/administration.ts";
import { Hub } from "../hub/hub.ts";
import { DashboardFiles } from "../hub/io/dashboard-files.ts";
import { HubServer, type ListeningHub, mustBeLoopback } from "../hub/io/hub-server.ts";
import { LeaseFile } from "../hub/io/lease-file.ts";
import { HubMetrics } from "../hub/io/metrics.ts";
import { tokenDigest } from "../hub/io/token-digest.ts";
import { MemoryJournal } from "../hub/memory-journal.ts";
import { RequestRate } from "../hub/request-rate.ts";
import type { MakeUpstream } from "../hub/upstream.ts";
import { openJournal } from "../journal/io/journal-store.ts";
import type { Journal } from "../journal/journal.ts";
import { InvariantViolation, UsageError } from "../kernel/errors.ts";
import { openSqlite } from "../kernel/io/sqlite.ts";
import { systemClock } from "../kernel/io/system-clock.ts";
import type { Log } from "../kernel/ports.ts";
import type { AccountStreamOptions } from "../stream-options.ts";
import { type PaperVenueOptions, type RunningPaperVenue, startPaperVenue } from "../venue/index.ts";
import { PAPER_PATHS } from "../venue/native/paper-paths.ts";
import { AccountRoster } from "./account-roster.ts";
import { BotParts } from "./bot-parts.ts";
import { type AccountConfig, type HubConfig, type JournalConfig, parseAccount } from "./hub-config.ts";
import { hubUpstream } from "./hub-upstream.ts";

/** Of each account the newest entries stay, whatever the journal is to let go of. */
const KEEP_ENTRIES = 10_000;

/** Where a hub keeps its journal when nobody says where, and accounts of an exchange are followed. */
const DATA_FOLDER = "./data";

/** Where the dashboard was built to, as seen from this file: in the package, and in the tests. */
const DASHBOARD_FOLDERS = ["../dashboard/", "../../../dist/dashboard/"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** What a hub's process is begun with. */
export interface HubProcessSettings {
  readonly config: HubConfig;
  /** Reads it again. @throws {UsageError} when it is not right */
  readonly reread: () => HubConfig;
  readonly host: string;
  readonly port: number;
  /** `undefined`: nothing outlives the process, if all accounts are on paper. */
  readonly data: string | undefined;
  /** Of listenkey. */
  readonly version: string;
  readonly log: Log;
  /** How the paper venue is set up, if there is one. */
  readonly paper: PaperVenueOptions;
}

/** A hub that runs. */
export interface RunningHub {
  readonly url: string;
  readonly port: number;
  /** Where bots are served, which speak Binance's protocol; `undefined`: nowhere. */
  readonly botsUrl: string | undefined;
  readonly hub: Hub;
  /** Reads the configuration again, and does what it says. @throws {UsageError} when it is not right */
  reload(): Promise<Changes>;
  /** `undefined` when no account is on paper. */
  readonly venue: RunningPaperVenue | undefined;
  /** Ends everything, in order. */
  close(): Promise<void>;
}

/**
 * Starts a hub. Resolves when it listens and every account was opened; they are in sync by and by.
 * @throws {UsageError} when a setting is not what it should be
 * @throws {StorageError} when the data cannot be read
 */
export async function startHub(settings: HubProcessSettings): Promise<RunningHub> {
  const { config, host, port, log, version } = settings;
  const { tokens, allowedOrigins, requestsPerSecond } = config;
  const data = dataOf(settings);
  const journal = data === undefined ? new MemoryJournal() : await keepJournal(data, config.journal, settings);
  const metrics = new HubMetrics();
  const hub = new Hub({ journal, clock: systemClock, log, acknowledge: config.journal.acknowledge, watch: metrics });
  metrics.watchOver(hub);
  const access = new Access(tokens, tokenDigest, systemClock, log);
  let venue: RunningPaperVenue | undefined;
  const leases = data === undefined ? undefined : new LeaseFile(data, log);
  const bots = new BotParts(config, hub, access, log, leases);
  const administration = new AccountRoster({
    hub,
    upstreamOf(id, account) {
      const make = upstreamOf(id, account, optionsOf(id, account, venue), log);
      return account.on === "paper" && venue?.venue.exchange.hasAccount(id) === true ? onPaper(id, make) : make;
    },
    callsGo: (id, account) => bots.follow(id, optionsOf(id, account, venue)),
    check: (id, account) => void optionsOf(id, account, venue),
    parse: (id, wish) => parseAccount(id, wish, process.env),
    configuration: settings.reread,
    apply(changed) {
      if (changed.tokens.length === 0) mustBeLoopback(host);
      if (changed.tls !== undefined) server.renewCertificate(changed.tls);
      bots.renew(changed);
      access.renew(changed.tokens);
      recheck();
    },
    changed: () => recheck(),
  });
  const rate = new RequestRate(requestsPerSecond, systemClock);
  const pages = { dashboard: dashboardFiles(), morePaths: isOnPaper(config) ? PAPER_PATHS : {} };
  const parts = { hub, access, rate, version, allowedOrigins, administration, metrics, ...pages };
  const ownFaces = new HubServer({ ...parts, binance: bots.settings });
  // Beside the paper venue there is no room for a Binance face of the hub's.
  const server = isOnPaper(config) ? new HubServer(parts) : ownFaces;
  const recheck = () => {
    for (const one of new Set([server, ownFaces])) one.recheck();
  };
  const closing: (() => Promise<void>)[] = [() => hub.close(), () => server.close()];
  const close = async () => {
    for (const end of closing) await end();
    await journal.close();
  };
  try {
    venue = await paperVenueOf(settings, data, server);
    const { close: closeVenue } = venue ?? {};
    if (closeVenue !== undefined) closing.push(closeVenue);
    const { url, port: own } = venue ?? (await server.listen(host, port, config.tls));
    await administration.begin(config);
    const bot = await botsOf(settings, ownFaces);
    if (bot !== undefined) closing.splice(1, 0, () => ownFaces.close());
    const reload = () => administration.reload();
    return { url, port: own, botsUrl: venue === undefined ? url : bot?.url, hub, venue, reload, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Serves bots beside the paper venue, on a port of their own, if they have one. */
function botsOf({ config, host }: HubProcessSettings, server: HubServer): Promise<ListeningHub | undefined> {
  const { botsPort } = config;
  return isOnPaper(config) && botsPort !== undefined ? server.listen(host, botsPort) : Promise.resolve(undefined);
}

/** What is shown at `/`; `undefined` when it was not built. */
function dashboardFiles(): DashboardFiles | undefined {
  return DASHBOARD_FOLDERS.map((folder) => DashboardFiles.read(folder)).find((files) => files !== undefined);
}

/** Where what is told outlives the process; `undefined`: nowhere, for all of it is on paper. */
function dataOf({ data, config }: HubProcessSettings): string | undefined {
  return data ?? (isAllPaper(config) ? undefined : DATA_FOLDER);
}

function isOnPaper({ accounts }: HubConfig): boolean {
  return [...accounts.values()].some(({ on }) => on === "paper");
}

function isAllPaper({ accounts }: HubConfig): boolean {
  return [...accounts.values()].every(({ on }) => on === "paper");
}

/**
 * The paper venue, if an account is on it. It has the port then.
 * @throws {UsageError} when TLS is asked for there, or others than this machine could knock
 */
async function paperVenueOf(
  { config, host, port, paper }: HubProcessSettings,
  data: string | undefined,
  beside: HubServer,
): Promise<RunningPaperVenue | undefined> {
  if (!isOnPaper(config)) return undefined;
  if (config.tls !== undefined) {
    const remedy = "The paper venue is for this machine only: leave tls out, or the accounts on paper.";
    throw new UsageError("tls", "no account on paper beside it", "one", remedy);
  }
  if (!isLoopback(host)) {
    const remedy =
      "Say in listenkey.config.json which accounts of an exchange are followed, or leave the host as it is.";
    throw new UsageError("host", "an address of this machine, such as 127.0.0.1, for the paper venue", host, remedy);
  }
  // The flags of the venue let in pages of its own; those of the hub may call both.
  const allowedOrigins = [...config.allowedOrigins, ...(paper.allowedOrigins ?? [])];
  return startPaperVenue({ ...paper, ...(data === undefined ? {} : { data }), host, port, allowedOrigins }, beside);
}

function keepJournal(folder: string, config: JournalConfig, { version, log }: HubProcessSettings): Promise<Journal> {
  const { durability, keepDays, keepGigabytes } = config;
  const retention = {
    keepEntries: KEEP_ENTRIES,
    ...(keepDays === undefined ? {} : { ageMaxMs: keepDays * 86_400_000 }),
    ...(keepGigabytes === undefined ? {} : { sizeMaxBytes: keepGigabytes * 1_000_000_000 }),
  };
  return openJournal(folder, { openDatabase: openSqlite, clock: systemClock, log, version, durability, retention });
}

function upstreamOf(
  id: string,
  account: AccountConfig,
  options: AccountStreamOptions | undefined,
  log: Log,
): MakeUpstream {
  if (account.on === "hub") {
    const { url, account: name, token } = account;
    const far = { url, account: name, log, ...(token === undefined ? {} : { token }) };
    return (resume, tell, renewed) => hubUpstream(id, far, resume, tell, renewed);
  }
  if (options === undefined) throw new InvariantViolation("an account of an exchange has a key");
  return (resume, tell) => new AccountStream({ ...options, account: id, log }, resume).on("record", tell);
}

/** An account that the paper venue calls as the hub does. */
function onPaper(id: string, make: MakeUpstream): MakeUpstream {
  return (resume, tell, shown) => Object.assign(make(resume, tell, shown), { paper: id });
}

/**
 * By whose key, and where, an account is called; `undefined`: nowhere.
 * @throws {UsageError} when the account is on paper, and there is no paper venue
 */
function optionsOf(
  id: string,
  account: AccountConfig,
  venue: RunningPaperVenue | undefined,
): AccountStreamOptions | undefined {
  switch (account.on) {
    case "hub":
      return account.calls;
    case "exchange":
      return account.options;
    case "paper":
      return paperOptions(id, account, venue);
  }
}

function paperOptions(
  id: string,
  { apiKey, apiSecret }: Extract<AccountConfig, { on: "paper" }>,
  venue: RunningPaperVenue | undefined,
): AccountStreamOptions {
  if (venue === undefined) {
    const remedy = "Start the hub with an account on paper in its configuration, or without one.";
    throw new UsageError(`account ${id}`, "an account of an exchange, or of another hub", "one on paper", remedy);
  }
  return { apiKey, apiSecret, environment: { rest: venue.url, stream: venue.wsUrl, wsApi: venue.wsApiUrl } };
}

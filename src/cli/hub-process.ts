/** A hub as a process: journal, accounts, and one port with one or two faces. Plugs the real parts together. */
import { AccountStream } from "../account-stream.ts";
import { Access, type AccessToken } from "../hub/access.ts";
import { Hub } from "../hub/hub.ts";
import { HubServer } from "../hub/io/hub-server.ts";
import { tokenDigest } from "../hub/io/token-digest.ts";
import { MemoryJournal } from "../hub/memory-journal.ts";
import type { MakeUpstream } from "../hub/upstream.ts";
import { HubClient } from "../hub-client.ts";
import { openJournal } from "../journal/io/journal-store.ts";
import type { Journal } from "../journal/journal.ts";
import { openSqlite } from "../kernel/io/sqlite.ts";
import { systemClock } from "../kernel/io/system-clock.ts";
import type { Log } from "../kernel/ports.ts";
import { type PaperVenueOptions, type RunningPaperVenue, startPaperVenue } from "../venue/index.ts";
import type { AccountConfig, HubConfig, JournalConfig } from "./hub-config.ts";

/** Of each account the newest entries stay, whatever the journal is to let go of. */
const KEEP_ENTRIES = 10_000;

/** Where a hub keeps its journal when nobody says where, and accounts of an exchange are followed. */
const DATA_FOLDER = "./data";

/** What a hub's process is begun with. */
export interface HubProcessSettings {
  readonly config: HubConfig;
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
  readonly hub: Hub;
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
  const { config, host, port, log, paper } = settings;
  const accounts = [...config.accounts];
  const isOnPaper = accounts.some(([, { on }]) => on === "paper");
  const data = settings.data ?? (accounts.every(([, { on }]) => on === "paper") ? undefined : DATA_FOLDER);
  const journal = data === undefined ? new MemoryJournal() : await keepJournal(data, config.journal, settings);
  const { allowedOrigins, tokens } = config;
  const hub = new Hub({ journal, clock: systemClock, log, acknowledge: config.journal.acknowledge });
  const server = new HubServer({ hub, access: accessOf(tokens), log, allowedOrigins });
  const closing: (() => Promise<void>)[] = [() => hub.close(), () => server.close()];
  const close = async () => {
    for (const end of closing) await end();
    await journal.close();
  };
  try {
    const kept = data === undefined ? {} : { data };
    const venue = isOnPaper
      ? await startPaperVenue({ ...paper, ...kept, host, port, allowedOrigins }, server)
      : undefined;
    if (venue !== undefined) closing.push(() => venue.close());
    const listening = venue ?? (await server.listen(host, port));
    await Promise.all(accounts.map(([id, account]) => hub.add(id, upstreamOf(id, account, venue, log))));
    return { url: listening.url, port: listening.port, hub, venue, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function accessOf(tokens: readonly AccessToken[]): Access {
  return new Access(tokens, tokenDigest, systemClock);
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

function upstreamOf(id: string, account: AccountConfig, venue: RunningPaperVenue | undefined, log: Log): MakeUpstream {
  return (resume, tell) => {
    switch (account.on) {
      case "hub":
        return hubUpstream(id, account, resume?.seq ?? 0, tell, log);
      case "exchange":
        return new AccountStream({ ...account.options, account: id, log }, resume).on("record", tell);
      case "paper": {
        const { apiKey, apiSecret } = account;
        const { url = "", wsUrl = "", wsApiUrl = "" } = venue ?? {};
        const environment = { rest: url, stream: wsUrl, wsApi: wsApiUrl };
        return new AccountStream({ account: id, apiKey, apiSecret, environment, log }, resume).on("record", tell);
      }
    }
  };
}

/** What another hub tells keeps its `seq`: a record is the same record however many hubs it went through. */
function hubUpstream(
  id: string,
  { url, account, token }: Extract<AccountConfig, { on: "hub" }>,
  since: number,
  tell: Parameters<MakeUpstream>[1],
  log: Log,
): ReturnType<MakeUpstream> {
  const client = new HubClient({ url, account, since, log, ...(token === undefined ? {} : { token }) });
  client.on("record", (record) => tell({ ...record, account: id }));
  return {
    start: () => client.start(),
    stop: async () => client.stop(),
    get account() {
      return client.account;
    },
    get health() {
      return { sync: client.health.live ? "certain" : "waiting", ...client.health };
    },
  };
}

/**
 * The door `listenkey/venue`: a paper exchange that speaks Binance's own protocol, on a port of this machine.
 *
 * @example
 * const venue = await startPaperVenue({ port: 0, seed: 1 });
 * // any Binance client: REST at venue.url, streams at venue.wsUrl, API key paper-demo-key, secret paper-demo-secret
 * await venue.close();
 */
import { createRequire } from "node:module";
import { nodeVerifier } from "../face/io/verifiers.ts";
import { openSqlite } from "../kernel/io/sqlite.ts";
import { systemClock, systemRandom } from "../kernel/io/system-clock.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { type ListeningServer, type Neighbour, serveVenue } from "./io/paper-server.ts";
import { openTape, type TapeFile } from "./io/tape-file.ts";
import { openVenueStore, type SyncMode, type VenueStore } from "./io/venue-store.ts";
import { DATA_FORMAT } from "./keeping/beginning.ts";
import { RULES_VERSION } from "./keeping/rules-version.ts";
import { writePlain } from "./keeping/venue-log.ts";
import type { Moment } from "./moment.ts";
import {
  checkOptions,
  listOf,
  mapOf,
  type OptionChecks,
  oneOf,
  origin,
  SETTING_CHECKS,
  wholeNumber,
  words,
} from "./option-checks.ts";
import { PaperVenue, WS_API_PATH } from "./paper-venue.ts";
import type { OwnParts, PaperVenueSettings } from "./paper-venue-settings.ts";
import { exchangeSettings } from "./venue-parts.ts";

export { DEMO_ACCOUNT, type PaperVenue } from "./paper-venue.ts";

/** How to start a paper venue. Every setting has a default. */
export interface PaperVenueOptions extends Omit<PaperVenueSettings, OwnParts> {
  /** The port to listen on; 0, the default, is any free one. */
  readonly port?: number;
  /** The address to listen on, of this machine's loopback; `127.0.0.1` when absent. */
  readonly host?: string;
  /**
   * Origins of web pages that may call the venue, such as `http://localhost:3000`, besides the venue's own; none when
   * absent. Browsers name the origin of a page; programs do not.
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * Symbol → file of recorded aggregate trades, as data.binance.vision offers them: its market follows the recording,
   * in venue time, from the start on. The file is read through once at the start, then again as time goes by.
   */
  readonly tape?: Readonly<Record<string, string>>;
  /**
   * A folder in which the venue outlives its process: accounts, orders, keys and history go on where they were. Made
   * when it is not there; used by one process at a time. Faults and open sockets end with the process.
   */
  readonly data?: string;
  /**
   * When an input is answered, with `data`. `normal`, the default: when it outlives the process. `full`: when it is on
   * the disk, so that it outlives a loss of power.
   */
  readonly sync?: SyncMode;
}

/** A paper venue that listens. */
export interface RunningPaperVenue {
  /** Base of REST and of the native calls: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Base of all websockets: `ws://127.0.0.1:PORT`. */
  readonly wsUrl: string;
  /** The WS API, whole: `ws://127.0.0.1:PORT/ws-fapi/v1`. */
  readonly wsApiUrl: string;
  /** The port it listens on. */
  readonly port: number;
  /** The venue itself, for looking into it. */
  readonly venue: PaperVenue;
  /**
   * Destroys the sockets of all open streams without a closing handshake, as a network that fails does. Returns how
   * many.
   */
  cutSockets(): number;
  /** Says goodbye to every socket, stops listening, and leaves no timer behind. Called again it does nothing more. */
  close(): Promise<void>;
}

const CHECKS: OptionChecks<PaperVenueOptions> = {
  ...SETTING_CHECKS,
  port: wholeNumber(0, 65_535, "0 takes any free port."),
  host: words("an address of this machine, such as 127.0.0.1", "Leave it as it is."),
  allowedOrigins: listOf(origin, "a list of origins", 'For example: ["http://localhost:3000"]'),
  data: words("the path of a folder"),
  sync: oneOf("normal", "full"),
  tape: mapOf(words("the path of a file"), "an object of files by symbol", 'For example: { BTCUSDT: "trades.csv" }'),
};

/**
 * Opens a paper venue and listens. The account `demo` is there from the start.
 * @param beside another server that shares the port
 * @throws {UsageError} when an option is not what it should be or unknown, the host is not on the loopback, the port
 *   cannot be had, a tape is malformed (the line is named), or the data folder is in use or was begun with other
 *   settings
 * @throws {StorageError} when the data folder is damaged, or the disk fails
 */
export async function startPaperVenue(options: PaperVenueOptions = {}, beside?: Neighbour): Promise<RunningPaperVenue> {
  checkOptions(options, CHECKS);
  const { port = 0, host = "127.0.0.1", tape = {}, data, sync = "normal", allowedOrigins = [], ...settings } = options;
  const files = new Map(Object.entries(tape).map(([symbol, path]) => [symbol, openTape(path)]));
  const kept = data === undefined ? undefined : await keep(data, sync, settings, files);
  const giveBack = () => {
    for (const file of files.values()) file.close();
    kept?.close();
  };
  try {
    const venue = new PaperVenue({
      ...settings,
      ...(kept === undefined ? {} : { kept }),
      tapes: Object.fromEntries(files),
      openedAt: present(),
      random: systemRandom,
      verifier: nodeVerifier(),
    });
    const served = { clock: systemClock, port, host, allowedOrigins, ...(beside === undefined ? {} : { beside }) };
    // What fell due while the process was away happens before anybody asks.
    venue.due(present());
    return running(venue, await serveVenue(venue, served), giveBack);
  } catch (error) {
    giveBack();
    throw error;
  }
}

function present(): Moment {
  return { wall: systemClock.wall(), monotonic: systemClock.now() };
}

function keep(
  folder: string,
  sync: SyncMode,
  settings: Omit<PaperVenueSettings, OwnParts>,
  files: ReadonlyMap<string, TapeFile>,
): Promise<VenueStore> {
  const { version } = createRequire(import.meta.url)("listenkey/package.json") as { version: string };
  const tape = Object.fromEntries([...files].map(([symbol, { digest }]) => [symbol, digest]));
  const beginning = {
    format: DATA_FORMAT,
    rules: RULES_VERSION,
    version,
    settings: Object.fromEntries(
      Object.entries({ ...exchangeSettings(settings), tape }).map(([name, value]) => [name, writePlain(value)]),
    ),
    openedAt: present().wall as number as TransactMs,
  };
  return openVenueStore(folder, { openDatabase: openSqlite, beginning, sync });
}

function running(venue: PaperVenue, server: ListeningServer, giveBack: () => void): RunningPaperVenue {
  const wsUrl = `ws://${server.host}:${server.port}`;
  const close = async () => {
    await server.close();
    giveBack();
  };
  let closed: Promise<void> | undefined;
  return {
    url: `http://${server.host}:${server.port}`,
    wsUrl,
    wsApiUrl: `${wsUrl}${WS_API_PATH}`,
    port: server.port,
    venue,
    cutSockets: () => server.cutSockets(),
    close() {
      closed ??= close();
      return closed;
    },
  };
}

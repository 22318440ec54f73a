/**
 * The door `listenkey/venue`: a paper exchange that speaks Binance's own protocol, on a port of this machine.
 *
 * @example
 * const venue = await startPaperVenue({ port: 0, seed: 1 });
 * // any Binance client: REST at venue.url, streams at venue.wsUrl, API key paper-demo-key, secret paper-demo-secret
 * await venue.close();
 */
import { nodeVerifier } from "../face/io/verifiers.ts";
import { systemClock, systemRandom } from "../kernel/io/system-clock.ts";
import { serveVenue } from "./io/paper-server.ts";
import { openTape } from "./io/tape-file.ts";
import {
  checkOptions,
  listOf,
  mapOf,
  type OptionChecks,
  origin,
  SETTING_CHECKS,
  wholeNumber,
  words,
} from "./option-checks.ts";
import { PaperVenue, WS_API_PATH } from "./paper-venue.ts";
import type { PaperVenueSettings } from "./paper-venue-settings.ts";

export { DEMO_ACCOUNT, type PaperVenue } from "./paper-venue.ts";

/** How to start a paper venue. Every setting has a default. */
export interface PaperVenueOptions extends Omit<PaperVenueSettings, "openedAt" | "random" | "verifier" | "tapes"> {
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
  /** Says goodbye to every socket, stops listening, and leaves no timer behind. */
  close(): Promise<void>;
}

const CHECKS: OptionChecks<PaperVenueOptions> = {
  ...SETTING_CHECKS,
  port: wholeNumber(0, 65_535, "0 takes any free port."),
  host: words("an address of this machine, such as 127.0.0.1", "Leave the host as it is."),
  allowedOrigins: listOf(origin, "a list of origins", 'For example: ["http://localhost:3000"]'),
  tape: mapOf(words("the path of a file"), "an object of files by symbol", 'For example: { BTCUSDT: "trades.csv" }'),
};

/**
 * Opens a paper venue and listens. The account `demo` is there from the start.
 * @throws {UsageError} when an option is not what it should be or unknown, the host is not on the loopback, the port
 *   cannot be had, or a tape is malformed: the line is named
 */
export async function startPaperVenue(options: PaperVenueOptions = {}): Promise<RunningPaperVenue> {
  checkOptions(options, CHECKS);
  const { port = 0, host = "127.0.0.1", tape = {}, allowedOrigins = [], ...settings } = options;
  const files = Object.entries(tape).map(([symbol, path]) => [symbol, openTape(path)] as const);
  const tapes = Object.fromEntries(files);
  const openedAt = { wall: systemClock.wall(), monotonic: systemClock.now() };
  const venue = new PaperVenue({ ...settings, tapes, openedAt, random: systemRandom, verifier: nodeVerifier() });
  const server = await serveVenue(venue, { clock: systemClock, port, host, allowedOrigins });
  const wsUrl = `ws://${server.host}:${server.port}`;
  return {
    url: `http://${server.host}:${server.port}`,
    wsUrl,
    wsApiUrl: `${wsUrl}${WS_API_PATH}`,
    port: server.port,
    venue,
    cutSockets: () => server.cutSockets(),
    close() {
      for (const [, file] of files) file.close();
      return server.close();
    },
  };
}

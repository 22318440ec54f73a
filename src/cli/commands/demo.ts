/** `listenkey demo`: the paper venue, a program that trades on it, and the SDK following the account, as lines. */
import type { Command } from "commander";
import { AccountStream } from "../../account-stream.ts";
import { systemClock, systemRandom } from "../../kernel/io/system-clock.ts";
import { budgetFor } from "../../rest/io/budgets.ts";
import { hmacSigner } from "../../rest/io/signers.ts";
import { undiciHttp } from "../../rest/io/undici-http.ts";
import { RestClient } from "../../rest/rest-client.ts";
import { DEMO_ACCOUNT, type RunningPaperVenue, startPaperVenue } from "../../venue/index.ts";
import {
  dataOption,
  jsonOption,
  type KeepingOptions,
  portOption,
  type Surroundings,
  seedOption,
  syncOption,
} from "../command.ts";
import { connectionLines, listeningLine } from "../connection-lines.ts";
import { DemoTrader } from "../demo-trader.ts";
import { eventLine } from "../event-line.ts";
import { type VenueFlags, venueFlags, venueOptions } from "../venue-flags.ts";

/** Gives the command its options and its action. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .addOption(portOption())
    .addOption(seedOption())
    .addOption(dataOption())
    .addOption(syncOption())
    .addOption(jsonOption())
    .option("--no-trader", "leave the trading to you")
    .action((options: DemoOptions) => demo(options, surroundings));
  for (const flag of venueFlags()) command.addOption(flag);
}

interface DemoOptions extends VenueFlags, KeepingOptions {
  readonly port: number;
  readonly seed: number;
  readonly json: boolean;
  readonly trader: boolean;
}

const TRADE_EVERY_MS = 2_000;

async function demo(options: DemoOptions, surroundings: Surroundings): Promise<void> {
  const { print, stopped } = surroundings;
  const { port, seed, data, sync } = options;
  const kept = data === undefined ? {} : { data };
  const venue = await startPaperVenue({ ...venueOptions(options), port, seed, sync, ...kept });
  if (options.json) print(listeningLine({ ...venue, venue }, false));
  else introduce(venue, options, print);
  const stream = follow(venue, options, surroundings);
  const trader = traderOn(venue, surroundings);
  try {
    // Stopping may be asked for before the stream is live.
    await Promise.race([stream.start(), stopped]);
    if (options.trader) trader.start();
    const reason = await stopped;
    if (!options.json) print(`Stopping (${reason}).`);
  } finally {
    trader.stop();
    await stream.stop();
    await venue.close();
  }
  if (!options.json) print("Stopped.");
}

function follow(venue: RunningPaperVenue, { json }: DemoOptions, { print }: Surroundings): AccountStream {
  const stream = new AccountStream({
    apiKey: DEMO_ACCOUNT.apiKey,
    apiSecret: DEMO_ACCOUNT.apiSecret,
    account: DEMO_ACCOUNT.id,
    environment: { rest: venue.url, stream: venue.wsUrl, wsApi: venue.wsApiUrl },
  });
  return stream.on("record", (record) => print(json ? JSON.stringify(record) : eventLine(record)));
}

function traderOn({ url }: RunningPaperVenue, { warn }: Surroundings): DemoTrader {
  const { apiKey, apiSecret } = DEMO_ACCOUNT;
  const deps = { http: undiciHttp, clock: systemClock, budget: budgetFor(url), baseUrl: url, apiKey };
  return new DemoTrader({
    rest: new RestClient({ ...deps, signer: hmacSigner(apiSecret) }),
    clock: systemClock,
    random: systemRandom,
    everyMs: TRADE_EVERY_MS,
    refused: (error) => warn(`the trader's request failed: ${error.message}`),
  });
}

function introduce(venue: RunningPaperVenue, { trader }: DemoOptions, print: (line: string) => void): void {
  print(`The paper venue listens on ${venue.url}`);
  for (const line of connectionLines(venue)) print(line);
  print(trader ? "A small program trades on this account; the SDK follows it." : "The SDK follows this account.");
  print("Ctrl-C stops it all.");
  print("");
}

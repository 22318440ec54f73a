/**
 * `listenkey demo`: the paper venue with a program that trades on it, a hub that follows its account and journals it,
 * and a client of the hub that shows every record as a line.
 */
import type { Command } from "commander";
import { HubClient } from "../../hub-client.ts";
import { systemClock, systemRandom } from "../../kernel/io/system-clock.ts";
import { budgetFor } from "../../rest/io/budgets.ts";
import { hmacSigner } from "../../rest/io/signers.ts";
import { undiciHttp } from "../../rest/io/undici-http.ts";
import { RestClient } from "../../rest/rest-client.ts";
import { DEMO_ACCOUNT } from "../../venue/index.ts";
import {
  botsPortOption,
  dataOption,
  jsonOption,
  portOption,
  type Surroundings,
  seedOption,
  syncOption,
} from "../command.ts";
import { introduction, listeningLine } from "../connection-lines.ts";
import { DemoTrader } from "../demo-trader.ts";
import { eventLine } from "../event-line.ts";
import { defaultConfig } from "../hub-config.ts";
import { type RunningHub, startHub } from "../hub-process.ts";
import { ownVersion } from "../own-version.ts";
import { plainLog } from "../plain-log.ts";
import { type VenueFlags, venueFlags, venueOptions } from "../venue-flags.ts";

/** Gives the command its options and its action. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .addOption(portOption())
    .addOption(botsPortOption())
    .addOption(seedOption())
    .addOption(dataOption().default("./data"))
    .option("--no-data", "keep nothing: a venue and a journal that end with the process")
    .addOption(syncOption())
    .addOption(jsonOption())
    .option("--no-trader", "leave the trading to you")
    .action((options: DemoOptions) => demo(options, surroundings));
  for (const flag of venueFlags()) command.addOption(flag);
}

interface DemoOptions extends VenueFlags {
  readonly port: number;
  readonly botsPort?: number;
  readonly seed: number;
  readonly data: string | false;
  readonly sync: "normal" | "full";
  readonly json: boolean;
  readonly trader: boolean;
}

const TRADE_EVERY_MS = 2_000;

async function demo(options: DemoOptions, surroundings: Surroundings): Promise<void> {
  const { print, stopped } = surroundings;
  const running = await start(options, surroundings);
  const client = show(running, options, surroundings);
  const trader = traderOn(running, surroundings);
  try {
    if (options.json) print(listeningLine(running, true));
    else introduce(running, options, print);
    // Stopping may be asked for before the account is there.
    await Promise.race([client.start(), stopped]);
    if (options.trader) trader.start();
    const reason = await stopped;
    if (!options.json) print(`Stopping (${reason}).`);
  } finally {
    trader.stop();
    client.stop();
    await running.close();
  }
  if (!options.json) print("Stopped.");
}

function start(options: DemoOptions, { warn }: Surroundings): Promise<RunningHub> {
  const { port, botsPort, seed, data, sync } = options;
  const config = { ...defaultConfig(DEMO_ACCOUNT), botsPort };
  return startHub({
    config,
    reread: () => config,
    host: "127.0.0.1",
    port,
    data: data === false ? undefined : data,
    version: ownVersion(),
    log: plainLog("warn", warn),
    paper: { ...venueOptions(options), seed, sync },
  });
}

/** From where the journal ended: what is told from now on, the gap since the last time included. */
function show({ url, hub }: RunningHub, { json }: DemoOptions, { print }: Surroundings): HubClient {
  const { id } = DEMO_ACCOUNT;
  const since = hub.account(id)?.feed?.lastSeq ?? 0;
  const client = new HubClient({ url, account: id, since });
  return client.on("record", (record) => print(json ? JSON.stringify(record) : eventLine(record)));
}

function traderOn({ url }: RunningHub, { warn }: Surroundings): DemoTrader {
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

function introduce(running: RunningHub, { trader, data }: DemoOptions, print: (line: string) => void): void {
  print(`The paper venue listens on ${running.url}, and the hub beside it.`);
  for (const line of introduction(running)) print(line);
  print(data === false ? "Nothing is kept." : `Venue and journal are kept in ${data}.`);
  print(
    trader ? "A small program trades on the account; here is what the hub tells of it." : "Here is what the hub tells.",
  );
  print("Ctrl-C stops it all.");
  print("");
}

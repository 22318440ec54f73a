/** `listenkey demo`: the paper venue, a program that trades on it, and the SDK following the account, as lines. */
import type { Command } from "commander";
import { AccountStream } from "../../account-stream.ts";
import { systemClock, systemRandom } from "../../kernel/io/system-clock.ts";
import { hmacSigner } from "../../rest/io/signers.ts";
import { undiciHttp } from "../../rest/io/undici-http.ts";
import { RestClient } from "../../rest/rest-client.ts";
import { WeightBudget } from "../../rest/weight-budget.ts";
import { DEMO_ACCOUNT, type RunningPaperVenue, startPaperVenue } from "../../venue/index.ts";
import { jsonOption, portOption, type Surroundings, seedOption } from "../command.ts";
import { connectionLines } from "../connection-lines.ts";
import { DemoTrader } from "../demo-trader.ts";
import { eventLine } from "../event-line.ts";

/** Gives the command its options and its action. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .addOption(portOption())
    .addOption(seedOption())
    .addOption(jsonOption())
    .option("--no-trader", "leave the trading to you")
    .action((options: DemoOptions) => demo(options, surroundings));
}

interface DemoOptions {
  readonly port: number;
  readonly seed: number;
  readonly json: boolean;
  readonly trader: boolean;
}

const TRADE_EVERY_MS = 2_000;

async function demo(options: DemoOptions, { print, warn, stopped }: Surroundings): Promise<void> {
  const { port, seed, json } = options;
  const venue = await startPaperVenue({ port, seed });
  const { url, wsUrl } = venue;
  if (json) print(JSON.stringify({ listening: { port: venue.port, rest: url, streams: wsUrl } }));
  else introduce(venue, options, print);

  const stream = new AccountStream({
    apiKey: DEMO_ACCOUNT.apiKey,
    account: DEMO_ACCOUNT.id,
    environment: { rest: url, stream: wsUrl, wsApi: `${wsUrl}/ws-fapi/v1` },
  });
  stream.on("record", (record) => print(json ? JSON.stringify(record) : eventLine(record)));
  const trader = new DemoTrader({
    rest: restClient(url),
    clock: systemClock,
    random: systemRandom,
    everyMs: TRADE_EVERY_MS,
    refused: (error) => warn(`the trader's request failed: ${error.message}`),
  });
  await stream.start();
  if (options.trader) trader.start();

  const reason = await stopped;
  trader.stop();
  await stream.stop();
  await venue.close();
  if (!json) print(`Stopped (${reason}).`);
}

function introduce(venue: RunningPaperVenue, { trader }: DemoOptions, print: (line: string) => void): void {
  print(`The paper venue listens on ${venue.url}`);
  for (const line of connectionLines(venue)) print(line);
  print(trader ? "A small program trades on this account; the SDK follows it." : "The SDK follows this account.");
  print("Ctrl-C stops it all.");
  print("");
}

function restClient(baseUrl: string): RestClient {
  const { apiKey, apiSecret } = DEMO_ACCOUNT;
  const budget = new WeightBudget();
  return new RestClient({
    http: undiciHttp,
    clock: systemClock,
    budget,
    baseUrl,
    apiKey,
    signer: hmacSigner(apiSecret),
  });
}

/** `listenkey serve`: the paper venue on a port, until it is told to stop. */
import type { Command } from "commander";
import { startPaperVenue } from "../../venue/index.ts";
import {
  dataOption,
  jsonOption,
  type KeepingOptions,
  portOption,
  type Surroundings,
  seedOption,
  syncOption,
  tapeOption,
} from "../command.ts";
import { connectionLines, listeningLine } from "../connection-lines.ts";
import { type VenueFlags, venueFlags, venueOptions } from "../venue-flags.ts";

/** Gives the command its options and its action. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .addOption(portOption())
    .addOption(seedOption())
    .addOption(tapeOption())
    .addOption(dataOption())
    .addOption(syncOption())
    .addOption(jsonOption())
    .action((options: ServeOptions) => serve(options, surroundings));
  for (const flag of venueFlags()) command.addOption(flag);
}

interface ServeOptions extends VenueFlags, KeepingOptions {
  readonly port: number;
  readonly seed: number;
  readonly tape: Readonly<Record<string, string>>;
  readonly json: boolean;
}

async function serve(options: ServeOptions, { print, stopped }: Surroundings): Promise<void> {
  const { port, seed, tape, json, data, sync } = options;
  const kept = data === undefined ? {} : { data };
  const venue = await startPaperVenue({ ...venueOptions(options), port, seed, tape, sync, ...kept });
  if (json) {
    print(listeningLine(venue));
  } else {
    print(`The paper venue listens on ${venue.url}`);
    for (const line of connectionLines(venue)) print(line);
    print("Ctrl-C stops it.");
  }
  const reason = await stopped;
  await venue.close();
  if (!json) print(`Stopped (${reason}).`);
}

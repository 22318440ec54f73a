/** `listenkey tail`: what a hub tells of an account, one line a record, for people or for pipes. */
import type { Command } from "commander";
import type { AccountRecord } from "../../account/record.ts";
import { readRecordText, recordText } from "../../hub/record-text.ts";
import { HubClient } from "../../hub-client.ts";
import { EVENT_NAMES } from "../../protocol/user-data-event.ts";
import { jsonOption, listing, type Surroundings } from "../command.ts";
import { eventLine } from "../event-line.ts";
import { Interrupted } from "../exit-codes.ts";
import {
  askRecords,
  type HubPlace,
  namesOption,
  onlyAccount,
  placeOf,
  sinceOption,
  urlOption,
  waitingText,
} from "../hub-options.ts";

const PAGE_ENTRIES = 1_000;

const NAMES: ReadonlySet<string> = new Set(EVENT_NAMES);

/** Gives the command its options and its action. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .argument("[account]", "as the hub calls it; the only one when absent")
    .addOption(sinceOption())
    .addOption(
      listing(
        namesOption("--events <names>", "only these types of events; gaps and repairs come in any case"),
        EVENT_NAMES,
      ),
    )
    .addOption(namesOption("--symbol <names>", "without what is about other symbols; btcusdt is BTCUSDT"))
    .option("--no-follow", "end when everything was shown that there is")
    .addOption(urlOption())
    .addOption(jsonOption())
    .addHelpText("after", AFTER_HELP)
    .action((account: string | undefined, options: TailOptions) => tail(account, options, surroundings));
}

const AFTER_HELP = `
With --json each line is the record as the journal has it: its event is the last member, byte for byte.
A token is taken from LISTENKEY_TOKEN. Ctrl-C ends it with 0; a hub that refuses, with 3.

  listenkey tail --since 0 --no-follow --json demo | jq -r .kind | sort | uniq -c
  listenkey tail --events ORDER_TRADE_UPDATE --symbol BTCUSDT,ETHUSDT`;

interface TailOptions {
  readonly since?: number;
  readonly events?: readonly string[];
  readonly symbol?: readonly string[];
  readonly follow: boolean;
  readonly url: string;
  readonly json: boolean;
}

async function tail(named: string | undefined, options: TailOptions, surroundings: Surroundings): Promise<void> {
  const place = placeOf(options.url);
  const strange = options.events?.filter((name) => !NAMES.has(name)) ?? [];
  if (strange.length > 0) {
    surroundings.warn(`--events: ${strange.join(", ")} is no event known here. Known are ${EVENT_NAMES.join(", ")}.`);
  }
  const account = named ?? (await onlyAccount(place));
  const show = (record: AccountRecord) => surroundings.print(options.json ? recordText(record) : eventLine(record));
  if (options.follow) return follow(place, account, options, { ...surroundings, show });
  return showAll(place, account, options, { ...surroundings, show });
}

type Showing = Surroundings & { readonly show: (record: AccountRecord) => void };

async function follow(
  place: HubPlace,
  account: string,
  { since, events, symbol }: TailOptions,
  { stopped, show, progress }: Showing,
): Promise<void> {
  const wish = {
    ...(since === undefined ? {} : { since }),
    ...(events === undefined ? {} : { events }),
    ...(symbol === undefined ? {} : { symbols: symbol }),
  };
  const client = new HubClient({ ...place, account, ...wish });
  const ended = new Promise<void>((resolve) => client.on("health", ({ phase }) => phase === "stopped" && resolve()));
  client.on("record", show);
  client.on("health", (health) => progress(waitingText(place.url, health)));
  const started = client.start();
  // Stopping may be asked for before the account is there.
  started.catch(() => {});
  await Promise.race([started, stopped]);
  await Promise.race([ended, stopped]);
  const { failure } = client;
  client.stop();
  if (failure !== undefined) throw failure;
}

/** Page after page, until there is nothing more. */
async function showAll(
  place: HubPlace,
  account: string,
  { since = 0, events, symbol }: TailOptions,
  { stopped, show }: Showing,
): Promise<void> {
  let stop: string | undefined;
  void stopped.then((reason) => {
    stop = reason;
  });
  const filter = [
    ...(events === undefined ? [] : [`events=${events}`]),
    ...(symbol === undefined ? [] : [`symbols=${symbol}`]),
  ];
  for (let cursor = since; ; ) {
    if (stop !== undefined) throw new Interrupted(stop);
    const query = [`since=${cursor}`, `limit=${PAGE_ENTRIES}`, ...filter].join("&");
    const path = `/v1/accounts/${encodeURIComponent(account)}/records?${query}`;
    const page = await askRecords(place, path);
    for (const line of page.lines) show(readRecordText(line));
    if (page.cursor >= page.lastSeq || page.cursor <= cursor) return;
    cursor = page.cursor;
  }
}

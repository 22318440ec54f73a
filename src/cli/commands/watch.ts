/** `listenkey watch`: an account of a hub, live in the terminal; plain lines when the output is no terminal. */
import type { Command } from "commander";
import { HubClient } from "../../hub-client.ts";
import { ListenkeyError } from "../../kernel/errors.ts";
import type { Surroundings } from "../command.ts";
import { eventLine } from "../event-line.ts";
import { type HubPlace, onlyAccount, placeOf, urlOption, waitingText } from "../hub-options.ts";
import { Screen, type ScreenSize } from "../screen.ts";
import { type HubHealth, watchLines } from "../watch-view.ts";

/** The screen is painted so often while something happens, and once a second in any case: clocks go on. */
const PAINT_EVERY_MS = 100;
const TICK_MS = 1_000;

/** The hub is asked how it follows the account. */
const HEALTH_EVERY_MS = 2_000;

/** Lines of news that are remembered: as high as a screen may be. */
const LINES_MAX = 500;

/** Gives the command its options and its action. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .argument("[account]", "as the hub calls it; the only one when absent")
    .addOption(urlOption())
    .addHelpText("after", "\nq or Ctrl-C ends it. A token is taken from LISTENKEY_TOKEN. For pipes: listenkey tail.")
    .action((account: string | undefined, { url }: { readonly url: string }) => watch(account, url, surroundings));
}

async function watch(named: string | undefined, url: string, surroundings: Surroundings): Promise<void> {
  const place = placeOf(url);
  const account = named ?? (await onlyAccount(place));
  const client = new HubClient({ ...place, account });
  const ended = new Promise<void>((resolve) => client.on("health", ({ phase }) => phase === "stopped" && resolve()));
  const quit = process.stdout.isTTY ? live(client, account, place) : lines(client, place, surroundings);
  const started = client.start();
  // Stopping may be asked for before the account is there, and a hub that is away comes back.
  started.catch(() => {});
  await Promise.race([ended, quit.asked, surroundings.stopped]);
  const { failure } = client;
  quit.end();
  client.stop();
  if (failure !== undefined) throw failure;
}

interface Showing {
  /** Settles when the person wants to leave. */
  readonly asked: Promise<void>;
  end(): void;
}

function lines(client: HubClient, { url }: HubPlace, { print, progress }: Surroundings): Showing {
  client.on("record", (record) => print(eventLine(record)));
  client.on("health", (health) => progress(waitingText(url, health)));
  return { asked: new Promise(() => {}), end() {} };
}

function live(client: HubClient, account: string, { url }: HubPlace): Showing {
  const { stdout, stdin } = process;
  const screen = new Screen((text) => void stdout.write(text));
  const news: string[] = [];
  let health: HubHealth | undefined;
  let isDue = true;
  const paint = () => {
    const size: ScreenSize = { columns: stdout.columns, rows: stdout.rows };
    const { account: view, health: link } = client;
    const { live: isLive, diagnosis: trouble, asOfSeq } = link;
    isDue = false;
    screen.paint(
      watchLines({ account, url, view, isLive, trouble, asOfSeq, health, lines: news, now: Date.now() }, size),
      size,
    );
  };
  const due = () => {
    isDue = true;
  };
  client.on("record", (record) => {
    news.push(eventLine(record));
    if (news.length > 2 * LINES_MAX) news.splice(0, LINES_MAX);
    due();
  });
  client.on("health", due);
  const timers = [
    setInterval(() => isDue && paint(), PAINT_EVERY_MS),
    setInterval(due, TICK_MS),
    setInterval(() => void ask(), HEALTH_EVERY_MS),
  ];
  const ask = async () => {
    health = await client.accountHealth().catch((error: unknown) => {
      if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
      return undefined;
    });
    due();
  };
  void ask();
  stdout.on("resize", paint);
  const asked = new Promise<void>((resolve) => {
    if (!stdin.isTTY) return;
    stdin.setRawMode(true).resume();
    stdin.on("data", (keys) => {
      // Ctrl-C is a key like any other while the terminal is raw.
      if (["q", "\u0003"].some((key) => String(keys).includes(key))) resolve();
    });
  });
  return {
    asked,
    end() {
      for (const timer of timers) clearInterval(timer);
      stdout.off("resize", paint);
      if (stdin.isTTY) stdin.setRawMode(false).pause();
      screen.leave();
    },
  };
}

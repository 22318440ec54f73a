/** A hub in front of a paper venue of another port: what a bot asks goes through both, on real sockets. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { AccountStream } from "../src/account-stream.ts";
import { BotParts } from "../src/cli/bot-parts.ts";
import { type BotConfig, defaultConfig, type HubConfig } from "../src/cli/hub-config.ts";
import { Access, type AccessToken } from "../src/hub/access.ts";
import { Hub } from "../src/hub/hub.ts";
import { HubServer } from "../src/hub/io/hub-server.ts";
import { tokenDigest } from "../src/hub/io/token-digest.ts";
import { MemoryJournal } from "../src/hub/memory-journal.ts";
import { REQUESTS_PER_SECOND, RequestRate } from "../src/hub/request-rate.ts";
import { systemClock } from "../src/kernel/io/system-clock.ts";
import type { TransactMs } from "../src/kernel/scalars.ts";
import type { AccountStreamOptions, AccountTiming } from "../src/stream-options.ts";
import { DEMO_ACCOUNT, type PaperVenueOptions, type RunningPaperVenue, startPaperVenue } from "../src/venue/index.ts";
import { eventually } from "./eventually.ts";
import { KeptLog } from "./fake-world.ts";

/** An account of the venue, as the hub follows it. */
export interface HopAccount {
  readonly id: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** What a test may choose. */
export interface TwoHopsSettings {
  readonly venue?: PaperVenueOptions;
  /** The accounts that are followed; the venue's demo account when absent. */
  readonly accounts?: (venue: RunningPaperVenue) => Promise<readonly HopAccount[]>;
  readonly bots?: readonly BotConfig[];
  readonly tokens?: readonly AccessToken[];
  readonly passThrough?: HubConfig["passThrough"];
  readonly timing?: Partial<AccountTiming>;
}

/** Everything that runs. */
export interface TwoHops {
  /** The hub's. */
  readonly url: string;
  readonly wsUrl: string;
  readonly hub: Hub;
  readonly venue: RunningPaperVenue;
  readonly log: KeptLog;
  /** Lets keys and sockets of bots grow older by so much, and what is due happen. */
  age(ms: number): Promise<void>;
  /** Cuts the streams of bots, as a network that fails does. */
  cutStreams(): void;
  close(): Promise<void>;
}

/** Starts it; all accounts are in sync. */
export async function startTwoHops(settings: TwoHopsSettings = {}): Promise<TwoHops> {
  const { bots = [], tokens = [], passThrough = "everybody", timing = {} } = settings;
  const venue = await startPaperVenue({ port: 0, seed: 1, ...settings.venue });
  const followed = (await settings.accounts?.(venue)) ?? [DEMO_ACCOUNT];
  const log = new KeptLog();
  const hub = new Hub({ journal: new MemoryJournal(), clock: systemClock, log });
  const access = new Access(tokens, tokenDigest, systemClock);
  const environment = { rest: venue.url, stream: venue.wsUrl, wsApi: venue.wsApiUrl };
  const options = ({ id: account, apiKey, apiSecret }: HopAccount): AccountStreamOptions => {
    return { account, apiKey, apiSecret, environment, log, timing };
  };
  const accounts = new Map(followed.map((one) => [one.id, { on: "exchange", options: options(one) } as const]));
  const config = { ...defaultConfig(DEMO_ACCOUNT), accounts, bots, tokens, passThrough };
  const parts = new BotParts(config, hub, access, log);
  let agedMs = 0;
  const time = () => (parts.settings.time() + agedMs) as TransactMs;
  const rate = new RequestRate(REQUESTS_PER_SECOND, systemClock);
  const binance = { ...parts.settings, time };
  const server = new HubServer({ hub, access, rate, version: "0.0.0", binance });
  for (const one of followed) {
    parts.follow(one.id, options(one));
    await hub.add(one.id, (resume, tell) => new AccountStream(options(one), resume).on("record", tell));
  }
  const { port } = await server.listen("127.0.0.1", 0);
  const network = await openNetwork(port);
  await eventually("the accounts are in sync", () => hub.isReady);
  return {
    url: `http://127.0.0.1:${network.port}`,
    wsUrl: `ws://127.0.0.1:${network.port}`,
    hub,
    venue,
    log,
    async age(ms) {
      agedMs += ms;
      await fetch(`http://127.0.0.1:${port}/fapi/v1/ping`);
    },
    cutStreams: () => network.cutStreams(),
    async close() {
      await hub.close();
      await server.close();
      await network.close();
      await venue.close();
    },
  };
}

/** A network in front of a port, whose connections of streams can be cut. */
async function openNetwork(to: number) {
  const sockets = new Set<Socket>();
  const streams = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        streams.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.once("data", (head) => {
      if (isStream(String(head))) for (const socket of [near, far]) streams.add(socket);
    });
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cutStreams: () => streams.forEach((socket) => void socket.destroy()),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function isStream(head: string): boolean {
  return /^upgrade: websocket/im.test(head) && !head.startsWith("GET /ws-fapi/");
}

/** A hub on real sockets, over a paper venue on the same port, as `listenkey serve` runs it. */
import type { TestContext } from "node:test";
import { AccountStream } from "../src/account-stream.ts";
import { Access, type AccessToken } from "../src/hub/access.ts";
import type { Administration } from "../src/hub/administration.ts";
import { Hub } from "../src/hub/hub.ts";
import { DashboardFiles } from "../src/hub/io/dashboard-files.ts";
import { HubServer } from "../src/hub/io/hub-server.ts";
import { HubMetrics } from "../src/hub/io/metrics.ts";
import { tokenDigest } from "../src/hub/io/token-digest.ts";
import { MemoryJournal } from "../src/hub/memory-journal.ts";
import { REQUESTS_PER_SECOND, RequestRate } from "../src/hub/request-rate.ts";
import type { MakeUpstream } from "../src/hub/upstream.ts";
import type { Journal } from "../src/journal/journal.ts";
import { systemClock } from "../src/kernel/io/system-clock.ts";
import type { AccountTiming } from "../src/stream-options.ts";
import { DEMO_ACCOUNT, type RunningPaperVenue, startPaperVenue } from "../src/venue/index.ts";
import { PAPER_PATHS } from "../src/venue/native/paper-paths.ts";
import { eventually } from "./eventually.ts";
import { KeptLog } from "./fake-world.ts";

/** What a test may choose. */
export interface HubWorldSettings {
  readonly journal?: Journal;
  readonly tokens?: readonly AccessToken[];
  readonly timing?: Partial<AccountTiming>;
  /** Does it answer `/metrics`? */
  readonly hasMetrics?: boolean;
  /** What changes the hub while it runs; nothing when absent. */
  readonly administration?: (hub: Hub) => Administration;
  /** Does it serve the dashboard? */
  readonly hasDashboard?: boolean;
  /** Where it listens; any free port when absent. */
  readonly port?: number;
}

/** Everything that runs. */
export interface HubWorld {
  readonly url: string;
  readonly wsUrl: string;
  readonly hub: Hub;
  readonly server: HubServer;
  readonly venue: RunningPaperVenue;
  readonly log: KeptLog;
  readonly journal: Journal;
  close(): Promise<void>;
}

/** Starts it for a test, with which it ends; the account `demo` is in sync. */
export async function hubWorld(t: TestContext, settings?: HubWorldSettings): Promise<HubWorld> {
  const world = await startHubWorld(settings);
  t.after(() => world.close());
  await eventually("the account is in sync", () => world.hub.isReady);
  return world;
}

/** Something happens to the demo account: money comes in, or goes. @throws {Error} when the venue refuses it */
export async function transfer({ url }: Pick<HubWorld, "url">, amount = "1"): Promise<void> {
  const body = JSON.stringify({ asset: "USDT", amount });
  const { status } = await fetch(`${url}/v1/paper/accounts/demo/transfer`, { method: "POST", body });
  if (status !== 200) throw new Error(`a transfer: expected 200, found ${status}`);
}

/** Starts it; the account `demo` is followed, and perhaps not in sync yet. */
export async function startHubWorld(settings: HubWorldSettings = {}): Promise<HubWorld> {
  const { journal = new MemoryJournal(), tokens = [], timing = {}, hasMetrics = false } = settings;
  const log = new KeptLog();
  const metrics = hasMetrics ? new HubMetrics() : undefined;
  const watched = metrics === undefined ? {} : { metrics };
  const hub = new Hub({ journal, clock: systemClock, log, ...(metrics === undefined ? {} : { watch: metrics }) });
  metrics?.watchOver(hub);
  const server = new HubServer({
    hub,
    access: new Access(tokens, tokenDigest, systemClock),
    rate: new RequestRate(REQUESTS_PER_SECOND, systemClock),
    version: "0.0.0",
    morePaths: PAPER_PATHS,
    ...watched,
    ...(settings.administration === undefined ? {} : { administration: settings.administration(hub) }),
    ...(settings.hasDashboard === true ? { dashboard: DashboardFiles.read("dist/dashboard") } : {}),
  });
  const venue = await startPaperVenue({ port: settings.port ?? 0, seed: 1 }, server);
  await hub.add(DEMO_ACCOUNT.id, paperUpstream(venue, timing));
  return {
    url: venue.url,
    wsUrl: venue.wsUrl,
    hub,
    server,
    venue,
    log,
    journal,
    async close() {
      await hub.close();
      await server.close();
      await venue.close();
    },
  };
}

/** Follows the demo account of a venue. */
export function paperUpstream(venue: RunningPaperVenue, timing: Partial<AccountTiming> = {}): MakeUpstream {
  return (resume, tell) => {
    const environment = { rest: venue.url, stream: venue.wsUrl, wsApi: venue.wsApiUrl };
    const { id, apiKey, apiSecret } = DEMO_ACCOUNT;
    const stream = new AccountStream({ account: id, apiKey, apiSecret, environment, timing }, resume);
    return Object.assign(stream.on("record", tell), { paper: id });
  };
}

/** A hub on real sockets, on a port of its own, whose account the test makes up. */
import type { TestContext } from "node:test";
import { Access, type AccessToken } from "../src/hub/access.ts";
import { Hub } from "../src/hub/hub.ts";
import { type BinanceSettings, HubServer, type HubServerSettings, type TlsFiles } from "../src/hub/io/hub-server.ts";
import { HubMetrics } from "../src/hub/io/metrics.ts";
import { tokenDigest } from "../src/hub/io/token-digest.ts";
import { MemoryJournal } from "../src/hub/memory-journal.ts";
import { REQUESTS_PER_SECOND, RequestRate } from "../src/hub/request-rate.ts";
import type { Journal } from "../src/journal/journal.ts";
import { systemClock } from "../src/kernel/io/system-clock.ts";
import { KeptLog } from "./fake-world.ts";
import { InventedUpstream } from "./invented-upstream.ts";

/** What a test may choose. */
export interface SocketHubSettings extends Pick<HubServerSettings, "dashboard" | "patience"> {
  /** `demo` when absent. */
  readonly account?: string;
  readonly journal?: Journal;
  readonly tokens?: readonly AccessToken[];
  readonly perSecond?: number;
  readonly tls?: TlsFiles;
  readonly hasMetrics?: boolean;
  /** How bots are served; they are not when absent. */
  readonly binance?: (hub: Hub, access: Access) => BinanceSettings;
}

/** Everything that runs. */
export interface SocketHub {
  readonly url: string;
  readonly wsUrl: string;
  readonly hub: Hub;
  readonly access: Access;
  readonly server: HubServer;
  readonly upstream: InventedUpstream;
  readonly log: KeptLog;
  /** As at the end of the test. */
  close(): Promise<void>;
}

/** Starts it for a test, with which it ends. */
export async function socketHub(t: TestContext, settings: SocketHubSettings = {}): Promise<SocketHub> {
  const { account = "demo", journal = new MemoryJournal(), tokens = [], perSecond = REQUESTS_PER_SECOND } = settings;
  const { tls, hasMetrics = false, binance, dashboard, patience } = settings;
  const log = new KeptLog();
  const metrics = hasMetrics ? new HubMetrics() : undefined;
  const hub = new Hub({ journal, clock: systemClock, log, ...(metrics === undefined ? {} : { watch: metrics }) });
  metrics?.watchOver(hub);
  const access = new Access(tokens, tokenDigest, systemClock);
  const server = new HubServer({
    hub,
    access,
    rate: new RequestRate(perSecond, systemClock),
    version: "0.0.0",
    dashboard,
    ...(metrics === undefined ? {} : { metrics }),
    ...(patience === undefined ? {} : { patience }),
    ...(binance === undefined ? {} : { binance: binance(hub, access) }),
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= hub.close().then(() => server.close());
    return closed;
  };
  t.after(close);
  const upstream = new InventedUpstream(account);
  await hub.add(account, upstream.make);
  const { url } = await server.listen("127.0.0.1", 0, tls);
  return { url, wsUrl: url.replace("http", "ws"), hub, access, server, upstream, log, close };
}

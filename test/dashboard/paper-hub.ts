/** A hub that can be stopped and started again before a paper venue that goes on, as the dashboard sees it. */
import { AccountStream } from "../../src/account-stream.ts";
import { Access, type AccessToken } from "../../src/hub/access.ts";
import { Hub } from "../../src/hub/hub.ts";
import { DashboardFiles } from "../../src/hub/io/dashboard-files.ts";
import { HubServer } from "../../src/hub/io/hub-server.ts";
import { tokenDigest } from "../../src/hub/io/token-digest.ts";
import { MemoryJournal } from "../../src/hub/memory-journal.ts";
import { RequestRate } from "../../src/hub/request-rate.ts";
import type { MakeUpstream } from "../../src/hub/upstream.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { systemClock } from "../../src/kernel/io/system-clock.ts";
import { DEMO_ACCOUNT, type RunningPaperVenue } from "../../src/venue/index.ts";
import { eventually } from "../eventually.ts";
import { KeptLog } from "../fake-world.ts";
import { HASTY } from "../paper-account.ts";

/** Requests a second: pages of a fast browser are no storm. */
const REQUESTS_PER_SECOND = 2_000;

/** As in production, but for the waits that somebody would watch; questions stay rare, for they cost weight. */
export const SWIFT = { ...HASTY, quietMaxMs: 300_000, auditEveryMs: 600_000 };

/** What a hub is started with. */
export interface PaperHubSettings {
  /** Followed as `demo`; `undefined`: nobody is. */
  readonly upstream?: MakeUpstream;
  readonly journal?: Journal;
  readonly tokens?: readonly AccessToken[];
  /** Any free one when absent. */
  readonly port?: number;
}

/** One that listens. */
export interface PaperHub {
  readonly url: string;
  readonly port: number;
  readonly hub: Hub;
  close(): Promise<void>;
}

/** Starts it, and waits until the account is in sync, if there is one. */
export async function startPaperHub(settings: PaperHubSettings): Promise<PaperHub> {
  const { upstream, journal = new MemoryJournal(), tokens = [], port = 0 } = settings;
  const hub = new Hub({ journal, clock: systemClock, log: new KeptLog() });
  const server = new HubServer({
    hub,
    access: new Access(tokens, tokenDigest, systemClock),
    rate: new RequestRate(REQUESTS_PER_SECOND, systemClock),
    version: "0.0.0",
    dashboard: DashboardFiles.read("dist/dashboard"),
  });
  const listening = await server.listen("127.0.0.1", port);
  if (upstream !== undefined) await hub.add("demo", upstream);
  await eventually("the account is in sync", () => hub.isReady);
  return {
    ...listening,
    hub,
    async close() {
      await hub.close();
      await server.close();
    },
  };
}

/** Follows the demo account of a venue, hastily. */
export function followed({ url, wsUrl }: RunningPaperVenue): MakeUpstream {
  const { apiKey, apiSecret, id } = DEMO_ACCOUNT;
  const options = { account: id, apiKey, apiSecret, environment: { rest: url, stream: wsUrl }, timing: SWIFT };
  return (resume, tell) => new AccountStream(options, resume).on("record", tell);
}

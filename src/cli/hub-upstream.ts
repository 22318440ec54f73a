/** Another hub as an upstream: its records keep their `seq`, and say how certain the account is. */
import type { Resume } from "../account/follower-deps.ts";
import { Mirror } from "../account/mirror.ts";
import type { AccountRecord, StatusRecord } from "../account/record.ts";
import { NOWHERE, type Standing, standingAfter } from "../hub/standing.ts";
import type { Upstream, UpstreamHealth } from "../hub/upstream.ts";
import { HubClient, type HubClientOptions } from "../hub-client.ts";
import type { TransactMs } from "../kernel/scalars.ts";

/** What is followed. */
export interface FarAccount extends Pick<HubClientOptions, "url" | "token" | "log"> {
  /** How the other hub calls the account. */
  readonly account: string;
}

/**
 * Follows an account of another hub.
 * @param id how the account is called here
 * @param resume what its journal leaves; `undefined`: it has no record
 * @param renewed called when more of the account may be known than before, and no record says so
 */
export function hubUpstream(
  id: string,
  far: FarAccount,
  resume: Resume | undefined,
  tell: (record: AccountRecord) => void,
  renewed: () => void,
): Upstream {
  const client = new HubClient({ ...far, since: resume?.seq ?? 0 }, resume?.mirror ?? new Mirror());
  let standing = standingOf(resume);
  let last: Turn | undefined;
  client.on("health", () => renewed());
  client.on("record", (record) => {
    standing = standingAfter(standing, record);
    if (record.kind === "gap") last = "gap";
    else if (record.kind === "status") last = record.status;
    tell({ ...record, account: id });
  });
  return {
    async start() {
      const failed = new Promise<never>((_, reject) => {
        client.on("health", () => client.failure !== undefined && reject(client.failure));
      });
      await Promise.race([client.start(), failed]);
      await failed;
    },
    stop: async () => client.stop(),
    beginning: async () => (await client.extent()).firstSeq - 1,
    margin: () => client.margin(),
    get account() {
      return client.account;
    },
    get known() {
      return client.health.known;
    },
    get health() {
      const { health } = client;
      const { completeUpTo } = standing;
      return {
        ...health,
        sync: syncOf(health, standing, last),
        ...(completeUpTo === undefined ? {} : { completeUpTo }),
      };
    },
  };
}

type Turn = "gap" | StatusRecord["status"];

function standingOf(resume: Resume | undefined): Standing {
  const { gaps: openGaps = [], promisedSince, from } = resume ?? {};
  // Without a certificate all was known from when the promise began.
  const completeUpTo = from === promisedSince ? undefined : (from as TransactMs | undefined);
  return { ...NOWHERE, openGaps, promisedSince, completeUpTo };
}

/**
 * How certain the account is, as far as the records say that were told.
 * @param last what was told last of how the other hub follows it; after `synced` a certificate may still be to come
 */
function syncOf(
  { live, catchingUp }: HubClient["health"],
  { openGaps, promisedSince, completeUpTo }: Standing,
  last: Turn | undefined,
): NonNullable<UpstreamHealth["sync"]> {
  if (!live) return "waiting";
  if (catchingUp) return "asking";
  if (last === "stopped") return "waiting";
  if (openGaps.length > 0) return last === "synced" ? "confirming" : "asking";
  if (completeUpTo !== undefined) return "certain";
  // Who follows without a secret never says more than that events arrive.
  return promisedSince === undefined ? "unasked" : "confirming";
}

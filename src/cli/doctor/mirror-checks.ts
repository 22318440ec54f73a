/** Checks of the SDK on this account: does its mirror get in sync, and do two sockets stand? Pure. */
import type { AccountStream } from "../../account-stream.ts";
import { ListenkeyError } from "../../kernel/errors.ts";
import { TIMING } from "../../stream/timing.ts";
import { explained } from "./explanation.ts";
import type { Finding } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** From start to sync. A few requests; patience with an answer that lags is included. */
const SYNC_MAX_MS = 15_000;
/** From sync to the second socket: it is dialled some seconds after the first, and may take as long as any. */
const SECOND_SOCKET_MAX_MS = TIMING.apartMs + TIMING.dialMaxMs;

/** Follows the account for a moment, with two sockets. */
export async function checkMirror(patient: Patient, tell: (finding: Finding) => void): Promise<void> {
  const stream = patient.follow();
  const since = patient.visit.now();
  try {
    const started = stream.start().then(() => true);
    started.catch(() => {});
    const isSynced = (await patient.visit.within(started, SYNC_MAX_MS)) ?? false;
    tell(isSynced ? held(patient, stream, Math.round(patient.visit.now() - since)) : late(stream));
    tell(await sockets(patient, stream));
  } catch (error) {
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    tell({ check: "mirror", verdict: "wrong", ...explained(error) });
  } finally {
    await stream.stop();
  }
}

function held({ keyType }: Patient, { account, health }: AccountStream, tookMs: number): Finding {
  if (keyType === undefined) {
    return { check: "mirror", verdict: "unsure", says: "no secret: the mirror knows only what events tell" };
  }
  const balances = [...account.balances.values()].filter(({ wallet }) => wallet !== undefined && /[1-9]/.test(wallet));
  const facts = {
    tookMs,
    sync: health.sync,
    balances: balances.length,
    positions: account.held().length,
    openOrders: account.openOrders.size,
    conditionalOrders: account.conditionalOrders.size,
  };
  const wallets = balances.slice(0, 3).map(({ asset, wallet }) => `${shortened(wallet ?? "0")} ${asset}`);
  const more = balances.length > wallets.length ? `, and ${balances.length - wallets.length} more` : "";
  const says =
    `in sync after ${tookMs} ms: ${wallets.join(", ") || "no money"}${more}; ${facts.positions} positions, ` +
    `${facts.openOrders} open orders, ${facts.conditionalOrders} conditional orders`;
  return { check: "mirror", verdict: "ok", says, facts };
}

/** `10000.50000000` → `10000.5` */
function shortened(amount: string): string {
  return amount.includes(".") ? amount.replace(/\.?0+$/, "") : amount;
}

function late({ health }: AccountStream): Finding {
  const { phase, sync, askingTrouble, pause, diagnosis } = health;
  const why = askingTrouble ?? pause?.why ?? diagnosis?.why ?? `it is ${phase}, and its mirror ${sync}`;
  return {
    check: "mirror",
    verdict: "wrong",
    says: `not in sync after ${SYNC_MAX_MS / 1000} s: ${why}`,
    remedy: "The reads that a repair needs do not come through, or lag behind the stream. See the findings above.",
  };
}

async function sockets({ visit }: Patient, stream: AccountStream): Promise<Finding> {
  const openCount = () => stream.health.lines.filter(({ stage }) => stage !== "dialing").length;
  const both = await visit.becomes(() => openCount() === 2, SECOND_SOCKET_MAX_MS);
  const facts = { open: openCount() };
  if (both) {
    const says = "two sockets stand at once: with redundancy 2 one may die without a gap";
    return { check: "sockets", verdict: "ok", says, facts };
  }
  const remedy = "redundancy 2 needs two sockets of one key. Look for a limit of connections on the way there.";
  const says = `of two sockets ${facts.open} stood after ${SECOND_SOCKET_MAX_MS / 1000} s`;
  return { check: "sockets", verdict: "wrong", says, remedy, facts };
}

/** Checks of the way to the exchange: is it there, what time is it, and how much may still be asked? Pure. */

import { ENDPOINTS } from "../../protocol/endpoints.ts";
import { AHEAD_MAX_MS, RECV_WINDOW_MS } from "../../protocol/limits.ts";
import type { Finding } from "./finding.ts";
import type { Patient } from "./patient.ts";

const ASKED = 3;
/** Beyond this a trader notices. */
const SLOW_MS = 1_000;
/** Beyond this share of the limit, something else asks much from this address. */
const MUCH_USED = 0.75;

/** Does REST answer, and how fast? */
export async function checkReach({ rest, urls, visit }: Patient): Promise<Finding> {
  const tookMs: number[] = [];
  for (let i = 0; i < ASKED; i++) {
    const since = visit.now();
    await visit.until(rest.call({ endpoint: ENDPOINTS.ping, priority: "read" }));
    tookMs.push(Math.round(visit.now() - since));
  }
  const [firstMs = 0] = tookMs;
  const fastestMs = Math.min(...tookMs);
  const isSlow = fastestMs > SLOW_MS;
  return {
    check: "reach",
    verdict: isSlow ? "unsure" : "ok",
    says: `${urls.rest} answers in ${fastestMs} ms (the first time in ${firstMs} ms)`,
    ...(isSlow ? { remedy: "That is slow. Look for a proxy or a VPN, or run nearer to the exchange (Tokyo)." } : {}),
    facts: { fastestMs, firstMs },
  };
}

/** How far is our clock from the exchange's? */
export async function checkClock({ rest, isPaper, visit }: Patient): Promise<Finding> {
  for (let i = 0; i < ASKED; i++) await visit.until(rest.syncClock());
  const { offsetMs, uncertaintyMs = 0 } = rest.venueClock.health;
  const off = Math.round(offsetMs);
  const facts = { offsetMs: off, uncertaintyMs: Math.ceil(uncertaintyMs) };
  const surelyBy = Math.abs(offsetMs) - uncertaintyMs;
  const how = `${(Math.abs(off) / 1000).toFixed(3)} s ${off < 0 ? "ahead of" : "behind"} the exchange's`;
  const says = `this machine's clock is ${how}, give or take ${facts.uncertaintyMs} ms`;
  // A request from the future is refused beyond a second; one from the past beyond its window.
  const allowedMs = off < 0 ? AHEAD_MAX_MS : RECV_WINDOW_MS - AHEAD_MAX_MS;
  if (surelyBy <= allowedMs) return { check: "clock", verdict: "ok", says, facts };
  const remedy = isPaper
    ? "On paper the exchange's clock was moved: by a jump, or by the fault clock-skew."
    : "Let this machine keep its clock by NTP.";
  const whom =
    "Whatever signs with this clock is refused with -1021. listenkey asks for the exchange's time and goes by it.";
  return { check: "clock", verdict: "wrong", says, remedy: `${remedy} ${whom}`, facts };
}

/** How much of the request weight of this address is left? */
export async function checkLimits({ budget, visit }: Patient): Promise<Finding> {
  const { used, limit, blockedForMs } = budget.state(visit.now());
  const facts = { used, limit, blockedForMs };
  const says = `${used} of ${limit} request weight used in this minute, ${limit - used} left; no ban`;
  if (used <= limit * MUCH_USED) return { check: "limits", verdict: "ok", says, facts };
  const remedy = "Other programs behind this address ask much. At the limit come 429, then a ban (418).";
  return { check: "limits", verdict: "unsure", says, remedy, facts };
}

/** Did our clock jump while we looked? The last check, since it takes time. */
export async function checkClockSteps({ rest }: Patient): Promise<Finding> {
  const { steps } = rest.venueClock.health;
  const facts = { steps };
  if (steps === 0) {
    return { check: "clock-steps", verdict: "ok", says: "this machine's clock ran evenly meanwhile", facts };
  }
  const says = `this machine's clock was set ${steps} times during this examination, or the machine slept`;
  const remedy = "Let one service set the clock, by slewing (chrony, systemd-timesyncd), and no cron job.";
  return { check: "clock-steps", verdict: "unsure", says, remedy, facts };
}
